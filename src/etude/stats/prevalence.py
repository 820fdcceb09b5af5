"""How often something is so among cases of which a classifier that errs says whether it is so.

The corrected share of W. J. Rogan and B. Gladen 1978 (Am. J. Epidemiol. 107:71): (positive + specificity - 1)
/ (sensitivity + specificity - 1). The interval comes from drawing all three counts anew with Jeffreys priors,
so that it knows how few cases the classifier's errors were counted in. Knows no classifier."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from etude import rng


@dataclass(frozen=True)
class Counted:
    """Of `n` cases a classifier calls `positive` so; of `members` cases that are so it finds `found`, of
    `others` that are not it passes `passed`."""

    positive: int
    n: int
    found: int
    members: int
    passed: int
    others: int

    @property
    def tells(self) -> float:
        """Sensitivity + specificity - 1 (W. J. Youden 1950): 0 for a classifier that guesses, 1 at best."""
        return self.found / max(1, self.members) + self.passed / max(1, self.others) - 1.0


def share(of: Counted, *, seed: int, draws: int = 4000, tail: float = 0.05) -> tuple[float, float, float]:
    """The corrected share with an interval that leaves `tail` out on each side (0.05: 90 %): value, low,
    high, all within 0..1."""
    g = rng.for_(seed, "prevalence", of.n)
    sensitivity = g.beta(of.found + 0.5, of.members - of.found + 0.5, draws)
    specificity = g.beta(of.passed + 0.5, of.others - of.passed + 0.5, draws)
    positive = g.beta(of.positive + 0.5, of.n - of.positive + 0.5, draws)
    tells = np.maximum(sensitivity + specificity - 1.0, 1e-3)
    low, high = np.quantile(np.clip((positive + specificity - 1.0) / tells, 0.0, 1.0), [tail, 1.0 - tail])
    value = (of.positive / of.n + of.passed / of.others - 1.0) / max(of.tells, 1e-3)
    value = min(1.0, max(0.0, value))
    return value, min(float(low), value), max(float(high), value)
