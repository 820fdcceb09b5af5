"""Even picks from a longer row: the one rule for whatever is sampled to be looked at, measured or shown."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def evenly(n: int, most: int) -> npt.NDArray[np.int64]:
    """At most `most` of 0..n-1, evenly, the first and the last among them; ascending, each once."""
    return np.unique(np.linspace(0, n - 1, min(n, most)).astype(np.int64)) if n else np.zeros(0, np.int64)
