"""Weights as bfloat16: the upper half of a float32's bits, rounded to nearest; half the bytes on disk and in
memory traffic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:  # takes are made without PyTorch, which takes a second to import
    from torch import Tensor

_TINY = 1e-20  # smaller values become 0: they change nothing, and are slow to multiply


def narrow(x: npt.NDArray[np.float32]) -> npt.NDArray[np.uint16]:
    """Round to nearest, ties to even, and keep the upper half of the bits."""
    u = np.ascontiguousarray(x, np.float32).view(np.uint32)
    return ((u + 0x7FFF + ((u >> 16) & 1)) >> 16).astype(np.uint16)


def widen(x: npt.NDArray[np.uint16]) -> npt.NDArray[np.float32]:
    """bfloat16 bits back to float32."""
    return (x.astype(np.uint32) << 16).view(np.float32)


def rounded(state: Mapping[str, Tensor]) -> dict[str, npt.NDArray[np.float32]]:
    """A state dict as float32 arrays of their own, matrices rounded to what bfloat16 holds."""
    out = {}
    for k, v in state.items():
        x = v.detach().cpu().numpy().astype(np.float32)
        if x.ndim == 2:
            x = widen(narrow(np.where(np.abs(x) < _TINY, 0.0, x).astype(np.float32)))
        out[k] = x
    return out
