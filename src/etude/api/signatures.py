"""Signatures and help of verbs whose keywords come from the families' tables, for `help(studio.make)` and
whoever completes names."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from etude.families import FAMILIES
from etude.families.contract import Control

_TYPES: dict[str, Any] = {
    "whole": int,
    "number": float,
    "numbers": "Sequence[float]",
    "flag": bool,
    "switch": "bool | None",
    "text": str,
    "choice": str,
    "span": "tuple[int, int]",
    "passage": "tuple[int, int] | str",
    "extent": "int | tuple[int, int]",
    "region": "tuple[float, float, float, float]",
    "names": "Sequence[str]",
    "amounts": "Mapping[str, float]",
    "content": "str | Path",
    "contents": "Sequence[str | Path]",
    "model": str,
    "settings": "Mapping[str, Any]",
}


def rows(which: str) -> dict[str, tuple[tuple[str, Control], ...]]:
    """Keyword -> what families make with their row of it; `which`: controls, changes or options."""
    found: dict[str, tuple[tuple[str, Control], ...]] = {}
    for family in FAMILIES.values():
        for control in getattr(family, which):
            found[control.name] = (*found.get(control.name, ()), (family.makes, control))
    return found


def signature(function: Callable[..., Any], which: str) -> inspect.Signature:
    """The function's own parameters without its `**`, then a keyword for each control."""
    own = [p for p in inspect.signature(function).parameters.values() if p.kind is not p.VAR_KEYWORD]
    more = [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=_TYPES[of[0][1].kind]
        )
        for name, of in rows(which).items()
    ]
    return inspect.Signature([*own, *more])


def helped(function: Callable[..., Any], which: str) -> str:
    """The function's docstring, then a line for each control."""
    lines = [inspect.cleandoc(function.__doc__ or ""), ""]
    for name, of in rows(which).items():
        for makes, control in of:
            lines.append(f"{name} ({makes}): {control.help}")
    return "\n".join(lines)
