"""Melody lines and their n-grams, blind to transposition and tempo: what copies, near-duplicates and likeness
of music rest on.

A motif is seen through its intervals and the ratios of the times between its notes (in eighths of an octave
of time, which tells 1:2, 2:3 and 3:4 apart and forgives a played rhythm a few per cent), after Yin et al.
2022 on originality. The trace and the copy guard use the same lines and classes. Knows no codec, no works and
no model.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from etude.config.media import CODEC
from etude.media.contract import Float32, UInt64
from etude.media.music.score import TPQ, Score

Int = npt.NDArray[np.int64]
RATIO_STEPS = 8  # classes in a doubling of time
RATIO_CAP = 100

# Krumhansl and Kessler 1982: how well each degree fits a major and a minor key
_MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
_MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)

_KEYS = np.array([np.roll(profile, tonic) for profile in (_MAJOR, _MINOR) for tonic in range(12)])
_PROFILES = (_KEYS - _KEYS.mean(1, keepdims=True)) / _KEYS.std(1, keepdims=True)  # (24, 12)


class Line(NamedTuple):
    """One melodic line: `voice` numbers the lines of a score; `notes` are indices in `Score.flat()`."""

    voice: int
    notes: Int
    onset: Int
    pitch: Int
    duration: Int


def table(score: Score) -> Int:
    """(N, 4) onset, track, pitch and duration of the notes, in the order of `Score.flat()`."""
    rows = np.array(
        [(n.onset, i, n.pitch, n.duration) for i, t in enumerate(score.tracks) for n in t.notes], np.int64
    )
    rows = rows.reshape(-1, 4)
    return rows[np.lexsort((rows[:, 2], rows[:, 1], rows[:, 0]))]


def melody(score: Score) -> list[Line]:
    """The highest note of each track at each onset; where a track has chords, also the lowest, as a line
    after it. No drums."""
    rows = table(score)
    return _lines(rows, [i for i, t in enumerate(score.tracks) if not t.drum])


def _lines(rows: Int, tracks: list[int]) -> list[Line]:
    found: list[Line] = []
    for track in tracks:
        index = np.flatnonzero(rows[:, 1] == track)
        if not len(index):
            continue
        change = np.diff(rows[index, 0]) != 0
        top, low = index[np.append(change, True)], index[np.insert(change, 0, True)]
        for picked in (low, top) if (top != low).any() else (top,):
            found.append(Line(len(found), picked, rows[picked, 0], rows[picked, 2], rows[picked, 3]))
    return found


def ratio_class(gap: int, before: int) -> int:
    """The class of a ratio of two times between notes, 0 where they are equal."""
    value = round(RATIO_STEPS * math.log2(gap / before))
    return max(-RATIO_CAP, min(RATIO_CAP, value))


def steps(line: Line) -> tuple[Int, Int]:
    """Intervals (N - 1,) and ratio classes (N - 2,) of a line."""
    gaps = np.diff(line.onset)
    ratios = np.rint(RATIO_STEPS * np.log2(gaps[1:] / gaps[:-1])).astype(np.int64)
    return np.diff(line.pitch), np.clip(ratios, -RATIO_CAP, RATIO_CAP)


def windows(line: Line, n: int) -> npt.NDArray[np.uint8]:
    """(N - n + 1, 2n - 3) every span of n notes: n - 2 intervals, n - 2 ratio classes, then the last
    interval, each plus 128."""
    if len(line.pitch) < n:
        return np.zeros((0, 2 * n - 3), np.uint8)
    intervals, ratios = steps(line)
    a = np.lib.stride_tricks.sliding_window_view(intervals, n - 1)
    b = np.lib.stride_tricks.sliding_window_view(ratios, n - 2)
    return (np.concatenate([a[:, :-1], b, a[:, -1:]], axis=1) + 128).astype(np.uint8)


def ngrams(score: Score, n: int) -> tuple[UInt64, Int, Int]:
    """Every span of n >= 3 notes of every line: hash, number of the line in `melody`, index in `Score.flat()`
    of its first note."""
    return _grams(melody(score), n)


def _grams(found: list[Line], n: int) -> tuple[UInt64, Int, Int]:
    spans = [windows(line, n) for line in found]
    counts = [len(s) for s in spans]
    voice = np.repeat(np.array([line.voice for line in found], np.int64), counts)
    first = [line.notes[:count] for line, count in zip(found, counts, strict=True)]
    rows = np.concatenate(spans) if spans else np.zeros((0, 2 * n - 3), np.uint8)
    return hashed(rows), voice, np.concatenate(first) if first else np.zeros(0, np.int64)


def hashed(rows: npt.NDArray[np.uint8]) -> UInt64:
    """(M,) 64-bit hashes of rows of bytes: a polynomial, then the finaliser of splitmix64."""
    value = np.full(len(rows), rows.shape[1], np.uint64)
    for column in rows.T:
        value = value * np.uint64(0x9E3779B97F4A7C15) + column.astype(np.uint64) + np.uint64(1)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


def shingles(score: Score) -> UInt64:
    """Distinct hashes of the spans of six notes; of the whole where it is shorter; of the drums where there
    is nothing else."""
    rows = table(score)
    found = _lines(rows, [i for i, t in enumerate(score.tracks) if not t.drum])
    found = found or _lines(rows, list(range(len(score.tracks))))
    longest = max((len(line.pitch) for line in found), default=0)
    if longest < 3:
        whole = (
            (rows[:, 2] - rows[0, 2] + 128).astype(np.uint8)[None, :]
            if len(rows)
            else np.zeros((0, 1), np.uint8)
        )
        return hashed(whole)
    return np.unique(_grams(found, min(CODEC.shingle, longest))[0])


def key(score: Score) -> tuple[int, bool]:
    """Tonic (pitch class 0..11) and whether minor, by the profiles of Krumhansl and Kessler; (0, False)
    without notes."""
    drums = np.array([t.drum for t in score.tracks], bool)
    rows = table(score)
    return _key(_pitch_classes(rows[~drums[rows[:, 1]]]))


def _pitch_classes(rows: Int) -> npt.NDArray[np.float64]:
    weights: npt.NDArray[np.float64] = np.zeros(12) + np.bincount(
        rows[:, 2] % 12, np.minimum(rows[:, 3], 4 * TPQ), 12
    )
    return weights


def _key(weights: npt.NDArray[np.float64]) -> tuple[int, bool]:
    if np.ptp(weights) == 0:
        return 0, False
    best = int(np.argmax(_PROFILES @ (weights - weights.mean())))
    return best % 12, best >= 12


def features(score: Score) -> Float32:
    """(512,) what a score is like, L2-normalised: degrees, intervals, rhythm, metre, texture, instruments,
    and hashed motifs.

    Each group is a histogram under a square root (distances between them are Hellinger's), so no group
    outweighs the others by its counts. Transposition changes only the register group; tempo in beats a minute
    changes nothing.
    """
    from etude.media.music.bars import bars

    rows = table(score)
    drums = np.array([t.drum for t in score.tracks], bool)
    is_drum = drums[rows[:, 1]] if len(rows) else np.zeros(0, bool)
    tuned = rows[~is_drum]
    found = melody(score)
    tonic, minor = _key(_pitch_classes(tuned))
    intervals = np.concatenate([np.diff(line.pitch) for line in found]) if found else np.zeros(0, np.int64)
    gaps = np.concatenate([np.diff(line.onset) for line in found]) if found else np.zeros(0, np.int64)
    laid = bars(score)
    starts, ends = np.array([b.start for b in laid]), np.array([b.end for b in laid])
    bar = np.searchsorted(starts, rows[:, 0], side="right") - 1
    metric = np.minimum(15, (rows[:, 0] - starts[bar]) * 16 // np.maximum(1, ends[bar] - starts[bar]))
    onsets = np.sort(rows[:, 0])
    texture = np.searchsorted(onsets, onsets, side="right") - np.searchsorted(
        np.sort(rows[:, 0] + rows[:, 3]), onsets, side="right"
    )
    families = np.array([15 if t.drum else t.program % 128 // 8 for t in score.tracks], np.int64)
    groups = [
        (1.0, np.roll(_pitch_classes(tuned), -tonic)),
        (0.3, np.array([not minor, minor], np.float64)),
        (1.0, _count(np.clip(intervals, -13, 13) + 13, 27)),
        (0.7, _count(_log(gaps), 14)),
        (0.7, _count(_log(rows[:, 3]), 14)),
        (0.5, _count(metric, 16)),
        (0.5, _count(np.clip(texture, 1, 10) - 1, 10)),
        (0.3, _count(tuned[:, 2] // 12, 11)),
        (0.3, _count(families[rows[:, 1]] if len(rows) else families[:0], 16)),
        (0.3, _count(rows[is_drum, 2] % 6, 6)),
        (0.8, _hashed_count(found, 3, 128)),
        (1.0, _hashed_count(found, 4, 128)),
        (1.0, _hashed_count(found, 5, 128)),
    ]
    parts = [weight * np.sqrt(count / max(float(count.sum()), 1e-9)) for weight, count in groups]
    vector = np.concatenate(parts)
    return (vector / max(float(np.linalg.norm(vector)), 1e-9)).astype(np.float32)


def _log(ticks: Int) -> Int:
    """Times in classes of a factor of about 1.6, from a 32nd up."""
    return np.clip(np.rint(1.5 * np.log2(np.maximum(ticks, 1) / 3)), 0, 13).astype(np.int64)


def _count(values: Int, size: int) -> npt.NDArray[np.float64]:
    return np.bincount(values, minlength=size).astype(np.float64)


def _hashed_count(found: list[Line], n: int, size: int) -> npt.NDArray[np.float64]:
    """Histogram of hashed motifs: 3 and 4 notes by intervals alone, 5 with their rhythm."""
    rows = [windows(line, n) for line in found]
    spans = np.concatenate(rows) if rows else np.zeros((0, 2 * n - 3), np.uint8)
    if n < 5:
        spans = np.concatenate([spans[:, : n - 2], spans[:, -1:]], axis=1)
    return _count((hashed(spans) % np.uint64(size)).astype(np.int64), size)
