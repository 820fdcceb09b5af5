"""How a pitch is spelled under a key signature, what keys are called, and which signature suits notes that
come without one.

Spelling takes the twelve neighbours of the tonic on the line of fifths, from three flatwards of the signature
to eight sharpwards (after D. Temperley, "The Cognition of Basic Musical Structures", 2001, chapter 5, without
his look at the context).
"""

from __future__ import annotations

from collections.abc import Iterable

LINE = "FCGDAEB"  # the line of fifths; a step of seven adds a sharp
NATURAL = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
SHARPS = "FCGDAEB"
KEY_NAMES = (
    "C",
    "G",
    "D",
    "A",
    "E",
    "B",
    "F sharp",
    "C sharp",
    "C flat",
    "G flat",
    "D flat",
    "A flat",
    "E flat",
    "B flat",
    "F",
)


def spell(pitch: int, fifths: int) -> tuple[str, int, int]:
    """(step, alter, octave) of a MIDI pitch under a signature of `fifths` sharps (flats below 0)."""
    place = (pitch % 12 * 7) % 12  # C 0, G 1, D 2 ... on the circle
    low = fifths - 3
    place = low + (place - low) % 12
    step = LINE[(place + 1) % 7]
    alter = (place + 1) // 7
    return step, alter, (pitch - alter - NATURAL[step]) // 12 - 1


def signature(fifths: int) -> dict[str, int]:
    """What the signature makes of each step: {'F': 1} for one sharp."""
    steps = SHARPS[:fifths] if fifths >= 0 else SHARPS[::-1][:-fifths]
    return dict.fromkeys(steps, 1 if fifths > 0 else -1)


def likely_fifths(pitches: Iterable[int]) -> int:
    """The signature under which most of the pitches need no accidental; the plainest of equals."""
    counts = [0] * 12
    for pitch in pitches:
        counts[pitch % 12] += 1
    scale = (0, 2, 4, 5, 7, 9, 11)
    fits = {f: sum(counts[(f * 7 + s) % 12] for s in scale) for f in range(-6, 7)}
    return max(fits, key=lambda f: (fits[f], -abs(f), f))


def key_name(fifths: int, minor: bool) -> str:
    """'G major', 'F sharp minor' for a signature of -7 (flats) to 7 (sharps)."""
    if minor:
        sharp = ("G sharp", "D sharp", "A sharp")
        return f"{KEY_NAMES[(fifths + 3 + 15) % 15] if fifths + 3 <= 7 else sharp[fifths - 5]} minor"
    return f"{KEY_NAMES[fifths % 15]} major"
