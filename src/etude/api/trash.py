"""`trash`: what was deleted and lies in .etude/trash, and deleting it for good."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from etude.store import trash as store
from etude.workspace.core import Workspace


@dataclass(frozen=True)
class InTrash:
    """One thing in the trash: `what` it was, since when, how large, and the folder it lies in."""

    what: str
    at: str
    bytes: int
    folder: str


@dataclass(frozen=True)
class TrashList:
    """Everything in the trash, oldest first."""

    schema: ClassVar[str] = "etude.trash/1"
    items: tuple[InTrash, ...]
    bytes: int


@dataclass(frozen=True)
class Emptied:
    """What was deleted for good (`dry_run`: would be)."""

    schema: ClassVar[str] = "etude.trash-emptied/1"
    items: int
    bytes: int
    dry_run: bool


def trash(ws: Workspace, /) -> TrashList:
    """What lies in the trash."""
    root = ws.project.root
    rows = [InTrash(s.what, s.at, s.bytes, s.path.relative_to(root).as_posix()) for s in store.slots(root)]
    return TrashList(tuple(rows), sum(row.bytes for row in rows))


def trash_empty(ws: Workspace, /, *, days: float = 0.0, dry_run: bool = False) -> Emptied:
    """Delete for good what has been in the trash for at least `days`. What went cannot be restored by
    anything; models that learned from a deleted work still hold it."""
    project = ws.project
    before = (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="milliseconds")
    with project.lock():
        gone = [slot for slot in store.slots(project.root) if not days or slot.at[:23] <= before[:23]]
        if not dry_run and gone:
            store.empty(project.root, gone)
            project.log("trash-emptied", items=len(gone))
    return Emptied(len(gone), sum(slot.bytes for slot in gone), dry_run)
