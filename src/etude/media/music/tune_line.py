"""The melody of a score as one row of notes and rests without gaps. Knows no tokens and no model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from etude.media.music.score import Note, Score

LEGATO = 2  # ticks of silence before the next note that are no rest, but the manner of playing


class Sound(NamedTuple):
    """A note, or a rest (`pitch` -1), in ticks; `at` in `Score.flat()` of the notes that are kept."""

    onset: int
    duration: int
    pitch: int
    at: int


def melody_track(score: Score) -> int | None:
    """The track that is taken for the melody: of the pitched ones the highest on average, the first of
    equals."""
    pitched = [(i, t.notes) for i, t in enumerate(score.tracks) if t.notes and not t.drum]
    if not pitched:
        return None
    return max(pitched, key=lambda it: (sum(n.pitch for n in it[1]) / len(it[1]), -it[0]))[0]


def melody(score: Score) -> list[Sound]:
    """Its notes, the highest where several begin together, each until the next one at the longest."""
    track = melody_track(score)
    if track is None:
        return []
    top: dict[int, tuple[Note, int]] = {}
    for at, (i, note) in enumerate(score.flat()):
        if i == track and (note.onset not in top or note.pitch >= top[note.onset][0].pitch):
            top[note.onset] = note, at
    rows = [top[onset] for onset in sorted(top)]
    out = []
    for k, (note, at) in enumerate(rows):
        until = rows[k + 1][0].onset if k + 1 < len(rows) else note.onset + note.duration
        out.append(Sound(note.onset, min(note.duration, until - note.onset), note.pitch, at))
    return out


def filled(sounds: Sequence[Sound], durations: Sequence[int]) -> list[Sound]:
    """The same with rests between, every duration one of `durations` (ascending, from 1 on): what a note is
    longer than the next shorter one becomes a rest, and a rest may become several."""
    known = set(durations)
    out: list[Sound] = []
    at = 0
    for k, one in enumerate(sounds):
        _rest(out, at, one.onset - at, durations)
        until = sounds[k + 1].onset if k + 1 < len(sounds) else one.onset + one.duration
        long = until - one.onset
        whole = long in known and long - one.duration <= LEGATO
        length = long if whole else _floor(one.duration, durations)
        out.append(one._replace(duration=length))
        at = one.onset + length
    return out


def _floor(ticks: int, durations: Sequence[int]) -> int:
    return max(d for d in durations if d <= ticks)


def _rest(out: list[Sound], at: int, ticks: int, durations: Sequence[int]) -> None:
    while ticks > 0:
        step = _floor(ticks, durations)
        out.append(Sound(at, step, -1, -1))
        at, ticks = at + step, ticks - step
