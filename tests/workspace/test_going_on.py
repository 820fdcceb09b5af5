"""The same command goes on from a finished model, and a worse model never takes over its name by itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image as Pil

from etude.cli.main import cli
from etude.families.course import Course
from etude.families.pictures.family import PictureFamily
from etude.media.pixels.framing import Framing
from etude.stats.paired import paired
from etude.store import chosen
from etude.training.budget import Ledger
from etude.training.learned import Learned
from tests.cli.cli_help import data
from tests.families.pictures.small_pictures import drawing

Call = Callable[..., Result]
OWN = ("--maker", "Ada Example", "--licence", "own", "--consent", "yes")


def draw(folder: Path, numbers: range) -> Path:
    """Small drawings, one a number."""
    folder.mkdir()
    for i in numbers:
        Pil.fromarray(drawing(33, i)[0]).save(folder / f"drawing-{i:02d}.png")
    return folder


def shelf(root: Path) -> Call:
    """A project with forty drawings."""
    runner = CliRunner()
    runner.invoke(cli, ["init", str(root / "studio")])

    def call(*words: Any, code: int = 0) -> Result:
        result = runner.invoke(cli, ["-C", str(root / "studio"), *map(str, words)])
        assert result.exit_code == code, f"{words} -> {result.exit_code}\n{result.output}"
        return result

    call.root = root / "studio"  # type: ignore[attr-defined]
    call("add", draw(root / "first", range(40)), "--collection", "drawings", *OWN)
    return call


@pytest.fixture
def studio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """A project with drawings and a model, where learning takes no time: `call.costs` is what each work will
    cost the next model, `call.courses` are the courses that were learned."""
    call: Any = shelf(tmp_path)
    call.costs, call.courses = 0.3, []

    def learn(self: PictureFamily, course: Course, tell: object, stop: object) -> Learned:
        call.courses.append(course)
        held_out = [one.work_id for one in course.lessons if one.parts[0][2] == "held-out"]
        ledger = Ledger(1.0, 1.0, 1.0, (0.0, 0.0, 0.0), "", 10)
        about = {
            "family": "pictures",
            "medium": "image",
            "framing": Framing(32).to_json(),
            "net": {"side_px": 32, "frames": 1},
            "size": "xs",
            "steps": 10,
            "ended": call.ended,
            "started_from": course.start.about if course.start else None,
            "compared": {"unit": "a unit", "works": {work: [call.costs, 1.0] for work in held_out}},
        }
        return Learned(about, {"flow.w": np.full(3, len(call.courses))}, "card", ledger, call.ended)

    call.ended = "budget"
    monkeypatch.setattr(PictureFamily, "learn", learn)
    call("learn", "mine", "--from", "drawings", *FEW)
    return call  # type: ignore[no-any-return]


FEW = ("--budget", "6steps", "--size", "xs", "--no-critic")


def standing(call: Any, name: str = "mine") -> str:
    """The id that a name stands for."""
    return str(data(call("models", "info", name, "--json"))["model"]["id"])


def header(call: Any, model: str) -> Any:
    path = Path(data(call("models", "info", model, "--json"))["path"])
    return json.loads((path / "model.json").read_text())["header"]


def test_the_same_command_goes_on_with_works_added_since(tmp_path: Path) -> None:
    call = shelf(tmp_path)
    call("learn", "mine", "--from", "drawings", *FEW)
    first = standing(call)
    call("add", draw(tmp_path / "later", range(40, 50)), "--collection", "drawings", *OWN)
    told = call("learn", "mine", "--from", "drawings", *FEW)
    assert f"Continuing from {first}" in told.stderr
    assert "on the same" in told.stderr and f"etude models use {first}" in told.stderr
    after, before = header(call, "mine"), header(call, first)
    assert after["started_from"]["model"] == first
    assert after["started_from"]["steps"] == before["steps"]
    assert len(after["works"]["train"]) > len(before["works"]["train"])
    assert after["curve"][0][2] < before["curve"][0][2]  # it did not begin from nothing
    assert f"It continues {first}" in call("models", "info", "mine").stdout


def test_steps_add_up_over_several_runs(studio: Any) -> None:
    for _ in range(2):
        studio("learn", "mine", "--from", "drawings", *FEW)
    about = header(studio, "mine")["started_from"]
    assert about["steps"] == 20 and "started_from" not in about
    assert about["model"] == studio.courses[-1].start.about["model"]


def test_an_interrupted_run_goes_on_where_it_stopped(studio: Any) -> None:
    first = standing(studio)
    studio.ended = "interrupted"
    studio("learn", "mine", "--from", "drawings", *FEW, code=130)
    folder = studio.courses[-1].folder
    (folder / "state.safetensors").write_bytes(b"the state of the run")
    studio.ended = "budget"
    told = studio("learn", "mine", "--from", "drawings", *FEW).stderr
    assert "Continuing from" not in told
    assert studio.courses[-1].folder == folder and studio.courses[-1].start.about["model"] == first
    studio("learn", "mine", "--from", "drawings", *FEW)
    assert studio.courses[-1].folder != folder


def test_it_does_not_go_on_where_that_would_be_dishonest(studio: Any) -> None:
    for words, why in [
        (("--side", "64"), "has side 32, not 64"),
        (("--framing", "pad"), "has how crop, not pad"),
    ]:
        told = studio("learn", "mine", "--from", "drawings", *words, *FEW).stderr
        assert f"{why}" in told and "Training from scratch" in told
        assert studio.courses[-1].start is None
        studio("models", "rm", standing(studio))
    told = studio("learn", "mine", "--from", "drawings", "--from-scratch", *FEW).stderr
    assert "goes on" not in told and studio.courses[-1].start is None
    gone = next(one.work_id for one in studio.courses[0].lessons if one.parts[0][2] == "train")
    studio("works", "rm", gone)
    told = studio("learn", "mine", "--from", "drawings", *FEW).stderr
    assert "1 work that this run is not to learn from" in told and studio.courses[-1].start is None


def test_a_worse_model_does_not_take_over_the_name(studio: Any) -> None:
    first = standing(studio)
    studio.costs = 0.4
    done = data(studio("learn", "mine", "--from", "drawings", *FEW, "--json"))
    assert "It is worse than" in done["compared"] and f"etude models use {done['id']}" in done["compared"]
    assert standing(studio) == first
    rows = {line.split("\t")[0]: line for line in studio("models").stdout.splitlines()}
    assert "default of 'mine'" in rows[first] and "other" in rows[done["id"]]
    studio("models", "use", done["id"])
    assert standing(studio) == done["id"]
    studio("models", "rm", done["id"])
    assert standing(studio) == first
    studio.costs = 0.2
    better = data(studio("learn", "mine", "--from", "drawings", *FEW, "--json"))
    assert "It is better than" in better["compared"] and standing(studio) == better["id"]


def test_two_models_are_compared_on_the_works_that_both_have() -> None:
    rows = {f"w-{i}": [100.0 + i, 50.0] for i in range(20)}
    worse = {work: [1.1 * cost, n] for work, (cost, n) in rows.items()}
    found = paired({**rows, "w-only": [1.0, 50.0]}, worse)
    assert found is not None and (found.verdict, found.works) == ("worse", 20)
    assert found.low is not None and 0 < found.low <= found.worse <= (found.high or 0)
    assert paired(worse, rows).verdict == "better"  # type: ignore[union-attr]
    noise = np.random.default_rng(0).normal(1.0, 0.1, 20)
    same = {work: [cost * k, n] for (work, (cost, n)), k in zip(rows.items(), noise, strict=True)}
    assert paired(rows, same).verdict == "no clear difference"  # type: ignore[union-attr]
    assert paired(rows, {"w-x": [1.0, 1.0]}) is None


def test_a_damaged_choice_is_none(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / chosen.FILE).write_text("{")
    assert chosen.chosen(tmp_path, "mine") == ""
    chosen.choose(tmp_path, "mine", "mine-1")
    assert chosen.chosen(tmp_path, "mine") == "mine-1"
