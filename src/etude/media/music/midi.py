"""Standard MIDI files to scores and back (Standard MIDI File 1.0, MIDI Manufacturers Association, 1996).

An own reader, because it is several times as fast as the general ones and mends what they refuse: running status across meta
events, wrong chunk lengths, missing ends of notes. Onsets and ends are rounded to 24 ticks a quarter note, which is exact for
32nds and for triplets of 16ths. Does not know the sustain pedal, pitch bends or other controllers; they are left out.
"""

from __future__ import annotations

import struct
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from etude.config.media import MUSIC_LIMITS
from etude.errors import WorkError
from etude.media.contract import Reading
from etude.media.music.bars import bar_ticks
from etude.media.music.score import TPQ, Note, Score, Track

DRUM_CHANNEL = 9
PICKUP_TEXT = b"pickup="  # text event for the rare pickup that no MIDI metre can express (triplets)


@dataclass
class _Raw:
    """What one pass over the chunks collects, in the file's own ticks."""

    notes: dict[tuple[int, int], list[tuple[int, int, int, int]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    names: dict[int, str] = field(default_factory=dict)  # chunk -> name
    programs: dict[tuple[int, int], tuple[int, int]] = field(
        default_factory=dict
    )  # (chunk, channel) -> (tick, program)
    meters: list[tuple[int, int, int]] = field(default_factory=list)
    tempos: list[tuple[int, float]] = field(default_factory=list)
    keys: list[tuple[int, int, bool]] = field(default_factory=list)
    meta: dict[str, str] = field(default_factory=dict)
    pickup: int = 0
    count: int = 0
    hanging: int = 0
    broken: list[str] = field(default_factory=list)


def read(data: bytes) -> Reading:
    """Read a Standard MIDI File (or one in a RIFF wrapper). Raises WorkError where nothing can be made of it."""
    if data[:4] == b"RIFF" and data[8:12] == b"RMID":
        data = data[20:]
    if len(data) < 14 or data[:4] != b"MThd":
        raise WorkError(
            f"This is not a MIDI file: it starts with {data[:4]!r} where 'MThd' and a header of 14 bytes should be.",
            "Export it again as a Standard MIDI File.",
        )
    header_len, fmt, chunks, division = struct.unpack(">IHHH", data[4:14])
    raw = _Raw()
    if division & 0x8000:  # frames a second: no beats in the file, so 120 quarter notes a minute are assumed
        per_quarter = (256 - (division >> 8)) * (division & 0xFF) / 2
        raw.broken.append("time is in film frames, not beats; bars were laid at 120 quarter notes a minute")
    else:
        per_quarter = float(division)
    if per_quarter <= 0:
        raise WorkError(
            "The MIDI header says 0 ticks a quarter note, so no note has a length.", "Export the file again."
        )
    found = _read_chunks(data, 8 + header_len if header_len >= 6 else 14, raw)
    if found < chunks:
        raw.broken.append(f"the header promises {chunks} tracks, {found} are there")
    if raw.count > MUSIC_LIMITS.max_notes:
        raise WorkError(
            f"The MIDI file has {raw.count:,} notes; at most {MUSIC_LIMITS.max_notes:,} are read.",
            "Cut it into movements and add those.",
        )
    if raw.count == 0:
        raise WorkError(
            "The MIDI file has no notes.", "Check that the tracks were exported, not only tempo and metre."
        )
    return _score(raw, TPQ / per_quarter, fmt)


def _read_chunks(data: bytes, at: int, raw: _Raw) -> int:
    """Read all track chunks, skip others, and return how many tracks there were."""
    chunk = 0
    while at + 8 <= len(data):
        kind, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8])
        start, end = at + 8, at + 8 + length
        if end > len(data):
            raw.broken.append(
                f"a chunk of {length:,} bytes ends after {len(data) - start:,}; what is there was read"
            )
            end = len(data)
        if kind == b"MTrk":
            try:
                _read_track(data, start, end, chunk, raw)
            except IndexError:
                raw.broken.append(
                    f"track {chunk + 1} breaks off in the middle of an event; what came before was kept"
                )
            chunk += 1
        at = end
    return chunk


