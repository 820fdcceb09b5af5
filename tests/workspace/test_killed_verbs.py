"""kill -9 in the middle of a verb that writes several things: all of it is done or nothing of it, and
`repair` names what was cut off."""

from __future__ import annotations

import json
import os
import shutil
import signal
from pathlib import Path

import pytest

from etude import api
from etude.errors import EtudeError
from etude.store import acts
from tests.workspace.killing import VERBS, build, check, killed, poem, state

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="forks, to be killed")
# Killed at every so many writing calls; bench/kills.py kills at all of them
STEPS = {"add": 1, "models use": 2, "jobs add": 2, "sign": 10, "samples": 10}
STEP = 4


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("base")
    build(folder, works=2)
    return folder


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_killed_at_its_writes_is_whole_or_undone(
    verb: str, base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda fd: None)  # nothing here depends on a disk
    done = tmp_path / "done"
    shutil.copytree(base, done)
    before = state(done / "studio")
    assert killed(done, verb, 0) == 0
    after = state(done / "studio")
    assert after != before
    kills, at = 0, 1
    while True:
        folder = tmp_path / str(at)
        shutil.copytree(base, folder)
        code = killed(folder, verb, at)
        assert check(folder, before, after, code == 0) == "", (verb, at)
        shutil.rmtree(folder)
        if code == 0:
            break
        assert code == -signal.SIGKILL
        kills += 1
        at += STEPS.get(verb, STEP)
    assert kills >= 3


def test_what_was_cut_off_is_said_and_lies_in_the_trash(base: Path, tmp_path: Path) -> None:
    shutil.copytree(base, tmp_path / "p")
    root = tmp_path / "p" / "studio"
    ws = api.open_project(root)
    with acts.act(root, "add"):  # as a process that dies: its journal stays
        ws.project.add_work(poem(7).encode(), suffix=".txt", medium="text", title="Cut off")
        shutil.copytree(root, tmp_path / "dead")
    dead = api.open_project(tmp_path / "dead")
    (cut,) = dead.project.cut_off
    assert (cut.verb, cut.made) == ("add", 1)
    assert "1 file that it had written went to .etude/trash/" in cut.what
    lies = [path.read_text() for path in (tmp_path / "dead" / cut.slot / "works").iterdir()]
    assert lies == [poem(7)]
    found = api.repair(dead).findings
    assert [(finding.kind, finding.mended) for finding in found] == [("cut-off", True)]
    assert api.repair(dead).findings == ()


def test_an_exception_undoes_the_act_at_once(base: Path, tmp_path: Path) -> None:
    shutil.copytree(base, tmp_path / "p")
    root = tmp_path / "p" / "studio"
    project = api.open_project(root).project
    before = state(root)
    with pytest.raises(EtudeError), project.act("works edit"):
        project.update_works([project.works()[0]])
        project.remove_work(project.works()[1].id)
        project.log("described", works=[])
        raise EtudeError("no")
    assert state(root) == before
    assert not acts.left(root)
    assert not (root / acts.KEPT).exists()


def test_works_that_no_add_answered_for_are_named(base: Path, tmp_path: Path) -> None:
    """As an older version left them: a line in works.jsonl, in no collection, and no event."""
    shutil.copytree(base, tmp_path / "p")
    ws = api.open_project(tmp_path / "p" / "studio")
    ws.project.add_work(poem(7).encode(), suffix=".txt", medium="text", title="Forgotten")
    (finding,) = api.repair(ws).findings
    assert finding.kind == "unlogged-work"
    assert "Forgotten" in finding.what
    assert api.repair(ws).findings == ()


def test_an_act_of_somebody_who_is_at_it_is_left_alone(base: Path, tmp_path: Path) -> None:
    shutil.copytree(base, tmp_path / "p")
    root = tmp_path / "p" / "studio"
    ready, done = os.pipe(), os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            project = api.open_project(root).project
            with project.act("works edit"):
                project.log("described", works=[])
                os.write(ready[1], b".")
                os.read(done[0], 1)
        finally:
            os._exit(0)
    os.read(ready[0], 1)
    assert api.open_project(root).project.cut_off == ()
    os.write(done[1], b".")
    os.waitpid(pid, 0)
    last = api.open_project(root).project.events()[-1]
    assert json.dumps(last).count("described") == 1
