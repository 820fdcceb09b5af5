"""An act that writes several things is done or was never begun: a journal of what stood there before.

While an act runs (under the project's lock), everything that is about to be made, replaced, appended to or
moved is first written into `.etude/act.jsonl`, what is replaced is kept beside it, and both are durable
before the write begins. The act is done when the journal is gone. A journal without a living act is of a
process that died: the next one that takes the lock undoes what it says, backwards, and writes that into the
log. Nothing is deleted by this: what was made in vain lies in the trash.

The rollback journal of SQLite (https://www.sqlite.org/atomiccommit.html), for files. What `.etude/` holds is
not written down: it can be made again, and what lies in the trash hurts nobody. Knows nothing of what the
files mean."""

from __future__ import annotations

import os
import secrets
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from etude.errors import EtudeError
from etude.store import files, log, trash
from etude.store.layout import CACHE
from etude.store.lines import append, read_lines, write_json

JOURNAL = Path(CACHE) / "act.jsonl"
KEPT = Path(CACHE) / "act"  # what acts replace, by number
EVENT, NAMED = "cut-off", "repaired"  # on the log: an act was undone; `repair` has said so


@dataclass(frozen=True)
class CutOff:
    """An act whose process died, and what was done about it: `made` files lie in the trash folder `slot`,
    `back` is how many others are again what they were."""

    verb: str
    at: str
    made: int
    back: int
    slot: str

    @property
    def what(self) -> str:
        """One sentence for people."""
        done = []
        if self.made:
            files_ = "1 file" if self.made == 1 else f"{self.made:,} files"
            done.append(f"{files_} that it had written went to {self.slot}")
        if self.back:
            files_ = "1 file is" if self.back == 1 else f"{self.back:,} files are"
            done.append(f"{files_} as before")
        what = " and ".join(done) or "nothing had been written yet"
        return f"'{self.verb}' of {self.at[:16].replace('T', ' ')} was cut off and is undone: {what}"


class _Act:
    """An act that is running. `seen`: what was written down of a path already."""

    def __init__(self, root: Path, verb: str) -> None:
        self.root = root
        self.verb = verb
        self.depth = 1
        self.begun = False
        self._seen: dict[str, str] = {}
        self._guard = threading.Lock()  # works are written by several threads

    def before_write(self, paths: Sequence[Path]) -> None:
        """These files are about to be made or replaced."""
        with self._guard:
            made, rows = [], []
            for path in paths:
                place = self._place(path)
                if place is None or self._seen.get(place) in ("made", "changed"):
                    continue
                if not path.exists():
                    made.append(place)
                    self._seen[place] = "made"
                else:
                    rows.append({"changed": place, "kept": self._keep(path)})
                    self._seen[place] = "changed"
            self._note([*([{"made": made}] if made else []), *rows])

    def before_append(self, path: Path) -> None:
        """Lines are about to be added to this file."""
        place = self._place(path)
        if place is None:  # the journal itself, for one
            return
        if not path.exists():
            self.before_write([path])
            return
        with self._guard:
            if place not in self._seen:
                self._seen[place] = "grown"
                self._note([{"grown": place, "bytes": path.stat().st_size}])

    def before_move(self, source: Path, target: Path) -> None:
        """A file or folder of the project is about to be moved inside it."""
        with self._guard:
            source, target = (path.relative_to(self.root) for path in (source, target))
            self._seen.pop(source.as_posix(), None)
            self._note([{"moved": source.as_posix(), "to": target.as_posix()}])

    def _place(self, path: Path) -> str | None:
        place = path.relative_to(self.root)
        return None if place.parts[0] == CACHE else place.as_posix()

    def _keep(self, path: Path) -> str:
        folder = self.root / KEPT
        folder.mkdir(parents=True, exist_ok=True)
        kept = folder / secrets.token_hex(6)
        files.link_or_copy(path, kept)
        files.sync_dir(folder)
        return kept.relative_to(self.root).as_posix()

    def _note(self, rows: Sequence[dict[str, Any]]) -> None:
        if not rows:
            return
        begins = [] if self.begun else [{"act": self.verb, "at": log.now()}]
        self.begun = True
        append(self.root / JOURNAL, [*begins, *rows])

    def end(self) -> None:
        """It is done: the journal goes, and with it what was kept."""
        if self.begun:
            _forget(self.root)


_running: dict[str, _Act] = {}


def _after_fork() -> None:
    """A child does not go on with its parent's act."""
    for act in _running.values():
        files.unwatch(act)
    _running.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


@contextmanager
def act(root: Path, verb: str) -> Iterator[None]:
    """All writes inside, or none: also when an exception ends it. The caller holds the lock; of nested acts
    the outermost counts."""
    key = str(root)
    if key in _running:
        _running[key].depth += 1
        try:
            yield
        finally:
            _running[key].depth -= 1
        return
    running = _Act(root, verb)
    _running[key] = running
    files.watch(running)
    try:
        yield
    except BaseException:
        files.unwatch(running)
        with suppress(OSError, EtudeError):  # a full disk: the journal stays, and the next start undoes it
            if running.begun:
                _undo(root, None)
                _forget(root)
        raise
    else:
        running.end()
    finally:
        files.unwatch(running)
        del _running[key]


