"""Conformal p-values: how unusual a value is beside held-out ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt


def p_values(scores: npt.ArrayLike, usual: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """(M,) for each score (1 + how many of the usual are at least as large) / (n + 1); the smallest is 1 / (n
    + 1)."""
    ordered = np.sort(np.asarray(usual))
    out: npt.NDArray[np.float64] = (
        1 + len(ordered) - np.searchsorted(ordered, np.asarray(scores), side="left")
    ) / (len(ordered) + 1)
    return out


Array = npt.NDArray[Any]


def conformal_p(score: float, held_out: Sequence[float] | Array) -> float:
    """(1 + #held-out scores >= score) / (n + 1): Bates et al. 2021, eq. 3; the smallest value is 1 / (n +
    1)."""
    return float((1 + np.sum(np.asarray(held_out) >= score)) / (len(held_out) + 1))
