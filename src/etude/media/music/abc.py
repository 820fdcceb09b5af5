"""ABC notation to scores and back (the abc music standard 2.1, C. Walshaw and others, 2011). The notes are read by abc_body.

A book may hold many tunes; `split_book` gives each as a file of its own. Repeats are not expanded. What is not understood is
skipped and told with its line number; a file where that happens all the time is refused. Grace notes, decorations, chord symbols,
lyrics and macros are left out.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from fractions import Fraction

from etude.config.media import MUSIC_LIMITS
from etude.errors import WorkError
from etude.media.contract import Reading
from etude.media.music.abc_body import Voice, read_line
from etude.media.music.abc_fields import Fields, parse_key, parse_length, parse_meter, parse_tempo
from etude.media.music.abc_out import write
from etude.media.music.bars import metre_map
from etude.media.music.score import TPQ, Score, Track

__all__ = ["looks_like", "read", "read_all", "split_book", "write"]

FIELD = re.compile(r"([A-Za-z+]):(.*)")
INLINE = re.compile(r"\[([KLMQVIPRNrm]):([^\]\n]*)\]")
WORST_SHARE = 0.15  # of the characters of the music may be beyond understanding before it is not called ABC


def looks_like(data: bytes, suffix: str = "") -> bool:
    """Whether the beginning of a file is ABC: its version mark, or a tune number and a key, each on a line of its own."""
    if data.startswith((b"%abc", b"\xef\xbb\xbf%abc")):
        return True
    if b"\0" in data[:4096]:
        return False
    keyed = re.search(rb"(?m)^K:[ \t]*(?:[A-G]|HP|Hp|none|clef|perc|[ \t\r]*$)", data) is not None
    return keyed and (suffix == ".abc" or re.search(rb"(?m)^(?:\xef\xbb\xbf)?X:[ \t]*\d", data) is not None)


def split_book(data: bytes) -> list[bytes]:
    """Each tune of a book as a file of its own, with the header of the book in front; the data as they are when there is one tune."""
    lines = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    starts = [i for i, line in enumerate(lines) if re.match(rb"(?:\xef\xbb\xbf)?X:", line)]
    if len(starts) < 2:
        return [data]
    head = [
        line
        for line in lines[: starts[0]]
        if line.startswith((b"%abc", b"%%")) or re.match(rb"[A-Za-z]:", line)
    ]
    tunes = [lines[a:b] for a, b in zip(starts, [*starts[1:], len(lines)], strict=True)]
    return [
        b"\n".join([*head, *tune]).rstrip(b"\n") + b"\n"
        for tune in tunes
        if any(line.startswith(b"K:") for line in tune)
    ]


def read_all(data: bytes) -> list[Reading]:
    """One reading for each tune of a book. Raises WorkError as `read` does, for the first tune that cannot be read."""
    return [read(tune) for tune in split_book(data)]


def read(data: bytes) -> Reading:
    """Read a tune; of a book the first, with a warning. Raises WorkError where nothing can be made of it."""
    tunes = split_book(data)
    reading = _read_tune(tunes[0] if tunes else data)
    if len(tunes) > 1:
        told = f"the book holds {len(tunes):,} tunes; only the first was read"
        reading = replace(reading, warnings=(*reading.warnings, told))
    return reading


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _read_tune(data: bytes) -> Reading:
    fields = Fields()
    voices: dict[str, Voice] = {}
    problems: list[str] = []
    current: Voice | None = None
    written = bad = 0
    for number, raw in enumerate(_decode(data).splitlines(), 1):
        line = raw.rstrip()
        if line.startswith("%%MIDI program") and (words := line.split()[2:]) and words[-1].isdigit():
            program = min(127, int(words[-1]))
            if current is not None:
                current.program = program
            else:
                fields.program = program
            continue
        line = re.sub(r"(?<!\\)%.*", "", line).rstrip()
        if not line.strip():
            continue
        field = FIELD.match(line)
        if field and not (fields.in_body and field[2][:1] in ("|", ":")):  # A:| is a note and a repeat sign
            current = _field(field[1], field[2].strip(), fields, voices, current, number, problems)
            continue
        if not fields.in_body:
            continue  # free text before a tune
        current = current or _voice("1", fields, voices)
        at = 0
        for inline in [*INLINE.finditer(line), None]:
            piece = line[at : inline.start()] if inline else line[at:]
            written += len(piece.strip())
            bad += read_line(piece, current, fields, number, problems)
            if inline:
                current = (
                    _field(inline[1], inline[2].strip(), fields, voices, current, number, problems) or current
                )
                at = inline.end()
    if not fields.in_body:
        raise WorkError(
            f"The ABC has no K: (key) line, which must end the header{_first(problems)}.",
            "Add a line such as K:C.",
        )
    if bad > max(5, WORST_SHARE * written):
        raise WorkError(
            f"{bad:,} of {written:,} characters of the music are not ABC{_first(problems)}.",
            "Check that the file is ABC notation.",
        )
    return _score(fields, voices, problems)


def _first(problems: list[str]) -> str:
    return f" (first problem: {problems[0]})" if problems else ""


def _voice(name: str, fields: Fields, voices: dict[str, Voice]) -> Voice:
    words = name.split()
    ident = words[0] if words else "1"
    voice = voices.get(ident)
    if voice is None:
        voice = voices[ident] = Voice(ident, fields.meter, fields.length, fields.accidentals, fields.program)
    quoted = re.search(r'\b(?:name|nm)\s*=\s*(?:"([^"]*)"|(\S+))', name)
    if quoted:
        voice.name = (quoted[1] or quoted[2] or "").strip()
    octave = re.search(r"\boctave\s*=\s*([+-]?\d)", name)
    transpose = re.search(r"\btranspose\s*=\s*([+-]?\d+)", name)
    clef_octave = 12 if re.search(r"[a-z]\+8\b", name) else -12 if re.search(r"[a-z]-8\b", name) else 0
    if octave or transpose or clef_octave:
        voice.shift = 12 * int(octave[1]) if octave else clef_octave
        voice.shift += max(-60, min(60, int(transpose[1]))) if transpose else 0
    return voice


def _field(
    letter: str,
    text: str,
    fields: Fields,
    voices: dict[str, Voice],
    current: Voice | None,
    number: int,
    problems: list[str],
) -> Voice | None:
    """Take a field of the header or the body and return the voice that goes on."""
    everywhere = [current] if current is not None else list(voices.values())
    try:
        if letter == "T" and not fields.title:
            fields.title = text
        elif letter == "C" and not fields.maker:
            fields.maker = text
        elif letter in "RBSONZ":
            fields.meta.setdefault(letter, text)
        elif letter == "M":
            meter = parse_meter(text)
            fields.meter = meter if current is None else fields.meter
            for voice in everywhere:
                voice.meter = meter
        elif letter == "L":
            length = parse_length(text)
            fields.length = length if current is None else fields.length
            for voice in everywhere:
                voice.length = length
        elif letter == "Q":
            bpm = parse_tempo(text, fields.unit())
            if bpm:
                fields.tempos.append((current.now if current is not None else Fraction(0), bpm))
        elif letter == "K":
            key, accidentals = parse_key(text)
            if not fields.in_body:
                fields.accidentals = accidentals or {}
                fields.in_body = True
                fields.length = fields.unit()
                for voice in voices.values():
                    voice.length = fields.length if voice.length is None else voice.length
                    voice.accidentals = fields.accidentals
            elif accidentals is not None:
                for voice in everywhere:
                    voice.accidentals = accidentals
            if key is not None:
                fields.keys.append((current.now if current is not None else Fraction(0), *key))
        elif letter == "V":
            voice = _voice(text, fields, voices)
            return voice if fields.in_body else current
    except ValueError as error:
        problems.append(f"line {number}: {letter}:{text[:30]} is not understood ({error})")
        fields.in_body |= letter == "K"
    return current


def _score(fields: Fields, voices: dict[str, Voice], problems: list[str]) -> Reading:
    for voice in voices.values():
        voice.close_bar()
    total = sum(len(v.notes) for v in voices.values())
    if total == 0:
        raise WorkError(f"The ABC has no notes{_first(problems)}.", "Check that music follows the K: line.")
    if total > MUSIC_LIMITS.max_notes:
        raise WorkError(
            f"The tune has {total:,} notes; at most {MUSIC_LIMITS.max_notes:,} are read.", "Split the book."
        )
    lead = max(voices.values(), key=lambda v: v.now)
    edges = [0, *(round(b.end * TPQ) for b in lead.bars)]
    lengths = [b - a for a, b in itertools.pairwise(edges)]
    metres = [b.meter for b in lead.bars]
    kept = [(length, metre) for length, metre in zip(lengths, metres, strict=True) if length > 0]
    meters, pickup = metre_map([k[0] for k in kept], [k[1] for k in kept])
    if (
        fields.meter is None
    ):  # M:none: bars of 4/4 are laid over it, the bar lines of the file mean nothing for them
        meters, pickup = ((0, 4, 4),), 0
    tracks = tuple(
        Track(
            voice.in_ticks(),
            voice.name or (voice.ident if len(voices) > 1 and not voice.ident.isdigit() else ""),
            voice.program,
        )
        for voice in voices.values()
        if voice.notes
    )
    tempos = {round(t * TPQ): bpm for t, bpm in fields.tempos}
    tempos.setdefault(0, min(tempos.items())[1] if tempos else 120.0)
    keys: list[tuple[int, int, bool]] = []
    for tick, fifths, minor in sorted((round(t * TPQ), f, m) for t, f, m in fields.keys):
        if not keys or keys[-1][1:] != (fifths, minor):
            keys.append((tick if keys else 0, fifths, minor))
    warnings = problems[:5] + ([f"and {len(problems) - 5} more problems"] if len(problems) > 5 else [])
    if any(v.repeats for v in voices.values()):
        warnings.append("repeats were not expanded: each bar is read once, as printed")
    score = Score(tracks, meters, tuple(sorted(tempos.items())), tuple(keys), pickup, fields.title)
    maker = "" if fields.maker.strip(".").lower() in ("trad", "anon", "") else fields.maker
    return Reading(score, fields.title, maker, tuple(warnings), {k: v for k, v in fields.meta.items() if v})
