"""The fields of an ABC tune, each parsed from its text: metre, unit length, tempo, key, clef and
transposition, order of the parts.

Knows the modes of the standard and explicit accidentals; not the Highland bagpipe's own ornaments. ValueError
says what is wrong.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from etude.media.music.spelling import signature

MODES = {
    "maj": 0,
    "ion": 0,
    "mix": -1,
    "dor": -2,
    "min": -3,
    "m": -3,
    "aeo": -3,
    "phr": -4,
    "loc": -5,
    "lyd": 1,
}
TONICS = {"F": -1, "C": 0, "G": 1, "D": 2, "A": 3, "E": 4, "B": 5}
ACCIDENTALS = {"^": 1, "^^": 2, "_": -1, "__": -2, "=": 0}
TEMPI = {  # quarter notes a minute of the words that stand for a tempo, as abc2midi plays them
    "larghissimo": 40,
    "adagissimo": 44,
    "lentissimo": 48,
    "largo": 56,
    "adagio": 59,
    "lento": 62,
    "larghetto": 66,
    "adagietto": 76,
    "andante": 88,
    "andantino": 96,
    "moderato": 104,
    "allegretto": 112,
    "allegro": 120,
    "vivace": 168,
    "vivo": 180,
    "presto": 192,
    "allegrissimo": 208,
    "vivacissimo": 220,
    "prestissimo": 240,
}
CLEF = re.compile(
    r"""(?:\bclef\s*=\s*["']?(?:[a-z]+|[GCF])
    |(?<![\w="])(?:treble|bass|alto|tenor|soprano|mezzo(?:soprano)?|baritone|perc))
    \d?(?:([+-])(8|15))?(?!\w)""",
    re.X,
)
# Of a staff, in K: and V:; of a mode with an accidental behind it (Dmix=c) the name differs.
PROPERTY = re.compile(
    r"""\b(?:clef|octave|transpose|middle|m|name|nm|sname|snm|subname|staff\w*|stems?|gstem|space
    |brace|bracket|cue|dyn|lyrics|gchord|shift|score|sound|instrument|map|style|merge
    |program)\s*=\s*("[^"]*"|\S+)""",
    re.X,
)
MOST_PARTS = 1000  # in the order of a tune's parts, written out
Key = tuple[int, bool]


@dataclass(frozen=True)
class Staff:
    """What K:, V: or I: say of a voice's staff; None where nothing is said. `clef` is the octave of a clef
    (treble-8), in semitones."""

    octave: int | None = None
    clef: int | None = None
    transpose: int | None = None

    def over(self, other: Staff) -> Staff:
        """This, and where it says nothing the other."""
        return Staff(
            other.octave if self.octave is None else self.octave,
            other.clef if self.clef is None else self.clef,
            other.transpose if self.transpose is None else self.transpose,
        )

    @property
    def semitones(self) -> int:
        """By how much notes sound above what is written."""
        return 12 * (self.octave or 0) + (self.clef or 0) + (self.transpose or 0)


def parse_staff(text: str) -> Staff:
    """'clef=treble-8 octave=-1 transpose=2' and the like, anywhere in a field. `middle=` moves only what is
    drawn."""
    bare = re.sub(r'\b(?:name|nm|sname|snm|subname)\s*=\s*(?:"[^"]*"|\S+)', " ", text)
    octave = re.search(r"\boctave\s*=\s*([+-]?\d)(?!\d)", bare)
    transpose = re.search(r"\btranspose\s*=\s*([+-]?\d{1,2})(?!\d)", bare)
    clef = CLEF.search(bare)
    return Staff(
        int(octave[1]) if octave else None,
        (int(clef[1] + "1") * (12 if clef[2] == "8" else 24) if clef[1] else 0) if clef else None,
        int(transpose[1]) if transpose else None,
    )


def parse_name(text: str) -> str:
    """The name of a voice, from `name="Alto"` or `nm=Alto`; '' where none is given."""
    found = re.search(r'\b(?:name|nm)\s*=\s*(?:"([^"]*)"|(\S+))', text)
    return (found[1] or (found[2] or "").strip("'")) if found else ""


def parse_meter(text: str) -> tuple[int, int] | None:
    """'6/8', 'C', 'C|', '(2+3)/8', '2+3/8'; None for 'none'."""
    text = re.sub(r'"[^"]*"', "", text).strip()
    if common := re.match(r"[Cc](\|?)(?!\S)", text):
        return (2, 2) if common[1] else (4, 4)
    if text.lower() in ("none", "free", "frei", ""):  # "frei" in the Essen folk song collection
        return None
    found = re.match(r"\(?\s*(\d{1,3}(?:\s*\+\s*\d{1,3})*)\s*\)?\s*/\s*(\d{1,3})", text)
    if not found:
        raise ValueError("a metre looks like 6/8")
    beats, unit = sum(int(b) for b in found[1].split("+")), int(found[2])
    if not 0 < beats < 256 or unit not in (1, 2, 4, 8, 16, 32):
        raise ValueError("a metre looks like 6/8")
    return beats, unit


def parse_length(text: str) -> Fraction:
    """'1/8' in whole notes."""
    found = re.match(r"(\d{1,4})\s*(?:/\s*(\d{1,4}))?", text)
    if not found or not 0 < int(found[1]) <= 64 or not 0 < int(found[2] or 1) <= 512:
        raise ValueError("a unit length looks like 1/8")
    return Fraction(int(found[1]), int(found[2] or 1))


def parse_tempo(text: str, unit: Fraction) -> float:
    """Quarter notes a minute; 0 for words that name no tempo.

    '1/4=120', '"Allegro" 3/8=80', '1/4=96-104'; the old '120', 'C=120' and 'C3=40' count `unit` lengths a
    minute (ABC 1.6, and 2.1 in 12.1); words alone are read as in `TEMPI`.
    """
    bare = re.sub(r'"[^"]*"?', " ", text).strip()
    number = r"(?:ca?\.?|circa)?\s*(\d{1,4}(?:\.\d+)?)"
    if found := re.match(rf"((?:\d+(?:/\d+)?\s+)*\d+(?:/\d+)?)\s*=\s*{number}", bare):
        beat = sum((parse_length(b) for b in found[1].split()), Fraction(0))
        bpm = float(found[2]) * float(beat * 4)
    elif found := re.match(rf"[A-Ga-g](\d*)(?:/(\d+))?\s*=\s*{number}", bare):
        units = Fraction(min(64, int(found[1][:2] or 1)), max(1, int((found[2] or "1")[:3])))
        bpm = float(found[3]) * float(unit * units * 4)
    elif found := re.match(r"=?\s*(\d{1,4}(?:\.\d+)?)(?![\d/.])", bare):
        bpm = float(found[1]) * float(unit * 4)
    else:
        named = (TEMPI[word] for word in re.findall(r"[a-z]+", text.lower()) if word in TEMPI)
        bpm = float(next(named, 0))
        if bpm or not bare or not re.search(r"[=\d]", bare):
            return bpm
        raise ValueError("a tempo looks like 1/4=120")
    if not 1 <= bpm <= 2000:
        raise ValueError("between 1 and 2000 quarter notes a minute")
    return round(bpm, 3)


def parse_key(text: str) -> tuple[Key | None, dict[str, int] | None]:
    """(signature, accidentals of each step) of a K: field; None for what it does not say (a clef alone)."""
    text = text.strip()
    if not text or text.lower().startswith("none"):
        return None, {}
    if text[:2] in ("HP", "Hp"):
        return (2, False), signature(2)
    extra = _explicit(text)
    found = re.match(r"([A-G])([#b♯♭]?)\s*([A-Za-z]*)", PROPERTY.sub(" ", text))
    if not found:
        if (
            not extra
            and parse_staff(text) == Staff()
            and not re.match(r"(middle|m|staff\w*|stafflines|clef|exp)\b", text)
        ):
            raise ValueError("a key looks like G, F#m or Ddor")
        return None, extra or None
    mode = found[3].lower()
    step = MODES.get("m" if mode == "m" else mode[:3], 0)
    fifths = TONICS[found[1]] + {"#": 7, "♯": 7, "b": -7, "♭": -7, "": 0}[found[2]] + step
    if not -7 <= fifths <= 7:
        raise ValueError("more than seven sharps or flats")
    explicit = mode[:3] == "exp" or re.search(r"\bexp\b", text) is not None
    accidentals = {} if explicit else signature(fifths)
    return (fifths, mode[:3] in ("min", "aeo") or mode == "m"), accidentals | extra


def _explicit(text: str) -> dict[str, int]:
    bare = PROPERTY.sub(" ", text)
    return {
        step.upper(): ACCIDENTALS[sign]
        for sign, step in re.findall(r"(\^\^|\^|__|_|=)([A-Ga-g])(?![a-z])", bare)
    }


def parse_parts(text: str) -> list[str]:
    """The order of the parts: 'A(AB)2C' is A A B A B C. Raises ValueError where it is too long to be
    played."""
    stack: list[list[str]] = [[]]
    last: list[str] = []
    for sign in re.findall(r"[A-Za-z]|\(|\)|\d+", re.sub(r'"[^"]*"', "", text)):
        if sign == "(":
            stack.append([])
            last = []
        elif sign == ")" and len(stack) > 1:
            last = stack.pop()
            stack[-1] += last
        elif sign.isdigit():
            stack[-1] += last * (min(int(sign[:6]), MOST_PARTS) - 1)
            last = []
        elif sign.isalpha():
            last = [sign]
            stack[-1] += last
        if sum(map(len, stack)) > MOST_PARTS:
            raise ValueError(f"more than {MOST_PARTS:,} parts in a row")
    return [part for level in stack for part in level]
