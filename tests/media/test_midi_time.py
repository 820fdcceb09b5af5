"""MIDI: what holds when and for which notes. Tempo, metre, key, programme, pedals, film time, patterns and containers."""

from __future__ import annotations

import struct

import pytest

from etude.errors import WorkError
from etude.media.music import midi
from tests.media.midi_bytes import (
    chunk,
    control,
    delta,
    file,
    key,
    meta,
    metre,
    note,
    notes,
    off,
    on,
    places,
    program,
    read,
    scale,
    sounds,
    tempo,
    track,
)

TUNE = track(*scale())


# ---- tempo, metre and key


def test_a_late_tempo_holds_from_its_tick_and_the_default_before() -> None:
    assert read(track((96, tempo(60))), TUNE).content.tempos == ((0, 120.0), (96, 60.0))


def test_of_two_tempos_at_one_tick_the_last_holds_and_one_that_changes_nothing_goes() -> None:
    body = track((0, tempo(90)), (0, tempo(60)), (48, tempo(60)), (96, tempo(80)))
    assert read(body, TUNE).content.tempos == ((0, 60.0), (96, 80.0))


def test_tempo_and_metre_of_any_track_hold_for_all() -> None:
    score = read(track(*scale(4)), track((0, metre(3, 4)), (72, tempo(60)), *note(0, 96, 40, 1))).content
    assert (score.meters, score.tempos) == (((0, 3, 4),), ((0, 120.0), (72, 60.0)))


def test_a_late_metre_holds_from_its_tick_and_makes_no_pickup() -> None:
    assert read(track((96, metre(3, 4))), TUNE).content.meters == ((0, 4, 4), (96, 3, 4))
    longer = read(track((96, metre(12, 8))), TUNE).content
    assert (longer.meters, longer.pickup) == (((0, 4, 4), (96, 12, 8)), 0)


def test_a_first_short_bar_that_is_stated_is_a_pickup() -> None:
    score = read(track((0, metre(1, 4)), (24, metre(4, 4))), TUNE).content
    assert (score.meters, score.pickup) == (((0, 4, 4),), 24)


def test_a_late_key_holds_from_its_tick_and_c_major_before() -> None:
    assert read(track((96, key(3))), TUNE).content.keys == ((0, 0, False), (96, 3, False))
    assert read(TUNE).content.keys == ()


def test_of_the_keys_of_several_tracks_the_first_tracks_counts() -> None:
    clarinet = track((0, key(2)), (96, key(4)), *scale(8, 1))
    assert read(track((0, key(0)), (96, key(2)), *scale()), clarinet).content.keys == (
        (0, 0, False),
        (96, 2, False),
    )
    twice = track((0, key(-1)), (0, key(1, True)), *scale())
    assert read(twice).content.keys == ((0, 1, True),)


def test_what_stands_after_the_last_note_is_left_out() -> None:
    assert read(track((960, tempo(40)), (960, metre(3, 4))), track(*scale(2))).content.tempos == ((0, 120.0),)


def test_a_file_whose_notes_never_end_keeps_its_tempo() -> None:
    reading = read(track((0, tempo(90)), (0, on(60)), (24, on(62))))
    assert reading.content.tempos == ((0, 90.0),)


# ---- programmes


def test_each_note_has_the_programme_in_force_where_it_begins() -> None:
    body = track((0, program(73)), *scale(2), (48, program(40)), *scale(2, first=48))
    assert sounds(read(body)) == [(73, False, [60, 61]), (40, False, [60, 61])]


def test_a_programme_that_comes_back_goes_on_in_its_track() -> None:
    body = track(
        (0, program(5)),
        *note(0, 24, 60),
        (24, program(9)),
        *note(24, 48, 62),
        (48, program(5)),
        *note(48, 72, 64),
    )
    assert sounds(read(body)) == [(5, False, [60, 64]), (9, False, [62])]


def test_before_its_first_programme_a_channel_plays_the_piano() -> None:
    body = track(*note(0, 24, 60), (24, program(56)), *note(24, 48, 62))
    assert sounds(read(body)) == [(0, False, [60]), (56, False, [62])]


