"""One lock a project: other processes wait, then hear who holds it; a dead holder holds nothing."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from etude.errors import ProjectError
from etude.store.project import Project

HOLD = """
import sys, time
from etude.store.project import Project
with Project.open(sys.argv[1]).lock():
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""
ADD = """
import sys
from etude.store.project import Project
project = Project.open(sys.argv[1])
for n in range(25):
    project.add_work(f"{sys.argv[2]} {n}".encode(), suffix=".txt", medium="text", title=f"{sys.argv[2]} {n}")
    project.log("noted", who=sys.argv[2], n=n)
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.init(tmp_path / "studio")


@contextmanager
def holder(project: Project, seconds: float) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(project.root), str(seconds)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def test_the_holder_is_named_after_the_wait(project: Project) -> None:
    with holder(project, 60) as process:
        start = time.monotonic()
        with (
            pytest.raises(ProjectError, match=rf"in use by process {process.pid} \(-c.*since \d\d:\d\d:\d\d"),
            project.lock(0.3),
        ):
            pass
        assert 0.25 < time.monotonic() - start < 3


def test_a_short_hold_is_waited_for(project: Project) -> None:
    with holder(project, 0.5):
        project.log("done")
    assert len(project.events()) == 1


def test_a_killed_holder_holds_nothing(project: Project) -> None:
    with holder(project, 60) as process:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        with project.lock(2):
            pass


def test_the_lock_is_re_entrant_and_excludes_threads(project: Project) -> None:
    inside = []

    def other() -> None:
        with project.lock():
            inside.append(time.monotonic())

    thread = threading.Thread(target=other)
    with project.lock(), Project.open(project.root).lock():
        thread.start()
        time.sleep(0.2)
        left = time.monotonic()
    thread.join()
    assert inside[0] >= left


def test_a_forked_child_does_not_hold_the_lock(project: Project) -> None:
    with project.lock():
        child = os.fork()
        if child == 0:
            try:
                with project.lock(0.2):
                    os._exit(1)
            except ProjectError:
                os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_forked_child_does_not_keep_the_lock_when_its_parent_lets_go(project: Project) -> None:
    ear, mouth = os.pipe()
    with project.lock():
        child = os.fork()
        if child == 0:
            os.close(mouth)
            os.read(ear, 1)  # until the parent is through
            os._exit(0)
    try:
        with project.lock(0.2):
            pass
    finally:
        os.close(mouth)
        os.close(ear)
        os.waitpid(child, 0)


def test_a_forked_child_that_leaves_the_block_closes_no_file_of_its_own(project: Project) -> None:
    child, own = -1, -1
    try:
        with project.lock():
            child = os.fork()
            if child == 0:
                own = os.open(os.devnull, os.O_RDONLY)  # gets the number that the lock's file had
        if child == 0:
            os.fstat(own)
            os._exit(0)
    finally:
        if child == 0:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_clearing_etude_while_the_lock_is_free_is_no_trouble(project: Project) -> None:
    project.log("one")
    shutil.rmtree(project.root / ".etude")
    project.log("two")
    assert len(project.events()) == 2


def test_two_processes_add_to_one_project(project: Project) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", ADD, str(project.root), who]) for who in ("ada", "ben")
    ]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    assert len(project.works()) == 50
    for who in ("ada", "ben"):
        assert [event["n"] for event in project.events() if event["who"] == who] == list(range(25))
    assert project.repair().findings == ()
