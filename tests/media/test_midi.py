"""Reading and writing MIDI: round trips, another program's reader, and files as broken as they come."""

from __future__ import annotations

import io
import struct

import mido
import pytest
from hypothesis import given, settings

from etude.config.media import MUSIC_LIMITS
from etude.errors import WorkError
from etude.media.music import midi
from etude.media.music.score import Note, Score, Track
from tests.media.scores import CHORALE, scores


def chunk(body: bytes, kind: bytes = b"MTrk") -> bytes:
    return struct.pack(">4sI", kind, len(body)) + body


def file(*bodies: bytes, fmt: int = 1, division: int = 24) -> bytes:
    return struct.pack(">4sIHHH", b"MThd", 6, fmt, len(bodies), division) + b"".join(chunk(b) for b in bodies)


@settings(deadline=None, max_examples=60)
@given(scores())
def test_a_score_comes_back_equal(score: Score) -> None:
    assert midi.read(midi.write(score)).content == score


@settings(deadline=None, max_examples=20)
@given(scores())
def test_mido_reads_the_same_notes(score: Score) -> None:
    found = mido.MidiFile(file=io.BytesIO(midi.write(score)))
    starts = []
    for track in found.tracks:
        tick = 0
        for message in track:
            tick += message.time
            if message.type == "note_on":
                starts.append((tick, message.note))
    assert sorted(starts) == sorted((n.onset, n.pitch) for t in score.tracks for n in t.notes)


def test_a_pickup_in_triplets_survives() -> None:
    score = Score((Track((Note(0, 60, 8), Note(8, 62, 24))),), tempos=((0, 120.0),), pickup=8)
    assert midi.read(midi.write(score)).content == score


def test_running_status_goes_on_after_meta_events() -> None:
    body = b"\x00\x90\x3c\x50\x18\x3c\x00\x00\xff\x01\x01x\x00\x3e\x50\x18\x3e\x00\x00\xff\x2f\x00"
    assert [(n.onset, n.pitch, n.duration) for n in midi.read(file(body)).content.tracks[0].notes] == [
        (0, 60, 24),
        (24, 62, 24),
    ]


def test_hanging_notes_are_mended_and_told() -> None:
    reading = midi.read(file(b"\x00\x90\x3c\x50\x18\x3e\x50\x18\x3e\x00\x00\xff\x2f\x00"))
    assert [n.duration for n in reading.content.tracks[0].notes] == [24, 24]
    assert reading.warnings == ("one note never ended and became a quarter note long",)


def test_channels_of_one_chunk_become_tracks_and_channel_ten_is_drums() -> None:
    body = b"\x00\xc1\x20\x00\x91\x3c\x50\x00\x99\x24\x50\x18\x81\x3c\x00\x00\x89\x24\x00\x00\xff\x2f\x00"
    tracks = midi.read(file(body, fmt=0)).content.tracks
    assert [(t.program, t.drum) for t in tracks] == [(32, False), (0, True)]


def test_triplets_and_32nds_of_a_fine_file_are_exact() -> None:
    track = mido.MidiTrack()
    for length in (160, 160, 160, 60, 60, 120, 240):
        track.append(mido.Message("note_on", note=60, velocity=70, time=0))
        track.append(mido.Message("note_off", note=60, time=length))
    held = mido.MidiFile(ticks_per_beat=480)
    held.tracks.append(track)
    out = io.BytesIO()
    held.save(file=out)
    assert [n.duration for n in midi.read(out.getvalue()).content.tracks[0].notes] == [8, 8, 8, 3, 3, 6, 12]


def test_more_than_sixteen_tracks_are_kept_apart() -> None:
    score = Score(tuple(Track((Note(0, 40 + i, 24),), f"t{i}", i) for i in range(20)), tempos=((0, 120.0),))
    back = midi.read(midi.write(score)).content
    assert [(t.name, t.notes) for t in back.tracks] == [(t.name, t.notes) for t in score.tracks]


def test_a_riff_wrapper_is_opened() -> None:
    plain = midi.write(CHORALE)
    wrapped = (
        b"RIFF" + struct.pack("<I", len(plain) + 12) + b"RMIDdata" + struct.pack("<I", len(plain)) + plain
    )
    assert midi.read(wrapped).content == CHORALE


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"MThx" + bytes(20), "not a MIDI file"),
        (b"MThd\x00\x00", "not a MIDI file"),
        (file(b"\x00\xff\x2f\x00"), "no notes"),
        (file(b"\x00\x90\x3c\x50\x18\x3c\x00", division=0), "0 ticks"),
    ],
)
def test_broken_files_are_refused_in_one_sentence(data: bytes, words: str) -> None:
    with pytest.raises(WorkError, match=words):
        midi.read(data)


def test_a_million_notes_are_refused_with_both_numbers() -> None:
    body = b"\x00\x90\x3c\x50" + b"\x01\x3c\x00\x00\x3c\x50" * 1_000_000
    with pytest.raises(WorkError, match=rf"1,000,001 notes; at most {MUSIC_LIMITS.max_notes:,}"):
        midi.read(file(body))


def test_a_truncated_file_keeps_what_is_there() -> None:
    whole = midi.write(CHORALE)
    for size in range(14, len(whole), 7):
        try:
            reading = midi.read(whole[:size])
        except WorkError:
            continue
        assert reading.warnings
        assert all(n.duration > 0 for t in reading.content.tracks for n in t.notes)
