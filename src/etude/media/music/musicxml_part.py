"""One part of a MusicXML file, measure by measure: notes in ticks from the start of their measure.

Keeps what lasts from bar to bar (divisions, metre, key, transposition, dynamics, clefs, instrument). Knows
nothing of the other parts, so it does not know where a measure starts in the piece.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field, replace

from etude.media.music.bars import bar_ticks
from etude.media.music.musicxml_signs import barline, marks_of, numbers, words_of
from etude.media.music.musicxml_sounds import Instrument, instruments_of
from etude.media.music.musicxml_values import (
    FASTEST,
    SLOWEST,
    STEPS,
    Element,
    first_text,
    metronome,
    number,
    stated_tempo,
    velocity,
    word,
    worded_tempo,
    written_length,
)
from etude.media.music.playing_order import BarSigns, Mark
from etude.media.music.score import TPQ

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
Key = tuple[int, bool]  # fifths, minor
NOBODY = Instrument()


@dataclass(frozen=True)
class PartNote:
    """A note as written: ticks from the start of the measure (float until all are placed), who plays it, its
    ties."""

    onset: float
    pitch: int
    duration: float
    velocity: int
    staff: int
    voice: str
    tied_on: bool
    tied_back: bool
    player: str = ""  # id of the instrument that the note names
    sound: Instrument = NOBODY
    drum: bool = False
    tablature: bool = False
    passes: tuple[int, ...] = ()  # in which it is played; () in all


@dataclass
class Measure:
    """One measure of one part. `metre`: None before the part says one."""

    metre: tuple[int, int] | None = None
    length: float = 0.0
    filled: float = 0.0  # where its last note or rest ends
    implicit: bool = False
    notes: list[PartNote] = field(default_factory=list)
    tempos: list[tuple[float, float]] = field(default_factory=list)
    keys: list[tuple[float, Key]] = field(
        default_factory=list
    )  # the one in force at 0 first, where there is one
    signs: BarSigns = field(default_factory=BarSigns)


class PartReader:
    """Reads the measures of a part in order and keeps its state."""

    def __init__(self, head: Element | None) -> None:
        self.name = first_text(head, "part-name")
        if self.name == "MusicXML Part":
            self.name = ""
        self.instruments = instruments_of(head)
        self.measures: list[Measure] = []
        self.warnings: set[str] = set()
        self.torn: set[str] = set()  # names of voices that sound on two staves at once: they are two
        # Whether it transposes and is written without a signature, as horns are in any key
        self.unsigned = False
        self._player = ""
        self._ticks = float(TPQ)  # ticks in one division
        self._metre: tuple[int, int] | None = None
        self._key: Key | None = None
        self._transpose: dict[int, int] = {}  # staff, or 0 for all -> semitones from written to sounding
        self._fifths: dict[int, int] = {}  # the same on the circle of fifths, for keys
        self._tablature: dict[int, bool] = {}
        self._velocity = 80
        self._rounded = False
        self._ending: tuple[int, ...] = ()
        # How many measures back the one is that a repeat sign for measures stands for; 0 without one
        self._echo = 0
        self._spans: dict[
            str, list[tuple[float, float, int]]
        ] = {}  # voice -> notes and rests: start, end, staff
        self._main: tuple[float, str, int] | None = None  # length, voice and staff of a chord's first note
        self._marks: list[Mark] = []
        self._keys: list[tuple[float, Key]] = []

    def measure(self, element: Element | None) -> None:
        """Read one <measure>; None is one that the part does not have."""
        implicit = element is not None and element.get("implicit") == "yes"
        out = Measure(implicit=implicit, signs=BarSigns(endings=self._ending))
        self._spans, self._marks, self._keys = defaultdict(list), [], []
        self._main = None
        now = onset = 0.0
        for child in element if element is not None else ():
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
                self._attributes(child, out, now)
            elif tag == "direction":
                self._direction(child, out, now)
            elif tag == "sound":
                self._sound(child, out, now)
                self._marks += marks_of(child, "", False, now)
            elif tag == "barline":
                self._ending = barline(child, out.signs, self._ending)
            out.length = max(out.length, now)
        self._finish(out)
        self.measures.append(out)

    def _finish(self, out: Measure) -> None:
        """What is known once the measure has been read to its end."""
        out.metre = out.metre or self._metre
        out.signs.marks += [replace(m, at=min(1.0, m.at / max(out.length, 1.0))) for m in self._marks]
        out.keys = [(0.0, self._key)] if self._key is not None else []
        shift = self._fifths.get(0, self._fifths.get(1, 0))
        for at, (fifths, minor) in self._keys:
            self.unsigned = fifths == 0 and shift != 0 and (self.unsigned or self._key is None)
            self._key = (_signature(fifths + shift), minor)
            out.keys.append((at, self._key))
        for voice, spans in self._spans.items():
            end, staff = 0.0, 0
            for start, stop, where in sorted(spans):
                if start < end - 1e-6 and where != staff:
                    self.torn.add(voice)
                if stop >= end:
                    end, staff = stop, where
        self._name_players(out)
        source = len(self.measures) - self._echo
        if self._echo and source >= 0 and not out.notes:
            out.notes = [replace(n, tied_on=False, tied_back=False) for n in self.measures[source].notes]
            out.length = out.length or self.measures[source].length
            out.filled = out.filled or self.measures[source].filled

    def _name_players(self, out: Measure) -> None:
        """Notes that name no instrument go to the one that was named last in the course of the part."""
        named = sorted((n.onset, i, n.player) for i, n in enumerate(out.notes) if n.player)
        if len(self.instruments.by_id) > 1:
            for i, note in enumerate(out.notes):
                if not note.player and not note.drum:
                    k = bisect_right(named, note.onset, key=lambda found: found[0])
                    player = named[k - 1][2] if k else self._player
                    out.notes[i] = replace(note, sound=self.instruments.of(player))
        if named:
            self._player = named[-1][2]

    def _length(self, element: Element) -> float:
        """Ticks of a note, backup or forward. Some programs round durations to whole divisions: a written
        value that divisions cannot express, and that the duration misses by less than one, counts then."""
        duration = element.findtext("duration")
        ticks = max(0.0, number(duration, 0)) * self._ticks
        beats = written_length(element)
        if beats is None or (duration is not None and not ticks):
            return ticks
        written = TPQ * beats
        if duration is None:
            return written
        divisions = written / self._ticks
        if abs(divisions - round(divisions)) > 1e-6 and abs(written - ticks) < self._ticks:
            self._rounded |= abs(written - ticks) > 1e-6
            return written
        return ticks

    def _note(self, element: Element, out: Measure, now: float, onset: float) -> tuple[float, float]:
        """Add a note and return (where the next begins, where a chord note of this one begins)."""
        has = {child.tag: child for child in reversed(element)}  # the first of each kind, in one pass
        if "grace" in has:
            self.warnings.add("grace notes were left out")
            return now, onset
        length = self._length(element)
        staff = int(number(has["staff"].text, 1)) if "staff" in has else 1
        voice = (has["voice"].text or "").strip() or "1" if "voice" in has else "1"
        if "chord" in has and self._main is not None:  # it lasts as long as the first note, in the same voice
            length, first, where = self._main
            voice, staff = (voice if "voice" in has else first), (staff if "staff" in has else where)
        if "chord" not in has:
            full = bar_ticks(*(self._metre or (4, 4)))
            if "rest" in has and has["rest"].get("measure") == "yes" and now == 0:
                length = (
                    min(length, full) or full
                )  # a whole rest stands for any bar, however long its duration says it is
            onset = now
            now = min(MAX_MEASURE_TICKS, now + length)
            out.filled = max(out.filled, now)
            self._main = (length, voice, staff)
            if "cue" not in has:
                self._spans[voice].append((onset, now, staff))
        if "rest" in has or "cue" in has:
            return now, onset
        found = self._sounding(element, has, staff)
        if found is None or length <= 0:
            return now, onset
        pitch, sound, drum = found
        ties: set[str | None] = set()
        if "tie" in has:
            ties = {tie.get("type") for tie in element.findall("tie")}
        elif "notations" in has:
            ties = {tie.get("type") for tie in element.findall("notations/tied")}
        instrument = has.get("instrument")
        note = PartNote(
            onset,
            pitch,
            length,
            velocity(element.get("dynamics")) or self._velocity,
            staff,
            voice,
            bool(ties & {"start", "continue"}),
            bool(ties & {"stop", "continue"}),
            instrument.get("id", "") if instrument is not None else "",
            sound,
            drum,
            self._tablature.get(staff, False),
            numbers(element.get("time-only")),
        )
        out.notes.append(note)
        return now, onset

    def _sounding(
        self, element: Element, has: dict[str, Element], staff: int
    ) -> tuple[int, Instrument, bool] | None:
        """The pitch of a note, its instrument and whether it is a drum's; None for rests and what has no
        pitch."""
        named = has.get("instrument")
        sound = self.instruments.of(named.get("id", "") if named is not None else self._player)
        drum = sound.drum
        pitch = has.get("pitch")
        if pitch is not None:
            step = STEPS.get(word(pitch, "step").upper())
            if step is None:
                self.warnings.add("notes without a step were left out")
                return None
            alter = number(pitch.findtext("alter"), 0)
            if alter != round(alter):
                self.warnings.add("quarter tones were rounded to semitones")
            shift = self._transpose.get(staff, self._transpose.get(0, 0))
            midi = 12 * (int(number(pitch.findtext("octave"), 4)) + 1) + step + round(alter) + shift
            if drum and sound.key is not None and named is not None:
                midi = sound.key  # some programs write drums at a pitch, and say beside it what sounds
        elif "unpitched" in has:
            midi, drum = self.instruments.unpitched(element, sound, named is not None), True
        else:
            return None
        if not 0 <= midi <= 127:
            self.warnings.add("notes outside the range of MIDI were left out")
            return None
        return midi, sound, drum

    def _attributes(self, element: Element, out: Measure, now: float) -> None:
        divisions = number(element.findtext("divisions"), 0)
        if divisions >= 0.001:  # less is a mistake, and would make notes without end
            self._ticks = TPQ / divisions
        for transpose in element.findall("transpose"):
            octaves = number(transpose.findtext("octave-change"), 0)
            chromatic = max(-127.0, min(127.0, number(transpose.findtext("chromatic"), 0)))
            diatonic = number(transpose.findtext("diatonic"), 0)
            staff = int(number(transpose.get("number"), 0))
            self._transpose[staff] = round(max(-127.0, min(127.0, chromatic + 12 * octaves)))
            fifths = 7 * round(chromatic) - 12 * round(diatonic)  # the interval on the circle of fifths
            self._fifths[staff] = fifths if abs(fifths) <= 7 else (fifths + 5) % 12 - 5
        for clef in element.findall("clef"):
            staff = int(number(clef.get("number"), 1))
            self._tablature[staff] = word(clef, "sign").upper() == "TAB"
        for style in element.findall("measure-style/measure-repeat"):
            self._echo = max(1, int(number(style.text, 1))) if style.get("type") == "start" else 0
        time = element.find("time")
        if time is not None and time.find("senza-misura") is None:
            if now > 0:  # a change that is announced at the end of a bar is for the next one
                out.metre = out.metre or self._metre
            self._metre = _metre(time) or self._metre
        signature = element.find("key/fifths")
        if signature is not None and word(element, "key/mode") != "none":
            minor = word(element, "key/mode") in ("minor", "aeolian")
            self._keys.append((now, (int(number(signature.text, 0)), minor)))

    def _direction(self, element: Element, out: Measure, now: float) -> None:
        now += number(element.findtext("offset"), 0) * self._ticks
        sound = element.find("sound")
        stated = stated_tempo(sound.get("tempo")) if sound is not None else 0.0
        if sound is not None:
            self._sound(sound, out, now)
        words = words_of(element)
        if not SLOWEST <= stated <= FASTEST:
            for mark in element.iterfind("direction-type/metronome"):
                self._tempo(out, now, metronome(mark))
            self._tempo(out, now, worded_tempo(words))
        if sound is None or sound.get("dynamics") is None:
            for mark in element.iterfind("direction-type/dynamics/*"):
                self._velocity = DYNAMICS.get(str(mark.tag), self._velocity)
        drawn = any(e.tag in ("segno", "coda") for e in element.iterfind("direction-type/*"))
        self._marks += marks_of(sound, words, drawn, now)

    def _sound(self, element: Element, out: Measure, now: float) -> None:
        offset = number(element.findtext("offset"), 0) * self._ticks
        self._tempo(out, now + offset, stated_tempo(element.get("tempo")))
        self._velocity = velocity(element.get("dynamics")) or self._velocity
        self.instruments.change(element)
        out.signs.forward |= element.get("forward-repeat") == "yes"

    def _tempo(self, out: Measure, now: float, bpm: float) -> None:
        if SLOWEST <= bpm <= FASTEST:
            out.tempos.append((max(0.0, now), round(bpm, 3)))


def _signature(fifths: int) -> int:
    """A number of sharps (flats below 0) as a signature of at most seven, round the circle of fifths."""
    if fifths > 7:
        return (fifths + 4) % 12 - 4
    return (fifths + 7) % 12 - 7 if fifths < -7 else fifths


def _metre(time: Element) -> tuple[int, int] | None:
    """The metre of a <time>, its parts added up; None where it is none."""
    beats = [sum(int(number(b, 0)) for b in (x.text or "").split("+")) for x in time.findall("beats")]
    units = [int(number(x.text, 4)) for x in time.findall("beat-type")]
    if not beats or len(beats) != len(units) or not all(0 < b < 256 for b in beats):
        return None
    if not all(u in (1, 2, 4, 8, 16, 32, 64) for u in units):
        return None
    unit = max(units)
    return sum(b * unit // u for b, u in zip(beats, units, strict=True)), unit
