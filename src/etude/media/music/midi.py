"""Standard MIDI files to scores (Standard MIDI File 1.0, MIDI Manufacturers Association, 1996). Writing:
midi_out.

An own reader, because it is several times as fast as the general ones and mends what they refuse. Tempo,
metre, key and programme hold from the tick where they stand, and the defaults of the standard before it.
Onsets and ends are rounded to 24 ticks a quarter note, which is exact for 32nds and for triplets of 16ths.
Pitch bends and controllers other than pedals are left out.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from typing import Any

from etude.config.media import MUSIC_LIMITS
from etude.errors import WorkError
from etude.media.contract import Reading
from etude.media.music.bars import bar_ticks
from etude.media.music.guarded import guarded
from etude.media.music.midi_events import DEFAULT_METER, DEFAULT_TEMPO, Events, Played, read_chunks
from etude.media.music.midi_out import write
from etude.media.music.midi_riff import unwrap
from etude.media.music.midi_sounding import sounding
from etude.media.music.score import TPQ, Note, Score, Track

__all__ = ["read", "write"]

EXPORT_HINT = "Export it again as a Standard MIDI File."
RECORDING = ("a sound recording", "Notes are read, not sounds: export them as MIDI or MusicXML.")
OTHERS = {
    **dict.fromkeys((b"RIFF", b"RIFX", b"ID3", b"\xff\xfb", b"fLaC", b"OggS", b"FORM"), RECORDING),
    b"XMF_": (
        "an XMF file, which packs MIDI and sounds together",
        "Unpack it, and add the MIDI file inside.",
    ),
}  # how a file starts -> what it is, and what helps
PATTERNS = 2  # the format whose tracks are pieces of their own
NTSC = 29  # frames a second by name; 30 / 1.001 are meant


@guarded("MIDI file", EXPORT_HINT)
def read(data: bytes) -> Reading:
    """Read a Standard MIDI File (or one in a RIFF wrapper). Raises WorkError where nothing can be made of
    it."""
    data, info = unwrap(data)
    for signature, (what, hint) in OTHERS.items():
        if data.startswith(signature):
            raise WorkError(f"This is {what}, not a MIDI file.", hint)
    if len(data) < 14 or data[:4] != b"MThd":
        raise WorkError(
            f"This is not a MIDI file: it starts with {data[:4]!r} where 'MThd' and a header of 14 bytes "
            "should be.",
            EXPORT_HINT,
        )
    header_len, fmt, chunks, division = struct.unpack(">IHHH", data[4:14])
    film = bool(division & 0x8000)
    per_quarter = float(division)
    if film:  # frames a second: no beats in the file, so quarter notes of the default tempo are laid over it
        frames = 256 - (division >> 8)
        per_quarter = (30 / 1.001 if frames == NTSC else frames) * (division & 0xFF) * 60 / DEFAULT_TEMPO
    if per_quarter <= 0:
        raise WorkError(
            "The MIDI header says 0 ticks a quarter note, so no note has a length.", "Export the file again."
        )
    start = 8 + header_len if header_len >= 6 else 14
    events = read_chunks(data, start, patterns=fmt == PATTERNS, quarter=per_quarter)
    if film:
        events.tempos.clear()  # they say how long a beat is, and there are none
        events.broken.insert(
            0, "time is in film frames (SMPTE), not beats; bars assume 120 quarter notes per minute"
        )
    if events.chunks < chunks:
        events.broken.append(f"the header promises {chunks} tracks, {events.chunks} are there")
    if fmt == PATTERNS and events.sounding > 1:
        events.broken.append(f"its {events.sounding} patterns (format 2) were read one after the other")
    if events.count > MUSIC_LIMITS.max_notes:
        raise WorkError(
            f"The MIDI file has {events.count:,} notes; at most {MUSIC_LIMITS.max_notes:,} are read.",
            "Cut it into movements and add those.",
        )
    if events.count == 0:
        raise WorkError(
            "The MIDI file has no notes.", "Check that the tracks were exported, not only tempo and metre."
        )
    if events.hanging:
        many = "one note" if events.hanging == 1 else f"{events.hanging:,} notes"
        events.broken.append(f"{many} never ended and became a quarter note long")
    title = _title(events, fmt) or info.get("title", "")
    score = _score(events, TPQ / per_quarter, fmt, title)
    meta = {k: v for k, v in (info | events.meta).items() if k == "copyright"}
    return Reading(score, title, info.get("maker", ""), tuple(events.broken), meta)


def _title(events: Events, fmt: int) -> str:
    """The name of the file's first track where it names the piece, not an instrument."""
    if fmt == PATTERNS:
        return next((events.names[chunk] for chunk in sorted(events.names) if events.names[chunk]), "")
    plays = {chunk for chunk, _, _ in events.notes}
    return events.names.get(0, "") if fmt == 0 or 0 not in plays else ""


