"""How well tunes hold together: share of notes outside the key, endings on the tonic, whole bars, and bars that
come back after four and eight.

Every measure is read off the notes alone, works and takes alike; none knows how a tune was made. The key is
the likeliest one by the notes (key.py). Knows no model.

Letters: N tunes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from etude import rng
from etude.media.music import key
from etude.media.music.form import alike
from etude.media.music.score import Note, Score, Track
from etude.media.music.tune_frame import bar_lines, bars_of
from etude.media.music.tune_line import melody
from etude.stats.figure import Figure

DRAWS = 1000  # of tunes with replacement, for the intervals


def notes_of(score: Score) -> list[Note]:
    """The melody as notes."""
    return [Note(s.onset, s.pitch, s.duration) for s in melody(score)]


def outside_key(score: Score) -> float:
    """The share of the sounding time outside the scale of the likeliest key."""
    found = key.estimated(Score((Track(tuple(notes_of(score))),)))
    return found.outside if found else 0.0


def ends_on_tonic(score: Score) -> float:
    """1 where the last note of the melody is the tonic of its key: the stated one where the notes bear it out,
    as a file has it."""
    notes = notes_of(score)
    found = key.of(Score((Track(tuple(notes)),), keys=score.keys)) if notes else None
    return float(found is not None and notes[-1].pitch % 12 == found.tonic)


def whole_bars(score: Score) -> float:
    """1 where the tune ends with a whole bar, or with one that the upbeat makes whole."""
    notes = notes_of(score)
    end = max((n.onset + n.duration for n in notes), default=0)
    last = bar_lines(score.meters, score.pickup, end)[-1]
    return float(last.end - end in (0, score.pickup) and last.end - last.start == last.full)


def returns(score: Score, back: int) -> float:
    """How much of a bar stood in the bar so many bars before it: twice what they have in common, of all they
    have; the mean over the bars that have one before them."""
    notes = notes_of(score)
    end = max((n.onset + n.duration for n in notes), default=0)
    lines = bar_lines(score.meters, score.pickup, end)
    bars = bars_of(lines, notes)[int(score.pickup > 0) :]
    if len(bars) <= back:
        return float("nan")
    return float(np.mean(np.diag(alike(bars), -back)))


MEASURES: Mapping[str, Callable[[Score], float]] = {
    "notes outside the key": outside_key,
    "tunes that end on the tonic": ends_on_tonic,
    "tunes of whole bars": whole_bars,
    "bars that come back after 4": lambda score: returns(score, 4),
    "bars that come back after 8": lambda score: returns(score, 8),
}


def measured(scores: Sequence[Score]) -> dict[str, Figure]:
    """Every measure over N tunes, with a 90 % interval by drawing tunes anew."""
    out = {}
    for name, measure in MEASURES.items():
        values = np.array([measure(s) for s in scores if any(t.notes for t in s.tracks)])
        values = values[np.isfinite(values)]
        if not len(values):
            continue
        picks = rng.for_(0, "coherence").integers(0, len(values), (DRAWS, len(values)))
        low, high = (float(q) for q in np.quantile(values[picks].mean(1), [0.05, 0.95]))
        out[name] = Figure(float(values.mean()), low, high, len(values), "share/tune")
    return out
