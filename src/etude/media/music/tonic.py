"""The tonic and the mode of a tune, and keys as people write them.

A signature leaves four keys open that tunes are in: the modes on its first, second, fifth and sixth degree
(in O'Neill's and Ryan's books nearly all are major, Mixolydian, Dorian or minor). Which of them it is shows
in what the tune ends on and rests on: its last note, the notes under the tonic's triad weighted by their
length, and what the file says. Knows no codec and no score beyond notes and key.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from etude.errors import TakeError
from etude.media.music.score import Form, Note, Score
from etude.media.music.spelling import LINE, NATURAL

MODES = ("major", "Mixolydian", "Dorian", "minor")
ABOVE = (0, 7, 2, 9)  # semitones of each mode's tonic above that of the signature's major key
FIFTHS = (0, -1, -2, -3)  # what each mode takes from the signature of the major key on its tonic
THIRD = (4, 4, 3, 3)
SCALE = frozenset((0, 2, 4, 5, 7, 9, 11))
BORNE_OUT = 0.85  # of the notes that must lie in a stated signature for it to be believed
PRIOR = (0.55, 0.2, 0.25, 0.3)  # of the modes, where only a signature is known
STATED = 0.6  # more for minor where the file says minor
LAST, FIRST = 1.4, 0.3  # what ending and beginning on the tonic count for


@dataclass(frozen=True)
class Key:
    """A key: the pitch class of its tonic, the index of its mode, and the sharps of its signature (flats below
    0)."""

    tonic: int
    mode: int
    fifths: int

    @property
    def scale(self) -> frozenset[int]:
        """The pitch classes of its signature."""
        return frozenset((self.fifths * 7 + s) % 12 for s in SCALE)


def key_of(notes: Sequence[Note], stated: tuple[int, bool] | None = None) -> Key:
    """The key of a line of notes; `stated` is what a file says: (fifths, minor)."""
    weight = profile(notes)
    fits = {f: sum(weight[(f * 7 + s) % 12] for s in SCALE) for f in range(-7, 8)}
    fifths = max(range(-6, 7), key=lambda f: (fits[f], -abs(f), f))
    believed = stated is not None and fits[stated[0]] >= min(BORNE_OUT, fits[fifths])
    if stated is not None and believed:
        fifths = stated[0]
    last = notes[-1].pitch % 12 if notes else 0
    first = next((n.pitch % 12 for n in notes if n.duration >= 12), last)

    def score(mode: int) -> float:
        tonic = (fifths * 7 + ABOVE[mode]) % 12
        rests_on = 1.5 * weight[tonic] + weight[(tonic + 7) % 12] + weight[(tonic + THIRD[mode]) % 12]
        said = STATED * (mode == 3) if stated is not None and believed and stated[1] else 0.0
        return float(rests_on + LAST * (last == tonic) + FIRST * (first == tonic) + PRIOR[mode] + said)

    mode = max(range(len(MODES)), key=score)
    return Key((fifths * 7 + ABOVE[mode]) % 12, mode, fifths)


def profile(notes: Sequence[Note]) -> npt.NDArray[np.float64]:
    """(12,) the share of the sounding time that each pitch class has."""
    weight = np.zeros(12)
    for note in notes:
        weight[note.pitch % 12] += note.duration
    return weight / max(1.0, float(weight.sum()))


def form_of(notes: Sequence[Note], score: Score) -> Form:
    """The tonic as a pitch, at most an octave below the middle of the tune, and the mode; of a take as it was
    made."""
    if score.form is not None:
        return score.form
    key = key_of(notes, score.keys[0][1:] if score.keys else None)
    middle = float(np.mean([n.pitch for n in notes])) if notes else 60.0
    return Form(tonic_below(key.tonic, middle), key.mode)


def tonic_below(tonic: int, middle: float) -> int:
    """The pitch of this class that lies less than an octave below `middle`."""
    return max(0, int(middle) - (int(middle) - tonic) % 12)


def signature_of(tonic: int, mode: int) -> int:
    """The sharps of a key, the plainer of two names: from -5 to 6 for a major key."""
    major = (tonic - ABOVE[mode]) % 12 * 7 % 12
    return major if major <= 6 else major - 12


def spoken(tonic: int, mode: int) -> str:
    """'D major', 'F sharp Dorian'."""
    place = signature_of(tonic, mode) - FIFTHS[mode]  # of the tonic on the line of fifths, C is 0
    letter, alter = LINE[(place + 1) % 7], (place + 1) // 7
    return f"{letter}{' sharp' * (alter > 0)}{' flat' * (alter < 0)} {MODES[mode]}"


_NAMED = re.compile(
    r"\s*([A-Ga-g])\s*(#|♯|b|♭|sharp|flat)?\s*"
    r"(major|maj|ionian|minor|min|m|aeolian|aeo|dorian|dor|mixolydian|mix)?\s*",
)
_SHORT = {"maj": 0, "ion": 0, "mix": 1, "dor": 2, "min": 3, "m": 3, "aeo": 3, "": 0}


def parse_key(text: str) -> tuple[int, int]:
    """(pitch class of the tonic, mode) of 'D', 'F# minor', 'Bb', 'Ador'. Raises TakeError."""
    bare = text.strip()
    found = _NAMED.fullmatch(bare[:1] + bare[1:].lower())
    if not found:
        raise TakeError(
            f"'{text}' is not a key that can be asked for.",
            "Write D, 'D minor', F#m, 'B flat', 'A Dorian' or 'D Mixolydian'.",
        )
    step = {"#": 1, "♯": 1, "sharp": 1, "b": -1, "♭": -1, "flat": -1}.get(found[2] or "", 0)
    return (NATURAL[found[1].upper()] + step) % 12, _SHORT[(found[3] or "")[:3]]
