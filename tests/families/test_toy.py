"""A third family is one folder and one line: it passes the conformance suite, and works through every verb of
the command line."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import click.testing
import pytest

from etude.errors import TakeError
from etude.families import FAMILIES, family_for, registered
from etude.families.check import check
from etude.families.contract import Batch, Control
from tests.families.toy.family import FAMILY, Pairs, Toy

POEM = "the rain came down on roof number {0} and all night long it sang of {1}.\n"
WORDS = ("salt", "wheat", "rope", "iron", "milk", "clay", "wool", "smoke", "glass", "tar", "bread", "rust")
POEMS = [POEM.format(i, word) * 3 for i, word in enumerate(WORDS)]
COMMANDS = ("options", "make", "learn", "takes")


@pytest.fixture
def toy() -> Iterator[None]:
    """The toy among the families, with its options among those of the commands."""
    modules = [importlib.import_module(f"etude.cli.{name}") for name in COMMANDS]
    with registered("toy", "tests.families.toy.family"):
        for module in modules:
            importlib.reload(module)
        yield
    for module in modules:
        importlib.reload(module)


def test_the_toy_passes_the_suite(tmp_path: Path) -> None:
    check(FAMILY, "text", POEMS, tmp_path)


def test_it_is_one_of_several_that_learn_a_medium(toy: None) -> None:
    assert family_for("text").kind == "sequence"
    assert family_for("text", "toy").kind == "toy"
    assert [*FAMILIES] == ["sequence", "pictures", "toy"]


class Forgetful(Toy):
    """Leaves its state behind."""

    def forget(self, folder: Path) -> None:
        """Nothing."""


class Unnamed(Toy):
    """Its models do not say whose they are."""

    def learn(self, *args: Any) -> Any:
        """Without the family in the header."""
        learned = super().learn(*args)
        return replace(learned, header={k: v for k, v in learned.header.items() if k != "family"})


class Deaf(Toy):
    """Takes any control."""

    def ask(self, header: Any, model: str, wish: Any, host: Any) -> Any:
        """Nothing is refused."""
        return super().ask(header, model, replace(wish, asked={}), host)


class Sociable(Toy):
    """A take depends on how many are made beside it."""

    def open(self, *args: Any) -> Any:
        """With other sampling."""

        class Crowd(Pairs):
            def make(self, request: Any) -> Batch:
                recipe, n, begun = request
                return super().make((replace(recipe, seed=recipe.seed + n), n, begun))

        return Crowd(args[0], args[1], args[2])


class Deafening(Toy):
    """Its table names a control twice."""

    controls = (Control("letters", "whole", "How many."), Control("letters", "whole", "How many."))


class Wordless(Toy):
    """A control without a help."""

    controls = (Control("letters", "whole", ""),)


@pytest.mark.parametrize(
    ("family", "says"),
    [
        (Forgetful(), "forget: state is left"),
        (Unnamed(), "does not name the family"),
        (Deaf(), "is not refused"),
        (Sociable(), "depends on the takes beside it"),
        (Deafening(), "a name stands twice"),
        (Wordless(), "has no help"),
    ],
)
def test_the_suite_finds_what_is_planted(family: Toy, says: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=says):
        check(family, "text", POEMS, tmp_path)


class Shell:
    """The command line in a folder, as a person calls it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *words: object, code: int = 0) -> str:
        """What it prints. Fails where it ends with another code."""
        from etude.cli.main import cli

        done = click.testing.CliRunner().invoke(cli, ["-C", str(self.folder), *map(str, words)])
        assert done.exit_code == code, f"{words}: {done.output}"
        return done.stdout

    def data(self, *words: object) -> Any:
        """What it answers with --json."""
        return json.loads(self(*words, "--json"))


def test_the_toy_goes_through_every_verb(toy: None, tmp_path: Path) -> None:
    for i, poem in enumerate(POEMS):
        (tmp_path / f"poem-{i}.txt").write_text(poem, encoding="utf-8")
    studio = tmp_path / "studio"
    etude = Shell(studio)
    Shell(tmp_path)("init", studio)
    etude(
        "add",
        *sorted(tmp_path.glob("*.txt")),
        "--collection",
        "poems",
        "--maker",
        "Me",
        "--licence",
        "own",
        "--consent",
        "yes",
    )
    learn = ("learn", "pairs", "--from", "poems", "--budget", "1m", "--family", "toy", "--smooth", "0.02")
    assert "pairs" in etude(*learn, "--dry-run")
    model = etude.data(*learn)["id"]
    assert "Pairs of letters" in etude("models", "info", model)
    assert "Options for letters" in etude("make", "--help")
    made = etude.data("make", model, "-n", 3, "--letters", 80)
    take = made["takes"][0]["id"]
    assert {one["controls"]["letters"] for one in made["takes"]} == {80}
    begun = etude.data("make", model, "-n", 1, "--from", tmp_path / "poem-1.txt", "--letters", 20)["takes"][0]
    assert begun["text"].startswith("the rain came down on roof number 1")
    branched = etude.data("take", "branch", take, "--at", 10, "--wild", 0.3, "-n", 2)["takes"]
    assert {one["text"][:10] for one in branched} == {made["takes"][0]["text"][:10]}
    assert etude.data("remake", take)["verdict"] == "bit-equal"
    assert etude.data("remake", branched[1]["id"])["verdict"] == "bit-equal"
    score = etude.data("score", model, tmp_path / "poem-2.txt", "--plot", tmp_path / "score.svg")
    assert score["figure"] == "bits per character" and 0 < score["frozen"] < 4
    traced = etude.data("trace", take)
    assert traced["borrowed"] is None and traced["resembles"]
    etude("trace", take, "--html", tmp_path / "trace.html")
    assert (tmp_path / "trace.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    etude("take", "sheet", tmp_path / "takes.html")
    (tmp_path / "mine.md").write_text(made["takes"][0]["text"] + " and so on", encoding="utf-8")
    edited = etude.data("take", "edit", take, tmp_path / "mine.md")["id"]
    piece = etude.data("take", "accept", edited, "--title", "Letters")["id"]
    assert "Letters" in etude("pieces", "show", piece)
    etude("sign", piece, "--as", "Me", "--yes")
    assert etude.data("verify", next((studio / "pieces").glob("*.md")))["state"] == "intact"
    etude("export", piece, "--format", "txt", "--out", tmp_path / "out")
    etude("take", "undo", edited)
    etude("take", "undo", "--redo")
    etude("take", "reject", made["takes"][1]["id"])
    for refused in (("sliders", model), ("loop", model), ("make", model, "--steps", 4)):
        etude(*refused, code=2)
    etude("models", "rm", model)
    etude("models", "restore", model)
    assert etude.data("remake", take)["verdict"] == "bit-equal"


def test_a_control_out_of_its_limits_is_refused_for_callers_from_python(toy: None) -> None:
    from etude.families.check import Bench
    from etude.families.contract import Wish

    bench = Bench({"w": POEMS[0]}, "text")
    for asked, says in (
        ({"letters": 0}, "--letters 0 is out of range"),
        ({"letters": 5, "wild": 0.2}, "--wild and --letters cannot be used together"),
        ({"steps": 2}, "--steps means nothing to a model of letters"),
        ({"wild": float("nan")}, "not a usable number"),
    ):
        with pytest.raises(TakeError, match=says):
            FAMILY.ask({"family": "toy", "medium": "text"}, "m", Wish(1, None, {}, asked), bench)
