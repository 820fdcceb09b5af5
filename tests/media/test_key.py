"""The key of a score by its notes, and the signature that files then state."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from etude.media import MEDIA
from etude.media.music import key
from etude.media.music.score import Note, Score, Track

MUSIC = MEDIA["music"]
ASCENDING = {
    "major": (0, 4, 7, 12, 11, 9, 7, 5, 4, 2, 4, 5, 7, 2, 11, 0),
    "minor": (0, 3, 7, 12, 10, 8, 7, 5, 3, 2, 3, 5, 7, 2, 11, 0),
    "dorian": (0, 0, 3, 5, 7, 9, 10, 9, 7, 5, 3, 2, 0, 10, 9, 7, 9, 10, 0, 0),
    "mixolydian": (0, 0, 4, 5, 7, 9, 10, 9, 7, 5, 4, 2, 0, 10, 0, 4, 7, 10, 0, 0),
}


def tune(pitches: Sequence[int], base: int = 60) -> Score:
    return Score((Track(tuple(Note(24 * i, base + p, 24) for i, p in enumerate(pitches))),))


@pytest.mark.parametrize("mode", ASCENDING)
@pytest.mark.parametrize("tonic", [0, 2, 3, 6, 7, 9, 11])
def test_tonic_and_mode_are_heard_in_every_key(mode: str, tonic: int) -> None:
    found = key.estimated(tune(ASCENDING[mode], 60 + tonic))
    assert found is not None
    assert (found.tonic, found.mode) == (tonic, mode)
    assert found.outside == 0
    assert -6 <= found.fifths <= 6
    assert found.minor == (mode == "minor")


def test_signatures_are_those_of_the_modes() -> None:
    signs = {
        (k.tonic, k.mode): k.fifths for m in ASCENDING for t in range(12) if (k := key.Key(t, m, 1.0, 0.0))
    }
    assert signs[2, "major"] == 2
    assert signs[9, "minor"] == 0
    assert signs[9, "dorian"] == 1
    assert signs[9, "mixolydian"] == 2
    assert signs[3, "major"] == -3


def test_little_is_never_sure() -> None:
    found = key.estimated(tune([0, 2, 4]))
    assert found is not None and found.confidence < 0.9
    assert key.estimated(Score(())) is None


def test_a_stated_key_is_believed_where_the_notes_bear_it_out() -> None:
    tune_in_a = tune(ASCENDING["dorian"], 69)
    said = Score(tune_in_a.tracks, keys=((0, 1, False),))  # K:Ador has the signature of G
    found = key.of(said)
    assert found is not None and (found.tonic, found.mode, found.fifths) == (9, "dorian", 1)
    wrong = Score(tune(ASCENDING["major"], 66).tracks, keys=((0, 0, False),))  # MIDI that says C by default
    found = key.of(wrong)
    assert found is not None and (found.tonic, found.mode) == (6, "major")


def test_a_key_that_is_heard_can_be_stated() -> None:
    said = key.with_signature(tune(ASCENDING["major"], 63))
    assert said.keys == ((0, -3, False),)
    assert b"K:Eb" in MUSIC.write(said, "abc") and b"^" not in MUSIC.write(said, "abc")
    assert MUSIC.read(MUSIC.write(said, "mid"), suffix=".mid").content.keys == said.keys


def test_stated_keys_stand() -> None:
    said = Score(tune(ASCENDING["major"], 63).tracks, keys=((0, 2, False),))
    assert key.with_signature(said) is said
