"""Two models on the same works: by how much one is worse, with an interval from drawing works anew (a paired
bootstrap; Efron and Tibshirani 1993, chapter 8). Knows no models: each is a table of what every work cost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from etude import rng

LEAST_WORKS = 5  # fewer say nothing of how much works differ
CLEAR = 0.02  # of the figure: with too few works for an interval, less than this is no difference
DRAWS = 1000
Verdict = Literal["better", "worse", "no clear difference"]


@dataclass(frozen=True)
class Paired:
    """Figures `before` and `after` (less is better) on the same `works`, by how much the second is worse,
    with a 90 % interval (None where there are too few works), and the verdict."""

    before: float
    after: float
    worse: float
    low: float | None
    high: float | None
    works: int
    verdict: Verdict


def paired(
    before: Mapping[str, Sequence[float]], after: Mapping[str, Sequence[float]], *, seed: int = 0
) -> Paired | None:
    """Compare by work: (sum, units) each. None where no work is in both."""
    shared = sorted(work for work in before if work in after and before[work][1] > 0 and after[work][1] > 0)
    if not shared:
        return None
    a, b = (np.array([list(of[work][:2]) for work in shared], float) for of in (before, after))
    old, new = (float(x[:, 0].sum() / x[:, 1].sum()) for x in (a, b))
    worse = new - old
    if len(shared) < LEAST_WORKS:
        clear = abs(worse) > CLEAR * abs(old)
        verdict: Verdict = "no clear difference" if not clear else "worse" if worse > 0 else "better"
        return Paired(old, new, worse, None, None, len(shared), verdict)
    picks = rng.for_(seed, "paired", len(shared)).integers(0, len(shared), (DRAWS, len(shared)))
    x, y = a[picks].sum(1), b[picks].sum(1)
    low, high = (float(q) for q in np.quantile(y[:, 0] / y[:, 1] - x[:, 0] / x[:, 1], [0.05, 0.95]))
    verdict = "worse" if low > 0 else "better" if high < 0 else "no clear difference"
    return Paired(old, new, worse, low, high, len(shared), verdict)
