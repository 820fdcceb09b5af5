"""Which works a piece is like, and whether it is more like them than an unseen work of the same kind would
be.

Similarity is the cosine of the medium's features between passages of about one size, since long and short
texts differ in their features by length alone. The p-value is conformal (Bates et al. 2021, arXiv 2104.08279,
eq. 3): held-out passages were never learned from, so their nearest similarities say what is ordinary, p = (1
+ #held-out as near or nearer) / (n + 1). A piece as ordinary as they are is flagged with probability <=
alpha. Passages of one held-out work are alike, so works are counted beside passages. It says nothing of
influence: a piece can be like a work that it owes nothing to. It knows no model.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from etude.config.trust import TRACE
from etude.errors import ProjectError
from etude.media.contract import Content, Medium
from etude.stats.conformal import by_chance, p_value
from etude.trace.record import Neighbour, Resembles

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Bank:
    """Features of passages: `works` their works, `spans` (n, 2) int64 units, `features` (n, D) float32 of
    unit length."""

    works: tuple[str, ...]
    spans: Array
    features: Array

    def to_arrays(self) -> dict[str, Array]:
        """Plain arrays for the store's cache."""
        return {
            "works": np.frombuffer("\n".join(self.works).encode(), dtype=np.uint8),
            "spans": self.spans,
            "features": self.features,
        }

    @staticmethod
    def from_arrays(arrays: Mapping[str, Array]) -> Bank:
        """The bank back from `to_arrays`. Raises ProjectError where they do not fit together."""
        works = (
            tuple(np.asarray(arrays["works"], dtype=np.uint8).tobytes().decode().split("\n"))
            if len(arrays["features"])
            else ()
        )
        if not len(works) == len(arrays["spans"]) == len(arrays["features"]):
            counts = f"{len(works)} works, {len(arrays['features'])} features"
            raise ProjectError(
                f"The cached features are damaged: {counts}.", "Rebuild them with: etude repair"
            )
        return Bank(works, np.asarray(arrays["spans"]), np.asarray(arrays["features"]))


def part_size(units: int) -> int:
    """The size of passages to compare a piece of this many units with: a power of two, so that few banks
    serve all pieces."""
    return max(TRACE.smallest_part, 1 << round(math.log2(max(units, 1))))


def passages(
    medium: Medium, content: Content, size: int, start: int = 0, end: int | None = None
) -> list[tuple[int, int]]:
    """Cut start..end at natural places into parts of about `size` units; a tail under half of it joins the
    last."""
    end = medium.size(content) if end is None else end
    cuts = np.array([b for b in medium.boundaries(content) if start < b < end], dtype=np.int64)
    out: list[tuple[int, int]] = []
    at = start
    while end - at > size * 1.5 and len(cuts):
        near = int(cuts[np.argmin(np.abs(cuts - (at + size)))])
        if near <= at:
            break
        out.append((at, near))
        at = near
    if end > at:
        if out and end - at < size / 2:
            out[-1] = (out[-1][0], end)
        else:
            out.append((at, end))
    return out


def bank(medium: Medium, parts: Iterable[tuple[str, Content, int, int]], size: int) -> Bank:
    """Features of the parts (work id, whole content, start, end), cut into passages of about `size` units."""
    works: list[str] = []
    spans: list[tuple[int, int]] = []
    rows: list[Array] = []
    for work, content, start, end in parts:
        for a, b in passages(medium, content, size, start, end):
            rows.append(medium.features(medium.cut(content, a, b)))
            works.append(work)
            spans.append((a, b))
    features = np.stack(rows).astype(np.float32) if rows else np.zeros((0, 1), np.float32)
    return Bank(tuple(works), np.array(spans, dtype=np.int64).reshape(-1, 2), features)


def ordinary(train: Bank, held_out: Bank) -> Array:
    """What is ordinary: the similarity of each held-out passage (thinned) to the training passage nearest to
    it. Shape (n,).

    Many times the work of one piece's own comparison, and the same for all pieces: worth keeping.
    """
    held_out = _thinned(held_out)
    enough = len(held_out.features) >= TRACE.held_out_needed and len(train.features)
    return _nearest(held_out.features, train.features) if enough else np.zeros(0, np.float32)


def resembles(
    features: Array,
    size: int,
    train: Bank,
    held_out: Bank,
    *,
    usual: Array | None = None,
    alpha: float | None = None,
) -> Resembles:
    """The nearest works (one passage each) of a piece with these features (D,), and its conformal p-value.

    `usual`: what `ordinary` gave for these banks, where somebody has it. `p` is None with fewer than
    `held_out_needed` held-out passages. The places are filled in by `compose`.
    """
    alpha = TRACE.alpha if alpha is None else alpha
    held_out = _thinned(held_out)
    if not len(train.features):
        return Resembles(
            (),
            None,
            alpha,
            len(held_out.features),
            len(set(held_out.works)),
            TRACE.held_out_needed,
            False,
            size,
        )
    similarity = train.features @ np.asarray(features, dtype=np.float32)
    nearest: dict[str, Neighbour] = {}
    for i in np.argsort(-similarity, kind="stable"):
        work, (a, b) = train.works[i], train.spans[i]
        nearest.setdefault(work, Neighbour(work, int(a), int(b), "", round(float(similarity[i]), 6)))
        if len(nearest) == TRACE.neighbours:
            break
    p = None
    if len(held_out.features) >= TRACE.held_out_needed:
        p = p_value(float(similarity.max()), ordinary(train, held_out) if usual is None else usual)
    flagged = p is not None and p <= alpha
    count, works = len(held_out.features), len(set(held_out.works))
    return Resembles(tuple(nearest.values()), p, alpha, count, works, TRACE.held_out_needed, flagged, size)


def _thinned(held_out: Bank) -> Bank:
    """At most `held_out_most` held-out passages, evenly spaced, so that every work keeps its share of
    them."""
    n = len(held_out.features)
    if n <= TRACE.held_out_most:
        return held_out
    kept = np.arange(TRACE.held_out_most) * n // TRACE.held_out_most
    return Bank(
        tuple(held_out.works[i] for i in kept.tolist()), held_out.spans[kept], held_out.features[kept]
    )


def _nearest(rows: Array, train: Array, block: int = 256) -> Array:
    """For each row its greatest similarity to any training passage, in blocks so that memory stays small.
    Shape (n,)."""
    parts = [(rows[i : i + block] @ train.T).max(axis=1) for i in range(0, len(rows), block)]
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)


def flagged_of(pieces: Sequence[Resembles]) -> tuple[int, float]:
    """Of several pieces: how many are flagged, and how many that would be by chance (at most), for pieces
    with a p-value.

    A piece is flagged at p <= alpha, which chance reaches with probability floor(alpha (n + 1)) / (n + 1).
    """
    judged = [r for r in pieces if r.p is not None]
    chance = sum(by_chance(r.alpha, r.held_out) for r in judged)
    return sum(r.flagged for r in judged), float(chance)
