"""The queue: jobs are put in, started one a lane, stopped as by Ctrl-C, and settled by what is on disk.

A worker is a child process that runs one verb (`python -m etude ... --json`). It outlives whoever started it,
and nobody needs to have waited for it: how it ended follows from its lock and its answer alone. So a server
or a worker may die at any moment; the next look at the queue goes on. A worker that died without an answer is
started again by the same command, which for learning means that it resumes.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from etude.config.jobs import JOBS
from etude.errors import ProjectError
from etude.store import jobs as disk
from etude.store import lock
from etude.store.jobs import Job
from etude.store.log import now
from etude.store.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterator

RUNS, WAITS = "running", "queued"
OVER = ("done", "failed", "stopped")


def submit(project: Project, words: Sequence[str], *, title: str = "", after: str = "") -> Job:
    """Put one verb at the end of the queue: the words after `etude`. `after`: a job whose result it needs; it
    starts when that has given one. Raises ProjectError for no words, or no such job."""
    if not words:
        raise ProjectError("No command was named.", "For example: etude jobs add make first -n 8")
    with _held(project):
        long = words[0] in JOBS.long_verbs or set(words) & set(JOBS.long_options)
        lane = "long" if long and "--dry-run" not in words else "short"
        if after:
            disk.read(project.root, after)
        job = disk.create(project.root, title or " ".join(words[:2]), tuple(words), lane, after)
        over = [old for old in disk.every(project.root) if old.state in OVER]
        for old in over[: max(0, len(over) - JOBS.kept)]:
            disk.forget(project.root, old.id)
    return job


def listed(project: Project) -> tuple[Job, ...]:
    """Every job, oldest first, as it stands now."""
    return tuple(settled(project, job.id) for job in disk.every(project.root))


def settled(project: Project, job_id: str) -> Job:
    """One job as it stands now: a worker that is gone has ended somehow."""
    job = disk.read(project.root, job_id)
    if job.state != RUNS or disk.is_alive(project.root, job.id):
        return job
    with _held(project):
        return _settle(project, job_id)


def stop(project: Project, job_id: str, *, pause: bool = False) -> Job:
    """Ask a job to stop, as Ctrl-C does: learning leaves a usable model, and the same command goes on. Asked
    twice, it stops at once. `pause`: it is meant to go on later. One that waits is taken out of the queue."""
    with _held(project):
        job = _settle(project, job_id)
        if job.state in OVER:
            raise ProjectError(f"Job {job.id} is {job.state} already.", "List jobs with: etude jobs")
        job = replace(job, asked="pause" if pause else "stop", told=False)
        job = _tell(project, job) if job.state == RUNS else replace(job, state="stopped", ended=now())
        disk.save(project.root, job)
        return job


def _tell(project: Project, job: Job) -> Job:
    """Interrupt the worker, once it has written down which process it is."""
    pid = disk.worker_pid(project.root, job.id)
    if pid is not None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)
    return replace(job, told=pid is not None)


def resume(project: Project, job_id: str) -> Job:
    """Put a job that was stopped or failed back into the queue: the same command. Raises ProjectError for any
    other."""
    with _held(project):
        job = _settle(project, job_id)
        if job.state not in ("stopped", "failed"):
            raise ProjectError(f"Job {job.id} is {job.state}: there is nothing to resume.", "See: etude jobs")
        job = replace(job, state=WAITS, asked="", told=False, cuts=0, ended="", message="", hint="")
        disk.save(project.root, job)
        return job


def forget(project: Project, job_id: str) -> Job:
    """Remove a job that is over, with what it said. Raises ProjectError for one that is not."""
    with _held(project):
        job = _settle(project, job_id)
        if job.state not in OVER:
            raise ProjectError(f"Job {job.id} is {job.state}.", f"Stop it first: etude jobs stop {job.id}")
        disk.forget(project.root, job.id)
        return job


class Runner:
    """Whoever starts workers: a studio's thread, or `etude jobs run`. Several may look at one queue."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._children: list[subprocess.Popen[bytes]] = []

    def step(self) -> bool:
        """Settle what has ended and start what may start; whether anything waits or runs."""
        self._children = [child for child in self._children if child.poll() is None]
        if not any(job.state in (RUNS, WAITS) for job in disk.every(self.project.root)):
            return False
        with _held(self.project):
            jobs = [_settle(self.project, job.id) for job in disk.every(self.project.root)]
            taken = {job.lane for job in jobs if job.state == RUNS}
            for job in jobs:
                if job.state == WAITS and job.lane not in taken and self._may_start(job):
                    taken.add(job.lane)
                    self._start(job)
        return any(job.state in (RUNS, WAITS) for job in jobs)

    def run(self, until: Callable[[], bool]) -> None:
        """Look at the queue again and again, until told."""
        while not until():
            with suppress(ProjectError, OSError):  # a full disk, no memory: nothing starts meanwhile
                self.step()
            time.sleep(JOBS.look_s)

    def _may_start(self, job: Job) -> bool:
        """Whether what it needs is there. What can never come stops it, with the reason."""
        if not job.after:
            return True
        before = None
        with suppress(ProjectError):
            before = disk.read(self.project.root, job.after)
        if before is None or before.state not in OVER:
            return before is None  # long done and forgotten: the verb itself says what is missing
        given = disk.answer(self.project.root, before.id)
        if before.state != "failed" and given is not None:
            return True  # also of learning that was stopped: its model is usable
        why = f"Job {before.id} ({before.title}) has {before.state} without a result."
        hint = f"See: etude jobs show {before.id}"
        stopped = replace(job, state="stopped", ended=now(), message=why, hint=hint)
        disk.save(self.project.root, stopped)
        return False

    def _start(self, job: Job) -> None:
        root = self.project.root
        handles = disk.open_for_worker(root, job.id)
        if handles is None:
            return  # it runs already: somebody died between starting it and writing that down
        try:
            disk.note(root, job.id, event="started", attempt=job.attempts + 1, at=now())
            disk.save(root, replace(job, state=RUNS, attempts=job.attempts + 1))
            nice = JOBS.nice if job.lane == "long" else 0
            words = [sys.executable, "-m", "etude.jobs.worker", str(handles.alive), str(nice)]
            self._children.append(
                subprocess.Popen(
                    [*words, "-C", str(root), *job.words, "--json"],
                    stdin=subprocess.DEVNULL,
                    stdout=handles.answer,
                    stderr=handles.events,
                    pass_fds=(handles.alive,),
                    start_new_session=True,  # Ctrl-C in a terminal ends the server, not the learning
                    env={**os.environ, "ETUDE_PROGRESS": "json"},
                )
            )
        finally:
            handles.close()


