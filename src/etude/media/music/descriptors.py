"""What can be counted in a score without a model: how its pitches and rhythms are spread, whether bars are
alike, how much lies outside the key, and how voices move.

Pitch-class entropy, scale consistency and groove consistency as H.-W. Dong et al. 2020 (MusPy, arXiv
2008.01951) define them, on our grid of sixteenths; polyphony is notes that sound at once.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from etude.media.music import key
from etude.media.music.bars import bars
from etude.media.music.part_writing import FIFTH, parallels, pitches
from etude.media.music.score import STEP, TPQ, Score

LEAST = 8  # notes, below which nothing is counted


def described(score: Score) -> dict[str, float]:
    """By names in words; empty for fewer than `LEAST` pitched notes."""
    notes = [note for track in score.tracks if not track.drum for note in track.notes]
    if len(notes) < LEAST:
        return {}
    high = np.array([note.pitch for note in notes])
    out = {
        "bits of pitch classes": _entropy(np.bincount(high % 12, minlength=12)),
        "bits of durations": _entropy(np.unique([note.duration for note in notes], return_counts=True)[1]),
        "semitones between the lowest and the highest note": float(np.ptp(high)),
        "notes in a quarter": len(notes) * TPQ / max(1, score.end),
        "notes that sound at once": sum(note.duration for note in notes) / _sounding(score),
    }
    found = key.estimated(score)
    if found is not None:
        out["percent of the time outside the key"] = 100.0 * found.outside
    groove = _groove(score)
    if groove is not None:
        out["percent of a bar's rhythm that the next bar keeps"] = 100.0 * groove
    pitch, _ = pitches(score)
    same, moves = parallels(pitch, FIFTH) if pitch.shape[1] > 1 and len(pitch) else (0, 0)
    if moves:
        out["parallel fifths in 100 moves of two voices"] = 100.0 * same / moves
    return out


def _entropy(counts: npt.NDArray[Any]) -> float:
    """In bits, of a histogram."""
    p = counts[counts > 0] / counts.sum()
    return float(-(p * np.log2(p)).sum())


def _sounding(score: Score) -> int:
    """Ticks in which some pitched note sounds."""
    spans = sorted((n.onset, n.onset + n.duration) for t in score.tracks if not t.drum for n in t.notes)
    total, end = 0, -1
    for start, stop in spans:
        total += max(0, stop - max(start, end))
        end = max(end, stop)
    return max(1, total)


def _groove(score: Score) -> float | None:
    """How much of the steps in which notes begin neighbouring bars of one length share: 1 less the mean
    Hamming distance; None where there are no two such bars."""
    found = []
    before: npt.NDArray[np.bool_] | None = None
    onsets = np.unique([n.onset for t in score.tracks for n in t.notes])
    for bar in bars(score):
        inside = onsets[(onsets >= bar.start) & (onsets < bar.end)] - bar.start
        steps = np.zeros(max(1, -(-(bar.end - bar.start) // STEP)), bool)
        steps[inside // STEP] = True
        if before is not None and len(before) == len(steps):
            found.append(float((before == steps).mean()))
        before = steps
    return float(np.mean(found)) if found else None