def _read_track(data: bytes, at: int, end: int, chunk: int, raw: _Raw) -> None:
    """One pass over the events of a chunk. `open_` holds notes that sound: (channel << 7 | pitch) -> [(onset, velocity)]."""
    tick = status = 0
    data = data[:end]
    open_: dict[int, list[tuple[int, int]]] = {}
    try:
        while at < end:
            byte = data[at]
            at += 1
            delta = byte & 0x7F
            while byte & 0x80:
                byte = data[at]
                at += 1
                delta = delta << 7 | byte & 0x7F
            tick += delta
            byte = data[at]
            if byte & 0x80:
                at += 1
                if (
                    byte >= 0xF0
                ):  # meta and system events; running status goes on after them, as most writers expect
                    kind = data[at] if byte == 0xFF else -1
                    at += byte == 0xFF
                    length, at = (
                        _varint(data, at)
                        if byte in (0xFF, 0xF0, 0xF7)
                        else ({0xF2: 2, 0xF1: 1, 0xF3: 1}.get(byte, 0), at)
                    )
                    if kind == 0x2F:
                        break
                    if kind >= 0:
                        _meta(kind, data[at : at + length], tick, chunk, raw)
                    at += length
                    continue
                status = byte
            elif not status:
                at += 1  # a data byte before any status: skip it
                continue
            high, channel = status & 0xF0, status & 0x0F
            if high in (0xC0, 0xD0):
                if high == 0xC0 and (chunk, channel) not in raw.programs:
                    raw.programs[chunk, channel] = (tick, data[at] & 0x7F)
                at += 1
                continue
            pitch, value = data[at] & 0x7F, data[at + 1] & 0x7F
            at += 2
            if high == 0x90 and value:
                raw.count += 1
                if (
                    raw.count <= MUSIC_LIMITS.max_notes
                ):  # beyond the limit notes are only counted, for the message
                    open_.setdefault(channel << 7 | pitch, []).append((tick, value))
            elif high <= 0x90:
                sounding = open_.get(channel << 7 | pitch)
                if sounding:
                    onset, velocity = sounding.pop(0)  # the earliest ends first
                    raw.notes[chunk, channel].append((onset, pitch, tick, velocity))
    finally:
        for code, sounding in open_.items():
            for onset, velocity in sounding:
                raw.hanging += 1
                raw.notes[chunk, code >> 7].append((onset, code & 0x7F, -1, velocity))


def _varint(data: bytes, at: int) -> tuple[int, int]:
    byte = data[at]
    at += 1
    value = byte & 0x7F
    while byte & 0x80:
        byte = data[at]
        at += 1
        value = value << 7 | byte & 0x7F
    return value, at


def _meta(kind: int, body: bytes, tick: int, chunk: int, raw: _Raw) -> None:
    if kind == 0x03:
        raw.names.setdefault(chunk, _text(body))
    elif kind == 0x02:
        raw.meta.setdefault("copyright", _text(body))
    elif kind == 0x01 and body.startswith(PICKUP_TEXT) and body[len(PICKUP_TEXT) :].isdigit():
        raw.pickup = int(body[len(PICKUP_TEXT) :][:6])
    elif kind == 0x51 and len(body) == 3 and any(body):
        raw.tempos.append((tick, round(60e6 / int.from_bytes(body), 3)))
    elif kind == 0x58 and len(body) >= 2 and body[0] and body[1] <= 6:
        raw.meters.append((tick, body[0], 1 << body[1]))
    elif kind == 0x59 and len(body) == 2:
        fifths = body[0] - 256 if body[0] > 127 else body[0]
        if -7 <= fifths <= 7 and body[1] <= 1:
            raw.keys.append((tick, fifths, body[1] == 1))


def _text(body: bytes) -> str:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        text = body.decode("cp1252", errors="replace")
    return "".join(c if c.isprintable() else " " for c in text).strip()[:200]


def _score(raw: _Raw, scale: float, fmt: int) -> Reading:
    warnings = list(raw.broken)
    longest = max((end for notes in raw.notes.values() for _, _, end, _ in notes), default=0)
    if raw.hanging:
        many = "one note" if raw.hanging == 1 else f"{raw.hanging:,} notes"
        warnings.append(f"{many} never ended and got the length of a quarter note")
    anywhere = {channel: program for (_, channel), (_, program) in reversed(list(raw.programs.items()))}
    tracks = []
    for chunk, channel in sorted(raw.notes):
        drum = channel == DRUM_CHANNEL
        program = raw.programs.get((chunk, channel), (0, anywhere.get(channel, 0)))[1]
        name = raw.names.get(chunk, "") if fmt else ""
        tracks.append(Track(_quantise(raw.notes[chunk, channel], scale), name, 0 if drum else program, drum))
    quiet = set(raw.names) - {chunk for chunk, _ in raw.notes}
    title = raw.names.get(0, "") if fmt == 0 or 0 in quiet else ""
    meters = _ascending([(round(t * scale), b, u) for t, b, u in raw.meters if t <= longest]) or [(0, 4, 4)]
    meters, pickup = _pickup(meters, raw.pickup)
    tempos = _ascending([(round(t * scale), bpm) for t, bpm in raw.tempos if t <= longest]) or [(0, 120.0)]
    keys = _ascending([(round(t * scale), f, m) for t, f, m in raw.keys if t <= longest])
    score = Score(tuple(tracks), tuple(meters), tuple(tempos), tuple(keys), pickup, title)
    return Reading(score, title=title, warnings=tuple(warnings), meta=raw.meta)


