"""Bars of a score: where they start and end, what they are called, and in which of them a note lies.

A bar runs for the metre in force; a change of metre always starts a bar, even where it cuts the one before.
With a pickup the first bar is short and is number 0, as in print. Knows no file format. Does not know
repeats: bars are counted as written.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from etude.media.music.score import TPQ, Note, Score

Meters = tuple[tuple[int, int, int], ...]


@dataclass(frozen=True)
class Bar:
    """One bar: `start` and `end` in ticks, `number` as printed (0 for a pickup), and the metre in force."""

    start: int
    end: int
    number: int
    beats: int
    unit: int


def bar_ticks(beats: int, unit: int) -> int:
    """Length of a bar in ticks; at least one, whatever a broken file says."""
    return max(1, 4 * TPQ * beats // max(1, unit))


def bars(score: Score) -> list[Bar]:
    """All bars from tick 0 until the last note has ended; at least one."""
    meters = score.meters or ((0, 4, 4),)
    end, tick, number = max(score.end, 1), 0, 0 if score.pickup else 1
    out: list[Bar] = []
    i = 0
    while tick < end:
        while i + 1 < len(meters) and meters[i + 1][0] <= tick:
            i += 1
        _, beats, unit = meters[i]
        stop = tick + (score.pickup if score.pickup and not out else bar_ticks(beats, unit))
        if i + 1 < len(meters):
            stop = min(stop, meters[i + 1][0])
        out.append(Bar(tick, stop, number, beats, unit))
        tick, number = stop, number + 1
    return out


@dataclass(frozen=True)
class Layout:
    """A score laid out once: its bars, its notes in the order of `Score.flat()`, and the bar (index) of each
    note."""

    bars: list[Bar]
    notes: list[tuple[int, Note]]
    bar_of: list[int]


_last: list[tuple[Score, Layout]] = []  # one entry: places are asked for one score at a time, many times over


def layout(score: Score) -> Layout:
    """The layout of a score; kept for the score asked last, because a trace asks for every note."""
    if _last and _last[0][0] is score:
        return _last[0][1]
    grid, notes = bars(score), score.flat()
    starts = [b.start for b in grid]
    made = Layout(grid, notes, [bisect_right(starts, n.onset) - 1 for _, n in notes])
    _last[:] = [(score, made)]
    return made


def metre_map(lengths: Sequence[int], metres: Sequence[tuple[int, int]]) -> tuple[Meters, int]:
    """Metres and pickup that reproduce measures as written in a file.

    `lengths` are the ticks of each measure, `metres` the (beats, unit) in force. A short first measure is a
    pickup; two short ones that make a full bar together (a repeat within a bar) count as one; a short last
    one needs nothing; any other odd measure gets a metre of its own, so that the bars after it stand where
    the file has them.
    """
    out: list[tuple[int, int, int]] = []
    pickup = tick = i = 0
    while i < len(lengths):
        beats, unit = metres[i]
        length, full = lengths[i], bar_ticks(beats, unit)
        step = 1
        if i == 0 and 0 < length < full and len(lengths) > 1:
            pickup = length
        elif length != full:
            if i + 1 < len(lengths) and metres[i + 1] == metres[i] and length + lengths[i + 1] == full:
                step = 2
            elif length > full or i + 1 < len(lengths):
                beats, unit = _metre_of(length, unit)
        if not out or out[-1][1:] != (beats, unit):
            out.append((tick, beats, unit))
        tick += sum(lengths[i : i + step])
        i += step
    return tuple(out) or ((0, 4, 4),), pickup


def _metre_of(ticks: int, unit: int) -> tuple[int, int]:
    """A metre of a given length in the unit in force where it goes, else the plainest; 3 ticks (a 32nd) at
    the finest."""
    for candidate in (unit, 4, 8, 16, 32):
        if 0 < candidate <= 32 and ticks % (4 * TPQ // candidate) == 0:
            return max(1, ticks // (4 * TPQ // candidate)), candidate
    return max(1, round(ticks / 3)), 32


def likely_metre(lengths: Sequence[int]) -> tuple[int, int]:
    """The metre of measures that come without one: that of their most frequent length; 4/4 where there is
    only one measure."""
    if len(lengths) < 2:
        return 4, 4
    return _metre_of(Counter(lengths).most_common(1)[0][0], 4)
