"""MusicXML: what sounds. Instruments, percussion, ties, voices, tablature, tempo, key, metre and the length
of bars."""

from __future__ import annotations

import pytest

from tests.media.xml_score import (
    attributes,
    backup,
    chord,
    direction,
    drum,
    forward,
    instrument,
    midi_instrument,
    note,
    notes,
    one,
    part,
    plays,
    read,
    rest,
    sounds,
    tie,
    voice,
    words,
)

START = attributes(0, (4, 4))
QUARTERS = "".join(note(p, 1) for p in ("C4", "D4", "E4", "F4"))
C, D, E, F = 60, 62, 64, 65


# ---- instruments and percussion


def test_the_only_instrument_of_a_drum_part_sounds_where_notes_name_none() -> None:
    head = instrument("I", "Snare Drum") + midi_instrument("I", 1, 10, 39)
    assert sounds(one([START + drum() * 4], head)) == [("Part", 0, True, [38] * 4)]


def test_of_several_drums_the_place_on_the_staff_tells_and_a_name_counts_more() -> None:
    head = "".join(instrument(i, n) for i, n in (("A", "Bass Drum"), ("B", "Snare"), ("C", "Hi-hat")))
    head += (
        midi_instrument("A", 1, 10, 37) + midi_instrument("B", 1, 10, 39) + midi_instrument("C", 1, 10, 43)
    )
    places = drum(1, "F4") + drum(1, "C5") + drum(1, "G5") + drum(1, "F4", plays("C"))
    assert sounds(one([START + places], head))[0][3] == [36, 38, 42, 42]


@pytest.mark.parametrize(
    ("head", "name", "key"),
    [
        (instrument("I", "Percussion", "metal.triangle"), "Percussion", 81),
        (instrument("I", "Bass Drum"), "Percussion", 36),
        ("", "Cymbals", 49),
        ("", "Woodblock", 76),
    ],
)
def test_drums_without_midi_numbers_sound_by_identifier_or_name(head: str, name: str, key: int) -> None:
    assert sounds(one([START + drum() * 4], head, name)) == [(name, 0, True, [key] * 4)]


def test_a_drum_set_without_any_numbers_sounds_by_its_places() -> None:
    places = drum(1, "F4") + drum(1, "C5") + drum(1, "C5", "<notehead>x</notehead>") + drum(1, "A5")
    assert sounds(one([START + places], "", "Kit"))[0][2:] == (True, [36, 38, 37, 49])


def test_drums_written_at_a_pitch_sound_as_their_instrument_says() -> None:
    head = instrument("I", "Kick") + midi_instrument("I", 1, 10, 37)
    assert sounds(one([START + note("F4", 4, plays("I"))], head)) == [("Part", 0, True, [36])]


def test_spoken_notes_do_not_make_a_singer_a_drummer() -> None:
    head = instrument("I", "Voice") + midi_instrument("I", 53)
    reading = one([START + note("C4", 1) + note("D4", 1) + drum(2, "B4")], head)
    assert [(t[1], t[2], len(t[3])) for t in sounds(reading)] == [(52, False, 2), (52, True, 1)]


TWO = (
    instrument("A", "Flute")
    + instrument("B", "Oboe")
    + midi_instrument("A", 74)
    + midi_instrument("B", 69, 2)
)


def test_notes_are_played_by_the_instrument_that_they_name() -> None:
    bar = START + note("C4", 1, plays("A")) + note("D4", 1, plays("A")) + note("E4", 2, plays("B"))
    assert sounds(one([bar], TWO)) == [("Flute", 73, False, [C, D]), ("Oboe", 68, False, [E])]


def test_notes_that_name_none_go_on_with_the_last_named_at_first_with_the_first() -> None:
    bars = [START + note("C4", 2) + note("D4", 2, plays("B")), note("E4", 4), note("F4", 4, plays("A"))]
    assert sounds(one(bars, TWO)) == [("Flute", 73, False, [C, F]), ("Oboe", 68, False, [D, E])]


