"""Models: saved whole or not at all, and every way in which they can be damaged is told apart."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open

from etude.errors import ModelError, ProjectError
from etude.store.project import Project

ARRAYS = {
    "w": np.arange(1000, dtype=np.float32).reshape(10, 100).T,
    "n": np.array(3),
    "b": np.zeros(0, np.uint16),
}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.init(tmp_path / "studio")


def save(project: Project, model_id: str = "verse-0a1b2c3d", **header: object) -> Path:
    return project.save_model(
        model_id, {"name": "verse", "medium": "text", **header}, ARRAYS, "# verse\n"
    ).path


def test_a_model_comes_back_as_it_was(project: Project) -> None:
    path = save(project, size=2)
    header, arrays = project.load_model("verse")
    assert header == {"name": "verse", "medium": "text", "size": 2}
    for name, array in ARRAYS.items():
        assert arrays[name].dtype == array.dtype
        np.testing.assert_array_equal(arrays[name], array)
    assert sorted(p.name for p in path.iterdir()) == ["card.md", "model.json", "weights.safetensors"]
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_the_hash_stands_for_header_and_weights(project: Project) -> None:
    save(project, "a-1", size=1)
    save(project, "a-2", size=1)
    save(project, "a-3", size=2)
    hashes = {model.id: model.hash for model in project.models()}
    assert hashes["a-1"] == hashes["a-2"] != hashes["a-3"]


def test_models_are_found_by_id_name_and_beginning(project: Project) -> None:
    save(project, "verse-00000001")
    save(project, "verse-00000002")
    assert project.model("verse").id == "verse-00000002"  # the newest of the name
    assert project.model("verse-00000001").id == "verse-00000001"
    with pytest.raises(ModelError, match="2 models begin with 'verse-0'"):
        project.model("verse-0")
    for ref in ("prose", "", "..", "../models", ".new-1"):
        with pytest.raises(ModelError, match="There is no model"):
            project.model(ref)


def test_a_model_that_cannot_be_read_is_not_said_to_be_missing(project: Project) -> None:
    (save(project) / "model.json").write_text("{")
    save(project, "prose-1", name="prose")
    for ref in ("verse", "verse-0a1b2c3d"):
        with pytest.raises(ModelError, match=r"Model verse-0a1b2c3d: .* is damaged"):
            project.model(ref)
    assert [model.id for model in project.models()] == ["prose-1"]


def test_saving_again_keeps_the_older_one_in_the_trash(project: Project) -> None:
    save(project, size=1)
    save(project, size=2)
    assert project.load_model("verse")[0]["size"] == 2
    trashed = list((project.root / ".etude" / "trash").glob("*/verse-0a1b2c3d/model.json"))
    assert [json.loads(path.read_text())["header"]["size"] for path in trashed] == [1]


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda p: os.truncate(p / "weights.safetensors", 100), r"has 100 bytes of 4,\d\d\d"),
        (lambda p: (p / "weights.safetensors").unlink(), "is missing"),
        (lambda p: _flip(p / "weights.safetensors"), "was changed"),
        (lambda p: (p / "model.json").unlink(), r"has no model\.json"),
        (lambda p: (p / "model.json").write_text("{"), "is damaged"),
        (lambda p: _edit(p / "model.json", format=2), "has format 2; this version of Etude reads 1"),
        (lambda p: _edit(p / "model.json", weights=[]), "is damaged"),
    ],
)
def test_damaged_models_are_refused_with_the_reason(project: Project, damage: object, says: str) -> None:
    path = save(project)
    damage(path)  # type: ignore[operator]
    with pytest.raises(ModelError, match=says):
        project.load_model(path.name)
    report = project.repair()
    assert [finding.kind for finding in report.findings] == ["bad-model"]
    assert not report.whole


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


def _edit(path: Path, **change: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))


def test_a_full_disk_leaves_the_older_model_and_nothing_else(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(project, size=1)

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(ProjectError, match=r"disk is full: weights\.safetensors needs"):
            save(project, size=2)
    assert project.load_model("verse")[0]["size"] == 1
    assert len(list((project.root / "models").iterdir())) == 1


def test_a_model_that_a_crash_left_one_step_from_its_place_is_moved_on_opening(project: Project) -> None:
    path = save(project)
    path.rename(path.with_name(f".ready-{path.name}"))
    assert Project.open(project.root).model("verse").id == path.name


def test_files_beside_a_model(project: Project) -> None:
    save(project)
    assert project.write_model_file("verse", "audit.html", b"<p>").parent == project.model_dir("verse")
    with pytest.raises(ProjectError, match="cannot be the name"):
        project.write_model_file("verse", "../x", b"")


def test_weights_alone_say_what_they_are(project: Project) -> None:
    """The card travels inside the weights file, where any reader of safetensors finds it."""
    with safe_open(save(project) / "weights.safetensors", "numpy") as file:
        assert json.loads(file.metadata()["etude"])["card"].startswith("# verse")
