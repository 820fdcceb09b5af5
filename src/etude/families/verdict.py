"""Whether a model is overfitted, in plain words for its card: what it predicts of works that it was
trained on, beside what it predicts of works that it has not seen.

The bounds are ours, and wide: between them nothing is claimed. Knows no family.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from etude.stats.figure import Figure

HOLDS, OVERFITTED = 0.8, 0.6  # of the held-out figure, that works learned from cost: more, and less
LEAST_WORKS = 3  # held out, for a verdict
SEEN = "works seen"  # the figure's name


def fit(header: Mapping[str, Any], unseen: str) -> tuple[Figure, Figure] | None:
    """The figures that a verdict stands on; None where one of them was not measured."""
    figures = header.get("figures") or {}
    if SEEN not in figures or unseen not in figures:
        return None
    seen, other = (
        Figure(**{key: figures[name][key] for key in ("value", "low", "high", "n", "unit")})
        for name in (SEEN, unseen)
    )
    return seen, other


def verdict(
    figures: Mapping[str, Any], unseen: str, *, held_out: int, near: Mapping[str, Any] | None = None
) -> list[str]:
    """The lines of a card. `unseen`: the name of the figure on held-out works that `SEEN` goes with; `near`:
    the share of takes that are near-copies, with what chance allows."""
    head = ["", "## Is it overfitted?", ""]
    seen, other = figures.get(SEEN), figures.get(unseen)
    copies = ""
    if near is not None and near["low"] > near["chance"]:
        copies = " Its takes are near-copies of works more often than chance allows: check each one's trace."
    if held_out < LEAST_WORKS:
        few = "no works are" if not held_out else "1 work is" if held_out == 1 else f"{held_out} works are"
        return [*head, f"**Cannot tell**: {few} held out; {LEAST_WORKS} are needed.{copies}"]
    if seen is None or other is None:
        return [*head, f"**Cannot tell**: there was no time to measure it.{copies}"]
    share = seen["value"] / other["value"] if other["value"] > 0 else 1.0
    beside = (
        f"its loss is {seen['value']:.3f} on training works and "
        f"{other['value']:.3f} {other['unit']} on held-out works (lower is better)"
    )
    if share < OVERFITTED:
        word = "**Overfitted**"
        end = (
            "It predicts its training works far better than held-out ones. More works help, more training "
            "does not."
        )
    elif copies:
        word, end = "**Partly overfitted**", ""
    elif share < HOLDS:
        word, end = "**Partly overfitted**", "More works help more than more training."
    else:
        word, end = "**Good**", "It predicts held-out works about as well as training works."
    return [*head, f"{word}: {beside}. {end}{copies}".rstrip()]
