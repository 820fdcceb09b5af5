"""Where the memory's share of each token came from: the occurrences behind the counts, and the match.

A view's share of a decision belongs in equal parts to the places that it counted; a match's share to the one place it followed. Every occurrence of a
context that mattered is found, in a text by `occurrences`, in music by reading the collection through, so nothing is estimated: what is
not listed (contexts that occur very often, and all but a few places) is summed up as the rest. Knows works by id only.

Letters: K views, C components, D decisions, Q wanted contexts, T tokens, N tokens of the memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from etude.families.sequence import occurrences
from etude.families.sequence.memory import GAP, context_keys, count, edge_of, find, njit

if TYPE_CHECKING:
    from etude.families.sequence.model import SequenceModel
    from etude.families.sequence.records import Place, Trail

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
def _wanted(
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
def _scan(
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


@dataclass(frozen=True)
class Tokens:
    """The tokens of the memory that are in its history: `number` (N,) in the memory's arrays, `begins` (N,) int32 their first symbol's place in the
    history, `may_go_on` (N,) whether another token begins with the same symbols."""

    number: npt.NDArray[np.int32]
    begins: npt.NDArray[np.int32]
    may_go_on: npt.NDArray[np.bool_]


def tokens_of(model: SequenceModel) -> Tokens:
    """Where the memory's tokens lie in its history."""
    counts, tree = model.memory.counts, model.tree
    n = int(counts.meta[2])
    begins = np.flatnonzero((counts.ends[:n] == 1) & (counts.hist[:n] != GAP)).astype(np.int32)
    rank = tree.rank[model.memory_tokens]
    number = np.flatnonzero(rank >= 0).astype(np.int32)
    goes_on = np.zeros(len(tree.order), np.bool_)
    goes_on[tree.edge_lo[tree.symbol == tree.end]] = True
    return Tokens(number, begins, goes_on[rank[number]])


def _starts(model: SequenceModel) -> npt.NDArray[np.int64]:
    return np.array(
        [s.start for s in model.segments] + [model.segments[-1].end if model.segments else 0], np.int64
    )


def locate(
    model: SequenceModel, trail: Trail, t_count: int
) -> tuple[tuple[tuple[Place, ...], ...], npt.NDArray[np.float64]]:
    """For each token its places, largest first, and the share (T,) of the memory that lies elsewhere."""
    k = len(model.codec.views)
    steps = np.bincount(trail.token, minlength=t_count).astype(np.float64)
    total = np.bincount(
        trail.token, 1.0 - trail.post[:, 0].astype(np.float64), minlength=t_count
    ) / np.maximum(steps, 1)
    nowhere: tuple[tuple[Place, ...], ...] = ((),) * t_count
    if not model.segments or not len(trail.token):
        return nowhere, total
    rows, found, n_found = _looked_up(model, trail)
    kept = np.minimum(np.minimum(rows[:, 2], KEPT), n_found)
    q = np.repeat(np.arange(len(rows)), kept)
    at = found[q, np.arange(len(q)) - np.repeat(np.cumsum(kept) - kept, kept)]
    d, v, c = rows[q].T
    followed = np.flatnonzero((trail.post[:, k + 1] >= LEAST) & (trail.where[:, 3] > 0))
    ended = trail.where[followed, 2] == model.tree.end  # the token that ended is the one before the place
    before = (trail.where[followed, 3] - ended).astype(
        np.int32
    )  # of the same type as the places, which would else be copied
    token = np.searchsorted(model.memory_place.begins, before, side="right") - 1
    at = np.concatenate([at, model.memory_place.number[token]]).astype(np.int64)
    t = trail.token[np.concatenate([d, followed])]
    share = (
        np.concatenate([trail.post[d, 1 + v] / c, trail.post[followed, k + 1]]).astype(np.float64) / steps[t]
    )
    return _summed(model, t, at, share, total) if len(at) else (nowhere, total)


def _looked_up(model: SequenceModel, trail: Trail) -> tuple[Any, Any, Any]:
    """The contexts that mattered (Q, 3: decision, view, occurrences), their tokens (Q, KEPT) in the memory, and how many were found (Q,)."""
    start = 2 if len(trail.hist) > 1 and trail.hist[1] == GAP else 1
    counts, views = model.memory.counts, model.memory.views
    rows, keys = _wanted(
        trail.token, trail.where, trail.post, trail.hist, start, trail.side, counts, views, LEAST, OFTEN
    )
    index = model.sorted_history
    if index is not None:
        found, n_found = np.zeros((len(rows), KEPT), np.int32), np.zeros(len(rows), np.int64)
        place = model.memory_place
        occurrences.look_up(
            index, counts.ends, place.begins, place.may_go_on, rows, trail.where, trail.hist, start, model.tree.end, occurrences.COMMON,
            found, n_found,
        )  # fmt: skip
        return rows, place.number[found], n_found
    unique, back = np.unique(keys, return_inverse=True)
    sieve = np.zeros(1 << _BITS, np.uint8)
    sieve[(unique & np.uint64((1 << _BITS) - 1)).astype(np.int64)] = 1
    found, n_found = np.zeros((len(unique), KEPT), np.int32), np.zeros(len(unique), np.int64)
    if len(unique):
        _scan(
            model.memory_tokens,
            model.memory_side,
            _starts(model),
            counts.hist,
            model.tree,
            views,
            unique,
            sieve,
            found,
            n_found,
        )
    return rows, found[back], n_found[back]


def _summed(
    model: SequenceModel, t: Any, at: Any, share: Any, total: npt.NDArray[np.float64]
) -> tuple[tuple[tuple[Place, ...], ...], npt.NDArray[np.float64]]:
    """The shares of tokens `at` of the memory in tokens `t` of the content, summed by place: the largest SHOWN of each, and the rest."""
    from etude.families.sequence.records import Place

    ids = sorted({s.work_id for s in model.segments})
    number = {work: i for i, work in enumerate(ids)}
    ends = np.array([s.end for s in model.segments], np.int64)
    s = np.searchsorted(_starts(model), at, side="right") - 1
    work, unit = np.array([(number[s.work_id], s.unit) for s in model.segments], np.int64)[s].T
    a = unit + model.memory_offsets[at]
    after = model.memory_offsets[np.minimum(at + 1, len(model.memory_offsets) - 1)]
    b = np.maximum(a, np.where(at + 1 < ends[s], unit + after, a))
    by_token = np.argsort(t, kind="stable")
    first = np.searchsorted(t[by_token], np.arange(len(total) + 1))
    where = np.stack([work, a, b], 1)[by_token]
    top, sums, count = (
        np.zeros((len(total), SHOWN), np.int64),
        np.zeros((len(total), SHOWN)),
        np.zeros(len(total), np.int64),
    )
    _top(first, where, share[by_token], top, sums, count)
    rest = np.maximum(total - sums.sum(1), 0.0)
    named = where[top].tolist()  # (T, SHOWN, 3)
    return tuple(
        tuple(Place(ids[w], x, y, share) for (w, x, y), share in zip(named[i][:n], sums[i, :n].tolist()))
        for i, n in enumerate(count.tolist())
    ), rest


@njit
def _top(first: Any, where: Any, share: Any, top: Any, sums: Any, count: Any) -> None:
    """For each token the rows of its largest places (T, SHOWN), their shares summed, and how many there are (T,).

    `first` (T + 1,) are its first rows of `where` (work, start, end) and `share`. Of equal shares the first work and place come first.
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
