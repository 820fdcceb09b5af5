"""An index of contexts: where a context of a text occurs in the collection, by a suffix array of the memory's
history.

A view of a text looks straight back, so the context of a decision and the symbol that came are a run of
bytes, and all places of that run are one range of the suffix array, found by bisection. Of that range only
places at which a token had begun equally far back count, since that is what the memory counted. The array is
sorted by divsufsort (Mori 2015). Views that skip symbols or use side inputs (music) have no such range; for
them `attribution` reads the whole collection.

Letters: H symbols of history, Q wanted runs, L symbols of the longest run.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from etude.families.sequence.compiling import njit
from etude.families.sequence.counts import GAP, Counts
from etude.media.contract import View

# A run that stands more often is common property, however seldom its tokens began there; bounds a look-up.
COMMON = 1 << 14
DEEPEST = 15  # the memory tells depths within a token apart up to here


class Sorted(NamedTuple):
    """The sorted history of a memory: `order` (H,) int32 the suffix array; `text` (H,) uint8 the symbols by
    number, 1.., and a 0 at the end; `first` (65537,) int32 where in `order` each pair of numbers begins;
    `number` (65536,) uint8 of each symbol, 0 where it never occurs."""

    order: npt.NDArray[np.int32]
    text: npt.NDArray[np.uint8]
    first: npt.NDArray[np.int32]
    number: npt.NDArray[np.uint8]


def straight(views: Sequence[View]) -> bool:
    """Whether every view consists of the last symbols in a row, and of nothing else."""
    return all(not v.side and v.back == tuple(range(1, len(v.back) + 1)) for v in views)


def sort(counts: Counts) -> Sorted | None:
    """The history of a memory, sorted: some 2 s for 20 MB.

    None where it has more kinds of symbols than a byte can number.
    """
    from pydivsufsort import divsufsort  # its compiled library loads in tenths of a second

    hist = counts.hist[: int(counts.meta[2])]
    seen = np.zeros(1 << 16, np.bool_)
    seen[hist] = True
    if int(seen.sum()) > 255:
        return None
    number = np.where(seen, np.cumsum(seen), 0).astype(np.uint8)
    text = np.append(number[hist], np.uint8(0))
    order = divsufsort(text.copy()).astype(np.int32)
    pairs = np.bincount(text[:-1].astype(np.int32) << 8 | text[1:], minlength=1 << 16)
    pairs[0] += 1  # the suffix that is the final 0 alone
    return Sorted(order, text, np.concatenate([[0], np.cumsum(pairs)]).astype(np.int32), number)


@njit
def _compared(text: Any, at: Any, run: Any, n: int) -> int:
    """-1, 0 or 1: the n numbers from `at` on against the run."""
    for i in range(2, n):  # the first two are those of the bucket
        x = text[at + i] if at + i < text.shape[0] else np.uint8(0)
        if x != run[i]:
            return -1 if x < run[i] else 1
    return 0


@njit
def _range(s: Any, run: Any, n: int) -> Any:
    """The range of `order` whose suffixes begin with the run of n >= 2 numbers."""
    pair = (np.int64(run[0]) << 8) | np.int64(run[1])
    low, end = np.int64(s.first[pair]), np.int64(s.first[pair + 1])
    a, b = low, end
    while a < b:
        m = (a + b) // 2
        if _compared(s.text, s.order[m], run, n) < 0:
            a = m + 1
        else:
            b = m
    low, step = a, 1
    # few places, mostly: the end is near
    while a + step < end and _compared(s.text, s.order[a + step], run, n) <= 0:
        step *= 2
    b = min(a + step, end)
    while a < b:
        m = (a + b) // 2
        if _compared(s.text, s.order[m], run, n) <= 0:
            a = m + 1
        else:
            b = m
    return low, a


@njit
def _begun(ends: Any, place: Any, depth: int, ending: bool) -> bool:
    """Whether a token began `depth` symbols before the place (DEEPEST: or more); `ending`: and no symbol of
    it follows."""
    if ending and ends[place] == 0:
        return False
    for i in range(1 if ending else 0, depth):
        if place - i < 1 or ends[place - i] == 1:
            return False
    return place - depth >= 1 and (depth == DEEPEST or ends[place - depth] == 1)


@njit
def look_up(
    s: Any,
    ends: Any,
    begins: Any,
    may_go_on: Any,
    rows: Any,
    where: Any,
    hist: Any,
    start: int,
    end: int,
    common: int,
    found: Any,
    n_found: Any,
) -> None:
    """For each row (decision, view, occurrences) the tokens (Q, KEPT) in which what came had come, in the
    collection's order, and how many (Q,).

    `begins` (N,) are the places at which the N tokens of the history begin; `may_go_on` (N,) says of each
    whether another token goes on from it, since only there its end was a decision that the memory counted.
    Runs that stand more than `common` times are passed over.
    """
    run = np.zeros(64, np.uint8)
    some = np.zeros(64, np.int32)
    for q in range(rows.shape[0]):
        h, depth, sym = where[rows[q, 0], 0], min(where[rows[q, 0], 1], DEEPEST), where[rows[q, 0], 2]
        n = 0
        back = rows[q, 1] + 1
        if h - back < start:
            # the context reaches beyond the beginning: so did what it was counted with
            run[0] = s.number[GAP]
            n = 1
            back = h - start
        known = True
        for i in range(back):
            run[n] = s.number[hist[h - back + i]]
            known = known and run[n] > 0
            n += 1
        place = n
        if sym != end:
            run[n] = s.number[sym]
            known = known and run[n] > 0
            n += 1
        if not known:
            continue
        if n == 1:  # one symbol at whose side a token ended: its places are those of all pairs that it begins
            low, high = (
                np.int64(s.first[np.int64(run[0]) << 8]),
                np.int64(s.first[(np.int64(run[0]) + 1) << 8]),
            )
        else:
            low, high = _range(s, run, n)
        if high - low > common:
            continue
        k = 0
        for r in range(low, high):
            p = s.order[r] + place
            if k < some.shape[0] and _begun(ends, p, depth, sym == end):
                token = np.searchsorted(begins, p - 1 if sym == end else p, side="right") - 1
                if sym != end or may_go_on[token]:
                    some[k] = token
                    k += 1
        ordered = np.sort(some[:k])
        n_found[q] = k
        for i in range(min(k, found.shape[1])):
            found[q, i] = ordered[i]
