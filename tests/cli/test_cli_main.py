"""The command line as such: a quick start, errors in one sentence, exit codes, and a reference page that is
current."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from etude.cli import main, reference
from etude.cli.main import TABLE, cli
from etude.cli.shell import Verb
from etude.config.store import STORE
from tests.cli.cli_help import data

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("torch", "numpy", "numba", "rich", "lxml", "etude.api", "etude.media")


def verbs() -> list[tuple[str, click.Command]]:
    """Every command with its path, those inside nouns too."""
    found = []
    for entry in TABLE:
        command = getattr(import_module(f"etude.cli.{entry.module}"), entry.attribute)
        inner = command.commands if isinstance(command, click.Group) else {"": command}
        found += [(f"{entry.name} {name}".strip(), one) for name, one in inner.items()]
    return found


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom click.testing import CliRunner\nfrom etude.cli.main import cli\n"
        "assert CliRunner().invoke(cli, ['--help']).exit_code == 0\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_help_loads_little() -> None:
    """How long it takes is measured in bench/start.py; here, what it loads (81 modules on the first day)."""
    code = (
        "import contextlib, io, sys\n"
        "bare = set(sys.modules)\n"
        "from etude.cli.main import cli\n"
        "with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):\n"
        "    cli(['--help'])\n"
        "print(*sorted(set(sys.modules) - bare))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    names = loaded.stdout.split()
    assert "etude.cli.main" in names
    assert len(names) < 120, names


@pytest.mark.parametrize(("path", "command"), verbs(), ids=[path for path, _ in verbs()])
def test_every_command_helps_with_examples_and_takes_json(path: str, command: click.Command) -> None:
    result = CliRunner().invoke(cli, [*path.split(), "--help"])
    assert result.exit_code == 0
    assert "--json" in result.output
    assert isinstance(command, Verb)
    if command.examples:
        assert result.output.index("Examples:") < result.output.index("Options:")
        assert all(
            example.split()[0] == "etude" and path.split()[0] in example for example in command.examples
        )


def test_the_reference_page_is_current() -> None:
    page = ROOT / "docs" / "cli.md"
    assert page.read_text(encoding="utf-8") == reference.render(), "write it anew with: make docs"


def test_a_mistyped_command_is_guessed(etude: Any) -> None:
    assert "Did you mean: etude works?" in etude("work", code=2).stderr


def test_what_people_mean_is_found(etude: Any) -> None:
    asked, usual = etude("help", "take", "undo").stdout, etude("take", "undo", "--help").stdout
    assert asked.splitlines()[1:] == usual.splitlines()[1:] and "etude take undo" in asked
    assert "First steps" in etude("help").stdout
    assert "Did you mean: etude take undo?" in etude("undo", code=2).stderr
    assert "Did you mean: etude learn?" in etude("train", code=2).stderr
    assert "no command 'nonsense'" in etude("help", "nonsense", code=2).stderr


def test_errors_are_one_sentence_and_the_next_command(etude: Any) -> None:
    result = etude("works", "info", "nothing", code=2)
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert "etude works" in result.stderr
    found = json.loads(etude("works", "info", "nothing", "--json", code=2).stdout)
    assert found["schema"] == "etude.error/1"
    assert found["hint"]


@pytest.mark.parametrize(
    "words",
    [
        ("make", "band", "-n", "0"),
        ("nonsense",),
        ("works", "info"),
        ("take", "branch", "t-1", "--temperature", "4"),
    ],
)
def test_mistakes_in_the_call_are_an_object_too(etude: Any, words: tuple[str, ...]) -> None:
    result = etude(*words, "--json", code=2)
    found = json.loads(result.stdout)
    assert found["schema"] == "etude.error/1"
    assert found["error"]
    assert found["hint"].endswith("--help")
    assert "Error:" in result.stderr
    assert etude(*words, code=2).stdout == ""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a budget is short", "A budget is short"),
        ("poem.txt: is empty", "poem.txt: is empty"),
        ("etude works", "etude works"),
        ("", ""),
    ],
)
def test_sentences_begin_with_a_capital(text: str, shown: str) -> None:
    assert main._sentence(text) == shown


def test_a_folder_that_is_not_there_or_cannot_be_written_to(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["-C", str(tmp_path / "no where"), "works"])
    assert result.exit_code == 2
    assert "no such folder" in result.stderr
    assert f"etude init '{tmp_path}/no where'" in result.stderr
    (tmp_path / "file").write_text("", encoding="utf-8")
    result = CliRunner().invoke(cli, ["init", str(tmp_path / "file" / "studio")])
    assert result.exit_code == 2
    assert "cannot be written to" in result.stderr
    assert "repair" not in result.stderr


def test_debug_shows_the_traceback(etude: Any) -> None:
    result = CliRunner().invoke(cli, ["-C", str(etude.root), "works", "info", "nothing", "--debug"])
    assert result.exception is not None
    assert type(result.exception).__name__ == "WorkError"


def test_outside_a_project(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["-C", str(tmp_path), "works"])
    assert result.exit_code == 2
    assert "etude init" in result.stderr


def test_init_leaves_an_existing_project_alone(tmp_path: Path) -> None:
    first = CliRunner().invoke(cli, ["init", str(tmp_path), "--json"])
    before = (tmp_path / "etude.toml").read_bytes()
    again = CliRunner().invoke(cli, ["init", str(tmp_path), "--json"])
    assert (data(first)["created"], data(again)["created"]) == (True, False)
    assert (tmp_path / "etude.toml").read_bytes() == before


def test_the_project_is_found_upwards(etude: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(etude.root / "works")
    assert data(CliRunner().invoke(cli, ["where", "--json"]))["root"] == str(etude.root)


def test_where_doctor_and_repair(etude: Any, poems: Path) -> None:
    etude("add", poems, "--collection", "verse")
    assert data(etude("where", "--json"))["bytes"]["works"] > 0
    findings = {finding["what"]: finding for finding in data(etude("doctor", "--json"))["findings"]}
    assert findings["torch"]["state"] == "ok"
    assert findings["files"]["state"] == "ok"
    assert data(etude("repair", "--json"))["whole"]
    next((etude.root / "works").iterdir()).unlink()
    report = data(etude("repair", "--json", code=1))
    assert not report["whole"]
    assert len(report["findings"]) == 1


def test_doctor_sees_what_repair_would_report(
    etude: Any, poems: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    etude("add", poems, "--collection", "verse")
    first, second, third = sorted((etude.root / "works").iterdir())[:3]
    first.unlink()
    second.write_text("something else", encoding="utf-8")
    third.write_bytes(third.read_bytes()[::-1])  # as long as before
    (etude.root / "pieces" / "stray.md").write_text("x", encoding="utf-8")
    found = {finding["what"]: finding for finding in data(etude("doctor", "--json", code=1))["findings"]}[
        "files"
    ]
    assert found["value"] == "1 work missing, 2 works changed, 1 file in pieces/ unknown"
    assert found["act"] == "etude repair"
    monkeypatch.setattr(
        import_module("etude.store.repair"), "STORE", replace(STORE, glance_bytes=0)
    )  # sizes only
    found = {finding["what"]: finding for finding in data(etude("doctor", "--json", code=1))["findings"]}[
        "files"
    ]
    assert found["value"] == "1 work missing, 1 work changed, 1 file in pieces/ unknown"


def test_hints_can_be_copied_whatever_the_names_are(etude: Any, poems: Path, tmp_path: Path) -> None:
    said = CliRunner().invoke(cli, ["init", str(tmp_path / "Mein Stüdio")]).stderr
    assert f"cd '{tmp_path}/Mein Stüdio' && etude add" in said
    assert (
        "--from 'my verse' --budget"
        in etude("add", poems, "--collection", "my verse", "--licence", "own", "--consent", "yes").stderr
    )
    assert "--collection 'no such'" in etude("collection", "show", "no such", code=2).stderr


def test_a_reader_that_goes_away_is_no_error(etude: Any, poems: Path) -> None:
    etude("add", poems)
    command = f"{sys.executable} -m etude -C {etude.root} works | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True, env=os.environ)
    assert done.stdout.startswith("id\t")
    assert "Traceback" not in done.stderr
