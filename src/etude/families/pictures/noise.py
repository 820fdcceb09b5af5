"""Noise by name: every picture starts from its own."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor


def noise(g: np.random.Generator, shape: tuple[int, ...]) -> Tensor:
    """Standard normal numbers."""
    return torch.from_numpy(g.standard_normal(shape, dtype=np.float32))


def shrunk(x: Tensor, side: int) -> Tensor:
    """(..., C, side, side) by means of blocks; as it is where it has that side."""
    if x.shape[-1] == side:
        return x
    small: Tensor = F.avg_pool2d(x.flatten(0, -4), x.shape[-1] // side)
    return small.view(*x.shape[:-2], side, side)
