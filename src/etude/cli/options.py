"""Options from the families' tables: a new control of a family appears in the commands, their help and
docs/cli.md by itself.

A control that all families have stands among the command's own options, one of a single family in a section
of its own. Knows no family.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import click

from etude.cli.shell import pairs
from etude.families import FAMILIES
from etude.families.contract import Control
from etude.media import MEDIA


class Span(click.ParamType[tuple[int, int]]):
    """`START:END` as two whole numbers."""

    name = "start:end"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        """Fails where it is not of this form."""
        if isinstance(value, tuple):
            return value
        first, colon, last = str(value).partition(":")
        if not (colon and first.strip().isdigit() and last.strip().isdigit()):
            self.fail(f"'{value}' is not of the form START:END, for example 120:180", param, ctx)
        return int(first), int(last)


class Extent(click.ParamType[int | tuple[int, int]]):
    """`START:END`, or one whole number."""

    name = "number or start:end"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> int | tuple[int, int]:
        """Fails where it is neither."""
        if isinstance(value, int):
            return value
        if str(value).strip().isdigit():
            return int(value)
        if ":" not in str(value):
            self.fail(f"'{value}' is neither a number nor of the form FIRST:LAST", param, ctx)
        return Span().convert(value, param, ctx)


class Region(click.ParamType[tuple[float, float, float, float]]):
    """`LEFT,TOP,RIGHT,BOTTOM` in percent."""

    name = "region"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, float, float, float]:
        """Fails where it is not of this form."""
        if isinstance(value, tuple):
            return value
        try:
            left, top, right, bottom = (float(part) for part in str(value).split(","))
        except ValueError:
            form = "LEFT,TOP,RIGHT,BOTTOM in percent, for example 25,25,75,75"
            self.fail(f"'{value}' is not of the form {form}", param, ctx)
        return left, top, right, bottom


def amounts(values: Sequence[str], option: str) -> dict[str, float]:
    """`NAME=AMOUNT` pairs with amounts as numbers."""
    found = {}
    for key, value in pairs(tuple(values), option).items():
        try:
            found[key] = float(value)
        except ValueError:
            raise click.BadParameter(
                f"'{value}' is not a number, for example 1.5", param_hint=option
            ) from None
    return found


class FamilyOption(click.Option):
    """An option made of a control; `section` is the heading that it stands under in the help."""

    section = ""


def tables(which: str) -> dict[str, Sequence[Control]]:
    """What the families make -> their table: controls, changes or options."""
    return {family.makes: getattr(family, which) for family in FAMILIES.values()}


def family_options(which: str, only: Iterable[str] | None = None) -> Callable[[Any], Any]:
    """A decorator that gives a command the options of a table of all families; `only`: those of these
    names."""
    wanted = None if only is None else set(only)
    rows: dict[str, list[tuple[str, Control]]] = {}
    for makes, table in tables(which).items():
        for control in table:
            if control.kind != "settings" and (wanted is None or control.name in wanted):
                rows.setdefault(control.name, []).append((makes, control))

    def decorate(function: Any) -> Any:
        for of in reversed(list(rows.values())):
            function = _option(of)(function)
        return function

    return decorate


def _option(of: Sequence[tuple[str, Control]]) -> Callable[[Any], Any]:
    """One option of the rows that the families have under this name."""
    makes, control = of[0]
    if len(of) > 1:
        texts = list(dict.fromkeys(row.help for _, row in of))
        words = (
            texts[0] if len(texts) == 1 else " ".join(f"{name.capitalize()}: {row.help}" for name, row in of)
        )
        control = replace(control, help=words)
    option = click.option(*_names(control), **_how(control), cls=FamilyOption)

    def decorate(function: Any) -> Any:
        made = option(function)
        params = getattr(made, "__click_params__", None) or made.params
        params[-1].section = "" if len(of) > 1 and len(of) == len(FAMILIES) else f"Options for {makes}"
        return made

    return decorate


def _names(control: Control) -> tuple[str, ...]:
    off = f"/--{control.off}" if control.kind == "switch" and control.off else ""
    return (f"--{control.flag_name}{off}", control.name)


def _how(control: Control) -> dict[str, Any]:
    """What click is told of a control."""
    how: dict[str, Any] = {"help": control.help, "default": None}
    if control.metavar:
        how["metavar"] = control.metavar
    if control.bare is not None:
        how |= {"is_flag": False, "flag_value": control.bare}
    low, high = control.least, control.most
    match control.kind:
        case "whole":
            how["type"] = click.IntRange(
                None if low is None else int(low), None if high is None else int(high)
            )
        case "number":
            how["type"] = click.FloatRange(low, high)
        case "numbers":
            how |= {"type": click.FloatRange(low, high), "multiple": True}
        case "flag":
            how |= {"is_flag": True, "default": False}
        case "choice":
            how["type"] = click.Choice(control.choices)
        case "span":
            how["type"] = Span()
        case "extent":
            how["type"] = Extent()
        case "region":
            how["type"] = Region()
        case "names" | "amounts" | "contents":
            how["multiple"] = True
    return how


def settle(which: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a call as the tables mean them: lists of names divided at commas, amounts as numbers."""
    kinds = {control.name: control for table in tables(which).values() for control in table}
    out = dict(values)
    for name, value in values.items():
        control = kinds.get(name)
        if control is None or value is None:
            continue
        if control.kind == "names":
            out[name] = [word.strip() for part in value for word in part.split(",") if word.strip()]
        elif control.kind == "amounts":
            out[name] = amounts(value, f"--{control.flag_name}")
    return out


def read_options(function: Any) -> Any:
    """A decorator that gives a command the options of the media for reading files."""
    rows = {option.name: option for medium in MEDIA.values() for option in medium.read_options}
    for option in reversed(list(rows.values())):
        words = option.help[:1].upper() + option.help[1:] + "."
        switch = isinstance(option.default, bool)
        how = (
            {"is_flag": True, "default": False} if switch else {"default": option.default, "metavar": "NAME"}
        )
        function = click.option(option.flag, option.name, help=words, **how)(function)
    return function
