"""The lines of an ABC tune in order: fields of the header and the body, directives, and music, which abc_body
reads.

Fields in the body hold for the voice that is being read, and before the first voice for all (as in abc2midi);
metre, tempo and parts hold for the tune. Lyrics, symbol lines, groups of voices and everything about print
are left out.
"""

from __future__ import annotations

import re

from etude.errors import WorkError
from etude.media.music.abc_body import INLINE, read_music
from etude.media.music.abc_fields import (
    Staff,
    parse_key,
    parse_length,
    parse_meter,
    parse_name,
    parse_parts,
    parse_staff,
    parse_tempo,
)
from etude.media.music.abc_macros import expand, parse_macro
from etude.media.music.abc_sheet import Sheet
from etude.media.music.abc_text import FIELD, Line, musical, plain, words
from etude.media.music.abc_voice import Voice

WORST_SHARE = 0.15  # of the characters of the music may be beyond understanding before it is not called ABC
COMMENT = re.compile(r"(?<!\\)%.*")
DIRECTIVE = re.compile(r"(?:%%|I:)[ \t]*(.*)")
PERCUSSION = 10  # the MIDI channel
INSIDE = "IKLMNPQRVrm"  # fields that may stand in brackets inside a line


def read_tune(lines: list[Line]) -> Sheet:
    """Read the lines of one tune. Raises WorkError where they are no tune."""
    sheet = Sheet()
    last = ""  # the letter of the field before, for +:
    for number, raw in lines:
        directive = DIRECTIVE.match(raw)
        if directive:
            _directive(COMMENT.sub("", directive[1]), sheet)
            continue
        line = COMMENT.sub("", raw).rstrip()
        if not line.strip():
            continue
        field = FIELD.match(line)
        if field and not (
            sheet.in_body and field[1].isalpha() and field[2][:1] in ("|", ":")
        ):  # A:| is a note and a repeat
            if field[1] == "+" and last == "T" and sheet.title:
                sheet.title = f"{sheet.title} {words(field[2])}".strip()
            last = field[1] if field[1] != "+" else last
            _field(field[1], field[2].strip(), sheet, number)
        elif sheet.in_body:
            _music(line, sheet, number)
    if not sheet.in_body:
        raise WorkError(
            f"The ABC has no K: (key) line, which must end the header{sheet.first()}.",
            "Add a line such as K:C.",
        )
    if sheet.bad > max(5, WORST_SHARE * sheet.written):
        raise WorkError(
            f"{sheet.bad:,} of {sheet.written:,} characters of the music are not ABC{sheet.first()}.",
            "Check that the file is ABC notation.",
        )
    for voice in sheet.voices.values():
        voice.finish()
    return sheet


def _music(line: str, sheet: Sheet, number: int) -> None:
    if sheet.macros:
        line = expand(line, sheet.macros)
    at = 0
    while at < len(line):
        voice = sheet.current = sheet.current or next(iter(sheet.voices.values()), None) or _voice("1", sheet)
        end = read_music(line, at, voice, sheet, number)
        sheet.written += len(line[at:end].strip())
        at = end
        inline = INLINE.match(line, at)
        if inline:
            if inline[1] in INSIDE:
                _field(inline[1], inline[2].strip(), sheet, number)
            at = inline.end()


def _voice(text: str, sheet: Sheet) -> Voice:
    """The voice that a V: field names, made where it is new, with what the field says of it."""
    ident, _, rest = text.partition(" ")
    voice = sheet.voices.get(ident)
    if voice is None:
        unit = sheet.unit() if sheet.in_body else sheet.length
        voice = sheet.voices[ident] = Voice(
            plain(ident),
            (unit.numerator, unit.denominator) if unit else None,
            sheet.accidentals,
            sheet.program,
            sheet.drum,
            shift=sheet.shift,
            keys=[(0, *sheet.key)] if sheet.key else [],
        )
        voice.place = len(sheet.voices) + (len(sheet.voices) >= PERCUSSION)
        voice.program = sheet.programs.get(voice.place, voice.program)
        if sheet.in_body:
            voice.staff = sheet.staff
    voice.name = words(parse_name(rest)) or voice.name
    voice.staff = parse_staff(rest).over(voice.staff)
    return voice


def _concerned(sheet: Sheet) -> list[Voice]:
    return [sheet.current] if sheet.current is not None else list(sheet.voices.values())


def _field(letter: str, text: str, sheet: Sheet, number: int) -> None:
    try:
        if letter in "TCRBSONZ":
            _words(letter, words(text), sheet)
        elif letter == "M":
            sheet.set_meter(sheet.current.now if sheet.current else 0, parse_meter(text))
        elif letter == "L":
            _length(text, sheet)
        elif letter == "Q":
            if sheet.in_body:
                _tempo(text, sheet)
            else:
                sheet.tempo = (number, text)
        elif letter == "P":
            if sheet.in_body:
                sheet.parts.append((sheet.current.now if sheet.current else 0, text.strip()))
            else:
                sheet.order = parse_parts(text)
        elif letter == "V":
            _set_voice(text, sheet)
            if sheet.in_body and "|" in text and musical(music := text.partition(" ")[2]):  # V:1 CDEF|
                _music(music, sheet, number)
        elif letter == "m":
            sheet.macros.append(parse_macro(text))
        elif letter == "I":
            _directive(text, sheet)
        elif letter == "K":
            _key(text, sheet)
    except ValueError as error:
        sheet.problem(number, f"{letter}:{plain(text[:30])} is not understood ({error})")
    if letter == "K" and not sheet.in_body:
        _begin(sheet)


