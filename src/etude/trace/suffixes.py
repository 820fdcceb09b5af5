"""A suffix array over symbols, and all maximal spans of a query that occur in it.

Every stream (a work's words, a voice's motifs) becomes a run of symbol numbers, the runs parted by a symbol
that no query can hold, so that no match crosses from one stream into the next. The array is sorted by
divsufsort (Mori 2015; Fischer and Kurpicz 2017 describe it); a symbol is written as a fixed number of
big-endian bytes, so that comparing bytes is comparing symbols and Python's own `bytes` comparison does the
searching. Knows nothing of words, notes, works or files.

Letters: N symbols in the collection with separators, V distinct symbols, Q symbols in the query.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from etude.errors import ProjectError

Array = npt.NDArray[Any]
# Symbols compared in a first look: longer than almost every match, so that one look is nearly always enough.
_PROBE = 16


@dataclass(frozen=True)
class Suffixes:
    """The sorted suffixes of a collection.

    `hashes` (V,) uint64 ascending, the distinct symbols; `ids` (V,) int32 their numbers 1..V by falling
    frequency (0 parts streams); `order` (N,) int32 the suffix array; `text` the N symbols as `width` bytes
    each; `starts` (streams + 1,) int64.
    """

    hashes: Array
    ids: Array
    order: Array
    text: bytes = field(repr=False)
    width: int
    starts: Array

    @property
    def unknown(self) -> int:
        """The number given to a query symbol that the collection lacks: greater than all, equal to none."""
        return int(256**self.width - 1)

    @property
    def _view(self) -> memoryview:
        return self.order.data  # its items are plain ints: three times as fast to look at as array items

    def query(self, symbols: Array) -> bytes:
        """Symbols (Q,) uint64 as comparable bytes."""
        found = np.full(len(symbols), self.unknown, dtype=np.int64)
        if len(self.hashes) and len(symbols):
            at = np.minimum(np.searchsorted(self.hashes, symbols), len(self.hashes) - 1)
            known = self.hashes[at] == symbols
            found[known] = self.ids[at[known]]
        return _as_bytes(found, self.width)

    def occurrences(self, key: bytes) -> Array:
        """Positions in the collection at which these symbols stand, in no order that matters. Shape
        (count,)."""
        low, high = self._range(key, 0, len(self.order))
        return self.order[low:high]

    def longest(self, query: bytes, start: int) -> int:
        """How many symbols of the query from `start` on occur together in the collection."""
        width, view, total = self.width, self._view, len(query) // self.width
        low, high, reach = 0, len(self.order), _PROBE
        while True:
            key = query[start * width : (start + reach) * width]
            at = bisect_left(view, key, low, high, key=self._slices(len(key)))
            best = 0
            for rank in (at - 1, at):
                if low <= rank < high:
                    begin = view[rank] * width
                    best = max(best, _common(key, self.text[begin : begin + len(key)]) // width)
            if best < len(key) // width or start + reach >= total:
                return best
            low, high, reach = at, self._range(key, at, high)[1], reach * 4

    def maximal(self, query: bytes) -> Iterator[tuple[int, int]]:
        """All spans (start, end) of the query that occur in the collection and lie inside no longer one that
        does.

        The next maximal span after start..end must hold the symbol at `end`, and of all spans ending just
        after it the longest is found by bisection, since every end of a matching span matches too.
        """
        width, total, start = self.width, len(query) // self.width, 0
        while start < total:
            end = start + self.longest(query, start)
            if end > start:
                yield start, end
            if end >= total:
                return
            low, high = start + 1, end + 1
            while low < high:
                middle = (low + high) // 2
                if self._occurs(query[middle * width : (end + 1) * width]):
                    high = middle
                else:
                    low = middle + 1
            start = low

    def _slices(self, size: int) -> Any:
        text, width = self.text, self.width
        return lambda position: text[position * width : position * width + size]

    def _range(self, key: bytes, low: int, high: int) -> tuple[int, int]:
        view, slices = self._view, self._slices(len(key))
        low = bisect_left(view, key, low, high, key=slices)
        return low, bisect_right(view, key, low, high, key=slices)

    def _occurs(self, key: bytes) -> bool:
        view = self._view
        at = bisect_left(view, key, key=self._slices(len(key)))
        return at < len(view) and self.text[view[at] * self.width : view[at] * self.width + len(key)] == key

    def to_arrays(self) -> dict[str, Array]:
        """Plain arrays to keep in a cache; `from_arrays` takes them back."""
        text = np.frombuffer(self.text, dtype=np.uint8)
        return {
            "hashes": self.hashes,
            "ids": self.ids,
            "order": self.order,
            "text": text,
            "starts": self.starts,
        }


def from_arrays(arrays: Mapping[str, Array]) -> Suffixes:
    """The index that `to_arrays` gave. Raises ProjectError when the arrays do not fit together."""
    missing = [name for name in ("hashes", "ids", "order", "text", "starts") if name not in arrays]
    if missing:
        raise ProjectError(f"The verbatim index lacks {', '.join(missing)}.", "Rebuild it with: etude repair")
    order = np.ascontiguousarray(arrays["order"], dtype=np.int32)
    text, starts = np.ascontiguousarray(arrays["text"], dtype=np.uint8), np.asarray(arrays["starts"])
    if (len(order) and len(text) % len(order)) or int(starts[-1]) != len(order):
        problem = f"The verbatim index is damaged: {len(text)} bytes for {len(order)} symbols."
        raise ProjectError(problem, "Rebuild it with: etude repair")
    width = len(text) // len(order) if len(order) else 2
    return Suffixes(
        np.asarray(arrays["hashes"]), np.asarray(arrays["ids"]), order, text.tobytes(), width, starts
    )


def build(streams: Sequence[Array]) -> Suffixes:
    """Sort the suffixes of these streams, each (length,) uint64."""
    from pydivsufsort import divsufsort

    lengths = np.array([len(stream) + 1 for stream in streams], dtype=np.int64)
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    if not len(streams):
        none = np.zeros(0, np.int32)
        return Suffixes(np.zeros(0, np.uint64), none, none, b"", 2, starts)
    hashes, inverse, counts = np.unique(np.concatenate(streams), return_inverse=True, return_counts=True)
    ids = np.empty(len(hashes), dtype=np.int32)
    ids[np.argsort(-counts, kind="stable")] = np.arange(
        1, len(hashes) + 1, dtype=np.int32
    )  # frequent symbols small: sorts faster
    numbers = np.zeros(int(starts[-1]), dtype=np.int32)
    inside = np.ones(len(numbers), dtype=np.bool_)
    inside[starts[1:] - 1] = False
    numbers[inside] = ids[inverse]
    width = next(w for w in (2, 3, 4) if len(hashes) + 1 < 256**w)
    text = _as_bytes(numbers, width)
    order = divsufsort(np.frombuffer(bytearray(text), dtype=np.uint8))
    order = (order[order % width == 0] // width).astype(np.int32)
    return Suffixes(hashes, ids, order, text, width, starts)


def _as_bytes(numbers: Array, width: int) -> bytes:
    return numbers.astype(">u4").view(np.uint8).reshape(-1, 4)[:, 4 - width :].tobytes()


def _common(a: bytes, b: bytes) -> int:
    """Length of the common beginning of two byte strings."""
    low, high = 0, min(len(a), len(b))
    while low < high:
        middle = (low + high + 1) // 2
        if a[:middle] == b[:middle]:
            low = middle
        else:
            high = middle - 1
    return low
