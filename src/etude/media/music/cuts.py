"""A stretch of a score as a score of its own.

Knows ticks only; `music` moves cuts to bar lines.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from etude.media.music.score import Note, Score


def cut_ticks(score: Score, start: int, end: int) -> Score:
    """What sounds from tick `start` to `end`, moved to tick 0, with the metre, tempo and key in force
    there."""
    tracks = tuple(
        replace(
            t,
            notes=tuple(
                Note(n.onset - start, n.pitch, min(n.duration, end - n.onset), n.velocity)
                for n in t.notes
                if start <= n.onset < end
            ),
        )
        for t in score.tracks
    )
    return Score(
        tracks,
        _moved(score.meters, start, end),
        _moved(score.tempos, start, end),
        _moved(score.keys, start, end),
        score.pickup if start == 0 else 0,
        score.title,
    )


def _moved(events: tuple[Any, ...], start: int, end: int) -> tuple[Any, ...]:
    before = [e for e in events if e[0] <= start]
    head = [(0, *before[-1][1:])] if before else []
    return (*head, *((e[0] - start, *e[1:]) for e in events if start < e[0] < end))
