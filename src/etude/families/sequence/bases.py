"""Where bases lie, and whether a person may train on them: the one place that this family asks.

A base is named as the shelf of bases knows it, by its name or hash, or by the path of a folder or a file that
is not on the shelf. Knows no networks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from etude.bases import adding, licences, shelf, use
from etude.bases.known import MEANS
from etude.bases.record import VOUCH


@dataclass(frozen=True)
class Chosen:
    """A base that was chosen: the name by which a model remembers it, and what is known of it (JSON)."""

    name: str = ""
    record: dict[str, Any] = field(default_factory=dict)

    def lines(self) -> list[str]:
        """For the model card."""
        if not self.record:
            return []
        means = MEANS.get(self.record["data"], "")
        return [
            f"- licence of the base: {self.record['licence']}",
            f"- makers of the base: {self.record['makers'] or 'not known'}",
            f"- class of its data: {self.record['data']}" + (f" ({means})" if means else ""),
            f"- {VOUCH} Takes were not checked against what the base itself was trained on.",
        ]


def find(name: str) -> Path:
    """Where the base of this name, hash or path lies. Raises ModelError where there is none."""
    path = _path(name)
    return shelf.find(name) if path is None else path


def choose(name: str) -> Chosen:
    """A base to train on. Raises ModelError where there is none, its licence forbids that or is not known, or
    it does not fit into memory."""
    path = _path(name)
    if path is None:
        base = use.ready(name, learning=True)
        return Chosen(base.name, {"licence": base.licence, "makers": base.makers, "data": base.data})
    found = adding.look(path)
    licence = adding.licence_of(found)
    licences.check(path.name, licence, str(path))
    return Chosen(str(path), {"licence": licence, "makers": found.makers, "data": "unknown"})


def _path(name: str) -> Path | None:
    """The folder or file of this name, unless the shelf has a base that is called so."""
    path = Path(name).expanduser()
    if not name or not path.exists() or any(base.name == name for base in shelf.shelf().bases):
        return None
    return path.resolve()
