"""kill -9 at any moment: the project opens, what was accepted is there, repair leaves nothing broken.

A child process works on a project and says on its standard output what is safe; it kills itself, or is
killed, at every system call that writes (instrumented) or at random moments.
"""

from __future__ import annotations

import json
import os
import pathlib
import random
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from etude.store.project import Project

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="forks, to be killed")


def child(root: Path, first: int, rounds: int, kill_at: int = 0) -> tuple[int, int]:
    """Start a child that works on the project, and kills itself at the `kill_at`-th writing call. Its pid,
    and what it says."""
    out, into = os.pipe()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            os.close(out)
            if kill_at:
                _instrument(kill_at)
            _work(root, first, rounds, into)
            code = 0
        finally:
            os._exit(code)
    os.close(into)
    return pid, out


def _instrument(kill_at: int) -> None:
    calls = 0

    def watch(owner: Any, name: str, torn: bool, skip: bool = False) -> None:
        real: Callable[..., Any] = getattr(owner, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == kill_at:
                if torn:
                    real(args[0], bytes(args[1][: len(args[1]) // 2]))  # half of it reaches the disk
                os.kill(os.getpid(), signal.SIGKILL)
            return None if skip else real(*args, **kwargs)

        setattr(owner, name, call)

    watch(os, "open", torn=False)
    watch(os, "fsync", torn=False, skip=True)  # what is written outlives its process without
    watch(os, "link", torn=False)
    watch(os, "unlink", torn=False)
    watch(os, "write", torn=True)
    watch(pathlib.Path, "replace", torn=False)


def _work(root: Path, first: int, rounds: int, into: int) -> None:
    with open(into, "w", encoding="utf-8", buffering=1) as out:  # its own writes go past os.write

        def safe(kind: str, name: str | int) -> None:
            out.write(json.dumps([kind, name]) + "\n")

        project = Project.open(root)
        for n in range(first, first + rounds):
            work = project.add_work(
                f"work {n}".encode() * 50, suffix=".txt", medium="text", title=f"Work {n}"
            )
            safe("work", work.id)
            take = project.put_take({"seed": n}, f"take {n}".encode())
            with project.lock():
                piece = project.put_piece(
                    f"take {n}".encode(), suffix=".md", title=f"Song {n}", record={"take": take.id}
                )
                project.log("accepted", act=f"a-{n}", take=take.id, piece=piece.id)
            safe("piece", piece.id)
            project.save_model("verse-00000001", {"name": "verse", "n": n}, {"w": np.full(500, n)}, "card")
            safe("model", n)


def check(root: Path, said: str) -> None:
    """Everything that the child called safe is there, before and after repair, and the project takes new
    work."""
    lines = [json.loads(line) for line in said.splitlines() if line.endswith("]")]
    for attempt in range(2):
        project = Project.open(root)
        works = {work.id for work in project.works()}
        events = project.events()
        newest = -1
        for kind, name in lines:
            if kind == "work":
                assert name in works
                assert project.work_bytes(name)
            elif kind == "piece":
                piece = project.piece(name)
                assert piece.path.read_bytes().startswith(b"take ")
                assert any(event["event"] == "accepted" and event["piece"] == name for event in events)
                assert project.take(piece.record["take"]).data is not None
            else:
                newest = name
        if newest >= 0:
            header, arrays = project.load_model("verse")
            assert header["n"] >= newest
            assert (arrays["w"] == header["n"]).all()
        if attempt == 0:
            bad = [finding for finding in project.repair().findings if not finding.mended]
            assert {finding.kind for finding in bad} <= {
                "orphan-work",
                "orphan-piece",
            }  # named in full, left in place
    again = project.repair()
    assert [
        finding for finding in again.findings if finding.kind not in ("orphan-work", "orphan-piece")
    ] == []
    assert not [path for path in root.rglob("*") if path.name.startswith((".tmp-", ".new-", ".ready-"))]


def listen(pid: int, out: int) -> tuple[str, int]:
    """What the child said, and how it ended (0, or minus the signal)."""
    with open(out, encoding="utf-8") as said:
        text = said.read()
    return text, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_killed_at_every_writing_call(tmp_path: Path) -> None:
    """In a project that is one round old, so that a model is replaced; until the child comes through."""
    kills = 0
    old = tmp_path / "old"
    Project.init(old)
    listen(*child(old, 0, 1))
    while True:
        root = tmp_path / str(kills)
        shutil.copytree(old, root)
        said, code = listen(*child(root, 10, 1, kill_at=kills + 1))
        check(root, said)
        if code == 0:
            break
        assert code == -signal.SIGKILL
        kills += 1
    assert (
        kills > 60
    )  # opens, writes, fsyncs and moves of one work, one take, one piece, one model and their log lines


def test_killed_at_random_moments(tmp_path: Path) -> None:
    draw = random.Random(7)
    root = tmp_path / "studio"
    Project.init(root)
    for number in range(8):
        pid, out = child(root, 1000 * number, 400)
        time.sleep(draw.uniform(0.02, 0.3))
        os.kill(pid, signal.SIGKILL)
        said, code = listen(pid, out)
        assert code == -signal.SIGKILL
        check(root, said)
    project = Project.open(root)
    assert project.add_work(b"after", suffix=".txt", medium="text").id in {
        work.id for work in project.works()
    }
