"""Kernel distances between sets of features, with intervals, and coverage."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from etude import rng

Floats = npt.NDArray[np.float64]


def scaled(reference: Floats, *others: Floats) -> list[Floats]:
    """All sets in units of the reference's deviation of each feature, about its mean, the reference first."""
    mean, spread = reference.mean(0), reference.std(0) + 1e-3 * reference.std() + 1e-9
    return [(one - mean) / spread for one in (reference, *others)]


def _kernel(a: Floats, b: Floats) -> Floats:
    out: Floats = (a @ b.T / a.shape[1] + 1.0) ** 3
    return out


def kid(real: Floats, made: Floats) -> float:
    """Unbiased squared MMD of two sets (N, D), at least two of each; about 0 where both are of one kind, and
    may then be below."""
    return _unbiased(_kernel(real, real), _kernel(made, made), _kernel(real, made))


def _unbiased(rr: Floats, mm: Floats, rm: Floats) -> float:
    """From the kernel within both sets and between them: nobody is compared with themselves."""
    n, m = len(rr), len(mm)
    inside = (rr.sum() - np.trace(rr)) / (n * (n - 1)) + (mm.sum() - np.trace(mm)) / (m * (m - 1))
    return float(inside - 2.0 * rm.mean())


def kid_interval(real: Floats, made: Floats, *, seed: int, draws: int = 200) -> tuple[float, float, float]:
    """KID with a 90 % interval over both sets: value, low, high. Subsets of half of each, without
    replacement, widened to the whole."""
    g = rng.for_(seed, "kid")
    rr, mm, rm = _kernel(real, real), _kernel(made, made), _kernel(real, made)
    value = _unbiased(rr, mm, rm)
    n, m = max(2, len(real) // 2), max(2, len(made) // 2)
    found = np.empty(draws)
    for i in range(draws):
        a, b = g.choice(len(real), n, replace=False), g.choice(len(made), m, replace=False)
        found[i] = _unbiased(rr[np.ix_(a, a)], mm[np.ix_(b, b)], rm[np.ix_(a, b)])
    # half-sampling without replacement has the variance of the whole sample's estimate: no factor is needed
    low, high = np.quantile(found - found.mean(), [0.05, 0.95])
    return value, value + float(low), value + float(high)


def coverage(real: Floats, made: Floats, k: int = 5) -> float:
    """The share of works that have a take nearer than their k-th nearest work."""
    k = min(k, len(real) - 1)
    own = np.sort(_distances(real, real), 1)[:, k]
    return float((_distances(real, made).min(1) <= own).mean())


def _distances(a: Floats, b: Floats) -> Floats:
    out: Floats = np.sqrt(np.maximum(0.0, (a * a).sum(1)[:, None] + (b * b).sum(1)[None] - 2 * a @ b.T))
    return out
