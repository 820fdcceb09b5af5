"""The process that keeps a model open: killed at any moment, the next request is answered, and nothing that
was answered is lost."""

from __future__ import annotations

import os
import signal
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from etude import api
from etude.errors import TakeError
from etude.studio.companion import Companion
from etude.workspace.core import Workspace

BEFORE = Path(__file__).parents[1] / "before"


@pytest.fixture
def verse(tmp_path: Path) -> Workspace:
    with tarfile.open(BEFORE / "text.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    ws = api.open_project(tmp_path / "text")
    api.draft_new(ws, "well")
    api.draft_put(ws, "well", "The tide came in,")
    return ws


@pytest.fixture
def companion(verse: Workspace) -> Iterator[Companion]:
    made = Companion(verse.project.root)
    yield made
    made.close()


def test_it_answers_what_the_verb_answers_also_after_it_was_killed(
    verse: Workspace, companion: Companion
) -> None:
    text = verse.contents(verse.project.works()[0].id)[:300]
    said = companion.ask("marks", {"text": text, "model": "verse"})
    assert said == api.to_json(api.marks(verse, text=text, model="verse"))
    with pytest.raises(TakeError, match="no place"):
        companion.ask("draft_make", {"name": "well", "model": "verse", "at": 10**6})
    first = companion.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    assert companion.ask("marks", {"text": text, "model": "verse"}) == said
    assert companion.pid not in (None, first)


def killed(companion: Companion) -> None:
    """Kill -9, whatever it does, and wait until it is gone: one that is dying would count as a death of its
    own in the next request, and two are told to the person."""
    if (process := companion._process) is not None:
        process.kill()
        process.wait()


def test_takes_that_were_answered_outlive_it(verse: Workspace, companion: Companion) -> None:
    asked = {"name": "well", "model": "verse", "n": 1, "length": 20, "seed": 3}
    made = companion.ask("draft_make", asked)
    pid = companion.pid
    assert pid is not None
    for delay in (0.02, 0.6):  # while it reads the model, or makes, or waits
        killer = threading.Timer(delay, killed, [companion])
        killer.start()
        again = companion.ask("draft_make", asked)
        killer.join()
        assert again["takes"] == made["takes"], "the same recipe, the same take"
    known = [take.id for take in api.takes(api.open_project(verse.project.root), everything=True).takes]
    assert known.count(made["takes"][0]["id"]) == 1
    assert api.repair(verse).whole


def test_it_is_gone_when_it_is_closed(verse: Workspace, companion: Companion) -> None:
    companion.ask("marks", {"text": "one two three", "model": "verse"})
    pid = companion.pid
    companion.close()
    assert companion.pid is None and pid is not None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
