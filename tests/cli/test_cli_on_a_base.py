"""A model of texts on a base, from the command line: learned, made, traced, made again; what is refused."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from etude.cli.main import cli
from tests.cli.cli_help import data, poem
from tests.cli.test_cli_learning import caller
from tests.families.sequence import small_bases

TINY = ("--budget", "16steps", "--no-critic")
WORDS = " ".join(poem(i, 60) for i in range(8))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a model on a small base of random weights, which lies beside it."""
    home = tmp_path_factory.mktemp("on-a-base")
    root, works = home / "studio", home / "works"
    base = small_bases.folder(home / "small", vocab=520, made=small_bases.tokenizer(500, [WORDS]))
    works.mkdir()
    CliRunner().invoke(cli, ["init", str(root)])
    call = caller(root)
    for i in range(8):
        (works / f"{i}.txt").write_text(poem(i, 60), encoding="utf-8")
    call(
        "add",
        works,
        "--collection",
        "verse",
        "--maker",
        "Ada Example",
        "--licence",
        "own",
        "--consent",
        "yes",
    )
    call("learn", "verse", "--from", "verse", "--on", base, *TINY)
    return home


@pytest.fixture
def etude(made: Path, tmp_path: Path) -> Any:
    """A copy of the project, so that no test sees what another did."""
    shutil.copytree(made / "studio", tmp_path / "studio")
    return caller(tmp_path / "studio")


def test_learn_make_trace_and_make_again(etude: Any, made: Path) -> None:
    shown = data(etude("models", "info", "verse", "--json"))
    card = shown["card"]
    assert "stands on small (SHA-256 " in card and "what it owes to whom is not known" in card
    assert "licence of the base: Apache-2.0" in card and "not checked against what the base itself" in card
    assert "| the base alone, before it learned from the works |" in card
    assert "| the base with its adapter alone |" in card
    header = (next((made / "studio" / "models").glob("verse-*")) / "model.json").read_text("utf-8")
    assert len(header) < 100_000 and "merges" not in header  # the tokenizer lies with the base
    ask = ("--length", "120", "--seed", "5", "--json")
    takes = data(etude("make", "verse", "-n", "3", *ask))["takes"]
    alone = data(etude("make", "verse", "-n", "1", *ask))["takes"]
    assert alone[0]["text"] == takes[0]["text"]  # the same bytes alone and in company
    for take in takes:
        text = take["text"]
        assert text and not text[0].isspace()
        assert "bit-equal" in etude("remake", take["id"]).output
    traced = data(etude("trace", takes[0]["id"], "--json"))
    assert traced
    going_on = data(etude("make", "verse", "-n", "1", "--from", takes[0]["id"], *ask))["takes"][0]["text"]
    assert going_on.startswith(takes[0]["text"]) and len(going_on) > len(takes[0]["text"])


def test_a_base_that_is_gone_or_has_changed_is_named(etude: Any, made: Path, tmp_path: Path) -> None:
    small, other = made / "small", tmp_path / "elsewhere"
    shutil.move(small, other)
    try:
        said = etude("make", "verse", "-n", "1", code=2).output
        assert "There is no base" in said and "small" in said
        shutil.copytree(other, small)
        (small / "config.json").write_text((small / "config.json").read_text("utf-8") + "\n", "utf-8")
        assert "has changed since this model was learned" in etude("make", "verse", "-n", "1", code=2).output
    finally:
        shutil.rmtree(small, ignore_errors=True)
        shutil.move(other, small)


def test_what_cannot_stand_on_a_base(etude: Any, made: Path) -> None:
    etude("samples", "tunes")
    said = etude("learn", "t", "--from", "tunes", "--on", made / "small", *TINY, code=2).output
    assert "Music cannot stand on a base" in said
    said = etude("learn", "v", "--from", "verse", "--on", "nothing-like-it", *TINY, code=2).output
    assert "There is no base 'nothing-like-it' on the shelf" in said
    (made / "small" / "README.md").rename(made / "README.md")
    try:
        said = etude("learn", "v", "--from", "verse", "--on", made / "small", *TINY, code=2).output
    finally:
        (made / "README.md").rename(made / "small" / "README.md")
    assert "licence of the base 'small' is not known, so nothing may be learned on it" in said


def test_a_base_on_the_shelf(etude: Any, made: Path) -> None:
    """A model remembers the name and the hash, and says what to do when it is gone."""
    etude("base", "add", made / "small", "--name", "tiny")
    etude("learn", "w", "--from", "verse", "--on", "tiny", *TINY)
    assert data(etude("make", "w", "-n", "1", "--length", "60", "--json"))["takes"][0]["text"]
    etude("base", "rm", "tiny", "--yes")
    assert "etude base add PATH" in etude("make", "w", "-n", "1", code=2).output
