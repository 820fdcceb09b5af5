"""Matches: the last place in the memory after the same symbols as those just read, and how many symbols
agree.

The last place after each run of SHORT and of LONG symbols is kept in two hashed tables; a match is followed
symbol by symbol for as long as it holds, and a better one is searched for where it is short. As in lpaq
(Mahoney 2007). Knows no works.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from etude.families.sequence.compiling import njit
from etude.families.sequence.counts import mix64

SHORT, LONG = 6, 16  # symbols that must agree before a match is followed; the longer run is preferred
MOST = 400  # symbols compared at most: longer matches are all alike to the gate


@njit
def run_hash(hist: Any, h: int, n: int) -> Any:
    """A hash of the n symbols before place h."""
    x = np.uint64(n)
    for i in range(n):
        x = mix64(x, np.uint64(hist[h - 1 - i]) + np.uint64(1))
    return x ^ (x >> np.uint64(32))


@njit
def index_run(c: Any, h: int) -> None:
    """Remember place h as the last one after the runs that end before it."""
    n = h - c.meta[3]
    if n >= SHORT:
        c.short[run_hash(c.hist, h, SHORT) & np.uint64(c.short.shape[0] - 1)] = h
    if n >= LONG:
        c.long[run_hash(c.hist, h, LONG) & np.uint64(c.long.shape[0] - 1)] = h


@njit
def agree(c: Any, p: Any, hist: Any, h: int, start: int) -> int:
    """How many symbols before place p of the memory equal those before place h of the history."""
    n = 0
    while n < MOST and p - 1 - n >= 1 and h - 1 - n >= start and c.hist[p - 1 - n] == hist[h - 1 - n]:
        n += 1
    return n


@njit
def follow(c: Any, place: Any, length: int, hist: Any, h: int, start: int, last: int) -> tuple[int, int]:
    """The match after one more symbol: (place in the memory, symbols that agree); (0, 0) where none is long
    enough.

    `last` is the place up to which the memory may be used (a growing memory must not match itself).
    """
    if place > 0 and c.hist[place] == hist[h - 1]:
        place += 1
        length = min(length + 1, MOST)
    else:
        place = 0
        length = 0
    if length < LONG:
        n = h - start
        if n >= LONG:
            p = np.int64(c.long[run_hash(hist, h, LONG) & np.uint64(c.long.shape[0] - 1)])
            if 0 < p < last:
                m = agree(c, p, hist, h, start)
                if m > length and m >= SHORT:
                    place, length = p, m
        if length < SHORT and n >= SHORT:
            p = np.int64(c.short[run_hash(hist, h, SHORT) & np.uint64(c.short.shape[0] - 1)])
            if 0 < p < last:
                m = agree(c, p, hist, h, start)
                if m > length and m >= SHORT:
                    place, length = p, m
    return place, length
