"""A tune that was read into its sheet becomes a score: repeats played out, ties joined, times in ticks, bars
as the file has them.

The order of playing is that of the voice with the most signs of repeats; a voice that has the same signs, or
whose bars do not fit, follows its own.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from etude.config.media import MUSIC_LIMITS
from etude.errors import WorkError
from etude.media.music.abc_repeats import Stretch, plan
from etude.media.music.abc_sheet import Sheet
from etude.media.music.abc_voice import QUARTER, Voice
from etude.media.music.bars import likely_metre, metre_map
from etude.media.music.score import TPQ, Note, Score, Track

State = TypeVar("State")
LINE = tuple[Stretch, int]  # a stretch as printed, and when it begins as played


def ticks(time: int) -> int:
    """A time on the grid, to the nearest tick; halfway to the even one."""
    whole, rest = divmod(time * TPQ, QUARTER)
    return whole + (2 * rest > QUARTER or (2 * rest == QUARTER and whole % 2 == 1))


def score(sheet: Sheet, *, expand_repeats: bool) -> tuple[Score, list[str]]:
    """(the score of a sheet, what is to be said of it). Raises WorkError where there are no notes, or too
    many."""
    voices = [v for v in sheet.voices.values() if v.heads]
    if not voices:
        raise WorkError(f"The ABC has no notes{sheet.first()}.", "Check that music follows the K: line.")
    printed = sum(len(v.heads) for v in voices)
    if printed > MUSIC_LIMITS.max_notes:
        raise WorkError(
            f"The tune has {printed:,} notes; at most {MUSIC_LIMITS.max_notes:,} are read.", "Split the book."
        )
    stop = max(v.now for v in sheet.voices.values())
    told: list[str] = []
    common = [(0, stop)]
    own: dict[str, list[Stretch]] = {}
    if expand_repeats:
        common, own, said = _orders(sheet, voices, stop)
        told += [said] if said else []
    line = _timeline(common)
    tracks: list[Track] = []
    for voice in voices:
        tracks += _tracks(voice, _timeline(own.get(voice.ident, common)), len(sheet.voices) > 1)
    meters, pickup = _bars(sheet, line)
    lead = next((v for v in voices if not v.drum), voices[0])
    keys = _changes(line, [(t, (_sounding(f, lead.staff.transpose), m)) for t, f, m in lead.keys])
    tempos = _changes(line, sorted(sheet.tempos, key=lambda tempo: tempo[0]))
    made = Score(
        tuple(tracks),
        meters,
        tuple(tempos if tempos and tempos[0][0] == 0 else [(0, 120.0), *tempos]),
        tuple((t, *k) for t, k in ([(0, (0, False))] if keys and keys[0][0] else []) + keys),
        pickup,
        sheet.title,
    )
    return made, told


def _orders(
    sheet: Sheet, voices: list[Voice], stop: int
) -> tuple[list[Stretch], dict[str, list[Stretch]], str]:
    """(the order of playing, that of voices which follow their own, what is to be said)."""
    lead = max(voices, key=lambda v: len(_signs(v)))
    most = min(MUSIC_LIMITS.max_ticks * QUARTER // TPQ, MUSIC_LIMITS.played_times * stop)
    common, said = plan(lead.marks, stop, sheet.parts, sheet.order, most)
    own: dict[str, list[Stretch]] = {}
    cuts = {t for stretch in common for t in stretch}
    for voice in voices:
        signs = _signs(voice)
        fits = cuts <= {0, *voice.edges} | {t for t in cuts if t >= voice.now}
        if signs == _signs(lead) or (not fits and {"end", "ending"} & set(signs)):
            own[voice.ident], _ = plan(voice.marks, stop, sheet.parts, sheet.order, most)
    notes = 0
    for voice in voices:
        onsets = sorted(h.onset for h in voice.heads)
        notes += sum(bisect_left(onsets, b) - bisect_left(onsets, a) for a, b in own.get(voice.ident, common))
    if notes > MUSIC_LIMITS.max_notes:
        return [(0, stop)], {}, f"with its repeats it would have {notes:,} notes, so each bar was read once"
    return common, own, said


def _signs(voice: Voice) -> list[str]:
    return [mark.kind for mark in voice.marks if mark.kind != "double"]


def _timeline(order: list[Stretch]) -> list[LINE]:
    at, out = 0, []
    for a, b in order:
        out.append(((a, b), at))
        at += b - a
    return out


def _tracks(voice: Voice, line: list[LINE], several: bool) -> list[Track]:
    """The notes of a voice as played: one track for each instrument that it plays."""
    heads = sorted(voice.heads, key=lambda h: h.onset)
    onsets = [h.onset for h in heads]
    played: dict[tuple[int, bool], list[_Sounding]] = {}
    open_ties: dict[int, _Sounding] = {}
    starts = {(h.onset, h.pitch, h.lane) for h in heads}
    for (a, b), start in line:
        for head in heads[bisect_left(onsets, a) : bisect_left(onsets, b)]:
            onset = head.onset - a + start
            before = open_ties.get(head.pitch)
            if (
                before is not None
                and before.end == onset
                and (before.lane == head.lane or (head.onset, head.pitch, before.lane) not in starts)
            ):
                before.end, before.lane = onset + head.length, head.lane
            else:
                before = _Sounding(onset, onset + head.length, head.pitch, head.lane)
                played.setdefault((head.program, head.drum), []).append(before)
            if head.tied:
                open_ties[head.pitch] = before
            elif open_ties.get(head.pitch) is before:
                del open_ties[head.pitch]
    name = voice.name or (voice.ident if several and not voice.ident.isdigit() else "")
    return [Track(_notes(sounding), name, program, drum) for (program, drum), sounding in played.items()]


@dataclass(slots=True)
class _Sounding:
    """A note as played: from, to, pitch, and the lane of its overlay."""

    onset: int
    end: int
    pitch: int
    lane: int


def _notes(sounding: Iterable[_Sounding]) -> tuple[Note, ...]:
    """Notes on the grid, sorted; of those with one onset and pitch the longest."""
    best: dict[tuple[int, int], int] = {}
    for one in sounding:
        at = ticks(one.onset)
        length = max(1, ticks(one.end) - at)
        best[at, one.pitch] = max(length, best.get((at, one.pitch), 0))
    return tuple(Note(at, pitch, best[at, pitch]) for at, pitch in sorted(best))


def _bars(sheet: Sheet, line: list[LINE]) -> tuple[tuple[tuple[int, int, int], ...], int]:
    """Metres and pickup that give the bars of the voice that lasts longest, as played."""
    if sheet.meters and all(meter is None for _, meter in sheet.meters):
        return (
            (0, 4, 4),
        ), 0  # free metre: bars of 4/4 are laid over it, the bar lines of the file mean nothing for them
    edges = max(sheet.voices.values(), key=lambda v: v.now).edges
    lengths: list[int] = []
    metres: list[tuple[int, int]] = []
    for (a, b), start in line:
        inside = [a, *edges[bisect_right(edges, a) : bisect_left(edges, b)], b]
        for low, high in itertools.pairwise(inside):
            length = ticks(high - a + start) - ticks(low - a + start)
            if length > 0:
                lengths.append(length)
                metres.append(sheet.meter_at(low))
    if not sheet.meters:
        metres = [likely_metre(lengths)] * len(lengths)
    return metre_map(lengths, metres)


def _changes(line: list[LINE], states: list[tuple[int, State]]) -> list[tuple[int, State]]:
    """Where a state begins or changes as played, from where it does so as printed; a jump back takes up what
    was there."""
    out: list[tuple[int, State]] = []
    times = [t for t, _ in states]
    for (a, b), start in line:
        first = bisect_right(times, a) - 1
        for t, state in states[max(0, first) : bisect_left(times, b)]:
            if t < b and (not out or out[-1][1] != state):
                at = ticks(max(t, a) - a + start)
                if out and out[-1][0] == at:
                    out.pop()
                if not out or out[-1][1] != state:
                    out.append((at, state))
    return out


def _sounding(fifths: int, semitones: int | None) -> int:
    """The signature of what sounds, for a voice that is written in another key."""
    if not semitones or semitones % 12 == 0:
        return fifths
    moved = (fifths + 7 * semitones) % 12
    return moved - 12 if moved > 6 else moved
