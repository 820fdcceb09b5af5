"""How well a plain classifier tells tunes that were made from works: the area under its ROC curve, 0.5 where it
cannot, 1 where it always can.

Logistic regression on hashed runs of one to four notes, each as its degree and its duration, five-fold by
tune. It shares nothing with Etude's critic.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from etude.media.music import key
from etude.media.music.coherence import notes_of
from etude.media.music.score import Score, Track

SLOTS, LONGEST = 1 << 12, 4
FOLDS, STEPS, RATE, DECAY = 5, 400, 2.0, 1e-3
Float = npt.NDArray[np.float64]


def features(scores: Sequence[Score]) -> Float:
    """(N, SLOTS) square roots of the counts of hashed runs, each row of length 1."""
    out = np.zeros((len(scores), SLOTS))
    for row, score in zip(out, scores, strict=True):
        notes = notes_of(score)
        found = key.estimated(Score((Track(tuple(notes)),)))
        tonic = found.tonic if found else 0
        said = [f"{(n.pitch - tonic) % 12},{n.duration}" for n in notes]
        for n in range(1, LONGEST + 1):
            for i in range(len(said) - n + 1):
                row[zlib.crc32(" ".join(said[i : i + n]).encode()) % SLOTS] += 1
        np.sqrt(row, out=row)
        row /= max(1e-9, float(np.linalg.norm(row)))
    return out


def auc(made: Sequence[Score], works: Sequence[Score], seed: int = 0) -> float:
    """Five-fold, as many of each kind."""
    n = min(len(made), len(works))
    x = np.vstack([features(made[:n]), features(works[:n])])
    y = np.repeat([1.0, 0.0], n)
    fold = np.tile(np.random.default_rng(seed).permutation(n) % FOLDS, 2)
    score = np.zeros(2 * n)
    for k in range(FOLDS):
        learn, held = fold != k, fold == k
        w, b = _fitted(x[learn], y[learn])
        score[held] = x[held] @ w + b
    rank = score.argsort().argsort() + 1
    return float((rank[y == 1].sum() - n * (n + 1) / 2) / n**2)


def _fitted(x: Float, y: Float) -> tuple[Float, float]:
    mean = x.mean(0)
    w, b = np.zeros(x.shape[1]), 0.0
    for _ in range(STEPS):
        p = 1.0 / (1.0 + np.exp(-((x - mean) @ w * SCALE + b)))
        w -= RATE * (SCALE * (x - mean).T @ (p - y) / len(y) + DECAY * w)
        b -= RATE * float((p - y).mean())
    return w * SCALE, b - float(mean @ w) * SCALE


SCALE = 10.0  # rows have length 1: without it regression would be slow
