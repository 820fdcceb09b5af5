"""`jobs`: verbs that run beside the pages, one after the other, and go on after whatever dies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from etude.jobs import queue
from etude.store import jobs as disk
from etude.store.jobs import START, Event, Job, Place
from etude.workspace.core import Workspace


@dataclass(frozen=True)
class JobList:
    """Jobs, oldest first."""

    schema: ClassVar[str] = "etude.jobs/1"
    jobs: tuple[Job, ...]


@dataclass(frozen=True)
class JobShown:
    """One job with what its worker said since `Place`, and its answer: the object that the verb gives with
    --json, None until it has ended."""

    schema: ClassVar[str] = "etude.job/1"
    job: Job
    events: tuple[Event, ...]
    place: Place
    answer: Any


def jobs(ws: Workspace, /) -> JobList:
    """Every job as it stands now."""
    return JobList(queue.listed(ws.project))


def job(ws: Workspace, /, job_id: str, *, after: Place = START) -> JobShown:
    """One job as it stands now, with its events after a place. Raises ProjectError where there is none."""
    found = queue.settled(ws.project, job_id)
    said, place = disk.events(ws.project.root, found.id, after)
    answer = disk.answer(ws.project.root, found.id) if found.state in queue.OVER else None
    return JobShown(found, tuple(said), place, answer)


def job_add(ws: Workspace, /, words: Sequence[str], *, title: str = "", after: str = "") -> Job:
    """Put a command at the end of the queue: the words after `etude`, without --json. `after`: a job whose
    result it needs."""
    return queue.submit(ws.project, words, title=title, after=after)


def job_stop(ws: Workspace, /, job_id: str, *, pause: bool = False) -> Job:
    """Stop a job as Ctrl-C does; learning leaves a usable model."""
    return queue.stop(ws.project, job_id, pause=pause)


def job_resume(ws: Workspace, /, job_id: str) -> Job:
    """Put a job that was stopped or failed back into the queue; learning goes on where it was."""
    return queue.resume(ws.project, job_id)


def job_rm(ws: Workspace, /, job_id: str) -> Job:
    """Remove a job that is over."""
    return queue.forget(ws.project, job_id)


def jobs_run(ws: Workspace, /, *, until: Callable[[], bool] | None = None) -> JobList:
    """Work the queue off: until nothing waits or runs, or until told."""
    runner = queue.Runner(ws.project)
    runner.run(until if until is not None else lambda: not runner.step())
    return jobs(ws)