def test_the_last_named_is_the_last_in_time_not_in_the_file() -> None:
    second = backup(4) + note("G3", 4, plays("A") + voice(2))
    bars = [START + note("C4", 2, plays("A")) + note("D4", 2, plays("B")) + second, note("E4", 4)]
    assert ("Oboe", 68, False, [D, E]) in sounds(one(bars, TWO))


@pytest.mark.parametrize(
    ("identifier", "program"),
    [
        ("wind.flutes.flute.alto", 73),
        ("brass.trumpet.bflat", 56),
        ("strings.cello", 42),
        ("keyboard.organ.pipe", 19),
        ("voice.soprano", 52),
        ("nonsense", 0),
    ],
)
def test_a_sound_identifier_gives_the_programme_and_a_number_counts_more(
    identifier: str, program: int
) -> None:
    assert sounds(one([START + QUARTERS], instrument("I", "x", identifier)))[0][1] == program
    numbered = instrument("I", "x", identifier) + midi_instrument("I", 12)
    assert sounds(one([START + QUARTERS], numbered))[0][1] == 11


def test_a_change_of_sound_in_the_course_of_a_part_holds_from_there() -> None:
    head = instrument("A", "Flute") + midi_instrument("A", 74)
    change = direction(more=f"<sound>{midi_instrument('A', 72)}</sound>")
    assert [t[1:] for t in sounds(one([START + note("C4", 4), change + note("D4", 4)], head))] == [
        (73, False, [C]),
        (71, False, [D]),
    ]


# ---- ties


def test_a_tie_goes_on_in_another_voice_or_staff() -> None:
    for there in (voice(2), voice(5, 2)):
        bar = START + note("C5", 2, tie("start") + voice(1, 1)) + note("D5", 2, voice(1, 1))
        bar += backup(2) + note("C5", 2, tie("stop") + there)
        assert notes(one([bar])) == [(0, 72, 96), (48, 74, 48)]


def test_a_tie_may_begin_in_a_voice_that_comes_later_in_the_file() -> None:
    bar = START + rest(2, voice(1)) + note("C5", 2, tie("stop") + voice(1))
    bar += backup(4) + note("C5", 2, tie("start") + voice(2))
    assert notes(one([bar])) == [(0, 72, 96)]


def test_each_of_two_ties_on_one_pitch_goes_on_in_its_own_voice() -> None:
    bar = START + note("C5", 2, tie("start") + voice(1)) + note("C5", 2, tie("stop") + voice(1))
    bar += backup(4) + note("C5", 2, tie("start") + voice(2)) + note("C5", 1, tie("stop") + voice(2))
    assert notes(one([bar])) == [(0, 72, 72), (0, 72, 96)]


def test_ties_join_enharmonic_notes_and_run_over_several_bars() -> None:
    bars = [
        START + note("C#4", 4, tie("start")),
        note("Db4", 4, tie("stop", "start")),
        note("C#4", 4, tie("stop")),
    ]
    assert notes(one(bars)) == [(0, 61, 288)]


def test_a_tie_whose_second_note_does_not_say_so_joins_the_next_of_its_voice() -> None:
    assert notes(one([START + note("C4", 4, tie("start")), note("C4", 4)])) == [(0, C, 192)]
    apart = START + note("C4", 2, tie("start") + voice(1, 1)) + rest(2, voice(1, 1)) + backup(2)
    assert len(notes(one([apart + note("C4", 2, voice(5, 2))]))) == 2


def test_ties_that_lead_nowhere_leave_their_notes_as_they_are() -> None:
    bars = [START + note("C4", 4, tie("start")), note("D4", 2) + note("C4", 2)]
    assert notes(one(bars)) == [(0, C, 96), (96, D, 48), (144, C, 48)]
    assert notes(one([START + note("C4", 4), note("C4", 4, tie("stop"))])) == [(0, C, 96), (96, C, 96)]


