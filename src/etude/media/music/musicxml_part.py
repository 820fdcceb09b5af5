"""One part of a MusicXML file, measure by measure: notes in ticks from the start of their measure.

Keeps what lasts from bar to bar (divisions, metre, key, transposition, dynamics). Knows nothing of the other parts, so it does
not know where a measure starts in the piece.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from etude.media.music.score import TPQ

Element = Any  # lxml ships no types
STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
BEATS = {
    "whole": 4.0,
    "half": 2.0,
    "quarter": 1.0,
    "eighth": 0.5,
    "16th": 0.25,
    "32nd": 0.125,
    "64th": 0.0625,
}
DYNAMICS = {
    "pppp": 16,
    "ppp": 24,
    "pp": 36,
    "p": 49,
    "mp": 64,
    "mf": 80,
    "f": 96,
    "ff": 112,
    "fff": 120,
    "ffff": 126,
    "sf": 104,
    "sfz": 104,
}
MAX_MEASURE_TICKS = 24 * 4096  # a longer measure is a mistake in the file


@dataclass(frozen=True)
class PartNote:
    """A note as written: ticks from the start of the measure (float until all are placed), its voice, its ties."""

    onset: float
    pitch: int
    duration: float
    velocity: int
    voice: tuple[int, str]  # (staff, voice)
    tied_on: bool
    tied_back: bool


@dataclass
class Measure:
    """One measure of one part."""

    metre: tuple[int, int] = (4, 4)
    key: tuple[int, bool] | None = None
    length: float = 0.0
    notes: list[PartNote] = field(default_factory=list)
    tempos: list[tuple[float, float]] = field(default_factory=list)
    forward: bool = False
    backward: int = 0  # how many times the passage is played, 0 without a repeat sign
    ending: tuple[int, ...] = ()


def first_text(element: Element, path: str) -> str:
    """The text at a path, or ''."""
    return " ".join((element.findtext(path) or "").split())[:300] if element is not None else ""


def number(text: str | None, default: float) -> float:
    """A number written in the file, or the default where it is missing or no number."""
    try:
        value = float(text) if text else default
    except ValueError:
        return default
    return value if abs(value) < 1e9 else default


class PartReader:
    """Reads the measures of a part in order and keeps its state."""

    def __init__(self, head: Element | None) -> None:
        self.name = first_text(head, "part-name")
        if self.name == "MusicXML Part":
            self.name = ""
        self.program = min(127, max(0, int(number(first_text(head, "midi-instrument/midi-program"), 1)) - 1))
        self.drum = first_text(head, "midi-instrument/midi-channel") == "10"
        self.unpitched: dict[str, int] = {}
        for instrument in head.findall("midi-instrument") if head is not None else ():
            key = int(number(instrument.findtext("midi-unpitched"), 0))
            if 1 <= key <= 128:
                self.unpitched[instrument.get("id", "")] = key - 1
        self.measures: list[Measure] = []
        self.warnings: set[str] = set()
        self._ticks = float(TPQ)  # ticks in one division
        self._metre = (4, 4)
        self._key: tuple[int, bool] | None = None
        self._transpose: dict[int, int] = {}
        self._velocity = 80
        self._rounded = False
        self._ending: tuple[int, ...] = ()

    def measure(self, element: Element) -> None:
        """Read one <measure>."""
        out = Measure(ending=self._ending)
        now = onset = 0.0
        for child in element:
            tag = child.tag
            if tag == "note":
                now, onset = self._note(child, out, now, onset)
            elif tag == "backup":
                now = max(0.0, now - self._length(child))
                if self._rounded and now < 3:  # the way back was rounded too
                    now = 0.0
            elif tag == "forward":
                now = min(MAX_MEASURE_TICKS, now + self._length(child))
            elif tag == "attributes":
                self._attributes(child)
            elif tag == "direction":
                self._direction(child, out, now)
            elif tag == "sound":
                self._sound(child, out, now)
            elif tag == "barline":
                self._barline(child, out)
            out.length = max(out.length, now)
        out.metre, out.key = self._metre, self._key
        self.measures.append(out)

    def _length(self, element: Element) -> float:
        """Ticks of a note, backup or forward. Some programs round durations to whole divisions; the written value then counts."""
        ticks = max(0.0, number(element.findtext("duration"), 0)) * self._ticks
        if (
            abs(ticks - round(ticks)) < 1e-6
            or (value := BEATS.get((element.findtext("type") or "").strip())) is None
        ):
            return ticks
        dots = len(element.findall("dot"))
        actual = number(element.findtext("time-modification/actual-notes"), 1)
        normal = number(element.findtext("time-modification/normal-notes"), 1)
        written = TPQ * value * (2 - 0.5**dots) * normal / max(actual, 1)
        if abs(written - ticks) < self._ticks:
            self._rounded |= abs(written - ticks) > 1e-6
            return written
        return ticks

    def _note(self, element: Element, out: Measure, now: float, onset: float) -> tuple[float, float]:
        """Add a note and return (where the next begins, where a chord note of this one begins)."""
        if element.find("grace") is not None:
            self.warnings.add("grace notes were left out")
            return now, onset
        length = self._length(element)
        if element.find("chord") is None:
            onset = now
            now = min(MAX_MEASURE_TICKS, now + length)
        if element.find("cue") is not None:
            return now, onset
        pitch = self._pitch(element)
        if pitch is None or length <= 0:
            return now, onset
        ties = {tie.get("type") for tie in element.findall("tie")} or {
            tie.get("type") for tie in element.findall("notations/tied")
        }
        loud = number(element.get("dynamics"), 0)
        velocity = min(127, max(1, round(loud * 0.9))) if loud > 0 else self._velocity
        voice = (int(number(element.findtext("staff"), 1)), (element.findtext("voice") or "1").strip())
        out.notes.append(PartNote(onset, pitch, length, velocity, voice, "start" in ties, "stop" in ties))
        return now, onset

    def _pitch(self, element: Element) -> int | None:
        pitch = element.find("pitch")
        if pitch is not None:
            step = STEPS.get((pitch.findtext("step") or "").strip().upper())
            if step is None:
                self.warnings.add("notes without a step were left out")
                return None
            alter = number(pitch.findtext("alter"), 0)
            if alter != round(alter):
                self.warnings.add("quarter tones were rounded to semitones")
            staff = int(number(element.findtext("staff"), 1))
            shift = self._transpose.get(staff, self._transpose.get(0, 0))
            midi = 12 * (int(number(pitch.findtext("octave"), 4)) + 1) + step + round(alter) + shift
        elif (unpitched := element.find("unpitched")) is not None:
            instrument = element.find("instrument")
            found = self.unpitched.get(instrument.get("id", "") if instrument is not None else "")
            step = STEPS.get((unpitched.findtext("display-step") or "E").strip().upper(), 4)
            midi = (
                found
                if found is not None
                else 12 * (int(number(unpitched.findtext("display-octave"), 4)) + 1) + step
            )
            self.drum = True
        else:
            return None
        if not 0 <= midi <= 127:
            self.warnings.add("notes outside the range of MIDI were left out")
            return None
        return midi

    def _attributes(self, element: Element) -> None:
        divisions = number(element.findtext("divisions"), 0)
        if divisions > 0:
            self._ticks = TPQ / divisions
        transposes = element.findall("transpose")
        for transpose in transposes:
            semitones = number(transpose.findtext("chromatic"), 0) + 12 * number(
                transpose.findtext("octave-change"), 0
            )
            self._transpose[int(number(transpose.get("number"), 0))] = round(semitones)
        time = element.find("time")
        if time is not None and time.find("senza-misura") is None:
            beats = [sum(int(number(b, 0)) for b in (x.text or "").split("+")) for x in time.findall("beats")]
            units = [int(number(x.text, 4)) for x in time.findall("beat-type")]
            if (
                beats
                and len(beats) == len(units)
                and all(0 < b < 256 for b in beats)
                and all(u in (1, 2, 4, 8, 16, 32, 64) for u in units)
            ):
                unit = max(units)
                self._metre = (sum(b * unit // u for b, u in zip(beats, units, strict=True)), unit)
        fifths = element.find("key/fifths")
        if fifths is not None:
            minor = (element.findtext("key/mode") or "").strip() in ("minor", "aeolian")
            sharps = int(number(fifths.text, 0)) + 7 * self._transpose.get(
                0, 0
            )  # written key to sounding key, round the circle
            while sharps > 7:
                sharps -= 12
            while sharps < -7:
                sharps += 12
            self._key = (sharps, minor)

    def _direction(self, element: Element, out: Measure, now: float) -> None:
        now += number(element.findtext("offset"), 0) * self._ticks
        sound = element.find("sound")
        if sound is not None:
            self._sound(sound, out, now)
        metronome = element.find("direction-type/metronome")
        if metronome is not None and (sound is None or sound.get("tempo") is None):
            beat = BEATS.get((metronome.findtext("beat-unit") or "").strip(), 1.0)
            beat *= 2 - 0.5 ** len(metronome.findall("beat-unit-dot"))
            text = "".join(c for c in metronome.findtext("per-minute") or "" if c.isdigit() or c == ".")
            self._tempo(out, now, number(text, 0) * beat)
        marks = element.find("direction-type/dynamics")
        if marks is not None and (sound is None or sound.get("dynamics") is None):
            for mark in marks:
                self._velocity = DYNAMICS.get(str(mark.tag), self._velocity)

    def _sound(self, element: Element, out: Measure, now: float) -> None:
        self._tempo(
            out, now + number(element.findtext("offset"), 0) * self._ticks, number(element.get("tempo"), 0)
        )
        loud = number(element.get("dynamics"), 0)
        if loud > 0:
            self._velocity = min(127, max(1, round(loud * 0.9)))  # a percentage of velocity 90

    def _tempo(self, out: Measure, now: float, bpm: float) -> None:
        if 1 <= bpm <= 2000:
            out.tempos.append((max(0.0, now), round(bpm, 3)))

    def _barline(self, element: Element, out: Measure) -> None:
        ending = element.find("ending")
        if ending is not None:
            if ending.get("type") == "start":
                self._ending = tuple(
                    int(n) for n in (ending.get("number") or "").replace(" ", ",").split(",") if n.isdigit()
                )
            out.ending = self._ending
            if ending.get("type") in ("stop", "discontinue"):
                self._ending = ()
        repeat = element.find("repeat")
        if repeat is not None:
            if repeat.get("direction") == "forward":
                out.forward = True
            else:
                out.backward = max(2, int(number(repeat.get("times"), 2)))
