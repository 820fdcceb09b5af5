"""Scores as voices on a 16th grid: which track is which voice, and what sounds in each cell.

Voices are monophonic and run from high to low. Knows no tokens and no model; `frames.py` turns grids into
tokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from etude.media.music.metre import Metre, metre
from etude.media.music.score import STEP, Note, Score, Track
from etude.media.music.voices import voices

SATB = ("Soprano", "Alto", "Tenor", "Bass")


@dataclass(frozen=True)
class Grid:
    """F frames of V voices: what sounds, where notes begin, which note of `Score.flat()` each attack is, and
    the metre."""

    pitch: npt.NDArray[np.int32]  # (F, V), -1 where silent
    attack: npt.NDArray[np.bool_]  # (F, V)
    note: npt.NDArray[np.int32]  # (F, V) index in Score.flat() at attacks, -1 elsewhere
    metre: Metre
    n_notes: int  # notes of the score, also those that the grid has no room for


def score_from_grid(grid: Sequence[Sequence[int]]) -> Score:
    """A score from frames x voices of MIDI pitches (-1: silent); equal neighbours are one note; 4/4 from the
    first frame."""
    cells = np.asarray(grid, np.int32)
    attack = (cells >= 0) & np.vstack([np.ones((1, cells.shape[1]), bool), cells[1:] != cells[:-1]])
    names = voice_names(cells.shape[1])
    tracks = tuple(Track(line, name) for line, name in zip(notes_of(cells, attack), names, strict=True))
    return Score(tracks)


def voice_names(count: int) -> tuple[str, ...]:
    """Names for voices that have none of their own."""
    return SATB if count == 4 else tuple(f"Voice {v + 1}" for v in range(count))


def notes_of(pitch: npt.NDArray[np.int32], attack: npt.NDArray[np.bool_]) -> list[tuple[Note, ...]]:
    """The notes of each voice of a grid (F, V), in ticks."""
    frames = len(pitch)
    found = []
    for v in range(pitch.shape[1]):
        change = attack[:, v].copy()
        change[1:] |= pitch[1:, v] != pitch[:-1, v]
        starts = np.flatnonzero(change) if frames else np.zeros(0, np.int64)
        ends = np.append(starts[1:], frames)
        rows = zip(starts.tolist(), ends.tolist(), pitch[starts, v].tolist(), strict=True)
        found.append(tuple(Note(a * STEP, p, (b - a) * STEP) for a, b, p in rows if p >= 0))
    return found


@dataclass(frozen=True)
class Line:
    """One voice of a score before it is on the grid: its notes, their indices in Score.flat(), and the track
    it came from."""

    notes: tuple[Note, ...]
    index: tuple[int, ...]
    track: int
    name: str = ""
    program: int = 0

    @property
    def mean(self) -> float:
        """Mean pitch weighted by duration."""
        return sum(n.pitch * n.duration for n in self.notes) / max(sum(n.duration for n in self.notes), 1)


def lines(score: Score) -> list[Line]:
    """The voices of a score, drums and empty tracks left out; a track of chords of one size is split by
    height."""
    places: dict[tuple[int, int, int], list[int]] = {}
    for place, (part, note) in enumerate(score.flat()):
        places.setdefault((part, note.onset, note.pitch), []).append(place)
    found = []
    for i, track in enumerate(score.tracks):
        if track.drum or not track.notes:
            continue
        split = voices(Score((track,))) or [track]
        for voice in split:
            at = tuple(places[i, n.onset, n.pitch][0] for n in voice.notes)
            found.append(Line(voice.notes, at, i, voice.name, track.program))
    return found


def assign(score: Score, names: Sequence[str], means: Sequence[float]) -> list[Line | None]:
    """The line of each voice (None: silent).

    Tracks named exactly as the voices are taken in that order. Otherwise lines go from high to low to the
    voices whose usual pitch they are nearest to, never crossing; of more lines than voices those with the
    most notes are kept.
    """
    found = lines(score)
    if tuple(t.name for t in score.tracks) == tuple(names) and len({line.track for line in found}) == len(
        found
    ):
        by_track = {line.track: line for line in found}
        return [by_track.get(i) for i in range(len(names))]
    live = sorted(found, key=lambda line: -len(line.notes))[: len(means)]
    live.sort(key=lambda line: -line.mean)
    heights = [line.mean for line in live]

    def distance(chosen: tuple[int, ...]) -> float:
        return sum(abs(means[v] - h) for v, h in zip(chosen, heights, strict=True))

    best = min(combinations(range(len(means)), len(live)), key=distance)
    placed: list[Line | None] = [None] * len(means)
    for v, line in zip(best, live, strict=True):
        placed[v] = line
    return placed


def homeless(score: Score, placed: Sequence[Line | None]) -> tuple[str, ...]:
    """What of a score is in none of the voices, by name: tracks, lines of a track, and notes of chords."""
    found = []
    for i, track in enumerate(score.tracks):
        if not track.notes:
            continue
        name = track.name or f"voice {i + 1}"
        here = [line for line in placed if line is not None and line.track == i]
        if not here:
            found.append(name)
        elif sum(len(line.notes) for line in here) < len(track.notes):
            found.append(f"voices of {name}")
        elif any(len({n.onset for n in line.notes}) < len(line.notes) for line in here):
            found.append(f"chords of {name}")  # what only falls together on the grid is rounded, not lost
    return tuple(found)


def grid_of(score: Score, placed: Sequence[Line | None], *, merge: bool) -> Grid:
    """The grid of a score whose voices are `placed`; off-grid notes are rounded, overlaps cut at the next
    onset.

    `merge`: a note that repeats the pitch just before it, without a rest, is part of the same note (no hold
    token).
    """
    rows = [_cells(line) for line in placed]
    shape = max([int(end[-1]) for _, end, _, _ in rows if len(end)], default=0), len(placed)
    pitch, note = np.full(shape, -1, np.int32), np.full(shape, -1, np.int32)
    attack = np.zeros(shape, bool)
    for v, (start, end, height, index) in enumerate(rows):
        attack[start, v] = True
        note[start, v] = index
        length = end - start
        at = np.repeat(start - np.cumsum(length) + length, length) + np.arange(int(length.sum()))
        pitch[at, v] = np.repeat(height, length)
    if merge and len(pitch):
        attack[1:] &= pitch[1:] != pitch[:-1]
        note[~attack] = -1
    n_notes = sum(len(t.notes) for t in score.tracks)
    return Grid(pitch, attack, note, metre(score.meters, score.pickup, len(pitch)), n_notes)


def _cells(line: Line | None) -> tuple[npt.NDArray[np.int64], ...]:
    """Start frame, end frame, pitch and flat index of the notes of a line; of notes in one frame the longest
    stays."""
    notes = line.notes if line else ()
    table = np.array([(n.onset, n.onset + n.duration, n.pitch) for n in notes], np.int64).reshape(-1, 3)
    start = (table[:, 0] + STEP // 2) // STEP
    end = np.maximum((table[:, 1] + STEP // 2) // STEP, start + 1)
    order = np.lexsort((-table[:, 2], -end, start))
    first = order[np.flatnonzero(np.diff(start[order], prepend=-1))]
    start, end = start[first], end[first]
    end[:-1] = np.minimum(end[:-1], start[1:])
    return start, end, table[first, 2], np.asarray(line.index if line else (), np.int64)[first]
