"""Which encoding bytes are in when nobody says so, with the next likely one: a guess, and meant to be told as
one.

Two witnesses. chardet knows how often pairs of letters occur in some fifty languages, and is right from about
ten letters beyond ASCII on. Where there are fewer ("caf\\xe9" in an English page), the neighbours of each say
more: a letter stands among letters of its script and case, a quotation mark at the edge of a word. Knows no
file format.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from etude.config.media import TEXT
from etude.errors import WorkError
from etude.media.encoding.labels import Encoding, decode, find

# Encodings that people's files are in, the commoner first: of equals the first is taken.
_CANDIDATES = [
    "windows-1252",
    "macintosh",
    "cp850",
    "cp437",
    "windows-1250",
    "iso-8859-2",
    "windows-1251",
    "koi8-r",
    "shift_jis",
    "euc-jp",
    "gb18030",
    "big5",
    "euc-kr",
    "iso-8859-15",
    "windows-1254",
    "windows-1253",
    "iso-8859-7",
    "windows-1257",
    "iso-8859-13",
    "windows-1255",
    "windows-1256",
    "windows-874",
    "koi8-u",
    "cp852",
    "cp866",
    "iso-8859-5",
    "x-mac-cyrillic",
    "x-mac-ce",
    "cp857",
    "x-mac-turkish",
    "cp855",
    "cp737",
    "x-mac-greek",
    "cp862",
    "iso-8859-8",
    "iso-8859-6",
    "cp864",
    "cp775",
    "cp861",
    "cp863",
    "cp865",
    "cp860",
    "windows-1258",
    "iso-8859-4",
    "iso-8859-10",
    "iso-8859-16",
    "x-mac-icelandic",
    "x-mac-croatian",
    "x-mac-romanian",
    "cp869",
    "johab",
]
_LETTERS = frozenset("àáâãäåæçèéêëìíîïñòóôõöøœùúûüýÿßąćęłńóśźżčďěňřšťůžľĺŕăâîșşţțőűğışįķļņūēīāėųģðþŷŵċġħđə")
_ALONE = frozenset("àáâåèéêìíòóôöøùúýąęæœïаеёиоуюявсккзбєіїйѝηοώήόάέίύ")  # words of one letter
_QUOTES = "\u201c\u2018\u201e\u201a\u00ab\u2039\u00a1\u00bf\u201d\u2019\u00bb\u203a"
_OPEN_ONLY = "\u201e\u201a\u00a1\u00bf"
_AMONG = "\u2013\u2014\u2026\u2022\u00b7\u2020\u2021\u00a7\u00b6"  # between words, or at the edge of one
_DASHES = "\u2013\u2014\u2026"
_BESIDE_NUMBERS = (
    "\u00b0\u20ac\u00a3\u00a5\u00a2\u00bd\u00bc\u00be\u00b2\u00b3\u00b9\u00b1\u00d7\u2030\u00ba\u00aa"
    "\u00b5\u2032\u2033\u2116"
)
_SIGNS = "\u00a9\u00ae\u2122"
_EAST = {
    "CJK",
    "HIRAGANA",
    "KATAKANA",
    "HANGUL",
    "KATAKANA-HIRAGANA",
    "FULLWIDTH",
    "HALFWIDTH",
    "IDEOGRAPHIC",
}
_NON_ASCII = re.compile("[^\x00-\x7f]+")


@dataclass(frozen=True)
class Guess:
    """The encoding, how odd its characters look (0: all usual, 0.6: random bytes), and the next one that
    reads something else.
    """

    encoding: Encoding
    oddness: float
    rival: Encoding | None


def guess(data: bytes) -> Guess:
    """The encoding of bytes that are not UTF-8. Raises WorkError where no encoding makes words of them."""
    sample = _sample(data)
    likeness = _likeness(sample)
    names = [*likeness][: TEXT.candidates]
    names += [name for name in _USUAL if name not in names]
    texts = {name: text for name in names if (text := _decoded(sample, name)) is not None}
    if not texts:
        raise unknown("it fits no known encoding")
    odd = {name: _oddness(text) for name, text in texts.items()}
    n_high = len(sample) - len(sample.translate(None, bytes(range(128, 256))))
    weight = TEXT.letters_weight * min(1.0, len(sample) / 100) + TEXT.letters_weight / 10 * min(
        n_high, TEXT.most_signs
    )
    cost = {
        name: TEXT.odd_weight * odd[name].total + _PRIOR[name] + weight * (1 - likeness.get(name, 0.0))
        for name in texts
    }
    ranked = sorted(texts, key=cost.__getitem__)
    best = ranked[0]
    rival = next((name for name in ranked if texts[name] != texts[best]), None)
    return Guess(_known(best), odd[best].mean, _known(rival) if rival else None)


def unknown(why: str) -> WorkError:
    """The refusal of bytes that no encoding makes a text of."""
    return WorkError(
        f"This file is binary, or a text in an encoding that was not recognised: {why}.",
        "Name its encoding with --encoding (for instance windows-1250, macintosh or cp850), save "
        "it again as UTF-8, or leave it out.",
    )


def _likeness(sample: bytes) -> dict[str, float]:
    """How well the pairs of letters fit in each encoding, beside the one they fit best (1)."""
    import chardet  # 40 ms to load, and most texts are UTF-8

    found: dict[str, float] = {}
    for result in chardet.detect_all(sample, ignore_threshold=True, max_bytes=TEXT.detect_bytes):
        encoding = find(str(result["encoding"] or ""))
        name = _NAMES.get(encoding.codec) if encoding else None
        if name:
            found.setdefault(name, float(result["confidence"]))
    best = max(found.values(), default=1.0) or 1.0
    return {name: value / best for name, value in found.items()}


def _sample(data: bytes) -> bytes:
    """The lines that hold bytes beyond ASCII, as far as they fit: a novel may have its first accent on page
    50.
    """
    if len(data) <= TEXT.detect_bytes:
        return data
    found: list[bytes] = []
    size = 0
    for line in _lines(data):
        if not line.isascii():
            found.append(line[:4096])
            size += len(found[-1])
            if size > TEXT.detect_bytes:
                break
    return b"".join(found)


def _lines(data: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(data):
        end = data.find(b"\n", at, at + 65536)
        end = min(len(data), at + 65536) if end < 0 else end + 1
        yield data[at:end]
        at = end


def _decoded(sample: bytes, name: str) -> str | None:
    """The sample in an encoding; its last bytes may be half a character."""
    for cut in range(4):
        text = decode(sample[: len(sample) - cut], _known(name))
        if text is not None or not _is_wide(name):
            return text
    return None


@lru_cache(maxsize=128)
def _known(name: str) -> Encoding:
    encoding = find(name)
    assert encoding is not None, name
    return encoding


def _is_wide(name: str) -> bool:
    return name in ("shift_jis", "euc-jp", "gb18030", "big5", "euc-kr", "johab")


# What it takes to believe in an encoding, in the unit of `TEXT.odd_weight`: Windows-1252 nothing, the rarest
# the most.
_USUAL = _CANDIDATES[:6]
_PRIOR = {name: min(2.5, 1.0 + 0.05 * i) if i else 0.0 for i, name in enumerate(_CANDIDATES)}
_NAMES = {_known(name).codec: name for name in reversed(_CANDIDATES)}


@dataclass(frozen=True)
class _Odd:
    total: float
    mean: float


def _oddness(text: str) -> _Odd:
    """How odd the characters beyond ASCII are where they stand: in all, and on average."""
    total = 0.0
    n = 0
    padded = f" {text} "
    foreign = _foreign_scripts(text)
    for run in _NON_ASCII.finditer(padded):
        for at in range(*run.span()):
            total += _odd(padded, at, foreign)
            n += 1
        if n > TEXT.most_signs:
            break
    return _Odd(total, total / max(n, 1))


def _foreign_scripts(text: str) -> frozenset[str]:
    """Scripts with so few of the letters that in running text they are no script of it, but wrongly decoded
    marks.
    """
    counts = Counter(map(_script, text[: 20 * TEXT.most_signs]))
    letters = counts.total() - counts["other"]
    return frozenset(script for script, n in counts.items() if script != "latin" and n < 0.1 * letters)


def _odd(text: str, at: int, foreign: frozenset[str]) -> float:
    """0 for a character that is usual where it stands, up to 3 for one that no text holds."""
    sign, before, after = text[at], text[at - 1], text[at + 1]
    kind = unicodedata.category(sign)
    odd = 1.0
    if kind[0] == "L":
        odd = _odd_letter(sign, before, after, text[at - 2 : at - 1], foreign)
    elif kind[0] == "C":
        odd = 3.0
    elif kind[0] == "M":
        odd = 0.0 if before.isalpha() or unicodedata.category(before)[0] == "M" else 1.0
    elif kind == "Zs":
        odd = 0.1
    elif sign in _QUOTES:
        odd = _odd_quote(sign, before, after)
    elif sign in _AMONG:
        inside = before.isalpha() and after.isalpha()
        odd = 0.2 if not inside else 0.4 if sign in _DASHES else 0.8
    elif sign in _BESIDE_NUMBERS:
        odd = (
            0.1 if before.isdigit() or after.isdigit() or (before.isspace() and not after.isalpha()) else 0.6
        )
    elif sign in _SIGNS:
        odd = 0.8 if before.isalpha() and after.isalpha() else 0.1
    elif kind[0] == "P" and ord(sign) > 0x2FFF:
        odd = 0.0 if ord(sign) < 0xFF60 else 0.3  # of East Asian scripts; narrow forms are rare
    return odd


def _odd_quote(sign: str, before: str, after: str) -> float:
    if sign == "\u2019" and (before.isalnum() or before in ".,!?;:\u2026"):
        return 0.0
    if sign in _OPEN_ONLY:
        return 0.0 if not before.isalnum() and not after.isspace() else 0.8
    if before.isalpha() and after.isalpha():
        return 0.8
    return 0.3 if before.isspace() and after.isspace() else 0.0


def _odd_letter(sign: str, before: str, after: str, earlier: str, foreign: frozenset[str]) -> float:
    script = _script(sign)
    if script in foreign:
        return 1.5
    around = [_script(c) for c in (before, after) if c.isalpha()]
    if script == "east":
        return 0.3 if 0xFF60 < ord(sign) < 0xFFA0 else 0.0
    if any(s not in (script, "other") for s in around):
        return 1.5
    if not around and not (script != "latin" and sign.lower() in _ALONE):
        return 0.3 if sign.lower() in _ALONE else 0.9
    odd = 0.0 if script != "latin" or sign.lower() in _LETTERS else 0.8
    if sign.isupper():
        odd += 1.5 if before.islower() or (before.isalpha() and after.islower()) else 0.1
    elif sign.islower() and before.isupper() and earlier.isupper():
        odd += 0.5
    return odd


@lru_cache(maxsize=8192)
def _script(sign: str) -> str:
    """Roughly: the scripts that words never mix; 'other' for what is no letter."""
    if sign.isascii():
        return "latin" if sign.isalpha() else "other"
    name = unicodedata.name(sign, "").split(" ", 1)[0]
    if name in ("LATIN", "FEMININE", "MASCULINE"):
        return "latin"
    if name in _EAST:
        return "east"
    return name.lower() if sign.isalpha() else "other"
