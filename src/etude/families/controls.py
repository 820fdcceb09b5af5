"""What was asked, held against a family's table: names, kinds, limits, and what does not go together.

The command line checks words as they are typed; this checks the same for whoever calls from Python or from a
form. Knows no family.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from etude.errors import TakeError
from etude.families.contract import Control


def said(value: Any) -> bool:
    """Whether a value says anything: None, False and what is empty say nothing."""
    return value is not None and value is not False and value not in ((), [], {}, "")


def settled(
    table: Sequence[Control], asked: Mapping[str, Any], *, what: str, beside: Sequence[str] = ()
) -> dict[str, Any]:
    """What was said of `asked`, checked. `what` names the one who was asked in messages ('a model of text');
    `beside`: what else was said, for `excludes` and `needs`. Raises TakeError naming the option."""
    known = {control.name: control for control in table}
    out = {name: value for name, value in asked.items() if said(value)}
    for name in out:
        if name not in known:
            option = "--" + name.replace("_", "-")
            raise TakeError(f"{option} means nothing to {what}.", "Leave it out; see the command's --help.")
    there = {*out, *beside}
    names = {control.name: f"--{control.flag_name}" for control in table} | {"source": "--from"}
    for name, value in out.items():
        control = known[name]
        within(control, value)
        clash = [other for other in control.excludes if other in there]
        if clash:
            raise TakeError(
                f"{names[name]} and {names.get(clash[0], '--' + clash[0])} cannot be used together.",
                "Leave one of them out.",
            )
        if control.needs and not there & set(control.needs):
            wanted = " or ".join(names.get(one, "--" + one) for one in control.needs)
            raise TakeError(f"{names[name]} needs {wanted}.", f"Add {wanted}.")
    return out


def within(control: Control, value: Any) -> None:
    """Raises TakeError where a number is none, or outside the limits of its control."""
    numbers: list[Any] = []
    if control.kind in ("whole", "number"):
        numbers = [value]
    elif control.kind == "numbers":
        numbers = list(value)
    elif control.kind == "amounts":
        numbers = list(value.values())
    for number in numbers:
        if not isinstance(number, int | float) or isinstance(number, bool) or not math.isfinite(number):
            raise TakeError(f"--{control.flag_name} {number} is not a usable number.", _limits(control))
        low = control.least is not None and number < control.least
        if low or (control.most is not None and number > control.most):
            raise TakeError(f"--{control.flag_name} {number:g} is out of range.", _limits(control))
    if control.choices and str(value) not in control.choices:
        raise TakeError(
            f"--{control.flag_name} cannot be '{value}'.", f"Choose {', '.join(control.choices)}."
        )


def _limits(control: Control) -> str:
    if control.least is not None and control.most is not None:
        return f"Give a number from {control.least:g} to {control.most:g}."
    if control.least is not None:
        return f"Give a number of {control.least:g} or more."
    return "Give a plain number."
