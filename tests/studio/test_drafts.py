"""Drafts: every change is kept, undo works after a restart, nothing of another window or program is
overwritten, and a piece made of one names the takes in it."""

from __future__ import annotations

import shlex
import sys
import tarfile
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner

from etude import api
from etude.cli.main import cli
from etude.errors import ProjectError, TakeError, WorkError
from etude.store import drafts as disk
from etude.store.files import write_atomic
from etude.store.takes import Take
from etude.takes.recipe import Recipe
from etude.workspace.core import Workspace
from etude.workspace.drafts import difference
from tests.studio.asgi import Client

BEFORE = Path(__file__).parents[1] / "before"


def taken(ws: Workspace, text: str) -> Take:
    """A take, as if a model had made it."""
    recipe = Recipe("text", model="verse-1", seed=len(text))
    with ws.project.lock():
        return ws.project.put_take(recipe.to_json(), text.encode())


def test_every_change_can_be_taken_back_also_by_another_process(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "WHOLE_EVERY", 5)  # whole copies stand in the history
    api.draft_new(ws, "well")
    states = [""]
    for i in range(13):
        states.append("line\n" * (i % 7) + f"{i} und läuft 😀" + "x" * (i % 11))
        api.draft_put(ws, "well", states[-1])
    again = api.open_project(ws.project.root)
    for text in reversed(states[:-1]):
        assert api.draft_undo(again, "well").text == text
    with pytest.raises(ProjectError, match="nothing to undo"):
        api.draft_undo(again, "well")
    for text in states[1:]:
        assert api.draft_undo(again, "well", redo=True).text == text
    file = ws.project.root / "drafts" / "well.md"
    assert file.read_text() == states[-1], "the file beside it is what it says"


def test_undoing_in_the_editor_is_undoing_in_the_draft(ws: Workspace) -> None:
    api.draft_new(ws, "well")
    api.draft_put(ws, "well", "one")
    api.draft_put(ws, "well", "one two")
    back = api.draft_put(ws, "well", "one")  # what an editor's own undo sends
    assert back.redo and api.draft_undo(ws, "well", redo=True).text == "one two"


def test_a_late_change_is_refused_and_another_program_is_heard(ws: Workspace, client: Client) -> None:
    made = client.post("/api/draft/new", {"name": "well"}).json()
    first = client.post(
        "/api/draft/put", {"name": "well", "version": made["version"], "at": 0, "gone": "", "here": "a😀b "}
    )
    assert first.status == 200
    late = client.post(
        "/api/draft/put", {"name": "well", "version": made["version"], "at": 0, "gone": "", "here": "x"}
    )
    assert late.status == 412 and "another window" in late.json()["error"]
    version = first.json()["version"]
    said = {"name": "well", "version": version, "at": 4, "gone": " ", "here": "!"}  # as a browser counts
    assert client.post("/api/draft/put", said).status == 200
    file = ws.project.root / "drafts" / "well.md"
    assert file.read_text() == "a😀b!"
    file.write_text("a😀b! From another program.\n")
    assert client.get("/api/draft/well").json()["text"] == "a😀b! From another program.\n"
    assert api.draft_undo(ws, "well").text == "a😀b!"
    wrong = client.post(
        "/api/draft/put", {"name": "well", "version": version + 4, "at": 99, "gone": "q", "here": ""}
    )
    assert wrong.status in (400, 412) and file.read_text() == "a😀b!"


