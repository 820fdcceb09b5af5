"""What ABC sounds like: chords at bar lines, overlays, line breaks of old files, octaves, clefs, programmes,
macros, tempo."""

from __future__ import annotations

import pytest

from etude.media.music import abc
from etude.media.music.score import Score

HEAD = "X:1\nM:4/4\nL:1/4\n"
Triple = tuple[int, int, int]


def score(text: str, head: str = HEAD) -> Score:
    content = abc.read((head + text).encode()).content
    assert isinstance(content, Score)
    return content


def heard(text: str, head: str = HEAD) -> list[Triple]:
    return sorted((n.onset, n.pitch, n.duration) for t in score(text, head).tracks for n in t.notes)


def pitches(text: str, head: str = HEAD) -> list[int]:
    return [n.pitch for _, n in score(text, head).flat()]


def chord(onset: int, *notes: int, length: int = 96) -> list[Triple]:
    return [(onset, pitch, length) for pitch in notes]


@pytest.mark.parametrize("bar", ["|", "||", "|]", "[|", "|:", ".|", "[|]", "| ", "|[L:1/4]", '|"Am"', "|\n"])
def test_a_chord_may_follow_any_bar_line(bar: str) -> None:
    content = score(f"K:C\nC4{bar}[CEG]4|[DFA]4|]\n")
    notes = sorted((n.onset, n.pitch, n.duration) for n in content.tracks[0].notes)
    assert notes == [(0, 60, 96), *chord(96, 60, 64, 67), *chord(192, 62, 65, 69)]
    assert content.meters == ((0, 4, 4),)


@pytest.mark.parametrize(
    ("written", "notes"),
    [
        ("[C2E2G2]2", chord(0, 60, 64, 67)),
        ("[CEG]/", chord(0, 60, 64, 67, length=12)),
        ("[ C E G ]4", chord(0, 60, 64, 67)),
        ('["Am"C!trill!E{ab}.G]4', chord(0, 60, 64, 67)),
        ("[CE]4-|[C-E]4|[CG]4", [(0, 60, 288), (0, 64, 192), (192, 67, 96)]),
        ("[CE]>[DF]", [*chord(0, 60, 64, length=36), *chord(36, 62, 65, length=12)]),
        ("[C2E4]D", [(0, 60, 48), (0, 64, 96), (48, 62, 24)]),  # the first note says when the next begins
        ("[zE]2C", [(0, 64, 48), (48, 60, 24)]),
        ("+CEG+4", chord(0, 60, 64, 67)),  # the chords of the oldest files
        ("[CC]4", [(0, 60, 96)]),  # equal notes are one
    ],
)
def test_chords(written: str, notes: list[Triple]) -> None:
    assert heard(f"K:C\n{written}|\n") == sorted(notes)


@pytest.mark.parametrize(
    ("body", "notes"),
    [
        (
            "cdef&C2|g4|",
            [*[(24 * i, p, 24) for i, p in enumerate((72, 74, 76, 77))], (0, 60, 48), (96, 79, 96)],
        ),
        ("c2&C4|g4|", [(0, 60, 96), (0, 72, 48), (96, 79, 96)]),  # the longer of them makes the bar
        ("c4&E4&C4|g4|", [*chord(0, 60, 64, 72), (96, 79, 96)]),
        ("^c4&c4|c4|", [*chord(0, 72, 73), (96, 72, 96)]),  # accidentals stay in their lane
        ("c4-&E4-|c4&E4|", [(0, 64, 192), (0, 72, 192)]),
        ("g4|e4|\n&&d4|c4|f4|", [(0, 74, 96), (0, 79, 96), (96, 72, 96), (96, 76, 96), (192, 77, 96)]),
        ("g4|e4&&d4|c4|f4|", [(0, 74, 96), (0, 79, 96), (96, 72, 96), (96, 76, 96), (192, 77, 96)]),
        ("(&c4|d4&E4|F4&)|g4|", [*chord(0, 64, 72), *chord(96, 65, 74), (192, 79, 96)]),
        ("|:c4&E4:|g4|", [*chord(0, 64, 72), *chord(96, 64, 72), (192, 79, 96)]),
    ],
)
def test_overlays_go_back_and_the_voice_goes_on_where_it_was(body: str, notes: list[Triple]) -> None:
    content = score(f"K:C\n{body}\n")
    assert sorted((n.onset, n.pitch, n.duration) for n in content.tracks[0].notes) == sorted(notes)
    assert (content.meters, content.pickup) == (((0, 4, 4),), 0)


