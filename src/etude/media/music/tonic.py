"""The tonic and the mode of a tune as its tokens see them, and keys as people write them. Knows no codec."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from etude.errors import TakeError
from etude.media.music import key
from etude.media.music.score import Form, Note, Score, Track
from etude.media.music.spelling import LINE, NATURAL

MODES = ("major", "Mixolydian", "Dorian", "minor")
_OF_KEY = (key.MAJOR, key.MIXOLYDIAN, key.DORIAN, key.MINOR)
ABOVE = (0, 7, 2, 9)  # semitones of each mode's tonic above that of the signature's major key
FIFTHS = (0, -1, -2, -3)  # what each mode takes from the signature of the major key on its tonic


def form_of(notes: Sequence[Note], score: Score) -> Form:
    """The tonic as a pitch, at most an octave below the middle of the tune, and the mode, as `key.of` finds
    them in these notes and the stated key; of a take as it was made."""
    if score.form is not None:
        return score.form
    found = key.of(Score((Track(tuple(notes)),), keys=score.keys))
    middle = float(np.mean([n.pitch for n in notes])) if notes else 60.0
    if found is None:
        return Form(tonic_below(0, middle), 0)
    return Form(tonic_below(found.tonic, middle), _OF_KEY.index(found.mode))


def tonic_below(tonic: int, middle: float) -> int:
    """The pitch of this class that lies less than an octave below `middle`."""
    return max(0, int(middle) - (int(middle) - tonic) % 12)


def signature_of(tonic: int, mode: int) -> int:
    """The sharps of a key, the plainer of two names: from -5 to 6 for a major key."""
    major = (tonic - ABOVE[mode]) % 12 * 7 % 12
    return major if major <= 6 else major - 12


def keys(form: Form) -> tuple[tuple[int, int, bool], ...]:
    """The key as a score states it: minor by that name, the other modes by their signature."""
    return ((0, signature_of(form.tonic % 12, form.mode), form.mode == MODES.index("minor")),)


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
