"""Ticks of a score in seconds, tempo changes included. Knows scores only by their list of tempos."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Sequence

from etude.media.music.score import TPQ, Score


def seconds_at(score: Score, ticks: Sequence[int]) -> list[float]:
    """The time of each tick in seconds."""
    tempos = score.tempos or ((0, 100.0),)
    starts, times = [tempos[0][0]], [0.0]
    for (before, bpm), (tick, _) in itertools.pairwise(tempos):
        times.append(times[-1] + (tick - before) * 60 / (TPQ * bpm))
        starts.append(tick)
    out = []
    for tick in ticks:
        i = max(0, bisect_right(starts, tick) - 1)
        out.append(times[i] + (tick - starts[i]) * 60 / (TPQ * tempos[i][1]))
    return out


def length_s(score: Score) -> float:
    """How long the score sounds, in seconds."""
    return seconds_at(score, [score.end])[0]
