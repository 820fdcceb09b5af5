"""Tunes as tokens: what is settled before the first note holds in the take, and nothing of it is lost when
the take is read again."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest

from etude.errors import TakeError
from etude.media import MEDIA
from etude.media.check import SEQUENCE_CHECKS, Subject
from etude.media.codec import Cursor
from etude.media.music import coherence, form, tonic, tune_learning
from etude.media.music.adopting import adopted
from etude.media.music.bars import bars
from etude.media.music.score import Note, Score, Track
from etude.media.music.tune_codec import TuneCodec
from etude.media.music.tune_frame import TuneFrame
from etude.media.promises.subject import Promise
from etude.rng import for_

MUSIC = MEDIA["music"]
KESH = b"""X:1
T:The Kesh Jig
M:6/8
L:1/8
K:G
D|G3 GAB|A3 ABd|edd gdd|edB dBA|G3 GAB|A3 ABd|edd gdB|AGF G2|]
"""
WALTZ = b"""X:2
M:3/4
L:1/4
K:Am
A2 B|c2 A|B2 G|A3|A2 B|c2 A|E2 ^G|A3|e2 d|c2 A|B2 G|A3|e2 d|c2 A|E2 ^G|A3|]
"""
REEL = b"""X:3
M:4/4
L:1/8
K:Ador
A2eA BAeA|A2eA BAGB|A2eA BAed|BAGB A4|A2eA BAeA|A2eA BAGB|A2eA BAed|BAGB A4|]
"""
TUNES = [MUSIC.read(data, suffix=".abc").content for data in (KESH, WALTZ, REEL)]


@pytest.fixture(scope="module")
def codec() -> TuneCodec:
    learned = MUSIC.learn_codec(TUNES)  # type: ignore[attr-defined]
    assert isinstance(learned, TuneCodec)
    return learned


def drawn(cursor: Cursor, seed: int) -> list[int]:
    """Allowed tokens at random, given ones as they are."""
    g, out = for_(seed, "tunes"), list[int]()
    while not cursor.done:
        mask, given = cursor.allowed(), cursor.forced()
        assert mask is not None and mask.any()
        out.append(given if given is not None else int(g.choice(np.flatnonzero(mask))))
        cursor.push(out[-1])
    return out


class AsTunes(Subject):
    def codec(self) -> TuneCodec:
        return tune_learning.learn_codec(self.contents)


@pytest.mark.parametrize("check", SEQUENCE_CHECKS, ids=lambda check: check.__name__)
def test_tunes_keep_every_promise(check: Promise) -> None:
    files = [(data, ".abc") for data in (KESH, WALTZ, REEL)]
    assert list(check(AsTunes(MUSIC, files, TUNES))) == []


@pytest.mark.parametrize("semitones", [-5, 2, 7])
def test_a_tune_is_the_same_in_every_key(codec: TuneCodec, semitones: int) -> None:
    for tune in TUNES:
        moved = replace(
            tune,
            keys=(),
            tracks=(
                replace(tune.tracks[0], notes=tuple(_moved(n, semitones) for n in tune.tracks[0].notes)),
            ),
        )
        assert np.array_equal(codec.encode(replace(tune, keys=())).tokens, codec.encode(moved).tokens)


def _moved(note: Note, by: int) -> Note:
    return replace(note, pitch=note.pitch + by)


@pytest.mark.parametrize(
    ("asked", "bars_in_all", "name", "meter"),
    [
        ({"length_bars": 16, "metre": [6, 8], "key": "D"}, 16, "D major", (6, 8)),
        ({"length_bars": 7, "metre": [3, 4], "key": "Fm"}, 7, "F minor", (3, 4)),
        ({"length_bars": 24, "metre": [4, 4], "key": "E Dorian", "tempo": 90.0}, 24, "E Dorian", (4, 4)),
    ],
)
def test_a_take_has_what_was_asked(
    codec: TuneCodec, asked: dict[str, Any], bars_in_all: int, name: str, meter: tuple[int, int]
) -> None:
    frames = [codec.frame(tune) for tune in TUNES]
    for seed in range(8):
        settled = codec.settle(frames, asked, None, None, partial(for_, seed, "frame"))
        take = settled.cursor().content(drawn(settled.cursor(), seed))
        grid = bars(take)
        full = [bar for bar in grid if bar.number]
        assert len(full) == bars_in_all and {(bar.beats, bar.unit) for bar in grid} == {meter}
        assert grid[-1].end - take.end in (0, take.pickup)
        assert take.form and tonic.spoken(take.form.tonic % 12, take.form.mode) == name
        assert take.tempos[0][1] == asked.get("tempo", take.tempos[0][1])
        assert coherence.whole_bars(take) == 1.0


def test_a_take_in_a_key_that_was_asked_for_ends_on_its_tonic(codec: TuneCodec) -> None:
    leading = replace(codec.frame_usual, mode=3, final=11).to_json()
    for asked, final in (("in A minor", 0), ("A minor", 11)):
        settled = codec.settle([leading], {"key": asked}, None, None, partial(for_, 1, "frame"))
        assert settled.settled is not None and settled.settled.final == final
        assert settled.held == (final == 0) and "held" not in settled.to_json()


def test_a_take_ends_on_the_degree_that_works_end_on(codec: TuneCodec) -> None:
    for tune in TUNES:
        settled = codec.framed(codec.frame(tune))
        for seed in range(5):
            take = settled.cursor().content(drawn(settled.cursor(), seed))
            notes = take.tracks[0].notes
            assert take.form and (notes[-1].pitch - take.form.tonic) % 12 == 0
            assert (
                len(notes) < 2 or abs(notes[-1].pitch - notes[-2].pitch) <= 12
            )  # without a leap to get there


def test_a_take_is_read_as_it_was_made(codec: TuneCodec) -> None:
    """Side inputs of the stored take are those that its tokens were drawn by: a trace sees what the generator
    saw."""
    for seed, tune in enumerate(TUNES):
        settled = codec.framed(codec.frame(tune))
        tokens = drawn(settled.cursor(), seed)
        take = MUSIC.load(MUSIC.store(settled.cursor().content(tokens)))
        walk, e = settled.cursor(), codec.encode(take)
        assert e.tokens.tolist()[1:] == tokens
        for t, token in enumerate(tokens, 1):
            assert walk.side() == tuple(e.side[t].tolist())
            walk.push(token)


def test_what_is_gone_on_from_stays_and_becomes_as_long_as_asked(codec: TuneCodec) -> None:
    start = MUSIC.cut(TUNES[0], 0, 20)
    frames = [codec.frame(tune) for tune in TUNES]
    settled = codec.settle(frames, {"length_bars": 12}, None, start, lambda: for_(1, "frame"))
    take = settled.cursor(given=start).content(drawn(settled.cursor(given=start), 1))
    assert take.tracks[0].notes[:20] == start.tracks[0].notes[:20]
    assert sum(bool(bar.number) for bar in bars(take)) == 12 and take.keys == start.keys
    assert codec.reread(take, start) is not None
    with pytest.raises(TakeError, match="8 bars, and 4"):
        codec.settle(frames, {"length_bars": 4}, None, TUNES[0], lambda: for_(1, "frame"))


def test_bars_are_filled_and_the_others_stay(codec: TuneCodec) -> None:
    tune = TUNES[1]
    stays = MUSIC.stays(tune, {"bars": (3, 4)}, "the waltz")
    cursor = codec.cursor(given=tune, stays=stays)
    take = cursor.content(drawn(codec.cursor(given=tune, stays=stays), 3))
    lines = bars(tune)
    a, b = lines[2].start, lines[3].end
    for one, other in ((tune, take), (take, tune)):
        outside = [n for n in one.tracks[0].notes if not a <= n.onset < b]
        assert set(outside) <= set(other.tracks[0].notes)
    assert take.end == tune.end and codec.reread(take, tune, stays) is not None


def test_a_metre_that_no_work_has_is_refused(codec: TuneCodec) -> None:
    with pytest.raises(TakeError, match=r"No work of this model is in 7/8"):
        codec.settle((), {"metre": [7, 8]}, None, None, lambda: for_(1, "frame"))
    with pytest.raises(TakeError, match="'H' is not a key"):
        tonic.parse_key("H")


@pytest.mark.parametrize(
    ("bars_as_letters", "plan"),
    [
        ("abcdabcd", (0, 0, 0, 0, 4, 4, 4, 4)),
        ("abcdefghabcdefgh", (*(0,) * 8, *(8,) * 8)),
        ("abcdefgh", (0,) * 8),
    ],
)
def test_the_plan_finds_what_returns(bars_as_letters: str, plan: tuple[int, ...]) -> None:
    contents = [tuple((12 * i, 12, 60 + 7 * ord(c) % 31 + i * i) for i in range(4)) for c in bars_as_letters]
    assert form.plan_of(contents) == plan


def test_a_varied_bar_is_told_from_a_whole_one() -> None:
    bar = ((0, 24, 60), (24, 24, 62), (48, 24, 64), (72, 24, 65))
    other = ((0, 24, 72), (24, 24, 71), (48, 24, 69), (72, 24, 67))
    varied = (*bar[:3], (72, 24, 67))
    assert form.plan_of([bar, other, bar, other, bar, varied])[-1] < 0
    assert form.spoken((0, 0, 0, 0, 4, 4, 4, 4, 0, 0, 0, 0, 12, 12, 12, -12), False) == "A A B A'"


def test_the_codec_of_other_tunes_is_taken_over(codec: TuneCodec) -> None:
    """Tokens and side inputs stay; what takes may use grows by what these works have."""
    own = adopted(codec, [TUNES[0]], "tunes")
    assert isinstance(own, TuneCodec)
    assert (own.vocab, own.side_sizes) == (codec.vocab, codec.side_sizes)
    assert own.frame_usual == TuneFrame.from_json(codec.frame(TUNES[0]))
    assert {row[:2] for row in codec.fits} <= {row[:2] for row in own.fits}


def test_measures_tell_a_tune_from_a_scramble() -> None:
    tune = TUNES[1]
    notes = tune.tracks[0].notes
    pitches = for_(1, "scramble").permutation([n.pitch + int(i % 3 == 0) for i, n in enumerate(notes)])
    mixed = tuple(replace(n, pitch=int(p)) for n, p in zip(notes, pitches, strict=True))
    bad = Score((Track(mixed),), tune.meters, keys=tune.keys)
    real, made = coherence.measured([tune]), coherence.measured([bad])
    assert real["notes outside the key"].value < made["notes outside the key"].value
    assert real["bars that come back after 4"].value > 2 * made["bars that come back after 4"].value
    assert real["tunes that end on the tonic"].value == 1.0
