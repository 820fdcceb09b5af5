"""The same music written in many of the ways that MIDI and MusicXML allow is read as the same music."""

from __future__ import annotations

import io
import struct
import zipfile
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from etude.media.music import midi, musicxml
from etude.media.music.score import Score
from tests.media.midi_bytes import chunk, delta, key, meta, metre, program, tempo
from tests.media.xml_score import TAIL

BAR = 96  # ticks of a bar of 4/4
Places = tuple[tuple[int, int, int], ...]  # (onset, pitch, duration) in ticks


@dataclass(frozen=True)
class Music:
    """What must be read, however it was written: lines of notes with a programme each, and what holds for
    all."""

    lines: tuple[tuple[int, Places], ...]
    bpm: tuple[tuple[int, float], ...]
    keys: tuple[tuple[int, int, bool], ...]


@st.composite
def line(draw: st.DrawFn, bars: int = 3) -> Places:
    """A line of notes that never overlap, on 32nds and triplets of 16ths, within some bars; some last over a
    bar line."""
    out, now, end = [], 0, bars * BAR
    while now < end:
        length = min(draw(st.sampled_from([6, 8, 12, 12, 18, 24, 24, 36, 48, 96, 120])), end - now)
        if draw(st.integers(0, 4)):
            out.append((now, draw(st.integers(40, 90)), length))
        now += length
    return tuple(out) or ((0, 60, 24),)


@st.composite
def music(draw: st.DrawFn, most: int = 4) -> Music:
    programmes = draw(st.lists(st.integers(0, 127), min_size=1, max_size=most, unique=True))
    lines = tuple((p, draw(line())) for p in programmes)
    bpm: tuple[tuple[int, float], ...] = ((0, float(draw(st.integers(40, 200)))),)
    if draw(st.booleans()):
        bpm += ((BAR, bpm[0][1] + 7),)
    keys = ((0, draw(st.integers(-7, 7)), draw(st.booleans())),)
    return Music(lines, bpm, keys)


def read_back(score: Score) -> Music:
    lines = tuple((t.program, tuple((n.onset, n.pitch, n.duration) for n in t.notes)) for t in score.tracks)
    return Music(tuple(sorted(lines)), score.tempos, score.keys)


def same(found: Score, written: Music) -> bool:
    last = max(o + d for _, notes in written.lines for o, _, d in notes)
    kept = tuple(t for t in written.bpm if t[0] <= last)
    return read_back(found) == Music(tuple(sorted(written.lines)), kept, written.keys)


# ---- MIDI

NOISE = (
    meta(0x01, b"words"),
    meta(0x05, b"la"),
    meta(0x06, b"A"),
    b"\xf0\x03\x7e\x7f\xf7",
    meta(0x7F, b"\0\0"),
)


@st.composite
def midi_file(draw: st.DrawFn, written: Music) -> bytes:
    """The music in one of the ways of MIDI: one chunk or several, running status or not, set up here or
    there, with noise."""
    scale = draw(st.sampled_from([1, 4, 20, 40]))
    one_chunk = draw(st.booleans())
    set_up_apart = draw(st.booleans())
    velocity_zero, running = draw(st.booleans()), draw(st.booleans())
    everything: list[tuple[int, int, bytes]] = [(t, 1, tempo(b)) for t, b in written.bpm]
    everything += [(t, 1, key(f, m)) for t, f, m in written.keys]
    if draw(st.booleans()):
        everything.append((0, 0, metre(4, 4)))
    lines: list[tuple[int, int, bytes]] = []
    for number, (programme, notes) in enumerate(written.lines):
        channel = number + (number >= 9)
        (everything if set_up_apart else lines).append((0, 2, program(programme, channel)))
        for onset, pitch, duration in notes:
            lines.append((onset, 4, bytes([0x90 | channel, pitch, 80])))
            end = bytes([0x90 | channel, pitch, 0]) if velocity_zero else bytes([0x80 | channel, pitch, 64])
            lines.append((onset + duration, 3, end))
    for _ in range(draw(st.integers(0, 5))):
        lines.append((draw(st.integers(0, 200)), draw(st.integers(0, 9)), draw(st.sampled_from(NOISE))))
    chunks = []
    if one_chunk:
        chunks = [everything + lines]
    else:
        by_channel: dict[int, list[tuple[int, int, bytes]]] = {}
        for event in lines:
            by_channel.setdefault(event[2][0] & 15 if event[2][0] < 0xF0 else 0, []).append(event)
        chunks = [everything, *(by_channel[c] for c in sorted(by_channel))]
        if draw(st.booleans()) and not set_up_apart:
            chunks = [*chunks[1:], chunks[0]]
    bodies = [_body(events, scale, running) for events in chunks]
    extra = draw(st.sampled_from([b"", b"\0\0"]))
    head = (
        struct.pack(">4sIHHH", b"MThd", 6 + len(extra), 0 if one_chunk else 1, len(bodies), 24 * scale)
        + extra
    )
    alien = chunk(b"whatever", b"XFKM") if draw(st.booleans()) else b""
    whole = head + alien + b"".join(map(chunk, bodies))
    if draw(st.booleans()):
        whole += b"\0" * (len(whole) % 2)
        whole = (
            b"RIFF" + struct.pack("<I", len(whole) + 12) + b"RMIDdata" + struct.pack("<I", len(whole)) + whole
        )
    return whole


