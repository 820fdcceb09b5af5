"""What a person does with takes: look, accept, reject, edit, undo; and the pieces that come of it.

Accepting writes the piece first and the event second: a crash between leaves a piece without its event, which `repair` adds.
Nothing is ever overwritten: an edit is a new take, an undone acceptance lies in the trash.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from etude.config.store import TAKES
from etude.errors import EtudeError, ProjectError, TakeError
from etude.store.files import write_atomic
from etude.store.pieces import Piece
from etude.store.project import Project
from etude.store.takes import Take
from etude.takes.change import change
from etude.takes.history import Desk, fold, lineage, may, to_redo, to_undo
from etude.takes.recipe import Recipe, versions
from etude.workspace.contents import find, from_file, remember, take_data


@dataclass(frozen=True)
class TakeInfo:
    """A take and where it stands. `text` is the content for a person to read (music: a line about it)."""

    schema: ClassVar[str] = "etude.take/1"
    id: str
    status: str
    medium: str
    model: str
    seed: int
    index: int
    text: str
    controls: Mapping[str, Any]
    measured: Mapping[str, Any]
    parents: tuple[str, ...] = ()
    children: tuple[str, ...] = ()
    piece: str = ""
    note: str = ""
    at: str = ""


@dataclass(frozen=True)
class TakeList:
    """Takes in the order proposed; `hidden` counts those rejected or undone, which are left out unless asked for."""

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


def desk(project: Project) -> Desk:
    """The state of every take by the project's log."""
    return fold(project.events())


def info(take: Take, states: Desk, text: str = "") -> TakeInfo:
    """A take as a person sees it."""
    recipe = Recipe.from_json(take.record)
    state = states.takes[take.id]
    return TakeInfo(
        id=take.id,
        status=state.status,
        medium=recipe.medium,
        model=recipe.model,
        seed=recipe.seed,
        index=recipe.index,
        text=text,
        controls=recipe.controls,
        measured=dict(take.record.get("measured") or {}),
        parents=state.parents,
        children=state.children,
        piece=state.piece,
        note=state.note,
        at=take.at,
    )


def takes(project: Project, *, everything: bool = False, last: int | None = None) -> TakeList:
    """The takes that are on the desk: provisional ones and accepted ones; with `everything` the rejected and undone too."""
    states = desk(project)
    all_takes = [info(take, states) for take in project.takes()]
    shown = [take for take in all_takes if everything or take.status in ("proposed", "accepted")]
    return TakeList(tuple(shown[-last:] if last else shown), len(all_takes) - len(shown))


def take(project: Project, ref: str) -> TakeInfo:
    """One take with its content as text."""
    found, data = take_data(project, ref)
    return info(found, desk(project), readable(Recipe.from_json(found.record).medium, data))


def readable(medium: str, data: bytes) -> str:
    from etude.media import MEDIA

    content = MEDIA[medium].load(data)
    return content if isinstance(content, str) else MEDIA[medium].describe(content)


def accept(project: Project, ref: str, *, title: str = "", note: str = "") -> PieceInfo:
    """Keep a take as a piece: readable files in pieces/, with the recipe and the lineage beside them."""
    with project.lock():
        found, data = take_data(project, ref)
        states = desk(project)
        may(states, "accepted", found.id)
        recipe = Recipe.from_json(found.record)
        record = {
            "take": found.id,
            "recipe": recipe.to_json(),
            "lineage": list(lineage(states, found.id)),
            "changed": found.record.get("changed") or {},
            "note": note,
        }
        piece = _write(project, recipe.medium, data, title, record)
        project.log("accepted", act=act_name(), take=found.id, piece=piece.id, note=note)
    return piece_info(piece)


