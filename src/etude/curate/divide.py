"""Cutting a long work into contiguous parts: small blocks for measuring, at places drawn by chance, the rest
for learning.

Knows nothing of works: a length, the places where it may be cut, and the shares wanted.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from etude.config.curate import SPLIT

_TRIES = 32


def may_divide(size: int, shares: Sequence[float], min_part: int) -> bool:
    """Whether blocks of these shares, or of `min_part` units where that is more, leave enough of the work to
    learn from."""
    return all(_wanted(size, share, min_part) <= SPLIT.largest_block * size for share in shares)


def divide(
    size: int, cuts: Sequence[int], shares: Sequence[float], min_part: int, draw: np.random.Generator
) -> list[tuple[int, int]] | None:
    """One block (start, end) a share, side by side, cut only at `cuts` (ascending, within 0..size).

    The blocks are laid where chance says, since the end of a novel is not like its middle; next to each
    other, since every border lets a sentence leak. None when the cuts are too far apart for blocks of about
    the size wanted.
    """
    edges = sorted({0, size, *cuts})
    lengths = [_wanted(size, share, min_part) for share in shares]
    free = size - sum(lengths)
    if free <= 0:
        return None
    for _ in range(_TRIES):
        at = int(draw.integers(0, free + 1))
        points = [_nearest(edges, at)]
        for length in lengths:
            points.append(_nearest(edges, points[-1] + length))
        blocks = list(pairwise(points))
        if all(min_part <= end - start <= SPLIT.largest_block * size for start, end in blocks):
            return blocks
    return None


def _wanted(size: int, share: float, min_part: int) -> int:
    return max(min_part, round(share * size))


def _nearest(edges: Sequence[int], at: int) -> int:
    place = bisect_left(edges, at)
    near = edges[max(0, place - 1) : place + 1]
    return min(near, key=lambda edge: abs(edge - at))