def _words(letter: str, text: str, sheet: Sheet) -> None:
    if letter == "T":
        sheet.title = sheet.title or text
    elif letter == "C":
        sheet.maker = sheet.maker or text
    elif text:
        sheet.meta.setdefault(letter, text)


def _length(text: str, sheet: Sheet) -> None:
    length = parse_length(text)
    if sheet.current is None:
        sheet.length = length
    for voice in _concerned(sheet):
        voice.length = (length.numerator, length.denominator)


def _tempo(text: str, sheet: Sheet) -> None:
    voice = sheet.current
    units = voice.length if voice is not None else None
    unit = sheet.unit()
    bpm = parse_tempo(text, type(unit)(*units) if units else unit)
    if bpm:
        sheet.tempos.append((voice.now if voice is not None else 0, bpm))


def _set_voice(text: str, sheet: Sheet) -> None:
    ident, _, rest = text.partition(" ")
    if ident == "*":  # for all voices
        for voice in sheet.voices.values():
            voice.staff = parse_staff(rest).over(voice.staff)
        return
    sheet.current = _voice(text, sheet)


def _key(text: str, sheet: Sheet) -> None:
    key, accidentals = parse_key(text)
    staff = parse_staff(text)
    if not sheet.in_body:
        sheet.accidentals, sheet.key, sheet.staff = accidentals or {}, key, staff
        return
    if sheet.current is None:
        sheet.staff = staff.over(sheet.staff)
        sheet.accidentals = sheet.accidentals if accidentals is None else accidentals
        sheet.key = key or sheet.key
    for voice in _concerned(sheet):
        voice.staff = staff.over(voice.staff)
        if accidentals is not None:
            voice.accidentals, voice.in_bar = accidentals, {}
        if key is not None:
            voice.keys.append((voice.now, *key))


def _begin(sheet: Sheet) -> None:
    """The end of the header: its voices take what it said after them, and the tempo its unit length."""
    sheet.in_body = True
    sheet.current = None
    unit = sheet.length = sheet.unit()
    for voice in sheet.voices.values():
        voice.length = voice.length or (unit.numerator, unit.denominator)
        voice.accidentals = sheet.accidentals
        voice.keys = [(0, *sheet.key)] if sheet.key else []
        voice.staff = voice.staff.over(sheet.staff)
    if sheet.tempo is not None:
        number, text = sheet.tempo
        try:
            _tempo(text, sheet)
        except ValueError as error:
            sheet.problem(number, f"Q:{plain(text[:30])} is not understood ({error})")


def _directive(text: str, sheet: Sheet) -> None:
    """A directive of sound, from %%MIDI program 73, I:MIDI=program 73 or [I:...]; those of print are passed
    over."""
    name, _, rest = re.sub(r"^MIDI\s*=\s*", "MIDI ", " ".join(text.split())).partition(" ")
    if name.lower() == "midi":
        _midi(rest.split(), sheet)
    elif name == "linebreak":
        sheet.bang_breaks = "!" in rest
    elif name == "decoration":
        sheet.plus_decorates = "+" in rest
        sheet.bang_breaks |= "+" in rest and "!" not in rest
    elif name == "propagate-accidentals" and rest in ("not", "octave", "pitch"):
        sheet.propagate = rest
    elif re.match(r"\s*(octave|transpose|clef)\s*=", text) and (staff := parse_staff(text)) != Staff():
        if sheet.current is None:
            sheet.staff = staff.over(sheet.staff)
        for voice in _concerned(sheet):
            voice.staff = staff.over(voice.staff)


def _midi(command: list[str], sheet: Sheet) -> None:
    """%%MIDI program [channel] number, channel number, transpose, rtranspose, nobarlines; the tenth channel
    is percussion."""
    if command in (["nobarlines"], ["barlines"]):
        sheet.propagate = "not" if command == ["nobarlines"] else "pitch"
    if len(command) < 2 or not re.fullmatch(r"[+-]?\d{1,4}", command[-1]):
        return
    value = int(command[-1])
    if command[0] == "program" and len(command) > 2:
        _program(command[1], max(0, min(127, value)), sheet)
        return
    targets: list[Sheet | Voice] = [*_concerned(sheet)]
    if sheet.current is None:
        targets.append(sheet)
    for target in targets:
        if command[0] == "program":
            target.program = max(0, min(127, value))
        elif command[0] == "channel":
            target.drum = value == PERCUSSION
            if isinstance(target, Voice):
                target.channel = value
                target.program = sheet.programs.get(value, target.program)
        elif command[0] in ("transpose", "rtranspose"):
            target.shift = max(-60, min(60, value + (target.shift if command[0] == "rtranspose" else 0)))


def _program(channel: str, program: int, sheet: Sheet) -> None:
    """The program of a channel: of the voice that is being read where it says no other channel, else of those
    that have it."""
    if not channel.isdigit() or not 1 <= int(channel[:3]) <= 16:
        return
    number = int(channel)
    sheet.programs[number] = program
    voice = sheet.current
    if voice is not None and voice.channel is None:
        voice.channel, voice.drum = number, number == PERCUSSION
    for voice in sheet.voices.values():
        if voice.channel == number or (voice.channel is None and voice.place == number):
            voice.program = program
