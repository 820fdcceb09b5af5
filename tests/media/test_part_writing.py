"""How voices move beside each other, and new voices beside given ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from etude.errors import TakeError
from etude.media import MEDIA
from etude.media.music import grid_codec, part_writing
from etude.media.music.grid_codec import GridCodec
from etude.media.music.grid_cursor import GridCursor
from etude.media.music.score import STEP, Note, Score, Track

MUSIC = MEDIA["music"]
NAMES = ("Soprano", "Alto", "Tenor", "Bass")
BASES = (67, 62, 55, 43)


def hymn(seed: int, bars: int = 8) -> Score:
    """Four voices in quarter notes that never cross nor rest."""
    g = np.random.default_rng(seed)
    lines = [
        tuple(Note(24 * i, base + int(g.choice([0, 2, 4])), 24) for i in range(3 * bars)) for base in BASES
    ]
    tracks = tuple(Track(line, name) for line, name in zip(lines, NAMES, strict=True))
    return Score(tracks, ((0, 3, 4),), keys=((0, 1, False),))


def codec() -> GridCodec:
    return grid_codec.learn_codec([hymn(seed) for seed in range(4)])


def melody(base: int = 67, bars: int = 6, name: str = "Melody") -> Score:
    """With a triplet and a dotted upbeat, which the grid would round."""
    pitches = [base + p for p in (0, 4, 5, 7, 5, 4, 2, 0, 2, 4, 5, 7)]
    notes = [Note(0, base, 24)]
    for bar in range(bars):
        at = 24 + 72 * bar
        notes += [Note(at + 8 * k, pitches[(bar + k) % 12], 8) for k in range(3)]
        notes += [Note(at + 24, pitches[bar % 12], 48)]
    return Score((Track(tuple(notes), name),), ((0, 3, 4),), keys=((0, 1, False),), pickup=24, title="Walk")


def drawn(of: GridCodec, cursor: GridCursor, seed: int = 0) -> Score:
    """A take that knows nothing: any token that is allowed, each as likely."""
    g, tokens = np.random.default_rng(seed), list[int]()
    while not cursor.done:
        token = cursor.forced()
        if token is None:
            token = int(g.choice(np.flatnonzero(cursor.allowed())))
        tokens.append(token)
        cursor.push(token)
    return cursor.content(tokens)


@pytest.mark.parametrize("base", [67, 79, 55 + 12 * 4, 57])
def test_a_bass_fills_every_bar_and_lies_under_the_melody(base: int) -> None:
    of, given = codec(), melody(base)
    for seed in range(3):
        made = drawn(of, of.cursor(given=given, stays={"keep": [0, "Bass"]}), seed)
        assert [t.name for t in made.tracks] == ["Melody", "Bass"]
        assert made.tracks[0] == given.tracks[0]  # note for note, triplets too
        pitch, bar = part_writing.pitches(made)
        assert part_writing.empty_bars(pitch, bar)[0] == 0
        assert part_writing.crossings(pitch)[0] == 0
        assert made.meters == given.meters and made.keys == given.keys and made.pickup == given.pickup
        low, high = of.ranges[3]
        assert all(low - 24 <= n.pitch <= high for n in made.tracks[1].notes)
    assert b"<sign>F</sign>" in MUSIC.write(made, "musicxml") or base < 60


def test_all_other_voices_are_made_where_none_is_named() -> None:
    of = codec()
    made = drawn(of, of.cursor(given=melody(), stays={"keep": [0]}))
    assert [t.name for t in made.tracks] == ["Melody", "Alto", "Tenor", "Bass"]
    assert part_writing.crossings(part_writing.pitches(made)[0])[0] == 0


def test_a_sketch_says_where_the_new_voice_goes() -> None:
    of, tune = codec(), melody()
    sketch = Track((Note(0, 43, 72),), "Cello", program=42)
    given = replace(tune, tracks=(*tune.tracks, sketch))
    made = drawn(of, of.cursor(given=given, stays={"keep": [0]}))
    assert [(t.name, t.program) for t in made.tracks] == [("Melody", 0), ("Cello", 42)]
    assert made.tracks[0] == tune.tracks[0] and len(made.tracks[1].notes) > 1
    assert part_writing.empty_bars(*part_writing.pitches(made))[0] == 0


def test_a_melody_goes_over_a_given_bass() -> None:
    of = codec()
    bass = Score((hymn(1).tracks[3],), ((0, 3, 4),))
    made = drawn(of, of.cursor(given=bass, stays={"keep": [0, "Soprano"]}))
    assert [t.name for t in made.tracks] == ["Soprano", "Bass"]
    assert part_writing.crossings(part_writing.pitches(made)[0])[0] == 0


def test_more_voices_than_places_are_refused() -> None:
    of = codec()
    with pytest.raises(TakeError, match="4 voices are given"):
        of.cursor(given=hymn(0), stays={"keep": [0, 1, 2, 3, "Bass"]})


def test_names_of_voices_that_are_not_there_ask_for_them() -> None:
    assert MUSIC.stays(melody(), {"voices": ["bass"]}, "walk.abc") == {"keep": [0, "Bass"]}
    assert MUSIC.stays(melody(), {"voices": ["Melody"]}, "walk.abc") == {"keep": [0]}
    with pytest.raises(TakeError, match="has no voice 'Oboe'"):
        MUSIC.stays(melody(), {"voices": ["Oboe"]}, "walk.abc")


def test_works_that_rest_and_cross_allow_it() -> None:
    score = hymn(0)
    tenor = tuple(replace(n, pitch=70 if i < 6 else n.pitch) for i, n in enumerate(score.tracks[2].notes))
    bass = score.tracks[3].notes[:3] + score.tracks[3].notes[15:]
    crossing = replace(
        score,
        tracks=(
            *score.tracks[:2],
            replace(score.tracks[2], notes=tenor),
            replace(score.tracks[3], notes=bass),
        ),
    )
    of = grid_codec.learn_codec([crossing] * 3)
    assert of.crosses and of.rests[3] == 12 * 24 // STEP
    assert not codec().crosses and codec().rests == (0, 0, 0, 0)


def test_the_key_is_known_from_the_first_note() -> None:
    of = codec()
    in_g, in_a = (replace(melody(base), keys=()) for base in (67, 69))
    first = [of.cursor(given=given, stays={"keep": [0]}).side()[-1] for given in (in_g, in_a)]
    assert first[1] - first[0] == 2
    assert of.cursor(units=20).side()[-1] == 0  # a new piece has none
    e = of.encode(hymn(0))
    assert {of.encode(hymn(0), None, 2).side[1, -1] - e.side[1, -1]} <= {2, -10}


def test_a_codec_from_before_knows_no_key_and_no_rules() -> None:
    data = codec().to_json()
    for name in ("keyed", "rests", "crosses", "given_whole"):
        del data[name]
    old = grid_codec.from_json(data)
    assert old.side_sizes == codec().side_sizes[:-1]
    assert old.crosses and not old.rests
    assert not old.makes(melody(), [0, "Bass"]) and codec().makes(melody(), [0, "Bass"])
    assert old.makes(melody(), [0])  # as before: all others are added


def test_parallels_are_counted_by_hand() -> None:
    pitch = np.array([[67, 60, 48], [69, 62, 50], [71, 59, 43], [71, 59, 43]], np.int32)
    assert part_writing.parallels(pitch, part_writing.FIFTH) == (2, 6)  # 67/60 to 69/62, and 67/48 to 69/50
    assert part_writing.parallels(pitch, part_writing.OCTAVE) == (1, 6)  # 60/48 to 62/50
    held = np.array([[67, 60], [67, 60], [69, 62]], np.int32)
    assert part_writing.parallels(held, part_writing.FIFTH) == (1, 1)


def test_traits_of_voices_are_figures_over_pieces() -> None:
    found = MUSIC.traits([hymn(seed) for seed in range(4)])
    assert found["crossings of neighbouring voices"].value == 0
    assert found["bars in which a voice is silent"].value == 0
    assert found["parallel fifths in 1,000 moves of two voices"].n == 4
    assert "crossings of neighbouring voices" not in MUSIC.traits([melody()])