@contextmanager
def _held(project: Project) -> Iterator[None]:
    """The queue's own lock: it is never held for longer than a look takes."""
    with lock.hold(project.root / disk.FOLDER / "lock"):
        yield


def _settle(project: Project, job_id: str) -> Job:
    """Under the lock: what a worker that is gone left behind."""
    root = project.root
    job = disk.read(root, job_id)
    if job.state not in (RUNS, WAITS):
        return job
    if disk.is_alive(root, job.id):
        if job.state == WAITS:  # its starter died before it wrote this down
            job = replace(job, state=RUNS, attempts=job.attempts + 1)
            disk.save(root, job)
        if job.asked and not job.told:
            job = _tell(project, job)
            disk.save(root, job)
        return job
    if job.state == WAITS:
        return job
    found = disk.answer(root, job.id)
    if found is None and not job.asked:
        job = _cut(project, job)
    elif found is None:
        job = replace(job, state="stopped", ended=now())
    elif found.get("schema") == "etude.error/1":
        message, hint = str(found.get("error", "")), str(found.get("hint", ""))
        job = replace(job, state="failed", ended=now(), message=message, hint=hint)
    else:
        stopped = (
            found.get("ended") == "interrupted"
        )  # as every answer of a verb that can be gone on with says
        job = replace(job, state="stopped" if stopped else "done", ended=now())
    disk.save(root, job)
    disk.note(root, job.id, event=job.state, at=now(), message=job.message)
    return job


def _cut(project: Project, job: Job) -> Job:
    """The worker died without an answer: again, unless it keeps dying."""
    cuts = job.cuts + 1
    if cuts < JOBS.most_cuts:
        return replace(job, state=WAITS, cuts=cuts)
    said = [event.said.get("text") for event in disk.events(project.root, job.id)[0]]
    last = next((str(text) for text in reversed(said) if text), "")
    message = f"The worker died {cuts} times without an answer." + (
        f" The last it said: {last}" if last else ""
    )
    hint = f"Close other programs if memory ran out, then: etude jobs resume {job.id}"
    return replace(job, state="failed", cuts=cuts, ended=now(), message=message, hint=hint)
