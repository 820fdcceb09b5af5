"""MIDI files written by hand for the tests: chunks of events as bytes, and what a reader makes of them."""

from __future__ import annotations

import struct

from etude.media.contract import Reading
from etude.media.music import midi
from etude.media.music.score import Track

END = b"\xff\x2f\x00"


def chunk(body: bytes, kind: bytes = b"MTrk") -> bytes:
    return struct.pack(">4sI", kind, len(body)) + body


def file(*bodies: bytes, fmt: int = 1, division: int = 24) -> bytes:
    return struct.pack(">4sIHHH", b"MThd", 6, fmt, len(bodies), division) + b"".join(chunk(b) for b in bodies)


def delta(ticks: int) -> bytes:
    out = [ticks & 0x7F]
    while ticks := ticks >> 7:
        out.append(ticks & 0x7F | 0x80)
    return bytes(reversed(out))


def track(*events: tuple[int, bytes]) -> bytes:
    """A chunk's body of events at absolute ticks, those of one tick in the order given; it ends with the last of them."""
    out, now = b"", 0
    for tick, message in sorted(events, key=lambda e: e[0]):
        out += delta(tick - now) + message
        now = tick
    return out + b"\x00" + END


def on(pitch: int, channel: int = 0, velocity: int = 80) -> bytes:
    return bytes([0x90 | channel, pitch, velocity])


def off(pitch: int, channel: int = 0) -> bytes:
    return bytes([0x80 | channel, pitch, 64])


def note(start: int, end: int, pitch: int, channel: int = 0) -> list[tuple[int, bytes]]:
    return [(start, on(pitch, channel)), (end, off(pitch, channel))]


def program(number: int, channel: int = 0) -> bytes:
    return bytes([0xC0 | channel, number])


def control(number: int, value: int, channel: int = 0) -> bytes:
    return bytes([0xB0 | channel, number, value])


def meta(kind: int, body: bytes) -> bytes:
    return bytes([0xFF, kind]) + delta(len(body)) + body


def tempo(bpm: float) -> bytes:
    return meta(0x51, round(60e6 / bpm).to_bytes(3))


def metre(beats: int, unit: int) -> bytes:
    return meta(0x58, bytes([beats, unit.bit_length() - 1, 24, 8]))


def key(fifths: int, minor: bool = False) -> bytes:
    return meta(0x59, bytes([fifths & 0xFF, minor]))


def scale(count: int = 8, channel: int = 0, first: int = 0, step: int = 24) -> list[tuple[int, bytes]]:
    """Some notes one after the other, each `step` ticks long."""
    return [e for i in range(count) for e in note(first + i * step, first + (i + 1) * step, 60 + i, channel)]


def read(*bodies: bytes, fmt: int = 1, division: int = 24) -> Reading:
    return midi.read(file(*bodies, fmt=fmt, division=division))


def places(found: Track) -> list[tuple[int, int, int]]:
    """(onset, pitch, duration) of the notes of a track."""
    return [(n.onset, n.pitch, n.duration) for n in found.notes]


def notes(reading: Reading) -> list[tuple[int, int, int]]:
    """(onset, pitch, duration) of all notes, sorted."""
    tracks: tuple[Track, ...] = reading.content.tracks
    return sorted(place for one in tracks for place in places(one))


def sounds(reading: Reading) -> list[tuple[int, bool, list[int]]]:
    """(programme, drum, pitches) of each track."""
    return [(t.program, t.drum, [n.pitch for n in t.notes]) for t in reading.content.tracks]
