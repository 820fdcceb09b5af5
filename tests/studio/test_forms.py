"""Forms come from the families' tables: every control is there, and what is typed is a command that the
command line understands."""

from __future__ import annotations

from typing import Any

import click
import pytest

from etude.cli.learn import learn
from etude.cli.make import make
from etude.cli.takes import branch
from etude.errors import TakeError
from etude.families import FAMILIES, family_for
from etude.families.contract import Control
from etude.media import MEDIA
from etude.studio.forms import fields, words

TABLES = {
    "controls": (make, ["model"]),
    "changes": (branch, ["t-0"]),
    "options": (learn, ["name", "--from=x", "--budget=1m"]),
}


def typed(control: Control) -> Any:
    """Something that a person could type."""
    least = control.least if control.least is not None else 1
    some: dict[str, Any] = {
        "whole": str(int(least)),
        "number": str(float(least)),
        "numbers": f"{least}, {least}",
        "flag": True,
        "switch": "yes",
        "text": "s",
        "choice": (control.choices or ("",))[0],
        "span": "3:9",
        "passage": "a word",
        "extent": "3:9",
        "region": "10,10,60,60",
        "names": "alto, bass",
        "amounts": "hair=1.5",
        "content": "t-0",
        "contents": "t-0, t-1",
        "model": "some",
    }
    return some[control.kind]


def parsed(command: click.Command, given: list[str]) -> dict[str, Any]:
    return command.make_context("x", list(given)).params


@pytest.mark.parametrize("which", list(TABLES))
@pytest.mark.parametrize("kind", list(FAMILIES))
def test_what_is_typed_is_understood_by_the_command_line(kind: str, which: str) -> None:
    command, first = TABLES[which]
    table = getattr(FAMILIES[kind], which)
    nothing = parsed(command, first)
    for control in table:
        if control.kind == "settings":
            continue
        said = parsed(command, [*first, *words(table, {control.name: typed(control)})])
        assert said[control.name] != nothing[control.name], control.name
        rest = {name: value for name, value in said.items() if name != control.name}
        assert rest == {name: value for name, value in nothing.items() if name != control.name}


@pytest.mark.parametrize("medium", list(MEDIA))
def test_every_control_that_means_something_to_a_medium_is_in_its_form(medium: str) -> None:
    table = family_for(medium).controls
    shown = {row.name for row in fields(table, medium)}
    options = {
        name: {gap.option for gap in kind.gaps} | {one.option for one in kind.settings}
        for name, kind in MEDIA.items()
    }
    others = {option for name in MEDIA for option in options[name]} - options[medium]
    assert shown == {c.name for c in table if c.kind != "settings"} - others
    assert all(row.help and row.label for row in fields(table, medium))


def test_a_new_control_appears_by_itself() -> None:
    table = [Control("grain", "number", "How coarse.", least=0, most=2), Control("wild", "flag", "Be wild.")]
    rows = fields(table, next(iter(MEDIA)))
    assert [(row.name, row.widget, row.most) for row in rows] == [
        ("grain", "range", 2),
        ("wild", "check", None),
    ]
    assert words(table, {"grain": "1.5", "wild": True}) == ["--grain=1.5", "--wild"]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"grain": "3"}, "out of range"),
        ({"grain": "much"}, "not a usable number"),
        ({"nan": "1"}, "not a control"),
    ],
)
def test_mistakes_are_said_beside_the_form(said: dict[str, str], why: str) -> None:
    with pytest.raises(TakeError, match=why):
        words([Control("grain", "number", "How coarse.", least=0, most=2)], said)


def test_no_value_becomes_an_option_of_its_own() -> None:
    table = [Control("note", "text", "Words."), Control("mix", "contents", "Several.")]
    given = words(table, {"note": "--html=/x", "mix": "a, --out=/x"})
    assert given == ["--note=--html=/x", "--mix=a", "--mix=--out=/x"]