@pytest.mark.parametrize(
    "body",
    [
        "CDEF!GABc|",
        "CDEF!GABc!",
        "!f!CDEF!\n!trill!GABc!",
        "CD!E F!GABc|",
        "!p!CD!D.C.!EF!D.S. al coda!!8va(!GA!8va)!Bc!fine!|",
        "!<(!C!<)!D+fermata+EF!3!GA!ff!Bc|",
    ],
)
def test_exclamation_marks_break_lines_or_enclose_signs(body: str) -> None:
    assert pitches(f"K:C\n{body}\n") == [60, 62, 64, 65, 67, 69, 71, 72]


def test_instructions_say_what_the_marks_are() -> None:
    assert pitches("I:linebreak !\nK:C\nC!trill!D|\n")[:2] == [60, 62]
    assert pitches("I:decoration +\nK:C\nC+fed+D!E|\n") == [60, 62, 64]


@pytest.mark.parametrize(
    ("key", "lowest"),
    [
        ("C octave=-2", 36),
        ("C bass octave=-2", 36),
        ("C clef=treble-8", 48),
        ("C treble+8", 72),
        ("C bass-8", 48),
        ("C clef=treble^8", 60),  # only printed
        ("C bass middle=d", 60),
        ("C transpose=-3", 57),
        ("C treble-8 octave=-1 transpose=2", 38),
        ("octave=-1", 48),
    ],
)
def test_octave_clef_and_transposition(key: str, lowest: int) -> None:
    assert pitches(f"K:{key}\nC|\n") == [lowest]
    assert pitches(f"K:C\n[K:{key}]C|\n") == [lowest]
    assert pitches(f"V:1 {key.removeprefix('C ')}\nK:C\nV:1\nC|\n") == [lowest]


def test_a_new_clef_ends_the_octave_of_the_old_one() -> None:
    assert pitches("K:C treble-8\nC[K:C bass]C[K:G]C|\n") == [48, 60, 60]
    assert pitches("K:C octave=-1\nC[K:G]C[K:C octave=0]C|\n") == [48, 48, 60]


def test_the_key_of_a_transposed_voice_is_the_one_that_sounds() -> None:
    assert score("K:D transpose=-2\nD|\n").keys == ((0, 0, False),)


@pytest.mark.parametrize(
    "line",
    [
        "%%MIDI program 73",
        "I:MIDI program 73",
        "I:MIDI=program 73",
        "%%MIDI program 1 73",
        "%%MIDI\tprogram\t73 % flute",
    ],
)
def test_programmes(line: str) -> None:
    assert score(f"{line}\nK:C\nC|\n").tracks[0].program == 73
    assert score(f"K:C\n{line}\nC|\n").tracks[0].program == 73


def test_a_programme_holds_from_where_it_stands_and_for_its_voice() -> None:
    changed = score("K:C\n%%MIDI program 73\nCD|[I:MIDI program 40]EF|\n")
    assert [(t.program, [n.pitch for n in t.notes]) for t in changed.tracks] == [
        (73, [60, 62]),
        (40, [64, 65]),
    ]
    voices = score("V:1\n%%MIDI program 73\nV:2\n%%MIDI program 40\nK:C\nV:1\nC|\nV:2\nE|\n")
    assert [t.program for t in voices.tracks] == [73, 40]
    channels = score("%%MIDI program 2 40\nK:C\nV:1\nC|\nV:2\nE|\n")
    assert [t.program for t in channels.tracks] == [0, 40]
    assert score("K:C\n%%MIDI channel 10\nC|\n").tracks[0].drum


def test_transpositions_of_the_sound() -> None:
    assert pitches("%%MIDI transpose -12\nK:C\nC|\n%%MIDI rtranspose 1\nC|\n") == [48, 49]


