"""The key of a score, from its notes: tonic and mode, the signature that spells it, how sure that is, and how
much of it lies outside.

A naive Bayes classifier over the time that each pitch class sounds and the last note (the key profiles of
C. Krumhansl, "Cognitive Foundations of Musical Pitch", 1990, with rates counted in some 4,200 tunes of
O'Neill, Ryan and Aird whose keys are stated). Where its confidence is p it is right in about p of the cases.
Hears one key a score: does not know modulation.

Two plainer estimators stay beside it, since bytes of earlier versions rest on them: `motifs.key` (features by
which likenesses of existing models are measured) and `spelling.likely_fifths` (how files without a stated key
are spelt).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from etude.media.music.score import Note, Score

MAJOR, MINOR, DORIAN, MIXOLYDIAN = "major", "minor", "dorian", "mixolydian"
Float64 = npt.NDArray[np.float64]

# Share of the sounding time of each pitch class above the tonic.
_PROFILES = {
    MAJOR: (0.262, 0.001, 0.135, 0.0, 0.167, 0.082, 0.003, 0.176, 0.001, 0.095, 0.004, 0.074),
    MINOR: (0.257, 0.0, 0.118, 0.147, 0.001, 0.114, 0.001, 0.173, 0.025, 0.011, 0.138, 0.016),
    DORIAN: (0.241, 0.0, 0.148, 0.08, 0.005, 0.12, 0.001, 0.174, 0.001, 0.051, 0.173, 0.007),
    MIXOLYDIAN: (0.246, 0.0, 0.122, 0.002, 0.126, 0.124, 0.0, 0.17, 0.0, 0.11, 0.094, 0.005),
}
_MODES = tuple(_PROFILES)
_PRIOR = {MAJOR: 0.62, MINOR: 0.25, DORIAN: 0.065, MIXOLYDIAN: 0.065}
_LAST = (0.80, 0.002, 0.04, 0.015, 0.025, 0.025, 0.002, 0.04, 0.002, 0.03, 0.012, 0.012)
_LEAST = 0.002  # of a profile: a single chromatic note does not rule a key out
_NOTES = 20.0  # notes of a tune count as so many independent ones, at most
_LAST_WEIGHT = 0.5
# Degrees that belong to the key: minor has its sixth and seventh both ways.
_SCALES = {
    MAJOR: (0, 2, 4, 5, 7, 9, 11),
    MINOR: (0, 2, 3, 5, 7, 8, 9, 10, 11),
    DORIAN: (0, 2, 3, 5, 7, 9, 10),
    MIXOLYDIAN: (0, 2, 4, 5, 7, 9, 10),
}
_SIGNATURE = {MAJOR: 0, MINOR: -3, DORIAN: -2, MIXOLYDIAN: -1}  # fifths beside those of the major key
BORNE_OUT = 0.1  # more of the notes outside than by the likeliest key, and a stated key is not believed
SURE = 0.4  # confidence from which an estimated key is stated in a file


@dataclass(frozen=True)
class Key:
    """`tonic` is a pitch class (0: C), `fifths` the sharps of the signature (flats below 0), `minor` whether
    files call it minor, `confidence` 0..1 that tonic and mode are right, and `outside` the share of the
    sounding time that lies outside the scale."""

    tonic: int
    mode: str
    confidence: float
    outside: float

    @property
    def fifths(self) -> int:
        """-6 to 6: of two spellings the one with fewer signs, of six each the sharps."""
        return (self.tonic * 7 + _SIGNATURE[self.mode] + 5) % 12 - 5

    @property
    def minor(self) -> bool:
        """Dorian is written by its signature, as files have no word for it."""
        return self.mode == MINOR


def estimated(score: Score) -> Key | None:
    """The likeliest key by the notes alone; None for a score without pitched notes."""
    return _chosen(score, None)


def stated(score: Score) -> Key | None:
    """The key of the signature that the score states at its beginning, with the tonic and the mode that its
    notes have under that signature; None where nothing is stated."""
    return _chosen(score, score.keys[0][1:]) if score.keys else None


def of(score: Score) -> Key | None:
    """The stated key where the notes bear it out, else the estimated one."""
    said, heard = stated(score), estimated(score)
    if said is None or heard is None:
        return heard
    return said if said.outside <= heard.outside + BORNE_OUT else heard


def outside(score: Score, tonic: int, mode: str) -> float:
    """The share of the sounding time of pitched notes that lies outside a key's scale; 0 without notes."""
    heard = _heard(score)
    return 0.0 if heard is None else _outside(heard[0], tonic, mode)


def with_signature(score: Score) -> Score:
    """The score with its estimated key stated, where it states none and one is likely enough."""
    if score.keys or (found := estimated(score)) is None or found.confidence < SURE:
        return score
    return replace(score, keys=((0, found.fifths, found.minor),))


def _chosen(score: Score, signature: tuple[int, bool] | None) -> Key | None:
    """The likeliest key, of those that have this signature and mode where they are given."""
    heard = _heard(score)
    if heard is None:
        return None
    share, last, notes = heard
    keys = [(tonic, mode) for mode in _MODES for tonic in range(12)]
    fit = np.array([_fit(share, last, notes, tonic, mode) for tonic, mode in keys])
    p = np.exp(fit - fit.max())
    p /= p.sum()
    fits = [i for i, key in enumerate(keys) if signature is None or _has(key, *signature)]
    tonic, mode = keys[max(fits, key=lambda i: p[i])]
    return Key(tonic, mode, round(float(p[keys.index((tonic, mode))]), 4), _outside(share, tonic, mode))


def _has(key: tuple[int, str], fifths: int, minor: bool) -> bool:
    """Whether a key has this signature; what is called minor is, what is not may be modal."""
    found = Key(*key, 0.0, 0.0)
    return (found.fifths - fifths) % 12 == 0 and found.minor == minor


def _fit(share: Float64, last: int, notes: float, tonic: int, mode: str) -> float:
    """Log-posterior of a key, up to a constant."""
    degrees = float(np.roll(share, -tonic) @ _logs(mode))
    return (
        notes * degrees
        + _LAST_WEIGHT * float(np.log(_LAST[(last - tonic) % 12]))
        + float(np.log(_PRIOR[mode]))
    )


@lru_cache(maxsize=len(_MODES))
def _logs(mode: str) -> Float64:
    return np.log(np.maximum(_PROFILES[mode], _LEAST))


def _outside(share: Float64, tonic: int, mode: str) -> float:
    inside = sum(float(share[(tonic + degree) % 12]) for degree in _SCALES[mode])
    return round(max(0.0, 1.0 - inside), 4)


def _heard(score: Score) -> tuple[Float64, int, float] | None:
    """Share of the time of each pitch class, the last (lowest) pitch class, and how many notes count."""
    notes = [note for track in score.tracks if not track.drum for note in track.notes]
    if not notes:
        return None
    share = np.zeros(12)
    for note in notes:
        share[note.pitch % 12] += max(1, note.duration)
    return share / share.sum(), _last(notes).pitch % 12, min(_NOTES, float(len(notes)))


def _last(notes: Iterable[Note]) -> Note:
    """The note that ends last, of several the lowest."""
    return max(notes, key=lambda note: (note.onset + note.duration, -note.pitch))
