"""What a person does with takes: look, accept, reject, edit, undo; and the pieces that come of it.

What an act writes is written whole or not at all (store/acts.py). Nothing is ever overwritten: an edit is a
new take, an undone acceptance lies in the trash."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from etude.errors import TakeError
from etude.media import MEDIA, as_written, readable
from etude.store.pieces import Piece
from etude.takes.history import may, to_redo, to_undo
from etude.takes.recipe import Recipe, versions
from etude.workspace.contents import find, from_file, remember, take_data
from etude.workspace.core import Workspace
from etude.workspace.pieces import bring_back, put_away, record_of, write
from etude.workspace.takes import ON_DESK, TakeInfo, act_name, as_text, desk, info


@dataclass(frozen=True)
class TakeList:
    """Takes in the order proposed; `hidden` counts those rejected or undone, which are left out unless asked
    for."""

    schema: ClassVar[str] = "etude.takes/1"
    takes: tuple[TakeInfo, ...]
    hidden: int


@dataclass(frozen=True)
class PieceInfo:
    """A piece: its files (the main one first), the take it was, and what the person changed on the way."""

    schema: ClassVar[str] = "etude.piece/1"
    id: str
    title: str
    files: tuple[str, ...]
    take: str
    model: str
    lineage: tuple[str, ...]
    changed: Mapping[str, Any]
    note: str
    kept: str
    text: str = ""


@dataclass(frozen=True)
class PieceList:
    """Pieces in the order kept."""

    schema: ClassVar[str] = "etude.pieces/1"
    pieces: tuple[PieceInfo, ...]


@dataclass(frozen=True)
class Undone:
    """The act that was taken back (`redone`: taken up again), and the files that moved."""

    schema: ClassVar[str] = "etude.undo/1"
    act: str
    take: str
    redone: bool
    files: tuple[str, ...]


def takes(ws: Workspace, /, *, everything: bool = False, last: int | None = None) -> TakeList:
    """The takes that are on the desk: provisional ones and accepted ones; with `everything` the rejected and
    undone too."""
    project = ws.project
    states = desk(project)
    all_takes = [info(take, states) for take in project.takes()]
    shown = [take for take in all_takes if everything or take.status in ON_DESK]
    return TakeList(tuple(shown[-last:] if last else shown), len(all_takes) - len(shown))


def take(ws: Workspace, /, ref: str) -> TakeInfo:
    """One take with its content as text."""
    project = ws.project
    found, data = take_data(ws, ref)
    return info(found, desk(project), as_text(Recipe.from_json(found.record).medium, data))


def accept(ws: Workspace, /, ref: str, *, title: str = "", note: str = "") -> PieceInfo:
    """Keep a take as a piece: readable files in pieces/, with the recipe and the lineage beside them."""
    project = ws.project
    with project.act("take accept"):
        take, _ = take_data(ws, ref)
        states = desk(project)
        may(states, "accepted", take.id)
        recipe, data, record = record_of(ws, take.id, states, note)
        piece = write(project, recipe.medium, data, title, record)
        project.log("accepted", act=act_name(), take=take.id, piece=piece.id, note=note)
    return piece_info(piece)


def reject(ws: Workspace, /, ref: str, *, note: str = "") -> TakeInfo:
    """Reject a take; it stays on record and can be restored."""
    project = ws.project
    with project.lock():
        found = project.take(ref)
        may(desk(project), "rejected", found.id)
        project.log("rejected", act=act_name(), take=found.id, note=note)
        return info(found, desk(project))


def edit(ws: Workspace, /, ref: str, file: str | Path, *, note: str = "") -> TakeInfo:
    """A person's version of a take, as a new take with the old one as parent. Raises TakeError when nothing
    was changed."""
    project = ws.project
    source = from_file(Path(file).expanduser())
    with project.act("take edit"):
        take, data = take_data(ws, ref)
        may(desk(project), "edited", take.id)
        before = Recipe.from_json(take.record)
        if source.medium != before.medium:
            raise TakeError(
                f"Take {take.id} is {before.medium} and {file} is {source.medium}.",
                "Give a file of the same medium.",
            )
        medium = MEDIA[source.medium]
        after = medium.store(source.content)
        written = as_written(medium, medium.load(data))  # what a format loses is not the person's change
        if after in (data, medium.store(written)):
            raise TakeError(
                f"{file} holds take {take.id} unchanged.", f"Accept it as it is: etude take accept {take.id}"
            )
        recipe = Recipe(
            source.medium,
            kind="edited",
            source=remember(project, source),
            parents=(take.id,),
            made_with={"etude": versions()["etude"]},
        )
        record = {**recipe.to_json(), "changed": medium.changed(written, source.content).to_json()}
        child = project.put_take(record, after)
        project.log("edited", act=act_name(), take=take.id, into=[child.id], note=note)
        return info(child, desk(project), as_text(source.medium, after))


def undo(ws: Workspace, /, ref: str | None = None, *, redo: bool = False) -> Undone:
    """Take back the last act (on one take, if named), or with `redo` take up again the act undone last
    (on that take)."""
    project = ws.project
    with project.act("take undo"):
        states = desk(project)
        if redo:
            act = to_redo(states, project.take(ref).id if ref else None)
            files = bring_back(ws, act.id, act.take, act.piece, act.note)
            project.log("redone", act=act.id)
        else:
            act = to_undo(states, project.take(ref).id if ref else None)
            slots, files = put_away(project, act.piece)
            project.log("undone", act=act.id, slots=slots)
    return Undone(act.kind, act.take, redo, files)


def piece_info(piece: Piece, text: str = "") -> PieceInfo:
    """A piece as a person sees it. What was changed by hand and signed so counts as changed."""
    record = piece.record
    by_hand = (record.get("by_hand") or {}).get(piece.file)
    return PieceInfo(
        id=piece.id,
        title=piece.title,
        files=tuple(str(piece.path.parent / name) for name in piece.files),
        take=str(record.get("take", "")),
        model=str((record.get("recipe") or {}).get("model", "")),
        lineage=tuple(record.get("lineage") or ()),
        changed=dict(by_hand or record.get("changed") or {}),
        note=str(record.get("note", "")),
        kept=piece.kept,
        text=text,
    )


def pieces(ws: Workspace, /) -> PieceList:
    """What was kept."""
    project = ws.project
    return PieceList(tuple(piece_info(piece) for piece in project.pieces()))


def piece(ws: Workspace, /, ref: str) -> PieceInfo:
    """One piece with its content as text."""
    found = ws.project.piece(ref)
    medium = MEDIA[str((found.record.get("recipe") or {}).get("medium", "text"))]
    return piece_info(found, readable(medium, find(ws, found.id).content))
