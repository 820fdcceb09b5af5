"""Conformal p-values: how unusual a value is beside held-out ones (Bates et al. 2021, arXiv 2104.08279, eq.
3)."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from etude.stats.figure import Z90, Figure, wilson


def p_values(scores: npt.ArrayLike, usual: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """(...) for each score (1 + how many of `usual` (n,) are at least as large) / (n + 1); the smallest is
    1 / (n + 1)."""
    ordered = np.sort(np.asarray(usual))
    above = len(ordered) - np.searchsorted(ordered, np.asarray(scores), side="left")
    out: npt.NDArray[np.float64] = (1 + above) / (len(ordered) + 1)
    return out


def p_value(score: float, usual: npt.ArrayLike) -> float:
    """The same for one score."""
    return float(p_values(score, usual))


def p_each(scores: npt.NDArray[np.floating], usual: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """(...) for scores (...) that each have `usual` values (n, ...) of their own: places of a picture."""
    out: npt.NDArray[np.float64] = (1 + (usual >= scores).sum(0)) / (len(usual) + 1)
    return out


def by_chance(alpha: float, held_out: int) -> float:
    """How often a case as ordinary as `held_out` ones has a p-value of at most alpha: p-values are
    fractions."""
    return math.floor(alpha * (held_out + 1) + 1e-9) / (held_out + 1)


def as_many(flagged: int, n: int, held_out: int, alpha: float) -> float:
    """The probability that at least so many of n cases have a p-value of at most alpha, where they are as
    ordinary as the held-out ones.

    Exact: of all orders of both together each is as likely, so that how many cases stand above the m-th
    largest held-out value follows the negative hypergeometric law. A binomial one would forget that the
    threshold is itself drawn."""
    m = math.floor(alpha * (held_out + 1) + 1e-9)
    if m < 1:
        return 1.0  # nothing can be flagged

    def ways(of: int, k: int) -> float:
        return math.lgamma(of + 1) - math.lgamma(k + 1) - math.lgamma(of - k + 1)

    whole = ways(n + held_out, held_out)
    rest = held_out - m
    return min(
        1.0,
        sum(
            math.exp(ways(j + m - 1, m - 1) + ways(n - j + rest, rest) - whole) for j in range(flagged, n + 1)
        ),
    )


def flagged(
    scores: npt.ArrayLike, usual: npt.ArrayLike, alpha: float, g: np.random.Generator, draws: int
) -> Figure:
    """The share of scores whose p-value is at most alpha, with a 90 % interval: Wilson's for the scores, and
    as wide as draws of the held-out values say."""
    own, held = np.asarray(scores), np.asarray(usual)
    share = float((p_values(own, held) <= alpha).mean())
    drawn = [float((p_values(own, g.choice(held, len(held))) <= alpha).mean()) for _ in range(draws)]
    middle, of_scores = wilson(share, len(own))
    half = math.hypot(of_scores, Z90 * float(np.std(drawn)))
    return Figure(share, max(0.0, middle - half), min(1.0, middle + half), len(own), "share of takes")
