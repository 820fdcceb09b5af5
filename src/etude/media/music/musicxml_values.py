"""What is read off single elements of MusicXML, however a program wrote them: numbers, texts, note values, tempo numbers."""

from __future__ import annotations

import re
from typing import Any

from etude.media.music.guarded import clean

Element = Any  # lxml ships no types
STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
BEATS = {
    "maxima": 32.0,
    "long": 16.0,
    "breve": 8.0,
    "whole": 4.0,
    "half": 2.0,
    "quarter": 1.0,
    "eighth": 0.5,
    "16th": 0.25,
    "32nd": 0.125,
    "64th": 0.0625,
    "128th": 0.03125,
}  # quarter notes
GLYPHS = {
    "𝅝": 4.0,
    "𝅗𝅥": 2.0,
    "♩": 1.0,
    "𝅘𝅥": 1.0,
    "♪": 0.5,
    "𝅘𝅥𝅮": 0.5,
}  # note values that are written into words
NUMBER = r"\d+(?:[.,]\d+)?"
RANGE = re.compile(rf"({NUMBER})\s*(?:[-–—−~/]|to|bis|à|a)\s*({NUMBER})")
WORDED_TEMPO = re.compile(rf"({'|'.join(GLYPHS)})(\s?[.·])?\s*=\D*({NUMBER}\D*(?:{NUMBER})?)")
SLOWEST, FASTEST = 1, 2000  # quarter notes a minute: beyond these a number is a mistake


def first_text(element: Element, path: str) -> str:
    """The text at a path on one clean line, or ''."""
    return clean(element.findtext(path)) if element is not None else ""


def word(element: Element, path: str) -> str:
    """The text at a path where one of a few words stands, or ''."""
    return (element.findtext(path) or "").strip()


def number(text: str | None, default: float) -> float:
    """A number written in the file, or the default where it is missing or no number."""
    try:
        value = float(text) if text else default
    except ValueError:
        return default
    return value if abs(value) < 1e9 else default


def written_length(element: Element) -> float | None:
    """Quarter notes of a note by its type, dots and tuplet; None where it has no type."""
    value = BEATS.get(word(element, "type"))
    if value is None:
        return None
    actual = number(element.findtext("time-modification/actual-notes"), 1)
    normal = number(element.findtext("time-modification/normal-notes"), 1)
    return value * (2 - 0.5 ** len(element.findall("dot"))) * normal / max(actual, 1)


def per_minute(text: str | None) -> float:
    """A tempo number as it is printed: '96', 'c. 96', '66,5', or the middle of a range like '96-104'; 0 where there is none."""
    text = text or ""
    if found := RANGE.search(text):
        low, high = (float(n.replace(",", ".")) for n in found.groups())
        return (low + high) / 2
    single = re.search(NUMBER, text)
    return float(single[0].replace(",", ".")) if single else 0.0


def stated_tempo(text: str | None) -> float:
    """A tempo in an attribute, which should be a number and may be one as it is printed; 0 where it is none."""
    try:
        return float(text or 0)
    except ValueError:
        return per_minute(text)


def metronome(element: Element) -> float:
    """Quarter notes a minute of a <metronome>; 0 where it is not a number (a relation of two note values)."""
    beat = BEATS.get(word(element, "beat-unit"), 1.0) * (2 - 0.5 ** len(element.findall("beat-unit-dot")))
    for tied in element.findall("beat-unit-tied"):
        beat += BEATS.get(word(tied, "beat-unit"), 0.0) * (2 - 0.5 ** len(tied.findall("beat-unit-dot")))
    return per_minute(element.findtext("per-minute")) * beat


def worded_tempo(text: str) -> float:
    """Quarter notes a minute where words hold a note and a number, as 'Allegro (♩ = 120)'; 0 otherwise."""
    found = WORDED_TEMPO.search(text)
    if found is None:
        return 0.0
    return per_minute(found[3]) * GLYPHS[found[1]] * (1.5 if found[2] else 1.0)


def velocity(percent: str | None) -> int | None:
    """A loudness in percent of velocity 90, as MusicXML gives it; None where it is missing or no number."""
    loud = number(percent, 0)
    return min(127, max(1, round(loud * 0.9))) if loud > 0 else None
