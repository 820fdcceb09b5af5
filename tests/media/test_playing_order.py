"""The order of bars: repeats, endings and jumps, as signs alone and as MusicXML writes them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from etude.config.media import MUSIC_LIMITS
from etude.media.music import musicxml
from etude.media.music.musicxml_signs import numbers
from etude.media.music.playing_order import BarSigns, Mark, played
from tests.media.xml_score import (
    BACKWARD,
    FORWARD,
    attributes,
    barline,
    direction,
    ending,
    note,
    notes,
    one,
    part,
    read,
    tie,
    words,
)

LETTERS = "ABCDEFGHIJ"


def bars(*signs: BarSigns | None) -> list[BarSigns]:
    return [s or BarSigns() for s in signs]


def order(*signs: BarSigns | None) -> str:
    """The bars as letters, in the order of playing."""
    found = played(bars(*signs), 1000)
    assert found is not None
    return "".join(LETTERS[i] for i, _ in found)


def back(times: int = 2, *endings: int) -> BarSigns:
    return BarSigns(backward=times, endings=endings)


def volta(*endings: int) -> BarSigns:
    return BarSigns(endings=endings)


def mark(kind: str, at: float = 1.0, until: str = "", label: str = "") -> BarSigns:
    return BarSigns(marks=[Mark(kind, at, label, until)])  # type: ignore[arg-type]


START, SEGNO, CODA = BarSigns(forward=True), mark("segno", 0.0), mark("coda", 0.0)
FINE, TO_CODA = mark("fine"), mark("to coda")


@pytest.mark.parametrize(
    ("signs", "heard"),
    [
        ((None, None), "AB"),
        ((None, back(), None), "ABABC"),
        ((None, START, back(), None), "ABCBCD"),
        ((None, back(), None, back()), "ABABCDCD"),
        ((None, back(3)), "ABABAB"),
        ((START, back(), START, back()), "ABABCDCD"),
        ((None, START, None), "ABC"),
        ((None, back(2, 1), volta(2), None), "ABACD"),
        ((None, back(2, 1), None), "ABAC"),
        ((None, back(2, 1, 2), volta(3)), "ABABAC"),
        ((None, back(2, 1), back(2, 2), volta(3), None), "ABACADE"),
        ((None, back(2, 1), back(2, 2), None), "ABACD"),
        ((None, volta(1), back(2, 1), volta(2), volta(2), None), "ABCADEF"),
        ((None, back(2, 1), volta(2), START, back(2, 1), volta(2)), "ABACDEDF"),
        ((None, volta(1), volta(2), None), "ABACD"),  # the repeat sign is missing
        ((None, volta(2), None), "ABC"),  # a pass that never comes
        ((None, back(2, 1), volta(2), volta(5)), "ABACD"),
        ((None, back(), volta(2), None), "ABABCD"),  # the bracket of the first ending is missing
    ],
)
def test_repeats_and_endings(signs: tuple[BarSigns | None, ...], heard: str) -> None:
    assert order(*signs) == heard


@pytest.mark.parametrize(
    ("signs", "heard"),
    [
        ((None, FINE, None, mark("dc", 1.0, "fine")), "ABCDAB"),
        ((None, FINE, None, mark("dc")), "ABCDAB"),
        ((None, None, mark("dc")), "ABCABC"),
        ((None, FINE, None), "ABC"),
        ((None, SEGNO, FINE, None, mark("ds", 1.0, "fine")), "ABCDEBC"),
        ((None, TO_CODA, None, mark("dc", 1.0, "coda"), CODA, None), "ABCDABEF"),
        ((None, SEGNO, TO_CODA, None, mark("ds", 1.0, "coda"), CODA), "ABCDEBCF"),
        ((None, SEGNO, TO_CODA, None, mark("ds"), CODA), "ABCDEBCF"),
        ((None, mark("ds"), None), "ABC"),
        # repeats are not made again after a jump, and the last ending is taken
        ((None, back(), FINE, None, mark("dc", 1.0, "fine")), "ABABCDEABC"),
        ((None, back(2, 1), volta(2), FINE, mark("dc", 1.0, "fine")), "ABACDEACD"),
        ((None, back(2, 1), replace(volta(2), marks=[Mark("fine", 1.0)]), None, mark("dc")), "ABACDEAC"),
        ((None, BarSigns(backward=2, after_jump=True), FINE, mark("dc", 1.0, "fine")), "ABABCDABABC"),
        # a jump is made on the last pass, and once
        ((None, None, BarSigns(backward=2, marks=[Mark("dc", 1.0)])), "ABCABCABC"),
        ((None, FINE, START, BarSigns(backward=2, marks=[Mark("dc", 1.0, "", "fine")])), "ABCDCDAB"),
        # two signs, two codas
        (
            (
                mark("segno", 0.0, "", "a"),
                mark("segno", 0.0, "", "b"),
                None,
                mark("ds", 1.0, "", "a"),
                None,
            ),
            "ABCDABCDE",
        ),
        ((SEGNO, None, SEGNO, None, mark("ds")), "ABCDECDE"),
        # what comes after the jump belongs to the piece
        ((None, FINE, mark("dc", 1.0, "fine"), None, None), "ABCABDE"),
    ],
)
def test_jumps(signs: tuple[BarSigns | None, ...], heard: str) -> None:
    assert order(*signs) == heard


@pytest.mark.parametrize(
    ("signs", "heard"),
    [
        (
            (None, None, mark("fine", 0.0), None, mark("dc", 1.0, "fine")),
            "ABCDEAB",
        ),  # Fine at the start of C ends B
        ((None, FINE, None, None, mark("dc", 0.0), SEGNO), "ABCDAB" + "EF"),  # D.C. at the start of E ends D
        ((None, FINE, None, mark("dc", 0.0)), "ABCDAB"),  # in the last bar it cannot
        (
            (None, BarSigns(double=True, marks=[Mark("fine", 0.0)]), None, mark("dc")),
            "ABCDAB",
        ),  # the bar line tells
        ((None, mark("segno", 1.0), None, mark("ds")), "ABCDCD"),  # a sign at the end of B begins C
    ],
)
def test_signs_on_the_wrong_side_of_a_bar_line(signs: tuple[BarSigns | None, ...], heard: str) -> None:
    assert order(*signs) == heard


def test_every_bar_is_heard_and_an_explosion_is_not_followed() -> None:
    assert played(bars(back(10**9)), 1000) is None
    assert played(bars(*[mark("dc")] * 100), 1000) is None
    assert played([], 10) == []


def test_numbers_of_endings() -> None:
    assert numbers("1, 2") == numbers("1.2.") == numbers("1-2") == (1, 2)
    assert numbers("1-3, 5") == (1, 2, 3, 5)
    assert numbers(None) == numbers("x") == numbers("0") == ()


# ---- as MusicXML writes them

TEMPO = 'tempo="120"'


def tune(*around: tuple[str, str]) -> str:
    """The bars of a document as letters in the order of playing: one whole note each, with what stands before
    and after it."""
    steps = [f"{step}{octave}" for octave in (4, 5) for step in "CDEFGAB"]
    written = [f"{before}{note(steps[i], 4)}{after}" for i, (before, after) in enumerate(around)]
    written[0] = attributes(0, (4, 4)) + written[0]
    reading = one(written)
    assert reading.warnings == ()
    pitches = [60, 62, 64, 65, 67, 69, 71, 72, 74, 76]
    return "".join(LETTERS[pitches.index(pitch)] for _, pitch, _ in notes(reading))


PLAIN = ("", "")


def said(text: str, sound: str = "") -> tuple[str, str]:
    return "", words(text, sound)


def drawn(kind: str, sound: str = "") -> str:
    return direction(f"<{kind}/>", sound)


@pytest.mark.parametrize(
    ("around", "heard"),
    [
        ([PLAIN, (FORWARD, ""), ("", BACKWARD), PLAIN], "ABCBCD"),
        (
            [
                PLAIN,
                (ending("1", "start"), ending("1", "stop", True)),
                (ending("2", "start"), ending("2", "stop")),
            ],
            "ABAC",
        ),
        (
            [
                PLAIN,
                (ending("1,2", "start"), ending("1,2", "stop", True)),
                (ending("3", "start"), ending("3", "discontinue")),
            ],
            "ABABAC",
        ),
        (
            [
                PLAIN,
                (ending("1", "start"), ""),
                ("", ending("1", "stop", True)),
                (ending("2", "start"), ""),
                ("", ending("2", "stop")),
                PLAIN,
            ],
            "ABCADEF",
        ),
        ([("", barline('<repeat direction="backward" times="3"/>')), PLAIN], "AAAB"),
        ([PLAIN, (direction(sound='forward-repeat="yes"'), ""), ("", BACKWARD)], "ABCBC"),
        ([PLAIN, said("Fine"), PLAIN, said("D.C. al Fine")], "ABCDAB"),
        ([PLAIN, said("Fine", 'fine="yes"'), PLAIN, said("Da Capo al Fine", 'dacapo="yes"')], "ABCDAB"),
        (
            [PLAIN, ("", direction(sound='fine="yes"')), PLAIN, ("", direction(sound='dacapo="yes"'))],
            "ABCDAB",
        ),
        ([PLAIN, ("", '<sound fine="yes"/>'), PLAIN, ("", '<sound dacapo="yes"/>')], "ABCDAB"),
        ([PLAIN, (drawn("segno"), ""), said("Fine"), said("D.S. al Fine")], "ABCDBC"),
        (
            [PLAIN, (drawn("segno", 'segno="s"'), ""), said("fine."), said("D. S. al Fine", 'dalsegno="s"')],
            "ABCDBC",
        ),
        ([PLAIN, ("", words("To Coda")), PLAIN, said("D.C. al Coda"), (drawn("coda"), "")], "ABCDABE"),
        (
            [PLAIN, ("", direction("<words>To</words><coda/>")), said("D.C. al Coda"), (words("CODA"), "")],
            "ABCABD",
        ),
        ([PLAIN, ("", drawn("coda")), PLAIN, said("D.C. al Coda"), (drawn("coda"), "")], "ABCDABE"),
        (
            [
                PLAIN,
                (drawn("segno"), ""),
                ("", direction(sound='tocoda="c"')),
                ("", direction(sound='dalsegno="s"')),
                (direction(sound='coda="c"'), ""),
            ],
            "ABCDBCE",
        ),
        ([PLAIN, (barline("<segno/>", "left"), ""), PLAIN, said("Dal Segno")], "ABCDBCD"),
        ([PLAIN, said("Fine"), PLAIN, said("D.C. sin' al Fine (senza replica)")], "ABCDAB"),
        (
            [PLAIN, (drawn("segno"), ""), said("al ⊕"), said("D.S. (𝄋) al Coda"), (drawn("coda"), "")],
            "ABCDBCE",
        ),
        ([said("gli DC"), said("Menuetto da capo.")], "AB"),
        (
            [
                said("dolce"),
                said(
                    "D.C. is a town, al fine of which nothing is known to anybody who wrote this "
                    "long sentence, I fear."
                ),
            ],
            "AB",
        ),
        ([PLAIN, said("Finest"), said("Coda di rospo")], "ABC"),
        ([PLAIN, said("D.C.", 'dacapo="no"')], "ABAB"),
    ],
)
def test_signs_of_musicxml(around: list[tuple[str, str]], heard: str) -> None:
    assert tune(*around) == heard


def test_signs_may_stand_in_any_part() -> None:
    first = part([attributes(0, (4, 4)) + note("C5", 4), note("D5", 4)])
    second = part([attributes(0, (4, 4)) + note("C3", 4), note("D3", 4) + BACKWARD])
    assert [p for _, p, _ in notes(read(first, second))] == [48, 72, 50, 74] * 2


def test_tempo_key_and_metre_come_back_with_their_bars() -> None:
    bars = [
        attributes(0, (4, 4)) + '<sound tempo="100"/>' + note("C4", 4),
        note("D4", 4),
        attributes(2, (3, 4)) + '<sound tempo="60"/>' + note("E4", 3) + words("D.C."),
    ]
    score = one([*bars]).content
    assert score.tempos == ((0, 100.0), (192, 60.0), (264, 100.0), (456, 60.0))
    assert score.keys == ((0, 0, False), (192, 2, False), (264, 0, False), (456, 2, False))
    assert score.meters == ((0, 4, 4), (192, 3, 4), (264, 4, 4), (456, 3, 4))


def test_a_tie_runs_over_a_repeat_only_where_both_ends_say_so() -> None:
    first = attributes(0, (4, 4)) + note("C4", 4, tie("stop"))
    assert notes(one([first, note("C4", 4, tie("start")) + BACKWARD]))[1] == (96, 60, 192)
    plain = attributes(0, (4, 4)) + note("C4", 4)
    assert [d for _, _, d in notes(one([plain, note("D4", 4), note("C4", 4, tie("start")) + BACKWARD]))] == [
        96
    ] * 6


def test_bars_that_are_never_reached_are_told() -> None:
    bars = [
        attributes(0, (4, 4)) + note("C4", 4),
        note("D4", 4) + words("To Coda"),
        note("E4", 4) + words("D.C. al Coda"),
    ]
    reading = one([*bars, note("F4", 4), words("Coda") + note("G4", 4)])
    assert [p for _, p, _ in notes(reading)] == [60, 62, 64, 60, 62, 67]
    assert reading.warnings == ("one bar is never reached by its repeats and jumps, and left out",)


def test_notes_of_one_pass_only() -> None:
    second = note("E4", 4).replace("<note>", '<note time-only="2">')
    bar = attributes(0, (4, 4)) + note("C4", 4).replace("<note>", '<note time-only="1">')
    assert notes(one([bar + f"<backup><duration>4</duration></backup>{second}" + BACKWARD])) == [
        (0, 60, 96),
        (96, 64, 96),
    ]


def test_an_upbeat_that_is_repeated_completes_the_bar() -> None:
    bars = [attributes(0, (4, 4)) + note("C4", 1), note("D4", 4), note("E4", 3) + BACKWARD, note("F4", 4)]
    score = one(bars).content
    assert (score.pickup, score.meters) == (24, ((0, 4, 4), (312, 3, 4), (384, 4, 4)))


def test_as_printed_where_it_is_asked_for_or_where_it_would_be_too_long() -> None:
    bars = [attributes(0, (4, 4)) + note("C4", 4), note("D4", 4) + BACKWARD]
    from tests.media.xml_score import text

    printed = musicxml.read(text(part(bars)).encode(), expand_repeats=False)
    assert [p for _, p, _ in notes(printed)] == [60, 62]
    endless = BACKWARD.replace("direction", f'times="{MUSIC_LIMITS.max_played_bars}" direction')
    reading = one([bars[0], note("D4", 4) + endless])
    assert [p for _, p, _ in notes(reading)] == [60, 62]
    assert reading.warnings == ("its repeats would make it too long: each bar was read once, as printed",)
