"""Where the memory's share of each token came from: the occurrences behind the counts, and the match.

A view's share of a decision belongs in equal parts to the places that it counted; a match's share to the one place it followed. The collection is
read once through, and every occurrence of a context that mattered is found by its key, so nothing is estimated: what is not listed
(contexts that occur very often, and all but a few places) is summed up as the rest. Knows works by id only.

Letters: K views, C components, D decisions, Q wanted contexts.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from etude.models.memory import GAP, context_keys, count, edge_of, find, njit

if TYPE_CHECKING:
    from etude.models.mixture import Place, SequenceModel, Trail

LEAST = 0.02  # of one decision: a smaller share is not looked up
OFTEN = 48  # a context that predicted this symbol more often is common property: its places would say nothing
KEPT = 12  # places looked up for one context; the shares of further ones go to the rest
SHOWN = 6  # places kept for one token
_BITS = 20


@njit
def _slot(key: Any, sym: int) -> Any:
    """One key for (context, symbol)."""
    x = (key ^ np.uint64(sym + 1)) * np.uint64(0x9E3779B97F4A7C15)
    return x ^ (x >> np.uint64(29))


@njit
def _wanted(d_token: Any, where: Any, post: Any, hist: Any, start: int, side: Any, stat: Any, views: Any, least: float, often: int) -> Any:
    """(Q, 3) decision, view, number of occurrences, and (Q,) keys of the contexts whose places are looked up."""
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
def _scan(tokens: Any, side: Any, starts: Any, hist: Any, tree: Any, views: Any, sorted_keys: Any, sieve: Any, found: Any, n_found: Any) -> None:
    """Walk through the collection as it was counted, and note the tokens at which wanted keys occur (found (Q', KEPT), n_found (Q',))."""
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
def _token_of(tokens: Any, starts: Any, tree: Any, out: Any) -> None:
    """The token each symbol of the history belongs to (H,)."""
    h = 1
    for s in range(starts.shape[0] - 1):
        h += 1
        for t in range(starts[s], starts[s + 1]):
            r = tree.rank[tokens[t]]
            if r < 0:
                continue
            node = np.int64(0)
            while node >= 0:
                e = edge_of(tree, node, r)
                if tree.symbol[e] != tree.end:
                    out[h] = t
                    h += 1
                node = np.int64(tree.child[e])


def token_of(model: SequenceModel) -> npt.NDArray[np.int32]:
    """For each place of the memory's history the token it is part of."""
    out = np.zeros(int(model.memory.counts.meta[2]) + 1, np.int32)
    _token_of(model.memory_tokens, _starts(model), model.tree, out)
    return out


def _starts(model: SequenceModel) -> npt.NDArray[np.int64]:
    return np.array([s.start for s in model.segments] + [model.segments[-1].end if model.segments else 0], np.int64)


def locate(model: SequenceModel, trail: Trail, t_count: int) -> tuple[tuple[tuple[Place, ...], ...], npt.NDArray[np.float64]]:
    """For each token its places, largest first, and the share (T,) of the memory that lies elsewhere."""
    from etude.models.mixture import Place

    k = len(model.codec.views)
    steps = np.bincount(trail.token, minlength=t_count).astype(np.float64)
    total = np.bincount(trail.token, 1.0 - trail.post[:, 0].astype(np.float64), minlength=t_count) / np.maximum(steps, 1)
    shares: list[dict[tuple[str, int, int], float]] = [defaultdict(float) for _ in range(t_count)]
    if not model.segments or not len(trail.token):
        return tuple(() for _ in range(t_count)), total
    start = 2 if len(trail.hist) > 1 and trail.hist[1] == GAP else 1
    counts = model.memory.counts
    rows, keys = _wanted(trail.token, trail.where, trail.post, trail.hist, start, trail.side, counts, model.memory.views, LEAST, OFTEN)
    unique, back = np.unique(keys, return_inverse=True)
    sieve = np.zeros(1 << _BITS, np.uint8)
    sieve[(unique & np.uint64((1 << _BITS) - 1)).astype(np.int64)] = 1
    found, n_found = np.zeros((len(unique), KEPT), np.int32), np.zeros(len(unique), np.int64)
    starts = _starts(model)
    if len(unique):
        _scan(model.memory_tokens, model.memory_side, starts, counts.hist, model.tree, model.memory.views, unique, sieve, found, n_found)
    for (d, v, c), q in zip(rows.tolist(), back.tolist(), strict=True):
        t = int(trail.token[d])
        each = float(trail.post[d, 1 + v]) / c / steps[t]
        for at in found[q, : min(c, KEPT, int(n_found[q]))].tolist():
            shares[t][_unit(model, starts, at)] += each
    by_symbol = model.token_of_place
    for d in np.flatnonzero((trail.post[:, k + 1] >= LEAST) & (trail.where[:, 3] > 0)).tolist():
        t = int(trail.token[d])
        shares[t][_unit(model, starts, int(by_symbol[trail.where[d, 3]]))] += float(trail.post[d, k + 1]) / steps[t]
    out = []
    rest = total.copy()
    for t, one in enumerate(shares):
        top = sorted(one.items(), key=lambda kv: (-kv[1], kv[0]))[:SHOWN]
        out.append(tuple(Place(w, a, b, share) for (w, a, b), share in top))
        rest[t] -= sum(share for _, share in top)
    return tuple(out), np.maximum(rest, 0.0)


def _unit(model: SequenceModel, starts: npt.NDArray[np.int64], token: int) -> tuple[str, int, int]:
    """The work of a token of the memory, and its units there."""
    s = model.segments[int(np.searchsorted(starts, token, side="right")) - 1]
    a = int(model.memory_offsets[token])
    b = int(model.memory_offsets[token + 1]) if token + 1 < s.end else a
    return s.work_id, s.unit + a, s.unit + max(b, a)

