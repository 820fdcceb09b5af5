"""Signs and words of MusicXML that say in which order bars are played, read as marks of the playing order.

A <sound> says it in attributes, a direction in words (D.C. al Fine, To Coda) or in drawn signs; where both
are there the sound says what the mark is and the words say until when. Follows the wording that MuseScore
recognises.
"""

from __future__ import annotations

import re

from etude.media.music.guarded import clean
from etude.media.music.musicxml_values import Element, number
from etude.media.music.playing_order import BarSigns, Kind, Mark

CODA = r"(?:coda|⊕|𝄌)(?: coda)*(?: [ivx\d]+)?"
UNTIL = (
    r"\.?(?: (?:sin )?(?:al |a |to )?(?:the )?fine)?"
    rf"(?: (?:al|alla|to|e|e poi la) {CODA})?"
    r"(?: (?:senza|con|no|without|with) (?:rep|rit)\w*)?"
)  # what may follow a jump
JUMPS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("dc", re.compile(rf"(?:d\.? ?c|da capo){UNTIL}")),
    ("ds", re.compile(rf"(?:d\.? ?s|d[ae]l s(?:egno)?)\.?(?: segno| 𝄋| [ivx]+)*{UNTIL}")),
)
AL_FINE = re.compile(r"\bfine\b")
AL_CODA = re.compile(r"\bcoda\b|⊕|𝄌")
WHOLE: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("to coda", re.compile(rf"(?:to|al|alla|zur) (?:the )?{CODA}")),
    ("coda", re.compile(CODA)),
    ("segno", re.compile(r"(?:segno|𝄋)(?: segno)*(?: [ivx\d]+)?")),
    ("fine", re.compile(r"fine")),
)  # what the words of a direction must be as a whole
LONGEST_WORDS = 80  # characters: a longer text is no sign
SIGNS: tuple[tuple[str, Kind], ...] = (
    ("coda", "coda"),
    ("dacapo", "dc"),
    ("dalsegno", "ds"),
    ("fine", "fine"),
    ("segno", "segno"),
    ("tocoda", "to coda"),
)  # attribute of <sound> -> mark


def words_of(direction: Element) -> str:
    """The words of a direction with drawn signs by their names, in the order in which they stand."""
    said = []
    for element in direction.iterfind("direction-type/*"):
        if element.tag in ("words", "other-direction"):
            said.append(element.text or "")
        elif element.tag in ("segno", "coda"):
            said.append(str(element.tag))
    return clean(" ".join(said))


def marks_of(sound: Element | None, words: str, drawn: bool, at: float) -> list[Mark]:
    """The marks of a direction: of its <sound> (or None), its words, and whether signs are drawn in it."""
    out = []
    plain = re.sub(r"[()\[\]\"“”'’:;,!*]", " ", words.lower())
    plain = " ".join(plain.split()).strip(" .") if len(words) <= LONGEST_WORDS else ""
    jump = next((kind for kind, pattern in JUMPS if pattern.fullmatch(plain)), None)
    until = "fine" if AL_FINE.search(plain) else "coda" if AL_CODA.search(plain) else ""
    for attribute, kind in SIGNS:
        label = sound.get(attribute, "").strip() if sound is not None else ""
        if label and not (kind in ("dc", "fine") and label == "no"):
            named = label if kind not in ("dc", "fine") else ""
            out.append(Mark(kind, at, named, until if kind in ("dc", "ds") else ""))
    if out:
        return out
    if jump:
        return [Mark(jump, at, "", until)]
    whole = next((kind for kind, pattern in WHOLE if pattern.fullmatch(plain)), None)
    if whole is None:
        return []
    number_of = re.search(r"(?: ([ivx\d]+))$", plain)
    label = number_of[1] if number_of and number_of[1] not in ("i", "1") else ""
    return [Mark(whole, at, label, glyph=drawn)]


def barline(element: Element, signs: BarSigns, open_ending: tuple[int, ...]) -> tuple[int, ...]:
    """Follow a <barline>; what comes back are the numbers of the ending that stays open after it."""
    right = element.get("location", "right") == "right"
    ending = element.find("ending")
    if ending is not None:
        if ending.get("type") == "start":
            open_ending = numbers(ending.get("number")) or numbers(ending.text)
        signs.endings = open_ending
        if ending.get("type") in ("stop", "discontinue"):
            open_ending = ()
    repeat = element.find("repeat")
    if repeat is not None and repeat.get("direction") == "forward":
        signs.forward = True
    elif repeat is not None:
        signs.backward = max(signs.backward, 2, int(number(repeat.get("times"), 2)))
        signs.after_jump |= repeat.get("after-jump") == "yes"
    style = (element.findtext("bar-style") or "").strip()
    signs.double |= right and style in ("light-light", "light-heavy", "heavy-light", "heavy-heavy", "heavy")
    for kind in ("segno", "coda"):
        label = element.get(kind, "").strip()
        if label or element.find(kind) is not None:
            signs.marks.append(
                Mark("segno" if kind == "segno" else "coda", float(right), label, glyph=not label)
            )
    return open_ending


def numbers(text: str | None) -> tuple[int, ...]:
    """The passes that an ending is for: '1', '1, 2', '1.2.', '1-3'."""
    out: set[int] = set()
    for low, high in re.findall(r"(\d{1,3})(?:\s*[-–]\s*(\d{1,3}))?", (text or "")[:100]):
        out |= set(range(int(low), int(high or low) + 1))
    return tuple(sorted(out - {0}))
