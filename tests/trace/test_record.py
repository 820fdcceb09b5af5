"""The record survives JSON exactly, says plainly what it knows, and refuses what it cannot read."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from etude.errors import TakeError
from etude.trace.page.terminal import lines, plain
from etude.trace.record import from_json
from etude.trace.summary import percent
from tests.trace.sample import HOSTILE, TAKE, music_trace, text_trace


@pytest.mark.parametrize("make", [text_trace, music_trace])
def test_json_round_trip_is_exact(make: object) -> None:
    trace = make()  # type: ignore[operator]
    assert from_json(json.loads(trace.dumps())) == trace
    assert trace.to_json()["schema"] == "etude.trace/1"


def test_another_schema_and_a_damaged_record_are_refused() -> None:
    value = text_trace().to_json()
    with pytest.raises(TakeError, match=r"etude\.trace/2"):
        from_json({**value, "schema": "etude.trace/2"})
    for key, broken in (
        ("verbatim", None),
        ("id", 3),
        ("works", [{"id": "x"}]),
        ("borrowed", {"tokens": "no"}),
    ):
        with pytest.raises(TakeError, match="damaged"):
            from_json({**value, key: broken})
    with pytest.raises(TakeError, match="damaged"):
        from_json({"schema": "etude.trace/1"})


def test_the_summary_gives_shares_the_longest_run_and_the_verdict() -> None:
    said = text_trace().summary
    assert "of this take was drawn from the memory" in said
    assert "The longest run word for word has 6 words (in “Poems” by E. D., line 1)" in said
    assert "24 held-out passages of 24 works" in said
    assert "would be drawn" in text_trace(made=False).summary
    assert "caused" not in said


def test_music_is_told_in_notes_and_bars() -> None:
    trace = music_trace()
    assert "note for note has 12 notes (in “Air” by Anon., bar 1" in trace.summary
    (span,) = trace.verbatim.spans
    assert span.here == "bar 1, soprano" and len(span.places[0].notes) == 12


def test_percentages_have_no_more_digits_than_can_be_read_off() -> None:
    assert [percent(x) for x in (0, 0.0004, 0.034, 0.0994, 0.41, 1)] == [
        "0 %",
        "under 0.1 %",
        "3.4 %",
        "9.9 %",
        "41 %",
        "100 %",
    ]


def test_terminal_text_holds_the_piece_and_numbers_for_those_without_colour() -> None:
    shown = plain(text_trace())
    assert "furnished[1] rooms" in shown and "[1] 6 words, line 1" in shown and "Poems, E. D." in shown
    styles = {style for _, style in lines(text_trace())}
    assert {"m3 v", "number", "title"} <= styles
    body = "".join(t for t, s in lines(text_trace()) if s != "number")
    assert TAKE.strip() in body


def test_terminal_never_passes_on_escape_sequences() -> None:
    trace = replace(text_trace(), title="red \x1b[31m\x07\u202eevil" + HOSTILE)
    assert not {"\x1b", "\x07", "\u202e"} & set(plain(trace))
    assert "\ufffd" in plain(trace)


def test_music_in_the_terminal() -> None:
    assert "Note for note" in plain(music_trace())
