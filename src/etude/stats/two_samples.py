"""Whether two sets of examples are of one kind: how far apart they are, how often a classifier tells them
apart, and how often chance alone would give as much.

Both tests look through one Gaussian kernel as wide as the median distance, and both are exact: labels are
drawn anew among all examples, so that two sets of one kind are called different in a share of `p` <= alpha of
the cases, whatever they are. The distance is the unbiased squared MMD (A. Gretton et al. 2012, JMLR 13:723);
the classifier is kernel ridge regression judged on folds that it did not learn from (D. Lopez-Paz and M.
Oquab 2017, arXiv 1610.06545), whose scores are linear in the labels, which makes hundreds of draws cheap. It
shares nothing with any generator or critic.

Letters: N and M examples of the two sets, K draws.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from etude.stats.figure import Z90

Floats = npt.NDArray[np.float64]
FOLDS, RIDGE = 5, 0.3


@dataclass(frozen=True)
class Apart:
    """A figure of two sets with its 90 % interval, and how often sets of one kind give as much (`p`)."""

    value: float
    low: float
    high: float
    p: float


def gram(a: Floats, b: Floats) -> Floats:
    """(N + M, N + M) Gaussian kernel of all examples (N, D) and (M, D), as wide as their median distance."""
    x = np.concatenate([a, b])
    square = (x * x).sum(1)
    far = np.maximum(0.0, square[:, None] + square[None] - 2.0 * x @ x.T)
    middle = float(np.median(far[np.triu_indices(len(x), 1)]))
    return np.asarray(np.exp(-far / max(middle, 1e-12)))


def distance(kernel: Floats, n: int, g: np.random.Generator, draws: int) -> Apart:
    """The unbiased squared MMD of the first n examples against the others; about 0 where they are of one
    kind, and may then be below."""
    whole = len(kernel)
    labels = np.zeros((draws + 1, whole))
    labels[0, :n] = 1.0
    for k in range(draws):
        labels[k + 1, g.permutation(whole)[:n]] = 1.0
    found = _unbiased(kernel, labels)
    halves = np.array([_half(kernel, n, g) for _ in range(draws)])
    low, high = np.quantile(halves - halves.mean(), [0.05, 0.95])
    value = float(found[0])
    return Apart(value, value + float(low), value + float(high), _as_much(found))


def _half(kernel: Floats, n: int, g: np.random.Generator) -> float:
    """The same of half of each set, without replacement: an example drawn twice would be near itself."""
    at = [
        g.permutation(n)[: max(2, n // 2)],
        n + g.permutation(len(kernel) - n)[: max(2, (len(kernel) - n) // 2)],
    ]
    some = np.concatenate(at)
    label = np.zeros((1, len(some)))
    label[0, : len(at[0])] = 1.0
    return float(_unbiased(kernel[np.ix_(some, some)], label)[0])


def _unbiased(kernel: Floats, labels: Floats) -> Floats:
    """(K,) for labels (K, N + M), 1 for the first set: nobody is compared with themselves."""
    others = 1.0 - labels
    n, m = labels.sum(1), others.sum(1)
    own = np.diag(kernel)
    a, b = labels @ kernel, others @ kernel
    inside = ((a * labels).sum(1) - labels @ own) / (n * (n - 1)) + ((b * others).sum(1) - others @ own) / (
        m * (m - 1)
    )
    return np.asarray(inside - 2.0 * (a * others).sum(1) / (n * m))


def told_apart(kernel: Floats, n: int, g: np.random.Generator, draws: int) -> Apart:
    """How often one of the first n examples stands above one of the others, for a classifier that has seen
    neither (the area under its curve): 0.5 where it cannot tell them, 1 where it always can."""
    whole = len(kernel)
    fold = np.concatenate([g.permutation(n) % FOLDS, g.permutation(whole - n) % FOLDS])
    labels = np.tile(np.arange(whole) < n, (draws + 1, 1)).astype(np.float64)
    for k in range(FOLDS):  # drawn anew within folds, each of which keeps its share of both
        at = np.flatnonzero(fold == k)
        for i in range(1, draws + 1):
            labels[i, at] = labels[i, g.permutation(at)]
    scores = np.empty_like(labels)
    for k in range(FOLDS):
        own, test = np.flatnonzero(fold != k), np.flatnonzero(fold == k)
        inner = kernel[np.ix_(own, own)]
        means, mean = inner.mean(0), float(inner.mean())
        across = kernel[np.ix_(test, own)]
        across = across - across.mean(1, keepdims=True) - means + mean
        inner = inner - means - means[:, None] + mean
        scale = max(float(np.trace(inner)) / len(own), 1e-12)
        weights = np.linalg.solve(inner + RIDGE * scale * np.eye(len(own)), across.T)  # (own, test)
        y = labels[:, own] - labels[:, own].mean(1, keepdims=True)
        of = y @ weights
        scores[:, test] = of - of.mean(1, keepdims=True)  # folds are compared within themselves
    found = _areas(scores, labels > 0.5)
    value = float(found[0])
    half = Z90 * _deviation(value, n, whole - n)
    return Apart(value, max(0.0, value - half), min(1.0, value + half), _as_much(found))


def _areas(scores: Floats, first: npt.NDArray[np.bool_]) -> Floats:
    """(K,) areas under the curve, by ranks."""
    order = np.argsort(scores, axis=1, kind="stable")
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(scores.shape[1])[None] + 1, 1)
    n = first.sum(1)
    m = scores.shape[1] - n
    return np.asarray(((ranks * first).sum(1) - n * (n + 1) / 2) / (n * m))


def _deviation(area: float, n: int, m: int) -> float:
    """Of an area under a curve (J. Hanley and B. McNeil 1982, Radiology 143:29, eq. 1)."""
    a = max(area, 1.0 - area)
    q1, q2 = a / (2.0 - a), 2.0 * a * a / (1.0 + a)
    return math.sqrt(max(0.0, a * (1 - a) + (n - 1) * (q1 - a * a) + (m - 1) * (q2 - a * a)) / (n * m))


def _as_much(found: Floats) -> float:
    """The share of drawn figures at least as large as the first, the first among them."""
    return float((found >= found[0] - 1e-12).mean())
