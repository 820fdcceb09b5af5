"""Scores as voices on a 16th grid: which track is which voice, and what sounds in each cell.

Voices are monophonic and run from high to low. Knows no tokens and no model; `frames.py` turns grids into tokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from etude.media.metre import Metre, metre
from etude.media.score import STEP, Note, Score, Track

SATB = ("Soprano", "Alto", "Tenor", "Bass")


@dataclass(frozen=True)
class Grid:
    """F frames of V voices: what sounds, where notes begin, which note of `Score.flat()` each attack is, and the metre."""

    pitch: npt.NDArray[np.int32]  # (F, V), -1 where silent
    attack: npt.NDArray[np.bool_]  # (F, V)
    note: npt.NDArray[np.int32]  # (F, V) index in Score.flat() at attacks, -1 elsewhere
    metre: Metre
    n_notes: int  # notes of the score, also those that the grid has no room for


def score_from_grid(grid: Sequence[Sequence[int]]) -> Score:
    """A score from frames x voices of MIDI pitches (-1: silent); equal neighbours are one note; 4/4 from the first frame."""
    cells = np.asarray(grid, np.int32)
    attack = (cells >= 0) & np.vstack([np.ones((1, cells.shape[1]), bool), cells[1:] != cells[:-1]])
    names = voice_names(cells.shape[1])
    tracks = tuple(Track(notes, name) for notes, name in zip(notes_of(cells, attack), names, strict=True))
    return Score(tracks)


def voice_names(voices: int) -> tuple[str, ...]:
    """Names for voices that have none of their own."""
    return SATB if voices == 4 else tuple(f"Voice {v + 1}" for v in range(voices))


def notes_of(pitch: npt.NDArray[np.int32], attack: npt.NDArray[np.bool_]) -> list[tuple[Note, ...]]:
    """The notes of each voice of a grid (F, V), in ticks."""
    frames = len(pitch)
    voices = []
    for v in range(pitch.shape[1]):
        change = attack[:, v].copy()
        change[1:] |= pitch[1:, v] != pitch[:-1, v]
        starts = np.flatnonzero(change) if frames else np.zeros(0, np.int64)
        ends = np.append(starts[1:], frames)
        rows = zip(starts.tolist(), ends.tolist(), pitch[starts, v].tolist(), strict=True)
        voices.append(tuple(Note(a * STEP, p, (b - a) * STEP) for a, b, p in rows if p >= 0))
    return voices


def sounding(score: Score) -> list[int]:
    """Indices of the tracks that can be voices: with notes, not drums."""
    return [i for i, track in enumerate(score.tracks) if track.notes and not track.drum]


def mean_pitch(track: Track) -> float:
    """Mean pitch weighted by duration."""
    total = sum(n.duration for n in track.notes)
    return sum(n.pitch * n.duration for n in track.notes) / max(total, 1)


def separable(score: Score) -> bool:
    """Whether the score is voices on a 16th grid: 1..8 tracks of single notes, no drums, nearly every onset on a 16th."""
    tracks = [score.tracks[i] for i in sounding(score)]
    if not 1 <= len(tracks) <= 8 or any(t.drum and t.notes for t in score.tracks):
        return False
    notes = sum(len(t.notes) for t in tracks)
    off = sum(n.onset % STEP != 0 or n.duration < STEP for t in tracks for n in t.notes)
    clash = 0
    for track in tracks:
        until = -1
        for n in track.notes:
            clash += n.onset < until - STEP // 2
            until = max(until, n.onset + n.duration)
    return off <= 0.05 * notes and clash <= 0.02 * notes


def assign(score: Score, names: Sequence[str], means: Sequence[float]) -> list[int | None]:
    """The track of each voice (None: silent).

    Tracks named exactly as the voices are taken in that order. Otherwise tracks go from high to low to the voices whose usual
    pitch they are nearest to, never crossing; of more tracks than voices those with the most notes are kept.
    """
    voices = len(means)
    if tuple(t.name for t in score.tracks) == tuple(names):
        return [i if t.notes and not t.drum else None for i, t in enumerate(score.tracks)]
    live = sorted(sounding(score), key=lambda i: -len(score.tracks[i].notes))[:voices]
    live.sort(key=lambda i: (-mean_pitch(score.tracks[i]), i))
    heights = [mean_pitch(score.tracks[i]) for i in live]

    def distance(chosen: tuple[int, ...]) -> float:
        return sum(abs(means[v] - h) for v, h in zip(chosen, heights, strict=True))

    best = min(combinations(range(voices), len(live)), key=distance)
    tracks: list[int | None] = [None] * voices
    for v, i in zip(best, live, strict=True):
        tracks[v] = i
    return tracks


def grid_of(score: Score, tracks: Sequence[int | None], *, merge: bool) -> Grid:
    """The grid of a score whose voices are `tracks`; off-grid notes are rounded, overlaps cut at the next onset.

    `merge`: a note that repeats the pitch just before it, without a rest, is part of the same note (no hold token).
    """
    flat_index = _flat_index(score)
    rows = [_voice(score.tracks[i], flat_index[i]) if i is not None else _voice(Track(()), []) for i in tracks]
    frames = max([int(r[1][-1]) for r in rows if len(r[1])], default=0)
    pitch = np.full((frames, len(tracks)), -1, np.int32)
    attack = np.zeros((frames, len(tracks)), bool)
    note = np.full((frames, len(tracks)), -1, np.int32)
    for v, (start, end, height, index) in enumerate(rows):
        attack[start, v] = True
        note[start, v] = index
        at = np.repeat(start - np.concatenate([[0], np.cumsum(end - start)[:-1]]), end - start) + np.arange(
            int((end - start).sum())
        )
        pitch[at, v] = np.repeat(height, end - start)
    if merge and frames:
        same = np.vstack([np.zeros((1, len(tracks)), bool), pitch[1:] == pitch[:-1]])
        attack &= ~same
        note[~attack] = -1
    n_notes = sum(len(t.notes) for t in score.tracks)
    return Grid(pitch, attack, note, metre(score.meters, score.pickup, frames), n_notes)


def _flat_index(score: Score) -> list[list[int]]:
    """For each track, the index of each of its notes in Score.flat()."""
    keys = [(n.onset, i, n.pitch, k) for i, t in enumerate(score.tracks) for k, n in enumerate(t.notes)]
    index = [[0] * len(t.notes) for t in score.tracks]
    for place, (_, i, _, k) in enumerate(sorted(keys)):
        index[i][k] = place
    return index


def _voice(track: Track, index: Sequence[int]) -> tuple[npt.NDArray[np.int64], ...]:
    """Start frame, end frame, pitch and flat index of the notes of one monophonic line; of notes in one frame the longest stays."""
    table = np.array([(n.onset, n.onset + n.duration, n.pitch) for n in track.notes], np.int64).reshape(-1, 3)
    start = (table[:, 0] + STEP // 2) // STEP
    end = np.maximum((table[:, 1] + STEP // 2) // STEP, start + 1)
    order = np.lexsort((-table[:, 2], -end, start))
    first = order[np.flatnonzero(np.diff(start[order], prepend=-1))]
    start, end, pitch = start[first], end[first], table[first, 2]
    end[:-1] = np.minimum(end[:-1], start[1:])
    return start, end, pitch, np.asarray(index, np.int64)[first] if len(first) else start
