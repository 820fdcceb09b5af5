"""Pieces: a take as the files that a person keeps, written, put away and brought back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from etude.errors import EtudeError, ProjectError, TakeError
from etude.media import MEDIA
from etude.store.files import write_atomic
from etude.store.pieces import Piece
from etude.store.project import Project
from etude.takes.history import Desk, lineage
from etude.takes.recipe import Recipe
from etude.workspace.contents import take_data
from etude.workspace.core import Workspace
from etude.workspace.takes import desk


def record_of(ws: Workspace, take_id: str, states: Desk, note: str) -> tuple[Recipe, bytes, dict[str, Any]]:
    """The recipe and bytes of a take, and what its piece says of it."""
    take, data = take_data(ws, take_id)
    recipe = Recipe.from_json(take.record)
    record = {
        "take": take.id,
        "recipe": recipe.to_json(),
        "lineage": list(lineage(states, take.id)),
        "changed": take.record.get("changed") or {},
        "note": note,
    }
    return recipe, data, record


def write(project: Project, medium: str, data: bytes, title: str, record: Mapping[str, Any]) -> Piece:
    """A take as a piece: its main file, and every form of it that this machine can make."""
    (suffix, main), *extras = _forms(medium, data).items()
    named = title or MEDIA[medium].title(MEDIA[medium].load(data)) or f"{medium} {record['take'][2:8]}"
    return project.put_piece(main, suffix=suffix, title=named, record=record, extras=dict(extras))


def _forms(medium: str, data: bytes) -> dict[str, bytes]:
    """A take as files by suffix: the main form first, then every preview that this machine can make."""
    kind = MEDIA[medium]
    content = kind.load(data)
    main = kind.formats[0]
    forms = {f".{main}": kind.write(content, main)}
    for suffix, make in kind.previews(content).items():
        with suppress(
            EtudeError
        ):  # a preview that cannot be made here (no soundfont) must not stand in the way of keeping
            forms[suffix] = make()
    return forms


def write_again(ws: Workspace) -> set[str]:
    """Write the missing files of pieces again from their takes, where that gives the very bytes that are
    missing.

    Returns their paths in the project. A file that this version would write otherwise stays missing: the
    sidecar says what it was.
    """
    done: set[str] = set()
    with ws.project.lock():
        for piece in ws.project.pieces():
            folder = piece.path.parent
            missing = {name: want for name, want in piece.hashes.items() if not (folder / name).exists()}
            if not missing:
                continue
            with suppress(EtudeError):
                take, data = take_data(ws, str(piece.record.get("take", "")))
                for suffix, content in _forms(Recipe.from_json(take.record).medium, data).items():
                    path = piece.path.with_suffix(suffix)
                    if hashlib.sha256(content).hexdigest() == missing.get(path.name):
                        write_atomic(path, content)
                        done.add(f"pieces/{path.name}")
    return done


def put_away(project: Project, piece_id: str) -> tuple[list[str], tuple[str, ...]]:
    """The piece's files go to the trash, the sidecar first: without it the others are no piece any more."""
    if not piece_id:
        return [], ()
    try:
        piece = project.piece(piece_id)
    except TakeError:
        return [], ()
    paths = [path for name in reversed(piece.files) if (path := piece.path.parent / name).exists()]
    return [project.slot_name(project.trash(path)) for path in paths], tuple(path.name for path in paths)


def bring_back(ws: Workspace, act_id: str, take_id: str, piece_id: str, note: str) -> tuple[str, ...]:
    """The piece out of the trash as it was, signed or not; written anew from the take when the trash was
    emptied."""
    if not piece_id:
        return ()
    events = [e for e in ws.project.events() if e["event"] == "undone" and e["act"] == act_id]
    slots: list[str] = events[-1]["slots"] if events else []
    try:
        return tuple(ws.project.restore(ws.project.slot(slot)).name for slot in reversed(slots))
    except (ProjectError, OSError):
        recipe, data, record = record_of(ws, take_id, desk(ws.project), note)
        return write(ws.project, recipe.medium, data, "", record).files
