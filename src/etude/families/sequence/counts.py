"""Counts of what followed each context, in flat arrays for compiled code.

A context is a run of symbols (and side inputs) as one of the codec's views sees it; it is kept as a 64-bit
key in an open-addressed table, which is exact except where two contexts have the same key. The views are
those of n-gram and PPM models (Cleary & Witten 1984). Knows no works and no tokens: symbols come in one by
one.

Letters: K views, H symbols of history.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from etude.families.sequence.compiling import njit
from etude.media.contract import View

GAP = 65535  # a symbol that never occurs: stands between works, so that no match runs from one into the next


class Counts(NamedTuple):
    """One memory as flat arrays (compiled code takes it whole).

    `slots` (cap, 8) int32, an open-addressed table over hashed contexts, half a cache line each: the key's
    two halves (0: free), total count, distinct symbols, largest count, its symbol, first entry. `entries` (n,
    3) int32: symbol, count, next entry (-1: none). `hist` (H,) the symbols of all works, `ends` (H,) 1 where
    a token began at this symbol; `short`, `long` the last place after each hashed run of matches.SHORT /
    matches.LONG symbols; `meta`: contexts, entries, history, start of the present work.
    """

    slots: npt.NDArray[np.int32]
    entries: npt.NDArray[np.int32]
    hist: npt.NDArray[np.uint16]
    ends: npt.NDArray[np.uint8]
    short: npt.NDArray[np.int32]
    long: npt.NDArray[np.int32]
    meta: npt.NDArray[np.int64]


FP, LOW, TOTAL, TYPES, BEST, BEST_SYM, HEAD, _ = range(8)  # columns of `slots`
SYM, CNT, NEXT = range(3)  # columns of `entries`


class Views(NamedTuple):
    """The views as arrays: distances back (K, max) padded with 0, side columns (K, max) padded with -1, and
    nested (K,): how many distances a view shares with the view before it, where it only adds to them (0:
    starts anew)."""

    back: npt.NDArray[np.int32]
    side: npt.NDArray[np.int32]
    nested: npt.NDArray[np.int32]


def views_array(views: Sequence[View]) -> Views:
    """The codec's views in the form compiled code reads."""
    nb = max(len(v.back) for v in views)
    ns = max(1, max(len(v.side) for v in views))
    back = np.zeros((len(views), nb), np.int32)
    side = np.full((len(views), ns), -1, np.int32)
    nested = np.zeros(len(views), np.int32)
    for i, v in enumerate(views):
        back[i, : len(v.back)] = v.back
        side[i, : len(v.side)] = v.side
        if i and v.back[: len(views[i - 1].back)] == views[i - 1].back:
            nested[i] = len(views[i - 1].back)
    return Views(back, side, nested)


def empty(slots: int, entries: int, symbols: int) -> Counts:
    """A memory with room for about `slots` contexts, `entries` (context, symbol) pairs and `symbols` of
    history."""
    m = 1 << max(8, int(symbols).bit_length())
    return Counts(
        np.zeros((1 << max(6, int(slots * 1.5).bit_length()), 8), np.int32),
        np.zeros((max(entries, 64), 3), np.int32),
        np.full(symbols + 8, GAP, np.uint16),
        np.zeros(symbols + 8, np.uint8),
        np.zeros(m, np.int32),
        np.zeros(m, np.int32),
        np.array([0, 0, 1, 1], np.int64),  # history starts at 1, so that place 0 means "none"
    )


@njit
def mix64(x: Any, v: Any) -> Any:
    """The hash x combined with v."""
    x = (x ^ np.uint64(v)) * np.uint64(0x9E3779B97F4A7C15)
    return x ^ (x >> np.uint64(29))


