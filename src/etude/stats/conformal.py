"""Conformal p-values: how unusual a value is beside held-out ones (Bates et al. 2021, arXiv 2104.08279, eq. 3)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


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
