"""Collections: named lists of works with weights and a fixed split, each a readable file
collections/<name>.json.

Knows nothing of how the split was chosen (curate/split.py) nor of what it is used for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Literal, get_args

from etude.errors import ProjectError
from etude.store.files import check_name
from etude.store.lines import Record, read_json, write_json

FOLDER = "collections"
FORMAT = 1
Role = Literal["train", "critic", "held-out"]
ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True)
class Entry:
    """A work in a collection; a work of weight 2 is learned from twice as often."""

    work_id: str
    weight: float = 1.0


@dataclass(frozen=True)
class Part:
    """Units start..end of a work, and what they are for."""

    work_id: str
    start: int
    end: int
    role: Role


@dataclass(frozen=True)
class Collection:
    """Works of one medium under a name, and their split."""

    name: str
    medium: str
    entries: tuple[Entry, ...] = ()
    parts: tuple[Part, ...] = ()

    def works(self) -> tuple[str, ...]:
        """The ids of its works, in order."""
        return tuple(entry.work_id for entry in self.entries)

    def of(self, role: Role) -> tuple[Part, ...]:
        """The parts of one role."""
        return tuple(part for part in self.parts if part.role == role)


def path_of(root: Path, name: str) -> Path:
    """The file of a collection. Raises ProjectError when the name cannot be a file name."""
    return root / FOLDER / f"{check_name(name, 'collection')}.json"


def names(root: Path) -> tuple[str, ...]:
    """The names of the project's collections, sorted."""
    return tuple(
        sorted(path.stem for path in (root / FOLDER).glob("*.json") if not path.name.startswith("."))
    )


def read(root: Path, name: str) -> Collection:
    """The collection of this name. Raises ProjectError when there is none, listing those that there are."""
    path = path_of(root, name)
    try:
        record = read_json(path)
    except FileNotFoundError:
        known = ", ".join(names(root)[:8]) or "none yet"
        raise ProjectError(
            f"There is no collection {name!r} (known: {known}).",
            f"Make it with: etude add PATH --collection {quote(name)}",
        ) from None
    return _from_record(record, path)


def write(root: Path, collection: Collection) -> None:
    """Save it atomically. The caller holds the lock. Raises ProjectError for a name that differs from
    another's by case only."""
    for other in names(root):
        if other != collection.name and other.casefold() == collection.name.casefold():
            raise ProjectError(
                f"There is a collection {other!r}; {collection.name!r} differs from it only by capitals.",
                "Some disks cannot hold both: choose another name.",
            )
    write_json(path_of(root, collection.name), _to_record(collection))


def _to_record(collection: Collection) -> Record:
    return {
        "format": FORMAT,
        "name": collection.name,
        "medium": collection.medium,
        "entries": [{"work": entry.work_id, "weight": entry.weight} for entry in collection.entries],
        "parts": [
            {"work": part.work_id, "start": part.start, "end": part.end, "role": part.role}
            for part in collection.parts
        ],
    }


def _from_record(record: Record, path: Path) -> Collection:
    if record.get("format", 0) > FORMAT:
        raise ProjectError(
            f"{path.name} has format {record['format']}; this version of Etude reads {FORMAT}.",
            "Update with: pip install -U etude",
        )
    try:
        return Collection(
            name=path.stem,
            medium=str(record["medium"]),
            entries=tuple(Entry(str(entry["work"]), float(entry["weight"])) for entry in record["entries"]),
            parts=tuple(
                Part(str(part["work"]), int(part["start"]), int(part["end"]), _role(part["role"]))
                for part in record["parts"]
            ),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ProjectError(
            f"{path} is damaged: {re.sub(r'[.]$', '', str(error))}.", "Run: etude repair"
        ) from error


def _role(text: object) -> Role:
    for role in ROLES:
        if text == role:
            return role
    raise ValueError(f"role {text!r} is none of {', '.join(ROLES)}")
