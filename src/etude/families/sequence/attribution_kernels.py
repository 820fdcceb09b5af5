"""The compiled loops of attribution: which contexts are looked up, where they occur, and which places have
the largest shares.

Letters: K views, D decisions, Q wanted contexts, Q' distinct ones, T tokens of the content, N tokens of the
works.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from etude.families.sequence.compiling import njit
from etude.families.sequence.counts import context_keys, count, find
from etude.families.sequence.symbol_tree import edge_of


@njit
def _slot(key: Any, sym: int) -> Any:
    """One key for (context, symbol)."""
    x = (key ^ np.uint64(sym + 1)) * np.uint64(0x9E3779B97F4A7C15)
    return x ^ (x >> np.uint64(29))


@njit
def wanted(
    d_token: Any,
    where: Any,
    post: Any,
    hist: Any,
    start: int,
    side: Any,
    stat: Any,
    views: Any,
    least: float,
    often: int,
) -> Any:
    """(Q, 3) decision, view, occurrences, and (Q,) keys of the contexts whose places are looked up."""
    k = views.back.shape[0]
    rows = np.zeros((d_token.shape[0] * k, 3), np.int64)
    keys = np.zeros(d_token.shape[0] * k, np.uint64)
    buf = np.zeros(k, np.uint64)
    n = 0
    for d in range(d_token.shape[0]):
        context_keys(hist, where[d, 0], start, where[d, 1], side[d_token[d]], views, buf)
        for v in range(k):
            if post[d, 1 + v] >= least:
                slot = find(stat, buf[v])
                if slot < 0:
                    continue
                c = count(stat, slot, where[d, 2])
                if 0 < c <= often:
                    rows[n, 0] = d
                    rows[n, 1] = v
                    rows[n, 2] = c
                    keys[n] = _slot(buf[v], where[d, 2])
                    n += 1
    return rows[:n], keys[:n]


@njit
def scan(
    tokens: Any,
    side: Any,
    starts: Any,
    hist: Any,
    tree: Any,
    views: Any,
    sorted_keys: Any,
    sieve: Any,
    found: Any,
    n_found: Any,
) -> None:
    """Walk through the works as they were counted, and write the tokens at which wanted keys occur to found
    (Q', KEPT), their number to n_found (Q',)."""
    k = views.back.shape[0]
    buf = np.zeros(k, np.uint64)
    h = 1
    mask = np.uint64(sieve.shape[0] - 1)
    for s in range(starts.shape[0] - 1):
        h += 1  # the gap between works
        begin = h
        for t in range(starts[s], starts[s + 1]):
            r = tree.rank[tokens[t]]
            if r < 0:
                continue
            node = np.int64(0)
            depth = 0
            while node >= 0:
                e = edge_of(tree, node, r)
                sym = tree.symbol[e]
                context_keys(hist, h, begin, depth, side[t], views, buf)
                for v in range(k):
                    key = _slot(buf[v], sym)
                    if sieve[key & mask] == 1:
                        i = np.searchsorted(sorted_keys, key)
                        if i < sorted_keys.shape[0] and sorted_keys[i] == key:
                            if n_found[i] < found.shape[1]:
                                found[i, n_found[i]] = t
                            n_found[i] += 1
                if sym != tree.end:
                    h += 1
                node = np.int64(tree.child[e])
                depth += 1


@njit
def largest(first: Any, where: Any, share: Any, top: Any, sums: Any, count: Any) -> None:
    """For each token the rows of its largest places (T, SHOWN), their shares summed, and how many there are
    (T,).

    `first` (T + 1,) are its first rows of `where` (work, start, end) and `share`. Of equal shares the first
    work and place come first.
    """
    for t in range(count.shape[0]):
        one, total, n = np.zeros(first[t + 1] - first[t], np.int64), np.zeros(first[t + 1] - first[t]), 0
        for i in range(first[t], first[t + 1]):
            j = 0
            while j < n and (
                where[one[j], 0] != where[i, 0]
                or where[one[j], 1] != where[i, 1]
                or where[one[j], 2] != where[i, 2]
            ):
                j += 1
            if j == n:
                one[n] = i
                n += 1
            total[j] += share[i]
        for k in range(min(n, top.shape[1])):
            best = 0
            for j in range(1, n):
                better = total[j] > total[best]
                if total[j] == total[best]:
                    for c in range(3):
                        if where[one[j], c] != where[one[best], c]:
                            better = where[one[j], c] < where[one[best], c]
                            break
                if better:
                    best = j
            top[t, k], sums[t, k] = one[best], total[best]
            total[best] = -1.0
            count[t] += 1
