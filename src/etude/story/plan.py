"""A story's plan as values: rows of several kinds, two free texts, and how a part of it is named.

A part is named KIND/ID.FIELD: `character/mara.wants`; a whole row KIND/ID; the free texts `premise` and
`world`. Knows neither files nor drafts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from etude.errors import ProjectError
from etude.story import shape

_PART = re.compile(r"([a-z]+)/([\w-]+)(?:\.([\w-]+))?")
_PASSAGE = re.compile(r"([\w-]+) (\d+):(\d+) ?(.*)", re.DOTALL)


@dataclass(frozen=True)
class Passage:
    """Where in a draft a field stands: characters `start`..`end`, and the words themselves."""

    field: str
    start: int
    end: int
    words: str

    def __str__(self) -> str:
        return f"{self.field} {self.start}:{self.end} {self.words}"


@dataclass(frozen=True)
class Row:
    """One row: what it says, in which file and line (from 1) it begins, and the line of each field."""

    kind: str
    id: str
    says: Mapping[str, Any]
    file: str = ""
    line: int = 0
    lines: Mapping[str, int] = field(default_factory=dict)

    @property
    def part(self) -> str:
        """Its name."""
        return f"{self.kind}/{self.id}"

    def text(self, key: str) -> str:
        """A field that is a text; empty where it is not said."""
        return str(self.says.get(key, ""))

    def texts(self, key: str) -> tuple[str, ...]:
        """A field that is a list; empty where it is not said."""
        return tuple(self.says.get(key, ()))

    @property
    def name(self) -> str:
        """What people call it."""
        return next((self.text(key) for key in ("name", "title", "what", "ask") if self.text(key)), self.id)

    def locked(self, key: str) -> bool:
        """Whether only a person may change this field."""
        said = self.says.get("locked", ())
        return said is True or (isinstance(said, list | tuple) and key in said)

    def passages(self) -> tuple[Passage, ...]:
        """Where the draft says its fields."""
        found = (_PASSAGE.fullmatch(one) for one in self.texts("passages"))
        return tuple(Passage(m[1], int(m[2]), int(m[3]), m[4]) for m in found if m)


@dataclass(frozen=True)
class Story:
    """A plan. `version` changes with every byte of its files; `notes` says what is odd in them and does no
    harm."""

    schema: ClassVar[str] = "etude.story/1"
    name: str
    title: str
    texts: Mapping[str, str]
    rows: tuple[Row, ...]
    version: str
    locked: tuple[str, ...] = ()  # free texts
    draft: tuple[str, ...] = ()  # what it was read out of
    notes: tuple[str, ...] = ()

    def of(self, kind: str) -> Iterator[Row]:
        """The rows of a kind: scenes in the order of the draft, others as they stand."""
        rows = [row for row in self.rows if row.kind == kind]
        if all(row.text("span") for row in rows):
            rows.sort(key=lambda row: start_of(row.text("span")))
        return iter(rows)

    def find(self, kind: str, id: str) -> Row | None:
        """A row by its id."""
        return next((row for row in self.rows if row.kind == kind and row.id == id), None)

    def row(self, kind: str, id: str) -> Row:
        """The same. Raises ProjectError where there is none."""
        found = self.find(kind, id)
        if found is None:
            ids = tuple(row.id for row in self.rows if row.kind == kind)
            raise ProjectError(
                f"The story '{self.name}' has no {kind} '{id}'.{shape.nearest(id, ids)}",
                f"See what there is: etude story show {self.name}",
            )
        return found

    def called(self, id: str) -> str:
        """The name of the character of this id."""
        found = self.find("character", id)
        return found.name if found else id


def start_of(span: str) -> int:
    """The first character of a span 'START:END'; 0 for anything else."""
    first = span.partition(":")[0]
    return int(first) if first.isdigit() else 0


def part(said: str) -> tuple[str, str, str]:
    """Kind, id and field of a part (id and field empty where they are not said). Raises ProjectError."""
    plain = said.strip()
    if plain in shape.TEXTS or plain == "title":
        return plain, "", ""
    found = _PART.fullmatch(plain)
    if found is None or found[1] not in shape.KINDS:
        raise ProjectError(
            f"'{plain[:80]}' names no part of a story.{shape.nearest(plain.partition('/')[0], shape.KINDS)}",
            "Name a part so: character/mara.wants, scene/s4, premise",
        )
    key = found[3] or ""
    if key and key not in shape.fields(found[1]):
        raise ProjectError(
            f"A {found[1]} has no field '{key}'.{shape.nearest(key, shape.fields(found[1]))}",
            f"Its fields: {', '.join(shape.fields(found[1]))}",
        )
    return found[1], found[2], key