@njit
def context_keys(hist: Any, h: int, start: int, depth: int, side: Any, views: Any, out: Any) -> None:
    """The 64-bit key of every view at history length h, `depth` symbols into the present token, into out
    (K,)."""
    raw = np.uint64(0x243F6A8885A308D3)
    for k in range(views.back.shape[0]):
        i0 = 0
        if views.nested[k] > 0:  # the previous view and one symbol more
            i0 = views.nested[k]
        else:
            raw = np.uint64(0x243F6A8885A308D3)
        for i in range(i0, views.back.shape[1]):
            o = views.back[k, i]
            if o == 0:
                break
            s = np.uint64(0)
            if h - o >= start:
                s = np.uint64(hist[h - o]) + np.uint64(1)
            raw = mix64(raw, s)
        x = mix64(raw, np.uint64(k * 16 + min(depth, 15)))
        for i in range(views.side.shape[1]):
            c = views.side[k, i]
            if c < 0:
                break
            x = mix64(x, np.uint64(side[c]) + np.uint64(7))
        # never 0 in the upper half, which marks a free slot
        out[k] = (x ^ (x >> np.uint64(32))) | np.uint64(1 << 32)


@njit
def find(c: Any, key: Any) -> Any:
    """The slot of a context, -1 where it never occurred."""
    mask = np.uint64(c.slots.shape[0] - 1)
    fp = np.int32(key >> np.uint64(32))
    low = np.int32(key & np.uint64(0x7FFFFFFF))
    i = key & mask
    while True:
        k = c.slots[i, FP]
        if k == fp and c.slots[i, LOW] == low:
            return np.int64(i)
        if k == 0:
            return -1
        i = (i + np.uint64(1)) & mask


@njit
def count(c: Any, slot: int, sym: int) -> Any:
    """How often `sym` followed the context in `slot`."""
    e = c.slots[slot, HEAD]
    while e >= 0:
        if c.entries[e, SYM] == sym:
            return np.int64(c.entries[e, CNT])
        e = c.entries[e, NEXT]
    return 0


@njit
def add(c: Any, key: Any, sym: int) -> None:
    """Count one occurrence of `sym` after the context."""
    mask = np.uint64(c.slots.shape[0] - 1)
    fp = np.int32(key >> np.uint64(32))
    low = np.int32(key & np.uint64(0x7FFFFFFF))
    i = key & mask
    while (c.slots[i, FP] != fp or c.slots[i, LOW] != low) and c.slots[i, FP] != 0:
        i = (i + np.uint64(1)) & mask
    row = c.slots[i]
    if row[FP] == 0:
        row[FP] = fp
        row[LOW] = low
        row[HEAD] = -1
        c.meta[0] += 1
    e = np.int64(row[HEAD])
    before = np.int64(-1)
    while e >= 0 and c.entries[e, SYM] != sym:
        before = e
        e = np.int64(c.entries[e, NEXT])
    if e < 0:
        e = c.meta[1]
        c.meta[1] += 1
        c.entries[e, SYM] = sym
        c.entries[e, CNT] = 0
        c.entries[e, NEXT] = row[HEAD]
        row[HEAD] = e
        row[TYPES] += 1
    elif before >= 0 and c.entries[e, CNT] >= c.entries[before, CNT]:
        # frequent symbols move forward: short walks
        c.entries[e, SYM], c.entries[before, SYM] = c.entries[before, SYM], c.entries[e, SYM]
        c.entries[e, CNT], c.entries[before, CNT] = c.entries[before, CNT], c.entries[e, CNT]
        e = before
    c.entries[e, CNT] += 1
    row[TOTAL] += 1
    if c.entries[e, CNT] > row[BEST]:
        row[BEST] = c.entries[e, CNT]
        row[BEST_SYM] = sym


@njit
def rehash(old: Any, new: Any) -> None:
    """Move every context of the table `old` into the larger, empty `new` (of at most 2**31 slots, which `LOW`
    can address)."""
    mask = np.uint64(new.shape[0] - 1)
    for j in range(old.shape[0]):
        if old[j, FP] != 0:
            i = np.uint64(old[j, LOW]) & mask
            while new[i, FP] != 0:
                i = (i + np.uint64(1)) & mask
            new[i] = old[j]
