"""The music lines of an ABC tune: notes, chords, tuplets, ties, broken rhythm and bar lines of one voice.

Times are exact fractions of a quarter note until the end, so that tuplets of any kind do not drift. What is not understood is
skipped and counted; nothing a line may hold raises an error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction

from etude.media.music.abc_fields import ACCIDENTALS, Fields
from etude.media.music.score import TPQ, Note
from etude.media.music.spelling import NATURAL

NOTE = re.compile(r"(\^\^|\^|__|_|=)?([A-Ga-g])([,']*)")
LENGTH = re.compile(r"(\d*)(/*)(\d*)")
BAR = re.compile(r"\[?[|:][|:\]\[]*|\|\]")
ENDING = re.compile(r"\[?\d[\d,.-]*")
TUPLET = re.compile(r"\((\d)(?::(\d*))?(?::(\d*))?")
SKIP = re.compile(
    r'"[^"]*"|![^!|\s]*!|\+[^+|\s]*\+|\{[^}]*\}|\[[A-Za-z]:[^\]]*\]|[\s`\\()~.HIJKLMNOPQRSTUVWhijklmnopqrstuvwy*$;?@#]'
)  # chord symbols, decorations, grace notes, slurs and spacing carry no pitch
DEFAULT_Q = {2: 3, 3: 2, 4: 3, 6: 2, 8: 3}
MAX_QUARTERS = 4096  # a longer single note is a slip of the pen


@dataclass(frozen=True)
class BarEnd:
    """Where a bar ended (quarter notes from the start) and the metre it had."""

    end: Fraction
    meter: tuple[int, int]


@dataclass
class Voice:
    """A voice being read. Times in quarter notes."""

    ident: str
    meter: tuple[int, int] | None
    length: Fraction | None  # the unit length, in whole notes
    accidentals: dict[str, int]
    program: int = 0
    name: str = ""
    shift: int = 0
    now: Fraction = Fraction(0)
    bar_start: Fraction = Fraction(0)
    notes: list[list[Fraction | int]] = field(default_factory=list)  # [onset, pitch, length]
    bars: list[BarEnd] = field(default_factory=list)
    repeats: bool = False
    in_bar: dict[str, int] = field(default_factory=dict)
    tied: dict[tuple[str, int], int] = field(
        default_factory=dict
    )  # (step, octave) -> index of the note it ties from
    latest: list[int] = field(default_factory=list)  # indices of the notes written last
    latest_at: Fraction = Fraction(0)
    places: dict[tuple[str, int], int] = field(
        default_factory=dict
    )  # (step, octave) -> index, of the notes written last
    broken: Fraction | None = None  # what the next note's length is multiplied with
    tuplet: Fraction = Fraction(1)
    tuplet_left: int = 0

    def close_bar(self) -> None:
        """A bar line: the accidentals of the bar end."""
        self.in_bar = {}
        if self.now > self.bar_start:
            self.bars.append(BarEnd(self.now, self.meter or (4, 4)))
            self.bar_start = self.now

    def in_ticks(self) -> tuple[Note, ...]:
        """The notes on the grid, sorted; of two with one onset and pitch the longer."""
        best: dict[tuple[int, int], Note] = {}
        for onset, pitch, length in self.notes:
            at = round(onset * TPQ)
            note = Note(at, int(pitch), max(1, round((onset + length) * TPQ) - at))
            old = best.get((at, note.pitch))
            if old is None or old.duration < note.duration:
                best[at, note.pitch] = note
        return tuple(best[k] for k in sorted(best))


def read_line(text: str, voice: Voice, fields: Fields, number: int, problems: list[str]) -> int:
    """Read a piece of a line into the voice; returns how many characters were not understood."""
    at = bad = 0
    while at < len(text):
        char = text[at]
        if found := TUPLET.match(text, at):
            _tuplet(voice, found)
        elif char == "-":
            _tie(voice)
            at += 1
            continue
        elif char in "<>":
            found = re.compile(r"<+|>+").match(text, at)
            assert found is not None
            _broken(voice, found[0])
        elif char == "&" and voice.now > voice.bar_start:
            voice.now, voice.in_bar = voice.bar_start, {}
            at += 1
            continue
        elif char in "|:" or text.startswith(("[|", "[:"), at):
            found = BAR.match(text, at)
            assert found is not None
            voice.repeats |= ":" in found[0]
            if "|" in found[0] or ":" in found[0]:
                voice.close_bar()
            ending = ENDING.match(text, found.end())
            at = ending.end() if ending else found.end()
            continue
        elif char == "[" and at + 1 < len(text) and text[at + 1].isdigit():
            found = ENDING.match(text, at)
            assert found is not None
        elif char == "[":
            end = _chord(text, at, voice)
            if end > at:
                at = end
                continue
            found = None
        elif found := NOTE.match(text, at):
            at = _single(text, voice, found)
            continue
        elif char in "zxZX":
            at = _rest(text, at, voice)
            continue
        else:
            found = SKIP.match(text, at)
        if found is None:
            problems.append(f"line {number}: '{char}' is not understood and was skipped")
            bad += 1
            at += 1
        else:
            at = found.end()
    return bad


def _length(text: str, at: int) -> tuple[Fraction, int]:
    """A length such as 3/2, /, // or 2 at a place: (factor, where it ends)."""
    found = LENGTH.match(text, at)
    if found is None or found.end() == at:
        return Fraction(1), at
    top = int(found[1][:6] or 1)
    bottom = int(found[3][:6] or 1) if found[3] else 2 ** min(8, len(found[2]))
    return Fraction(top, max(1, bottom)), found.end()