def test_a_programme_written_after_the_note_of_its_tick_holds_for_it() -> None:
    body = track((0, on(60)), (0, program(40)), (24, off(60)))
    assert sounds(read(body)) == [(40, False, [60])]


def test_programmes_of_a_chunk_without_notes_hold_for_the_channel() -> None:
    setting_up = track((0, program(40)), (0, program(60, 1)), (48, program(41)))
    reading = read(setting_up, track(*scale(3)), track(*scale(1, 1)))
    assert sounds(reading) == [(40, False, [60, 61]), (41, False, [62]), (60, False, [60])]


def test_two_chunks_on_one_channel_keep_their_own_programmes() -> None:
    reading = read(track((0, program(73)), *scale(2)), track((0, program(40)), *note(0, 24, 50)))
    assert sounds(reading) == [(73, False, [60, 61]), (40, False, [50])]


def test_the_programme_of_another_chunk_of_the_channel_counts_where_a_chunk_has_none() -> None:
    reading = read(track((0, program(33)), *scale(2)), track(*note(24, 48, 50)))
    assert sounds(reading) == [(33, False, [60, 61]), (33, False, [50])]


def test_channels_of_two_ports_are_two() -> None:
    def port(number: int, programme: int) -> bytes:
        return track((0, meta(0x21, bytes([number]))), (0, program(programme)), *scale(1))

    assert sounds(read(port(0, 1), port(1, 2))) == [(1, False, [60]), (2, False, [60])]


def test_kits_by_bank_are_drums_on_any_channel_and_a_melody_bank_frees_the_tenth() -> None:
    kit = track((0, control(0, 120, 2)), (0, program(0, 2)), *note(0, 24, 38, 2))
    bells = track((0, control(0, 121, 9)), (0, program(14, 9)), *note(0, 24, 72, 9))
    plain = track((0, program(16, 9)), *note(0, 24, 36, 9))
    assert sounds(read(kit)) == [(0, True, [38])]
    assert sounds(read(bells)) == [(14, False, [72])]
    assert sounds(read(plain)) == [(0, True, [36])]


# ---- pedals and what ends notes


def pedal(value: int, channel: int = 0) -> bytes:
    return control(64, value, channel)


def test_a_note_let_go_under_the_pedal_sounds_until_it_comes_up() -> None:
    body = track((0, pedal(127)), *note(0, 6, 48), *note(24, 30, 60), (96, pedal(0)))
    assert notes(read(body)) == [(0, 48, 96), (24, 60, 72)]


def test_a_note_struck_again_under_the_pedal_ends_there() -> None:
    body = track((0, pedal(100)), *note(0, 6, 48), *note(48, 54, 48), (96, pedal(0)))
    assert notes(read(body)) == [(0, 48, 48), (48, 48, 48)]


def test_the_pedal_is_down_from_the_middle_of_its_way() -> None:
    assert notes(read(track((0, pedal(63)), *note(0, 6, 48), (96, pedal(0))))) == [(0, 48, 6)]
    assert notes(read(track((0, pedal(64)), *note(0, 6, 48), (96, pedal(63))))) == [(0, 48, 96)]


def test_a_pedal_pressed_after_a_note_has_ended_does_not_hold_it_and_one_pressed_before_does() -> None:
    assert notes(read(track(*note(0, 24, 48), (24, pedal(127)), (96, pedal(0))))) == [(0, 48, 24)]
    late = track((0, on(48)), (24, pedal(127)), (24, off(48)), (96, pedal(0)))
    assert notes(read(late)) == [(0, 48, 96)]


def test_a_pedal_that_is_changed_with_the_chord_lets_the_old_one_go() -> None:
    body = track(
        (0, pedal(127)), *note(0, 40, 48), (48, pedal(0)), (48, pedal(127)), *note(48, 90, 50), (96, pedal(0))
    )
    assert notes(read(body)) == [(0, 48, 48), (48, 50, 48)]


def test_a_key_held_longer_than_the_pedal_keeps_its_length() -> None:
    body = track((0, pedal(127)), (12, on(60)), (24, pedal(0)), (60, off(60)))
    assert notes(read(body)) == [(12, 60, 48)]


