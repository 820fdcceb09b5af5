"""The tokens of tunes in one voice, seen from their tonic: rest, pitches around the tonic, durations.

A duration is said only where it changes; then come notes and rests of that duration. Bar lines are no tokens:
where a note stands in its bar, how many bars remain, and what stood at the same place of the bar that comes
back are side inputs. Knows no learning and no cursor.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from etude.media.music.form import CODES
from etude.media.music.score import Note
from etude.media.music.tonic import MODES
from etude.media.music.tune_frame import BarLine, TuneFrame

BOS, EOS, REST, PITCH = 0, 1, 2, 3  # the first token of each kind; durations come after the pitches
LOWEST, HIGHEST = -36, 47  # semitones from the tonic that have a token
OPEN, FREE, SOUND, END = 1, 2, 3, 4  # what may come: a duration, anything, a note or rest, the end
REMAIN = 33  # bars that remain are told apart up to here
PHRASE = 8  # bars are counted in eights
NOTHING = 1  # where the bar that comes back has no beginning of a note or rest
# Columns of the side inputs; what the memory reads comes first
STATE, DUR, PLACE, METER, MODE, LEFT, BAR, PITCH_THERE, DUR_THERE, PLAN, FINAL = range(11)
Fits = tuple[tuple[int, int, tuple[int, ...]], ...]


@dataclass(frozen=True)
class TuneVocabulary:
    """Tokens of tunes; every field is learned from a collection.

    `durations` and `positions` in ticks, ascending; `low`, `high`: the steps from the tonic that takes use;
    `fits`: for a metre (by its index) and a place in its bar the durations (by index) that notes of works
    have there; `usual`: the frame of a take for which none is drawn; `level`: the velocity of notes.
    """

    durations: tuple[int, ...]
    positions: tuple[int, ...]
    meters: tuple[tuple[int, int], ...]
    low: int
    high: int
    fits: Fits
    usual: Mapping[str, Any]
    level: int = 80
    medium: str = "music"
    bos: int = BOS
    eos: int = EOS
    settled: TuneFrame | None = field(default=None, compare=False)  # the frame of the next take
    held: bool = field(default=False, compare=False)  # whether its key must be heard in its notes

    @property
    def first_duration(self) -> int:
        """The token of the shortest duration."""
        return PITCH + HIGHEST - LOWEST + 1

    @property
    def vocab(self) -> int:
        """How many tokens there are."""
        return self.first_duration + len(self.durations)

    @property
    def side_sizes(self) -> tuple[int, ...]:
        """Of the columns STATE to FINAL."""
        durations = len(self.durations) + 1
        return (
            END + 1,
            durations,
            len(self.positions) + 1,
            len(self.meters) + 1,
            len(MODES) + 1,
            REMAIN + 1,
            PHRASE + 1,
            self.first_duration,
            durations,
            CODES,
            12,
        )

    @cached_property
    def frame_usual(self) -> TuneFrame:
        """`usual` as a frame."""
        return TuneFrame.from_json(self.usual)

    @cached_property
    def fitting(self) -> dict[tuple[int, int], tuple[int, ...]]:
        """`fits` by metre and place."""
        return {(meter, place): durations for meter, place, durations in self.fits}

    @cached_property
    def _meter_of(self) -> dict[tuple[int, int], int]:
        return {}

    def meter(self, meter: tuple[int, int]) -> int:
        """The index of a metre from 1; that of one with bars as long where it is not known, else 0."""
        if meter not in self._meter_of:
            alike = [m for m in self.meters if m[0] * meter[1] == meter[0] * m[1]]
            chosen = meter if meter in self.meters else alike[0] if alike else None
            self._meter_of[meter] = self.meters.index(chosen) + 1 if chosen else 0
        return self._meter_of[meter]

    @cached_property
    def _place_of(self) -> dict[int, int]:
        return {}

    def place(self, ticks: int) -> int:
        """The index of a place in a bar from 1, the nearest one that is known."""
        found = self._place_of.get(ticks)
        if found is None:
            p = self.positions
            i = min(bisect_left(p, ticks), len(p) - 1)
            nearer = i > 0 and ticks - p[i - 1] <= p[i] - ticks
            found = self._place_of[ticks] = (i - 1 if nearer else i) + 1
        return found

    def options(self, line: BarLine, tick: int) -> tuple[int, ...]:
        """The durations (by index) that works have at this place; () where they have none."""
        return self.fitting.get((self.meter(line.meter) - 1, line.place(tick)), ())

    def notes(self, tokens: Sequence[int], tonic: int) -> list[Note]:
        """The notes that tokens spell; what does not follow the grammar is passed over."""
        out: list[Note] = []
        tick = now = 0
        for token in tokens:
            if token >= self.first_duration:
                now = self.durations[token - self.first_duration]
            elif token >= PITCH and now:
                pitch = min(127, max(0, tonic + LOWEST + token - PITCH))
                out.append(Note(tick, pitch, now, self.level))
                tick += now
            elif token == REST:
                tick += now
        return out
