"""One pass over the chunks of a Standard MIDI File: what happens when, in the file's own ticks.

Mends what other readers refuse: running status across meta events, wrong chunk lengths, missing ends of notes. Does not know
what the events mean for one another (which programme a note has, how long a pedal holds it): that is in `midi_sounding`.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import NamedTuple

from etude.config.media import MUSIC_LIMITS
from etude.media.music.guarded import clean
from etude.media.music.midi_out import DRUM_CHANNEL, PICKUP_TEXT

Line = tuple[int, int, int]  # chunk, port, channel
BANK, SUSTAIN, SOSTENUTO, SOUND_OFF, RESET, NOTES_OFF = 0, 64, 66, 120, 121, 123  # controllers that are read
DRUM_BANKS = (120, 127)  # coarse banks of drum kits on any channel: General MIDI 2, and XG
MELODY_BANK = 121  # the coarse bank that makes channel 10 melodic in General MIDI 2
DEFAULT_TEMPO, DEFAULT_METER = 120.0, (4, 4)  # what holds before the first event of its kind, by the standard
WRONG_LENGTH = "the length of track {} is wrong; reading went on at the next track"
LONGEST_TEXT = 200  # characters of a name that are kept


class Played(NamedTuple):
    """A note in ticks of the file; `end` is -1 where it never ended. `at` is the byte of its end: it orders events of one tick."""

    onset: int
    pitch: int
    end: int
    velocity: int
    at: int


class Change(NamedTuple):
    """A programme, or a pedal that goes down (`value` 1) or up (0), at a tick; `at` orders events of one tick."""

    tick: int
    at: int
    value: int
    drum: bool = False


@dataclass
class Events:
    """What the pass collects, in the file's own ticks; `chunk` counts tracks from 0."""

    notes: dict[Line, list[Played]] = field(default_factory=lambda: defaultdict(list))
    programs: dict[Line, list[Change]] = field(default_factory=lambda: defaultdict(list))
    sustain: dict[Line, list[Change]] = field(default_factory=lambda: defaultdict(list))
    sostenuto: dict[Line, list[Change]] = field(default_factory=lambda: defaultdict(list))
    names: dict[int, str] = field(default_factory=dict)  # chunk -> name
    meters: list[tuple[int, int, int]] = field(default_factory=list)
    tempos: list[tuple[int, float]] = field(default_factory=list)
    keys: list[tuple[int, int, int, bool]] = field(default_factory=list)  # tick, chunk, fifths, minor
    meta: dict[str, str] = field(default_factory=dict)
    pickup: int = 0
    count: int = 0  # notes, also those beyond the limit
    hanging: int = 0
    end: int = 0  # the last tick of any chunk
    chunks: int = 0
    sounding: int = 0  # chunks that have notes
    broken: list[str] = field(default_factory=list)


