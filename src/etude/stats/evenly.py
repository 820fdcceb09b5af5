"""Even picks from a longer row."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def spread(n: int, most: int) -> npt.NDArray[np.int64]:
    """At most so many of 0..n-1, evenly."""
    return np.unique(np.linspace(0, n - 1, min(n, most)).astype(np.int64)) if n else np.zeros(0, np.int64)