def _body(events: list[tuple[int, int, bytes]], scale: int, running: bool) -> bytes:
    out, now, status = b"", 0, -1
    for tick, _, message in sorted(events, key=lambda e: e[:2]):
        out += delta((tick - now) * scale)
        now = tick
        if running and message[0] == status and message[0] < 0xF0:
            out += message[1:]
        else:
            out += message
        status = message[0] if message[0] < 0xF0 else -1
    return out + b"\x00\xff\x2f\x00"


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_midi_written_in_many_ways(data: st.DataObject) -> None:
    written = data.draw(music())
    assert same(midi.read(data.draw(midi_file(written))).content, written)


# ---- MusicXML

STEPS = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")


@dataclass(frozen=True)
class Style:
    """How a part is written."""

    divisions: int  # of a quarter note
    skips: bool  # rests are skipped, not written
    shift: int  # semitones from what sounds to what is written
    second: str  # voice that every other bar of the line is in
    types: bool
    prefix: str


@st.composite
def musicxml_file(draw: st.DrawFn, written: Music) -> bytes:
    """The music in one of the ways of MusicXML: partwise or timewise, voices and ties, divisions,
    transposition, encodings."""
    style = Style(
        draw(st.sampled_from([24, 48, 120])),
        draw(st.booleans()),
        draw(st.sampled_from([0, 0, 12, 2, -3])),
        draw(st.sampled_from(["1", "2", "7"])),
        draw(st.booleans()),
        draw(st.sampled_from(["", "", "m:"])),
    )
    heads, parts = [], []
    for i, (programme, notes) in enumerate(written.lines):
        ident = f"P{i}"
        number = (
            f'<midi-instrument id="{ident}-I"><midi-program>{programme + 1}</midi-program></midi-instrument>'
        )
        heads.append(f'<score-part id="{ident}"><part-name>x</part-name>{number}</score-part>')
        parts.append(
            [_measure(notes, bar, style, written if i == 0 else None, written.keys[0]) for bar in range(4)]
        )
    body = f"<part-list>{''.join(heads)}</part-list>"
    if draw(st.booleans()):
        kind = "score-timewise"
        for k in range(4):
            inner = "".join(f'<part id="P{i}">{bars[k]}</part>' for i, bars in enumerate(parts))
            body += f'<measure number="{k + 1}">{inner}</measure>'
    else:
        kind = TAIL[2:-1]
        for i, bars in enumerate(parts):
            inner = "".join(f'<measure number="{k + 1}">{bar}</measure>' for k, bar in enumerate(bars))
            body += f'<part id="P{i}">{inner}</part>'
    whole = f"<{kind}>{body}</{kind}>"
    if style.prefix:
        whole = (
            whole.replace("</", f"</{style.prefix}")
            .replace("<", f"<{style.prefix}")
            .replace(f"<{style.prefix}/{style.prefix}", f"</{style.prefix}")
        )
        whole = whole.replace(f"<{style.prefix}{kind}>", f'<{style.prefix}{kind} xmlns:m="urn:m">', 1)
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "iso-8859-1"]))
    label = draw(st.sampled_from(["UTF-8", "UTF-16", "ISO-8859-1"]))
    data = f'<?xml version="1.0" encoding="{label}"?>\n<!-- a comment -->{whole}\n'.encode(encoding)
    if draw(st.booleans()):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("music/score.xml", data)
        return out.getvalue()
    return data


