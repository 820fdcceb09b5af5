"""The memory: counts of what followed each context in the collection, and in the text being made.

A memory keeps, for every context of every view (the last one to six symbols; for music also the same voice further back, with
metre), how often each symbol followed, and for long contexts where the last equal passage stands (the match). Its distributions
are plain relative frequencies, so each occurrence in the collection owns an equal share of what its context predicts: that is what makes
`borrowed` exact. No smoothing is needed here; the gate (gate.py) weighs the views. The match is that of lpaq (Mahoney 2007), the
views are those of n-gram and PPM models (Cleary & Witten 1984). Knows nothing of the network, of files or of works' names.

Compiled with numba: the same loops in Python are 200 times slower, and a C compiler is not there on a writer's laptop.

Letters: K views, D decisions (steps down the tree of symbols), H symbols of history.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from etude.families.sequence.symbol_tree import Tree
from etude.media.contract import View

GAP = 65535  # a symbol that never occurs: stands between works, so that no match runs from one into the next
MATCH_SHORT, MATCH_LONG = (
    6,
    16,
)  # symbols that must agree before a match is followed; the longer one is preferred
MATCH_CAP = 400  # symbols compared at most: longer matches are all alike to the gate
_META = 4  # nodes, entries, history, start of the present work
njit = numba.njit(cache=True, nogil=True, error_model="numpy")


class Counts(NamedTuple):
    """One memory as flat arrays (compiled code takes it whole).

    `slots` (cap, 8) int32, an open-addressed table over hashed contexts, half a cache line each: the key's two halves (0: free), total
    count, distinct symbols, largest count, its symbol, first entry. `entries` (n, 3) int32: symbol, count, next entry (-1: none).
    `hist` (H,) the symbols of all works, `ends` (H,) 1 where a token began at this symbol; `short`, `long` the last place
    after each hashed run of MATCH_SHORT / MATCH_LONG symbols; `meta`: contexts, entries, history, start of the present work.
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
    """The views as arrays: distances back (K, max) padded with 0, side columns (K, max) padded with -1, and nested (K,):
    how many distances a view shares with the view before it, where it only adds to them (0: starts anew)."""

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
    """A memory with room for about `slots` contexts, `entries` (context, symbol) pairs and `symbols` of history."""
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
def _mix(x: Any, v: Any) -> Any:
    x = (x ^ np.uint64(v)) * np.uint64(0x9E3779B97F4A7C15)
    return x ^ (x >> np.uint64(29))


@njit
def context_keys(hist: Any, h: int, start: int, depth: int, side: Any, views: Any, out: Any) -> None:
    """The 64-bit key of every view at history length h, `depth` symbols into the present token, into out (K,)."""
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
            raw = _mix(raw, s)
        x = _mix(raw, np.uint64(k * 16 + min(depth, 15)))
        for i in range(views.side.shape[1]):
            c = views.side[k, i]
            if c < 0:
                break
            x = _mix(x, np.uint64(side[c]) + np.uint64(7))
        out[k] = (x ^ (x >> np.uint64(32))) | np.uint64(
            1 << 32
        )  # never 0 in the upper half, which marks a free slot


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
    elif (
        before >= 0 and c.entries[e, CNT] >= c.entries[before, CNT]
    ):  # frequent symbols move forward: short walks
        c.entries[e, SYM], c.entries[before, SYM] = c.entries[before, SYM], c.entries[e, SYM]
        c.entries[e, CNT], c.entries[before, CNT] = c.entries[before, CNT], c.entries[e, CNT]
        e = before
    c.entries[e, CNT] += 1
    row[TOTAL] += 1
    if c.entries[e, CNT] > row[BEST]:
        row[BEST] = c.entries[e, CNT]
        row[BEST_SYM] = sym


@njit
def run_hash(hist: Any, h: int, n: int) -> Any:
    """A hash of the n symbols before place h."""
    x = np.uint64(n)
    for i in range(n):
        x = _mix(x, np.uint64(hist[h - 1 - i]) + np.uint64(1))
    return x ^ (x >> np.uint64(32))


@njit
def index_run(c: Any, h: int) -> None:
    """Remember place h as the last one after the runs that end before it."""
    n = h - c.meta[3]
    if n >= MATCH_SHORT:
        c.short[run_hash(c.hist, h, MATCH_SHORT) & np.uint64(c.short.shape[0] - 1)] = h
    if n >= MATCH_LONG:
        c.long[run_hash(c.hist, h, MATCH_LONG) & np.uint64(c.long.shape[0] - 1)] = h


@njit
def agree(c: Any, p: Any, hist: Any, h: int, start: int) -> int:
    """How many symbols before place p of the memory equal those before place h of the history."""
    n = 0
    while n < MATCH_CAP and p - 1 - n >= 1 and h - 1 - n >= start and c.hist[p - 1 - n] == hist[h - 1 - n]:
        n += 1
    return n


@njit
def follow(c: Any, place: Any, length: int, hist: Any, h: int, start: int, last: int) -> tuple[int, int]:
    """The match after one more symbol: (place in the memory, symbols that agree); (0, 0) where none is long enough.

    `last` is the place up to which the memory may be used (a growing memory must not match itself).
    """
    if place > 0 and c.hist[place] == hist[h - 1]:
        place += 1
        length = min(length + 1, MATCH_CAP)
    else:
        place = 0
        length = 0
    if length < MATCH_LONG:
        n = h - start
        if n >= MATCH_LONG:
            p = np.int64(c.long[run_hash(hist, h, MATCH_LONG) & np.uint64(c.long.shape[0] - 1)])
            if 0 < p < last:
                m = agree(c, p, hist, h, start)
                if m > length and m >= MATCH_SHORT:
                    place, length = p, m
        if length < MATCH_SHORT and n >= MATCH_SHORT:
            p = np.int64(c.short[run_hash(hist, h, MATCH_SHORT) & np.uint64(c.short.shape[0] - 1)])
            if 0 < p < last:
                m = agree(c, p, hist, h, start)
                if m > length and m >= MATCH_SHORT:
                    place, length = p, m
    return place, length


