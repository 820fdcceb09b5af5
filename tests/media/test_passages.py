"""A passage is named by its words, by a mark in the text, or by its characters."""

from __future__ import annotations

import pytest

from etude.errors import TakeError
from etude.media.text.medium import MEDIUM

DRAFT = "The gate is shut.\nIt has rained all\nday, [...] and the gate is wet.\n"


@pytest.mark.parametrize(
    ("said", "there"),
    [
        ("rained all day,", "rained all\nday,"),
        ("[...]", "[...]"),
        ("4:8", "gate"),
        ((4, 8), "gate"),
        ("The gate is shut.", "The gate is shut."),
    ],
)
def test_what_is_to_be_filled_is_found(said: object, there: str) -> None:
    start, end = MEDIUM.stays(DRAFT, {"fill": said}, "draft.md")["fill"]
    assert DRAFT[start:end] == there


@pytest.mark.parametrize(
    ("said", "message", "hint"),
    [
        ("gate", "draft.md has “gate” 2 times, at the characters 4, 55", "--fill 4:8"),
        ("no such words", "draft.md does not have “no such words”", "START:END"),
        ("10:9000", "does not lie in draft.md", "0:"),
    ],
)
def test_what_is_not_there_or_there_twice_is_said(said: str, message: str, hint: str) -> None:
    with pytest.raises(TakeError) as error:
        MEDIUM.stays(DRAFT, {"fill": said}, "draft.md")
    assert message in error.value.message and hint in error.value.hint
