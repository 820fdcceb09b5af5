"""What holds for a whole ABC tune while it is read: title, metre, tempo, parts, settings, its voices, and what was not understood.

Times are those of abc_voice. Knows no syntax: abc_tune fills it from fields, abc_body reads music into its voices.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from fractions import Fraction

from etude.media.music.abc_fields import Staff
from etude.media.music.abc_macros import Macro
from etude.media.music.abc_voice import QUARTER, Voice

Meter = tuple[int, int] | None  # None: free metre
MOST_TOLD = 5  # problems told one by one


@dataclass
class Sheet:
    """A tune being read."""

    title: str = ""
    maker: str = ""
    meta: dict[str, str] = field(default_factory=dict)
    in_body: bool = False
    length: Fraction | None = None
    meters: list[tuple[int, Meter]] = field(default_factory=list)  # (from when, metre), ascending
    tempos: list[tuple[int, float]] = field(default_factory=list)
    order: list[str] = field(default_factory=list)  # of the parts
    parts: list[tuple[int, str]] = field(default_factory=list)  # where each begins
    voices: dict[str, Voice] = field(default_factory=dict)
    current: Voice | None = None
    accidentals: dict[str, int] = field(
        default_factory=dict
    )  # of the header's key, for voices that begin later
    key: tuple[int, bool] | None = None
    staff: Staff = field(default_factory=Staff)
    program: int = 0
    programs: dict[int, int] = field(default_factory=dict)  # of MIDI channels that were named
    drum: bool = False
    shift: int = 0
    tempo: tuple[int, str] | None = None  # the Q: of the header with its line, until the unit length is known
    bang_breaks: bool = False  # I:linebreak !: the sign ends a line of print, and opens no decoration
    plus_decorates: bool = False  # I:decoration +
    propagate: str = "pitch"  # how far an accidental reaches in its bar: not, octave, pitch (ABC 2.1, 11.3)
    macros: list[Macro] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    further: int = 0  # problems beyond those
    written: int = 0  # characters of music
    bad: int = 0  # of them not understood

    def problem(self, number: int, text: str) -> None:
        """Note what was not understood in a line."""
        if len(self.problems) < MOST_TOLD:
            self.problems.append(f"line {number}: {text}")
        else:
            self.further += 1

    def first(self) -> str:
        """' (first problem: ...)' for the end of a message, or ''."""
        return f" (first problem: {self.problems[0]})" if self.problems else ""

    def unit(self) -> Fraction:
        """The unit length in whole notes: as said, else an eighth, or a 16th in metres shorter than 3/4."""
        if self.length is not None:
            return self.length
        meter = self.meters[0][1] if self.meters else None
        return Fraction(1, 16) if meter and Fraction(*meter) < Fraction(3, 4) else Fraction(1, 8)

    def set_meter(self, at: int, meter: Meter) -> None:
        """A metre from a time on; of two at the same time the later holds."""
        index = bisect_right(self.meters, at, key=lambda m: m[0])
        if index and self.meters[index - 1][0] == at:
            self.meters[index - 1] = (at, meter)
        else:
            self.meters.insert(index, (at, meter))

    def meter_at(self, at: int) -> tuple[int, int]:
        """The metre in force at a time; 4/4 where there is none."""
        index = bisect_right(self.meters, at, key=lambda m: m[0])
        return (self.meters[index - 1][1] if index else None) or (4, 4)

    def bar_length(self, at: int) -> int:
        """Length of a full bar at a time."""
        beats, unit = self.meter_at(at)
        return 4 * QUARTER * beats // unit
