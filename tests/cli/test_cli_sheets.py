"""New pictures are told by a sheet with their ids, and what a person should know comes before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image as Pil

import etude
from etude.cli.main import cli
from tests.cli.cli_help import data
from tests.families.pictures.small_pictures import SMALL, drawing, small_model


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with a model that makes something, though nothing that anybody drew; its test says that it
    follows no sketch."""
    model = small_model(SMALL)
    header, arrays = model.to_arrays()
    weak = {"value": 0.5, "low": 0.3, "high": 0.7, "n": 8, "unit": "", "sharp": 0.2}
    none: dict[str, Any] = {"train": [], "critic": [], "held-out": []}
    header |= {"name": "shapes", "works": none, "parts": [], "shelf": [], "figures": {"following": weak}}
    studio = etude.open(tmp_path / "studio", create=True)
    studio.project.save_model("shapes-12345678", header, arrays, "a card", {}, None)
    return tmp_path


def call(root: Path, *words: Any) -> Result:
    result = CliRunner().invoke(cli, ["-C", str(root / "studio"), *map(str, words)])
    assert result.exit_code == 0, f"{words} -> {result.output}\n{result.exception!r}"
    return result


def test_new_pictures_are_told_by_a_sheet_and_their_ids(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("click.launch", opened.append)
    told = call(root, "make", "shapes", "-n", 5, "--steps", 1, "--seed", 4, "--open")
    ids = [line.split() for line in told.stdout.splitlines()]
    assert [len(line) for line in ids] == [4, 1] and "mostly" not in told.output
    listed = data(call(root, "take", "ls", "--json"))["takes"]
    assert [one["id"] for one in listed] == [word for line in ids for word in line]
    path = told.stderr.split("Contact sheet: ")[1].splitlines()[0]
    assert opened == [path]
    sheet = np.asarray(Pil.open(path))  # two across, three down; under each tile of 96 pixels its id
    assert sheet.shape[1] >= 2 * 96 and sheet.shape[0] >= 3 * (96 + 14)
    below = sheet[30 + 96 : 30 + 96 + 14, 6:102]
    assert (below < 100).any(), "the id under the first picture"
    one = call(root, "make", "shapes", "-n", 1, "--steps", 1, "--seed", 4)
    assert "--- take" in one.stdout and "mostly" in one.stdout and "sheet" not in one.stderr
    assert "Contact sheet" in call(root, "take", "branch", ids[0][0], "-n", 2).stderr
    assert "sheet" not in call(root, "make", "shapes", "-n", 2, "--steps", 1, "--json").output


def test_a_model_too_weak_for_a_sketch_says_so_beforehand(root: Path) -> None:
    Pil.fromarray(drawing(64, 1)[0]).save(root / "sketch.png")
    told = call(root, "make", "shapes", "-n", 1, "--from", root / "sketch.png", "--strength", 0.6)
    assert told.stderr.startswith("This model is too weak to follow a sketch at strength 0.6: of 8 sketches")
    assert "with 20 % of the works' edges" in told.stderr
    quiet = call(root, "make", "shapes", "-n", 1, "--from", root / "sketch.png", "--strength", 0.2)
    assert "too weak" not in quiet.stderr