def test_an_arpeggio_tied_into_its_chord_sounds_on() -> None:
    bars = [START + "".join(note(p, 1, tie("start")) for p in ("C4", "E4", "G4", "B4"))]
    bars.append(chord(["C4", "E4", "G4", "B4"], 4, tie("stop")))
    assert notes(one(bars)) == [(0, C, 192), (24, E, 168), (48, 67, 144), (72, 71, 120)]


def test_notes_left_to_ring_are_no_ties() -> None:
    ring = '<notations><tied type="let-ring"/></notations>'
    assert notes(one([START + note("C4", 2, ring) + note("C4", 2)])) == [(0, C, 48), (48, C, 48)]


# ---- voices, staves and tablature


def piano(upper: str, lower: str) -> str:
    return upper + backup(4) + lower


def test_a_voice_that_visits_the_other_staff_stays_one_line() -> None:
    upper = note("C5", 1, voice(1, 1)) + note("E4", 1, voice(1, 2)) + note("G4", 2, voice(1, 1))
    bars = [START + piano(upper, note("C3", 4, voice(5, 2)))] * 3
    assert [len(t.notes) for t in one(bars).content.tracks] == [9, 3]


def test_one_number_on_two_staves_at_once_is_two_voices() -> None:
    bars = [
        START + piano(QUARTERS.replace("</note>", f"{voice(1, 1)}</note>"), note("C3", 4, voice(1, 2)))
    ] * 3
    assert [len(t.notes) for t in one(bars).content.tracks] == [12, 3]


def test_voices_come_in_the_order_of_their_numbers() -> None:
    bar = (
        START
        + note("C5", 4, voice(2))
        + backup(4)
        + note("C4", 4, voice(10))
        + backup(4)
        + note("E5", 4, voice(1))
    )
    assert [t.notes[0].pitch for t in one([bar]).content.tracks] == [76, 72, 60]


def test_a_chord_with_one_note_twice_is_read_once_and_keeps_its_voice() -> None:
    bar = START + chord(["C4", "C4"], 4, voice(1)) + backup(4) + note("E3", 4, voice(2))
    assert notes(one([bar])) == [(0, 52, 96), (0, C, 96)]
    assert len(one([bar]).content.tracks) == 2


def test_notes_of_a_chord_are_as_long_as_its_first_and_in_its_voice() -> None:
    bar = START + note("C5", 4, voice(1)) + backup(4) + note("E3", 4, voice(3))
    bar += note("B3", 2, "", "<chord/>")  # shorter, and without a voice
    assert sorted(len(t.notes) for t in one([bar]).content.tracks) == [3]
    assert notes(one([bar])) == [(0, 52, 96), (0, 59, 96), (0, 72, 96)]
    two = note("C5", 4, voice(1, 1)) + backup(4) + note("E3", 4, voice(2, 2)) + note("E3", 4, "", "<chord/>")
    assert [len(t.notes) for t in one([START + two]).content.tracks] == [1, 1]


TAB = "<staves>2</staves><clef number='1'><sign>G</sign></clef><clef number='2'><sign>TAB</sign></clef>"


def test_a_tablature_staff_repeats_and_adds_nothing() -> None:
    bar = attributes(0, (4, 4), TAB) + QUARTERS.replace("</note>", f"{voice(1, 1)}</note>")
    bar += backup(4) + QUARTERS.replace("</note>", f"{voice(5, 2)}</note>")
    reading = one([bar])
    assert (len(notes(reading)), len(reading.content.tracks)) == (4, 1)


def test_what_only_the_tablature_has_is_kept() -> None:
    bar = attributes(0, (4, 4), TAB) + note("C4", 4, voice(1, 1)) + backup(4)
    assert notes(one([bar + note("C4", 2, voice(5, 2)) + note("D4", 2, voice(5, 2))])) == [
        (0, C, 96),
        (48, D, 48),
    ]


