"""Deletion goes to the trash: a folder in .etude/trash/ for each thing deleted, with a note of where it came
from.

Knows nothing of what the files are.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from etude.errors import ProjectError
from etude.store.files import clear_errors, move
from etude.store.lines import Record, read_json, write_json
from etude.store.log import now

FOLDER = Path(".etude") / "trash"
NOTE = "origin.json"


def put(root: Path, path: Path) -> Path:
    """Move a file or folder of the project to the trash; returns its folder there. The caller holds the
    lock."""
    place = inside(root, path)
    at = now()
    slot = root / FOLDER / f"{at[:19].replace(':', '')}-{secrets.token_hex(3)}"
    with clear_errors(slot):
        slot.mkdir(parents=True)
        write_json(slot / NOTE, {"from": place.as_posix(), "at": at})
    move(root / place, slot / place.name)
    return slot


def restore(root: Path, slot: Path) -> Path:
    """Move what is in a trash folder back to where it was. Raises ProjectError when something else is there
    now."""
    place = inside(root, root / str(read_json(slot / NOTE)["from"]))
    target = root / place
    if target.exists():
        raise ProjectError(
            f"{place} exists again, so it cannot be restored from the trash.", "Move it away first."
        )
    move(slot / place.name, target)
    with clear_errors(target):
        (slot / NOTE).unlink()
        slot.rmdir()
    return target


@dataclass(frozen=True)
class Slot:
    """A folder in the trash: what lies in it, where it came from ('' for several things at once), since when
    and how large."""

    path: Path
    what: str
    place: str
    at: str
    bytes: int


def slots(root: Path) -> tuple[Slot, ...]:
    """Everything in the trash, oldest first."""
    found = []
    for path in sorted((root / FOLDER).glob("*")):
        inside_it = (
            [one for one in path.rglob("*") if one.is_file() and one.name != NOTE]
            if path.is_dir()
            else [path]
        )
        note: Record = {}
        with suppress(OSError, ProjectError):
            note = read_json(path / NOTE)
        place = str(note.get("from", ""))
        undone = f"what '{note['undone']}' had written" if note.get("undone") else ""
        what = place or undone or path.name
        size = sum(one.stat().st_size for one in inside_it)
        found.append(Slot(path, what, place, str(note.get("at", "")), size))
    return tuple(found)


def empty(root: Path, which: Iterable[Slot]) -> None:
    """Delete for good. The caller holds the lock."""
    for slot in which:
        assert slot.path.parent == root / FOLDER, "only what lies in the trash is deleted"
        if slot.path.is_dir():
            shutil.rmtree(slot.path, ignore_errors=True)
        else:
            slot.path.unlink(missing_ok=True)


def inside(root: Path, path: Path) -> Path:
    """`path` relative to the project. Raises ProjectError for a path outside it, or for the project
    itself."""
    place = Path(os.path.normpath(root / path))
    if root not in place.parents:
        raise ProjectError(f"{path} is not in the project {root}.", "Give a path inside the project.")
    return place.relative_to(root)
