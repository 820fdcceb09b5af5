"""What a person sees while a model is learned, the same for every medium and stage."""

from __future__ import annotations

import math
from dataclasses import dataclass

from etude.training.budget import Ledger
from etude.training.forecast import Forecast
from etude.training.preview import Preview


@dataclass(frozen=True)
class Progress:
    """How far a run is: its stage, the steps and seconds spent, and the share of the budget (0..1).

    `learning` is the mean loss on what is learned from, `unseen` the figure on held-out works in `unit` (None
    before the first evaluation), `epoch` the passes over the works, `message` a sentence when something
    happened; `takes` are takes by what was learned until this step, where some were made just now.
    """

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
    takes: tuple[Preview, ...] = ()


def noted(note: str, budget: str) -> Progress:
    """A sentence for the person, before anything is learned."""
    nothing = Ledger(0.0, 0.0, 0.0, (0.0, 0.0, 0.0), "")
    return Progress("reading", 0, 0.0, budget, 0.0, math.nan, None, "", 0.0, None, nothing, note)
