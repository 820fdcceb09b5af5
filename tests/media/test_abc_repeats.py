"""Repeats, endings and parts of ABC, played out: the order of the bars, and what holds after a jump."""

from __future__ import annotations

import pytest

from etude.config.media import MUSIC_LIMITS
from etude.media import MEDIA
from etude.media.contract import Reading
from etude.media.music import abc
from etude.media.options import read_as

HEAD = "X:1\nM:4/4\nL:1/4\n"
NAMES = {60: "C", 62: "D", 64: "E", 65: "F", 67: "G", 69: "A", 71: "B", 72: "c", 74: "d", 76: "e", 77: "f"}


def read(text: str, head: str = HEAD) -> Reading:
    return abc.read((head + text).encode())


def order(text: str, head: str = HEAD) -> str:
    """The notes of all voices in the order of their onsets, by their letters."""
    return "".join(NAMES[n.pitch] for _, n in read(text, head).content.flat())


@pytest.mark.parametrize(
    ("body", "played"),
    [
        ("|:A4:|", "AA"),
        ("A4|B4:|", "ABAB"),
        ("|:A4::B4:|", "AABB"),
        ("A4:||:B4:|", "AABB"),
        ("A4:|]B4|]", "AAB"),
        ("|:A4[|]:|B4|", "AAB"),
        ("|::A4::|", "AAA"),
        ("|:::A4:::|B4|", "AAAAB"),
        ("|:A4|:B4:|c4:|d4|", "ABBcABBcd"),  # one within another
        ("|:A4|:B4:|", "AABB"),  # the end of the first is missing
        ("|:A4|[1-2-3 B4:|[4 c4|]", "ABABABAc"),  # not of the standard: from the first to the last
        ("|:A4|B4|", "AB"),  # the end is missing
        ("A4||B4|c4:|", "ABcBc"),  # the start is missing: from the double bar line
        ("A4:|B4|c4:|", "AABcBc"),  # or from the end of the last repeat
        ("|:A4|1B4:|2c4|]", "ABAc"),
        ("|:A4|[1B4:|[2c4|]d4|", "ABAcd"),
        ("|:A4|1B4:|2c4:|d4|", "ABAcd"),
        ("|:A4|1B4:|2c4::d4:|", "ABAcdd"),
        ("A4|1B4:|2c4||d4|1e4:|2f4|]", "ABAcdedf"),
        ("|:A4|[1,3B4:|[2c4|]", "ABAcAB"),
        ("|:A4|[1-3B4:|[4c4|]", "ABABABAc"),
        ("|:A4|1B4:|2c4:|3d4|]", "ABAcAd"),
        ('|:A4|["1st"B4:|["2nd"c4|]', "ABAc"),
        ('|:A4|["1st"[B]4:|["2nd"c4|]', "ABAc"),  # a bar that begins with a chord
        ("|:A4|1 B4 |2 c4 |]", "ABAc"),
        ("|:A4|1 B4 :| c4 |]", "ABAc"),
        ("|:A4|\n1B4:|\n2c4|]", "ABAc"),
        ("A4||\n:B4:|", "ABB"),
        ("A4 : |B4|: c4 :|", "AABcc"),
    ],
)
def test_bars_are_played_in_the_order_that_their_signs_give(body: str, played: str) -> None:
    assert order(f"K:C\n{body}\n") == played
    assert read(f"K:C\n{body}\n").warnings == ()


@pytest.mark.parametrize(
    ("parts", "body", "played"),
    [
        ("ABA", "P:A\nA4|\nP:B\nB4|\n", "ABA"),
        ("A2(BA)2", "P:A\nA4|\nP:B\nB4|\n", "AABABA"),
        ("((AB)2A)2", "P:A\nA4|\nP:B\nB4|\n", "ABABAABABA"),
        ("A.B.B", "[P:A]|:A4:|[P:B]B4|", "AABB"),
        ("BA", "c4|\nP:A\nA4|\nP:B\nB4|\n", "cBA"),  # what stands before the parts is played first
        ("A3", "P:A\nA4|[1B4:|[2c4:|[3d4|]\n", "ABAcAd"),  # a part with three endings takes one each time
        ("A2", "P:A\n|:A4|1B4:|2c4|]\n", "ABAcABAc"),
        ("ABA", "V:1\nP:A\nA4|\nP:B\nB4|\nV:2\nP:A\nC4|\nP:B\nD4|\n", "ACBDAC"),
        ("ABA", "P:A\nV:1\nA4|\nV:2\nC4|\nP:B\nV:1\nB4|\nV:2\nD4|\n", "ACBDAC"),
        ("QR", "A4|B4|", "AB"),  # names no part of the tune
    ],
)
def test_parts_are_played_in_their_order(parts: str, body: str, played: str) -> None:
    assert order(f"K:C\n{body}", f"{HEAD}P:{parts}\n") == played


