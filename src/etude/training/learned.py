"""What learning gives, the same for every medium and family."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy.typing as npt

from etude.training.budget import Ledger, duration, watt_hours


@dataclass(frozen=True)
class Learned:
    """A model: header (JSON) and arrays for the store, its card in Markdown, what it cost, and why learning
    ended ('budget', 'no further gain', 'interrupted'). `files`: further ones that lie beside it, by name."""

    header: dict[str, Any]
    arrays: dict[str, npt.NDArray[Any]]
    card: str
    ledger: Ledger
    ended: str
    files: Mapping[str, bytes] = field(default_factory=dict)


def cost(header: Mapping[str, Any]) -> list[str]:
    """The lines of a model card on what the model cost, from the `budget` and `ledger` of its header."""
    ledger = header["ledger"]
    spent = f"{duration(ledger['wall_s'])}, {duration(ledger['cpu_s'])} of processor time"
    return [
        "## What it cost",
        "",
        f"- budget: {header['budget']}; spent: {spent}, {ledger['peak_mb']:,.0f} MB at most",
        f"- energy: {watt_hours(tuple(ledger['kwh']))}; {ledger['method']}",
    ]
