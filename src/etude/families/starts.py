"""What a model owes to the weights that it started from, in sentences for its card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def owed(header: Mapping[str, Any]) -> list[str]:
    """One paragraph for each link of the chain, an empty line before it; nothing for a model from nothing."""
    out, start, whose = [], header.get("started_from"), "It"
    while start:
        out += [
            "",
            f"{whose} started from the weights of {start['model']}, trained on “{start['collection']}”: "
            "it also owes to those works.",
            *([f"Their terms: {start['licence']}. {start['credit']}"] if "licence" in start else []),
        ]
        start, whose = start.get("started_from"), "Those had"
    return out
