"""The music medium: read by content, cut at bars, places in words, and a lossless store."""

from __future__ import annotations

import itertools
import json

import pytest
from hypothesis import given, settings

from etude.errors import WorkError
from etude.media.music import event_codec, grid_codec, midi
from etude.media.music.bars import bars, metre_map
from etude.media.music.medium import MEDIUM as MUSIC
from etude.media.music.score import TPQ, Note, Score, Track
from etude.media.music.spelling import key_name
from etude.media.music.voices import voices
from tests.media.scores import CHORALE, line, scores


@settings(deadline=None, max_examples=60)
@given(scores())
def test_store_is_lossless_and_the_same_bytes_again(score: Score) -> None:
    data = MUSIC.store(score)
    assert MUSIC.load(data) == score
    assert MUSIC.store(MUSIC.load(data)) == data


@settings(deadline=None, max_examples=60)
@given(scores())
def test_bars_cover_the_score_and_boundaries_divide_its_notes(score: Score) -> None:
    grid = bars(score)
    assert grid[0].start == 0
    assert grid[-1].end >= score.end
    assert all(a.end == b.start for a, b in itertools.pairwise(grid))
    edges = [0, *MUSIC.boundaries(score), MUSIC.size(score)]
    assert edges == sorted(set(edges))
    parts = [MUSIC.cut(score, a, b) for a, b in itertools.pairwise(edges)]
    assert sum(MUSIC.size(p) for p in parts) == MUSIC.size(score)
    assert all(len(p.tracks) == len(score.tracks) for p in parts)


def test_a_cut_keeps_whole_bars_and_starts_at_tick_0() -> None:
    part = MUSIC.cut(CHORALE, 4, 20)  # bar 1 is notes 4..20
    assert [n.onset for n in part.tracks[0].notes] == [0, 24, 48, 72]
    assert part.pickup == 0
    assert part.keys == CHORALE.keys
    assert MUSIC.size(MUSIC.cut(CHORALE, 5, 6)) == 16


def test_a_cut_in_the_middle_carries_metre_and_tempo() -> None:
    score = Score((Track(line([60] * 14)),), ((0, 4, 4), (96, 3, 4)), ((0, 90.0), (48, 70.0)))
    part = MUSIC.cut(score, 7, 10)
    assert part.meters == ((0, 3, 4),)
    assert part.tempos == ((0, 70.0),)


def test_places_in_words() -> None:
    assert MUSIC.place(CHORALE, 0) == "upbeat, soprano"
    assert MUSIC.place(CHORALE, 7) == "bar 1, bass"
    assert MUSIC.place(CHORALE, 36) == "the end"
    assert MUSIC.place(Score((Track(line([60] * 9)),)), 8) == "bar 3"


def test_one_line_for_a_screen_reader() -> None:
    assert MUSIC.describe(CHORALE) == (
        "Four voices: 4 voices (soprano, alto, tenor, bass), 2 bars of 4/4 in G major, 36 notes, 0:05 long"
    )
    assert MUSIC.describe(Score(())).endswith("0 notes, 0:00 long")


def test_voices_are_found_or_refused() -> None:
    assert [v.name for v in voices(CHORALE) or []] == ["soprano", "alto", "tenor", "bass"]
    together = tuple(sorted(n for t in CHORALE.tracks for n in t.notes))
    split = voices(Score((Track(together, "hymn"),)))
    assert split is not None
    assert [[n.pitch for n in v.notes] for v in split] == [[n.pitch for n in t.notes] for t in CHORALE.tracks]
    waltz = [
        n
        for i in range(8)
        for n in (Note(72 * i, 40, 24), Note(72 * i + 24, 60, 24), Note(72 * i + 24, 64, 24))
    ]
    assert voices(Score((Track(tuple(waltz)),))) is None
    assert voices(Score((Track(line([36, 38]), drum=True),))) is None


def test_a_small_legato_overlap_is_still_one_voice() -> None:
    split = voices(Score((Track((Note(0, 60, 26), Note(24, 62, 24))),)))
    assert split is not None
    assert split[0].notes == (Note(0, 60, 24), Note(24, 62, 24))


