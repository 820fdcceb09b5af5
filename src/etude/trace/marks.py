"""Live marks: which words or notes of a part of a content stand in the works, quickly and without quoting
anything.

The same maximal spans as `verbatim.py` lists, but no work is opened: each mark names one place by work and
units, and a page asks for the words there only when somebody looks. So a window of some hundred words costs
milliseconds, whatever the size of the collection. Also the words by what a model says of them (share of the
memory, voice), as levels that can be drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from etude.families.contract import Shares
from etude.media.contract import Content, SequenceMedium
from etude.trace.verbatim import VerbatimIndex


@dataclass(frozen=True)
class Mark:
    """A run of `length` words or notes, in units `start`..`end` of the content, that `works` works hold; in
    `work` it is the units `at`..`until`."""

    start: int
    end: int
    length: int
    works: int
    work: str
    at: int
    until: int


@dataclass(frozen=True)
class Tint:
    """A word in units `start`..`end`: the share of the memory (0..1), and by how many nats the works moved it
    away from the base (None: the model stands on none)."""

    start: int
    end: int
    memory: float
    voice: float | None


def marked(
    index: VerbatimIndex, medium: SequenceMedium, content: Content, minimum: int | None = None
) -> tuple[Mark, ...]:
    """The maximal runs of at least `minimum` words or notes (default: the medium's), in order."""
    least, found = minimum or medium.runs.least, []
    suffixes = index.suffixes
    for run in medium.streams(content):
        key, width = suffixes.query(run.symbols), suffixes.width
        for first, last in suffixes.maximal(key):
            length = run.length(first, last)
            if length < least:
                continue
            at = suffixes.occurrences(key[first * width : last * width])
            owners = index.owners[np.searchsorted(suffixes.starts, at, side="right") - 1]
            place = int(at[0])
            start, end = int(index.starts[place]), int(index.ends[place + last - first - 1])
            ranges = run.ranges(first, last)
            work = index.works[int(owners[0])]
            found.append(Mark(ranges[0][0], ranges[-1][1], length, len(np.unique(owners)), work, start, end))
    return tuple(sorted(found, key=lambda mark: (mark.start, mark.end)))


def tinted(shares: Shares, words: Sequence[tuple[int, int]]) -> tuple[Tint, ...]:
    """What a model says of each word (start, end): the mean share of the memory over its tokens, and the sum
    of their nats of voice. Tokens that were given do not count, and words without any other are left out."""
    offsets, memory = np.asarray(shares.offsets), np.asarray(shares.memory, float)
    voice = None if shares.voice is None else np.asarray(shares.voice, float)
    counted = np.asarray(shares.scored, bool)
    out = []
    for start, end in words:
        first = int(np.searchsorted(offsets[1:], start, side="right"))
        last = int(np.searchsorted(offsets[:-1], end, side="left"))
        inside = np.flatnonzero(counted[first:last]) + first
        if not len(inside):
            continue
        moved = None if voice is None else round(float(voice[inside].sum()), 3)
        out.append(Tint(start, end, round(float(memory[inside].mean()), 3), moved))
    return tuple(out)
