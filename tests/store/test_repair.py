"""Repair: every kind of damage is found and named, what can be mended is, and nothing a person made is
deleted."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from etude.config.store import STORE
from etude.errors import ProjectError, WorkError
from etude.store import repair
from etude.store.collections import Collection, Entry
from etude.store.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project.init(tmp_path / "studio")
    made.add_work(b"a", suffix=".txt", medium="text", title="Ode")
    take = made.put_take({"seed": 1}, b"words")
    piece = made.put_piece(b"words", suffix=".md", title="Song", record={"take": take.id})
    made.log("accepted", act="a-1", take=take.id, piece=piece.id)
    made.save_model("verse-00000001", {"name": "verse"}, {"w": np.ones(3)}, "card")
    return made


def kinds(project: Project) -> list[tuple[str, bool]]:
    return [(finding.kind, finding.mended) for finding in project.repair().findings]


def test_a_whole_project_has_no_findings(project: Project) -> None:
    report = project.repair()
    assert report.whole
    assert (report.works, report.pieces, report.models, report.events, report.indexed) == (1, 1, 1, 2, 2)


def test_missing_changed_and_strange_works(project: Project) -> None:
    other = project.add_work(b"b", suffix=".txt", medium="text", title="Elegy")
    folder = project.root / "works"
    (folder / project.work("Ode").file).write_bytes(b"changed")
    (folder / other.file).unlink()
    (folder / "stranger.txt").write_text("?")
    assert kinds(project) == [("changed-work", False), ("missing-work", False), ("orphan-work", False)]
    assert (folder / "stranger.txt").exists()


def test_a_glance_sees_what_repair_sees_as_far_as_it_may_read_and_changes_nothing(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert project.glance() == ()
    old, new = (project.add_work(bytes(1000) + end, suffix=".bin", medium="text") for end in (b"1", b"2"))
    for number, work in enumerate((old, new)):
        path = project.root / "works" / work.file
        path.write_bytes(bytes(1001))
        os.utime(path, (4e9 + number, 4e9 + number))
    project.pieces()[0].path.write_bytes(b"other")
    project.save_collection(Collection("verse", "text", (Entry("w-gone"),)))
    (project.root / "works" / "stranger.txt").write_text("?")
    with (project.root / "works.jsonl").open("ab") as lines:
        lines.write(b'{"torn')
    before = {path: path.read_bytes() for path in project.root.rglob("*") if path.is_file()}

    def seen(most: int) -> list[str]:
        monkeypatch.setattr(repair, "STORE", replace(STORE, glance_bytes=most))
        return [finding.path for finding in project.glance()]

    always = [f"works/{name}" for name in ("stranger.txt",)] + ["collections/verse.json"]
    names = [f"works/{old.file}", f"works/{new.file}"]
    assert seen(10**9) == [*names, *always, f"pieces/{project.pieces()[0].file}"]
    assert seen(1001) == [names[1], *always]  # what was written last
    assert seen(1000) == always
    (project.root / "works" / old.file).write_bytes(b"short")
    (change,) = [finding.what for finding in project.glance() if finding.path == names[0]]
    assert "it has 5 bytes, expected 1,001" in change
    (project.root / "works" / old.file).write_bytes(bytes(1001))
    assert {path: path.read_bytes() for path in project.root.rglob("*") if path.is_file()} == before
    (project.root / "works" / old.file).unlink()
    with pytest.raises(WorkError, match=f"The file works/{old.file} of 'Untitled' cannot be read"):
        project.work_bytes(old.id)


def test_temporary_files_of_live_processes_stay_while_they_are_young(project: Project) -> None:
    folder, live = project.root / "works", os.getppid()
    for name in (f".tmp-{live}-young", f".tmp-{live}-old", ".tmp-nobody", f".tmp-{os.getpid()}-mine"):
        (folder / name).write_text("half")
    os.utime(folder / f".tmp-{live}-old", (1e9, 1e9))
    assert kinds(project) == [("left-over", True)] * 3
    assert [path.name for path in folder.glob(".tmp-*")] == [f".tmp-{live}-young"]


def test_torn_lines_are_taken_out_and_kept(project: Project) -> None:
    for path in (project.root / "works.jsonl", next((project.root / "log").iterdir())):
        with path.open("ab") as file:
            file.write(b'{"torn')
    before = project.events()
    assert kinds(project) == [("torn-line", True)] * 2
    assert project.torn() == ()
    assert project.events() == before
    assert len(list((project.root / ".etude" / "trash").glob("torn-*"))) == 2


def test_a_signing_that_was_cut_off_is_cleared_away(project: Project) -> None:
    piece = project.pieces()[0]
    for name in (f"{piece.path.stem}.c2pa", f"{piece.file}.c2pa"):
        (project.root / "pieces" / name).write_bytes(b"half")
    stranger = project.root / "pieces" / "stranger.c2pa"
    stranger.write_bytes(b"?")
    assert kinds(project) == [("half-signed", True)] * 2 + [("orphan-piece", False)]
    stranger.unlink()
    assert kinds(project) == [] and piece.path.exists()


def test_a_piece_that_was_not_kept_to_the_end_is_cleared_away(project: Project) -> None:
    """Its files were written, and not the sidecar that makes a piece of them."""
    for suffix in (".md", ".png"):
        (project.root / "pieces" / f"half-a-poem-0f21dc69{suffix}").write_bytes(b"half")
    assert kinds(project) == [("half-kept", True)] * 2
    assert kinds(project) == [] and len(project.pieces()) == 1
    assert len(list((project.root / ".etude" / "trash").rglob("half-a-poem-*"))) == 2


def test_the_files_of_a_piece_whose_sidecar_is_damaged_are_left_alone(project: Project) -> None:
    piece = project.pieces()[0]
    piece.path.with_suffix(".png").write_bytes(b"put there by hand")
    assert kinds(project) == [("orphan-piece", False)]
    piece.path.with_suffix(".json").write_text("{")
    assert kinds(project) == [("orphan-piece", False)] * 3
    assert piece.path.read_bytes() == b"words" and piece.path.with_suffix(".png").exists()


def test_pieces_changed_missing_strange_and_unlogged(project: Project) -> None:
    piece = project.pieces()[0]
    piece.path.write_bytes(b"my own words")
    (project.root / "pieces" / "notes.txt").write_text("?")
    take = project.put_take({"seed": 2}, b"more")
    late = project.put_piece(b"more", suffix=".md", title="Late", record={"take": take.id})
    assert kinds(project) == [("changed-piece", False), ("orphan-piece", False), ("unlogged-piece", True)]
    assert project.events()[-1]["piece"] == late.id
    assert piece.path.read_bytes() == b"my own words"
    late.path.unlink()
    assert ("missing-piece", False) in kinds(project)


def test_collections_that_name_unknown_works_or_are_damaged(project: Project) -> None:
    project.save_collection(Collection("verse", "text", (Entry("w-gone"),)))
    (project.root / "collections" / "prose.json").write_text("{")
    assert kinds(project) == [("bad-collection", False), ("unknown-works", False)]


def test_left_overs_of_dead_processes_go_those_of_live_ones_stay(project: Project) -> None:
    dead = subprocess.Popen(["true"])
    dead.wait()
    live = os.getppid()
    for pid in (dead.pid, live):
        (project.root / "works" / f".tmp-{pid}-abcd").write_text("half")
        (project.root / "models" / f".new-{pid}-verse-2").mkdir()
    assert kinds(project) == [("left-over", True)] * 2
    assert (project.root / "works" / f".tmp-{live}-abcd").exists()
    assert (project.root / "models" / f".new-{live}-verse-2").exists()


def test_missing_folders_are_made_again(project: Project) -> None:
    shutil.rmtree(project.root / ".etude")
    shutil.rmtree(project.root / "collections")
    assert kinds(project) == []


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Path:
    """A real file system of 200 kB, where the machine lets us mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    if (
        not shutil.which("mount")
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(place)], check=False, capture_output=True
        ).returncode
    ):
        pytest.skip("no right to mount a small file system here")
    return place


def test_on_a_disk_that_is_really_full_everything_kept_so_far_stays(tiny_disk: Path) -> None:
    try:
        ballast = tiny_disk / "ballast"
        ballast.write_bytes(bytes(60_000))
        project = Project.init(tiny_disk / "studio")
        kept = []
        with pytest.raises(ProjectError, match="The disk is full"):
            for n in range(100):
                kept.append(
                    project.add_work(os.urandom(7_000), suffix=".bin", medium="text", title=f"Work {n}")
                )
        with pytest.raises(ProjectError, match="The disk is full"):
            project.save_model("verse-1", {"name": "verse"}, {"w": np.ones(100_000)}, "card")
        assert project.works() == tuple(kept)
        assert all(project.work_bytes(work.id) for work in kept)
        assert project.models() == ()
        assert not list(project.root.rglob(".tmp-*")) + list(project.root.rglob(".new-*"))
        ballast.unlink()  # the person frees some space
        assert project.repair().findings == ()
        project.add_work(b"one more", suffix=".txt", medium="text")
    finally:
        subprocess.run(["umount", str(tiny_disk)], check=True)
