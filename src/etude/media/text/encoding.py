"""Bytes into text when nobody says which encoding: byte-order marks, UTF-8, UTF-16 without a mark, Windows-1252, mixtures.

Everything that had to be guessed or mended is said in a warning. Binary files are refused by name. Knows no text format.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections import Counter

from etude.config.media import TEXT
from etude.errors import WorkError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with the same two bytes
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_FORMATS = (
    (b"PK\x03\x04", "a zip archive (an e-book, a document)"),
    (b"%PDF", "a PDF"),
    (b"{\\rtf", "a rich-text file"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"MThd", "a MIDI file"),
    (b"RIFF", "a sound or film file"),
    (b"OggS", "a sound file"),
    (b"ID3", "an MP3 file"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\xd0\xcf\x11\xe0", "an old Word document"),
    (b"SQLite format 3", "a database"),
)
_CONTROL = re.compile("[\x01-\x08\x0e-\x1f\x7f]")
_NAMED = re.compile(
    r"(utf|iso|windows|cp|koi8|mac|gb|big5|euc|shift|us-ascii|latin)[\w-]{0,12}", re.I
)  # codecs of text, not of something else
_STRAY = re.compile("[\udc80-\udcff]")
_NON_ASCII = re.compile("[^\x00-\x7f]+")
_CP1252 = {
    0xDC00 + b: bytes([b]).decode("cp1252", "replace").replace("\ufffd", chr(b)) for b in range(128, 256)
}
_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")


def foreign_format(data: bytes) -> str:
    """What a file is by its first bytes, where that is no plain text; else ''."""
    return next((name for magic, name in _FORMATS if data.startswith(magic)), "")


def decode_text(data: bytes, declared: str = "") -> tuple[str, tuple[str, ...]]:
    """(text with `\\n` line ends, warnings). `declared`: what the file says of itself, tried first. Raises WorkError for a binary."""
    if name := foreign_format(data):
        raise WorkError(f"This file is {name}, not a text.", "Save it as .txt, .md, .html, .epub or .docx.")
    text, warnings = _decode(data, declared)
    if "\x00" in text:
        raise WorkError(
            f"This file holds NUL bytes ({text.count(chr(0)):,} of {len(text):,} characters): it is binary, not a text.",
            "Leave it out, or save it again as UTF-8 text.",
        )
    n_control = len(_CONTROL.findall(text))
    if n_control > TEXT.control_share * len(text):
        raise WorkError(
            f"This file holds {n_control:,} control characters in {len(text):,}: it is binary, not a text.",
            "Leave it out, or save it again as UTF-8 text.",
        )
    if n_control:
        text = _CONTROL.sub("", text)
        warnings = (*warnings, f"left out {n_control:,} control character{'s' * (n_control != 1)}")
    return _BREAKS.sub("\n", text), warnings


def _decode(data: bytes, declared: str) -> tuple[str, tuple[str, ...]]:
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _with_mends(data[len(mark) :], name)
    if wide := _wide(data):
        return data.decode(wide), (f"read as {wide.upper()} (the file has no byte-order mark)",)
    try:
        return data.decode("utf-8"), ()
    except UnicodeDecodeError:
        pass
    if _NAMED.fullmatch(declared):
        try:
            return data.decode(declared), ()
        except (UnicodeError, LookupError):
            pass
    return _narrow(data)


def _with_mends(data: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    """Decode what says its encoding by a mark; damaged places become U+FFFD, and are counted."""
    try:
        return data.decode(name), ()
    except UnicodeDecodeError:
        if name == "utf-8":
            return _narrow(data)
        text = data.decode(name, "replace")
        return text, (f"{text.count(chr(0xFFFD)):,} damaged characters (read as {name.upper()})",)


def _wide(data: bytes) -> str:
    """'utf-16-le' or 'utf-16-be' where the NULs of Latin letters lie on one side, and the bytes decode; else ''."""
    sample = data[: 64 * 1024]
    half = len(sample) // 2
    if half < 2 or len(data) % 2:
        return ""
    even, odd = sample[0::2].count(0) / half, sample[1::2].count(0) / half
    name = (
        "utf-16-le"
        if odd > 0.1 and even < odd / 10
        else "utf-16-be"
        if even > 0.1 and odd < even / 10
        else ""
    )
    if not name:
        return ""
    try:
        text = data.decode(name)
    except UnicodeDecodeError:
        return ""
    return "" if "\x00" in text or len(_CONTROL.findall(text)) > TEXT.control_share * len(text) else name


def _narrow(data: bytes) -> tuple[str, tuple[str, ...]]:
    """One byte a character, or UTF-8 with strays in it."""
    text = data.decode("utf-8", "surrogateescape")  # strays become U+DC80..U+DCFF
    strays = len(_STRAY.findall(text))
    whole = sum(map(len, _NON_ASCII.findall(text))) - strays
    if whole > strays:
        return text.translate(_CP1252), (
            f"mixed encodings: {strays:,} bytes were not UTF-8 and were read as Windows-1252",
        )
    high = len(data) - len(data.translate(None, bytes(range(128, 256))))
    if high <= TEXT.high_share * len(data):
        text = data.decode("ascii", "surrogateescape").translate(_CP1252)
        return _plausible(text, "Windows-1252"), ("read as Windows-1252 (the file is not UTF-8)",)
    from charset_normalizer import from_bytes  # slow to load, rarely needed

    best = from_bytes(data[: TEXT.detect_bytes]).best()
    name = best.encoding if best else "cp1252"
    text = _plausible(data.decode(name, "replace"), name)
    return text, (f"read as {name} (a guess: the file is not UTF-8 and does not say what it is)",)


def _plausible(text: str, name: str) -> str:
    """`text` if it may be one: any bytes can be read in an encoding of one byte a character, but then an eighth of what comes out is
    signs that no script has many of. Raises WorkError with their share."""
    counted = Counter(text[: TEXT.detect_bytes])
    odd = sum(n for sign, n in counted.items() if _odd(sign))
    if odd > TEXT.odd_share * counted.total() and "\x00" not in text:  # of NULs the caller has more to say
        raise WorkError(
            f"Of the characters of this file, read as {name}, {100 * odd / counted.total():.0f} % are symbols or control characters: "
            "it is binary, or a text in an encoding that was not recognised.",
            "Leave it out, or save it again as UTF-8 text.",
        )
    return text


def _odd(sign: str) -> bool:
    """Control and unassigned characters, and symbols and small numerals beyond ASCII."""
    if sign.isspace():
        return False
    kind = unicodedata.category(sign)
    return kind[0] == "C" or (sign > "\x7f" and (kind[0] == "S" or kind == "No"))
