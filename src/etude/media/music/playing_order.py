"""The order in which the bars of a score are played: repeats, numbered endings, D.C., D.S., Fine and Coda.

Follows what players and notation programs do. Repeats are not made again after a jump, and the last ending is
taken there; a jump is taken once, on the last pass; a sign of a wrong place (Fine at the start of the next
bar) is moved to the bar line it means. Where a missing sign would leave bars unplayed they are played after
all. Knows no file format and no notes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

Kind = Literal["segno", "coda", "to coda", "fine", "dc", "ds"]
AT_START: tuple[Kind, ...] = (
    "segno",
    "coda",
)  # they stand at the start of their bar, the others act at its end


@dataclass(frozen=True)
class Mark:
    """A sign for the order. `at`: its place in the bar, 0 to 1; `label`: which of several; `until`: 'fine',
    'coda' or ''."""

    kind: Kind
    at: float = 0.0
    label: str = ""
    until: str = ""
    glyph: bool = False  # only drawn: a first coda sign may mean "to coda"


@dataclass
class BarSigns:
    """What one bar says of the order."""

    forward: bool = False
    backward: int = 0  # how many times the passage is played, 0 without a repeat sign
    after_jump: bool = False  # whether its repeat is made again after a jump
    endings: tuple[int, ...] = ()
    marks: list[Mark] = field(default_factory=list)
    double: bool = False  # a double bar line at its end


def played(bars: Sequence[BarSigns], most: int) -> list[tuple[int, int]] | None:
    """(bar, pass) in the order of playing, passes from 1; None where there would be more than `most` bars."""
    order = _Player(bars, most).run()
    heard = {i for i, _ in order or ()}
    lost = {i for i, bar in enumerate(bars) if bar.endings and i not in heard} if order is not None else set()
    if lost:  # endings for passes that never come: they are bars like others
        return played([replace(b, endings=()) if i in lost else b for i, b in enumerate(bars)], most)
    return order


class _Player:
    """Walks through the bars once, with the repeat that it is in and the jump that it follows."""

    def __init__(self, bars: Sequence[BarSigns], most: int) -> None:
        self.bars, self.most = bars, most
        self.marks = _settled(bars)
        self.signs: dict[str, list[tuple[int, Mark]]] = defaultdict(list)  # kind -> bars and marks
        for i, marks in enumerate(self.marks):
            for mark in marks:
                self.signs[mark.kind].append((i, mark))
        self.home, self.passes = _sections(bars)
        self.again = {self.home[i] for i, bar in enumerate(bars) if bar.after_jump}

    def run(self) -> list[tuple[int, int]] | None:
        order: list[tuple[int, int]] = []
        taken: set[int] = set()
        until: Mark | None = None  # the jump whose Fine or Coda is looked for
        final, back = False, -1  # after a jump: last passes only, and the bar it was taken from
        here, turn, i = -1, 1, 0
        heard: set[int] = set()
        while i < len(self.bars):
            bar = self.bars[i]
            if self.home[i] != here:
                here = self.home[i]
                turn = self.passes[here] if final and here not in self.again else 1
            if bar.endings and turn not in bar.endings:
                i += 1
                continue
            order.append((i, turn))
            heard.add(i)
            if len(order) > self.most:
                return None
            if (bar.backward or self._implied(i, turn)) and turn < self.passes[here]:
                turn, i = turn + 1, here
                continue
            last = turn >= self.passes[here] or turn == max(bar.endings, default=0)
            if until is not None and last and self._reached(i, until):
                if until.until == "coda":
                    goal = self._coda(i)
                else:  # Fine: what comes after the jump has not been heard yet, and belongs to the piece
                    rest = range(back + 1, len(self.bars))
                    goal = next((k for k in rest if k not in heard), len(self.bars))
                until, final, here, i = None, False, -1, goal
                continue
            if i == back:
                final = False
            jump = next((m for m in self.marks[i] if m.kind in ("dc", "ds")), None)
            if jump is not None and last and i not in taken:
                taken.add(i)
                start = 0 if jump.kind == "dc" else self._segno(jump, i)
                if start is not None:
                    until, final, back, here, i = self._until(jump), True, i, -1, start
                    continue
            i += 1
        return order

    def _implied(self, i: int, turn: int) -> bool:
        """Whether the next bar begins the ending of the next pass, so that a repeat sign is missing."""
        bar, following = self.bars[i], self.bars[i + 1] if i + 1 < len(self.bars) else BarSigns()
        return bool(bar.endings) and turn not in following.endings and turn + 1 in following.endings

    def _until(self, jump: Mark) -> Mark | None:
        """The jump with what it is played until: said by it, else by the signs there are; None to the end."""
        if jump.until:
            return jump
        if self.signs["to coda"] and self.signs["coda"]:
            return Mark(jump.kind, jump.at, jump.label, "coda")
        return Mark(jump.kind, jump.at, jump.label, "fine") if self.signs["fine"] else None

    def _reached(self, i: int, until: Mark) -> bool:
        kind = "fine" if until.until == "fine" else "to coda"
        return any(m.kind == kind for m in self.marks[i]) and (kind == "fine" or bool(self.signs["coda"]))

    def _segno(self, jump: Mark, i: int) -> int | None:
        """The bar of the sign that a D.S. means: of its label, else the nearest before it, else the first."""
        signs = self.signs["segno"]
        named = [k for k, m in signs if jump.label and m.label == jump.label]
        before = [k for k, _ in signs if k <= i]
        return next(iter(named or before[-1:] or [k for k, _ in signs]), None)

    def _coda(self, i: int) -> int:
        """The bar of the coda that the sign in bar i leads to."""
        label = next((m.label for m in self.marks[i] if m.kind == "to coda"), "")
        codas = self.signs["coda"]
        named = [k for k, m in codas if label and m.label == label]
        return (named or [k for k, _ in codas if k > i] or [k for k, _ in codas])[0]


def _settled(bars: Sequence[BarSigns]) -> list[list[Mark]]:
    """The marks of each bar, those that stand on the wrong side of a bar line moved across it."""
    out: list[dict[tuple[str, str], Mark]] = [{} for _ in bars]
    explicit = any(m.kind == "to coda" for bar in bars for m in bar.marks)
    codas = [(i, m) for i, bar in enumerate(bars) for m in bar.marks if m.kind == "coda"]
    apart = bool(codas) and codas[0][0] != codas[-1][0]
    first = codas[0] if apart and codas[0][1].glyph and not explicit else None
    for i, bar in enumerate(bars):
        for mark in bar.marks:
            if first is not None and mark.kind == "coda" and mark.glyph and i == first[0]:
                mark = Mark("to coda", mark.at, mark.label)
            place = i
            if mark.kind in AT_START:
                place = i + (mark.at >= 0.5 and i + 1 < len(bars))
            elif mark.at < 0.5 and i > 0 and not _meant_here(bars, i, mark):
                place = i - 1
            out[place].setdefault((mark.kind, mark.label), mark)
    return [list(marks.values()) for marks in out]


def _meant_here(bars: Sequence[BarSigns], i: int, mark: Mark) -> bool:
    """Whether a sign that stands at the start of bar i acts at its end: a double bar line there, or nothing
    after it."""
    if bars[i].double != bars[i - 1].double:
        return bars[i].double
    if mark.kind not in ("dc", "ds"):
        return False
    coda_next = i + 1 < len(bars) and any(m.kind == "coda" for m in bars[i + 1].marks)
    return i == len(bars) - 1 or coda_next or bool(bars[i].backward)


def _sections(bars: Sequence[BarSigns]) -> tuple[list[int], dict[int, int]]:
    """For each bar, where the passage begins that it is repeated with; and for each such start, how often it
    is played."""
    home: list[int] = []
    passes: dict[int, int] = {}
    start, endings = 0, False
    for i, bar in enumerate(bars):
        if bar.forward or (endings and not bar.endings):
            start, endings = i, False
        home.append(start)
        passes[start] = max(passes.get(start, 1), bar.backward, *bar.endings)
        endings |= bool(bar.endings)
        following = bars[i + 1].endings if i + 1 < len(bars) else ()
        if bar.backward and not bar.endings and not following:
            start = i + 1
    return home, passes
