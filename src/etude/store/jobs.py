"""The queue on disk: one folder a job below .etude/queue/, with what it is and said, and whether it lives.

`job.json` is replaced whole; `events.jsonl` is appended to by the worker itself, a line an event, numbered
from 1; `answer.json` is the worker's standard output. `alive` is a file that the worker holds locked for as
long as it runs: the operating system drops the lock when the worker dies, however it dies, whoever started
it. Knows nothing of verbs.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from etude.errors import ProjectError
from etude.store.files import append_lines, clear_errors, write_atomic
from etude.store.layout import CACHE
from etude.store.lines import dump_line, read_json
from etude.store.log import now

FOLDER = f"{CACHE}/queue"
_PREFIX = "j-"


@dataclass(frozen=True)
class Job:
    """One verb that was asked for: the words of its command, and where it stands.

    `state`: queued, running, done, failed or stopped. `asked`: what a person asked of it while it ran (stop,
    pause), and `told` whether its worker was told. `after`: the job whose result it needs. `cuts` counts how
    often its worker died without an answer; `message` and `hint` say why it failed.
    """

    id: str
    title: str
    words: tuple[str, ...]
    lane: str
    created: str
    after: str = ""
    state: str = "queued"
    asked: str = ""
    told: bool = False
    attempts: int = 0
    cuts: int = 0
    ended: str = ""
    message: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Event:
    """One line that a worker said, by its number."""

    number: int
    said: Mapping[str, Any]


@dataclass(frozen=True)
class Place:
    """How far the events of a job were read: the number of the last one, and the bytes up to its end."""

    number: int = 0
    offset: int = 0


START = Place()


def create(root: Path, title: str, words: tuple[str, ...], lane: str, after: str = "") -> Job:
    """A new job at the end of the queue. It is there when its job.json is."""
    number = 1 + max((int(name[len(_PREFIX) :]) for name in _names(root)), default=0)
    while True:
        folder = root / FOLDER / f"{_PREFIX}{number:06d}"
        with clear_errors(folder):
            try:
                folder.mkdir(parents=True)
                break
            except FileExistsError:
                number += 1
    job = Job(folder.name, title, words, lane, now(), after)
    save(root, job)
    return job


def save(root: Path, job: Job) -> None:
    """Replace what is known of a job."""
    data = json.dumps(asdict(job), ensure_ascii=False, indent=1).encode() + b"\n"
    write_atomic(_folder(root, job.id) / "job.json", data)


def read(root: Path, job_id: str) -> Job:
    """The job of this id. Raises ProjectError where there is none."""
    if job_id in _names(root):
        with suppress(FileNotFoundError, TypeError, KeyError):
            said = read_json(_folder(root, job_id) / "job.json")
            return Job(**{**said, "words": tuple(str(word) for word in said["words"])})
    raise ProjectError(f"There is no job '{job_id}'.", "List them with: etude jobs")


def every(root: Path) -> tuple[Job, ...]:
    """All jobs, oldest first; one whose record is damaged is left out."""
    found = []
    for name in _names(root):
        with suppress(ProjectError):
            found.append(read(root, name))
    return tuple(found)


def forget(root: Path, job_id: str) -> None:
    """Remove a job with all that it said."""
    folder = _folder(root, read(root, job_id).id)
    with clear_errors(folder):
        (folder / "job.json").unlink()  # first: without it the folder is no job any more
        shutil.rmtree(folder, ignore_errors=True)


# ---- what a worker says


def events(root: Path, job_id: str, after: Place = START) -> tuple[list[Event], Place]:
    """The events since a place, and the place after them. A line that is still being written is left for the
    next time; one that is no JSON object is what the verb said in words."""
    found: list[Event] = []
    try:
        with (_folder(root, job_id) / "events.jsonl").open("rb") as file:
            file.seek(after.offset)
            data = file.read()
    except FileNotFoundError:
        return found, after
    whole = data[: data.rfind(b"\n") + 1]
    number = after.number
    for line in whole.split(b"\n")[:-1]:
        number += 1
        if line.strip():
            found.append(Event(number, _said(line)))
    return found, Place(number, after.offset + len(whole))


def _said(line: bytes) -> Mapping[str, Any]:
    with suppress(ValueError):
        record = json.loads(line)
        if isinstance(record, dict):
            return record
    return {"event": "said", "text": line.decode("utf-8", "replace").strip()[:2000]}


def note(root: Path, job_id: str, **said: Any) -> None:
    """Add an event of the queue's own; a line torn by a death before it is closed off."""
    append_lines(_folder(root, job_id) / "events.jsonl", dump_line(said))


