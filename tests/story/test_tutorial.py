"""The tutorial "From a blank page to a scene": every command that it shows is run, in its order, with a
small base of random weights in the place of the one that it fetches."""

from __future__ import annotations

import json
import re
import shlex
from itertools import islice
from pathlib import Path

import pytest
from click.testing import CliRunner

from etude import samples
from etude.cli.main import cli
from tests.families.sequence import small_bases

PAGE = (Path(__file__).parents[2] / "docs" / "tutorial-novelist.md").read_text(encoding="utf-8")


def run(*words: str) -> str:
    done = CliRunner().invoke(cli, list(words))
    assert done.exit_code == 0, f"{words} -> {done.output}\n{done.exception!r}"
    return done.output


def put_base(name: str) -> None:
    chapters = [data.decode()[:3000] for _, data, _ in islice(samples.novel(), 2)]
    place = small_bases.folder(Path("..") / name, vocab=520, made=small_bases.tokenizer(500, chapters))
    config = json.loads((place / "config.json").read_text())
    (place / "config.json").write_text(json.dumps({**config, "max_position_embeddings": 2048}))
    run("base", "add", str(place), "--name", name)


def test_every_command_of_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chapters = samples.novel
    monkeypatch.setattr(samples, "novel", lambda: islice(chapters(), 12))
    monkeypatch.chdir(tmp_path)
    shown = 0
    for language, block in re.findall(r"```(\w*)\n(.*?)```", PAGE, flags=re.DOTALL):
        if language == "markdown":
            Path("draft.md").write_text(block, encoding="utf-8")
        for line in block.splitlines() if language == "sh" else ():
            words = shlex.split(line, comments=True)
            shown += 1
            if words[0] == "cd":
                monkeypatch.chdir(words[1])
            elif words[1:3] == ["base", "get"]:
                put_base(words[3])
            elif words[1] == "learn":
                run(*words[1:-1], "2steps", "--no-critic")
            elif words[2] == "propose":  # a base of random weights has nothing to say, and says so
                assert "were usable" in run(*words[1:], "--seconds", "1")
            elif words[2] == "continue":
                told = json.loads(run(*words[1:-1], "2", "--length", "12", "--json"))
                assert len(told["passages"]) == 2 and told["scene"] == "s3"
            elif words[2] == "check":
                said = json.loads(run(*words[1:], "--json"))
                assert {one["subtype"] for one in said["warnings"]} == {"the dead act", "appearance"}
                run(*words[1:])
            else:
                run(*words[1:])
    assert shown >= 20
    assert Path("lamp.docx").read_bytes()[:2] == Path("lamp.epub").read_bytes()[:2] == b"PK"
    plan = Path("story/lamp/characters.toml").read_text()
    assert 'wants = "to be believed"' in plan and 'locked = ["wants"]' in plan
    assert 'id = "mara"' in plan and "mara-venn" not in plan  # the reading knew her