def test_looking_at_a_draft_while_it_is_written_changes_nothing(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the line of the history and the file there is a moment, in which another process may look."""
    api.draft_new(ws, "well")
    seen: list[str] = []
    real = write_atomic

    def slow(path: Path, data: bytes, **how: bool) -> None:
        other = threading.Thread(target=lambda: seen.append(api.draft(other_ws, "well").text))
        other.start()
        other.join(0.3)  # it waits for the lock
        real(path, data, **how)
        waiting.append(other)

    waiting: list[threading.Thread] = []
    other_ws = api.open_project(ws.project.root)
    monkeypatch.setattr("etude.store.drafts.write_atomic", slow)
    api.draft_put(ws, "well", "one")
    monkeypatch.undo()
    waiting[0].join(20)
    assert seen == ["one"]
    assert (api.draft(ws, "well").text, api.draft(ws, "well").version) == ("one", 2)


def test_a_piece_made_of_a_draft_names_the_takes_in_it(ws: Workspace) -> None:
    take, other = taken(ws, "the tide came in"), taken(ws, "gone again")
    api.draft_new(ws, "well")
    api.draft_put(ws, "well", "I wrote this, and ")
    with pytest.raises(TakeError, match="work of your own"):
        api.draft_keep(ws, "well")
    api.draft_put(ws, "well", change=(18, "", "the tide came in"), take=take.id)
    api.draft_put(ws, "well", change=(34, "", " gone again"), take=other.id)
    api.draft_undo(ws, "well")
    kept = api.draft_keep(ws, "well", title="The tide")
    assert (kept.title, kept.lineage) == ("The tide", (take.id,)), "what was taken back is not in it"
    assert Path(kept.files[0]).read_text() == "I wrote this, and the tide came in\n"
    assert kept.changed["added"] == 4 and kept.changed["kept"] == 4, kept.changed
    assert api.undo(ws).act == "accepted"
    assert api.draft(ws, "well").text.startswith("I wrote"), "the draft stays"
    gone = api.draft_rm(ws, "well")
    assert gone.files == ("well.md", "well.jsonl") and api.drafts(ws).drafts == ()


def test_a_change_is_as_short_as_it_can_be() -> None:
    edit = difference("The tide came in.", "The tide went in.")
    assert (edit.at, edit.gone, edit.here) == (9, "came", "went")
    assert difference("aa", "aaa").on("aa") == "aaa"
    for before, after in (("", "x"), ("abab", "ab"), ("ab", "abab"), ("x", "")):
        change = difference(before, after)
        assert change.on(before) == after and change.off(after) == before


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".x", "con"])
def test_no_name_becomes_a_path(ws: Workspace, client: Client, name: str) -> None:
    with pytest.raises(ProjectError):
        api.draft_new(ws, name)
    if name:
        assert client.post("/api/draft/put", {"name": name, "version": 1}).status == 400
    assert not disk.names(ws.project.root)


def test_marks_name_the_place_in_the_works(ws: Workspace) -> None:
    text = "I say: the moor lay still. The moor lay still, and on it went."
    found = api.marks(ws, text=text, collection="verse")
    mark = found.borrowed[0]
    assert text[mark.start : mark.end].lower().startswith("the moor lay still. the moor")
    where = api.passage(ws, mark.work, mark.at, mark.until)
    assert where.title == "moor" and " ".join(where.words.split()).startswith("The moor lay still. The moor")
    assert api.marks(ws, text="nothing of this stands anywhere", collection="verse").borrowed == ()
    with pytest.raises(WorkError, match="there is no part"):
        api.passage(ws, mark.work, 5, 10**9)


def test_the_command_line_does_what_the_desk_does(ws: Workspace, tmp_path: Path) -> None:
    def run(*words: str) -> str:
        done = CliRunner().invoke(cli, ["-C", str(ws.project.root), *words])
        assert done.exit_code == 0, done.output
        return done.output

    (tmp_path / "mine.md").write_text("The tide came in. The tide came in, I said.\n")
    run("draft", "new", "well")
    run("draft", "put", "well", str(tmp_path / "mine.md"))
    assert "The tide came in" in run("draft", "show", "well")
    assert "0:34  8 words  tide, line " in run("marks", str(tmp_path / "mine.md"))
    run("draft", "undo", "well")
    assert api.draft(ws, "well").text == ""
    assert "well" in run("draft")
    run("draft", "rm", "well")


def test_takes_for_a_place_stand_between_what_was_given(tmp_path: Path) -> None:
    with tarfile.open(BEFORE / "text.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    ws = api.open_project(tmp_path / "text")
    text = "The tide came in, and the boats lay on the sand."
    api.draft_new(ws, "well")
    api.draft_put(ws, "well", text)
    on = api.draft_make(ws, "well", "verse", at=17, n=2, seed=5, length=40)
    assert (on.at, on.until) == (17, 17)
    for take in on.takes:
        whole = api.take(ws, take.id).text
        assert whole == text[:17] + take.words and take.words
    filled = api.draft_make(ws, "well", "verse", at=18, until=21, n=1, seed=5, length=12)
    assert api.take(ws, filled.takes[0].id).text == text[:18] + filled.takes[0].words + text[21:]
    assert api.draft(ws, "well").text == text, "a take changes nothing"
    with pytest.raises(TakeError, match="no place"):
        api.draft_make(ws, "well", "verse", at=10**6)
    assert api.remake(ws, on.takes[0].id).verdict == "bit-equal"


@pytest.mark.skipif(sys.platform != "linux", reason="entries of a menu of applications are Linux's")
def test_a_launcher_starts_the_studio_of_its_project(
    ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    done = CliRunner().invoke(cli, ["studio", str(ws.project.root), "--install-launcher"])
    assert done.exit_code == 0, done.output
    path = tmp_path / "data" / "applications" / "etude-studio.desktop"
    lines = dict(line.split("=", 1) for line in path.read_text().splitlines()[1:])
    assert shlex.split(lines["Exec"]) == [sys.executable, "-m", "etude", "studio", str(ws.project.root)]
    assert Path(lines["Icon"]).read_text().startswith("<svg")
