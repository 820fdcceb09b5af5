"""What a person sees while learning, the same for every medium and stage."""

from __future__ import annotations

from dataclasses import dataclass

from etude.training.budget import Ledger
from etude.training.forecast import Forecast


@dataclass(frozen=True)
class Progress:
    """What a person sees while learning. `unseen`: the figure on works that are not learned from (`unit`), None before the first look."""

    stage: str
    step: int
    spent_s: float
    budget: str
    share: float
    learning: float
    unseen: float | None
    unit: str
    epoch: float
    forecast: Forecast | None
    ledger: Ledger
    message: str = ""
