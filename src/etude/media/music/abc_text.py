"""The bytes of an ABC file as numbered lines: encodings, books of tunes, text blocks, and where a tune ends
(ABC 2.1, chapters 2 and 8).

Knows lines and fields by their first letters only; what they say is read by abc_tune. Text that people see
leaves here without control characters, and with the accents of ABC's own mnemonics (`\\'e`), HTML entities
and `\\u00e9` written out.
"""

from __future__ import annotations

import html
import itertools
import re
import unicodedata
from collections.abc import Iterable

from etude.config.media import MUSIC_LIMITS
from etude.errors import WorkError
from etude.media.encoding import foreign
from etude.media.encoding.decode import decode_text

Line = tuple[int, str]  # the number of a line in its file, and the line

BREAK = re.compile(r"\r*\n|\r")  # CR CR LF too: text that was converted twice
START = re.compile(r"[ \t]*X:")
NUMBERED = re.compile(r"[ \t]*X:[ \t]*\d+[ \t]*")
FIELD = re.compile(r"[ \t]*([A-Za-z+]):(.*)")
OF_BOOKS = "ABCDFGHILMmNOQRrSUZ"  # fields that may stand before the first tune (ABC 2.1, 3)
BLOCK = re.compile(r"(?:%%|I:)[ \t]*begin([a-z0-9]+)\b", re.I)
CHARSET = re.compile(rb"(?m)^(?:%%|I:)[ \t]*(?:abc-)?charset[ \t]+([A-Za-z0-9_-]+)")
WEB_LABELS = {  # what these names mean in files of today (WHATWG, Encoding Standard)
    "iso-8859-1": "windows-1252",
    "latin1": "windows-1252",
    "latin-1": "windows-1252",
    "us-ascii": "windows-1252",
    "ascii": "windows-1252",
    "iso-8859-9": "windows-1254",
}
ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
CODE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(\d{3}))")
ACCENT = re.compile(r"\\(ss|[aA][eE]|[oO][eE]|[aA]{2}|[tT][hH]|[dD][hH]|/[oO]|[`'^\"~.=;cvuHr][A-Za-z])")
LETTERS = {
    "ss": "ß",
    "aa": "å",
    "AA": "Å",
    "ae": "æ",
    "AE": "Æ",
    "Ae": "Æ",
    "oe": "œ",
    "OE": "Œ",
    "Oe": "Œ",
} | {
    "th": "þ",
    "TH": "Þ",
    "Th": "Þ",
    "dh": "ð",
    "DH": "Ð",
    "Dh": "Ð",
    "/o": "ø",
    "/O": "Ø",
}
MARKS = {
    "`": "\u0300",
    "'": "\u0301",
    "^": "\u0302",
    "~": "\u0303",
    "=": "\u0304",
    "u": "\u0306",
    ".": "\u0307",
} | {
    '"': "\u0308",
    "r": "\u030a",
    "H": "\u030b",
    "v": "\u030c",
    "c": "\u0327",
    ";": "\u0328",
}
UNSEEN = ("Cc", "Cf", "Cs")  # control characters, format characters, halves of characters
NOTES = re.compile(r"(?:[HLMOPRSTuv]?[A-Ga-gxzXZ])+y?")
JOINERS = "\u200c\u200d"  # of the invisible characters, those that scripts need


def decode(data: bytes) -> tuple[str, tuple[str, ...]]:
    """(text, warnings) of a file: UTF-8, UTF-16, the encoding that it names, or a guess, which is said.
    Raises WorkError for a binary."""
    if (known := foreign.recognise(data)) is not None:
        raise WorkError(f"This file is {known.what}, not ABC notation.", "Export the music as ABC.")
    if b"\0" not in data or b"\0" not in data.rstrip(
        b"\0\x1a"
    ):  # NULs and ^Z fill up the end of old DOS files
        try:
            return data.rstrip(b"\0\x1a").decode("utf-8-sig"), ()
        except UnicodeDecodeError:
            pass
    found = CHARSET.search(data[:16384])
    declared = found[1].decode("ascii").lower() if found else ""
    return decode_text(data, WEB_LABELS.get(declared, declared))


def plain(text: str) -> str:
    """The text in one line, without control characters, changes of direction and stray halves of
    characters."""
    kept = (
        c if c in JOINERS or unicodedata.category(c) not in UNSEEN else " " if c.isspace() else ""
        for c in text
    )
    return " ".join("".join(kept).split())


def words(text: str) -> str:
    """A text string of ABC as people read it (ABC 2.1, 8.2): mnemonics, entities and codes become their
    letters."""
    text = CODE.sub(_code, text.replace("\\\\", "\ue000"))
    text = re.sub(r"\{(\\[^{}]{1,2}(?:\{[A-Za-z]\})?)\}", r"\1", text)  # {\"o}, as LaTeX has it
    text = re.sub(r"(\\[`'^\"~.=;cvuHr])\{([A-Za-z])\}", r"\1\2", text)
    text = ENTITY.sub(lambda m: html.unescape(m[0]), ACCENT.sub(_letter, text))
    return plain(re.sub(r"\\([%&\"'\\])", r"\1", text).replace("\ue000", "\\"))


def _code(found: re.Match[str]) -> str:
    value = int(found[3], 8) if found[3] else int(found[1] or found[2], 16)
    return chr(value) if value < 0x110000 else found[0]


def _letter(found: re.Match[str]) -> str:
    name = found[1]
    if name in LETTERS:
        return LETTERS[name]
    if name[0] in MARKS and len(one := unicodedata.normalize("NFC", name[1:] + MARKS[name[0]])) == 1:
        return one
    return found[0]


