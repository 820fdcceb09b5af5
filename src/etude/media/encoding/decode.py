"""Bytes into text: byte-order marks, UTF-8, UTF-16 without a mark, the encoding that a file or a person
names, mixtures, guesses.

What had to be guessed is said with its rival, what had to be mended is counted. Binary files are refused by
what they are. The names of encodings are `labels.py`, guesses are `guess.py`. Knows no text format.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections import Counter

from etude.config.media import TEXT
from etude.errors import WorkError, quoted
from etude.media.encoding import foreign, guess, labels
from etude.media.encoding.labels import Encoding

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with the same two bytes
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROL = re.compile("[\x01-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
_STRAY = re.compile("[\udc80-\udcff]")
_NON_ASCII = re.compile("[^\x00-\x7f]+")
_BREAKS = re.compile(
    "\r*\n|[\r\x0b\x0c\x85\u2028\u2029]"
)  # CR CR LF: text that was sent through "\n -> CR LF" twice
_ESCAPES = re.compile(rb"\x1b(?:\$[@AB]|\$\([A-P]|\([BHIJ]|\$\)[A-G])")
# UTF-16 text of East Asia consists of these, and of kana, marks and blanks in part. ASCII letters in pairs
# are other ideographs.
_EAST_ASIAN = re.compile("[\t\n\r -~\u2010-\u2026\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff01-\uffdc]")
_EAST_MARKS = re.compile("[\\s\u3000-\u30ff]")
# UTF-8 that was read as Windows-1252 and saved as UTF-8 once more: "Ã©" for "é", "â€™" for an apostrophe.
_HIGH = "".join(labels.decode(bytes([b]), Encoding("", "cp1252")) or "" for b in range(0x80, 0xC0))
_TO_BYTES = {ord(sign): b + 0x80 for b, sign in enumerate(_HIGH)}
_CONTINUED = f"[{re.escape(_HIGH)}]"
_TWICE = re.compile(
    f"\u00c2[{re.escape(_HIGH[32:])}]|[\u00c3-\u00df]{_CONTINUED}"
    f"|[\u00e0-\u00ef]{_CONTINUED}{{2}}|[\u00f0-\u00f4]{_CONTINUED}{{3}}"
)


def decode_text(data: bytes, declared: str = "", encoding: str = "") -> tuple[str, tuple[str, ...]]:
    """(text with `\\n` line ends, warnings).

    `declared`: what the file says of itself, tried first; `encoding`: what the person says, which is obeyed.
    Raises WorkError for a binary, for an unknown name, and where the bytes are not in the encoding that the
    person named.
    """
    foreign.refuse(data)
    text, warnings = _as_named(data, encoding) if encoding else _decode(data, declared)
    if "\x00" in text:
        raise WorkError(
            f"This file holds NUL bytes ({text.count(chr(0)):,} of {len(text):,} characters): it "
            f"is binary, not a text.",
            "Leave it out, or save it again as UTF-8 text.",
        )
    plain, n_control = _CONTROL.subn("", text)
    if n_control > max(TEXT.few_odd, TEXT.control_share * len(text)):
        raise WorkError(
            f"This file holds {n_control:,} control characters in {len(text):,}: it is binary, not a text.",
            "Leave it out, or save it again as UTF-8 text.",
        )
    if n_control:
        text = plain
        warnings = (*warnings, f"left out {n_control:,} control character{'s' * (n_control != 1)}")
    first = re.search("[\r\n]", text)
    if first and first[0] == "\n" and "\r" in text and text.count("\n\r") == text.count("\r"):
        text = text.replace("\n\r", "\n")  # line ends the wrong way round
    return _BREAKS.sub("\n", text), warnings


def named(encoding: str) -> Encoding:
    """The encoding that a person names. Raises WorkError with examples where there is none of this name."""
    found = labels.find(encoding)
    if found is None:
        raise WorkError(
            f"There is no text encoding called {quoted(encoding)}.",
            "Name one like utf-8, windows-1252, windows-1250, macintosh, cp850, koi8-r, shift_jis, "
            "gbk or big5.",
        )
    return found


def _as_named(data: bytes, encoding: str) -> tuple[str, tuple[str, ...]]:
    found = named(encoding)
    for mark, name in _MARKS:
        if data.startswith(mark) and found.codec.startswith(name[:6]):
            data, found = data[len(mark) :], Encoding(found.name, name)
            break
    text = labels.decode(data, found)
    if text is None:
        _, n = labels.decode_mended(data, found)
        raise WorkError(
            f"This file is not {found.name}: {n:,} positions are not valid in that encoding.",
            "Name another with --encoding, or leave the option out and see what is guessed.",
        )
    return text, ()


def _decode(data: bytes, declared: str) -> tuple[str, tuple[str, ...]]:
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _with_mends(data[len(mark) :], name)
    if wide := _wide(data):
        return data.decode(wide), (f"read as {wide.upper()} (the file has no byte-order mark)",)
    said = labels.find(declared)
    if said and said.codec in labels.SEVEN_BIT and (text := labels.decode(data, said)) is not None:
        return text, ()
    if said is None and _ESCAPES.search(data) and (escaped := _escaped(data)):
        return escaped
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return _not_utf8(data, said)
    if said and said.codec in labels.EAST_ASIAN and not text.isascii():
        other = labels.decode(data, said)
        if other is not None and not re.search("[\u3040-\uffdc]", text):
            return (
                other,
                (),
            )  # two bytes of Chinese may be a Latin letter in UTF-8; the file says that they are Chinese
    return _mended_utf8(text, sure=said is not None)


def _with_mends(data: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    """Decode what says its encoding by a mark; damaged places become U+FFFD, and are counted."""
    try:
        return data.decode(name), ()
    except UnicodeDecodeError:
        if name == "utf-8":
            return _not_utf8(data, None)
        text = data.decode(name, "replace")
        return text, (f"{text.count(chr(0xFFFD)):,} damaged characters (read as {name.upper()})",)


def _mended_utf8(text: str, sure: bool) -> tuple[str, tuple[str, ...]]:
    """Valid UTF-8 whose characters were spoilt before: UTF-8 encoded twice (or more often), or Windows-1252
    taken for Latin-1. `sure`: the file says that it is UTF-8, so what looks encoded twice is meant.
    """
    notes: tuple[str, ...] = ()
    while not sure and not text.isascii() and (once := _decoded_once(text)) is not None:
        n = _TWICE.subn("", text)[1]
        text, notes = once, (f"repaired {n:,} characters that had been encoded twice as UTF-8",)
    if re.search("[\x80-\x84\x86-\x9f]", text):
        text, n = labels.from_c1(text)
        notes = (*notes, f"repaired {n:,} characters of Windows-1252 that had been encoded as Latin-1")
    return text, notes


def _decoded_once(text: str) -> str | None:
    """Text that was encoded as UTF-8 twice, decoded once more; None where a character beyond ASCII is not
    such a pair or triple.
    """
    rest, n = _TWICE.subn("", text)
    if n < 2 or not rest.isascii():
        return None
    try:
        return text.translate(_TO_BYTES).encode("latin-1").decode("utf-8")
    except UnicodeError:
        return None


def _not_utf8(data: bytes, said: Encoding | None) -> tuple[str, tuple[str, ...]]:
    """What a file says of itself, if it is so; else UTF-8 with strays; else a guess."""
    if said and said.codec != "utf-8" and not said.codec.startswith("utf-16"):
        text, n_bad = labels.decode_mended(data, said)
        if not n_bad:
            return text, ()
        if n_bad <= TEXT.damaged_share * (len(text) - len(_NON_ASCII.sub("", text))):
            return text, (f"{n_bad:,} damaged characters (read as {said.name}, as the file says)",)
    text = data.decode("utf-8", "surrogateescape")  # strays become U+DC80..U+DCFF
    strays = _STRAY.subn("", text)[1]
    whole = len(text) - len(_NON_ASCII.sub("", text)) - strays
    cut_off = (
        0 < strays < 4
        and len(_STRAY.findall(text[-strays:])) == strays
        and "\udcc2" <= text[-strays] <= "\udcf4"
    )
    if cut_off and whole:
        return text[:-strays], (f"left out half a character at the end ({strays} byte{'s' * (strays > 1)})",)
    if whole > strays:
        return _mixed(text, strays)
    if strays >= 6 and (paired := _surrogates(data)) is not None:
        return paired, ("repaired characters that had been encoded as surrogate pairs (CESU-8)",)
    found = guess.guess(data)
    guessed = labels.decode(data, found.encoding)
    if guessed is None:
        guessed, _ = labels.decode_mended(data, found.encoding)
    if found.oddness > TEXT.odd_mean:
        raise guess.unknown(
            f"read as {found.encoding.name}, {100 * _odd_share(guessed):.0f} % of its characters "
            f"are symbols or control characters"
        )
    _plausible(guessed, found.encoding.name)
    rival = f"; the next likely is {found.rival.name}" if found.rival else ""
    return guessed, (
        f"read as {found.encoding.name} (a guess: the file is not UTF-8 and does not say what it "
        f"is{rival}; name it with --encoding)",
    )


def _mixed(text: str, strays: int) -> tuple[str, tuple[str, ...]]:
    cp1252 = Encoding("Windows-1252", "cp1252")
    mended = {0xDC00 + b: labels.decode(bytes([b]), cp1252) or "" for b in range(128, 256)}
    return text.translate(mended), (
        f"mixed encodings: {strays:,} byte{'s were' if strays != 1 else ' was'} not UTF-8 and read "
        f"as Windows-1252",
    )


def _surrogates(data: bytes) -> str | None:
    """UTF-8 in which characters beyond U+FFFF stand as two surrogates, as some databases write it."""
    try:
        return data.decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except UnicodeError:
        return None


def _escaped(data: bytes) -> tuple[str, tuple[str, ...]] | None:
    """ISO-2022, whose escapes name the alphabet; None where they are something else (colours of a
    terminal).
    """
    for label in ("iso-2022-jp", "iso-2022-kr"):
        known = named(label)
        text = labels.decode(data, known)
        if text is not None and "\x1b" not in text and not text.isascii():
            return text, ()
    return None


def _wide(data: bytes) -> str:
    """The form of UTF-16 or UTF-32 where NULs or kana show it, and the bytes decode to a text; else ''."""
    sample = data[: 64 * 1024]
    half = len(sample) // 2
    if half < 2 or len(data) % 2:
        return ""
    even, odd = sample[0::2].count(0) / half, sample[1::2].count(0) / half
    if even > 0.4 and odd > 0.2 and len(data) % 4 == 0:
        names = ["utf-32-le", "utf-32-be"]
    elif odd > 0.1 and even < odd / 10:
        names = ["utf-16-le"]
    elif even > 0.1 and odd < even / 10:
        names = ["utf-16-be"]
    elif not _is_utf8(sample):
        names = [name for name in ("utf-16-le", "utf-16-be") if _looks_east_asian(sample, name)]
    else:
        names = []
    for name in names:
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text and _CONTROL.subn("", text)[1] <= TEXT.control_share * len(text):
            return name
    return ""


def _is_utf8(sample: bytes) -> bool:
    try:
        sample[: len(sample) - 4].decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start > len(sample) - 8
    return True


def _looks_east_asian(sample: bytes, name: str) -> bool:
    text = sample[: len(sample) // 2 * 2].decode(name, "replace")
    return len(_EAST_ASIAN.findall(text)) > 0.99 * len(text) and len(_EAST_MARKS.findall(text)) > 0.05 * len(
        text
    )


def _plausible(text: str, name: str) -> None:
    """Raises WorkError for what cannot be a text: any bytes can be read in an encoding of one byte a
    character, but then an eighth of what comes out is signs that no script has many of.
    """
    share = _odd_share(text)
    if (
        share > TEXT.odd_share and share * len(text) > TEXT.few_odd and "\x00" not in text
    ):  # of NULs the caller has more to say
        raise guess.unknown(
            f"read as {name}, {100 * share:.0f} % of its characters are symbols or control characters"
        )


def _odd_share(text: str) -> float:
    counted = Counter(text[: TEXT.detect_bytes])
    return sum(n for sign, n in counted.items() if _odd(sign)) / max(counted.total(), 1)


def _odd(sign: str) -> bool:
    """Control and unassigned characters, and symbols and small numerals beyond ASCII."""
    if sign.isspace():
        return False
    kind = unicodedata.category(sign)
    return kind[0] == "C" or (sign > "\x7f" and (kind[0] == "S" or kind == "No"))