def test_a_pedal_that_never_comes_up_holds_to_the_end_of_the_file() -> None:
    assert notes(read(track((0, pedal(127)), *note(0, 6, 48), *note(48, 72, 50)))) == [
        (0, 48, 72),
        (48, 50, 24),
    ]


def test_a_pedal_counts_for_both_hands_and_not_for_another_instrument_or_drums() -> None:
    right = track((0, program(0)), (0, pedal(127)), *note(0, 6, 72), (96, pedal(0)))
    assert notes(read(right, track((0, program(0)), *note(0, 12, 48)))) == [(0, 48, 96), (0, 72, 96)]
    flute = track((0, program(73)), *note(0, 12, 84))
    assert notes(read(right, flute)) == [(0, 72, 96), (0, 84, 12)]
    drums = track((0, pedal(127, 9)), *note(0, 6, 38, 9), (96, pedal(0, 9)))
    assert notes(read(drums)) == [(0, 38, 6)]
    assert notes(read(track((0, pedal(127, 1)), *note(0, 6, 48), (96, pedal(0, 1))))) == [(0, 48, 6)]


def test_resetting_controllers_lifts_the_pedal() -> None:
    assert notes(read(track((0, pedal(127)), *note(0, 6, 48), (48, control(121, 0)), (96, pedal(0))))) == [
        (0, 48, 48)
    ]


def test_the_middle_pedal_holds_what_is_down_when_it_is_pressed() -> None:
    body = track((0, on(36)), (12, control(66, 127)), (18, off(36)), *note(24, 30, 60), (96, control(66, 0)))
    assert notes(read(body)) == [(0, 36, 96), (24, 60, 6)]


def test_all_notes_off_ends_what_sounds_and_all_sound_off_what_the_pedal_holds() -> None:
    assert notes(read(track((0, on(48)), (24, control(123, 0))))) == [(0, 48, 24)]
    assert read(track((0, on(48)), (24, control(123, 0)))).warnings == ()
    held = track((0, pedal(127)), *note(0, 6, 48), (48, control(120, 0)), (96, pedal(0)))
    assert notes(read(held)) == [(0, 48, 48)]


# ---- film time, patterns, containers


@pytest.mark.parametrize(
    ("frames", "ticks", "second"),
    [(25, 40, 1000), (24, 4, 96), (30, 80, 2400), (29, 100, 2997)],
)
def test_in_film_time_a_second_is_two_beats_whatever_tempo_says(frames: int, ticks: int, second: int) -> None:
    division = (256 - frames) << 8 | ticks
    reading = read(track((0, tempo(60)), (0, metre(3, 4)), *note(0, second, 60)), fmt=0, division=division)
    assert places(reading.content.tracks[0]) == [(0, 60, 48)]
    assert reading.content.tempos == ((0, 120.0),)
    assert reading.content.meters == ((0, 3, 4),)
    assert "film frames" in reading.warnings[0]


def test_patterns_are_read_one_after_the_other_and_each_begins_with_the_defaults() -> None:
    first = track((0, tempo(60)), (0, metre(3, 4)), (0, program(40)), *scale(4))
    reading = read(first, track(*note(0, 24, 72)), fmt=2)
    score = reading.content
    assert notes(reading) == [*((24 * i, 60 + i, 24) for i in range(4)), (144, 72, 24)]
    assert score.tempos == ((0, 60.0), (144, 120.0))
    assert score.meters == ((0, 3, 4), (144, 4, 4))
    assert sounds(reading) == [(40, False, [60, 61, 62, 63]), (0, False, [72])]
    assert reading.warnings == ("its 2 patterns (format 2) were read one after the other",)


def test_a_first_pattern_without_notes_says_what_holds_for_all() -> None:
    reading = read(track((0, tempo(80))), track(*scale(2)), track(*scale(2)), fmt=2)
    assert reading.content.tempos == ((0, 80.0),)
    assert [n.onset for n in reading.content.tracks[0].notes] == [0, 24, 96, 120]


def test_one_pattern_is_read_as_it_is() -> None:
    assert read(TUNE, fmt=2).warnings == ()