def test_a_tablature_part_that_repeats_another_part_is_left_out_and_told() -> None:
    clef = "<clef><sign>TAB</sign></clef>"
    reading = read(part([START + QUARTERS]), part([attributes(0, (4, 4), clef) + QUARTERS]))
    assert len(notes(reading)) == 4
    assert reading.warnings == ("a tablature that repeats another part was left out",)
    alone = read(part([attributes(0, (4, 4), clef) + QUARTERS]))
    assert len(notes(alone)) == 4


# ---- tempo


def mark(number: str, unit: str = "quarter") -> str:
    return direction(f"<metronome><beat-unit>{unit}</beat-unit><per-minute>{number}</per-minute></metronome>")


@pytest.mark.parametrize(
    ("said", "bpm"),
    [
        (mark("96-104"), 100.0),
        (mark("96 – 104"), 100.0),
        (mark("c. 96"), 96.0),
        (mark("ca. 66,5"), 66.5),
        (mark("60", "half"), 120.0),
        (mark("40", "quarter</beat-unit><beat-unit-dot/><beat-unit>"), 60.0),
        (mark("unknown"), 120.0),
        (direction(sound='tempo="72"'), 72.0),
        (mark("96").replace("</direction>", '<sound tempo="0"/></direction>'), 96.0),
        (mark("96").replace("</direction>", '<sound tempo="90"/></direction>'), 90.0),
        ('<sound tempo="55.5"/>', 55.5),
        ('<sound tempo="50-60"/>', 55.0),
        ('<sound tempo="nan"/>', 120.0),
        ('<sound tempo="-60"/>', 120.0),
        (words("Allegro (♩ = 132)"), 132.0),
        (words("♩. = 60"), 90.0),
        (words("Largo"), 120.0),
    ],
)
def test_tempo_numbers(said: str, bpm: float) -> None:
    assert one([START + said + QUARTERS]).content.tempos == ((0, bpm),)


def test_a_late_tempo_holds_from_its_place_and_the_default_before() -> None:
    reading = one([START + QUARTERS, note("C4", 2) + mark("60") + note("C4", 2)])
    assert reading.content.tempos == ((0, 120.0), (144, 60.0))


# ---- key and metre


def test_the_key_is_that_of_the_pitched_parts() -> None:
    drums = part([attributes(None, (4, 4)) + drum() * 4], "Snare Drum")
    told = part([attributes(0, (4, 4)) + drum() * 4], "Snare Drum")
    tune = part([attributes(3, (4, 4)) + QUARTERS])
    assert read(drums, tune).content.keys == read(told, tune).content.keys == ((0, 3, False),)
    assert read(drums).content.keys == ()


def test_a_part_without_a_key_leaves_it_to_the_others_and_so_does_a_horn_without_a_signature() -> None:
    horn = "<transpose><diatonic>-4</diatonic><chromatic>-7</chromatic></transpose>"
    written_without = part([attributes(0, (4, 4), horn) + QUARTERS])
    tune = part([attributes(3, (4, 4)) + QUARTERS])
    assert read(part([attributes(None, (4, 4)) + QUARTERS]), tune).content.keys == ((0, 3, False),)
    assert read(written_without, tune).content.keys == ((0, 3, False),)
    assert read(written_without).content.keys == ((0, -1, False),)
    assert read(part([attributes(1, (4, 4), horn) + QUARTERS]), tune).content.keys == ((0, 0, False),)
    assert read(tune, part([attributes(5, (4, 4)) + QUARTERS])).content.keys == ((0, 3, False),)


def test_a_key_changes_where_it_stands_and_at_the_end_of_a_bar_for_the_next() -> None:
    change = attributes(2)
    assert one([START + note("C4", 2) + change + note("D4", 2)]).content.keys == (
        (0, 0, False),
        (48, 2, False),
    )
    assert one([START + QUARTERS + change, QUARTERS]).content.keys == ((0, 0, False), (96, 2, False))
    assert one([attributes(None, (4, 4)) + QUARTERS, change + QUARTERS]).content.keys == (
        (0, 0, False),
        (96, 2, False),
    )