def blank(root: Path, job_id: str, key: str) -> int:
    """Take what events say under this key off the disk, in place, so that a worker that is alive goes on
    writing: lines keep their number and their length. Returns how many had it."""
    found, mark = 0, f'"{key}":'.encode()
    with suppress(FileNotFoundError), (_folder(root, job_id) / "events.jsonl").open("r+b") as file:
        at = 0
        for line in file.read().splitlines(keepends=True):
            record = _said(line) if mark in line and line.endswith(b"\n") else {}
            if key in record:
                rest = json.dumps({k: v for k, v in record.items() if k != key}, ensure_ascii=False).encode()
                file.seek(at)
                file.write(rest[: len(line) - 1].ljust(len(line) - 1))
                found += 1
            at += len(line)
        os.fsync(file.fileno())
    return found


def answer(root: Path, job_id: str) -> dict[str, Any] | None:
    """The object that the worker answered with; None where it ended, or was ended, before it had one."""
    with suppress(OSError, ValueError):
        record = json.loads((_folder(root, job_id) / "answer.json").read_bytes())
        if isinstance(record, dict):
            return record
    return None


# ---- whether it lives


@dataclass(frozen=True)
class Handles:
    """Open files that a worker inherits: its lock, its standard output and its events."""

    alive: int
    answer: int
    events: int

    def close(self) -> None:
        """Let go of them here; the worker keeps its own."""
        for fd in (self.alive, self.answer, self.events):
            os.close(fd)


def open_for_worker(root: Path, job_id: str) -> Handles | None:
    """The files of a worker that is about to start, the lock taken and the old answer gone; None where one
    runs already."""
    folder = _folder(root, job_id)
    with clear_errors(folder):
        alive = os.open(folder / "alive", os.O_RDWR | os.O_CREAT, 0o666)
        if not _locked(alive):
            os.close(alive)
            return None
        os.ftruncate(alive, 0)
        out = os.open(folder / "answer.json", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
        said = os.open(folder / "events.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
    return Handles(alive, out, said)


def is_alive(root: Path, job_id: str) -> bool:
    """Whether a worker of this job runs."""
    try:
        fd = os.open(_folder(root, job_id) / "alive", os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        return not _locked(fd, shared=True)  # two who look do not take each other for a worker
    finally:
        os.close(fd)


def worker_pid(root: Path, job_id: str) -> int | None:
    """The process of the worker that runs, as it wrote it down itself."""
    with suppress(OSError, ValueError):
        pid = int((_folder(root, job_id) / "alive").read_text())
        return pid if is_alive(root, job_id) else None
    return None


def _locked(fd: int, *, shared: bool = False) -> bool:
    if sys.platform == "win32":  # its locks cannot be inherited by a worker
        raise ProjectError("The queue needs Linux or macOS.", "On Windows, run Etude under WSL.")
    import fcntl

    try:
        fcntl.flock(fd, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _folder(root: Path, job_id: str) -> Path:
    return root / FOLDER / job_id


def _names(root: Path) -> list[str]:
    """The folders of jobs, oldest first. Only these can be named: no path gets through here."""
    try:
        entries = [path.name for path in (root / FOLDER).iterdir()]
    except FileNotFoundError:
        return []
    return sorted(name for name in entries if name.startswith(_PREFIX) and name[len(_PREFIX) :].isdigit())
