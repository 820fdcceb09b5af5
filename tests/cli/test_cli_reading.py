"""What a person says of reading belongs to the work: said once when it is added, it holds whenever the work
is read again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.cli.cli_help import data

Call = Callable[..., Any]
VERSE = "Für die Mädchen war es schön, über Nacht zu bleiben.\nGröße und Übermut.\n"
OWN = ("--licence", "own", "--consent", "yes")


def test_an_encoding_that_was_named_holds_for_good(etude: Call, tmp_path: Path) -> None:
    path = tmp_path / "old.txt"
    path.write_bytes(VERSE.encode("cp850"))
    added = data(etude("add", path, "--encoding", "cp850", *OWN, "--json"))
    assert [work["reading"] for work in added["works"]] == [{"encoding": "cp850"}]
    shown = data(etude("works", "info", "old", "--json"))
    assert shown["begins"].startswith("Für die Mädchen")
    works: Path = etude.root / "works.jsonl"  # type: ignore[attr-defined]
    assert json.loads(works.read_text(encoding="utf-8"))["reading"] == {"encoding": "cp850"}


def test_a_work_that_is_read_as_usual_says_nothing_of_it(etude: Call, tmp_path: Path) -> None:
    (tmp_path / "new.txt").write_text(VERSE, encoding="utf-8")
    etude("add", tmp_path / "new.txt", *OWN)
    works = etude.root / "works.jsonl"  # type: ignore[attr-defined]
    assert "reading" not in json.loads(works.read_text(encoding="utf-8"))


def test_an_encoding_that_does_not_exist_is_refused_before_anything_is_read(
    etude: Call, tmp_path: Path
) -> None:
    (tmp_path / "new.txt").write_text(VERSE, encoding="utf-8")
    assert "klingon" in etude("add", tmp_path / "new.txt", "--encoding", "klingon", code=2).stderr
    assert data(etude("works", "--json"))["works"] == []


def test_what_is_said_of_a_work_is_printable(etude: Call, tmp_path: Path) -> None:
    """No terminal sequence, line end or bidirectional mark gets into titles, makers or attributes."""
    (tmp_path / "new.txt").write_text(VERSE, encoding="utf-8")
    words = ("--maker", "An\x1b[31mn\u202e Ex\nample", "--attr", "form=od\x07e")
    (work,) = data(etude("add", tmp_path / "new.txt", *words, *OWN, "--json"))["works"]
    assert (work["maker"], work["attrs"]) == ("Ann Ex ample", {"form": "od e"})
    (work,) = data(etude("works", "edit", work["id"], "--title", "A\x1b]0;x\x07 t\u2066itle", "--json"))[
        "works"
    ]
    assert work["title"] == "A title"


def test_works_of_which_none_can_be_held_out_give_a_model_whose_card_says_so(
    etude: Call, tmp_path: Path
) -> None:
    """Four drafts of one poem are near-duplicates: all are learned from, and nothing is measured."""
    for draft in range(4):
        lines = [f"The gate is shut, the grass is high, line {i}." for i in range(30)] + [f"Draft {draft}."]
        (tmp_path / f"draft-{draft}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    etude("add", *sorted(tmp_path.glob("draft-*.txt")), "--collection", "drafts", *OWN)
    etude("learn", "m", "--from", "drafts", "--budget", "6steps", "--size", "xs")
    card = etude("models", "info", "m").stdout
    assert "Not measured: no works are held out." in card and "nan" not in card
    assert data(etude("make", "m", "-n", "1", "--length", "30", "--json"))["takes"]


def test_a_projects_own_output_is_no_work(etude: Call, tmp_path: Path) -> None:
    root: Path = etude.root  # type: ignore[attr-defined]
    (root / "pieces" / "mine.md").write_text(VERSE, encoding="utf-8")
    (root / "models" / "m-1").mkdir(parents=True)
    (root / "models" / "m-1" / "card.md").write_text("# Model card\n", encoding="utf-8")
    (root / "begun.md").write_text(VERSE + "Begun.\n", encoding="utf-8")
    added = data(etude("add", root, *OWN, "--json"))
    assert [work["title"] for work in added["works"]] == ["begun"]
    assert "is an Etude project" in added["skipped"][0]["reason"]
    assert len(data(etude("add", root / "pieces" / "mine.md", *OWN, "--json"))["works"]) == 1  # by name it is