def _measure(
    notes: Places, bar: int, style: Style, told: Music | None, signature: tuple[int, int, bool]
) -> str:
    """One bar of a line: its notes cut at the bar lines and tied, every other bar in the second voice."""
    out = ""
    if bar == 0:
        _, fifths, minor = signature
        mode = "minor" if minor else "major"
        steps = {12: 7, 2: 1, -3: -2}.get(style.shift, 0)
        written = fifths + 7 * style.shift - 12 * steps
        out += f"<attributes><divisions>{style.divisions}</divisions>"
        out += f"<key><fifths>{written}</fifths><mode>{mode}</mode></key>"
        out += "<time><beats>4</beats><beat-type>4</beat-type></time>"
        out += (
            f"<transpose><diatonic>{-steps}</diatonic><chromatic>{-style.shift}</chromatic></transpose></attr"
            "ibutes>"
        )
    for tick, bpm in told.bpm if told else ():
        if tick // BAR == bar:
            out += (
                "<direction><direction-type><words>x</words></direction-type><sound "
                f'tempo="{bpm:g}"/></direction>'
            )
    voice, start, now = (style.second if bar % 2 else "1"), bar * BAR, 0
    for onset, pitch, duration in notes:
        first, last = max(onset - start, 0), min(onset + duration - start, BAR)
        if last <= 0 or first >= BAR:
            continue
        out += _silence(first - now, voice, style)
        ties = [
            k for k, there in (("stop", onset < start), ("start", onset + duration > start + BAR)) if there
        ]
        out += _note(pitch, last - first, ties, voice, style)
        now = last
    return out + _silence(BAR - now, voice, style)


def _silence(ticks: int, voice: str, style: Style) -> str:
    if ticks <= 0:
        return ""
    length = f"<duration>{ticks * style.divisions // 24}</duration>"
    return (
        f"<forward>{length}</forward>"
        if style.skips
        else f"<note><rest/>{length}<voice>{voice}</voice></note>"
    )


def _note(pitch: int, ticks: int, ties: list[str], voice: str, style: Style) -> str:
    name = STEPS[(pitch + style.shift) % 12]
    alter = f"<alter>{1 if '#' in name else -1}</alter>" if name[1:] else ""
    place = f"<pitch><step>{name[0]}</step>{alter}<octave>{(pitch + style.shift) // 12 - 1}</octave></pitch>"
    length = f"<duration>{ticks * style.divisions // 24}</duration>"
    tied = "".join(f'<tie type="{k}"/>' for k in ties)
    value = {12: "eighth", 24: "quarter", 48: "half", 96: "whole"}.get(ticks)
    shown = f"<type>{value}</type>" if value and style.types else ""
    return f"<note>{place}{length}{tied}<voice>{voice}</voice>{shown}</note>"


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_musicxml_written_in_many_ways(data: st.DataObject) -> None:
    written = data.draw(music())
    found = data.draw(musicxml_file(written))
    read = musicxml.read_zipped if found[:2] == b"PK" else musicxml.read
    score = read(found).content
    merged: dict[int, list[tuple[int, int, int]]] = {}
    for track in score.tracks:
        merged.setdefault(track.program, []).extend((n.onset, n.pitch, n.duration) for n in track.notes)
    assert {p: tuple(sorted(n)) for p, n in merged.items()} == dict(written.lines)
    assert score.keys == written.keys
    last = max(o + d for _, notes in written.lines for o, _, d in notes)
    assert [t for t in score.tempos if t[0] < last] == [t for t in written.bpm if t[0] < last]
