"""Deletion goes to the trash: a folder in .etude/trash/ for each thing deleted, with a note of where it came
from.

Knows nothing of what the files are.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from etude.errors import ProjectError
from etude.store.files import clear_errors, sync_dir
from etude.store.lines import read_json, write_json
from etude.store.log import now

FOLDER = Path(".etude") / "trash"
_NOTE = "origin.json"


def put(root: Path, path: Path) -> Path:
    """Move a file or folder of the project to the trash; returns its folder there. The caller holds the
    lock."""
    place = inside(root, path)
    at = now()
    slot = root / FOLDER / f"{at[:19].replace(':', '')}-{secrets.token_hex(3)}"
    with clear_errors(slot):
        slot.mkdir(parents=True)
        write_json(slot / _NOTE, {"from": place.as_posix(), "at": at})
        (root / place).replace(slot / place.name)
        sync_dir(slot)
        sync_dir((root / place).parent)
    return slot


def restore(root: Path, slot: Path) -> Path:
    """Move what is in a trash folder back to where it was. Raises ProjectError when something else is there
    now."""
    place = inside(root, root / str(read_json(slot / _NOTE)["from"]))
    target = root / place
    if target.exists():
        raise ProjectError(
            f"{place} exists again, so it cannot be restored from the trash.", "Move it away first."
        )
    with clear_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        (slot / place.name).replace(target)
        sync_dir(target.parent)
        (slot / _NOTE).unlink()
        slot.rmdir()
    return target


def inside(root: Path, path: Path) -> Path:
    """`path` relative to the project. Raises ProjectError for a path outside it, or for the project
    itself."""
    place = Path(os.path.normpath(root / path))
    if root not in place.parents:
        raise ProjectError(f"{path} is not in the project {root}.", "Give a path inside the project.")
    return place.relative_to(root)
