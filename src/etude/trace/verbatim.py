"""Which runs of a piece stand word for word (or note for note) in the collection, and where.

The index is built once for a collection and kept as plain arrays; a search gives every maximal span with its
exact places. A span is ranked by its length and by how few works hold it, since a long run that one work
alone has is what a person wants to know (the logic of OLMoTrace, Liu et al. 2025, arXiv 2504.07096, at the
size of a person's shelf). It knows nothing of who borrowed: a span can be chance, a common phrase or a
quotation. The caller gives the works' contents for the quotations.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from etude.config.trust import TRACE
from etude.errors import ProjectError
from etude.media import sequence
from etude.media.contract import Content, SequenceMedium, Stream
from etude.trace.record import Place, Span, Verbatim
from etude.trace.suffixes import Suffixes, build, from_arrays

Array = npt.NDArray[Any]
FORMAT = 1


@dataclass(frozen=True)
class VerbatimIndex:
    """The index of one collection: `works` in order; `owners` (streams,) the work of each stream; `starts`,
    `ends` (N,) units."""

    medium: str
    works: tuple[str, ...]
    owners: Array
    suffixes: Suffixes
    starts: Array
    ends: Array

    def to_arrays(self) -> dict[str, Array]:
        """Plain arrays for the store's cache."""
        names = "\n".join([str(FORMAT), self.medium, *self.works]).encode()
        own = {
            "names": np.frombuffer(names, dtype=np.uint8),
            "owners": self.owners,
            "unit_starts": self.starts,
            "unit_ends": self.ends,
        }
        return {**self.suffixes.to_arrays(), **own}

    @staticmethod
    def from_arrays(arrays: Mapping[str, Array]) -> VerbatimIndex:
        """The index back from `to_arrays`. Raises ProjectError for arrays of another format."""
        if "names" not in arrays:
            raise ProjectError("The verbatim index lacks its names.", "Rebuild it with: etude repair")
        number, medium, *works = np.asarray(arrays["names"], dtype=np.uint8).tobytes().decode().split("\n")
        if number != str(FORMAT):
            raise ProjectError(
                f"The verbatim index has format {number}; this version reads {FORMAT}.",
                "Rebuild it with: etude repair",
            )
        owners, starts, ends = (np.asarray(arrays[name]) for name in ("owners", "unit_starts", "unit_ends"))
        return VerbatimIndex(medium, tuple(works), owners, from_arrays(arrays), starts, ends)


def build_index(medium: str, works: Iterable[tuple[str, Content]]) -> VerbatimIndex:
    """Index the works (id, content) of one medium. 20 MB of text take seconds and about 16 bytes a word.

    Raises WorkError for a medium whose works cannot be searched so.
    """
    kind = sequence(medium)
    names: list[str] = []
    owners: list[int] = []
    runs: list[Stream] = []
    for work, content in works:
        names.append(work)
        found = kind.streams(content)
        runs += found
        owners += [len(names) - 1] * len(found)
    gap = np.zeros(1, dtype=np.int32)  # the separator covers no unit
    starts = np.concatenate([part for run in runs for part in (run.starts, gap)] or [gap[:0]])
    ends = np.concatenate([part for run in runs for part in (run.ends, gap)] or [gap[:0]])
    suffixes = build([run.symbols for run in runs])
    return VerbatimIndex(medium, tuple(names), np.array(owners, dtype=np.int32), suffixes, starts, ends)


def search(
    index: VerbatimIndex,
    medium: SequenceMedium,
    piece: Content,
    content_of: Callable[[str], Content],
    *,
    minimum: int | None = None,
    limit: int | None = None,
) -> Verbatim:
    """The maximal verbatim spans of a piece, at most `limit`, of at least `minimum` words or notes.

    `content_of(work id)` is called only for works that are quoted.
    """
    least, limit = minimum or medium.runs.least, limit or TRACE.verbatim_spans
    found: list[tuple[float, Stream, int, int, Array]] = []
    longest, total = 0, 0
    marks: list[tuple[int, int]] = []
    runs = medium.streams(piece)
    for run in runs:
        key, width = index.suffixes.query(run.symbols), index.suffixes.width
        total += len(run.units)
        for first, last in index.suffixes.maximal(key):
            length = run.length(first, last)
            longest = max(longest, length)
            if length < least:
                continue
            at = index.suffixes.occurrences(key[first * width : last * width])
            works = len(np.unique(_work_of(index, at)))
            found.append((length - math.log2(works), run, first, last, at))
            marks += run.ranges(first, last)
    found.sort(key=lambda item: (-item[0], item[1].voice, item[2]))
    contents: dict[str, Content] = {}

    def fetch(work: str) -> Content:
        if work not in contents:
            contents[work] = content_of(work)
        return contents[work]

    spans = tuple(_span(n, index, medium, piece, fetch, *item[1:]) for n, item in enumerate(found[:limit], 1))
    return Verbatim(medium.runs.unit, least, longest, total, _covered(runs, marks), spans)


def longest(index: VerbatimIndex, medium: SequenceMedium, piece: Content) -> int:
    """Words or notes in the longest run of a piece that stands in the index."""
    out = 0
    for run in medium.streams(piece):
        found = index.suffixes.maximal(index.suffixes.query(run.symbols))
        out = max([out, *(run.length(first, last) for first, last in found)])
    return out


def _work_of(index: VerbatimIndex, at: Array) -> Array:
    return np.asarray(index.owners[np.searchsorted(index.suffixes.starts, at, side="right") - 1])


def _span(
    number: int,
    index: VerbatimIndex,
    medium: SequenceMedium,
    piece: Content,
    fetch: Callable[[str], Content],
    run: Stream,
    first: int,
    last: int,
    at: Array,
) -> Span:
    ranges = run.ranges(first, last)
    owners = _work_of(index, at)
    _, one_each = np.unique(owners, return_index=True)
    rest = np.setdiff1d(np.arange(len(at)), one_each)
    chosen = at[
        np.concatenate([one_each, rest])[: TRACE.places_shown]
    ]  # every work once before any work twice
    places = tuple(_place(index, medium, fetch, int(position), last - first) for position in chosen)
    text = medium.excerpt(piece, ranges).quote[1]
    here = medium.place(piece, ranges[0][0])
    return Span(number, run.length(first, last), ranges, here, text, len(one_each), len(at), places)


def _place(
    index: VerbatimIndex, medium: SequenceMedium, fetch: Callable[[str], Content], position: int, symbols: int
) -> Place:
    stream = int(np.searchsorted(index.suffixes.starts, position, side="right")) - 1
    number = int(index.owners[stream])
    work, start, end = (
        index.works[number],
        int(index.starts[position]),
        int(index.ends[position + symbols - 1]),
    )
    content = fetch(work)
    where = medium.place(content, start)
    run = medium.streams(content)[stream - int(np.searchsorted(index.owners, number))]
    first = position - int(index.suffixes.starts[stream])
    shown = medium.excerpt(content, run.ranges(first, first + symbols))
    return Place(work, start, end, where, shown.quote, shown.notes)


def _covered(runs: Sequence[Stream], marks: Sequence[tuple[int, int]]) -> int:
    """How many words or notes lie in at least one span."""
    inside: set[int] = set()
    for run in runs:
        units = np.sort(run.units)
        for a, b in marks:
            inside |= set(units[int(np.searchsorted(units, a)) : int(np.searchsorted(units, b))].tolist())
    return len(inside)