def write_again(project: Project) -> set[str]:
    """Write the missing files of pieces again from their takes, where that gives the very bytes that are missing.

    Returns their paths in the project. A file that this version would write otherwise stays missing: the sidecar says what it was.
    """
    done: set[str] = set()
    with project.lock():
        for piece in project.pieces():
            missing = {
                name: want for name, want in piece.hashes.items() if not (piece.path.parent / name).exists()
            }
            if not missing:
                continue
            with suppress(EtudeError):
                found, data = take_data(project, str(piece.record.get("take", "")))
                for suffix, content in _forms(Recipe.from_json(found.record).medium, data).items():
                    path = piece.path.with_suffix(suffix)
                    if hashlib.sha256(content).hexdigest() == missing.get(path.name):
                        write_atomic(path, content)
                        done.add(f"pieces/{path.name}")
    return done


def _forms(medium: str, data: bytes) -> dict[str, bytes]:
    """A take as files by suffix: the main form first, then every preview that this machine can make."""
    from etude.media import MEDIA

    kind = MEDIA[medium]
    content = kind.load(data)
    main = kind.formats[0]
    forms = {f".{main}": kind.write(content, main)}
    for suffix, make in kind.previews(content).items():
        with suppress(
            EtudeError
        ):  # a preview that this machine cannot make (no soundfont) must not stand in the way of keeping
            forms[suffix] = make()
    return forms


def _write(project: Project, medium: str, data: bytes, title: str, record: Mapping[str, Any]) -> Piece:
    from etude.media import MEDIA

    (suffix, main), *extras = _forms(medium, data).items()
    named = title or _title(MEDIA[medium].load(data)) or f"{medium} {record['take'][2:8]}"
    return project.put_piece(main, suffix=suffix, title=named, record=record, extras=dict(extras))


def _title(content: Any) -> str:
    """The first line of a text, a score's own title."""
    if isinstance(content, str):
        first = next((line.strip(" #*_\t") for line in content.splitlines() if line.strip()), "")
        return first[:60].rsplit(" ", 1)[0] if len(first) > 60 else first
    return str(getattr(content, "title", ""))


def act_name() -> str:
    """A name for an act: it only has to be new, so it needs no seed."""
    return "a-" + secrets.token_hex(6)


def reject(project: Project, ref: str, *, note: str = "") -> TakeInfo:
    """Put a take aside; it stays on record and can be brought back."""
    with project.lock():
        found = project.take(ref)
        may(desk(project), "rejected", found.id)
        project.log("rejected", act=act_name(), take=found.id, note=note)
        return info(found, desk(project))


def edit(project: Project, ref: str, file: str | Path, *, note: str = "") -> TakeInfo:
    """A person's version of a take, as a new take with the old one as parent. Raises TakeError when nothing was changed."""
    from etude.media import MEDIA, is_pictorial

    source = from_file(Path(file).expanduser())
    with project.lock():
        found, data = take_data(project, ref)
        may(desk(project), "edited", found.id)
        before = Recipe.from_json(found.record)
        if source.medium != before.medium:
            raise TakeError(
                f"Take {found.id} is {before.medium} and {file} is {source.medium}.",
                "Give a file of the same medium.",
            )
        kind = MEDIA[source.medium]
        after = kind.store(source.content)
        main = kind.formats[0]
        as_written = kind.read(kind.write(kind.load(data), main), suffix=f".{main}").content
        if after in (data, kind.store(as_written)):
            raise TakeError(
                f"{file} holds take {found.id} unchanged.",
                f"Accept it as it is: etude take accept {found.id}",
            )
        recipe = Recipe(
            source.medium,
            kind="edited",
            source=remember(project, source),
            parents=(found.id,),
            made_with={"etude": versions()["etude"]},
        )
        before_it = (
            as_written if is_pictorial(kind) else kind.load(data)
        )  # what a format of pictures loses is not the person's change
        record = {**recipe.to_json(), "changed": change_between(before_it, source.content)}
        child = project.put_take(record, after)
        project.log("edited", act=act_name(), take=found.id, into=[child.id], note=note)
        return info(child, desk(project), readable(source.medium, after))


