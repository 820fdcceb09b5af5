"""Seeds of takes: two processes that make at the same time do not make the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from etude.families.controls import said
from etude.store.project import Project
from etude.workspace.seeds import next_seed

WEIGHTS = "ab" * 32


def test_processes_that_make_at_the_same_time_get_their_own_seeds(tmp_path: Path) -> None:
    project = Project.init(tmp_path / "studio")
    code = (
        "import sys; from etude.workspace.seeds import next_seed; from etude.store.project import Project; "
        f"print(next_seed(Project.open({str(project.root)!r}), '{WEIGHTS}'), flush=True); sys.stdin.read()"
    )
    busy = [
        subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    try:
        seeds = [int(one.stdout.readline()) for one in busy if one.stdout]
        assert sorted(seeds) == [1, 2, 3]
        assert (
            next_seed(project, WEIGHTS) == 4 == next_seed(project, WEIGHTS)
        )  # its own are on the log once they were used
        assert next_seed(project, "cd" * 32) == 1  # another model
    finally:
        for one in busy:
            one.communicate()
    assert next_seed(project, WEIGHTS) == 1  # nobody is making any more, and nothing was made


def test_a_damaged_note_of_seeds_does_no_harm(tmp_path: Path) -> None:
    project = Project.init(tmp_path / "studio")
    path = project.cache_dir("making") / "seeds.json"
    for text in ("{", "[]", '{"x": {}}', '{"1": 3}', json.dumps({str(os.getppid()): {WEIGHTS: "x"}})):
        path.write_text(text)
        assert next_seed(project, WEIGHTS) == 1


def test_options_of_nothing_are_said_as_well() -> None:
    assert all(said(value) for value in (0.0, 0, -1, "x", [0]))
    nothing: tuple[object, ...] = (None, False, (), [], {}, "")
    assert not any(said(value) for value in nothing)
