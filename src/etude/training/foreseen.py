"""What must be done before the first step of training, foreseen while it is done: where it would use up the
budget, the run is refused before the budget is spent. Knows nothing of models.
"""

from __future__ import annotations

import math
import time

from etude.errors import BudgetError
from etude.training.budget import Budget, duration
from etude.training.machine import allowed_s

_TRIED_S, _TRIED = 2.0, 0.1  # seconds, or share of the time left, before which nothing can be foreseen
_SHARE = 0.9  # of the budget, which may be gone before the first step,
_AFTER_S, _AFTER = 4.0, 0.2  # and so many seconds less, or this share less, for what follows the last one
_ENOUGH = 2.5  # times what comes before the first step: a budget that is proposed
_STEPS_S = (30, 60, 120, 300, 600, 1200, 1800, 3600)


class Foreseen:
    """The time until the first step. `began`: the monotonic time from which the budget counts."""

    def __init__(self, budget: Budget, began: float | None) -> None:
        self._budget, self._limit = budget, allowed_s(budget)
        self._since = time.monotonic()
        self._began = self._since if began is None else began
        left = math.inf if self._limit is None else self._limit - (self._since - self._began)
        self._tried = max(0.1, min(_TRIED_S, _TRIED * left))

    def check(self, done: float, of: float, doing: str) -> None:
        """So much is done since this was made. Raises BudgetError where the rest would leave no time."""
        now = time.monotonic()
        if done > 0 and now - self._since >= self._tried:
            self.add((now - self._since) * (of / done - 1.0), doing)

    def add(self, seconds: float, doing: str) -> None:
        """So many seconds are to come. Raises BudgetError where they leave no time for training."""
        if self._limit is None:
            return
        until = time.monotonic() + seconds - self._began
        if until <= min(_SHARE * self._limit, self._limit - min(_AFTER_S, _AFTER * self._limit)):
            return
        better = next((s for s in _STEPS_S if s >= _ENOUGH * until), round(_ENOUGH * until / 3600) * 3600)
        text = f"{better}s" if better < 60 else f"{better // 60}m" if better < 3600 else f"{better // 3600}h"
        raise BudgetError(
            f"a budget of {self._budget.describe()} is too short for these works: {doing} takes until "
            f"{duration(max(1.0, round(until)))} after the start on this machine, as busy as it is now",
            f"give at least {duration(better)}: --budget {text}",
        )
