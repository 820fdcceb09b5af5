"""What must be on the disk before what: the order of the calls that make a write last through a power cut."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from etude.store.files import append_lines, write_atomic
from etude.store.project import Project
from etude.store.works import NewWork

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="asks /proc what a file is called")


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """(what, file) of every call that syncs, moves or writes, in order; temporary names are cut short."""
    calls: list[tuple[str, str]] = []

    def short(path: str | Path) -> str:
        return ".tmp" if (name := Path(path).name).startswith(".tmp-") else name

    def watch(owner: Any, what: str, called: Callable[..., str]) -> None:
        real = getattr(owner, what)

        def call(*args: Any, **more: Any) -> Any:
            calls.append((what, called(*args)))
            return real(*args, **more)

        monkeypatch.setattr(owner, what, call)

    for what in ("fsync", "write", "ftruncate"):
        watch(os, what, lambda fd, *_: short(Path(f"/proc/self/fd/{fd}").readlink()))
    watch(Path, "replace", lambda old, new: short(new))
    return calls


def test_a_file_is_on_the_disk_before_its_name_and_its_name_before_the_next_step(
    done: list[tuple[str, str]], tmp_path: Path
) -> None:
    write_atomic(tmp_path / "a", b"words")
    assert done == [("write", ".tmp"), ("fsync", ".tmp"), ("replace", "a"), ("fsync", tmp_path.name)]
    done.clear()
    write_atomic(tmp_path / "b", b"words", sync_folder=False)
    assert done == [("write", ".tmp"), ("fsync", ".tmp"), ("replace", "b")]


def test_lines_are_on_the_disk_and_so_is_the_name_of_a_new_file(
    done: list[tuple[str, str]], tmp_path: Path
) -> None:
    append_lines(tmp_path / "a", b"1\n")
    append_lines(tmp_path / "a", b"2\n")
    assert done == [("write", "a"), ("fsync", "a"), ("fsync", tmp_path.name), ("write", "a"), ("fsync", "a")]


def test_works_are_on_the_disk_before_their_lines(done: list[tuple[str, str]], tmp_path: Path) -> None:
    project = Project.init(tmp_path / "studio")
    done.clear()
    project.add_works([NewWork(bytes([n]), ".txt", "text") for n in range(3)])
    order = [call for call in done if call[1] != "lock"]
    line, folder = order.index(("write", "works.jsonl")), order.index(("fsync", "works"))
    assert [what for what, _ in order[:folder]].count("replace") == 3
    assert [what for what, name in order[:folder] if name == ".tmp"].count("fsync") == 3
    assert folder < line < order.index(("fsync", "works.jsonl"))


def test_a_model_is_whole_before_it_has_its_name(done: list[tuple[str, str]], tmp_path: Path) -> None:
    project = Project.init(tmp_path / "studio")
    done.clear()
    project.save_model("verse-1", {"name": "verse"}, {"w": np.ones(3)}, "card")
    names = [call for call in done if call[0] == "replace" or call == ("fsync", "models")]
    assert names == [
        ("replace", "weights.safetensors"),
        ("replace", "model.json"),
        ("replace", "card.md"),
        ("replace", ".ready-verse-1"),
        ("fsync", "models"),
        ("replace", "verse-1"),
        ("fsync", "models"),
    ]


def test_a_piece_is_whole_before_its_sidecar_and_its_sidecar_before_the_log(
    done: list[tuple[str, str]], tmp_path: Path
) -> None:
    project = Project.init(tmp_path / "studio")
    done.clear()
    piece = project.put_piece(b"1", suffix=".md", title="x", record={}, extras={".png": b"2"})
    assert [name for what, name in done if what == "replace"] == list(piece.files)
    slot = project.trash(piece.path)
    assert done[-3:] == [("replace", piece.file), ("fsync", slot.name), ("fsync", "pieces")]


def test_no_file_stays_open(tmp_path: Path) -> None:
    project = Project.init(tmp_path / "studio")
    before = len(list(Path("/proc/self/fd").iterdir()))
    for n in range(3):
        project.add_work(bytes([n]), suffix=".txt", medium="text")
        project.log("noted", n=n)
        project.search("a")
    assert len(list(Path("/proc/self/fd").iterdir())) == before
