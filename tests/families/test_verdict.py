"""Cards say in plain words whether a model is overfitted, and that it cannot be told where it cannot."""

from __future__ import annotations

from typing import Any

import pytest

from etude.families.verdict import SEEN, verdict


def figures(seen: float | None, unseen: float) -> dict[str, Any]:
    unit = "bits/character"
    rows = {"network": unseen} | ({} if seen is None else {SEEN: seen})
    return {name: {"value": value, "unit": unit} for name, value in rows.items()}


@pytest.mark.parametrize(
    ("seen", "unseen", "says"),
    [
        (0.97, 2.08, "**Overfitted**: its loss is 0.970 on training works"),
        (1.5, 2.08, "**Partly overfitted**"),
        (1.9, 2.08, "**Good**"),
        (None, 2.08, "**Cannot tell**: there was no time"),
    ],
)
def test_the_words_follow_from_the_figures(seen: float | None, unseen: float, says: str) -> None:
    assert says in "\n".join(verdict(figures(seen, unseen), "network", held_out=6))


def test_near_copies_and_too_few_works_are_said() -> None:
    near = {"value": 0.2, "low": 0.1, "chance": 0.05}
    told = "\n".join(verdict(figures(1.9, 2.0), "network", held_out=6, near=near))
    assert "**Partly overfitted**" in told and "near-copies" in told and "Good" not in told
    assert "2 works are held out; 3 are needed" in "\n".join(verdict({}, "network", held_out=2))
    assert "no works are held out" in "\n".join(verdict({}, "network", held_out=0))
