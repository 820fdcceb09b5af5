"""An audit from a stored model to its page, for every medium and both families; and on generators that do
what nobody wants: give works back, or the same take again."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import etude
from etude.api.handle import Studio
from etude.audit.report import Audit, Section
from etude.cli.main import cli
from etude.config.pictures import EXPLORE
from etude.config.trust import TRACE
from etude.errors import TakeError
from etude.families.contract import Batch, MadeTake
from etude.media import MEDIA
from etude.store.models import ModelInfo
from etude.workspace import audit_takes, auditing
from etude.workspace.core import silent
from etude.workspace.evidence import banks
from etude.workspace.split import of_role, present
from tests.families.pictures.small_pictures import settings

BEFORE = Path(__file__).parents[1] / "before"
SECTIONS = ["Quality", "Copying", "Diversity", "Bias", "Marks", "Cost"]
PROJECTS = ("text", "music-grid", "image", "video")
Opened = Callable[[str], tuple[Studio, ModelInfo]]


@pytest.fixture(scope="module", autouse=True)
def _little() -> Iterator[None]:
    """Few passes, few works held out, and of each one frame."""
    with settings(EXPLORE, renew_steps=1), settings(TRACE, held_out_pictures=20, frames_compared=1):
        yield


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """A project with a small model, which an earlier version made."""
    known: dict[str, Studio] = {}

    def opened(name: str) -> tuple[Studio, ModelInfo]:
        if name not in known:
            folder = tmp_path_factory.mktemp("audited")
            with tarfile.open(BEFORE / f"{name}.tar.xz") as archive:
                archive.extractall(folder, filter="data")
            known[name] = etude.open(folder / name)
        return known[name], known[name].project.models()[0]

    yield opened


def section(found: Audit, name: str) -> Section:
    return next(one for one in found.sections if one.name == name)


@pytest.mark.parametrize("name", PROJECTS)
def test_every_medium_is_audited_to_the_end(project: Opened, name: str) -> None:
    studio, model = project(name)
    before = [one.id for one in studio.takes().takes], (model.path / "card.md").read_bytes()
    found = studio.audit(model.id, takes=4, seconds=1)
    assert [one.name for one in found.sections] == SECTIONS
    assert found.takes == 4 and found.held_out > 0
    page = Path(found.page).read_text(encoding="utf-8")
    assert page.count("<section>") >= 8 and 'src="http' not in page
    assert ("data:image/png" in page) == (MEDIA[model.medium].look(_work(studio, model)) is not None)
    kept = json.loads((model.path / "audit.json").read_text(encoding="utf-8"))
    assert kept["schema"] == "etude.audit/1" and kept["page"] == "audit.html" and kept["takes"] == 4
    # its takes are not kept, and nothing of the model changes
    assert before == ([one.id for one in studio.takes().takes], (model.path / "card.md").read_bytes())
    assert studio.project.model(model.id).hash == model.hash


def _work(studio: Studio, model: ModelInfo) -> Any:
    work = next(work for work in studio.project.works() if work.medium == model.medium)
    return studio.workspace.contents(work.id)


def given(studio: Studio, model: ModelInfo, role: str, n: int) -> list[Any]:
    """Parts of works of this role, as long as takes are."""
    ws = studio.workspace
    home = ws.project.collection(str(model.header["collection"]))
    there = present(ws.project, home)
    train, held_out = (of_role(home, model, one, there) for one in ("train", "held-out"))
    medium = MEDIA[model.medium]
    learned, unseen, _ = banks(ws, medium.name, train, held_out, 256, silent)
    bank = learned if role == "train" else unseen
    g = np.random.Generator(np.random.Philox(5))
    at = g.permutation(len(bank.works))[:n].tolist()
    return [medium.cut(ws.contents(bank.works[i]), *map(int, bank.spans[i])) for i in at]


class Reciting:
    """A generator that gives contents back in the place of takes."""

    def __init__(self, contents: list[Any]) -> None:
        self.contents = contents

    def request(self, recipe: Any, n: int, way: Any, host: Any) -> tuple[int, int]:
        return recipe.index, n

    def make(self, request: tuple[int, int]) -> Batch:
        start, n = request
        every = [MadeTake(i, self.contents[i % len(self.contents)], {}) for i in range(start, start + n)]
        return Batch(tuple(every))


@pytest.mark.parametrize("name", ["text", "image"])
def test_a_model_that_recites_is_said_to_copy_and_one_that_does_not_is_not(
    project: Opened, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio, model = project(name)
    for role, verdict in (("train", "concern"), ("held-out", "good")):
        reciting = Reciting(given(studio, model, role, 24))
        monkeypatch.setattr(audit_takes, "generator", lambda *_: reciting)  # noqa: B023  used at once
        found, _ = auditing.audit(studio.workspace, model.id, takes=24, seconds=60, progress=silent)
        rows = {row.name: row for row in section(found, "Copying").rows}
        named = ("Duplicates", "Near-copies", *(["Long runs"] if "Long runs" in rows else []))
        # a passage is no duplicate of a long work
        said = [
            rows[one].verdict
            for one in named
            if one != "Duplicates" or MEDIA[name].size(_work(studio, model)) == 1
        ]
        assert said and set(said) == {verdict}, {one: rows[one].sentence for one in named}


def test_a_model_that_repeats_itself_is_said_to(project: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    studio, model = project("text")
    one = given(studio, model, "held-out", 1)
    monkeypatch.setattr(audit_takes, "generator", lambda *_: Reciting(one))
    found, _ = auditing.audit(studio.workspace, model.id, takes=24, seconds=60, progress=silent)
    row = section(found, "Diversity").rows[0]
    assert row.verdict == "concern" and row.sentence == "23 of 24 takes are the same as another."


def test_the_command_says_each_answer_and_where_the_page_is(project: Opened) -> None:
    studio, model = project("text")
    with settings(TRACE, held_out_needed=10_000):
        done = CliRunner().invoke(
            cli, ["-C", str(studio.root), "audit", model.id, "--takes", "2", "--seconds", "1"]
        )
    assert done.exit_code == 0, done.output
    assert "Does it copy?" in done.output and "What did it cost?" in done.output
    assert f"Wrote {model.path / 'audit.html'}" in " ".join(done.output.split("\n"))
    bad = CliRunner().invoke(cli, ["-C", str(studio.root), "audit", "nobody"])
    assert bad.exit_code == 2 and "There is no model 'nobody'" in bad.output


def test_a_model_whose_works_are_gone_is_refused_in_words(
    project: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio, model = project("text")
    monkeypatch.setattr(auditing, "of_role", lambda *_: ())
    with pytest.raises(
        TakeError, match=r"None of the works that .* was trained on is in the project any more"
    ):
        auditing.audit(studio.workspace, model.id, takes=2, seconds=1, progress=silent)