@pytest.mark.parametrize(
    ("header", "tempo"),
    [
        ("L:1/8\nQ:240", 120.0),
        ("Q:240\nL:1/8", 120.0),
        ("L:1/4\nQ:96", 96.0),
        ("L:1/8\nQ:C=120", 60.0),
        ("L:1/8\nQ:C3=40", 60.0),
        ("Q:3/8=80", 120.0),
        ("Q:1/4 1/8=80", 120.0),
        ('Q:"Allegro" 1/4=96', 96.0),
        ('Q:1/4 = 96 "Allegro"', 96.0),
        ("Q:1/4=96-104", 96.0),
        ("Q:1/4=ca. 96", 96.0),
        ('Q:"Andante"', 88.0),
        ('Q:"Softly"', 120.0),
    ],
)
def test_tempo(header: str, tempo: float) -> None:
    assert score(f"{header}\nK:C\nC|\n").tempos == ((0, tempo),)


def test_tempo_and_key_begin_where_they_stand() -> None:
    content = score("K:none\nCDEF|[Q:1/4=60][K:D]CDEF|\n")
    assert content.tempos == ((0, 120.0), (96, 60.0))
    assert content.keys == ((0, 0, False), (96, 2, False))


@pytest.mark.parametrize(
    ("key", "accidentals"),
    [
        ("G", {6}),
        ("Gm", {3, 10}),
        ("G minor", {3, 10}),
        ("AMIN", set()),
        ("E Phr", set()),
        ("D mixolydian", {6}),
        ("Dphr^f", {6, 3, 10}),
        ("Dmix=c", {6}),
        ("D exp ^f", {6}),
        ("^f^c", {6, 1}),
        ("HP", {6, 1}),
        ("none", set()),
        ("C m=d", set()),
    ],
)
def test_keys(key: str, accidentals: set[int]) -> None:
    assert {p % 12 for p in pitches(f"K:{key}\nCDEFGAB|\n")} - {0, 2, 4, 5, 7, 9, 11} == accidentals


@pytest.mark.parametrize(
    ("mode", "read"), [("pitch", [73, 61, 72]), ("octave", [73, 60, 72]), ("not", [73, 60, 72])]
)
def test_how_far_an_accidental_reaches(mode: str, read: list[int]) -> None:
    assert pitches(f"I:propagate-accidentals {mode}\nK:C\n^c C|c|\n") == read
    assert pitches("%%MIDI nobarlines\nK:C\n^c c\n") == [73, 72]


def test_macros_are_written_out() -> None:
    assert pitches("m: ~G2 = {A}GFG/\nK:C\n~G2 C|\n") == [67, 65, 67, 60]
    assert pitches("m: ~n2 = n/o/m/n/\nK:C\n~c2 ~B,2|\n") == [72, 74, 71, 72, 59, 60, 57, 59]
    assert pitches('m: ~n = nn\nK:C\n"~c"~C!~C!|\n')[:2] == [60, 60]


def test_bars_tell_the_metre_where_the_file_does_not() -> None:
    assert score("K:C\nCDE|FGA|B3|\n", "X:1\nL:1/4\n").meters == ((0, 3, 4),)
    assert score("K:C\nV:1\nCDEF|\nV:2\nC4|\nM:3/4\nV:1\nCDE|\nV:2\nZ|C3|\n").meters == (
        (0, 4, 4),
        (96, 3, 4),
    )


def test_voices_by_name_by_place_and_with_music_on_their_line() -> None:
    content = score("V:T1 name=\"Tenor\" treble-8\nV:tenor name='Low'\nK:C\nCDEF|\n[V:tenor]C4|\n")
    assert [(t.name, t.notes[0].pitch) for t in content.tracks] == [("Tenor", 48), ("Low", 60)]
    assert len(score("K:C\nV:1 CDEF|\nV:2 C2D2|\n").tracks) == 2


def test_unison_voices_keep_their_notes_and_overlays_share_them() -> None:
    assert len(heard("K:C\nV:1\nC4|\nV:2\nC4|\n")) == 2
    assert heard("K:C\nC4&C2E2|\n") == [(0, 60, 96), (48, 64, 48)]
