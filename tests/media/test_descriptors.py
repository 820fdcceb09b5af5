"""What is counted in contents, beside the same counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from etude.media import MEDIA
from etude.media.music.score import Note, Score, Track
from etude.media.video.clip import Clip


def test_a_text_is_counted_as_a_person_counts_it() -> None:
    found = MEDIA["text"].descriptors("One two one two. " * 5 + "\nAnd five more words here!")
    assert found["words in a sentence"] == pytest.approx(25 / 6)
    assert found["words in a line"] == 12.5
    assert found["letters in a word"] == pytest.approx((20 * 3 + 3 + 4 + 4 + 5 + 4) / 25)
    assert found["words in 100 that came before in the text"] == pytest.approx(72.0)  # 7 of 25 are new
    assert MEDIA["text"].descriptors("too short to say anything") == {}


def scale(pitches: list[int], length: int = 24) -> tuple[Note, ...]:
    return tuple(Note(i * length, pitch, length) for i, pitch in enumerate(pitches))


def test_a_score_is_counted_as_its_measures_are_defined() -> None:
    high = scale([60, 62, 64, 65, 67, 69, 71, 72])
    found = MEDIA["music"].descriptors(Score((Track(high),)))
    assert found["bits of pitch classes"] == pytest.approx(2.75)  # C twice, six others once
    assert found["bits of durations"] == 0.0 and found["notes that sound at once"] == 1.0
    assert found["percent of the time outside the key"] == 0.0
    assert found["percent of a bar's rhythm that the next bar keeps"] == 100.0
    assert "parallel fifths in 100 moves of two voices" not in found
    fifths = Score((Track(high, "high"), Track(scale([n.pitch - 7 for n in high]), "low")))
    both = MEDIA["music"].descriptors(fifths)
    assert both["parallel fifths in 100 moves of two voices"] == 100.0
    assert both["notes that sound at once"] == 2.0
    assert MEDIA["music"].descriptors(Score((Track(high[:3]),))) == {}


def test_a_picture_is_counted_by_its_pixels() -> None:
    board = np.zeros((8, 8, 3), np.uint8)
    board[:, 4:] = 255
    found = MEDIA["image"].descriptors(board)
    assert found["lightness, of 255"] == pytest.approx(127.5, abs=0.1)
    assert found["colourfulness"] == pytest.approx(0.0, abs=1e-6)
    # eight of the 56 pairs across and none of the 56 down
    assert found["percent of neighbouring pixels with an edge between"] == pytest.approx(100 * 8 / 112)
    red = np.zeros((8, 8, 3), np.uint8)
    red[..., 0] = 255
    assert MEDIA["image"].descriptors(red)["colourfulness"] > 50


def test_a_clip_that_stands_still_has_no_motion() -> None:
    frame = np.full((1, 8, 8, 3), 100, np.uint8)
    name = "change from frame to frame, of 255"
    assert MEDIA["video"].descriptors(Clip(np.repeat(frame, 4, 0), 4.0))[name] == 0.0
    assert MEDIA["video"].descriptors(Clip(np.concatenate([frame, frame + 10]), 4.0))[name] == 10.0