def riff(*parts: tuple[bytes, bytes], size: int | None = None) -> bytes:
    body = b"".join(k + struct.pack("<I", len(b)) + b + b"\0" * (len(b) % 2) for k, b in parts)
    return b"RIFF" + struct.pack("<I", len(body) + 4 if size is None else size) + b"RMID" + body


INFO = b"INFO" + b"INAM\x05\0\0\0Tune\0\0" + b"IART\x03\0\0\0Ann\0" + b"ICOP\x04\0\0\0Mine"


@pytest.mark.parametrize(
    "wrapped",
    [
        riff((b"LIST", INFO), (b"data", file(TUNE))),
        riff((b"data", file(TUNE)), (b"LIST", INFO)),
        riff((b"DISP", b"odd"), (b"LIST", INFO), (b"data", file(TUNE))),
        riff((b"LIST", INFO), (b"data", file(TUNE)), size=7),
    ],
)
def test_a_container_may_have_its_parts_in_any_order(wrapped: bytes) -> None:
    reading = midi.read(wrapped)
    assert notes(reading) == notes(read(TUNE))
    assert (reading.title, reading.maker, dict(reading.meta)) == ("Tune", "Ann", {"copyright": "Mine"})


def test_a_container_with_wrong_lengths_is_searched_and_an_empty_one_refused() -> None:
    assert notes(midi.read(riff((b"junk", b"")) + b"\x01" + file(TUNE))) == notes(read(TUNE))
    with pytest.raises(WorkError, match="holds no MIDI file"):
        midi.read(riff((b"LIST", INFO)))


# ---- odd files


def test_a_longer_header_and_chunks_of_other_kinds_are_passed_over() -> None:
    data = struct.pack(">4sIHHH", b"MThd", 8, 0, 1, 24) + b"\0\0" + chunk(b"??", b"XFIH") + chunk(TUNE)
    assert notes(midi.read(data)) == notes(read(TUNE))


def test_names_are_clean_lines() -> None:
    name = "Wal\x1b[31mzer\u202eno\r\n2\u0085".encode()
    reading = read(track((0, meta(0x03, name))), TUNE)
    assert reading.title == "Wal [31mzerno 2"
    assert read(track((0, meta(0x03, "Étude".encode("cp1252"))), *scale(1)), fmt=0).title == "Étude"


def test_a_number_longer_than_four_bytes_and_a_stray_byte_do_no_harm() -> None:
    with pytest.raises(WorkError, match="no notes"):
        midi.read(file(b"\xff" * 5000 + TUNE))
    assert notes(read(b"\x00\x40" + TUNE)) == notes(read(TUNE))


def test_many_notes_on_one_key_end_in_their_order_and_quickly() -> None:
    count = 20_000
    body = b"".join(b"\x00" + on(60) for _ in range(count)) + b"".join(
        delta(1) + off(60) for _ in range(count)
    )
    assert len(read(body).content.tracks[0].notes) == 1  # all begin together: the longest stays


def test_tracks_whose_lengths_are_wrong_are_all_read() -> None:
    head = struct.pack(">4sIHHH", b"MThd", 6, 1, 2, 24)
    second = track(*scale(2, 1))
    for change in (-7, 3, 1000):
        wrong = struct.pack(">4sI", b"MTrk", len(TUNE) + change) + TUNE
        reading = midi.read(head + wrong + chunk(second))
        assert [len(t.notes) for t in reading.content.tracks] == [8 if change > 0 else 7, 2] or change < 0
        assert len(reading.content.tracks) == 2
        assert any("length of track 1 is wrong" in w for w in reading.warnings)


def test_of_two_files_in_one_the_first_is_read() -> None:
    reading = midi.read(file(TUNE) + file(track(*scale(1, 1))))
    assert len(reading.content.tracks) == 1
    assert reading.warnings == ("another MIDI file follows in it; only the first was read",)


@pytest.mark.parametrize("data", [b"RIFF\0\0\0\0WAVEfmt ", b"ID3\x04", b"fLaC\0", b"OggS\0\2"])
def test_recordings_are_called_what_they_are(data: bytes) -> None:
    with pytest.raises(WorkError, match="a sound recording, not a MIDI file") as caught:
        midi.read(data)
    assert "not sounds" in caught.value.hint