def read_chunks(data: bytes, at: int, *, patterns: bool, quarter: float) -> Events:
    """Read all track chunks and skip others. `patterns`: each chunk is a piece of its own and follows the one before it.

    `quarter`: ticks in a quarter note, by which a pattern is filled up to a bar line of the metre that it ends in.
    """
    events = Events()
    base, tempo, meter = 0, DEFAULT_TEMPO, DEFAULT_METER
    while at + 8 <= len(data):
        kind, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8])
        start, end = at + 8, at + 8 + length
        if kind == b"MThd":
            events.broken.append("another MIDI file follows in it; only the first was read")
            break
        if not kind.isascii() or not kind.decode().isprintable():
            at = data.find(b"MTrk", at)  # a length is wrong: go on where the next track begins
            if at < 0:
                break
            events.broken.append(WRONG_LENGTH.format(events.chunks))
            continue
        if kind != b"MTrk":
            at = end
            continue
        count, metres = events.count, len(events.meters)
        if patterns and events.sounding:  # nothing that the pattern before had set holds any more
            events.tempos.append((base, tempo))
            events.meters.append((base, *meter))
        at = start + _read_track(data[start:end], start, base, events, port=events.chunks if patterns else 0)
        events.chunks += 1
        if data[at : at + 4] != b"MTrk" or at >= end:  # else the length reaches into the next track
            at = end
            if end > len(data):
                there = f"ends after {len(data) - start:,}; what is there was read"
                events.broken.append(f"a chunk of {length:,} bytes {there}")
        elif at != end:
            events.broken.append(WRONG_LENGTH.format(events.chunks))
        events.sounding += events.count > count
        if patterns and events.count > count:
            beats, unit = max(events.meters[metres:], key=lambda m: m[0], default=(0, *meter))[1:]
            bar = max(1, round(quarter * 4 * beats / unit))
            base += -(-(events.end - base) // bar) * bar
        elif patterns and not events.sounding:  # a first chunk without notes says what holds for all
            tempo = events.tempos[0][1] if events.tempos else tempo
            meter = events.meters[0][1:] if events.meters else meter
    return events


def _read_track(data: bytes, origin: int, tick: int, events: Events, port: int) -> int:
    """One pass over the events of a chunk, which begins at byte `origin` of the file; returns the place where it stopped."""
    chunk, status, at, end = events.chunks, 0, 0, len(data)
    banks = [0] * 16
    open_: list[dict[int, deque[tuple[int, int]]]] = [
        {} for _ in range(16)
    ]  # channel -> pitch -> notes that sound
    try:
        while at < end:
            delta, at = _varint(data, at)
            tick += delta
            byte = data[at]
            if (
                byte >= 0xF0
            ):  # meta and system events; running status goes on after them, as most writers expect
                kind = data[at + 1] if byte == 0xFF else -1
                at += 2 if byte == 0xFF else 1
                if byte in (0xFF, 0xF0, 0xF7):
                    length, at = _varint(data, at)
                else:
                    length = {0xF2: 2, 0xF1: 1, 0xF3: 1}.get(byte, 0)
                if kind == 0x2F:
                    at += length
                    break
                if kind == 0x21 and length == 1:
                    port = data[at]
                elif kind >= 0:
                    _meta(kind, data[at : at + length], tick, chunk, events)
                at += length
                continue
            if byte & 0x80:
                status = byte
                at += 1
            elif not status:
                at += 1  # a data byte before any status: skip it
                continue
            high, channel = status & 0xF0, status & 0x0F
            if high in (0xC0, 0xD0):
                if high == 0xC0:
                    drum = banks[channel] in DRUM_BANKS
                    drum |= channel == DRUM_CHANNEL and banks[channel] != MELODY_BANK
                    change = Change(tick, origin + at, data[at] & 0x7F, drum)
                    events.programs[chunk, port, channel].append(change)
                at += 1
                continue
            pitch, value = data[at] & 0x7F, data[at + 1] & 0x7F
            at += 2
            if high == 0x90 and value:
                events.count += 1
                if events.count <= MUSIC_LIMITS.max_notes:  # more are only counted, for the message
                    open_[channel].setdefault(pitch, deque()).append((tick, value))
            elif high <= 0x90:
                if sounding := open_[channel].get(pitch):
                    onset, velocity = sounding.popleft()  # the earliest ends first
                    note = Played(onset, pitch, tick, velocity, origin + at)
                    events.notes[chunk, port, channel].append(note)
            elif high == 0xB0 and pitch == BANK:
                banks[channel] = value
            elif high == 0xB0 and (pitch in (SUSTAIN, SOSTENUTO) or pitch >= SOUND_OFF):
                line = (chunk, port, channel)
                _control(events, line, Change(tick, origin + at, int(value >= 64)), pitch)
                if pitch == SOUND_OFF or pitch >= NOTES_OFF:
                    for height, sounding in open_[channel].items():
                        for onset, velocity in sounding:
                            events.notes[line].append(Played(onset, height, tick, velocity, origin + at))
                    open_[channel] = {}
    except IndexError:
        events.broken.append(
            f"track {chunk + 1} breaks off in the middle of an event; what came before was kept"
        )
        at = end
    events.end = max(events.end, tick)
    for channel, held in enumerate(open_):
        for height, sounding in held.items():
            events.hanging += len(sounding)
            never = [Played(onset, height, -1, velocity, origin + at) for onset, velocity in sounding]
            events.notes[chunk, port, channel] += never
    return at


def _control(events: Events, line: Line, change: Change, controller: int) -> None:
    """What a controller does to the pedals of a channel: 'all sound off' ends what they hold, 'reset' lifts them."""
    if controller == SUSTAIN:
        events.sustain[line].append(change)
    elif controller == SOSTENUTO:
        events.sostenuto[line].append(change)
    elif controller in (SOUND_OFF, RESET):
        for pedal in (events.sustain, events.sostenuto):
            if line in pedal and pedal[line][-1].value:
                pedal[line].append(change._replace(value=0))
                if controller == SOUND_OFF and pedal is events.sustain:
                    pedal[line].append(change._replace(value=1))


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number of variable length and the place after it; past four bytes, which the standard allows, it is cut off."""
    byte = data[at]
    value = byte & 0x7F
    for _ in range(3):
        if not byte & 0x80:
            break
        at += 1
        byte = data[at]
        value = value << 7 | byte & 0x7F
    return value, at + 1


def _meta(kind: int, body: bytes, tick: int, chunk: int, events: Events) -> None:
    if kind == 0x03:
        events.names.setdefault(chunk, text_of(body))
    elif kind == 0x02:
        events.meta.setdefault("copyright", text_of(body))
    elif kind == 0x01 and body.startswith(PICKUP_TEXT) and body[len(PICKUP_TEXT) :].isdigit():
        events.pickup = int(body[len(PICKUP_TEXT) :][:6])
    elif kind == 0x51 and len(body) == 3 and any(body):
        events.tempos.append((tick, round(60e6 / int.from_bytes(body), 3)))
    elif kind == 0x58 and len(body) >= 2 and body[0] and body[1] <= 6:
        events.meters.append((tick, body[0], 1 << body[1]))
    elif kind == 0x59 and len(body) == 2:
        fifths = body[0] - 256 if body[0] > 127 else body[0]
        if -7 <= fifths <= 7 and body[1] <= 1:
            events.keys.append((tick, chunk, fifths, body[1] == 1))


def text_of(body: bytes) -> str:
    """A text of the file, in UTF-8 or else Windows-1252, on one clean line."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        text = body.decode("cp1252", errors="replace")
    return clean(text, LONGEST_TEXT)
