"""Which part of a given score stays: voices and bars as a person names them, as a recipe holds them, and how
many notes they are.

Knows no codec and no project.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from etude.errors import TakeError
from etude.media.music import tonic
from etude.media.music.abc_fields import parse_meter
from etude.media.music.bars import bars, layout
from etude.media.music.grid import SATB
from etude.media.music.score import Note, Score
from etude.media.music.tune_choice import IN
from etude.media.values import Gap, Setting

VOICES = Gap(
    "voices",
    "keep",
    "names",
    "NAME",
    "Voices of the source to keep, by name or number; a Soprano, Alto, Tenor or Bass that it lacks is added.",
    "voices",
)
BARS = Gap(
    "bars",
    "bars",
    "extent",
    "N|FIRST:LAST",
    "How many bars the tune has; or which bars of the source to fill.",
    "bars",
)


def _metre(value: Any) -> list[int]:
    try:
        found = parse_meter(str(value))
    except ValueError:
        found = None
    if found is None:
        raise TakeError(f"--metre {value} is not a metre.", "Write it as 6/8, 3/4 or C.")
    return list(found)


def _key(value: Any) -> str:
    """'in A minor'. Older recipes have the bare words, and hold a take to less (see `tune_choice.Asked`)."""
    return IN + tonic.spoken(*tonic.parse_key(str(value)))


SETTINGS = (
    Setting("metre", "text", "N/M", "The metre of a new tune, as 6/8.", _metre, alone=True),
    Setting("key", "text", "KEY", "The key of a new tune: D, 'F# minor', Ador.", _key, alone=True),
    Setting("tempo", "number", "", "Tempo of a tune in quarter notes per minute.", float, 20, 400),
)


def tracks_of(score: Score, voices: Sequence[str], called: str) -> list[int | str]:
    """Track indices by name, or by number from 1; 'all' is every one. The usual name of a voice that the
    score does not have asks for that voice, and then all tracks stay. Raises TakeError that names the voices
    there are."""
    tracks = score.tracks
    there = {track.name.casefold() for track in tracks}
    asked = [name for name in SATB if name.casefold() in {v.casefold() for v in voices} - there]
    if asked:
        own = [v for v in voices if v.casefold() not in {name.casefold() for name in asked}]
        if own:
            tracks_of(score, own, called)  # whoever names a track means one that is there
        return [*range(len(tracks)), *asked]
    if [name.casefold() for name in voices] == ["all"]:
        return list(range(len(tracks)))
    keep: list[int] = []
    for name in voices:
        fits = [i for i, track in enumerate(tracks) if track.name.casefold() == name.casefold()]
        if not fits and name.isdigit() and 1 <= int(name) <= len(tracks):
            fits = [int(name) - 1]
        if not fits:
            has = ", ".join(f"{i} {track.name}".strip() for i, track in enumerate(tracks, 1))
            raise TakeError(
                f"{called} has no voice '{name}' (it has: {has}).", "Name a voice, its number, or all."
            )
        keep += fits
    return [*sorted(set(keep))]


def bars_of(score: Score, wanted: tuple[int, int], called: str) -> list[int]:
    """Bars first..last, counted from 1, as indices counted from 0 with the pickup as a bar, end excluded.
    Raises TakeError."""
    pickup = 1 if score.pickup else 0
    count = len(layout(score).bars) - pickup
    if not 1 <= wanted[0] <= wanted[1] <= count:
        raise TakeError(
            f"--bars {wanted[0]}:{wanted[1]} does not lie in {called}, which has {count} bars.",
            f"Give 1:{count} or less.",
        )
    return [wanted[0] - 1 + pickup, wanted[1] + pickup]


def notes_kept(score: Score, controls: Mapping[str, Any]) -> int:
    """The notes of a given score that stay: those of the kept voices, and all outside the bars that were to
    be filled."""
    keep, gap = controls.get("keep"), controls.get("bars")
    if not keep and not gap:
        return len(score.flat())
    start = end = 0
    if gap:
        grid = bars(score)
        start, end = grid[gap[0]].start, grid[gap[1] - 1].end
    return sum(
        voice in (keep or ()) or (bool(gap) and not start <= note.onset < end) for voice, note in score.flat()
    )


def join(first: Score, second: Score) -> Score:
    """Two parts in a row, the second from the end of the first one's last bar; the first alone where their
    tracks differ in number."""
    if len(first.tracks) != len(second.tracks):
        return first
    at = bars(first)[-1].end

    def moved(notes: tuple[Note, ...]) -> tuple[Note, ...]:
        return tuple(Note(n.onset + at, n.pitch, n.duration, n.velocity) for n in notes)

    pairs = zip(first.tracks, second.tracks, strict=True)
    meters = (*first.meters, *((tick + at, beats, unit) for tick, beats, unit in second.meters))
    return replace(
        first, meters=meters, tracks=tuple(replace(a, notes=(*a.notes, *moved(b.notes))) for a, b in pairs)
    )
