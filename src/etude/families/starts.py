"""What a model owes to the weights that it started from, in sentences for its card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

WENT_ON = "went_on"  # in `started_from`: the run went on from a model of its own name and works


def owed(header: Mapping[str, Any]) -> list[str]:
    """One paragraph for each link of the chain, an empty line before it; nothing for a model from nothing."""
    out, start, whose = [], header.get("started_from"), "It"
    while start:
        if start.get(WENT_ON):  # the same name and the same works: nothing is owed to others
            out += [
                "",
                f"It continues {start['model']}, which had been trained on the same collection for "
                f"{int(start.get('steps') or 0):,} steps.",
            ]
            start = start.get("started_from")
            continue
        out += [
            "",
            f"{whose} started from the weights of {start['model']}, trained on “{start['collection']}”: "
            "it owes something to those works too.",
            *([f"Their terms: {start['licence']}. {start['credit']}"] if "licence" in start else []),
            *_copies(start.get("near_copies")),
        ]
        start, whose = start.get("started_from"), "Those had"
    return out


def _copies(near: Mapping[str, Any] | None) -> list[str]:
    """How often takes of the weights that it started from were near copies of what those had learned from."""
    if near is None:
        return []
    return [
        f"Of 100 takes of those weights alone, {100 * near['value']:.0f} ({100 * near['low']:.0f} to "
        f"{100 * near['high']:.0f}) were near-copies of their works; {100 * near['chance']:.0f} are expected "
        "by chance. Traces compare takes with your works alone."
    ]
