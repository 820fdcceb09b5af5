"""What the model keeps of the works: their tokens by segment, the memory counted from them, and the index for
attribution.

Counted and sorted at first use, or taken from a cache. Knows no files and no network.

Letters: N tokens of all segments, S side inputs that the views read, H symbols of history.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from etude.errors import ModelError
from etude.families.sequence import context_index
from etude.families.sequence.counts import GAP, Counts
from etude.families.sequence.memory import Memory
from etude.families.sequence.records import Segment
from etude.families.sequence.symbol_tree import Tree
from etude.media.contract import View

Arrays = Mapping[str, npt.NDArray[Any]]
TRIED, SLOWER = 8192, 2.0  # tokens counted to try how fast it is; and how much slower all of them are


@dataclass(frozen=True)
class TokenPlaces:
    """The tokens that are in the memory's history: `number` (M,) in the works' tokens, `begins` (M,) int32
    the place of their first symbol in the history, `may_go_on` (M,) whether another token begins with the
    same symbols."""

    number: npt.NDArray[np.int32]
    begins: npt.NDArray[np.int32]
    may_go_on: npt.NDArray[np.bool_]


class WorksMemory:
    """The works' tokens (N,), side inputs (N, S) and offsets (N,) in units of their segment, and what is
    counted from them."""

    def __init__(
        self,
        tree: Tree,
        views: Sequence[View],
        segments: Sequence[Segment],
        tokens: npt.NDArray[np.int32],
        side: npt.NDArray[np.int16],
        offsets: npt.NDArray[np.int32],
    ) -> None:
        self.tree, self.views, self.segments = tree, tuple(views), tuple(segments)
        self.tokens, self.side, self.offsets = tokens, side, offsets
        self._memory: Memory | None = None

    def seconds_to_count(self) -> float:
        """About how long counting takes on this machine under its present load, by a trial on a little. A
        larger memory is slower: less of it lies near the processor."""
        tried = self.tokens[:TRIED]
        if len(self.tokens) < 8 * TRIED:
            return 0.0
        memory = Memory(self.tree, self.views, symbols=4 * TRIED)
        began = time.perf_counter()
        memory.observe(tried, self.side[:TRIED])
        return SLOWER * (time.perf_counter() - began) * len(self.tokens) / TRIED

    @property
    def memory(self) -> Memory:
        """The counted memory."""
        if self._memory is None:
            memory = Memory(self.tree, self.views, symbols=max(4096, len(self.tokens)))
            self._count(memory, self.segments)
            self._memory = memory
        return self._memory

    @property
    def counts(self) -> Counts:
        """The counted memory, for compiled code."""
        return self.memory.counts

    def of_works(self, works: Set[str]) -> WorksMemory:
        """The memory of some of the works, counted anew."""
        segments: list[Segment] = []
        at = 0
        for s in (s for s in self.segments if s.work_id in works):
            segments.append(replace(s, start=at, end=at + s.end - s.start))
            at += s.end - s.start
        kept = np.zeros(len(self.tokens), np.bool_)
        for s in self.segments:
            kept[s.start : s.end] = s.work_id in works
        arrays = self.tokens[kept], self.side[kept], self.offsets[kept]
        return WorksMemory(self.tree, self.views, segments, *arrays)

    def use(self, memory: Memory, counted: int | None = None) -> None:
        """Take a memory in which the first `counted` segments (None: all) stand already; the rest are counted
        into it now."""
        if counted is not None:
            self._count(memory, self.segments[counted:])
        self._memory = memory

    def to_cache(self) -> dict[str, npt.NDArray[Any]]:
        """The counted memory as arrays, cut to what is filled."""
        c = self.counts
        entries, hist = int(c.meta[1]), int(c.meta[2]) + 8
        kept = c._replace(entries=c.entries[:entries], hist=c.hist[:hist], ends=c.ends[:hist])
        return dict(zip(Counts._fields, kept, strict=True))

    def from_cache(self, arrays: Arrays) -> None:
        """Take what `to_cache` gave, in the place of counting again.

        Raises ModelError where a part is missing.
        """
        try:
            counts = Counts(*(np.array(arrays[name]) for name in Counts._fields))
        except KeyError as error:
            raise ModelError(f"the cached memory lacks {error}", "it is counted again") from error
        memory = Memory(self.tree, self.views, symbols=64)
        memory.counts = counts
        self._memory = memory

    @cached_property
    def starts(self) -> npt.NDArray[np.int64]:
        """The first token of each segment, and the end of the last."""
        end = self.segments[-1].end if self.segments else 0
        return np.array([*(s.start for s in self.segments), end], np.int64)

    @cached_property
    def token_places(self) -> TokenPlaces:
        """Where the works' tokens lie in the memory's history."""
        counts, tree = self.counts, self.tree
        n = int(counts.meta[2])
        begins = np.flatnonzero((counts.ends[:n] == 1) & (counts.hist[:n] != GAP)).astype(np.int32)
        rank = tree.rank[self.tokens]
        number = np.flatnonzero(rank >= 0).astype(np.int32)
        goes_on = np.zeros(len(tree.order), np.bool_)
        goes_on[tree.edge_lo[tree.symbol == tree.end]] = True
        return TokenPlaces(number, begins, goes_on[rank[number]])

    @cached_property
    def index(self) -> context_index.Sorted | None:
        """The history with its suffixes sorted, in which places are found; None where views do not look
        straight back (music)."""
        return context_index.sort(self.counts) if context_index.straight(self.views) else None

    def use_index(self, arrays: Arrays) -> None:
        """Take the fields of an `index` from a cache, in the place of sorting again.

        Raises ModelError where it is of another history.
        """
        length = int(self.counts.meta[2])
        try:
            kept = context_index.Sorted(*(np.asarray(arrays[name]) for name in context_index.Sorted._fields))
        except KeyError as error:
            raise ModelError(f"the cached index lacks {error}", "it is built again") from error
        if not len(kept.order) == len(kept.text) == length + 1:
            raise ModelError(
                f"the cached index has {len(kept.order):,} places for {length:,} symbols", "it is built again"
            )
        self.__dict__["index"] = kept  # the place of the cached property

    def _count(self, memory: Memory, segments: Sequence[Segment]) -> None:
        for s in segments:
            memory.observe(self.tokens[s.start : s.end], self.side[s.start : s.end])
