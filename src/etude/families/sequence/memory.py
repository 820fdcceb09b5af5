"""The memory: counts of what followed each context, in the collection or in the text being made.

For every context of every view (the last one to six symbols; for music also the same voice further back, with
metre) it keeps how often each symbol followed, and where the last equal passage stands (the match). Its
distributions are plain relative frequencies, so each occurrence in the collection has an equal share in what
its context predicts, which makes `borrowed` exact. No smoothing is needed here; the gate (gate.py) weighs the
views. Knows nothing of the network, of files or of works' names.

Letters: K views, H symbols of history, T tokens, S side inputs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from etude.families.sequence.compiling import njit
from etude.families.sequence.counts import GAP, add, context_keys, empty, rehash, views_array
from etude.families.sequence.matches import index_run
from etude.families.sequence.symbol_tree import Tree, decisions, edge_of
from etude.media.contract import View

STEP = 8192  # tokens counted at a time: room is made for so many


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
def _reindex(c: Any) -> None:
    """Rebuild the tables of matches after they have grown."""
    start = 1
    keep = c.meta[3]
    for h in range(1, c.meta[2]):
        if c.hist[h] == GAP:
            start = h + 1
        c.meta[3] = start
        index_run(c, h + 1)
    c.meta[3] = keep


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
        side = side if side.shape[1] else np.zeros((len(tokens), 1), np.int16)
        for i in range(0, max(len(tokens), 1), STEP):
            run = tokens[i : i + STEP]
            self.reserve(int(decisions(run, self.tree)) + 16)
            observe(self.counts, run, side[i : i + STEP], begin and i == 0, self.tree, self.views)


def _resize(a: npt.NDArray[Any], size: int) -> npt.NDArray[Any]:
    """A copy with room for `size` rows; new rows are empty (GAP among symbols)."""
    out = np.full(size, GAP, a.dtype) if a.dtype == np.uint16 else np.zeros((size, *a.shape[1:]), a.dtype)
    out[: len(a)] = a
    return out
