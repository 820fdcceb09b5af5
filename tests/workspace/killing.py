"""Verbs that write several things, killed at each of their writing calls, and what must be true afterwards:
all of it or nothing, and `repair` names what it found. Used by the tests beside this file and by
`bench/kills.py`."""

from __future__ import annotations

import hashlib
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from etude import api
from etude import samples as shipped
from etude.jobs import queue
from etude.store.collections import ROLES
from etude.store.lines import read_lines
from etude.store.project import Project
from etude.takes.recipe import Recipe
from etude.workspace import sample_sets
from etude.workspace.core import Workspace

OWN: dict[str, Any] = {"maker": "Ann Example", "licence": "own", "consent": "yes"}
# What the store names after a kill that was undone: the act itself, and temporary files
NAMED = {"cut-off", "left-over", "unfinished-model"}


def poem(number: int) -> str:
    """A short poem of its own words."""
    return "\n".join(
        f"the {number}th night and line {line} of the rain on roof {number * line}" for line in range(12)
    )


def build(folder: Path, works: int = 4) -> None:
    """A project `studio` of a few works in a collection, takes, a piece and a model, and files to add beside
    it."""
    (folder / "old").mkdir(parents=True)
    (folder / "new").mkdir()
    for number in range(works):
        (folder / "old" / f"old-{number}.txt").write_text(poem(number), encoding="utf-8")
        (folder / "new" / f"new-{number}.txt").write_text(poem(100 + number), encoding="utf-8")
    (folder / "edited.md").write_text("a line that a person wrote\nand another\n", encoding="utf-8")
    api.init(folder / "studio")
    ws = api.open_project(folder / "studio")
    api.add(ws, [folder / "old"], collection="verse", **OWN)
    ws.project.save_model("verse-00000001", {"name": "verse", "medium": "text"}, {"w": np.ones(9)}, "card")
    for number in range(2):
        recipe = Recipe("text", model="verse-00000001", model_sha256="0" * 64, seed=number)
        ws.project.put_take(recipe.to_json(), f"take {number}, of rain\nand of roofs\n".encode())
    api.accept(ws, ws.project.takes()[0].id, title="First")


def _learned(ws: Workspace, _: Path) -> None:
    """The end of learning: a newer model in the place of the old one, further files, and its line on the
    log."""
    header = {"name": "verse", "medium": "text", "n": 2}
    ws.project.save_model(
        "verse-00000001",
        header,
        {"w": np.full(9, 2)},
        "card",
        {"more.html": b"<p>"},
        ("learned", {"ended": "budget"}),
    )


def _samples(ws: Workspace, _: Path) -> None:
    """Samples, of which there are few here."""
    few = shipped.tunes()[:3]
    with patch.dict(sample_sets._LOOSE, {"tunes": lambda: few}):
        api.add_samples(ws, "tunes")


VERBS: dict[str, Callable[[Workspace, Path], Any]] = {
    "samples": _samples,
    "jobs add": lambda ws, at: api.job_add(ws, ["make", "verse", "-n", "2"]),
    "add": lambda ws, at: api.add(ws, [at / "new"], collection="verse", **OWN),
    "add to a new collection": lambda ws, at: api.add(
        ws, [at / "new"], collection="more", by_maker=True, **OWN
    ),
    "take accept": lambda ws, at: api.accept(ws, ws.project.takes()[1].id, title="Second"),
    "take edit": lambda ws, at: api.edit(ws, ws.project.takes()[1].id, at / "edited.md"),
    "take undo": lambda ws, at: api.undo(ws),
    "sign": lambda ws, at: api.sign(ws, "First", name="Ann Example", works=False),
    "works edit": lambda ws, at: api.edit_works(ws, collection="verse", maker="Bea Example"),
    "works rm": lambda ws, at: api.remove(ws, [work.id for work in ws.project.works()[:2]]),
    "collection rm": lambda ws, at: api.collection_rm(ws, "verse", []),
    "models rm": lambda ws, at: api.model_rm(ws, "verse"),
    "models use": lambda ws, at: api.model_use(ws, "verse"),
    "learn": _learned,
}


def killed(folder: Path, verb: str, kill_at: int) -> int:
    """Run the verb in a child that kills itself at its `kill_at`-th writing call, half of a write done. 0
    when it came through."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            ws = api.open_project(folder / "studio")
            _instrument(kill_at)
            VERBS[verb](ws, folder)
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _instrument(kill_at: int) -> None:
    calls = 0

    def watch(name: str, torn: bool = False, skip: bool = False) -> None:
        real: Callable[..., Any] = getattr(os, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == kill_at:
                if torn:
                    real(args[0], bytes(args[1][: len(args[1]) // 2]))
                os.kill(os.getpid(), signal.SIGKILL)
            return None if skip else real(*args, **kwargs)

        setattr(os, name, call)

    for name in ("replace", "link", "unlink", "rmdir", "mkdir", "ftruncate"):
        watch(name)
    watch("write", torn=True)
    watch("fsync", skip=True)  # what is written outlives its process without


def state(root: Path) -> str:
    """Titles, makers and hashes of works, members and their parts, pieces and models by hash, and what the
    log says: everything that a verb may change, and nothing that differs between two runs of it."""
    project = Project.open(root)
    works = [
        (w.title, w.maker, w.consent, w.sha256, _sha256(root / "works" / w.file)) for w in project.works()
    ]
    homes = {
        home.name: [sorted(home.works()), [[p.work_id, p.start, p.end, p.role] for p in home.parts]]
        for home in project.collections()
    }
    pieces = []
    for piece in project.pieces():
        assert not project.changed_piece_files(piece.id)
        pieces.append((piece.title, [name.partition("-")[0] + Path(name).suffix for name in piece.files]))
    models = [
        (model.id, model.hash, sorted(p.name for p in model.path.iterdir())) for model in project.models()
    ]
    events = [event["event"] for event in project.events() if event["event"] not in ("cut-off", "repaired")]
    files = [
        sorted(path.name.rpartition("-")[0] for path in (root / name).glob("[!.]*"))
        for name in ("works", "pieces")
    ]
    jobs = [(job.words, job.state) for job in queue.listed(project)]
    return json.dumps(
        [jobs, sorted(works), homes, sorted(pieces), models, events, files, list(ROLES)], indent=1
    )


def check(folder: Path, before: str, after: str, came_through: bool) -> str:
    """All of it or nothing, nothing left over that `repair` does not name; what was lost or left over, else
    ''."""
    root = folder / "studio"
    begun = bool(read_lines(root / ".etude" / "act.jsonl").records)
    now = state(root)
    if now not in (before, after) or (came_through and now != after):
        return f"neither before nor after: {now}"
    findings = api.repair(api.open_project(root)).findings
    if {finding.kind for finding in findings} - NAMED:
        return f"repair finds {findings}"
    if begun and now == before and not any(finding.kind == "cut-off" for finding in findings):
        return "an act was undone, and repair says nothing"
    if findings and state(root) != now:
        return "repair changed what was there"
    if findings and (again := api.repair(api.open_project(root)).findings):
        return f"a second repair finds {again}"
    hidden = [
        path for path in root.rglob(".*") if path.name.startswith((".tmp-", ".new-", ".ready-", ".read-"))
    ]
    kept = (root / ".etude" / "act").exists() or (root / ".etude" / "act.jsonl").exists()
    return f"left over: {hidden}" if hidden or kept else ""


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
