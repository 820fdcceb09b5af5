"""What a model can stand on, with its record in plain words: weights of our own, and bases that the person
put on the shelf.

Which of them a family can take is read from its table: weights by a control of the kind `model`, a base by
the option that names one.
"""

from __future__ import annotations

from dataclasses import dataclass

from etude import api, samples
from etude.families import family_for

_ON = "on"  # the option that names a base, of every family that has one


@dataclass(frozen=True)
class Standing:
    """One thing to stand on: its value in a form, the option and the name that a command gives it, what it is
    called, and what is known of it. `ours`: weights that come along; `usable`: whether its licence lets
    something be learned on it."""

    value: str
    option: str
    name: str
    title: str
    record: tuple[str, ...]
    ours: bool = False
    usable: bool = True


def standings(medium: str) -> list[Standing]:
    """Everything that a model of this medium can stand on, our own weights first."""
    table = family_for(medium).options
    weights = next((row.name for row in table if row.kind == "model"), "")
    found = _starters(medium, weights) if weights else []
    return found + (_bases(medium) if any(row.name == _ON for row in table) else [])


def _starters(medium: str, option: str) -> list[Standing]:
    found = []
    for name in samples.starters():
        header = samples.starter_header(name)
        if header.get("medium") == medium:
            title = f"Weights that come with Etude: {name}"
            said = tuple(text for key in ("credit", "licence") if (text := str(header.get(key, ""))))
            found.append(Standing(f"starter:{name}", option, name, title, said, ours=True))
    return found


def _bases(medium: str) -> list[Standing]:
    if not family_for(medium).learns(medium):
        return []
    return [
        Standing(
            f"base:{base.name}",
            _ON,
            base.name,
            base.title or base.name,
            base.sentences,
            usable=bool(base.licence),
        )
        for base in api.bases().bases
    ]
