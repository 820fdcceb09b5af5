"""The means of two groups of cases, of which those of the second come in clusters: passages of one work are
alike. By how much they differ, and how often chance alone would give as much.

Welch's test (B. L. Welch 1947, Biometrika 34:28) with the variance of a mean of clusters (W. Cochran 1977,
Sampling Techniques, 3rd ed., eq. 6.10). Knows nothing of what is measured.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from etude.stats.figure import Figure

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Differ:
    """The means of both groups with 90 % intervals, what the first is larger by with its 90 % interval, and
    how often groups of one kind differ by as much (`p`, two-sided)."""

    first: Figure
    second: Figure
    more: float
    low: float
    high: float
    p: float


def differ(first: Floats, second: Floats, clusters: Sequence[Hashable], unit: str) -> Differ:
    """Compare cases (N,) with cases (M,) of these clusters (M), at least two of each."""
    a, at = float(first.mean()), float(first.var(ddof=1)) / len(first)
    b, bt, works = _clustered(second, clusters)
    error = math.sqrt(at + bt)
    free = (at + bt) ** 2 / (at**2 / (len(first) - 1) + bt**2 / (works - 1)) if at + bt > 0.0 else 1.0
    half = error * t_quantile(0.95, free)
    figures = [
        Figure(value, value - wide, value + wide, n, unit)
        for value, wide, n in (
            (a, math.sqrt(at) * t_quantile(0.95, len(first) - 1), len(first)),
            (b, math.sqrt(bt) * t_quantile(0.95, works - 1), len(second)),
        )
    ]
    p = 1.0 if a == b else 0.0 if error == 0.0 else t_tail(abs(a - b) / error, free)
    return Differ(figures[0], figures[1], a - b, a - b - half, a - b + half, p)


def _clustered(values: Floats, clusters: Sequence[Hashable]) -> tuple[float, float, int]:
    """(the mean, its variance, how many clusters): never less than of as many independent cases."""
    mean = float(values.mean())
    known: dict[Hashable, int] = {}
    of = np.array([known.setdefault(one, len(known)) for one in clusters])
    k, n = len(known), len(values)
    plain = float(values.var(ddof=1)) / n
    if k < 2:
        return mean, plain, 2
    sums = np.bincount(of, values - mean, k)
    return mean, max(plain, k / (k - 1) * float((sums**2).sum()) / n**2), k


def t_quantile(q: float, free: float) -> float:
    """Student's, by the expansion of R. Fisher and E. Cornish 1960 (Technometrics 2:209): to 1 % from four
    degrees of freedom on."""
    z = NormalDist().inv_cdf(q)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return z + sum(term / free ** (k + 1) for k, term in enumerate(terms))


def t_tail(t: float, free: float) -> float:
    """The probability of at least |t| on either side: the quantile turned round."""
    low, high = 1e-12, 0.5
    if t_quantile(1.0 - low, free) <= t:
        return 2.0 * low
    for _ in range(60):
        middle = math.sqrt(low * high)
        low, high = (low, middle) if t_quantile(1.0 - middle, free) <= t else (middle, high)
    return 2.0 * high
