"""One voice of an ABC tune while it is read: its clock, its bars, the notes written last, overlays, and the
marks of repeats.

Times are whole numbers of `QUARTER`ths of a quarter note, as printed, each bar once; abc_play plays the
repeats out, joins ties and goes to ticks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from etude.config.media import MUSIC_LIMITS
from etude.errors import WorkError
from etude.media.music.abc_fields import Staff
from etude.media.music.score import TPQ

QUARTER = (
    2**10 * 3**4 * 5**2 * 7 * 11 * 13
)  # so fine that every usual tuplet of every usual note value is exact
Place = tuple[str, int]  # the step and octave of a note as written


@dataclass(slots=True)
class Head:
    """One written note: onset and length in `QUARTER`ths, and whether it is tied to what follows."""

    onset: int
    pitch: int
    length: int
    program: int
    drum: bool
    lane: int = 0  # 0, or the number of the overlay that it stands in
    tied: bool = False


@dataclass(frozen=True)
class Mark:
    """A sign for the order of playing. `times`: how often more (|:: 2); `numbers`: the passes of an ending
    ([1,3: 1 and 3)."""

    at: int
    kind: Literal["start", "end", "double", "ending"]
    times: int = 1
    numbers: tuple[int, ...] = ()


@dataclass
class Voice:
    """A voice being read."""

    ident: str
    length: tuple[int, int] | None  # the unit length, in whole notes: numerator and denominator
    accidentals: dict[str, int]
    program: int = 0
    drum: bool = False
    channel: int | None = None  # the MIDI channel, where one is named
    place: int = 1  # the channel that the voice has otherwise: that of its place among the voices
    name: str = ""
    staff: Staff = field(default_factory=Staff)
    shift: int = 0  # semitones, of %%MIDI transpose
    keys: list[tuple[int, int, bool]] = field(default_factory=list)  # time, fifths, minor
    now: int = 0
    bar_start: int = 0
    line: int = 0  # the time of the bar line before, also within an overlay
    heads: list[Head] = field(default_factory=list)
    edges: list[int] = field(default_factory=list)  # the ends of the bars
    marks: list[Mark] = field(default_factory=list)
    in_bar: dict[str | Place, int] = field(default_factory=dict)  # accidentals that hold until the bar line
    latest: list[tuple[Head, Place, int]] = field(
        default_factory=list
    )  # written last, with place and alteration
    latest_at: int = 0
    ties: dict[Place, tuple[int, int, int]] = field(
        default_factory=dict
    )  # where a tie ends, alteration, lane
    before_ending: dict[Place, int] = field(
        default_factory=dict
    )  # ties into the first ending, and so into all
    broken: tuple[int, int] = (1, 1)  # what the next note's length is multiplied with
    tuplet: tuple[int, int] = (1, 1)
    tuplet_left: int = 0
    lane: int = 0  # 0, or the number of the overlay being read
    front: int | None = None  # in an overlay: how far the voice has come
    lane_bar: int = 0  # in an overlay: the index of the bar it stands in
    region: tuple[int, int] | None = None  # where a (& began: time and bar

    def bar(self) -> None:
        """A bar line: the accidentals of the bar end. An overlay goes on in the next bar, or ends where the
        voice had come to."""
        self.in_bar = {}
        if self.front is not None:
            if self.lane_bar < len(self.edges):  # a bar that the voice has closed before
                self.now = self.latest_at = self.line = self.edges[self.lane_bar]
                self.lane_bar += 1
                if self.lane_bar == len(self.edges) and self.front == self.bar_start and self.region is None:
                    self.front, self.lane = None, 0
                return
            self._end_overlay()
        if self.now > self.bar_start:
            self.edges.append(self.now)
            self.bar_start = self.now
        self.latest_at = self.line = self.now  # broken rhythm does not reach over a bar line that is written

    def overlay(self, signs: int) -> None:
        """`&`: back to the start of this bar, or of the bar before where this one is empty; `&&`: one bar
        further."""
        inside = self.front is not None or self.now > self.bar_start
        here = len(self.edges) if self.front is None else self.lane_bar
        self.front = max(self.front or 0, self.now)
        if self.region is not None:
            self.now, self.lane_bar = self.region
        else:
            self.lane_bar = max(0, here - (signs - 1 if inside else signs))
            self.now = self.edges[self.lane_bar - 1] if self.lane_bar else 0
        self.line = self.now
        self.lane += 1
        self.in_bar, self.latest, self.broken, self.tuplet_left = {}, [], (1, 1), 0

    def open_region(self) -> None:
        """`(&`: the overlays that follow begin here, and may last several bars."""
        self.region = (self.now, len(self.edges))

    def close_region(self) -> None:
        """`&)`: the voice goes on where its longest overlay ended."""
        self._end_overlay()
        self.in_bar = {}

    def _end_overlay(self) -> None:
        self.now = max(self.front or 0, self.now)
        self.front, self.region, self.lane = None, None, 0

    def finish(self) -> None:
        """The end of the tune closes what is open."""
        self._end_overlay()
        self.bar()

    def ending(self, numbers: tuple[int, ...]) -> None:
        """An ending begins: a tie into the first is a tie into each of them."""
        self.marks.append(Mark(self.now, "ending", numbers=numbers))
        if 1 in numbers:
            self.before_ending = {
                place: alter for place, (at, alter, _) in self.ties.items() if at == self.now
            }
        else:
            self.ties |= {place: (self.now, alter, 0) for place, alter in self.before_ending.items()}

    def sound(self, heads: list[tuple[int | None, Place, int, int]]) -> None:
        """Notes that sound together, as (pitch, place, alteration, length); pitch None is a rest. The first
        gives the length of all."""
        self.latest_at, self.latest = self.now, []
        for pitch, place, alter, length in heads:
            if pitch is not None:
                head = Head(self.now, pitch, length, self.program, self.drum, self.lane)
                self.heads.append(head)
                self.latest.append((head, place, alter))
        self.forward(heads[0][3])

    def forward(self, length: int) -> None:
        """Let time pass. Raises WorkError once the tune is longer than any."""
        self.now += length
        if len(self.heads) > MUSIC_LIMITS.max_notes or len(self.edges) > MUSIC_LIMITS.max_notes:
            raise WorkError(
                f"A voice of the tune has more than {MUSIC_LIMITS.max_notes:,} notes or bars; at most so "
                "many are read.",
                "Give each tune of a book a line X: with its number.",
            )
        if self.now * TPQ > MUSIC_LIMITS.max_ticks * QUARTER:
            raise WorkError(
                f"The tune is longer than {MUSIC_LIMITS.max_ticks // TPQ:,} quarter notes; at most so many "
                "are read.",
                "Look for a length or a number of bars of rest that is far too large.",
            )

    def tie(self, index: int | None = None) -> None:
        """A tie from the notes written last, or from one of them."""
        for head, place, alter in self.latest if index is None else self.latest[index : index + 1]:
            head.tied = True
            self.ties[place] = (head.onset + head.length, alter, self.lane)

    def stretch(self, top: int, bottom: int) -> None:
        """Change the length of what was written last, for broken rhythm."""
        for head, place, alter in self.latest:
            head.length = head.length * top // bottom
            if head.tied:
                self.ties[place] = (head.onset + head.length, alter, self.lane)
        self.now = self.latest_at + (self.now - self.latest_at) * top // bottom
