"""Works that leave a project and come back: what goes with them, and what is named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from etude.errors import WorkError
from etude.store.project import Project
from etude.store.works import Work, composed, put_back, to_record
from etude.workspace.collecting import enter, leave
from etude.workspace.core import Workspace
from etude.workspace.listing import chosen
from etude.workspace.standing import learned_from


@dataclass(frozen=True)
class Gone:
    """A work that went to the trash, the collections it left, and the models that learned from it."""

    work: str
    title: str
    collections: tuple[str, ...]
    models: tuple[str, ...]


@dataclass(frozen=True)
class Removed:
    """Works that are no longer in the project (`dry_run`: that would not be). `takes` counts the takes and
    `pieces` names the pieces that were made by models which learned from them, or began with one of them."""

    schema: ClassVar[str] = "etude.removed/1"
    works: tuple[Gone, ...]
    takes: int = 0
    pieces: tuple[str, ...] = ()
    dry_run: bool = False


@dataclass(frozen=True)
class Restored:
    """Works that are back from the trash, and the collections that they are in again."""

    schema: ClassVar[str] = "etude.works-restored/1"
    works: tuple[Work, ...]
    collections: tuple[str, ...]


def remove(
    ws: Workspace,
    /,
    refs: Sequence[str] = (),
    *,
    collection: str | None = None,
    maker: str | None = None,
    dry_run: bool = False,
) -> Removed:
    """Take works out of the project and its collections: those named, and all of a `collection` or a `maker`
    (of both where both are given). The originals go to the trash; `restore` brings them back.

    The models that learned from them are named, with the takes and pieces that hold something of them.
    `dry_run`: nothing is changed. Raises WorkError where nothing is named.
    """
    project = ws.project
    done = []
    with project.act("works rm"):
        found = [project.work(ref) for ref in refs]
        if collection is not None or maker is not None:
            found += chosen(project, collection=collection, maker=maker)
        if not found:
            raise WorkError("No work is named.", "Name works, or say --maker NAME or --collection NAME.")
        found = list({work.id: work for work in found}.values())
        homes = {home.name: set(home.works()) for home in project.collections()}
        learned = {model.id: learned_from(model.header) for model in project.models()}
        for gone_work in found:
            own = tuple(name for name, ids in homes.items() if gone_work.id in ids)
            models = tuple(model for model, ids in learned.items() if gone_work.id in ids)
            done.append(Gone(gone_work.id, gone_work.title, own, models))
        if not dry_run:
            for name in {name for gone in done for name in gone.collections}:
                leave(project, name, [one.id for one in found])
            for one, gone in zip(found, done, strict=True):
                said = {"work": one.id, "title": one.title, "collections": list(gone.collections)}
                slot = project.slot_name(project.remove_work(one.id))
                project.log("removed", **said, slot=slot, record=to_record(one))
    holding = {model for gone in done for model in gone.models}
    takes, pieces = _held(project, {one.id for one in found}, holding)
    return Removed(tuple(done), takes, pieces, dry_run)


def _held(project: Project, works: set[str], models: set[str]) -> tuple[int, tuple[str, ...]]:
    """How many takes were made by these models or began with one of these works, and the pieces among
    them."""

    def holds(recipe: Mapping[str, Any]) -> bool:
        return recipe.get("model") in models or (recipe.get("source") or {}).get("work") in works

    takes = [take.id for take in project.takes() if holds(take.record)]
    kept = [piece for piece in project.pieces() if holds(piece.record.get("recipe") or {})]
    return len(takes), tuple(piece.id for piece in kept)


def restore(ws: Workspace, /, refs: Sequence[str] = (), *, maker: str | None = None) -> Restored:
    """Bring works back from the trash: by id or title, or all of a `maker`, into the collections that they
    were in and that are there still. Raises WorkError naming what is there."""
    project = ws.project
    with project.act("works restore"):
        there: dict[str, Mapping[str, Any]] = {}
        known = {one.id for one in project.works()}
        for event in project.events():
            if event["event"] == "removed" and event.get("slot") and event.get("record"):
                there[str(event["work"])] = event
        there = {
            work_id: event
            for work_id, event in there.items()
            if work_id not in known
            and (project.slot(str(event["slot"])) / str(event["record"]["file"])).exists()
        }
        wanted: dict[str, Mapping[str, Any]] = {}
        for ref in refs:
            fits = [i for i, e in there.items() if ref == e["title"] or (len(ref) > 2 and i.startswith(ref))]
            if len(fits) != 1:
                raise _not_there(f"{len(fits) or 'No'} works in the trash fit '{ref}'", there)
            wanted[fits[0]] = there[fits[0]]
        if maker is not None:
            name = composed(maker).casefold()
            wanted |= {
                i: e
                for i, e in there.items()
                if composed(str(e["record"].get("maker", ""))).casefold() == name
            }
        if not wanted:
            raise _not_there("No work in the trash is named", there)
        back: list[Work] = []
        homes: dict[str, list[str]] = {}
        for work_id, gone in wanted.items():
            project.restore(project.slot(str(gone["slot"])))
            back.append(put_back(project.root, gone["record"]))
            for name in gone.get("collections") or ():
                homes.setdefault(str(name), []).append(work_id)
        names = {home.name for home in project.collections()}
        homes = {name: ids for name, ids in homes.items() if name in names}
        for name, ids in homes.items():
            enter(project, name, dict.fromkeys(ids, 1.0))
        project.log("restored", works=list(wanted), collections=list(homes))
    return Restored(tuple(back), tuple(homes))


def _not_there(what: str, there: Mapping[str, Mapping[str, Any]]) -> WorkError:
    some = ", ".join(f"{i} ({e['title']})" for i, e in list(there.items())[:6]) or "none"
    return WorkError(
        f"{what} (there: {some}{' ...' if len(there) > 6 else ''}).", "Give the id: etude works restore ID"
    )