def test_a_metre_announced_at_the_end_of_a_bar_is_for_the_next() -> None:
    bars = [START + QUARTERS + attributes(None, (3, 4)), note("C4", 3), note("C4", 3)]
    assert one(bars).content.meters == ((0, 4, 4), (96, 3, 4))


def test_the_metre_may_stand_in_a_later_part() -> None:
    reading = read(part([attributes() + note("C4", 3)]), part([attributes(0, (3, 4)) + note("C3", 3)]))
    assert reading.content.meters == ((0, 3, 4),)


# ---- how long a bar is


def test_a_whole_rest_fills_its_bar_whatever_its_duration_says() -> None:
    three = attributes(0, (3, 4))
    assert notes(one([three + rest(4, whole=True), note("C4", 3)]))[0][0] == 72
    assert (
        notes(read(part([three + note("D4", 3), note("C4", 3)]), part([rest(4, whole=True), note("C3", 3)])))[
            1
        ][0]
        == 72
    )


def test_rests_beyond_the_bar_do_not_move_what_follows() -> None:
    reading = read(part([START + QUARTERS, note("C4", 4)]), part([START + rest(4) + rest(4), note("C3", 4)]))
    assert [n[0] for n in notes(reading)] == [0, 24, 48, 72, 96, 96]


def test_space_that_is_only_skipped_does_not_lengthen_an_upbeat() -> None:
    upbeat = read(
        part([START + note("C4", 1), QUARTERS]), part([rest(1) + forward(3), note("C3", 4)]), implicit=(0,)
    )
    assert (upbeat.content.pickup, notes(upbeat)[1][0]) == (24, 24)
    assert notes(one([START + note("C4", 1) + forward(3), note("D4", 4)]))[1][0] == 96


def test_a_bar_that_misses_its_length_by_rounding_is_full() -> None:
    assert notes(one([attributes(0, (4, 4), divisions=96) + note("C4", 385), note("D4", 384)]))[1][0] == 96


def test_notes_without_a_duration_are_as_long_as_their_type() -> None:
    short = "<note><pitch><step>C</step><octave>4</octave></pitch><type>half</type><dot/></note>"
    assert notes(one([START + short + note("D4", 1)])) == [(0, C, 72), (72, D, 24)]


def test_a_sign_for_repeated_bars_is_played() -> None:
    sign = '<measure-style><measure-repeat type="{}">{}</measure-repeat></measure-style>'
    bars = [
        START + QUARTERS,
        attributes(more=sign.format("start", 1)) + rest(4, whole=True),
        rest(4, whole=True),
    ]
    bars.append(attributes(more=sign.format("stop", "")) + note("G4", 4))
    assert [n[1] for n in notes(one(bars))] == [C, D, E, F] * 3 + [67]
    two = [START + QUARTERS, note("G4", 4), attributes(more=sign.format("start", 2)) + rest(4), rest(4)]
    assert [n[1] for n in notes(one(two))] == [C, D, E, F, 67] * 2


def test_parts_that_miss_measures_of_a_timewise_file_stay_in_step() -> None:
    from etude.media.music import musicxml

    def measure(*parts: str) -> str:
        return "<measure>" + "".join(parts) + "</measure>"

    first, second = '<part id="P0">{}</part>', '<part id="P1">{}</part>'
    inner = measure(first.format(START + note("C4", 4))) + measure(
        first.format(note("D4", 4)), second.format(START + note("C3", 4))
    )
    heads = '<score-part id="P0"/><score-part id="P1"/>'
    data = f"<score-timewise><part-list>{heads}</part-list>{inner}</score-timewise>"
    assert notes(musicxml.read(data.encode())) == [(0, C, 96), (96, 48, 96), (96, D, 96)]
