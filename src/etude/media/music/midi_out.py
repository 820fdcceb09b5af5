"""Scores to Standard MIDI Files of format 1 at 24 ticks a quarter note (Standard MIDI File 1.0, MIDI Manufacturers Association, 1996).

One chunk of title, metre, tempo and key, then one a track. Writes neither controllers nor pedals.
"""

from __future__ import annotations

import struct

from etude.media.music.score import TPQ, Score

DRUM_CHANNEL = 9
PICKUP_TEXT = b"pickup="  # text event for the rare pickup that no MIDI metre can express (triplets)


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