def _quarters(voice: Voice, factor: Fraction) -> Fraction:
    """Length in quarter notes of a note of `factor` units, tuplet and broken rhythm applied."""
    length = factor * (voice.length or Fraction(1, 8)) * 4
    if voice.tuplet_left:
        length *= voice.tuplet
        voice.tuplet_left -= 1
    if voice.broken is not None:
        length *= voice.broken
        voice.broken = None
    return min(length, Fraction(MAX_QUARTERS))


def _pitch(voice: Voice, found: re.Match[str]) -> tuple[int, tuple[str, int]]:
    """MIDI pitch of a note, and its (step, octave) as written. Sets the accidental for the rest of the bar."""
    sign, letter, marks = found[1], found[2], found[3]
    step = letter.upper()
    octave = (5 if letter.islower() else 4) + marks.count("'") - marks.count(",")
    place = (step, octave)
    if sign:
        voice.in_bar[step] = ACCIDENTALS[sign]
    elif (
        place in voice.tied
        and voice.notes[voice.tied[place]][0] + voice.notes[voice.tied[place]][2] == voice.now
    ):
        return int(voice.notes[voice.tied[place]][1]), place  # a tie carries its accidental over the bar line
    alter = voice.in_bar.get(step, voice.accidentals.get(step, 0))
    return max(0, min(127, 12 * (octave + 1) + NATURAL[step] + alter + voice.shift)), place


def _add(voice: Voice, heads: list[tuple[int, tuple[str, int], Fraction]]) -> None:
    """Add notes that sound together; those tied from before grow instead."""
    tied, voice.tied = voice.tied, {}
    voice.latest, voice.latest_at = [], voice.now
    voice.places = {}
    for pitch, place, length in heads:
        index = tied.get(place)
        if (
            index is not None
            and voice.notes[index][1] == pitch
            and voice.notes[index][0] + voice.notes[index][2] == voice.now
        ):
            voice.notes[index][2] += length
        else:
            index = len(voice.notes)
            voice.notes.append([voice.now, pitch, length])
        voice.latest.append(index)
        voice.places[place] = index
    voice.now += heads[0][2]


def _single(text: str, voice: Voice, found: re.Match[str]) -> int:
    factor, end = _length(text, found.end())
    pitch, place = _pitch(voice, found)
    _add(voice, [(pitch, place, _quarters(voice, factor))])
    return end


def _chord(text: str, at: int, voice: Voice) -> int:
    """[CEG]2: returns where it ends, or `at` where it is no chord. The first note's length is the chord's."""
    close = text.find("]", at)
    if close < 0:
        return at
    heads: list[tuple[int, tuple[str, int], Fraction]] = []
    tied = []
    inner = at + 1
    while inner < close:
        found = NOTE.match(text, inner)
        if found is None:
            if text[inner] == "-" and heads:
                tied.append(heads[-1][1])
            inner += 1
            continue
        factor, inner = _length(text, found.end())
        pitch, place = _pitch(voice, found)
        heads.append((pitch, place, factor))
    if not heads:
        return at
    outer, end = _length(text, close + 1)
    scale = _quarters(voice, outer)
    _add(
        voice, [(pitch, place, min(factor * scale, Fraction(MAX_QUARTERS))) for pitch, place, factor in heads]
    )
    voice.tied = {place: voice.places[place] for place in tied}
    return end


def _rest(text: str, at: int, voice: Voice) -> int:
    factor, end = _length(text, at + 1)
    voice.tied, voice.latest, voice.places = {}, [], {}
    if text[at] in "ZX":
        beats, unit = voice.meter or (4, 4)
        for _ in range(max(1, min(999, int(factor)))):
            voice.now += Fraction(4 * beats, unit)
            voice.close_bar()
        return end
    voice.latest_at = voice.now
    voice.now += _quarters(voice, factor)
    return end


def _tie(voice: Voice) -> None:
    voice.tied = dict(voice.places)


def _tuplet(voice: Voice, found: re.Match[str]) -> None:
    p = int(found[1])
    if p < 2:
        return
    beats, unit = voice.meter or (4, 4)
    compound = 3 if unit == 8 and beats % 3 == 0 and beats > 3 else 2
    q = int(found[2]) if found[2] else DEFAULT_Q.get(p, compound)
    voice.tuplet, voice.tuplet_left = Fraction(max(1, q), p), min(64, int(found[3]) if found[3] else p)


def _broken(voice: Voice, marks: str) -> None:
    """a>b: the note before grows by half of itself, the next shrinks as much; >> by three quarters."""
    small = Fraction(1, 2 ** min(4, len(marks)))
    before, after = (2 - small, small) if marks[0] == ">" else (small, 2 - small)
    length = voice.now - voice.latest_at
    if length <= 0:
        return
    for index in voice.latest:
        voice.notes[index][2] += length * (before - 1)
    voice.now = voice.latest_at + length * before
    voice.broken = after
