"""A model of texts on a base, from the command line: learned, made, traced, made again; what is refused."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from etude.cli.main import cli
from etude.families.manner import stands_on
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
    root = tmp_path / "studio"
    shutil.copytree(made / "studio", root)
    call = caller(root)
    call.root = root  # type: ignore[attr-defined]
    return call


def test_learn_make_trace_and_make_again(etude: Any, made: Path) -> None:
    shown = data(etude("models", "info", "verse", "--json"))
    card = shown["card"]
    assert "built on small (SHA-256 " in card and "what it owes to whom is not known" in card
    assert "licence of the base: Apache-2.0" in card and "not checked against what the base itself" in card
    assert "| the base alone, before it learned from the works |" in card
    assert "| the base with its adapter alone |" in card
    assert "## Does it recite?" in card and "of 20 passages are recited to the end" in card
    assert "takes are not checked against the base's own data" in card
    assert shown["model"]["base"] == "small"
    header = (next((made / "studio" / "models").glob("verse-*")) / "model.json").read_text("utf-8")
    known = Path(stands_on(json.loads(header)["header"]))
    assert known == made / "small"  # by which it is learned again after a withdrawal
    assert len(header) < 100_000 and "merges" not in header  # the tokenizer lies with the base
    ask = ("--length", "20", "--seed", "5", "--json")  # words
    takes = data(etude("make", "verse", "-n", "3", *ask))["takes"]
    alone = data(etude("make", "verse", "-n", "1", *ask))["takes"]
    assert alone[0]["text"] == takes[0]["text"]  # the same bytes alone and in company
    for take in takes:
        text = take["text"]
        assert text and not text[0].isspace()
        assert 16 <= len(text.split()) <= 20 + 240 / 6 + 1
        assert "bit-equal" in etude("remake", take["id"]).output
    traced = data(etude("trace", takes[0]["id"], "--json"))
    words = traced["voice"]["words"]
    assert traced["voice"]["base"] == "small" and len(words) >= 16
    assert abs(sum(word["nats"] for word in words) - traced["voice"]["nats"]) < 1e-6
    assert "What small itself owes to whom is not known." in traced["summary"]
    scored = data(etude("score", "verse", takes[0]["id"], "--json"))
    bits = sum(word["nats"] for word in words) / math.log(2) / scored["size"]
    assert abs(scored["voice"] - bits) < 0.05  # the end of the work is scored too
    going_on = data(etude("make", "verse", "-n", "1", "--from", takes[0]["id"], *ask))["takes"][0]["text"]
    assert going_on.startswith(takes[0]["text"]) and len(going_on) > len(takes[0]["text"])


def test_packed_weights_lie_in_the_cache_and_give_the_same_takes(etude: Any) -> None:
    ask = ("make", "verse", "-n", "1", "--length", "20", "--seed", "7", "--json")
    root = Path(etude.root)
    first = data(etude(*ask))["takes"][0]["text"]
    (kept,) = (root / ".etude" / "bases").glob("*.safetensors")
    assert data(etude(*ask))["takes"][0]["text"] == first  # from the cache
    kept.write_bytes(kept.read_bytes()[:-64])
    assert data(etude(*ask))["takes"][0]["text"] == first  # damaged: made again
    shutil.rmtree(kept.parent)
    assert data(etude(*ask))["takes"][0]["text"] == first


def test_bases_are_tried_before_learning(etude: Any, made: Path) -> None:
    assert "There are no bases on the shelf" in etude("base", "try", "verse").output
    etude("base", "add", made / "small", "--name", "tiny")
    try:
        found = data(etude("base", "try", "verse", "--seconds", "1", "--json"))
        (one,) = found["bases"]
        assert one["base"] == "tiny" and one["why"] == "" and one["figure"]["unit"] == "bits/character"
        assert 2 < one["figure"]["value"] < 12  # random weights
        shown = etude("base", "try", "verse", "--seconds", "1").output
        assert "etude learn NAME --from verse --on tiny" in shown
        planned = etude("learn", "w", "--from", "verse", "--on", "tiny", *TINY, "--dry-run").output
        assert "Little data: " in planned and "no plot" in planned
    finally:
        etude("base", "rm", "tiny", "--yes")


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
