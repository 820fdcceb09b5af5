"""A command line to call in the process, and small works to call it with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from etude.cli.main import cli
from tests.cli.cli_help import poem


@pytest.fixture
def etude(tmp_path: Path) -> Callable[..., Result]:
    """`etude("works", "--json")` in a fresh project; `code` says which exit code is expected."""
    runner = CliRunner()
    root = tmp_path / "studio"
    runner.invoke(cli, ["init", str(root)])

    def call(*words: Any, code: int = 0, stdin: str | None = None) -> Result:
        result = runner.invoke(cli, ["-C", str(root), *map(str, words)], input=stdin)
        assert result.exit_code == code, (
            f"{words} -> {result.exit_code}\n{result.output}\n{result.exception!r}"
        )
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