def change_between(before: Any, after: Any) -> dict[str, Any]:
    """How far one content is from another, in words, notes or pixels: what was kept, added and removed, and the share that was added."""
    if not isinstance(before, str) and not callable(getattr(before, "flat", None)):
        return _pixels_changed(before, after)
    if isinstance(before, str):
        found = change(before.split(), after.split(), "words")
    else:
        found = change(before.flat(), after.flat(), "notes")
    share = round(found.share, 4)
    return {
        "share": share,
        "unit": found.unit,
        "kept": found.kept,
        "added": found.added,
        "removed": found.removed,
    }


def _pixels_changed(before: Any, after: Any) -> dict[str, Any]:
    """The pixels of a picture or clip that a person can see to be others."""
    import numpy as np

    a, b = (np.asarray(getattr(one, "frames", one)) for one in (before, after))
    total = int(np.prod(b.shape[:-1]))
    if a.shape != b.shape:
        return {
            "share": 1.0,
            "unit": "pixels",
            "kept": 0,
            "added": total,
            "removed": int(np.prod(a.shape[:-1])),
        }
    added = int((np.abs(a.astype(np.int16) - b).max(-1) > TAKES.seen).sum())
    return {
        "share": round(added / total, 4),
        "unit": "pixels",
        "kept": total - added,
        "added": added,
        "removed": added,
    }


def undo(project: Project, ref: str | None = None, *, redo: bool = False) -> Undone:
    """Take back the last act (on one take, if named), or with `redo` take up again the act undone last."""
    with project.lock():
        states = desk(project)
        if redo:
            act = to_redo(states)
            files = _bring_back(project, act.id, act.take, act.piece, act.note)
            project.log("redone", act=act.id)
        else:
            act = to_undo(states, project.take(ref).id if ref else None)
            slots, files = _put_away(project, act.piece)
            project.log("undone", act=act.id, slots=slots)
    return Undone(act.kind, act.take, redo, files)


def _put_away(project: Project, piece_id: str) -> tuple[list[str], tuple[str, ...]]:
    """The piece's files go to the trash, the sidecar first: without it the others are no piece any more."""
    if not piece_id:
        return [], ()
    try:
        piece = project.piece(piece_id)
    except TakeError:
        return [], ()
    paths = [path for name in reversed(piece.files) if (path := piece.path.parent / name).exists()]
    return [str(project.trash(path)) for path in paths], tuple(path.name for path in paths)


def _bring_back(project: Project, act_id: str, take_id: str, piece_id: str, note: str) -> tuple[str, ...]:
    """The piece out of the trash as it was, signed or not; written anew from the take when the trash was emptied."""
    if not piece_id:
        return ()
    slots: list[str] = next(
        (e["slots"] for e in reversed(project.events()) if e["event"] == "undone" and e["act"] == act_id), []
    )
    try:
        return tuple(project.restore(Path(slot)).name for slot in reversed(slots))
    except (ProjectError, OSError):
        found, data = take_data(project, take_id)
        recipe = Recipe.from_json(found.record)
        above = list(lineage(desk(project), take_id))
        record = {
            "take": take_id,
            "recipe": recipe.to_json(),
            "lineage": above,
            "changed": found.record.get("changed") or {},
            "note": note,
        }
        return _write(project, recipe.medium, data, "", record).files


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


def pieces(project: Project) -> PieceList:
    """What was kept."""
    return PieceList(tuple(piece_info(piece) for piece in project.pieces()))


def piece(project: Project, ref: str) -> PieceInfo:
    """One piece with its content as text."""
    from etude.media import MEDIA

    found = project.piece(ref)
    content = find(project, found.id).content
    medium = str((found.record.get("recipe") or {}).get("medium", "text"))
    return piece_info(found, content if isinstance(content, str) else MEDIA[medium].describe(content))
