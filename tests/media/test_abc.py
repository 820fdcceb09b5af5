"""ABC: what each sign of the notation means, books, round trips, and text that is no ABC."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etude.errors import WorkError
from etude.media.music import abc
from etude.media.music.score import Score, Track
from tests.media.scores import CHORALE, scores


def tune(body: str, header: str = "M:4/4\nL:1/8\n", key: str = "C") -> Score:
    score = abc.read(f"X:1\nT:A tune\n{header}K:{key}\n{body}\n".encode()).content
    assert isinstance(score, Score)
    return score


def heard(body: str, header: str = "M:4/4\nL:1/8\n", key: str = "C") -> list[tuple[int, int, int]]:
    return [(n.onset, n.pitch, n.duration) for t in tune(body, header, key).tracks for n in t.notes]


def pitches(body: str, key: str = "C") -> list[int]:
    return [p for _, p, _ in heard(body, key=key)]


@settings(deadline=None, max_examples=60)
@given(scores())
def test_a_score_comes_back_equal_but_for_loudness(score: Score) -> None:
    back = abc.read(abc.write(score)).content
    plain = [[(n.onset, n.pitch, n.duration) for n in t.notes] for t in score.tracks]
    assert [[(n.onset, n.pitch, n.duration) for n in t.notes] for t in back.tracks] == plain
    assert (back.meters, back.pickup, back.keys, back.tempos) == (
        score.meters,
        score.pickup,
        score.keys,
        score.tempos,
    )
    assert [(t.name, t.program) for t in back.tracks] == [(t.name, t.program) for t in score.tracks]


def test_lengths_octaves_and_rests() -> None:
    assert heard("C2 c/2 c' C, z D3/2 E//") == [
        (0, 60, 24),
        (24, 72, 6),
        (30, 84, 12),
        (42, 48, 12),
        (66, 62, 18),
        (84, 64, 3),
    ]


def test_the_default_unit_follows_the_metre() -> None:
    assert heard("C", "M:2/4\n")[0][2] == 6
    assert heard("C", "M:6/8\n")[0][2] == 12


def test_accidentals_hold_for_the_bar_and_keys_for_the_tune() -> None:
    assert pitches("F ^C C | C =F F", "G") == [66, 61, 61, 60, 65, 65]
    assert pitches("B E", "Ddor") == [71, 64]
    assert pitches("B E A", "Cm") == [70, 63, 68]
    assert pitches("F C G", "D exp _b ^g") == [65, 60, 68]
    assert pitches("F C", "HP") == [66, 61]


def test_a_tie_carries_its_accidental_over_the_bar() -> None:
    assert heard("^F4-|F4 F4") == [(0, 66, 96), (96, 65, 48)]
    assert heard("[CE]4-[CE]4") == [(0, 60, 96), (0, 64, 96)]


def test_chords_tuplets_and_broken_rhythm() -> None:
    assert heard("[C2E2G2] [CE]2") == [(0, 60, 24), (0, 64, 24), (0, 67, 24), (24, 60, 24), (24, 64, 24)]
    assert [d for _, _, d in heard("(3CDE (3:2:2C2D C")] == [8, 8, 8, 16, 8, 12]
    assert [d for _, _, d in heard("C>D E<F G>>A")] == [18, 6, 6, 18, 21, 3]


def test_what_has_no_pitch_is_left_out() -> None:
    assert pitches('"Am"C {gf}D !trill!E ~F (GA) .B y [r:hello]c "^slow"d') == [
        60,
        62,
        64,
        65,
        67,
        69,
        71,
        72,
        74,
    ]


def test_repeats_and_endings_are_played_out_or_left_as_printed() -> None:
    data = b"X:1\nM:4/4\nL:1/4\nK:C\n|:C D E F|1 G4:|2 c4||\n"
    reading = abc.read(data)
    assert [n.pitch for n in reading.content.tracks[0].notes] == [60, 62, 64, 65, 67, 60, 62, 64, 65, 72]
    assert reading.warnings == ()
    printed = abc.read(data, expand_repeats=False).content
    assert [n.pitch for n in printed.tracks[0].notes] == [60, 62, 64, 65, 67, 72]


def test_a_pickup_is_found_and_a_split_bar_is_one() -> None:
    score = tune("G2|c8|c6:|G2|c8|", "M:4/4\nL:1/8\n")
    assert (score.pickup, score.meters) == (24, ((0, 4, 4),))


def test_voices_metre_changes_and_inline_fields() -> None:
    score = tune('V:S name="Soprano"\nC4 C4|[M:3/4]D6|\nV:B name="Bass" clef=bass\nC,8|D,6|')
    assert [t.name for t in score.tracks] == ["Soprano", "Bass"]
    assert score.meters == ((0, 4, 4), (96, 3, 4))
    assert [n.onset for n in score.tracks[1].notes] == [0, 96]


def test_tempo_and_multi_bar_rests() -> None:
    assert tune("Z2 C8|", "M:4/4\nL:1/8\nQ:3/8=80\n").tempos == ((0, 120.0),)
    assert heard("Z2 C8|")[0][0] == 192


def test_a_book_is_split_and_its_header_kept() -> None:
    book = b"%abc\nM:3/4\n\nX:1\nT:One\nK:C\nCDE|\n\nX:2\nT:Two\nK:G\nFGA|\n"
    tunes = abc.split_book(book)
    assert [abc.read(t).title for t in tunes] == ["One", "Two"]
    assert [r.content.meters for r in abc.read_all(book)] == [((0, 3, 4),)] * 2
    assert any("2 tunes" in w for w in abc.read(book).warnings)


def test_free_metre_and_a_key_that_is_none_are_survived() -> None:
    assert tune("C7|D5|", "M:FREI\n").meters == ((0, 4, 4),)
    reading = abc.read(b"X:1\nL:1/4\nK:H\nCDE|\n")
    assert [n.pitch for n in reading.content.tracks[0].notes] == [60, 62, 64]
    assert reading.warnings[0].startswith("line 3: K:H")


def test_errors_carry_line_numbers() -> None:
    reading = abc.read(b"X:1\nM:banana\nL:1/4\nK:C\nCDEF GABc|\n4CDE\xc2\xa7FGAB|\n")
    assert reading.warnings[0].startswith("line 2: M:banana is not understood")
    assert "line 6: '4' is not understood" in reading.warnings[1]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"X:1\nT:none\nCDE|\n", "no K:"),
        (b"X:1\nK:C\n|||\n", "no notes"),
        (b"X:1\nK:C\n1234567890 &^%= 11 22 33 44 C\n", "are not ABC .first problem: line 3"),
    ],
)
def test_what_is_no_abc_is_refused_in_one_sentence(data: bytes, words: str) -> None:
    with pytest.raises(WorkError, match=words):
        abc.read(data)


@settings(deadline=None, max_examples=200)
@given(st.text(alphabet="ABCabc[]|:()<>-&^_=0123456789/{}!\"zZx ,'\nKLMQV%$", max_size=120))
def test_nothing_in_a_tune_can_crash_it(body: str) -> None:
    try:
        abc.read(("X:1\nK:C\n" + body).encode())
    except WorkError:
        return


def test_drums_and_polyphony_are_written_too() -> None:
    together = tuple(sorted(n for t in CHORALE.tracks for n in t.notes))
    back = abc.read(abc.write(Score((Track(together),)))).content
    assert back.tracks[0].notes == together
