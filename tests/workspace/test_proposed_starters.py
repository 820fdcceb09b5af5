"""Where works are few, weights that come along are proposed, by what their headers say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pil

import etude
from etude import samples
from etude.store.arrays import write_arrays
from etude.training.progress import Progress
from etude.workspace.starting_weights import proposal
from tests.families.pictures.small_pictures import drawing


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Starters of which one is proposed below a hundred pictures."""
    rows: dict[str, dict[str, Any]] = {
        "first": {"medium": "image", "licence": "MIT"},
        "second": {"medium": "image", "licence": "CC0-1.0", "proposed_below": 100},
    }
    for name, header in rows.items():
        write_arrays(tmp_path / f"{name}.safetensors", header, {"a": np.zeros(2, np.float32)})
    found = {name: tmp_path / f"{name}.safetensors" for name in rows}
    found |= {"real": samples.starters()["openmoji-32"]}
    monkeypatch.setattr(samples, "starters", lambda: found)
    return tmp_path


def test_a_starter_is_proposed_for_few_works_of_its_medium(shelf: Path) -> None:
    told = proposal("image", 60)
    assert told.startswith("60 pictures are few") and "--start second" in told and "CC0-1.0" in told
    assert proposal("image", 100) == "" and proposal("text", 60) == ""


def test_what_comes_along_is_proposed_for_a_few_pictures() -> None:
    assert "--start drawings-64" in proposal("image", 60) and "CC-BY-SA-4.0" in proposal("image", 60)
    assert proposal("image", 2000) == "" and proposal("video", 60) == ""


def test_a_header_is_read_without_its_arrays(shelf: Path) -> None:
    assert samples.starter_header("second") == {
        "medium": "image",
        "licence": "CC0-1.0",
        "proposed_below": 100,
    }


def test_learning_says_so_before_it_begins_and_the_plan_too(shelf: Path, tmp_path: Path) -> None:
    folder = tmp_path / "drawings"
    folder.mkdir()
    for i in range(30):
        Pil.fromarray(drawing(32, i)[0]).save(folder / f"{i:02d}.png")
    studio = etude.open(tmp_path / "studio", create=True)
    studio.add([folder], collection="drawings", licence="own", consent="yes")
    ways: dict[str, Any] = {"collection": "drawings", "budget": "1steps", "size": "xs", "critic": False}
    assert any("--start second" in note for note in studio.plan("m", **ways).notes)
    assert not any(
        "are few" in note for note in studio.plan("m", **{**ways, "size": "s"}, start="real").notes
    )
    told: list[Progress] = []

    class Enough(Exception):
        pass

    def first(progress: Progress) -> None:
        told.append(progress)
        raise Enough

    with pytest.raises(Enough):
        studio.learn("m", **ways, on_progress=first)
    assert "30 pictures are few" in told[0].message and told[0].step == 0
