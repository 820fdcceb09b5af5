"""Scores moved onto the positions, durations and loudness that a collection uses, bar by bar.

Knows no tokens and no model; `event_codec` turns the rows into tokens.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from etude.media.music.metre import bar_lines
from etude.media.music.score import Score

DRUM = 128  # the instrument of drums, beside the programs 0..127
Int = npt.NDArray[np.int64]
Line = tuple[int, int, int]  # start, end and full length of a bar, in ticks


@dataclass(frozen=True)
class Events:
    """The notes of a score on the grid, sorted by bar, place, track and pitch."""

    # (N, 7) bar, place (index of its position), track, pitch, indices of duration, loudness, in Score.flat()
    rows: Int
    instruments: tuple[int, ...]  # index of the instrument of each track that is kept
    bars: tuple[Line, ...]
    n_notes: int  # notes of the score, also those that have no row


@dataclass(frozen=True)
class EventGrid:
    """What notes are moved onto; the fields are those of `EventVocabulary`."""

    instruments: tuple[int, ...]
    drums: tuple[int, ...]
    positions: tuple[int, ...]
    durations: tuple[int, ...]
    loudness: tuple[int, ...]
    tracks: int

    def places(self, start: int, end: int, full: int) -> tuple[list[int], list[int]]:
        """The positions of a bar, as indices and as ticks after its start; a pickup has the last positions of
        a full bar."""
        ticks = np.asarray(self.positions) - (full - (end - start))
        inside = np.flatnonzero((ticks >= 0) & (ticks < end - start))
        if not len(inside):  # a bar shorter than any position known: the nearest one stands for all of it
            one = int(np.argmin(np.abs(ticks)))
            return [one], [min(max(int(ticks[one]), 0), end - start - 1)]
        return inside.tolist(), ticks[inside].tolist()

    def kept(self, score: Score) -> list[tuple[int, int]]:
        """(track, index of its instrument) of the tracks that are kept.

        Unknown programs become the nearest known one, of the same family where there is one; of too many
        tracks those with the most notes stay; drums are dropped where the collection has none.
        """
        programs = [(k, p) for k, p in enumerate(self.instruments) if p != DRUM]
        found: list[tuple[int, int]] = []
        for i, track in enumerate(score.tracks):
            if track.notes and track.drum and self.drums:
                found.append((i, self.instruments.index(DRUM)))
            elif track.notes and not track.drum and programs:
                own = track.program
                found.append((i, min(programs, key=lambda kp: (kp[1] // 8 != own // 8, abs(kp[1] - own)))[0]))
        return sorted(sorted(found, key=lambda item: -len(score.tracks[item[0]].notes))[: self.tracks])

    def events(self, score: Score) -> Events:
        """The rows of a score. Of notes that fall on one pitch, position and track the longest stays."""
        kept = self.kept(score)
        new = {i: k for k, (i, _) in enumerate(kept)}
        flat = score.flat()
        notes = [
            (n.onset, new[i], n.pitch, n.duration, n.velocity, at)
            for at, (i, n) in enumerate(flat)
            if i in new
        ]
        table = np.array(notes, np.int64).reshape(-1, 6)
        instruments = tuple(k for _, k in kept)
        bars, bar = bars_of(score, table[:, 0])
        place = np.zeros(len(table), np.int64)
        starts, ends, fulls = np.array(bars, np.int64).reshape(-1, 3).T
        shape = np.column_stack([ends - starts, fulls])[bar]
        for length, full in np.unique(shape, axis=0).tolist():
            here = (shape == (length, full)).all(axis=1)
            index, ticks = self.places(0, length, full)
            place[here] = np.asarray(index)[nearest(np.asarray(ticks), table[here, 0] - starts[bar[here]])]
        drum = np.array([self.instruments[k] == DRUM for k in instruments], bool)[table[:, 1]]
        pitch, duration = table[:, 2].copy(), nearest(np.asarray(self.durations), table[:, 3])
        duration[drum] = 0
        if drum.any():
            pitch[drum] = np.asarray(self.drums)[nearest(np.asarray(self.drums), pitch[drum])]
        loudness = nearest(np.asarray(self.loudness), table[:, 4])
        rows = np.column_stack([bar, place, table[:, 1], pitch, duration, loudness, table[:, 5]])
        rows = rows[np.lexsort((rows[:, 6], -rows[:, 4], rows[:, 3], rows[:, 2], rows[:, 1], rows[:, 0]))]
        first = np.ones(len(rows), bool)
        first[1:] = (rows[1:, :4] != rows[:-1, :4]).any(axis=1)
        return Events(rows[first], instruments, tuple(bars), len(flat))


def bars_of(score: Score, onsets: Int) -> tuple[list[Line], Int]:
    """The bars up to the last of ascending `onsets`, and the bar of each."""
    bars: list[Line] = []
    if len(onsets):
        for line in bar_lines(score.meters, score.pickup):
            bars.append(line)
            if line[1] > onsets[-1]:
                break
    return bars, np.searchsorted([start for start, _, _ in bars], onsets, side="right").astype(np.int64) - 1


def in_bar(score: Score) -> Int:
    """(N,) ticks of each note from its bar line; of a pickup, from where the line of a full bar would be."""
    onsets = np.array(sorted(n.onset for t in score.tracks for n in t.notes), np.int64)
    bars, bar = bars_of(score, onsets)
    starts, ends, fulls = np.array(bars, np.int64).reshape(-1, 3)[bar].T
    places: Int = onsets - starts + fulls - (ends - starts)
    return places


def nearest(values: Int, wanted: Int) -> Int:
    """Index of the nearest of ascending `values`; the lower one between two."""
    right = np.clip(np.searchsorted(values, wanted), 0, len(values) - 1)
    left = np.maximum(right - 1, 0)
    return np.where(np.abs(values[left] - wanted) <= np.abs(values[right] - wanted), left, right)