def _score(events: Events, scale: float, fmt: int, title: str) -> Score:
    found: dict[Any, tuple[str, list[Played]]] = {}
    for (chunk, port, channel), sound, notes in sounding(events):
        place = (channel, sound) if fmt == PATTERNS else (chunk, port, channel, sound)
        name = events.names.get(chunk, "") if fmt else ""
        known = found.setdefault(place, (name, []))
        known[1].extend(notes)
    tracks = [Track(_quantise(notes, scale), name, *place[-1]) for place, (name, notes) in found.items()]
    longest = max(max(n.onset, n.end) for _, notes in found.values() for n in notes)
    stated = any(tick == 0 for tick, _, _ in events.meters)
    meters, pickup = _pickup(_holding(events.meters, scale, longest, DEFAULT_METER), events.pickup, stated)
    tempos = _holding(events.tempos, scale, longest, (DEFAULT_TEMPO,))
    last_first = sorted(
        events.keys, key=lambda k: (k[0], -k[1])
    )  # of the keys of one tick the first track's counts
    keys = _holding([(k[0], *k[2:]) for k in last_first], scale, longest, (0, False)) if last_first else []
    return Score(tuple(tracks), tuple(meters), tuple(tempos), tuple(keys), pickup, title)


def _quantise(notes: Sequence[Played], scale: float) -> tuple[Note, ...]:
    """File ticks to grid ticks; of two notes with one onset and pitch the longer stays."""
    best: dict[tuple[int, int], Note] = {}
    for onset, pitch, end, velocity, _ in notes:
        at = round(onset * scale)
        length = TPQ if end < 0 else max(1, round(end * scale) - at)
        old = best.get((at, pitch))
        if old is None or old.duration < length:
            best[at, pitch] = Note(at, pitch, length, velocity)
    return tuple(best[key] for key in sorted(best))


def _holding(events: Iterable[Any], scale: float, longest: int, default: tuple[Any, ...]) -> list[Any]:
    """Events by tick from tick 0 on: the default until the first, the last of each tick, none that changes
    nothing."""
    by_tick = {0: default}
    for tick, *value in sorted(events, key=lambda e: e[0]):
        if tick <= longest:
            by_tick[round(tick * scale)] = tuple(value)
    out: list[Any] = []
    for tick, value in by_tick.items():
        if not out or out[-1][1:] != value:
            out.append((tick, *value))
    return out


def _pickup(
    meters: list[tuple[int, int, int]], told: int, stated: bool
) -> tuple[list[tuple[int, int, int]], int]:
    """A first bar in a shorter metre than the one that follows it at once is how notation programs write a
    pickup.

    `stated`: whether the file names the metre of the first bar, which is the default otherwise.
    """
    if told and told < bar_ticks(*meters[0][1:]):
        return meters, told
    if stated and len(meters) > 1:
        first, then = bar_ticks(*meters[0][1:]), bar_ticks(*meters[1][1:])
        if meters[1][0] == first < then:
            return [(0, *meters[1][1:]), *meters[2:]], first
    return meters, 0
