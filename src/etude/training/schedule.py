"""The schedule of a run, shared by every loop: how much of the budget is spent, the learning rate that
follows from it, and when the run overfits. Knows nothing of models.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from etude.config.sequence import LEARN
from etude.training.budget import Budget, Meter


class Pace:
    """How much of a run is spent, 0..1, by whichever limit is nearest: seconds, steps, or energy (the middle
    estimate).

    `before_s` is what earlier sessions of the run spent.
    """

    def __init__(self, budget: Budget, seconds: float | None, meter: Meter, before_s: float = 0.0) -> None:
        self._budget, self._seconds, self._meter, self._before = budget, seconds, meter, before_s
        self._began = time.monotonic()

    @property
    def spent_s(self) -> float:
        """Seconds of this session and those before it."""
        return self._before + time.monotonic() - self._began

    def share(self, step: int, to_come_s: float = 0.0) -> float:
        """From 1 on the run is over. `to_come_s`: what it takes after its last step."""
        b = self._budget
        by_steps = step / b.steps if b.steps else 0.0
        by_time = (self.spent_s + to_come_s) / self._seconds if self._seconds else 0.0
        by_energy = self._meter.read().kwh[1] / b.energy_kwh if b.energy_kwh else 0.0
        return max(by_steps, by_time, by_energy)


def rate(step: int, share: float, cool_from: float | None, *, warm_up: int = LEARN.warm_up) -> float:
    """The factor of the learning rates: up over the first steps, flat, and down to 0 over the last part of
    the budget.

    When overfitting was seen at the share `cool_from`, the fall begins there and takes half as long as what
    came before.
    """
    up = min(1.0, (step + 1) / warm_up)
    down = (1.0 - share) / LEARN.cool_down
    if cool_from is not None:
        down = min(down, 1.0 - (share - cool_from) / max(1e-6, 0.5 * cool_from))
    return max(0.0, min(up, 1.0, down))


def worse(curve: Sequence[tuple[float, int, float]]) -> bool:
    """Whether the run overfits: of the evaluations (seconds, step, figure) the last ones each got worse than
    the one before, and the last is worse than the best by more than noise."""
    n = LEARN.overfit_evaluations
    if len(curve) <= n:
        return False
    v = [c[2] for c in curve]
    return all(a < b for a, b in zip(v[-n - 1 : -1], v[-n:], strict=True)) and v[-1] > 1.003 * min(v)
