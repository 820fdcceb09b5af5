"""The frame of a tune: what is settled before its first note is drawn - key, metre, upbeat, length in bars,
form, tempo, sound.

A frame comes from a work, so that what it says fits together. Knows no tokens and no model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

from etude.media.music.bars import bar_ticks
from etude.media.music.form import plan_of
from etude.media.music.frame import METER, TEMPO
from etude.media.music.score import Form, Note, Score, Track
from etude.media.music.tonic import form_of, keys

Meters = tuple[tuple[int, int, int], ...]


class BarLine(NamedTuple):
    """One bar: its ticks, its length in full (only an upbeat is shorter), and its metre."""

    start: int
    end: int
    full: int
    meter: tuple[int, int]

    def place(self, tick: int) -> int:
        """Ticks from the bar line; in an upbeat from where the line of a full bar would be."""
        return tick - self.start + self.full - (self.end - self.start)


@dataclass(frozen=True)
class TuneFrame:
    """All that a tune is before its notes: `end` is the tick at which its last note ends, and `final` how
    many semitones above a tonic that note is, 0 to 11; `plan` has a number for each bar (form.py), an upbeat
    being a bar; `notes` is how many the work had."""

    meters: Meters
    pickup: int
    tempo: float
    tonic: int
    mode: int
    end: int
    plan: tuple[int, ...]
    final: int = 0
    program: int = 0
    notes: int = 0

    @cached_property
    def lines(self) -> tuple[BarLine, ...]:
        """The bars up to the end; at least one."""
        return bar_lines(self.meters, self.pickup, self.end)

    @property
    def bars(self) -> int:
        """How many bars, an upbeat not counted."""
        return len(self.lines) - (self.pickup > 0)

    @property
    def meter(self) -> tuple[int, int]:
        """The metre at its beginning."""
        return self.meters[0][1:]

    @property
    def regular(self) -> bool:
        """Whether its bars are those of one metre, the last one whole, or whole together with the upbeat."""
        last = self.lines[-1]
        left = last.full - (self.end - last.start)
        return len(self.meters) == 1 and left in (0, self.pickup)

    def to_json(self) -> dict[str, Any]:
        """As a header holds it."""
        return {**asdict(self), "meters": [list(m) for m in self.meters], "plan": list(self.plan)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> TuneFrame:
        """What `to_json` gave. Raises TypeError or ValueError."""
        meters = tuple((int(a), int(b), int(c)) for a, b, c in data["meters"])
        return cls(**{**data, "meters": meters, "plan": tuple(map(int, data["plan"]))})

    def score(self, notes: Sequence[Note], *, plan: bool = True) -> Score:
        """A score of these notes in this frame, which keeps key and `plan`."""
        track = Track(tuple(notes), program=self.program)
        form = Form(self.tonic, self.mode, self.plan if plan else None)
        return Score((track,), self.meters, ((0, self.tempo),), keys(form), self.pickup, form=form)


def bar_lines(meters: Meters, pickup: int, end: int) -> tuple[BarLine, ...]:
    """Bars up to the one in which `end` lies; at least one. The same as `bars.bars`."""
    changes = meters or ((0, *METER),)
    out: list[BarLine] = []
    tick = i = 0
    while tick < max(end, 1):
        while i + 1 < len(changes) and changes[i + 1][0] <= tick:
            i += 1
        meter = changes[i][1:]
        full = bar_ticks(*meter)
        short = pickup if pickup and not out else full
        stop = min(tick + short, changes[i + 1][0]) if i + 1 < len(changes) else tick + short
        upbeat = not out and 0 < pickup < full and stop == pickup
        out.append(BarLine(tick, stop, full if upbeat else stop - tick, meter))
        tick = stop
    return tuple(out)


def frame_of(score: Score, notes: Sequence[Note]) -> TuneFrame:
    """The frame of a score whose melody is `notes`."""
    form = form_of(notes, score)
    end = max((n.onset + n.duration for n in notes), default=1)
    frame = TuneFrame(
        score.meters or ((0, *METER),),
        score.pickup,
        score.tempos[0][1] if score.tempos else TEMPO,
        form.tonic,
        form.mode,
        end,
        (),
        (notes[-1].pitch - form.tonic) % 12 if notes else 0,
        next((t.program for t in score.tracks if t.notes and not t.drum), 0),
        len(notes),
    )
    count = len(frame.lines)
    plan = form.plan
    if plan is None or len(plan) != count or any(abs(step) > bar for bar, step in enumerate(plan)):
        plan = plan_of(bars_of(frame.lines, notes))
    return replace(frame, plan=plan)


def bars_of(lines: Sequence[BarLine], notes: Sequence[Note]) -> list[tuple[tuple[int, int, int], ...]]:
    """What `form.plan_of` compares: for each bar place, duration and pitch of the notes that begin in it."""
    out: list[list[tuple[int, int, int]]] = [[] for _ in lines]
    b = 0
    for note in notes:
        while b + 1 < len(lines) and note.onset >= lines[b].end:
            b += 1
        out[b].append((lines[b].place(note.onset), note.duration, note.pitch))
    return [tuple(bar) for bar in out]