@njit
def find_child(tree: Any, node: int, sym: int) -> Any:
    """The edge of `sym` below a node, -1 where there is none. Edges are sorted but END, which stands first."""
    for e in range(tree.first[node], tree.first[node + 1]):
        if tree.symbol[e] == sym:
            return np.int64(e)
    return -1


@njit
def edge_of(tree: Any, node: Any, rank: Any) -> Any:
    """The edge below `node` whose range holds the token of this rank."""
    a, b = tree.first[node], tree.first[node + 1]
    while b - a > 1:
        m = (a + b) // 2
        if tree.edge_lo[m] <= rank:
            a = m
        else:
            b = m
    return np.int64(a)


@njit
def decisions(tokens: Any, tree: Any) -> int:
    """How many decisions a run of tokens takes: as many as it may add to the history and to each view."""
    n = 0
    for t in range(tokens.shape[0]):
        r = tree.rank[tokens[t]]
        node = np.int64(0) if r >= 0 else np.int64(-1)
        while node >= 0:
            node = np.int64(tree.child[edge_of(tree, node, r)])
            n += 1
    return n


@njit
def push(c: Any, sym: int, token_start: bool) -> None:
    """Append a symbol to the history (not yet to the counts)."""
    h = c.meta[2]
    c.ends[h] = 1 if token_start else 0
    c.hist[h] = sym
    c.meta[2] = h + 1


@njit
def observe(c: Any, tokens: Any, side: Any, begin: bool, tree: Any, views: Any) -> None:
    """Count a run of tokens; `begin` starts a new work. There must be room (see `Memory.reserve`)."""
    if begin:
        push(c, GAP, True)
        c.meta[3] = c.meta[2]
    keys = np.zeros(views.back.shape[0], np.uint64)
    for t in range(tokens.shape[0]):
        r = tree.rank[tokens[t]]
        if r < 0:
            continue
        node = 0
        depth = 0
        while node >= 0:
            e = edge_of(tree, node, r)
            sym = tree.symbol[e]
            h = c.meta[2]
            context_keys(c.hist, h, c.meta[3], depth, side[t], views, keys)
            for k in range(keys.shape[0]):
                add(c, keys[k], sym)
            if sym != tree.end:
                push(c, sym, depth == 0)
                index_run(c, c.meta[2])
            node = tree.child[e]
            depth += 1


@njit
def rehash(old: Any, new: Any) -> None:
    """Move every context of the table `old` into the larger, empty `new` (of at most 2**31 slots, which `LOW` can address)."""
    mask = np.uint64(new.shape[0] - 1)
    for j in range(old.shape[0]):
        if old[j, FP] != 0:
            i = np.uint64(old[j, LOW]) & mask
            while new[i, FP] != 0:
                i = (i + np.uint64(1)) & mask
            new[i] = old[j]


class Memory:
    """A memory that grows as works are observed; `counts` is what compiled code reads."""

    def __init__(self, tree: Tree, views: Sequence[View], *, symbols: int = 1 << 12) -> None:
        self.tree = tree
        self.views = views_array(views)
        self.counts = empty(symbols, symbols, symbols)

    def reserve(self, symbols: int) -> None:
        """Make room for `symbols` more decisions in every view."""
        c = self.counts
        nodes, entries, hist, _ = (int(x) for x in c.meta)
        more = symbols * self.views.back.shape[0]
        if nodes + more > 0.75 * len(c.slots):
            grown = np.zeros((1 << int((nodes + more) / 0.75).bit_length(), 8), np.int32)
            rehash(c.slots, grown)
            c = c._replace(slots=grown)
        if entries + more > len(c.entries):
            c = c._replace(entries=_resize(c.entries, max(entries + more, int(1.5 * len(c.entries)))))
        if hist + symbols + 8 > len(c.hist):
            size = max(hist + symbols + 8, int(1.5 * len(c.hist)))
            c = c._replace(hist=_resize(c.hist, size), ends=_resize(c.ends, size))
        if len(c.short) < 2 * (hist + symbols):
            m = 1 << (2 * (hist + symbols)).bit_length()
            c = c._replace(short=np.zeros(m, np.int32), long=np.zeros(m, np.int32))
            _reindex(c)
        self.counts = c

    def observe(
        self, tokens: npt.NDArray[np.int32], side: npt.NDArray[np.int16], *, begin: bool = True
    ) -> None:
        """Count one work (or its next run of tokens, with begin=False): tokens (T,), side (T, S)."""
        step = 8192
        side = side if side.shape[1] else np.zeros((len(tokens), 1), np.int16)
        for i in range(0, max(len(tokens), 1), step):
            run = tokens[i : i + step]
            self.reserve(int(decisions(run, self.tree)) + 16)
            observe(self.counts, run, side[i : i + step], begin and i == 0, self.tree, self.views)


@njit
def _reindex(c: Any) -> None:
    start = 1
    keep = c.meta[3]
    for h in range(1, c.meta[2]):
        if c.hist[h] == GAP:
            start = h + 1
        c.meta[3] = start
        index_run(c, h + 1)
    c.meta[3] = keep


def _resize(a: npt.NDArray[Any], size: int) -> npt.NDArray[Any]:
    out = np.full(size, GAP, a.dtype) if a.dtype == np.uint16 else np.zeros((size, *a.shape[1:]), a.dtype)
    out[: len(a)] = a
    return out
