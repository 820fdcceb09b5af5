"""`--like`: what a model can be asked for, in the spelling that it knows. Knows headers, not models."""

from __future__ import annotations

from collections.abc import Mapping
from shlex import quote
from typing import Any

from etude.errors import ModelError

Works = Mapping[str, Mapping[str, str]]  # by id: attributes, the maker under `maker`


def conditions(header: Mapping[str, Any]) -> dict[str, list[str]]:
    """What a model can be asked for: key -> the values that its works have."""
    return {
        str(row["key"]): [str(value) for value in row["values"]] for row in header.get("conditions") or []
    }


def spelt(header: Mapping[str, Any], model: str, like: Mapping[str, str], works: Works) -> dict[str, str]:
    """`like` with the spelling that the model knows. Raises ModelError naming what it does know.

    What all of its works have in common is nothing to choose, and falls away.
    """
    known = conditions(header)
    see = f"See: etude models info {quote(model)}"
    fitting = {}
    for key, value in like.items():
        if key not in known:
            _common(header, key, value, see, works)
            continue
        fits = [name for name in known[key] if name.casefold() == value.casefold()]
        if not fits:
            some = ", ".join(known[key][:8]) + (" ..." if len(known[key]) > 8 else "")
            raise ModelError(f"No training work of this model has {key}={value} (it knows: {some}).", see)
        fitting[key] = fits[0]
    return fitting


def _common(header: Mapping[str, Any], key: str, value: str, see: str, works: Works) -> None:
    """Returns when every work learned from has this value of a key that the model cannot be asked for; else
    raises ModelError."""
    learned = set((header.get("works") or {}).get("train", ()))
    values = [attributes.get(key, "") for work, attributes in works.items() if work in learned]
    differ = sorted({one for one in values if one})
    if len(differ) == 1 and all(values):
        if differ[0].casefold() == value.casefold():
            return
        what = f"by {differ[0]}" if key == "maker" else f"{key}={differ[0]}"
        raise ModelError(
            f"All works of this model are {what}, so there is nothing to choose.", "Leave --like out."
        )
    if not differ:
        has = ", ".join(conditions(header)) or "none"
        raise ModelError(f"No training work of this model has an attribute '{key}' (it knows: {has}).", see)
    some = ", ".join(differ[:8]) + (" ..." if len(differ) > 8 else "")
    have = f"{sum(map(bool, values))} of {len(values)} works have it: {some}"
    raise ModelError(f"This model was not trained to distinguish works by '{key}' ({have}).", see)


def stands_on(header: Mapping[str, Any]) -> str:
    """The name by which the base of a model is found, as it was given to `learn --on`; '' without one."""
    return str((header.get("net") or {}).get("base") or "") if header.get("base") else ""
