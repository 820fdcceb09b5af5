"""What a generator lends to attribution by gradients: what contents cost its network alone, and how each
would move it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from etude.media.contract import Content


class Influence(Protocol):
    """Of a learned network, whatever else the model has beside it (a memory, a critic)."""

    def costs(self, contents: Sequence[Content]) -> npt.NDArray[np.float64]:
        """(N,) the loss of each content a unit, the same for the same contents: noise comes by name."""

    def gradients(self, contents: Sequence[Content]) -> npt.NDArray[np.float64]:
        """(N, P) random projections of the gradient of each one's loss, of one scale for all, P the same for
        every call."""
