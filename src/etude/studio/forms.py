"""Forms from the families' tables: a new control of a family appears in a page without a line of page code,
and what was typed becomes the words of a command.

Numbers are held against their limits here, so that a mistake is said beside the form and not by a job that
failed. Knows no family and no medium.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from etude.errors import TakeError, clean
from etude.families.contract import Control
from etude.families.controls import within
from etude.media import MEDIA

LISTS = ("names", "amounts", "contents", "numbers")  # typed with commas between


@dataclass(frozen=True)
class Field:
    """One row of a form: how it is drawn (`widget`: number, range, check, select, line), and what it
    offers."""

    name: str
    label: str
    help: str
    widget: str
    least: float | None = None
    most: float | None = None
    step: str = "any"
    choices: tuple[tuple[str, str], ...] = ()
    placeholder: str = ""


def fields(table: Sequence[Control], medium: str, models: Sequence[str] = ()) -> tuple[Field, ...]:
    """The rows of a table that mean something to a medium. `models`: what a control of a model offers."""
    foreign = {option for name in MEDIA for option in _own(name)} - _own(medium)
    shown = [c for c in table if c.kind != "settings" and c.name not in foreign]
    return tuple(_field(control, models) for control in shown)


def _own(medium: str) -> set[str]:
    """The options that only contents of some media can be asked with: gaps, and what is settled first."""
    kind = MEDIA[medium]
    return {gap.option for gap in kind.gaps} | {one.option for one in kind.settings}


def _field(control: Control, models: Sequence[str]) -> Field:
    label = control.name.replace("_", " ")
    row = partial(Field, control.name, label[:1].upper() + label[1:], control.help)
    match control.kind:
        case "whole" | "number":
            both = control.least is not None and control.most is not None
            wide = both and control.kind == "whole" and (control.most or 0) - (control.least or 0) > 50
            step = "1" if control.kind == "whole" else "any" if not both else "0.05"
            widget = "range" if both and not wide else "number"
            return row(widget=widget, least=control.least, most=control.most, step=step)
        case "flag":
            return row(widget="check")
        case "switch":
            off = (("no", "No"),) if control.off else ()
            return row(widget="select", choices=(("", "As usual"), ("yes", "Yes"), *off))
        case "choice":
            offered = (("", "As usual"), *((choice, choice) for choice in control.choices))
            return row(widget="select", choices=offered)
        case "model":
            offered = (("", "Nothing"), *((one, one) for one in models))
            return row(widget="select", choices=offered)
        case _:
            hint = control.metavar.lower().replace("|", " or ") or {
                "span": "120:180",
                "region": "25,25,75,75",
            }.get(control.kind, "")
            return row(widget="line", placeholder=hint)


def values(table: Sequence[Control], typed: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed, as keywords of a verb. Raises TakeError for what is no control here, for a number that
    is none or out of its limits, and for a span that is none."""
    out: dict[str, Any] = {}
    for control, said in _said(table, typed):
        try:
            out[control.name] = _READ.get(control.kind, str)(said)
        except (ValueError, IndexError):
            raise TakeError(
                f"--{control.flag_name}: '{clean(str(said), 40)}' cannot be used.", control.help
            ) from None
        within(control, out[control.name])
    return out


def _said(table: Sequence[Control], typed: Mapping[str, Any]) -> Iterator[tuple[Control, str | bool]]:
    """Each control that something was typed for, and what. Raises TakeError for what is no control here."""
    known = {control.name: control for control in table}
    for name, value in typed.items():
        control, said = known.get(name), value if isinstance(value, bool) else clean(str(value))
        if control is None or control.kind == "settings":
            raise TakeError(f"'{clean(name, 40)}' is not a control here.", "Reload the page.")
        if said is not False and said != "":
            yield control, said


def _parts(said: Any) -> list[str]:
    return [part.strip() for part in str(said).split(",") if part.strip()]


def _span(said: Any) -> tuple[int, int]:
    first, last = str(said).split(":")
    return int(first), int(last)


def _amounts(said: Any) -> dict[str, float]:
    return {name.strip(): float(amount) for name, amount in (part.split("=") for part in _parts(said))}


_READ: dict[str, Callable[[Any], Any]] = {
    "whole": int,
    "number": float,
    "numbers": lambda said: [float(part) for part in _parts(said)],
    "flag": bool,
    "switch": lambda said: said in (True, "yes"),
    "span": _span,
    "extent": lambda said: _span(said) if ":" in str(said) else int(said),
    "passage": lambda said: str(said),
    "region": lambda said: tuple(float(part) for part in _parts(said)),
    "names": _parts,
    "amounts": _amounts,
    "contents": _parts,
}


def words(table: Sequence[Control], typed: Mapping[str, Any]) -> list[str]:
    """What was typed, as options of a command. Every value stands behind a `=`, so that none can be taken for
    another option. Raises TakeError for a number that is none, or outside of its limits."""
    return [word for control, said in _said(table, typed) for word in _words(control, said)]


def _words(control: Control, said: str | bool) -> list[str]:
    flag = f"--{control.flag_name}"
    if control.kind == "flag":
        return [flag]
    if control.kind == "switch":
        return [flag if said in (True, "yes") else f"--{control.off}"]
    parts = [part.strip() for part in str(said).split(",")] if control.kind in LISTS else [str(said)]
    checks: dict[str, Callable[[str], Any]] = {"whole": int, "number": float, "numbers": float}
    if control.kind in checks:
        try:
            numbers = [checks[control.kind](part) for part in parts]
        except ValueError:
            raise TakeError(
                f"{flag}: '{clean(str(said), 40)}' is not a usable number.", control.help
            ) from None
        within(control, numbers if control.kind == "numbers" else numbers[0])
    return [f"{flag}={part}" for part in parts if part]