def _quantise(notes: list[tuple[int, int, int, int]], scale: float) -> tuple[Note, ...]:
    """File ticks to grid ticks; of two notes with one onset and pitch the longer stays."""
    best: dict[tuple[int, int], Note] = {}
    for onset, pitch, end, velocity in notes:
        at = round(onset * scale)
        length = TPQ if end < 0 else max(1, round(end * scale) - at)
        old = best.get((at, pitch))
        if old is None or old.duration < length:
            best[at, pitch] = Note(at, pitch, length, velocity)
    return tuple(best[key] for key in sorted(best))


def _ascending(events: list[Any]) -> list[Any]:
    """Events by tick, the last of each tick, without those that change nothing; the first one moved to tick 0."""
    by_tick = {event[0]: event for event in sorted(events, key=lambda e: e[0])}
    out: list[Any] = []
    for event in by_tick.values():
        if not out or out[-1][1:] != event[1:]:
            out.append(event)
    if out and out[0][0] > 0:
        out[0] = (0, *out[0][1:])
    return out


def _pickup(meters: list[tuple[int, int, int]], told: int) -> tuple[list[tuple[int, int, int]], int]:
    """A first bar in a shorter metre than the one that follows it at once is how notation programs write a pickup."""
    if told and told < bar_ticks(*meters[0][1:]):
        return meters, told
    if len(meters) > 1:
        first, then = bar_ticks(*meters[0][1:]), bar_ticks(*meters[1][1:])
        if meters[1][0] == first < then:
            return [(0, *meters[1][1:]), *meters[2:]], first
    return meters, 0


def write(score: Score) -> bytes:
    """A Standard MIDI File of format 1 at 24 ticks a quarter note: one chunk of metre, tempo and key, then one a track."""
    chunks = [_chunk(_conductor(score))]
    for track, channel in zip(score.tracks, _channels(score), strict=True):
        events = [(0, 0, b"\xff\x03" + _counted(track.name.encode()))] if track.name else []
        if not track.drum:
            events.append((0, 1, bytes([0xC0 | channel, track.program & 0x7F])))
        for note in track.notes:
            pitch, velocity = note.pitch & 0x7F, min(127, max(1, note.velocity))
            events.append((note.onset, 3, bytes([0x90 | channel, pitch, velocity])))
            events.append((note.onset + max(1, note.duration), 2, bytes([0x80 | channel, pitch, 64])))
        chunks.append(_chunk(events))
    return struct.pack(">4sIHHH", b"MThd", 6, 1, len(chunks), TPQ) + b"".join(chunks)


def _conductor(score: Score) -> list[tuple[int, int, bytes]]:
    events = [(0, 0, b"\xff\x03" + _counted(score.title.encode()))] if score.title else []
    meters = list(score.meters or ((0, 4, 4),))
    if score.pickup and score.pickup % 3 == 0 and score.pickup // 3 <= 255:
        beats, unit = next(
            (score.pickup * u // (4 * TPQ), u) for u in (4, 8, 16, 32) if score.pickup * u % (4 * TPQ) == 0
        )
        meters = [(0, beats, unit), (score.pickup, *meters[0][1:]), *meters[1:]]
    elif score.pickup:
        events.append((0, 1, b"\xff\x01" + _counted(PICKUP_TEXT + str(score.pickup).encode())))
    for tick, beats, unit in meters:
        events.append(
            (tick, 2, bytes([0xFF, 0x58, 4, min(beats, 255), max(unit, 1).bit_length() - 1, 24, 8]))
        )
    for tick, fifths, minor in score.keys:
        events.append((tick, 3, bytes([0xFF, 0x59, 2, fifths & 0xFF, minor])))
    for tick, bpm in score.tempos or ((0, 100.0),):
        events.append(
            (tick, 4, b"\xff\x51\x03" + min(0xFFFFFF, max(1, round(60e6 / max(bpm, 1e-3)))).to_bytes(3))
        )
    return events


def _channels(score: Score) -> list[int]:
    """A channel for each track; tracks of one program share when there are more than fifteen."""
    free = [c for c in range(16) if c != DRUM_CHANNEL]
    many = sum(not t.drum for t in score.tracks) > len(free)
    by_program: dict[int, int] = {}
    out, used = [], 0
    for track in score.tracks:
        if track.drum:
            out.append(DRUM_CHANNEL)
        elif many and track.program in by_program:
            out.append(by_program[track.program])
        else:
            by_program[track.program] = free[used % len(free)]
            out.append(by_program[track.program])
            used += 1
    return out


def _chunk(events: list[tuple[int, int, bytes]]) -> bytes:
    body = bytearray()
    now = 0
    for tick, _, message in sorted(events, key=lambda e: e[:2]):
        body += _varbytes(tick - now) + message
        now = tick
    body += b"\x00\xff\x2f\x00"
    return struct.pack(">4sI", b"MTrk", len(body)) + bytes(body)


def _counted(body: bytes) -> bytes:
    return _varbytes(len(body)) + body


def _varbytes(value: int) -> bytes:
    out = [value & 0x7F]
    while value := value >> 7:
        out.append(value & 0x7F | 0x80)
    return bytes(reversed(out))
