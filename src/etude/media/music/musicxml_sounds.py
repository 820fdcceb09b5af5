"""The instruments of a MusicXML part and which of them plays a note: programme, drum kit, key of an unpitched sound.

What the file states in MIDI numbers comes first, then its sound identifiers; for drums also names and the place on the staff.
A note that names no instrument is played by the one that was named last, at first by the first of the part.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from etude.media.music.general_midi import drum_at, drum_of, program_of
from etude.media.music.musicxml_values import Element, first_text, number, word

DRUM_CHANNEL = "10"


@dataclass(frozen=True)
class Instrument:
    """One instrument of a part. `program` 0..127; `key`: of its only unpitched sound, None where unknown."""

    name: str = ""
    program: int = 0
    drum: bool = False
    key: int | None = None


@dataclass
class Instruments:
    """The instruments of a part by id, in the order of the file."""

    by_id: dict[str, Instrument] = field(default_factory=dict)

    def of(self, ident: str) -> Instrument:
        """The instrument of this id, or the first one where there is none of that id."""
        return self.by_id.get(ident) or next(iter(self.by_id.values()), Instrument())

    def change(self, element: Element) -> None:
        """Follow a <sound>: new MIDI numbers or a new sound identifier for an instrument of the part."""
        for changed in (*element.findall("instrument-change"), *element.findall("midi-instrument")):
            ident = changed.get("id", "")
            self.by_id[ident] = _instrument(self.of(ident), changed, first_text(changed, "instrument-sound"))

    def unpitched(self, element: Element, instrument: Instrument, named: bool) -> int:
        """The key of an unpitched note: of the instrument that it names, else the part's only one, else that of its place."""
        if named and instrument.key is not None:
            return instrument.key
        stated = {i.key for i in self.by_id.values() if i.key is not None}
        if len(stated) == 1 and not named:
            return stated.pop()
        octave = int(number(element.findtext("unpitched/display-octave"), 4))
        crossed = word(element, "notehead") in ("x", "cross", "circle-x")
        placed = drum_at(word(element, "unpitched/display-step").upper(), octave, crossed)
        return placed if placed in stated or instrument.key is None else instrument.key


def instruments_of(head: Element | None) -> Instruments:
    """The instruments that a <score-part> lists."""
    out = Instruments()
    if head is None:
        return out
    part = first_text(head, "part-name")
    for one in head.findall("score-instrument"):
        name, sound = first_text(one, "instrument-name"), first_text(one, "instrument-sound")
        key = drum_of(sound, name, part)
        out.by_id[one.get("id", "")] = Instrument(name, program_of(sound) or 0, False, key)
    for one in head.findall("midi-instrument"):
        ident = one.get("id", "")
        known = out.by_id.get(ident) or Instrument(key=drum_of("", part))
        out.by_id[ident] = _instrument(known, one, "")
    if not out.by_id:
        out.by_id[""] = Instrument(part, 0, False, drum_of("", part))
    return out


def _instrument(known: Instrument, element: Element, sound: str) -> Instrument:
    """An instrument after what an element states of it."""
    program = number(element.findtext("midi-program"), 0)
    channel = word(element, "midi-channel")
    key = int(number(element.findtext("midi-unpitched"), 0))
    new = replace(known, drum=channel == DRUM_CHANNEL if channel else known.drum)
    if (named := program_of(sound)) is not None:
        new = replace(new, program=named)
    if sound and (drum := drum_of(sound)) is not None:
        new = replace(new, key=drum)
    if 1 <= program <= 128:
        new = replace(new, program=int(program) - 1)
    if 1 <= key <= 128:
        new = replace(new, key=key - 1)
    return new
