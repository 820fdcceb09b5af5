"""Tunes for the property tests of ABC: one music written in any of the many ways that the notation allows,
and what it sounds like.

The notes are drawn first; then it is drawn how they are written: unit length, fields on lines or in brackets,
accidentals or the key's own, broken rhythm or plain lengths, triplets, ties, chords, overlays, interleaved
voices, repeats and endings, line ends.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from random import Random

from hypothesis import assume
from hypothesis import strategies as st

from etude.media.music.spelling import NATURAL, signature

METRES = {(4, 4): 96, (3, 4): 72, (6, 8): 72, (2, 2): 96, (2, 4): 48}  # ticks of a bar
MAJOR = dict(
    zip(
        range(-7, 8),
        ["Cb", "Gb", "Db", "Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#", "C#"],
        strict=True,
    )
)
MINOR = dict(
    zip(
        range(-7, 8),
        ["Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#", "C#", "G#", "D#", "A#"],
        strict=True,
    )
)
DORIAN = dict(
    zip(
        range(-7, 8),
        ["Db", "Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#", "C#", "G#", "D#"],
        strict=True,
    )
)
SIGNS = {-2: "__", -1: "_", 0: "=", 1: "^", 2: "^^"}
NOISE = [
    "",
    "",
    "",
    "",
    '"Am"',
    "!trill!",
    ".",
    "{ab}",
    "~",
    "T",
    '"^words |: [CEG]:|"',
    "u",
    "!f!",
    "{/B}",
    "(",
    "+accent+",
]
Bar = list[list["Event"]]  # lanes that sound together
Sounding = tuple[int, int, int]  # onset and length in ticks, pitch between


@dataclass
class Event:
    """Notes that sound together (none: a rest) for some ticks; `tied` into the event after it."""

    pitches: tuple[int, ...]
    ticks: int
    tied: bool = False
    triplet: int = 0  # how many of a triplet are left, this one included


@dataclass
class Tune:
    """A tune as text, and its notes for each voice."""

    data: bytes
    title: str
    metre: tuple[int, int]
    fifths: int
    voices: list[list[Sounding]]


@dataclass
class Writer:
    """Writes bars of one voice; keeps the accidentals that hold."""

    rng: Random
    unit: Fraction  # in ticks
    shift: int  # semitones that the voice's octave adds
    key: dict[str, int]
    in_bar: dict[str, int] = field(default_factory=dict)
    carried: dict[int, tuple[str, int]] = field(default_factory=dict)  # tied pitches and their spelling

    def note(self, pitch: int) -> str:
        written = pitch - self.shift
        if pitch in self.carried:
            step, alter = self.carried[pitch]
            sign = self.rng.random() < 0.5
        else:
            spellings = [(s, a) for s in NATURAL for a in (-1, 0, 1) if (NATURAL[s] + a - written) % 12 == 0]
            step, alter = self.rng.choice(spellings)
            sign = self.in_bar.get(step, self.key.get(step, 0)) != alter or self.rng.randint(0, 9) == 0
        if sign:
            self.in_bar[step] = alter
        octave = (written - alter - NATURAL[step]) // 12 - 1
        letter = step.lower() + "'" * (octave - 5) if octave >= 5 else step + "," * (4 - octave)
        self.spelled[pitch] = (step, alter)
        return (SIGNS[alter] if sign else "") + letter

    def head(self, event: Event) -> str:
        """Notes without their length; a chord in brackets."""
        self.spelled: dict[int, tuple[str, int]] = {}
        if not event.pitches:
            text = self.rng.choice("zx")
        else:
            text = "".join(self.note(p) for p in event.pitches)
            if len(event.pitches) > 1 or self.rng.randint(0, 19) == 0:
                text = f"[{text}]"
        self.carried = self.spelled if event.tied else {}
        return text

    def length(self, ticks: Fraction | int) -> str:
        units = Fraction(ticks) / self.unit
        if units == 1:
            return self.rng.choice(["", "", "1"])
        top = str(units.numerator) if units.numerator != 1 else self.rng.choice(["", "1"])
        if units.denominator == 1:
            return top
        if units.denominator in (2, 4) and self.rng.random() < 0.5:
            return top + "/" * (units.denominator // 2)
        return f"{top}/{units.denominator}"

    def sounding(self, event: Event) -> str:
        """One event, now and then in several tied pieces."""
        if event.pitches and event.ticks > 6 and not event.triplet and self.rng.randint(0, 5) == 0:
            first = self.rng.randint(1, event.ticks // 6 - 1) * 6 if event.ticks % 6 == 0 else 0
            if first:
                before = self.head(Event(event.pitches, first, True)) + self.length(first) + "-"
                return before + " " + self.sounding(Event(event.pitches, event.ticks - first, event.tied))
        if len(event.pitches) > 1 and not event.triplet and self.rng.randint(0, 3) == 0:
            text = self.head(event)
            inner = self.length(event.ticks)
            return (
                "[" + "".join(n + inner for n in _split_notes(text[1:-1])) + "]" + ("-" if event.tied else "")
            )
        ticks = Fraction(event.ticks * 3, 2) if event.triplet else Fraction(event.ticks)
        return self.head(event) + self.length(ticks) + ("-" if event.tied else "")

    def bar(self, events: list[Event]) -> str:
        """A bar without its bar lines."""
        self.in_bar = {}
        out: list[str] = []
        i = 0
        while i < len(events):
            one, two = events[i], events[i + 1] if i + 1 < len(events) else None
            noise = self.rng.choice(NOISE)
            noise += ")" if noise == "(" else ""
            if noise == "()":
                noise = ""
            if one.triplet == 3:
                noise = self.rng.choice(["(3", "(3:2", "(3:2:3", "(3::", "(3::3"]) + noise
            if two and not one.triplet and not two.triplet and not one.tied and self.rng.random() < 0.5:
                marks = next((m for m, r in ((">", 3), (">>", 7)) if one.ticks == r * two.ticks), "")
                marks = marks or next((m for m, r in (("<", 3), ("<<", 7)) if two.ticks == r * one.ticks), "")
                if marks:
                    half = self.length(Fraction(one.ticks + two.ticks, 2))
                    space = self.rng.choice(["", " "])
                    first = noise + self.head(one) + half + space + marks + space
                    out.append(first + self.head(two) + half + ("-" if two.tied else ""))
                    i += 2
                    continue
            out.append(noise + self.sounding(one))
            i += 1
        return self.rng.choice(["", " ", " "]).join(out)


def _split_notes(text: str) -> list[str]:
    """'^ce,' as '^c', 'e,'."""
    out: list[str] = []
    for char in text:
        if char in "'," or (out and out[-1][-1] in "^_="):
            out[-1] += char
        else:
            out.append(char)
    return out


def events(rng: Random, ticks: int, low: int, high: int) -> list[Event]:
    """A full bar."""
    out: list[Event] = []
    while ticks:
        if ticks >= 12 and rng.random() < 0.15:
            each = rng.choice([t for t in (4, 8, 16) if 3 * t <= ticks])
            out += [Event((rng.randint(low, high),), each, triplet=left) for left in (3, 2, 1)]
            ticks -= 3 * each
            continue
        length = rng.choice([t for t in (6, 6, 12, 12, 18, 24, 36, 42, 48, 72, 96) if t <= ticks])
        third = rng.randrange(
            3
        )  # notes of a chord lie so far apart that no two stand on one line of the staff
        pitches = rng.sample(range(low + third, high + 1, 3), rng.choice([0, 1, 1, 1, 1, 1, 2, 3]))
        out.append(Event(tuple(sorted(pitches)), length))
        ticks -= length
    return out


def bars(rng: Random, count: int, ticks: int, low: int) -> list[Bar]:
    """Bars of one voice, each with one or two lanes; events may be tied over a bar line."""
    out: list[Bar] = []
    for _ in range(count):
        lanes = [events(rng, ticks, low + 12, low + 30)]
        if rng.random() < 0.15:
            lanes.append(events(rng, ticks, low, low + 11))
        if out and rng.random() < 0.25:
            last, first = out[-1][0][-1], lanes[0][0]
            if last.pitches and first.pitches and not last.triplet and not first.triplet:
                last.tied, first.pitches = True, last.pitches
        out.append(lanes)
    return out


def heard(bars_: list[Bar], start: int) -> tuple[list[Sounding], int]:
    """The notes of bars from a time on, and when they end."""
    notes: list[list[int]] = []
    for lanes in bars_:
        end = start
        for lane in lanes:
            at = start
            for event in lane:
                for pitch in event.pitches:
                    open_ = next((n for n in notes if n[1] == pitch and n[0] + n[2] == at and n[3]), None)
                    if open_ is not None:
                        open_[2] += event.ticks
                        open_[3] = event.tied
                    else:
                        notes.append([at, pitch, event.ticks, event.tied])
                at += event.ticks
            end = max(end, at)
        start = end
    return [(a, p, d) for a, p, d, _ in notes], start


@st.composite
def tunes(draw: st.DrawFn) -> Tune:
    """A tune of one to three voices and one to three sections, each repeated or not, in a key of its own."""
    metre, ticks = draw(st.sampled_from(sorted(METRES.items())))
    unit = draw(st.sampled_from([4, 8, 16]))
    shifts = draw(st.lists(st.sampled_from([0, -12, 12, -24, 2, -3]), min_size=1, max_size=3))
    shapes = st.sampled_from(["plain", "repeat", "three", "endings"])
    sections = draw(
        st.lists(st.tuples(st.integers(-7, 7), shapes, st.integers(1, 3)), min_size=1, max_size=3)
    )
    rng = draw(st.randoms(use_true_random=True))
    first = sections[0][0]
    writers = [Writer(rng, Fraction(96, unit), shift, signature(first)) for shift in shifts]
    blocks: list[list[str]] = [[] for _ in shifts]
    notes: list[list[Sounding]] = [[] for _ in shifts]
    times = [0 for _ in shifts]
    for number, (fifths, shape, size) in enumerate(sections):
        start = rng.choice(["|:", "|:", ""]) if number == 0 else "|:"
        for v, writer in enumerate(writers):
            body, one, two = (bars(rng, n, ticks, 48 - 12 * v) for n in (size, 1, 1))
            writer.key, writer.carried = signature(fifths), {}
            change = f"[K:{_key(rng, fifths)}]" if number else ""
            text, played = _section(writer, shape, start, body, one, two, change)
            blocks[v].append(text)
            for part in played:
                found, times[v] = heard(part, times[v])
                notes[v] += found
    assume(any(notes))  # a tune of rests alone is refused
    title = rng.choice(["", "Tune", "Été à œuvre", "Žluťoučký", "春の夢"])
    text = "\n".join([*_head(rng, title, metre, unit, shifts, _key(rng, first)), *_body(rng, blocks)]) + "\n"
    text += rng.choice(["", "\nCollected by A. Bead, a cab and a bag.\n", "%%text A B C\n", "w:la la\n"])
    text = text.replace("\n", rng.choice(["\n", "\r\n", "\r"]))
    return Tune(
        text.encode(rng.choice(["utf-8", "utf-8", "utf-8-sig", "utf-16"])), title, metre, first, notes
    )


def _key(rng: Random, fifths: int) -> str:
    major, minor, dorian = MAJOR[fifths], MINOR[fifths], DORIAN[fifths]
    forms = [major, major + "maj", major + " Major", minor + "m", minor + "min", minor + " aeolian"]
    return rng.choice([*forms, dorian + " dor", dorian + "Dorian"])


def _section(
    writer: Writer,
    shape: str,
    start: str,
    body: list[Bar],
    one: list[Bar],
    two: list[Bar],
    change: str,
) -> tuple[str, list[list[Bar]]]:
    """(a section as text, its bars in the order of playing)."""
    inside = " | ".join(_lanes(writer, lanes) for lanes in body)
    if shape == "plain":
        return f"|| {change}{inside} ||", [body]
    if shape in ("repeat", "three"):
        times = 3 if shape == "three" else 2
        return f"{start}{':' * (times - 2) if start else ''}{change}{inside} {':' * (times - 1)}|", [
            body
        ] * times
    writer.carried = {}
    first = _lanes(writer, one[0])
    writer.carried = {}
    second = _lanes(writer, two[0])
    mark = writer.rng.choice(["|1 ", "|[1 ", "| [1 ", "[1 "])
    other = writer.rng.choice([":|2 ", ":|[2 ", ":| [2 "])
    return f"{start}{change}{inside} {mark}{first} {other}{second} |]", [body, one, body, two]


def _lanes(writer: Writer, lanes: list[list[Event]]) -> str:
    return " & ".join(writer.bar(lane) for lane in lanes)


def _head(
    rng: Random, title: str, metre: tuple[int, int], unit: int, shifts: list[int], key: str
) -> list[str]:
    metres = {(4, 4): ["4/4", "C", " 4/4 "], (2, 2): ["2/2", "C|"], (6, 8): ["6/8", "(3+3)/8"]}
    fields = [
        f"M:{rng.choice(metres.get(metre, [f'{metre[0]}/{metre[1]}']))}",
        f"L:1/{unit}",
        "Q:1/4=90",
        "R:reel",
    ]
    rng.shuffle(fields)
    out = ["X:1", *([f"T:{title}"] if title else []), *fields]
    if rng.random() < 0.5:
        out.insert(rng.randint(1, len(out)), "% a comment")
    if len(shifts) == 1:
        return [*out, f"K:{key}{_staff(rng, shifts[0])}"]
    return [*out, *[f"V:{v + 1}{_staff(rng, shift)}" for v, shift in enumerate(shifts)], f"K:{key}"]


def _staff(rng: Random, shift: int) -> str:
    if shift % 12:
        return f" transpose={shift}"
    ways = [f" octave={shift // 12}"] if shift else ["", " clef=bass", " treble"]
    if abs(shift) == 12:
        ways += [f" clef=treble{'+' if shift > 0 else '-'}8", f" bass{'+' if shift > 0 else '-'}8"]
    return rng.choice(ways)


def _body(rng: Random, blocks: list[list[str]]) -> list[str]:
    """The voices one after the other, or each section in all voices."""
    if len(blocks) == 1:
        return rng.choice([blocks[0], [" ".join(blocks[0])]])
    style = rng.choice(["whole", "lines", "brackets"])
    if style == "whole":
        return [line for v, texts in enumerate(blocks) for line in (f"V:{v + 1}", *texts)]
    out: list[str] = []
    for row in zip(*blocks, strict=True):
        for v, text in enumerate(row):
            out += [f"[V:{v + 1}]{text}"] if style == "brackets" else [f"V:{v + 1}", text]
    return out
