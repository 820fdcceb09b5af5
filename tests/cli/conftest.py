"""A command line to call in the process, and small works to call it with."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from etude.cli.main import cli

WORDS = [
    "well",
    "moon",
    "river",
    "lantern",
    "garden",
    "winter",
    "orchard",
    "window",
    "harbour",
    "mountain",
    "sparrow",
    "candle",
    "evening",
    "meadow",
    "letter",
    "thunder",
    "silver",
    "kitchen",
    "shadow",
    "summer",
    "garlic",
    "hollow",
    "copper",
    "ribbon",
    "pilgrim",
    "hunger",
    "island",
    "mirror",
    "feather",
    "morning",
    "barrel",
    "cellar",
    "singer",
    "weather",
    "fallow",
    "ember",
]
SMALL = [
    "the",
    "a",
    "of",
    "and",
    "in",
    "to",
    "with",
    "under",
    "my",
    "your",
    "no",
    "one",
    "when",
    "where",
    "that",
    "was",
    "is",
    "were",
    "had",
    "has",
    "comes",
    "goes",
    "fell",
    "rose",
]


def poem(seed: int, lines: int = 60) -> str:
    """Verse that can be learned a little: the same words, in an order of its own."""
    draw = random.Random(seed)
    made = [f"Poem {seed}", ""]
    for number in range(lines):
        words = [draw.choice(SMALL if draw.random() < 0.6 else WORDS) for _ in range(draw.randint(5, 8))]
        made.append(" ".join(words).capitalize() + draw.choice([",", ";", ".", ""]))
        if number % 4 == 3:
            made.append("")
    return "\n".join(made) + "\n"


@pytest.fixture
def etude(tmp_path: Path) -> Callable[..., Result]:
    """`etude("works", "--json")` in a fresh project; `code` says which exit code is expected."""
    runner = CliRunner()
    root = tmp_path / "studio"
    runner.invoke(cli, ["init", str(root)])

    def call(*words: Any, code: int = 0, stdin: str | None = None) -> Result:
        result = runner.invoke(cli, ["-C", str(root), *map(str, words)], input=stdin)
        assert result.exit_code == code, f"{words} -> {result.exit_code}\n{result.output}\n{result.exception!r}"
        return result

    call.root = root  # type: ignore[attr-defined]
    return call


@pytest.fixture
def poems(tmp_path: Path) -> Path:
    """A folder of six short poems by two makers."""
    folder = tmp_path / "poems"
    folder.mkdir()
    for seed in range(6):
        (folder / f"poem-{seed}.txt").write_text(poem(seed), encoding="utf-8")
    return folder


def data(result: Result) -> Any:
    """The JSON object on stdout."""
    return json.loads(result.stdout)
