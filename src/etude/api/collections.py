"""Collections: named lists of works with weights and a split that stays as works come and go.

The split itself is decided in curate/split.py; here it is told what it must know of each work. Knows no files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from shlex import quote
from typing import TYPE_CHECKING, ClassVar

from etude.errors import ProjectError
from etude.store.collections import ROLES, Collection, Entry
from etude.store.project import Project
from etude.store.works import Work

if TYPE_CHECKING:
    from etude.curate.consent import Refusal
    from etude.curate.split import Split


@dataclass(frozen=True)
class RoleInfo:
    """What one role of the split holds: units of the medium, their share, works and makers."""

    role: str
    units: int
    share: float
    works: int
    makers: int


@dataclass(frozen=True)
class CollectionInfo:
    """A collection in one line. `units` are what `unit` says: characters, notes, pictures or frames."""

    schema: ClassVar[str] = "etude.collection/1"
    name: str
    medium: str
    works: int
    units: int
    by_maker: bool
    roles: tuple[RoleInfo, ...]
    notes: tuple[str, ...] = ()
    unit: str = ""


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


def collections(project: Project) -> CollectionList:
    """Every collection of the project."""
    return CollectionList(tuple(_info(project, known) for known in project.collections()))


def collection(project: Project, name: str) -> CollectionShown:
    """One collection. Raises ProjectError when there is none."""
    from etude.curate.consent import refusals

    found = project.collection(name)
    by_id = {work.id: work for work in project.works()}
    members = []
    for entry in found.entries:
        units = {
            role: sum(p.end - p.start for p in found.of(role) if p.work_id == entry.work_id) for role in ROLES
        }
        work = by_id.get(entry.work_id)
        title, maker = (work.title, work.maker) if work else ("(not in the project any more)", "")
        members.append(
            Member(
                entry.work_id, title, maker, entry.weight, units["train"], units["critic"], units["held-out"]
            )
        )
    return CollectionShown(
        _info(project, found), tuple(members), refusals([by_id[i] for i in found.works() if i in by_id])
    )


def unit_of(medium: str) -> str:
    """What the size of works of this medium counts; nothing for a collection that holds none yet."""
    from etude.media import MEDIA

    return MEDIA[medium].unit if medium in MEDIA else ""


def _info(project: Project, found: Collection) -> CollectionInfo:
    makers = {work.id: work.maker for work in project.works()}
    total = sum(part.end - part.start for part in found.parts)
    roles = []
    for role in ROLES:
        parts = found.of(role)
        units = sum(part.end - part.start for part in parts)
        ids = {part.work_id for part in parts}
        roles.append(
            RoleInfo(role, units, units / max(1, total), len(ids), len({makers.get(i, "") for i in ids}))
        )
    split = _by_maker(project, found.name)
    return CollectionInfo(
        found.name, found.medium, len(found.entries), total, split, tuple(roles), unit=unit_of(found.medium)
    )


def _by_maker(project: Project, name: str) -> bool:
    """How the collection was split when it was made: the log holds it, so that works added later are split alike."""
    asked = [
        event for event in project.events() if event["event"] == "split" and event.get("collection") == name
    ]
    return bool(asked and asked[-1].get("by_maker"))


def create(
    project: Project, name: str, refs: Sequence[str], *, weight: float = 1.0, by_maker: bool = False
) -> CollectionInfo:
    """Make a collection of works of the project. Raises ProjectError when the name is taken."""
    with project.lock():
        if any(known.name == name for known in project.collections()):
            raise ProjectError(
                f"There is a collection '{name}' already.",
                f"Add to it with: etude collection add {quote(name)} WORK...",
            )
        return enter(project, name, {project.work(ref).id: weight for ref in refs}, by_maker=by_maker)


def add_to(project: Project, name: str, refs: Sequence[str], *, weight: float = 1.0) -> CollectionInfo:
    """Put works into a collection, or change their weight; the split of the others stays."""
    with project.lock():
        project.collection(name)
        return enter(project, name, {project.work(ref).id: weight for ref in refs})


def take_out(project: Project, name: str, refs: Sequence[str]) -> CollectionInfo:
    """Take works out of a collection; without works, put the collection itself into the trash."""
    with project.lock():
        found = project.collection(name)
        if refs:
            return leave(project, name, [_member(project, found, ref) for ref in refs])
        project.trash(project.root / "collections" / f"{name}.json")
        project.log("collection-removed", collection=name)
        return _info(project, replace(found, entries=(), parts=()))


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


def leave(project: Project, name: str, work_ids: Sequence[str]) -> CollectionInfo:
    """Take works out by id. The caller holds the lock."""
    found = project.collection(name)
    kept = replace(
        found,
        entries=tuple(entry for entry in found.entries if entry.work_id not in work_ids),
        parts=tuple(part for part in found.parts if part.work_id not in work_ids),
    )
    project.save_collection(kept)
    return _info(project, kept)


def enter(
    project: Project, name: str, weights: Mapping[str, float], *, by_maker: bool = False
) -> CollectionInfo:
    """Put works into a collection (made when new) and split them, leaving the split of the others as it is. Under the lock."""
    bad = next((weight for weight in weights.values() if not 0 < weight <= 1000), None)
    if bad is not None:
        raise ProjectError(
            f"A weight of {bad:g} makes no sense.", "Weights lie above 0 and up to 1000; 1 is usual."
        )
    known = next((found for found in project.collections() if found.name == name), None)
    if known is None and by_maker:
        project.log("split", collection=name, by_maker=True)
    elif known is not None and by_maker and not _by_maker(project, name):
        raise ProjectError(
            f"Collection '{name}' is split by work, and a split stays as it is.",
            "Make another: etude collection create NAME --by-maker WORK...",
        )
    old = known or Collection(name, "")
    entries = {entry.work_id: entry.weight for entry in old.entries} | dict(weights)
    works = [project.work(work_id) for work_id in entries]
    media = {work.medium for work in works} | ({old.medium} if old.medium else set())
    if len(media) > 1:
        raise ProjectError(
            f"Collection '{name}' would hold {' and '.join(sorted(media))}.",
            "Make one collection for each medium.",
        )
    medium = media.pop() if media else ""
    made = divided(project, works, old, by_maker=by_maker or _by_maker(project, name))
    left_out = dict(made.left_out)
    kept = tuple(Entry(work_id, weight) for work_id, weight in entries.items() if work_id not in left_out)
    new = Collection(name, medium, kept, made.parts)
    project.save_collection(new)
    titles = {work.id: work.title for work in works}
    notes = (
        *made.notes,
        *(f"{titles[work_id]} ({work_id}) was left out: {why}." for work_id, why in made.left_out),
    )
    return replace(_info(project, new), notes=notes)


def divided(
    project: Project, works: Sequence[Work], old: Collection, *, by_maker: bool, held_out: Sequence[str] = ()
) -> Split:
    """The split of these works that leaves what `old` assigned as it is. `held_out`: works to hold out whole, and no others."""
    from etude.curate import duplicates
    from etude.curate.split import Item, shares_for, split
    from etude.media import MEDIA, is_pictorial
    from etude.workspace import measures

    known = measures.of(project, works)
    groups = duplicates.group_of(measures.alike({work.id: known[work.id] for work in works}))
    items = [
        Item(
            work.id,
            work.size,
            work.maker,
            work.series,
            groups.get(work.id, ""),
            known[work.id].boundaries.tolist(),
        )
        for work in works
    ]
    medium = MEDIA[works[0].medium] if works else None
    shares = shares_for(medium.unit) if medium is not None and is_pictorial(medium) else None
    return split(items, shares=shares, previous=old.parts, by_maker=by_maker, held_out=held_out)