def test_all_voices_go_together() -> None:
    both = "K:C\nV:1\n|:A4|1B4:|2c4|]\nV:2\n|:C4|1D4:|2E4|]\n"
    one = "K:C\nV:1\n|:A4|1B4:|2c4|]\nV:2\nC4|D4|E4|]\n"
    assert order(both) == order(one) == "ACBDACcE"
    uneven = read(
        "K:C\nV:1\n|:A4|B4:|\nV:2\n|:C4|D4|E4:|\n"
    ).content  # a bar is missing: each voice follows its own signs
    assert [[n.pitch for n in t.notes] for t in uneven.tracks] == [[69, 71, 69, 71], [60, 62, 64, 60, 62, 64]]


def test_ties_reach_into_every_ending_and_over_a_repeat() -> None:
    score = read("K:C\n|:^F4-|1F4:|2F4|]F4|\n").content
    assert [(n.onset, n.pitch, n.duration) for n in score.tracks[0].notes] == [
        (0, 66, 192),
        (192, 66, 192),
        (384, 65, 96),
    ]


def test_pickups_come_out_even() -> None:
    for body in ("G|:A4|B3G:|A4|B3|]", "|:G|A4|B3:|", "G|A4|B3:|:c|d4|e3:|"):
        score = read(f"K:C\n{body}\n").content
        assert (score.meters, score.pickup) == (((0, 4, 4),), 24)


def test_metre_key_and_tempo_after_a_jump_are_those_of_the_place() -> None:
    score = read("Q:1/4=90\nK:C\n|:C4|[M:3/4][K:G][Q:1/4=60]F3:|[M:2/4]F2|\n").content
    assert score.meters == ((0, 4, 4), (96, 3, 4), (168, 4, 4), (264, 3, 4), (336, 2, 4))
    assert score.keys == ((0, 0, False), (96, 1, False), (168, 0, False), (264, 1, False))
    assert score.tempos == ((0, 90.0), (96, 60.0), (168, 90.0), (264, 60.0))


def test_repeats_without_measure_are_left_as_printed_and_told_once() -> None:
    bomb = read("K:C\n" + "|:::::::::C4" * 7 + ":::::::::|D4" * 7 + "\n")
    assert len(bomb.warnings) == 1
    assert "each bar was read once" in bomb.warnings[0]
    parts = read("K:C\nP:A\n|::::::::A4::::::::|\n", HEAD + "P:A99\n")
    assert [n.pitch for n in parts.content.tracks[0].notes] == [69]
    assert parts.warnings == (
        "its repeats would last 891 times as long as it is printed, so each bar was read once",
    )
    many = read("K:C\n|::" + "A/B/c/d/" * (MUSIC_LIMITS.max_notes // 8) + "::|\n")
    assert "it would have" in many.warnings[0]


def test_a_book_of_repeats_needs_no_warnings() -> None:
    book = "".join(f"X:{i}\nT:Tune {i}\nM:4/4\nL:1/4\nK:C\n|:A4|1B4:|2c4|]\n\n" for i in range(1, 20))
    assert all(reading.warnings == () for reading in abc.read_all(book.encode()))


def test_bars_can_be_read_once_as_printed() -> None:
    music = MEDIA["music"]
    data = b"X:1\nT:A\nM:4/4\nL:1/4\nK:C\n|:CDEF|GABc:|\n|:cBAG|1FEDC:|2FEDD|]\n"
    played = read_as(music, data, suffix=".abc").content
    printed = read_as(music, data, suffix=".abc", said={"as_printed": True}).content
    assert [n.pitch for n in played.tracks[0].notes[:8]] * 2 == [n.pitch for n in played.tracks[0].notes[:16]]
    assert (len(played.tracks[0].notes), len(printed.tracks[0].notes)) == (32, 20)
    xml = music.write(printed, "musicxml")
    assert read_as(music, xml, suffix=".musicxml", said={"as_printed": True}).content.end == printed.end
