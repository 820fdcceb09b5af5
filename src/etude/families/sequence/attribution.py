"""Attribution: from which places of which works the memory's share of each token came.

A view's share of a decision belongs in equal parts to the places that it counted, a match's share to the one
place that it followed. Every occurrence of a context that mattered is found, in a text by `context_index`, in
music by reading the collection through, so nothing is estimated. What is not listed (very frequent contexts,
and all but a few places) is summed up as the rest. Knows works by id only.

Letters: K views, C components, D decisions, Q wanted contexts, T tokens, N tokens of the works.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from etude.families.sequence import context_index
from etude.families.sequence.attribution_kernels import largest, scan, wanted
from etude.families.sequence.counts import GAP
from etude.families.sequence.records import Place, Trail
from etude.families.sequence.works_memory import WorksMemory

LEAST = 0.02  # of one decision: a smaller share is not looked up
OFTEN = 48  # a context that predicted this symbol more often is common property: its places would say nothing
KEPT = 12  # places looked up for one context; the shares of further ones go to the rest
SHOWN = 6  # places kept for one token
_BITS = 20


def locate(
    memory: WorksMemory, trail: Trail, t_count: int
) -> tuple[tuple[tuple[Place, ...], ...], npt.NDArray[np.float64]]:
    """For each of `t_count` tokens its places, largest share first, and the share (T,) of the memory that
    lies elsewhere."""
    k = len(memory.views)
    steps = np.bincount(trail.token, minlength=t_count).astype(np.float64)
    total = np.bincount(
        trail.token, 1.0 - trail.post[:, 0].astype(np.float64), minlength=t_count
    ) / np.maximum(steps, 1)
    nowhere: tuple[tuple[Place, ...], ...] = ((),) * t_count
    if not memory.segments or not len(trail.token):
        return nowhere, total
    rows, found, n_found = _looked_up(memory, trail)
    kept = np.minimum(np.minimum(rows[:, 2], KEPT), n_found)
    q = np.repeat(np.arange(len(rows)), kept)
    at = found[q, np.arange(len(q)) - np.repeat(np.cumsum(kept) - kept, kept)]
    d, v, c = rows[q].T
    followed = np.flatnonzero((trail.post[:, k + 1] >= LEAST) & (trail.where[:, 3] > 0))
    ended = trail.where[followed, 2] == memory.tree.end  # the token that ended is the one before the place
    # of the same type as the places, which would else be copied
    before = (trail.where[followed, 3] - ended).astype(np.int32)
    token = np.searchsorted(memory.token_places.begins, before, side="right") - 1
    at = np.concatenate([at, memory.token_places.number[token]]).astype(np.int64)
    t = trail.token[np.concatenate([d, followed])]
    share = (
        np.concatenate([trail.post[d, 1 + v] / c, trail.post[followed, k + 1]]).astype(np.float64) / steps[t]
    )
    return _summed(memory, t, at, share, total) if len(at) else (nowhere, total)


def _looked_up(memory: WorksMemory, trail: Trail) -> tuple[Any, Any, Any]:
    """The contexts that mattered (Q, 3: decision, view, occurrences), their tokens (Q, KEPT) in the memory,
    and how many were found (Q,)."""
    start = 2 if len(trail.hist) > 1 and trail.hist[1] == GAP else 1
    counts, views = memory.counts, memory.memory.views
    rows, keys = wanted(
        trail.token, trail.where, trail.post, trail.hist, start, trail.side, counts, views, LEAST, OFTEN
    )
    index = memory.index
    if index is not None:
        found, n_found = np.zeros((len(rows), KEPT), np.int32), np.zeros(len(rows), np.int64)
        place = memory.token_places
        context_index.look_up(
            index,
            counts.ends,
            place.begins,
            place.may_go_on,
            rows,
            trail.where,
            trail.hist,
            start,
            memory.tree.end,
            context_index.COMMON,
            found,
            n_found,
        )
        return rows, place.number[found], n_found
    unique, back = np.unique(keys, return_inverse=True)
    sieve = np.zeros(1 << _BITS, np.uint8)
    sieve[(unique & np.uint64((1 << _BITS) - 1)).astype(np.int64)] = 1
    found, n_found = np.zeros((len(unique), KEPT), np.int32), np.zeros(len(unique), np.int64)
    if len(unique):
        scan(
            memory.tokens,
            memory.side,
            memory.starts,
            counts.hist,
            memory.tree,
            views,
            unique,
            sieve,
            found,
            n_found,
        )
    return rows, found[back], n_found[back]


def _summed(
    memory: WorksMemory, t: Any, at: Any, share: Any, total: npt.NDArray[np.float64]
) -> tuple[tuple[tuple[Place, ...], ...], npt.NDArray[np.float64]]:
    """The shares of tokens `at` of the memory in tokens `t` of the content, summed by place: the largest
    SHOWN of each, and the rest."""
    ids = sorted({s.work_id for s in memory.segments})
    number = {work: i for i, work in enumerate(ids)}
    ends = np.array([s.end for s in memory.segments], np.int64)
    s = np.searchsorted(memory.starts, at, side="right") - 1
    work, unit = np.array([(number[s.work_id], s.unit) for s in memory.segments], np.int64)[s].T
    a = unit + memory.offsets[at]
    after = memory.offsets[np.minimum(at + 1, len(memory.offsets) - 1)]
    b = np.maximum(a, np.where(at + 1 < ends[s], unit + after, a))
    by_token = np.argsort(t, kind="stable")
    first = np.searchsorted(t[by_token], np.arange(len(total) + 1))
    where = np.stack([work, a, b], 1)[by_token]
    top, sums, count = (
        np.zeros((len(total), SHOWN), np.int64),
        np.zeros((len(total), SHOWN)),
        np.zeros(len(total), np.int64),
    )
    largest(first, where, share[by_token], top, sums, count)
    rest = np.maximum(total - sums.sum(1), 0.0)
    named = where[top].tolist()  # (T, SHOWN, 3)
    return tuple(
        tuple(Place(ids[w], x, y, share) for (w, x, y), share in zip(named[i][:n], sums[i, :n].tolist()))
        for i, n in enumerate(count.tolist())
    ), rest
