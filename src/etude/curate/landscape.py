"""A collection laid out on a plane, what is alike side by side, and its regions: how many works each holds,
and whether they stand alone there.

Neighbours by cosine; the plane by attracting neighbours and repelling random others from the first two
principal components (the scheme of UMAP, McInnes et al. 2018, arXiv 1802.03426, in its plainest form, with a
fixed order and no randomness but `rng`). Regions are k-means in the first principal components, and whether
one is thin is measured among the features, not on the plane, which bends distances. Knows no media.

Letters: N points, D features, P principal components, K neighbours, R regions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from etude import rng
from etude.config.curate import CURATE

Float = npt.NDArray[np.float32]
Int = npt.NDArray[np.int64]
_COMPONENTS, _BLOCK, _REPELLED = 16, 1024, 4


@dataclass(frozen=True)
class Landscape:
    """`at` (N, 2) on the plane, 0..1; `region` (N,) by number; `alone` (N,) the distance to the neighbours,
    1 where it is the usual one; `centre` (R,) the point nearest to the middle of each region."""

    at: Float
    region: Int
    alone: Float
    centre: Int

    @property
    def regions(self) -> int:
        """R."""
        return len(self.centre)


def landscape(features: Float, seed: int = 0) -> Landscape:
    """The plane and the regions of features (N, D), L2-normalised. Of fewer than three points all lie in one
    region."""
    n = len(features)
    if n < 3:
        at = np.full((n, 2), 0.5, np.float32)
        at[:, 0] = np.linspace(0.3, 0.7, n) if n else 0
        return Landscape(at, np.zeros(n, np.int64), np.ones(n, np.float32), np.zeros(min(n, 1), np.int64))
    parts = _principal(features)
    near, distance = neighbours(features, min(CURATE.neighbours, n - 1))
    usual = float(np.median(distance.mean(1))) or 1.0
    region, centre = _regions(parts, seed)
    return Landscape(
        _plane(parts[:, :2], near, seed), region, (distance.mean(1) / usual).astype(np.float32), centre
    )


def _principal(features: Float) -> Float:
    """(N, P) the first principal components."""
    x = features - features.mean(0)
    if x.shape[0] > x.shape[1]:
        values, vectors = np.linalg.eigh((x.T @ x).astype(np.float64))
        keep = np.argsort(values)[::-1][:_COMPONENTS]
        parts = x @ vectors[:, keep]
    else:
        values, vectors = np.linalg.eigh((x @ x.T).astype(np.float64))
        keep = np.argsort(values)[::-1][:_COMPONENTS]
        parts = vectors[:, keep] * np.sqrt(np.maximum(values[keep], 0))
    signs = np.sign(parts[np.abs(parts).argmax(0), np.arange(parts.shape[1])])  # a library may turn them
    return np.asarray(parts * np.where(signs == 0, 1, signs), np.float32)


def neighbours(features: Float, k: int) -> tuple[Int, Float]:
    """(N, K) the nearest others of each point, and their cosine distances."""
    n = len(features)
    near, distance = np.zeros((n, k), np.int64), np.zeros((n, k), np.float32)
    for start in range(0, n, _BLOCK):
        like = features[start : start + _BLOCK] @ features.T
        like[np.arange(len(like)), np.arange(start, start + len(like))] = -np.inf
        some = np.argpartition(-like, k - 1, axis=1)[:, :k]
        values = np.take_along_axis(like, some, 1)
        order = np.argsort(-values, axis=1, kind="stable")
        near[start : start + _BLOCK] = np.take_along_axis(some, order, 1)
        distance[start : start + _BLOCK] = 1 - np.take_along_axis(values, order, 1)
    return near, np.maximum(distance, 0)


def _plane(parts: Float, near: Int, seed: int) -> Float:
    """(N, 2) within 0..1."""
    n, k = near.shape
    at = (parts / (parts.std(0) + 1e-9) * 3).astype(np.float32)
    g = rng.for_(seed, "landscape", n)
    at += g.standard_normal(at.shape).astype(np.float32) * 0.05
    a, b = np.repeat(np.arange(n), k), near.reshape(-1)
    for i in range(CURATE.rounds):
        rate = 0.6 * (1 - i / CURATE.rounds)
        delta = at[a] - at[b]
        square = (delta**2).sum(1, keepdims=True)
        pull = np.clip(-delta / (1 + square), -1, 1)
        move = _summed(a, pull, n) - _summed(b, pull, n)
        c = g.integers(0, n, n * _REPELLED)
        d = np.repeat(np.arange(n), _REPELLED)
        delta = at[d] - at[c]
        square = (delta**2).sum(1, keepdims=True)
        push = np.clip(delta / ((0.1 + square) * (1 + square)), -1, 1)
        move += _summed(d, push, n) * (k / _REPELLED) * 0.6
        at += rate * np.clip(move / k, -1, 1).astype(np.float32) * 2
    low, high = np.percentile(at, 1, axis=0), np.percentile(at, 99, axis=0)
    placed = np.clip((at - low) / np.maximum(high - low, 1e-6), -0.02, 1.02)
    return np.asarray(placed, np.float32)


def _summed(index: Int, rows: npt.NDArray[np.floating], n: int) -> npt.NDArray[np.float64]:
    return np.stack([np.bincount(index, rows[:, i], n) for i in range(2)], 1)


def _regions(parts: Float, seed: int) -> tuple[Int, Int]:
    """k-means from far-apart beginnings (k-means++, Arthur and Vassilvitskii 2007); empty ones vanish."""
    n = len(parts)
    count = int(np.clip(round(np.sqrt(n / 2)), 2, CURATE.regions))
    g = rng.for_(seed, "regions", n)
    middles = [parts[int(g.integers(n))]]
    for _ in range(count - 1):
        far = np.min([((parts - m) ** 2).sum(1) for m in middles], axis=0).astype(np.float64)
        middles.append(parts[int(g.choice(n, p=far / far.sum()))] if far.sum() > 0 else parts[0])
    centres = np.stack(middles)
    which = np.zeros(n, np.int64)
    for _ in range(30):
        distance = ((parts[:, None] - centres[None]) ** 2).sum(2)
        new = distance.argmin(1)
        if (new == which).all() and _:
            break
        which = new
        for r in range(count):
            if (which == r).any():
                centres[r] = parts[which == r].mean(0)
    kept = [r for r in range(count) if (which == r).any()]
    kept.sort(key=lambda r: -int((which == r).sum()))
    number = {r: i for i, r in enumerate(kept)}
    distance = ((parts[:, None] - centres[None]) ** 2).sum(2)
    centre = [int(np.where(which == r, distance[:, r], np.inf).argmin()) for r in kept]
    return np.array([number[int(r)] for r in which], np.int64), np.array(centre, np.int64)