def test_files_are_told_apart_by_content() -> None:
    data = midi.write(CHORALE)
    assert MUSIC.sniff(data, ".txt")
    assert MUSIC.read(data, suffix=".xml").content == CHORALE
    assert not MUSIC.sniff(b"Once upon a time", ".txt")
    assert not MUSIC.sniff(b"PK\x03\x04 an e-book", ".epub")


@pytest.mark.parametrize("suffix", [".mid", ".musicxml", ".mxl", ".abc", ".xml"])
@pytest.mark.parametrize(
    "data", [b"", b"   \n", b"\x00" * 100, b"hello", bytes(range(256)) * 8, b"<a><b></a>", b"PK\x03\x04xx"]
)
def test_what_is_no_music_gets_one_clear_sentence(data: bytes, suffix: str) -> None:
    with pytest.raises(WorkError) as caught:
        MUSIC.read(data, suffix=suffix)
    assert caught.value.hint
    assert "\n" not in caught.value.message


def test_a_file_too_large_is_refused_with_both_numbers() -> None:
    with pytest.raises(WorkError, match=r"25\.0 MB; at most 20 MB"):
        MUSIC.read(b"MThd" + bytes(25_000_000), suffix=".mid")


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b'{"score":1}', b'{"score":99}', b"\xff\xfe"])
def test_a_damaged_store_is_a_work_error(data: bytes) -> None:
    with pytest.raises(WorkError):
        MUSIC.load(data)


def test_measures_of_a_file_become_metres() -> None:
    four = (4, 4)
    assert metre_map([TPQ, 96, 96, 72], [four] * 4) == (((0, 4, 4),), TPQ)  # pickup, short end
    assert metre_map([96, 72, 24, 96], [four] * 4) == (((0, 4, 4),), 0)  # a repeat within the bar
    assert metre_map([192, 288, 192], [(4, 2)] * 3)[0] == ((0, 4, 2), (192, 6, 2), (480, 4, 2))
    assert metre_map([96, 48, 96], [four] * 3) == (((0, 4, 4), (96, 2, 4), (144, 4, 4)), 0)


def test_keys_have_names() -> None:
    assert [key_name(f, False) for f in (-7, 0, 7)] == ["C flat major", "C major", "C sharp major"]
    assert [key_name(f, True) for f in (-7, 0, 4, 7)] == [
        "A flat minor",
        "A minor",
        "C sharp minor",
        "A sharp minor",
    ]


def test_what_has_no_place_in_a_codec_is_named_and_frames_are_kept() -> None:
    """Of a shelf of one-voice tunes: a second voice, chords and drums have no place, in either codec."""

    def voice(name: str, pitch: int, drum: bool = False) -> Track:
        return Track(tuple(Note(24 * i, pitch + i % 3, 24) for i in range(16)), name, 0, drum)

    tunes = [Score((voice("Melody", 60 + i),), ((0, 3, 4),), ((0, 90.0 + i),), pickup=24) for i in range(4)]
    two = Score((voice("Melody", 60), voice("Bass", 48)))
    for codec in (grid_codec.learn_codec(tunes), event_codec.learn_codec(tunes)):
        assert codec.homeless(tunes[0]) == ()
        assert codec.homeless(two) == ("Bass",)
        assert codec.homeless(Score((voice("Melody", 60), voice("", 36, drum=True)))) == ("voice 2",)
        frame = json.loads(json.dumps(codec.frame(Score((), ((0, 6, 8),), ((0, 120.0),), pickup=12))))
        jig = codec.framed(frame)
        assert (jig.meter, jig.tempo, jig.pickup) == ((6, 8), 120.0, 12)
        assert (codec.meter, codec.framed({})) == ((3, 4), codec)
        assert jig.decode(codec.encode(tunes[0]).tokens.tolist()).meters == ((0, 6, 8),)
    chords = Track(
        tuple(Note(24 * i, 60 + p, 24) for i in range(8) for p in range(0, 4 + 4 * (i % 2), 4)), "Piano"
    )
    assert grid_codec.learn_codec(tunes).homeless(Score((chords,))) != ()
