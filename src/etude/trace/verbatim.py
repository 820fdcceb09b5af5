"""Which runs of a piece stand word for word (or note for note) in the collection, and where.

The index is built once for a collection and kept as plain arrays; a search gives every maximal span with its exact places. A span
is ranked by its length and by how few works hold it, since a long run that one work alone has is what a person wants to know
(the logic of OLMoTrace, Liu et al. 2025, arXiv 2504.07096, at the size of a person's shelf). It knows nothing of who borrowed:
a span can be chance, a common phrase or a quotation. The caller gives the works' contents for the quotations.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from etude.config.trust import TRACE
from etude.errors import ProjectError
from etude.media.contract import Content, Medium
from etude.media.music.score import Score
from etude.trace.record import Place, Span, Verbatim
from etude.trace.suffixes import Suffixes, build, from_arrays
from etude.trace.symbols import Stream, streams

Array = npt.NDArray[Any]
FORMAT = 1


@dataclass(frozen=True)
class VerbatimIndex:
    """The index of one collection: `works` in order; `owners` (streams,) the work of each stream; `starts`, `ends` (N,) units."""

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
    """Index the works (id, content) of one medium. 20 MB of text take seconds and about 16 bytes a word."""
    names: list[str] = []
    owners: list[int] = []
    runs: list[Stream] = []
    for work, content in works:
        names.append(work)
        found = streams(medium, content)
        runs += found
        owners += [len(names) - 1] * len(found)
    gap = np.zeros(1, dtype=np.int32)  # the separator covers no unit
    starts = np.concatenate([part for run in runs for part in (run.starts, gap)] or [gap[:0]])
    ends = np.concatenate([part for run in runs for part in (run.ends, gap)] or [gap[:0]])
    suffixes = build([run.symbols for run in runs])
    return VerbatimIndex(medium, tuple(names), np.array(owners, dtype=np.int32), suffixes, starts, ends)


def search(
    index: VerbatimIndex,
    medium: Medium,
    piece: Content,
    content_of: Callable[[str], Content],
    *,
    minimum: int | None = None,
    limit: int | None = None,
) -> Verbatim:
    """The maximal verbatim spans of a piece, at most `limit`, of at least `minimum` words or notes.

    `content_of(work id)` is called only for works that are quoted.
    """
    unit, least = (
        ("words", TRACE.verbatim_words) if index.medium == "text" else ("notes", TRACE.verbatim_notes)
    )
    least, limit = minimum or least, limit or TRACE.verbatim_spans
    found: list[tuple[float, Stream, int, int, Array]] = []
    longest, total = 0, 0
    marks: list[tuple[int, int]] = []
    for run in streams(index.medium, piece):
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
    return Verbatim(unit, least, longest, total, _covered(index.medium, piece, marks), spans)


def _work_of(index: VerbatimIndex, at: Array) -> Array:
    return np.asarray(index.owners[np.searchsorted(index.suffixes.starts, at, side="right") - 1])


def _span(
    number: int,
    index: VerbatimIndex,
    medium: Medium,
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
    text = piece[ranges[0][0] : ranges[0][1]] if index.medium == "text" else ""
    here = medium.place(piece, ranges[0][0])
    return Span(number, run.length(first, last), ranges, here, text, len(one_each), len(at), places)


def _place(
    index: VerbatimIndex, medium: Medium, fetch: Callable[[str], Content], position: int, symbols: int
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
    if index.medium == "text":
        return Place(work, start, end, where, quote(content, start, end))
    run = streams(index.medium, content)[stream - int(np.searchsorted(index.owners, number))]
    first = position - int(index.suffixes.starts[stream])
    return Place(work, start, end, where, notes=notes_of(content, run.ranges(first, first + symbols)))


def notes_of(score: Score, ranges: Iterable[tuple[int, int]]) -> tuple[tuple[int, int, int], ...]:
    """(onset, pitch, duration) of the notes in these ranges of the flat order."""
    flat = score.flat()
    return tuple((n.onset, n.pitch, n.duration) for a, b in ranges for _, n in flat[a:b])


def quote(text: str, start: int, end: int) -> tuple[str, str, str]:
    """The passage with what stands before and after it, cut at white space. Text only."""
    start += len(text[start:end]) - len(text[start:end].lstrip())
    end = max(start, end - (len(text[start:end]) - len(text[start:end].rstrip())))
    before = _context(
        text[max(0, start - TRACE.context_characters) : start][::-1], start <= TRACE.context_characters
    )
    after = _context(text[end : end + TRACE.context_characters], end + TRACE.context_characters >= len(text))
    return before[::-1], text[start:end], after


def _context(text: str, whole: bool) -> str:
    """What is read away from a passage, as far as `context_lines`, cut at white space with an ellipsis unless it is whole."""
    lines = text.split("\n")
    kept = "\n".join(lines[: TRACE.context_lines])
    if len(lines) > TRACE.context_lines:
        return kept
    if whole:
        return text
    cut = next((i for i in range(len(kept) - 1, -1, -1) if kept[i].isspace()), -1)
    return kept[: max(cut, 0)] + "…"


def _covered(medium: str, piece: Content, marks: list[tuple[int, int]]) -> int:
    """How many words or notes lie in at least one span."""
    if not marks:
        return 0
    inside: set[int] = set()
    if medium == "text":
        starts = streams(medium, piece)[0].starts
        for a, b in marks:
            inside |= set(range(int(np.searchsorted(starts, a)), int(np.searchsorted(starts, b))))
    else:
        inside = {unit for a, b in marks for unit in range(a, b)}
    return len(inside)
