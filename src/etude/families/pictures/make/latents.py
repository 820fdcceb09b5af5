"""Walks through noise: turned, along a line, along a sphere."""

from __future__ import annotations

import math
from collections.abc import Sequence

from torch import Tensor


def _turned(a: Tensor, b: Tensor, angle: float) -> Tensor:
    """a turned towards independent noise b: of variance 1 where both are."""
    return math.cos(angle) * a + math.sin(angle) * b


def _along(stops: Sequence[Tensor], s: float) -> Tensor:
    """So many stops, 0 to one less than there are, on the way from the first to the last of them."""
    k = min(int(s), len(stops) - 2)
    return _slerp(stops[k], stops[k + 1], s - k)


def _slerp(a: Tensor, b: Tensor, share: float) -> Tensor:
    """Round the sphere from a to b, lengths going from one to the other (Shoemake 1985)."""
    la, lb = a.norm(), b.norm()
    cos = float((a * b).sum() / (la * lb).clamp_min(1e-9))
    angle = math.acos(max(-1.0, min(1.0, cos)))
    if angle < 1e-4:
        return a + share * (b - a)
    unit: Tensor = (math.sin((1 - share) * angle) * a / la + math.sin(share * angle) * b / lb) / math.sin(
        angle
    )
    length: Tensor = (1 - share) * la + share * lb
    return unit * length
