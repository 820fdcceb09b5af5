"""The fields of an ABC tune: metre, unit length, tempo and key, each parsed from its text.

Knows the modes of the standard and explicit accidentals; not the Highland bagpipe's own ornaments. ValueError says what is wrong.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
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
Key = tuple[int, bool]


@dataclass
class Fields:
    """What the header said, and what holds for voices that begin later."""

    title: str = ""
    maker: str = ""
    meta: dict[str, str] = field(default_factory=dict)
    meter: tuple[int, int] | None = (4, 4)  # None: free metre
    length: Fraction | None = None
    accidentals: dict[str, int] = field(default_factory=dict)
    tempos: list[tuple[Fraction, float]] = field(default_factory=list)
    keys: list[tuple[Fraction, int, bool]] = field(default_factory=list)
    program: int = 0
    in_body: bool = False

    def unit(self) -> Fraction:
        """The unit length in whole notes: as said, else an eighth, or a 16th in metres shorter than 3/4."""
        if self.length is not None:
            return self.length
        return Fraction(1, 16) if self.meter and Fraction(*self.meter) < Fraction(3, 4) else Fraction(1, 8)


def parse_meter(text: str) -> tuple[int, int] | None:
    """'6/8', 'C', 'C|', '(2+3)/8'; None for 'none'."""
    text = text.strip()
    if text in ("C", "C|"):
        return (4, 4) if text == "C" else (2, 2)
    if text.lower() in ("none", "free", "frei", ""):  # "frei" in the Essen folk song collection
        return None
    found = re.match(r"\(?\s*(\d+(?:\s*\+\s*\d+)*)\s*\)?\s*/\s*(\d+)", text)
    if not found:
        raise ValueError("a metre looks like 6/8")
    beats, unit = sum(int(b) for b in found[1].split("+")), int(found[2])
    if not 0 < beats < 256 or unit not in (1, 2, 4, 8, 16, 32):
        raise ValueError("a metre looks like 6/8")
    return beats, unit


def parse_length(text: str) -> Fraction:
    """'1/8' in whole notes."""
    found = re.match(r"(\d+)\s*(?:/\s*(\d+))?", text)
    if not found or not 0 < int(found[1]) <= 64 or not 0 < int(found[2] or 1) <= 512:
        raise ValueError("a unit length looks like 1/8")
    return Fraction(int(found[1]), int(found[2] or 1))


def parse_tempo(text: str, unit: Fraction) -> float:
    """Quarter notes a minute from '1/4=120', '"Allegro" 3/8=80' or the old '120' (units of `unit`); 0 for words alone."""
    bare = re.sub(r'"[^"]*"', "", text).strip()
    if not bare:
        return 0.0
    found = re.match(r"((?:\d+/\d+\s*)+)=\s*(\d+(?:\.\d+)?)", bare)
    if found:
        beat = sum((parse_length(b) for b in found[1].split()), Fraction(0))
        bpm = float(found[2]) * float(beat * 4)
    elif old := re.match(r"(?:C(\d*)\s*=\s*)?(\d+(?:\.\d+)?)$", bare):
        bpm = float(old[2]) * (float(unit * 4) * int(old[1] or 1) if bare.startswith("C") else 1.0)
    else:
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
    found = re.match(r"([A-G])([#b]?)\s*([A-Za-z]*)", text)
    if not found or text.startswith("clef"):
        extra = _explicit(text)
        if not extra and not re.match(
            r"(clef|treble|bass|alto|tenor|perc|middle|transpose|octave|staff)", text
        ):
            raise ValueError("a key looks like G, F#m or Ddor")
        return None, extra or None
    mode = found[3].lower()
    step = MODES.get("m" if mode == "m" else mode[:3], 0)
    fifths = TONICS[found[1]] + 7 * {"#": 1, "b": -1, "": 0}[found[2]] + step
    if not -7 <= fifths <= 7:
        raise ValueError("more than seven sharps or flats")
    accidentals = {} if mode[:3] == "exp" else signature(fifths)
    accidentals.update(_explicit(text))
    return (fifths, mode[:3] in ("min", "aeo") or mode == "m"), accidentals


def _explicit(text: str) -> dict[str, int]:
    return {
        step.upper(): ACCIDENTALS[sign]
        for sign, step in re.findall(r"(?<=\s)(\^\^|\^|__|_|=)([A-Ga-g])\b", " " + text)
    }
