"""`learn --weights`: both families are trained on balanced works, and the model says so."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import etude
from etude.api.handle import Studio
from etude.errors import ProjectError
from etude.families.pictures.learn.course import request as picture_request
from etude.families.sequence.family import _request as sequence_request
from etude.workspace.learning import Wanted, ready


def shelf(root: Path, medium: str) -> Studio:
    """Twelve works by Ada and three by Ben."""
    folder = root / medium
    folder.mkdir()
    rows = []
    for i in range(15):
        g = np.random.default_rng(i)
        path = folder / (f"w{i}.txt" if medium == "text" else f"w{i}.png")
        if medium == "text":
            path.write_text(" ".join(str(word) for word in g.integers(0, 10**6, 120)))
        else:
            pixels = np.kron(g.integers(0, 255, (4, 4, 3)), np.ones((8, 8, 1))).astype(np.uint8)
            Image.fromarray(pixels).save(path)
        about = {"maker": "Ben" if i % 5 == 0 else "Ada", "licence": "own", "consent": "yes"}
        rows.append({"file": path.name, **about})
    (folder / "about.jsonl").write_text("\n".join(map(json.dumps, rows)))
    studio = etude.open(root / "studio", create=True)
    studio.add([], metadata=folder / "about.jsonl", collection="all")
    return studio


def wanted(weights: str) -> Wanted:
    return Wanted("m", "all", ["5steps"], None, 0, (), False, False, None, {}, 0.0, weights)


@pytest.mark.parametrize("medium", ["text", "image"])
def test_both_families_are_given_the_weights(tmp_path: Path, medium: str) -> None:
    studio = shelf(tmp_path, medium)
    makers = {w.id: w.maker for w in studio.project.works()}
    before = studio.project.collection("all")
    run = ready(studio.workspace, wanted("maker"))
    build = sequence_request if medium == "text" else picture_request
    asked = build(run.course)
    parts = asked.parts if medium == "text" else asked.shown  # type: ignore[union-attr]
    units: dict[str, float] = {}
    for part in parts:
        if part.role == "train":
            size = len(part.content) if medium == "text" else 1  # type: ignore[union-attr]
            units[makers[part.work_id]] = units.get(makers[part.work_id], 0) + part.weight * size
    assert units["Ada"] == pytest.approx(units["Ben"], rel=0.02)
    assert studio.project.collection("all") == before, "the collection keeps its own weights"
    about = run.about["weighting"]
    assert about["said"] == "maker" and 0 < about["effective"] < 0.95
    assert about["after"]["Ben"] == pytest.approx(0.5, abs=0.01)
    assert "## Weights" in run.card and "effective sample size" in run.card


def test_without_weights_nothing_is_another_run(tmp_path: Path) -> None:
    studio = shelf(tmp_path, "text")
    plain, again = ready(studio.workspace, wanted("")), ready(studio.workspace, wanted(""))
    weighed = ready(studio.workspace, wanted("maker=Ben:0.4"))
    assert plain.course.folder == again.course.folder != weighed.course.folder
    assert "weighting" not in plain.about and plain.card == ""
    assert weighed.about["weighting"]["after"]["Ben"] == pytest.approx(0.4, abs=0.01)
    cluster = ready(studio.workspace, wanted("cluster"))
    assert all(group.startswith("region ") for group in cluster.about["weighting"]["after"])


@pytest.mark.parametrize(
    ("said", "sentence"),
    [("tone", "says anything of 'tone'"), ("maker=Cy:0.5", "has maker = Cy"), ("maker=Ben", "is no target")],
)
def test_weights_by_what_no_work_has_are_refused(tmp_path: Path, said: str, sentence: str) -> None:
    with pytest.raises(ProjectError, match=sentence):
        ready(shelf(tmp_path, "text").workspace, wanted(said))
