"""How voices move beside each other: rests, crossings, parallel fifths and octaves. Of works and of takes.

Knows grids of pitches (F frames, V voices from high to low, -1: silent); knows no codec and no model.

Letters: N pieces.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt

from etude import rng
from etude.config.media import CODEC
from etude.media.music import grid
from etude.media.music.metre import metre
from etude.media.music.score import Score
from etude.stats.figure import Figure

Int32 = npt.NDArray[np.int32]
DRAWS = 1000  # of pieces with replacement, for the intervals
FIFTH, OCTAVE = 7, 0  # semitones of an interval, octaves left out


def longest_rest(lines: Sequence[Int32]) -> int:
    """The longest rest, in frames, within a line of nearly all of these pieces (their first and last rest
    apart)."""
    found = [_rest(line) for line in lines]
    return int(np.ceil(np.quantile(found, CODEC.rest_quantile))) if found else 0


def _rest(line: Int32) -> int:
    sung = np.flatnonzero(line >= 0)
    return int(np.diff(sung).max(initial=1)) - 1 if len(sung) else 0


def crossed(grids: Sequence[Int32]) -> float:
    """The share of the frames in which neighbouring voices sound together, that have the lower one above."""
    found = [crossings(pitch) for pitch in grids]
    return sum(over for over, _ in found) / max(1, sum(both for _, both in found))


def crossings(pitch: Int32) -> tuple[int, int]:
    """(how often neighbouring voices sound with the lower one above, how often they sound together)."""
    upper, lower = pitch[:, :-1], pitch[:, 1:]
    sound = (upper >= 0) & (lower >= 0)
    return int((sound & (lower > upper)).sum()), int(sound.sum())


def parallels(pitch: Int32, interval: int) -> tuple[int, int]:
    """(how often two voices move in parallel from this interval to the same one, how often two voices move at
    once). Voices move where their pitch changes from one frame to the next and both sound."""
    found = moves = 0
    for a, b in combinations(range(pitch.shape[1]), 2):
        high, low = pitch[:, a], pitch[:, b]
        sound = (high >= 0) & (low >= 0)
        both = sound[1:] & sound[:-1] & (np.diff(high) != 0) & (np.diff(low) != 0)
        apart = (high - low) % 12
        same = (apart[1:] == interval) & (apart[:-1] == interval)
        along = np.sign(np.diff(high)) == np.sign(np.diff(low))
        found += int((both & same & along).sum())
        moves += int(both.sum())
    return found, moves


def empty_bars(pitch: Int32, bar: Int32) -> tuple[int, int]:
    """(bars of a voice in which it does not sound though another does, bars of voices in which any does)."""
    sounds = pitch >= 0
    empty = total = 0
    for number in np.unique(bar):
        here = sounds[bar == number].any(axis=0)
        if here.any():
            empty += int((~here).sum())
            total += len(here)
    return empty, total


def pitches(score: Score) -> tuple[Int32, Int32]:
    """The score's voices from high to low on the grid (F, V), and the bar of each frame (F,)."""
    found = sorted(grid.lines(score), key=lambda line: -line.mean)
    pitch = grid.grid_of(score, found, merge=True).pitch
    return pitch, metre(score.meters, score.pickup, len(pitch)).bar


def measured(scores: Sequence[Score]) -> dict[str, Figure]:
    """Every measure over the N pieces of two and more voices, with a 90 % interval by drawing pieces anew; {}
    where there are none."""
    rows = []
    for score in scores:
        pitch, bar = pitches(score)
        if pitch.shape[1] < 2 or not len(pitch):
            continue
        over, both = crossings(pitch)
        rows.append(
            (*parallels(pitch, FIFTH), *parallels(pitch, OCTAVE), over, both, *empty_bars(pitch, bar))
        )
    if not rows:
        return {}
    counts = np.array(rows, np.float64)  # (N, 8): found and out of how many, for each measure
    picks = rng.for_(0, "part writing").integers(0, len(counts), (DRAWS, len(counts)))
    drawn = counts[picks].sum(1)
    out = {}
    for k, (name, scale, unit) in enumerate(MEASURES):
        shares = scale * drawn[:, 2 * k] / np.maximum(drawn[:, 2 * k + 1], 1)
        low, high = (float(q) for q in np.quantile(shares, [0.05, 0.95]))
        value = scale * counts[:, 2 * k].sum() / max(1.0, counts[:, 2 * k + 1].sum())
        out[name] = Figure(float(value), low, high, len(counts), unit)
    return out


MEASURES = (
    ("parallel fifths in 1,000 moves of two voices", 1000.0, "in 1,000 moves"),
    ("parallel octaves in 1,000 moves of two voices", 1000.0, "in 1,000 moves"),
    ("crossings of neighbouring voices", 1.0, "share of the time"),
    ("bars in which a voice is silent", 1.0, "share of bars"),
)