def lines_of(text: str) -> list[Line]:
    """The numbered lines, without text blocks (%%begintext ... %%endtext, %%beginps ...) and byte-order
    marks."""
    out: list[Line] = []
    lines = [line.replace("\ufeff", "").replace("\u2028", " ") for line in BREAK.split(text)]
    at = 0
    while at < len(lines):
        found = BLOCK.match(lines[at])
        if found:
            at = _after_block(lines, at, found[1].lower())
        else:
            out.append((at + 1, lines[at]))
            at += 1
    return out


def _after_block(lines: list[str], at: int, name: str) -> int:
    """Where the lines go on after a block; one that is never closed holds what does not look like music or a
    field."""
    close = re.compile(rf"(?:%%|I:)[ \t]*end{name}\b", re.I)
    for i in range(at + 1, len(lines)):
        if close.match(lines[i]):
            return i + 1
        if NUMBERED.fullmatch(lines[i]) or BLOCK.match(lines[i]):
            break
    i = at + 1
    while i < len(lines) and lines[i].strip() and not FIELD.match(lines[i]) and not musical(lines[i]):
        i += 1
    return i


def starts_of(lines: Iterable[Line]) -> list[int]:
    """Indices of the lines at which the tunes of a book begin."""
    return [i for i, (_, line) in enumerate(lines) if START.match(line)]


def is_head(line: str) -> bool:
    """Whether a line before the first tune holds for all tunes: a directive or a field that may stand there,
    no free text."""
    field = FIELD.match(line)
    return line.startswith(("%abc", "%%")) or (field is not None and field[1] in OF_BOOKS)


def split_book(data: bytes) -> list[bytes]:
    """Each tune of a book as a file of its own, with the header of the book in front; the data as they are
    when there is one tune.

    The bytes of a tune are those of the book, unless the book is in UTF-16 or the like: then they are UTF-8.
    """
    text, _ = decode(data)
    if b"\0" in data or not _readable_in_parts(data, text):
        data = text.encode("utf-8", "replace")
    raw = re.split(rb"\r*\n|\r", data)
    lines = lines_of(data.replace(b"\xef\xbb\xbf", b"").decode("latin-1"))
    starts = starts_of(lines)
    if len(starts) < 2:
        return [data]
    head = [raw[n - 1] for n, line in lines[: starts[0]] if is_head(line)]
    tunes = [lines[a:b] for a, b in zip(starts, [*starts[1:], len(lines)], strict=True)]
    return [
        b"\n".join([*head, *raw[tune[0][0] - 1 : tune[-1][0]]]).rstrip(b"\n") + b"\n"
        for tune in tunes
        if any(re.match(r"[ \t]*[KMLTQ]:", line) for _, line in tune)
    ]


def _readable_in_parts(data: bytes, text: str) -> bool:
    """Whether a tune cut out of the bytes says as much of its encoding as the book: UTF-8, or the
    Windows-1252 that is assumed."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return BREAK.sub("\n", data.decode("cp1252", "replace")) == text
    return True


def tune_lines(lines: list[Line]) -> tuple[list[Line], list[Line]]:
    """(the lines of the first tune, music that stands after its end).

    A tune ends at an empty line (ABC 2.1, 2.2.1). Empty lines before its music, and those of a text in which
    every second line is empty, end nothing.
    """
    starts = starts_of(lines)
    if starts:
        stop = starts[1] if len(starts) > 1 else len(lines)
        lines = [x for x in lines[: starts[0]] if is_head(x[1])] + lines[starts[0] : stop]
    full = [i for i, (_, line) in enumerate(lines) if line.strip()]
    if len(full) > 4 and all(b > a + 1 for a, b in itertools.pairwise(full)):
        return [lines[i] for i in full], []
    out: list[Line] = []
    body = music = gap = False
    for i, (number, line) in enumerate(lines):
        field = FIELD.match(line)
        if not line.strip():
            if music:
                return out, [x for x in lines[i:] if not FIELD.match(x[1]) and musical(x[1])]
            gap = body
        elif body and not field and not line.startswith("%"):
            if gap and not musical(line):
                continue  # words between the header and the music
            music = True
            out.append((number, line))
        else:
            body = body or (field is not None and field[1] == "K")
            out.append((number, line))
    return out, []


def musical(line: str) -> bool:
    """Whether a line looks like music rather than words; only asked where the place of the line leaves it
    open."""
    if line.startswith("%"):
        return False
    bare = re.sub(r'"[^"]*"|![a-z()<>0-9.]*!|\[[A-Za-z]:[^\]]*\]|%.*', " ", line)
    letters = sum(map(len, re.findall(r"[A-Za-z]+", bare)))
    notes = sum(len(word) for word in re.findall(r"[A-Za-z]+", bare) if NOTES.fullmatch(word))
    if letters == 0 or notes < 0.8 * letters:
        return False
    return "|" in bare or re.search(r"[A-Ga-g]\d|[A-Ga-g]{3}|[_^=][A-Ga-g]", bare) is not None


def check_size(characters: int) -> None:
    """Raises WorkError for a single tune so large that it cannot be one."""
    if characters > MUSIC_LIMITS.max_tune_characters:
        raise WorkError(
            f"The tune has {characters:,} characters; at most {MUSIC_LIMITS.max_tune_characters:,} of one "
            "tune are read.",
            "Give each tune of a book a line X: with its number.",
        )
