"""The music lines of an ABC tune: notes, chords, tuplets, ties, broken rhythm, overlays, bar lines and
endings of one voice.

What is not understood is skipped and counted. Grace notes, decorations, chord symbols and spacing carry no
pitch and are left out. A line is read up to its next inline field, which abc_tune takes.
"""

from __future__ import annotations

import re

from etude.media.music.abc_fields import ACCIDENTALS
from etude.media.music.abc_sheet import Sheet
from etude.media.music.abc_voice import QUARTER, Mark, Place, Voice
from etude.media.music.spelling import NATURAL

NOTE = re.compile(r"(?:(\^\^|\^|__|_|=)(\d{0,3}/?\d{0,3}))?([A-Ga-g])([,']*)")
LENGTH = re.compile(r"(\d*)(/*)(\d*)")
BARS = re.compile(r"(?:\[(?=[|:])|[|:]|(?<=[|:\[])\])+|\[\|?\]")
NUMBERS = re.compile(r"(?:[ \t]*\[)?(\d{1,3}(?:[,-]\d{1,3})*)[.,]?")
NAMED = (
    re.compile(  # an ending with words, such as ["1st time"; a ] without its [ before the bar line: a chord
        r'\["([^"]{0,99})"(?![^|\[\]]{0,300}\])'
    )
)
TUPLET = re.compile(r"\((\d{1,2})(?::(\d*))?(?::(\d*))?")
INLINE = re.compile(r"\[([A-Za-z]):([^\]]{0,500})\]")
SKIP = re.compile(r"y[\d/]*|[\s`\\()~.HIJKLMNOPQRSTUVWhijklmnopqrstuvw*$;?@#]")
GRACE = re.compile(r'"[^"]{0,500}"|![^!|]{0,60}!|\{[^}]{0,500}\}')  # what may stand beside a note in a chord
MUSICAL = re.compile(r"(?!\d)[A-Ga-gxzZ^_=,'0-9/<>()\-.~HLMPRSTJK\s]+")
SIGNS = {"f", "ff", "fff", "ffff", "D.C.", "D.S.", "DC", "DS", "fade"}  # decorations that look like music
LONGEST_SIGN, LONGEST_QUOTE = 60, 500  # characters
DEFAULT_Q = {2: 3, 3: 2, 4: 3, 6: 2, 8: 3}
MAX_QUARTERS = 4096  # a longer single note is a slip of the pen


