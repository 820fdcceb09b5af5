"""Is a model drawn to the very works that it learned from? Tests of nearness find copies and are blind to
blends of two works; this one is not.

Takes have most in common with some works. If which works were learned from and which were held out played no
part, the shares of both would be those of labels that are drawn anew: whole works change places, and in works
that are divided between the two the held-out stretch moves along the work. Exact where works are exchangeable
(E. Pitman 1937). What takes have in common with a work is a Gaussian kernel a tenth as wide as the median
squared distance. Knows no model and no medium.

Letters: N takes, P passages of works."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from etude import rng
from etude.audit.report import Row, percent
from etude.config.audit import AUDIT
from etude.stats.figure import Z90, Figure

Floats = npt.NDArray[np.float64]
LEVEL = 0.05
NARROW = 0.1  # of the median squared distance


@dataclass(frozen=True)
class Pool:
    """Features (P, D) of passages, in the order in which they stand in their `works`, and which of them were
    learned from (P,)."""

    features: Floats
    learned: npt.NDArray[np.bool_]
    works: Sequence[str]


def drawn_to(takes: Floats, pool: Pool, *, seed: int) -> tuple[Floats, Floats] | None:
    """(N,) the share of what each take (N, D) has in common with passages that falls to those learned from,
    and its mean for labels drawn anew (K,). None where hardly any other labels are possible."""
    far = np.maximum(
        0.0,
        (takes * takes).sum(1)[:, None] + (pool.features**2).sum(1)[None] - 2.0 * takes @ pool.features.T,
    )
    close = np.exp(-(far - far.min(1, keepdims=True)) / max(NARROW * float(np.median(far)), 1e-12))
    shares = close / close.sum(1, keepdims=True)  # (N, P)
    weight = shares.mean(0)
    whole, divided = _clusters(pool)
    held = sum(not pool.learned[at[0]] for at in whole)
    if min(held, len(whole) - held) < AUDIT.exchanged and len(divided) < AUDIT.exchanged:
        return None
    g = rng.for_(seed, "audit-blends")
    masses = np.array([weight[at].sum() for at in whole])
    labels = np.array([pool.learned[at[0]] for at in whole])
    found = np.zeros(AUDIT.relabelled)
    for k in range(AUDIT.relabelled):
        if len(whole):
            found[k] += float(masses[g.permutation(labels)].sum())
        for at in divided:
            found[k] += float(weight[at] @ np.roll(pool.learned[at], int(g.integers(len(at)))))
    return np.asarray(shares[:, pool.learned].sum(1)), found


def _clusters(pool: Pool) -> tuple[list[npt.NDArray[np.int64]], list[npt.NDArray[np.int64]]]:
    """The passages of each work that is all learned or all held out, and of each that is divided."""
    known: dict[str, list[int]] = {}
    for i, work in enumerate(pool.works):
        known.setdefault(work, []).append(i)
    every = [np.array(at, np.int64) for at in known.values()]
    divided = [at for at in every if 0 < pool.learned[at].sum() < len(at)]
    return [at for at in every if pool.learned[at].all() or not pool.learned[at].any()], divided


def row(takes: Floats, pool: Pool, *, seed: int) -> Row:
    """The finding."""
    name = "Drawn to its own works"
    if len(takes) < AUDIT.least_takes:
        said = f"Only {len(takes)} takes could be made in the time; {AUDIT.least_takes} are needed."
        return Row(name, "unknown", f"{said} Give --seconds more.")
    found = drawn_to(takes, pool, seed=seed)
    if found is None:
        held = len({work for work, own in zip(pool.works, pool.learned, strict=True) if not own})
        return Row(
            name,
            "unknown",
            f"Not enough works: {held} are held out or divided, and {AUDIT.exchanged} are needed before "
            "works can change places.",
        )
    shares, drawn = found
    value, half = float(shares.mean()), Z90 * float(shares.std()) / len(shares) ** 0.5
    middle, low, high = (float(q) for q in np.quantile(drawn, [0.5, 0.05, 0.95]))
    p = float((np.append(drawn, value) >= value - 1e-12).mean())
    said = (
        f"{percent(value)} of what takes have in common with works falls to works that it learned from; if "
        f"it had learned from others of them, it would be {percent(middle)} ({percent(low)} to "
        f"{percent(high)})."
    )
    over = p <= LEVEL
    if over:
        said += " Takes are made of the very works that it learned from: as copies, or as blends of several."
    figure = Figure(value, max(0.0, value - half), min(1.0, value + half), len(takes), "of what is in common")
    floor = Figure(middle, low, high, len(drawn), "draws of works in one another's place")
    return Row(name, "concern" if over else "good", said, figure, floor, "works changing places")
