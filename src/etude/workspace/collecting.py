"""Works enter and leave collections, and the split of the others stays. Called by whoever adds, edits or
removes works."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from etude.curate import spellings
from etude.errors import EtudeError, ProjectError
from etude.media import MEDIA
from etude.store import collections
from etude.store.collections import ROLES, Collection, Entry
from etude.store.project import Project
from etude.workspace.split import divided

if TYPE_CHECKING:
    from etude.store.repair import Finding


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
    """A collection in one line. `units` are what `unit` says: characters, notes, pictures or frames; `seen`:
    it can be drawn on a sheet."""

    schema: ClassVar[str] = "etude.collection/1"
    name: str
    medium: str
    works: int
    units: int
    by_maker: bool
    roles: tuple[RoleInfo, ...]
    notes: tuple[str, ...] = ()
    unit: str = ""
    seen: bool = False


def unit_of(medium: str) -> str:
    """What the size of works of this medium counts; nothing for a collection that holds none yet."""
    return MEDIA[medium].names.many if medium in MEDIA else ""


def info(project: Project, found: Collection) -> CollectionInfo:
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
        found.name,
        found.medium,
        len(found.entries),
        total,
        split,
        tuple(roles),
        unit=unit_of(found.medium),
        seen=found.medium in MEDIA and MEDIA[found.medium].sheet.works > 0,
    )


def few_held_out(medium: str, works: int) -> tuple[str, ...]:
    """What cannot be said of a model with so few works held out, before anything is learned."""
    needed, what = MEDIA[medium].held_out_needed if medium in MEDIA else (0, "")
    return (f"{works} held out; {needed} are needed for {what}.",) if works < needed else ()


def _by_maker(project: Project, name: str) -> bool:
    """How the collection was split when it was made: the log holds it, so that works added later are split
    alike."""
    asked = [
        event for event in project.events() if event["event"] == "split" and event.get("collection") == name
    ]
    return bool(asked and asked[-1].get("by_maker"))


def leave(project: Project, name: str, work_ids: Sequence[str]) -> CollectionInfo:
    """Take works out by id. The caller holds the lock."""
    found = project.collection(name)
    kept = replace(
        found,
        entries=tuple(entry for entry in found.entries if entry.work_id not in work_ids),
        parts=tuple(part for part in found.parts if part.work_id not in work_ids),
    )
    project.save_collection(kept)
    return info(project, kept)


def enter(
    project: Project, name: str, weights: Mapping[str, float], *, by_maker: bool = False
) -> CollectionInfo:
    """Put works into a collection (made when new) and split them, leaving the split of the others as it is.
    Under the lock."""
    bad = next((weight for weight in weights.values() if not 0 < weight <= 1000), None)
    if bad is not None:
        raise ProjectError(
            f"A weight of {bad:g} is not valid.", "Give a weight above 0 and up to 1000; 1 is normal."
        )
    known = next((found for found in project.collections() if found.name == name), None)
    if known is None and by_maker:
        project.log("split", collection=name, by_maker=True)
    elif known is not None and by_maker and not _by_maker(project, name):
        raise ProjectError(
            f"Collection '{name}' is split by work, and a split does not change.",
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
        *spellings.notes(work.maker for work in works),
    )
    shown = info(project, new)
    return replace(shown, notes=(*notes, *few_held_out(medium, len({p.work_id for p in new.of("held-out")}))))


def answer_for(project: Project) -> tuple[Finding, ...]:
    """Works that no `add` answered for and no collection holds: one was cut off, by a version that left such,
    or their lines were written by hand. They are logged now, and so named once."""
    with project.lock():
        told = {str(work_id) for event in project.events() for work_id in event.get("works") or ()}
        for name in collections.names(project.root):
            with suppress(EtudeError):  # a damaged one is named already
                told.update(project.collection(name).works())
        late = [work for work in project.works() if work.id not in told]
        if not late:
            return ()
        project.log("added", works=[work.id for work in late], collection=None, repaired=True)
    from etude.store.repair import Finding  # psutil: not for those who only list works

    first = ", ".join(f"{work.id} ({work.title})" for work in late[:3]) + (", ..." if len(late) > 3 else "")
    many = f"{len(late):,} works are" if len(late) != 1 else "1 work is"
    what = (
        f"{many} here that no add answered for and no collection holds: {first}. Put them into one with: "
        "etude collection add NAME WORK...; or take them out with: etude works rm WORK..."
    )
    return (Finding("unlogged-work", "works.jsonl", what, True),)