def read_music(text: str, at: int, voice: Voice, sheet: Sheet, number: int) -> int:
    """Read line `number` into the voice from `at` on; returns where it ends or an inline field begins."""
    while at < len(text):
        char = text[at]
        if found := NOTE.match(text, at):
            pitch, place, alter = _pitch(voice, sheet, found)
            top, bottom, at = _length(text, found.end())
            voice.sound([(pitch, place, alter, _time(voice, top, bottom))])
        elif char in "zx":
            top, bottom, at = _length(text, at + 1)
            voice.sound([(None, ("", 0), 0, _time(voice, top, bottom))])
        elif char in "ZX":
            top, bottom, at = _length(text, at + 1)
            _bars_of_rest(voice, sheet, max(1, min(999, top // bottom)))
        elif char in "|:" or text.startswith(("[|", "[:", "[]"), at):
            at = _bar_line(text, at, voice, sheet, number)
        elif char == "[":
            if INLINE.match(text, at):
                return at
            at = _bracket(text, at, voice, sheet, number)
        elif char == "-":
            voice.tie()
            at += 1
        elif char in "<>":
            at = _broken(text, at, voice)
        elif char == "&":
            at = _overlay(text, at, voice)
        elif text.startswith("(&", at):
            voice.open_region()
            at += 2
        elif found := TUPLET.match(text, at):
            _tuplet(voice, sheet, found)
            at = found.end()
        elif char in '"{':
            at = _quoted(text, at, sheet, number)
        elif char in "!+":
            at = _sign(text, at, voice, sheet, number)
        elif found := SKIP.match(text, at):
            at = found.end()
        elif not text[:at].strip() and _begins_ending(text, at, voice):
            at = _bracket(text, at, voice, sheet, number)
        else:
            at = _unknown(text, at, sheet, number)
    return at


def _unknown(text: str, at: int, sheet: Sheet, number: int) -> int:
    char = text[at]
    shown = f"'{char}'" if char.isprintable() else f"the control character U+{ord(char):04X}"
    sheet.problem(number, f"{shown} is not understood and was skipped")
    sheet.bad += 1
    return at + 1


def _length(text: str, at: int) -> tuple[int, int, int]:
    """A length such as 3/2, /, // or 2 at a place: (numerator, denominator, where it ends). Nought counts as
    one, as in abc2midi."""
    found = LENGTH.match(text, at)
    if found is None or found.end() == at:
        return 1, 1, at
    bottom = int(found[3][:6]) if found[3] else 2 ** min(8, len(found[2]))
    return int(found[1][:6] or 1) or 1, bottom or 2, found.end()


def _time(voice: Voice, top: int, bottom: int) -> int:
    """Time that top/bottom units last, with the tuplet and the broken rhythm they stand in, to the
    nearest."""
    units, whole = voice.length or (1, 8)
    top, bottom = top * units * 4 * voice.broken[0], bottom * whole * voice.broken[1]
    voice.broken = (1, 1)
    if voice.tuplet_left:
        top, bottom = top * voice.tuplet[0], bottom * voice.tuplet[1]
        voice.tuplet_left -= 1
    return max(1, min((2 * QUARTER * top + bottom) // (2 * bottom), MAX_QUARTERS * QUARTER))


def _pitch(voice: Voice, sheet: Sheet, found: re.Match[str]) -> tuple[int, Place, int]:
    """MIDI pitch of a note, its place as written, and its alteration. Sets the accidental for the rest of the
    bar."""
    sign, part, letter, marks = found[1], found[2], found[3], found[4]
    step = letter.upper()
    place = (step, (5 if letter.islower() else 4) + marks.count("'") - marks.count(","))
    tied = voice.ties.get(place)
    holds = voice.in_bar.get(place, voice.in_bar.get(step))
    if sign:
        alter = ACCIDENTALS[sign]
        if part:  # a part of a semitone, such as ^3/2: the piano key before it
            top, _, bottom = part.partition("/")
            alter *= int(top[:6] or 1) // max(1, int(bottom[:6] or (2 if "/" in part else 1)))
            alter = max(-2, min(2, alter))
        elif sheet.propagate != "not":
            voice.in_bar[step if sheet.propagate == "pitch" else place] = alter
    elif (
        tied is not None
        and tied[0] == voice.now
        and (tied[2] == voice.lane or (holds is None and voice.line == voice.now))
    ):
        alter = tied[1]  # a tie carries its accidental over the bar line, also into another lane
    else:
        alter = voice.accidentals.get(step, 0) if holds is None else holds
    shift = 0 if voice.drum else voice.staff.semitones + voice.shift
    return max(0, min(127, 12 * (place[1] + 1) + NATURAL[step] + alter + shift)), place, alter


def _bracket(text: str, at: int, voice: Voice, sheet: Sheet, number: int) -> int:
    """An opening bracket or a number: an ending ([1 or ["1st time"), or a chord."""
    found = NUMBERS.match(text, at)
    if found:
        _ending(voice, found[1])
        return found.end()
    named = NAMED.match(text, at)
    if named:
        _ending(voice, ",".join(re.findall(r"\d{1,3}", named[1])))
        return named.end()
    end = _chord(text, at + 1, "]", voice, sheet) if text[at] == "[" else 0
    return end or _unknown(text, at, sheet, number)


def _begins_ending(text: str, at: int, voice: Voice) -> bool:
    """Whether a number at the start of a line is that of an ending, whose bar line ends the line before."""
    found = NUMBERS.match(text, at)
    if found is None or voice.now == 0 or voice.now != voice.bar_start:
        return False
    return found[1].startswith("1") or any(mark.kind == "ending" for mark in voice.marks)


def _chord(text: str, at: int, close: str, voice: Voice, sheet: Sheet) -> int:
    """[CEG]2, or the old +CEG+: returns where it ends, or 0 where it is no chord. The first note's length is
    the chord's."""
    heads: list[tuple[int | None, Place, int, int, int]] = []
    tied: list[int] = []
    in_bar = dict(voice.in_bar)
    while at < len(text) and text[at] != close:
        if found := NOTE.match(text, at):
            pitch, place, alter = _pitch(voice, sheet, found)
            top, bottom, at = _length(text, found.end())
            heads.append((pitch, place, alter, top, bottom))
        elif text[at] in "zx":
            top, bottom, at = _length(text, at + 1)
            heads.append((None, ("", 0), 0, top, bottom))
        elif text[at] == "-" and heads:
            tied.append(sum(h[0] is not None for h in heads) - 1)
            at += 1
        elif found := GRACE.match(text, at):
            at = found.end()
        elif text[at] in "|[":
            break
        else:
            at += 1
    if not heads or at >= len(text) or text[at] != close:
        voice.in_bar = in_bar
        return 0
    top, bottom, end = _length(text, at + 1)
    whole = _time(voice, top, bottom)
    longest = MAX_QUARTERS * QUARTER
    voice.sound([(p, place, alter, max(1, min(longest, whole * t // b))) for p, place, alter, t, b in heads])
    for index in tied:
        if index >= 0:
            voice.tie(index)
    return end


def _bars_of_rest(voice: Voice, sheet: Sheet, count: int) -> None:
    for _ in range(count):
        voice.sound([(None, ("", 0), 0, sheet.bar_length(voice.now))])
        if voice.front is None:
            voice.bar()


def _bar_line(text: str, at: int, voice: Voice, sheet: Sheet, number: int) -> int:
    """A bar line of any shape, its repeat signs, and the number of an ending that stands at it."""
    found = BARS.match(text, at)
    if found is None or found[0] == ":":
        before, after = text[max(0, at - 9) : at].rstrip(), text[at + 1 : at + 9].lstrip()
        first = not text[:at].strip() and voice.now == voice.bar_start  # '||' at the end of the line before
        if not before.endswith("|") and not after.startswith("|") and not first:
            return _unknown(text, at, sheet, number)
        voice.bar()  # ': |' and '| :', written apart
        voice.marks.append(Mark(voice.now, "end" if after.startswith("|") else "start"))
        return at + 1
    run, end = found[0], found.end()
    if run == "[]":
        return end
    bare = run.strip(":")
    ends, starts = len(run) - len(run.lstrip(":")), len(run) - len(run.rstrip(":"))
    if not bare:  # :: is :| and |: in one
        ends = starts = max(1, len(run) // 2)
    for inner in re.findall(r"(?<=(.)):+", bare):  # [|]:| ends there, |:| and :|:| start
        ends, starts = (max(1, ends), starts) if inner == "]" else (ends, max(1, starts))
    voice.bar()
    if ends:
        voice.marks.append(Mark(voice.now, "end", ends))
    if bare != "[|]" and len(bare.replace(":", "").replace("[|]", "")) > 1:
        voice.marks.append(Mark(voice.now, "double"))
    if starts:
        voice.marks.append(Mark(voice.now, "start", starts))
    numbers = NUMBERS.match(text, end)
    if numbers:
        _ending(voice, numbers[1])
        return numbers.end()
    return end


def _ending(voice: Voice, numbers: str) -> None:
    """The start of an ending for the passes '1', '1,3' or '1-3'; without numbers for the pass after the
    last."""
    passes: set[int] = set()
    for part in numbers.split(","):
        if said := [min(int(number), 99) for number in part.split("-") if number]:
            passes.update(range(said[0], said[-1] + 1))
    if not passes:
        before = next((m for m in reversed(voice.marks) if m.kind == "ending"), None)
        passes = {max(before.numbers) + 1 if before and before.at < voice.now else 1}
    voice.finish()
    voice.ending(tuple(sorted(passes)))


def _overlay(text: str, at: int, voice: Voice) -> int:
    end = at
    while end < len(text) and text[end] == "&":
        end += 1
    if text.startswith(")", end) and voice.region is not None:
        voice.close_region()
        return end + 1
    voice.overlay(end - at)
    return end


def _tuplet(voice: Voice, sheet: Sheet, found: re.Match[str]) -> None:
    p = int(found[1])
    if p < 2:
        return
    beats, unit = sheet.meter_at(voice.now)
    compound = 3 if unit == 8 and beats % 3 == 0 and beats > 3 else 2
    q = int(found[2][:3]) if found[2] else DEFAULT_Q.get(p, compound)
    voice.tuplet, voice.tuplet_left = (max(1, q), p), min(64, int(found[3][:3]) if found[3] else p)


def _broken(text: str, at: int, voice: Voice) -> int:
    """a>b: the note before grows by half of itself, the next shrinks as much; >> by three quarters."""
    end = at
    while end < len(text) and text[end] == text[at]:
        end += 1
    whole = 2 ** min(4, end - at)
    before, after = (2 * whole - 1, 1) if text[at] == ">" else (1, 2 * whole - 1)
    if voice.now > voice.latest_at:
        voice.stretch(before, whole)
        voice.broken = (after, whole)
    return end


def _quoted(text: str, at: int, sheet: Sheet, number: int) -> int:
    """A chord symbol, an annotation or grace notes; one that is not closed ends with its first word."""
    close = text.find('"' if text[at] == '"' else "}", at + 1, at + LONGEST_QUOTE)
    if close >= 0:
        return close + 1
    sheet.problem(number, f"'{text[at]}' is not closed")
    found = re.compile(r"[^\s|]*").match(text, at)
    return found.end() if found else at + 1


def _sign(text: str, at: int, voice: Voice, sheet: Sheet, number: int) -> int:
    """!trill! and +trill+, the old line break ! and the old chord +CEG+ (ABC 2.1, 4.14 and 12)."""
    char = text[at]
    close = text.find(char, at + 1, at + LONGEST_SIGN)
    inside = text[at + 1 : close] if close > at else ""
    music = MUSICAL.fullmatch(inside) is not None and re.search("[A-Ga-g]", inside) is not None
    sign = inside in SIGNS or (inside.strip() != "" and "|" not in inside and not music)
    if char == "!" and not sheet.bang_breaks:
        return close + 1 if sign else at + 1
    if char == "+":
        if sign or (inside and sheet.plus_decorates):
            return close + 1
        if inside and "|" not in inside:
            return _chord(text, at + 1, "+", voice, sheet) or at + 1
    return at + 1
