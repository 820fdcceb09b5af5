"""The works of a project: listed, found, described and taken out again. Their bytes are never changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from etude.media import MEDIA, opening
from etude.store.works import Work
from etude.workspace import describing
from etude.workspace.core import Workspace
from etude.workspace.describing import Described
from etude.workspace.leaving import Gone, Removed, Restored, remove, restore
from etude.workspace.listing import by_content, chosen

__all__ = [
    "Described",
    "Found",
    "Gone",
    "Removed",
    "Restored",
    "WorkInfo",
    "WorkList",
    "edit_works",
    "remove",
    "restore",
    "search",
    "work",
    "works",
    "works_undo",
]


@dataclass(frozen=True)
class WorkList:
    """Works in the order added."""

    schema: ClassVar[str] = "etude.works/1"
    works: tuple[Work, ...]


@dataclass(frozen=True)
class Found:
    """Works that were looked for, the best first; `within`: no title, maker or notes fitted, but their texts
    do."""

    schema: ClassVar[str] = "etude.works/1"
    works: tuple[Work, ...]
    within: bool


@dataclass(frozen=True)
class WorkInfo:
    """One work, the collections it is in with its parts there, and how it begins."""

    schema: ClassVar[str] = "etude.work/1"
    work: Work
    collections: tuple[str, ...]
    parts: tuple[Mapping[str, Any], ...]
    begins: str
    unit: str = ""


def works(
    ws: Workspace, /, *, medium: str | None = None, collection: str | None = None, maker: str | None = None
) -> WorkList:
    """Every work, or those of one medium, collection or maker. Raises WorkError for a maker that no work
    has."""
    return WorkList(chosen(ws.project, medium=medium, collection=collection, maker=maker))


def search(ws: Workspace, /, words: str) -> Found:
    """Works whose title, maker or notes hold every word; where none does, texts that hold every word
    themselves."""
    project = ws.project
    known = {work.id: work for work in project.works()}
    titled = tuple(known[hit.id] for hit in project.search(words) if hit.kind == "work" and hit.id in known)
    return Found(titled, False) if titled else Found(tuple(by_content(project, words)), True)


def work(ws: Workspace, /, ref: str) -> WorkInfo:
    """One work by id, title or file name."""
    project = ws.project
    found = project.work(ref)
    medium = MEDIA[found.medium]
    begins = opening(medium, ws.contents.read(found.id))
    homes = [known for known in project.collections() if found.id in known.works()]
    parts = tuple(
        {"collection": home.name, "start": part.start, "end": part.end, "role": part.role}
        for home in homes
        for part in home.parts
        if part.work_id == found.id
    )
    return WorkInfo(found, tuple(home.name for home in homes), parts, begins, medium.unit)


def edit_works(
    ws: Workspace,
    /,
    refs: Sequence[str] = (),
    *,
    collection: str | None = None,
    where_unknown: bool = False,
    title: str | None = None,
    maker: str | None = None,
    licence: str | None = None,
    consent: str | None = None,
    series: str | None = None,
    attrs: Mapping[str, str] | None = None,
) -> Described:
    """Change what is written about works: title, maker, licence, consent, series, attributes. The bytes stay
    as they are, and `works_undo` takes it back.

    `collection`: all of its works too; `where_unknown`: only what is not known of a work yet. Answers with
    the works that changed.
    """
    asked = {"title": title, "maker": maker, "licence": licence, "consent": consent, "series": series}
    said = {key: value for key, value in asked.items() if value is not None}
    return describing.describe(ws.project, refs, collection, said, attrs or {}, where_unknown)


def works_undo(ws: Workspace, /, *, redo: bool = False) -> Described:
    """Take back the last `edit_works` that holds, as a line in the log, or with `redo` make it again; what
    was changed otherwise since stays. Raises WorkError where there is none."""
    return describing.undo(ws.project, redo=redo)
