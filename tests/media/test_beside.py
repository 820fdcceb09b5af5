"""New voices beside given ones stand between them by height, and what was given comes back note for note."""

from __future__ import annotations

import pytest

from etude.media.music import beside, grid, grid_codec
from etude.media.music.given_score import Given
from etude.media.music.score import Note, Score, Track

NAMES, BASES = ("Soprano", "Alto", "Tenor", "Bass"), (69, 62, 55, 45)


def voice(base: int, name: str) -> Track:
    return Track(tuple(Note(24 * i, base + i % 3, 24) for i in range(16)), name)


def hymn() -> Score:
    return Score(tuple(voice(base, name) for base, name in zip(BASES, NAMES, strict=True)), ((0, 4, 4),))


@pytest.mark.parametrize(
    ("given", "order"),
    [
        ((69, 45), ("g69", "Alto", "Tenor", "g45")),
        ((45, 69), ("Alto", "Tenor", "g45", "g69")),
        ((69,), ("g69", "Alto", "Tenor", "Bass")),
    ],
)
def test_new_voices_stand_by_height(given: tuple[int, ...], order: tuple[str, ...]) -> None:
    codec = grid_codec.learn_codec([hymn()])
    score = Score(tuple(voice(base, f"g{base}") for base in given), ((0, 4, 4),))
    lines = grid.lines(score)
    asked = Given(score, keep_tracks=tuple(range(len(given))))
    places = beside.placed(codec, asked)
    assert sum(line is not None for line in places) == len(lines)
    out = beside.together(codec, asked, places, 0, hymn())
    assert {t.name for t in out.tracks} == set(order)
    kept = [t for t in out.tracks if t.name.startswith("g")]
    assert kept == list(score.tracks), "as they were given, in their order"
    if given != (45, 69):  # an order that the person chose stays
        assert tuple(t.name for t in out.tracks) == order
