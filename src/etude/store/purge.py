"""Everything in a project folder that may hold something of works, deleted for good: caches, checkpoints,
what lies in the trash, answers of jobs; and lines of the log without what they say of them.

Caches are deleted whole, since they are made again; a run of learning that is alive keeps its folder. Called
under the project's lock, inside an act or after a crash again: doing it twice does no harm. Knows nothing of
what works are.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from etude.errors import ProjectError
from etude.store import jobs, lock, log, takes, trash
from etude.store.acts import JOURNAL, KEPT
from etude.store.layout import CACHE
from etude.store.lines import Record, read_lines, rewrite

# What is not a cache, or is looked through piece by piece
_STAYS = {"lock", JOURNAL.name, KEPT.name, takes.FOLDER.name, trash.FOLDER.name, "queue", "jobs"}
SAYS = ("title", "record", "titles", "maker", "file")  # what events say of a work beside its id


@dataclass(frozen=True)
class Purged:
    """What was deleted: caches by name, runs of learning, folders of the trash, jobs; `alive`: runs that go
    on at this moment."""

    caches: tuple[str, ...] = ()
    runs: int = 0
    alive: int = 0
    trash: int = 0
    jobs: int = 0


def caches(root: Path, ids: Collection[str]) -> Purged:
    """Delete caches, runs that are not alive, and what jobs answered of these works."""
    gone = []
    for path in sorted((root / CACHE).iterdir()):
        if path.name not in _STAYS:
            gone.append(path.name)
            _delete(path)
    runs, alive = 0, 0
    for folder in sorted((root / CACHE / "jobs").glob("*")):
        if _alive(folder):
            alive += 1
        else:
            runs += 1
            _delete(folder)
    said = 0
    for job in jobs.every(root):
        folder = root / jobs.FOLDER / job.id
        if job.state in ("done", "failed", "stopped") and _names(folder, ids):
            jobs.forget(root, job.id)
            said += 1
        else:  # takes on the way of a run may recite what it learned from
            said += bool(jobs.blank(root, job.id, "takes"))
    return Purged(tuple(gone), runs, alive, 0, said)


def trashed(root: Path, ids: Collection[str], files: Collection[str]) -> int:
    """Delete what in the trash is one of these files, or names one of the works (a model, a collection)."""
    found = [slot for slot in trash.slots(root) if _holds(slot.path, ids, files)]
    trash.empty(root, found)
    return len(found)


def lines(root: Path, ids: Collection[str], given: Callable[[Record], bool]) -> int:
    """Take out of the log what it says of these works but their ids, and contents for which `given` says
    yes; the lines themselves stay. Returns how many changed."""
    changed = 0
    for path in log.files(root):
        records, new = read_lines(path).records, []
        for record in records:
            new.append(_redacted(record, ids, given))
        if new != list(records):
            changed += sum(a != b for a, b in zip(new, records, strict=True))
            rewrite(path, new)
    return changed


def _redacted(record: Record, ids: Collection[str], given: Callable[[Record], bool]) -> Record:
    if record.get("event") == "given" and record.get("content") and given(record):
        return {**{k: v for k, v in record.items() if k != "title"}, "content": "", "withdrawn": True}
    named = {str(record.get("work", ""))} | {str(i) for i in record.get("works") or () if isinstance(i, str)}
    if named & set(ids) and any(key in record for key in SAYS):
        record = {key: value for key, value in record.items() if key not in SAYS}
    if "changes" in record:
        rows = [(*row[:3], [i for i in row[3] if i not in ids]) for row in record["changes"]]
        if any(len(new[3]) < len(old[3]) for new, old in zip(rows, record["changes"], strict=True)):
            record = {**record, "changes": [list(row) for row in rows if row[3]]}
    return record


def _alive(folder: Path) -> bool:
    """Whether a run of learning holds this folder."""
    if not (folder / "lock").exists():
        return False
    try:
        with lock.hold(folder / "lock", wait_s=0.0):
            return False
    except ProjectError:
        return True


def _names(folder: Path, ids: Iterable[str]) -> bool:
    wanted = [work_id.encode() for work_id in ids]
    for path in folder.glob("*"):
        with suppress(OSError):
            data = path.read_bytes() if path.is_file() else b""
            if any(one in data for one in wanted):
                return True
    return False


def _holds(slot: Path, ids: Collection[str], files: Collection[str]) -> bool:
    for path in slot.rglob("*"):
        if path.name in files:
            return True
        if path.suffix == ".json" and path.name != trash.NOTE and path.is_file():
            with suppress(OSError, ValueError):
                text: Any = json.dumps(json.loads(path.read_bytes()))
                if any(work_id in text for work_id in ids):
                    return True
    return False


def _delete(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
