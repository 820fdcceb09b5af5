"""How well a plain classifier tells two sets of examples apart that it has not seen: the area under its
curve.

Logistic regression on hashed n-grams, fitted in the space of the examples (a linear kernel, Newton steps) and
judged on folds that it did not learn from. 0.5: it cannot tell them apart; 1: always. It shares nothing with
any generator or critic.

Letters: N examples, D hashed features.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from etude import rng

Floats = npt.NDArray[np.float64]
BUCKETS, FOLDS, DECAY, STEPS = 1 << 14, 5, 1.0, 12


def hashed(grams: Iterable[str]) -> Floats:
    """(D,) square roots of how often each gram comes, hashed; length 1."""
    out = np.zeros(BUCKETS)
    for gram in grams:
        out[zlib.crc32(gram.encode("utf-8", "replace")) % BUCKETS] += 1.0
    roots = np.sqrt(out)
    return np.asarray(roots / max(float(np.linalg.norm(roots)), 1e-12))


def auc(of: Floats, against: Floats) -> float:
    """How often one of `of` (N,) stands above one of `against` (M,); ties count half."""
    wins = (of[:, None] > against[None]).mean() + 0.5 * (of[:, None] == against[None]).mean()
    return float(wins)


def told_apart(a: Sequence[Floats], b: Sequence[Floats], seed: int = 0) -> float:
    """The AUC of a classifier of features a (N, D) against b (M, D), on examples that it has not learned
    from. NaN where either has fewer than FOLDS."""
    if min(len(a), len(b)) < FOLDS:
        return float("nan")
    x = np.stack([*a, *b])
    kernel = x @ x.T
    y = np.array([1.0] * len(a) + [0.0] * len(b))
    parts = [rng.for_(seed, "folds", i).permutation(n) % FOLDS for i, n in enumerate((len(a), len(b)))]
    fold, scores = np.concatenate(parts), np.zeros(len(y))
    for k in range(FOLDS):
        own, test = np.flatnonzero(fold != k), np.flatnonzero(fold == k)
        scores[test] = _fitted(kernel[np.ix_(own, own)], y[own], kernel[np.ix_(test, own)])
        scores[test] -= scores[test].mean()  # folds are compared within themselves
    return auc(scores[y == 1.0], scores[y == 0.0])


def folds(n: int, seed: int) -> npt.NDArray[np.int64]:
    """(n,) the fold of each of n examples."""
    return np.asarray(rng.for_(seed, "folds", n).permutation(n) % FOLDS)


def logits(x: Floats, y: Floats, test: Floats) -> Floats:
    """(M,) how sure a regression with labels y (N,) of examples x (N, D) is of each of test (M, D)."""
    return _fitted(x @ x.T, y, test @ x.T)


def _fitted(kernel: Floats, y: Floats, test: Floats) -> Floats:
    """The logits of test examples by a regression with labels (N,), from their products with the examples
    (M, N) and of these with each other (N, N)."""
    means, mean = kernel.mean(0), float(kernel.mean())
    test = test - test.mean(1, keepdims=True) - means + mean  # as if the mean example were taken out
    kernel = kernel - means - means[:, None] + mean
    scale = max(float(np.trace(kernel)) / len(y), 1e-12)
    kernel, bias = kernel / scale, 0.0
    beta: Floats = np.zeros(len(y))
    for _ in range(STEPS):  # iterated least squares
        z = kernel @ beta + bias
        p = 1.0 / (1.0 + np.exp(-np.clip(z, -30, 30)))
        w = np.maximum(p * (1.0 - p), 1e-4)
        target = z + (y - p) / w
        bias = float(np.average(target - kernel @ beta, weights=w))
        beta = np.asarray(np.linalg.solve(kernel + DECAY * np.diag(1.0 / w), target - bias), np.float64)
    return np.asarray(test / scale @ beta + bias)