def left(root: Path) -> bool:
    """Whether there is a journal that no act of this process writes: of one that died, if the lock is
    free."""
    return str(root) not in _running and (root / JOURNAL).exists()


def undo_left(root: Path) -> CutOff | None:
    """Undo what a process left in the middle of an act, and write that into the log. None when it had not
    begun. Under the lock. Killed itself, it is done again by the next."""
    slot = root / trash.FOLDER / f"{log.now()[:19].replace(':', '')}-{secrets.token_hex(3)}"
    done = _undo(root, slot)
    if done is not None:
        event = {"act": done.verb, "began": done.at, "made": done.made, "back": done.back, "slot": done.slot}
        log.write(root, [(EVENT, {("verb" if key == "act" else key): value for key, value in event.items()})])
    _forget(root)
    return done


def unnamed(root: Path) -> tuple[CutOff, ...]:
    """The acts that were undone since `repair` last named some."""
    found: list[CutOff] = []
    for event in log.read(root):
        if event["event"] == NAMED:
            found = []
        elif event["event"] == EVENT:
            with suppress(KeyError, TypeError, ValueError):
                counts = int(event["made"]), int(event["back"])
                found.append(CutOff(str(event["verb"]), str(event["began"]), *counts, str(event["slot"])))
    return tuple(found)


def _undo(root: Path, slot: Path | None) -> CutOff | None:
    """Take back what the journal says, the last first. What was made goes into the trash folder `slot`;
    without one, where the person is there and is told, it is removed."""
    rows = read_lines(root / JOURNAL).records  # a torn last line is of a write that had not begun
    if not rows or "act" not in rows[0]:
        return None
    done = CutOff(str(rows[0]["act"]), str(rows[0].get("at", "")), 0, 0, "")
    if slot is not None:
        slot.mkdir(parents=True, exist_ok=True)
        write_json(slot / trash.NOTE, {"from": "", "undone": done.verb, "at": log.now()})
        done = replace(done, slot=slot.relative_to(root).as_posix())
    for row in reversed(rows[1:]):
        if "made" in row:
            gone = sum(_away(root, place, slot) for place in row["made"])
            done = replace(done, made=done.made + gone)
        elif "changed" in row:
            _put_back(root, row["changed"], root / row["kept"], slot)
            done = replace(done, back=done.back + 1)
        elif "grown" in row:
            done = replace(done, back=done.back + _cut(root / row["grown"], int(row["bytes"])))
        elif "moved" in row:
            done = replace(done, back=done.back + _move_back(root, Path(row["moved"]), Path(row["to"])))
    if slot is not None and not done.made:
        _drop_empty(slot)
        done = replace(done, slot="")
    return done


def _away(root: Path, place: str, slot: Path | None) -> int:
    path = root / place
    if not path.exists():
        return 0
    if slot is None:
        path.unlink()
    else:
        target = slot / place
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)
    return 1


def _put_back(root: Path, place: str, kept: Path, slot: Path | None) -> None:
    """The file as it was. One that somebody changed in between is not lost: it lies in the trash."""
    path = root / place
    if not kept.exists():
        return
    if path.exists() and not path.samefile(kept):
        _away(root, place, slot)
    temp = path.with_name(f"{files.TEMP}{os.getpid()}-{secrets.token_hex(4)}")
    files.link_or_copy(kept, temp)
    temp.replace(path)
    temp.unlink(missing_ok=True)  # moving a file onto its own other name leaves both
    files.sync_dir(path.parent)


def _cut(path: Path, size: int) -> int:
    if not path.exists() or path.stat().st_size <= size:
        return 0
    with path.open("r+b") as file:
        file.truncate(size)
        os.fsync(file.fileno())
    return 1


def _move_back(root: Path, source: Path, target: Path) -> int:
    if not (root / target).exists() or (root / source).exists():
        return 0
    (root / source).parent.mkdir(parents=True, exist_ok=True)
    (root / target).replace(root / source)
    files.sync_dir((root / source).parent)
    if trash.FOLDER in target.parents:
        _drop_empty((root / target).parent)
    if trash.FOLDER in source.parents and not ((root / source).parent / trash.NOTE).exists():
        write_json((root / source).parent / trash.NOTE, {"from": target.as_posix(), "at": log.now()})
    return 1


def _drop_empty(slot: Path) -> None:
    with suppress(OSError):
        (slot / trash.NOTE).unlink(missing_ok=True)
        slot.rmdir()


def _forget(root: Path) -> None:
    (root / JOURNAL).unlink(missing_ok=True)
    files.sync_dir(root / CACHE)
    shutil.rmtree(root / KEPT, ignore_errors=True)
