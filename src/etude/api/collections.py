"""Collections: named lists of works with weights and a split that stays as works come and go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from shlex import quote
from typing import TYPE_CHECKING, ClassVar

from etude.errors import ProjectError
from etude.store.collections import ROLES, Collection
from etude.store.project import Project
from etude.workspace.collecting import CollectionInfo, enter, info, leave
from etude.workspace.core import Workspace

if TYPE_CHECKING:
    from etude.curate.consent import Refusal


@dataclass(frozen=True)
class CollectionList:
    """All collections by name."""

    schema: ClassVar[str] = "etude.collections/1"
    collections: tuple[CollectionInfo, ...]


@dataclass(frozen=True)
class Member:
    """A work in a collection and how many of its units each role has."""

    id: str
    title: str
    maker: str
    weight: float
    train: int
    critic: int
    held_out: int


@dataclass(frozen=True)
class CollectionShown:
    """A collection with its works, and those that may not be learned from."""

    schema: ClassVar[str] = "etude.collection-shown/1"
    collection: CollectionInfo
    works: tuple[Member, ...]
    refused: tuple[Refusal, ...]


def collections(ws: Workspace, /) -> CollectionList:
    """Every collection of the project."""
    project = ws.project
    return CollectionList(tuple(info(project, known) for known in project.collections()))


def collection(ws: Workspace, /, name: str) -> CollectionShown:
    """One collection. Raises ProjectError when there is none."""
    project = ws.project
    from etude.curate.consent import refusals

    found = project.collection(name)
    by_id = {work.id: work for work in project.works()}
    members = []
    counted = {(role, entry.work_id): 0 for role in ROLES for entry in found.entries}
    for role in ROLES:
        for part in found.of(role):
            counted[role, part.work_id] = counted.get((role, part.work_id), 0) + part.end - part.start
    for entry in found.entries:
        units = {role: counted[role, entry.work_id] for role in ROLES}
        work = by_id.get(entry.work_id)
        title, maker = (work.title, work.maker) if work else ("(not in the project any more)", "")
        members.append(
            Member(
                entry.work_id, title, maker, entry.weight, units["train"], units["critic"], units["held-out"]
            )
        )
    return CollectionShown(
        info(project, found), tuple(members), refusals([by_id[i] for i in found.works() if i in by_id])
    )


def create(
    ws: Workspace, /, name: str, refs: Sequence[str], *, weight: float = 1.0, by_maker: bool = False
) -> CollectionInfo:
    """Make a collection of works of the project. Raises ProjectError when the name is taken."""
    project = ws.project
    with project.act("collection create"):
        if any(known.name == name for known in project.collections()):
            raise ProjectError(
                f"There is a collection '{name}' already.",
                f"Add to it with: etude collection add {quote(name)} WORK...",
            )
        return enter(project, name, {project.work(ref).id: weight for ref in refs}, by_maker=by_maker)


def add_to(ws: Workspace, /, name: str, refs: Sequence[str], *, weight: float = 1.0) -> CollectionInfo:
    """Put works into a collection, or change their weight; the split of the others stays."""
    project = ws.project
    with project.act("collection add"):
        project.collection(name)
        return enter(project, name, {project.work(ref).id: weight for ref in refs})


def take_out(ws: Workspace, /, name: str, refs: Sequence[str]) -> CollectionInfo:
    """Take works out of a collection; without works, put the collection itself into the trash."""
    project = ws.project
    with project.act("collection rm"):
        found = project.collection(name)
        if refs:
            return leave(project, name, [_member(project, found, ref) for ref in refs])
        project.trash(project.root / "collections" / f"{name}.json")
        project.log("collection-removed", collection=name)
        return info(project, replace(found, entries=(), parts=()))


def _member(project: Project, found: Collection, ref: str) -> str:
    """The id of a work in the collection, also of one that is not in the project any more."""
    if ref in found.works():
        return ref
    work = project.work(ref)
    if work.id not in found.works():
        raise ProjectError(
            f"{work.title} ({work.id}) is not in collection '{found.name}'.",
            f"See: etude collection show {quote(found.name)}",
        )
    return work.id
