"""What was done, in sentences that can be searched; and the lineage of a take, as the log tells both."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from etude import api
from etude.errors import TakeError
from etude.takes.recipe import Recipe
from etude.workspace.core import Workspace

BEFORE = Path(__file__).parents[1] / "before"


@pytest.fixture
def verse(tmp_path: Path) -> Workspace:
    with tarfile.open(BEFORE / "text.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    return api.open_project(tmp_path / "text")


def test_history_tells_what_was_done_newest_first_and_undoes_it(verse: Workspace) -> None:
    found = api.history(verse)
    assert [line.at for line in found.lines] == sorted((line.at for line in found.lines), reverse=True)
    assert any(line.sentence.startswith("Added 12 works to verse") for line in found.lines), "one line"
    line = next(line for line in found.lines if line.kind == "rejected")
    assert line.note == "no" and line.undo and line.holds
    api.undo(verse, line.undo)
    now = api.history(verse, kinds=("decided",)).lines
    assert now[0].sentence.startswith("Undone: take") and "rejected" in now[0].sentence
    undone = next(one for one in now if one.kind == "rejected")
    assert not undone.holds and undone.redo == line.undo and not undone.undo
    api.undo(verse, undone.redo, redo=True)
    assert api.take(verse, line.undo).status == "rejected"


def test_words_are_found_in_sentences_notes_and_texts_of_takes(verse: Workspace) -> None:
    take = api.takes(verse).takes[0]
    words = next(w for w in api.take(verse, take.id).text.split() if len(w) > 7).strip(".,;:!?")
    hits = api.history(verse, words.upper()).lines
    assert any(take.id in line.refs and words.lower() in line.text.lower() for line in hits)
    assert [line.note for line in api.history(verse, "the filled one").lines] == ["the filled one"]
    assert api.history(verse, "no such word anywhere").lines == ()
    part = api.history(verse, last=3, skip=2)
    assert part.lines == api.history(verse).lines[2:5] and part.more > 0
    with pytest.raises(TakeError, match="no kind of line"):
        api.history(verse, kinds=("everything",))


def test_a_lineage_goes_back_to_the_works_and_forth_to_pieces(verse: Workspace, tmp_path: Path) -> None:
    work = api.works(verse).works[0]
    kept = next(take for take in api.takes(verse).takes if take.status == "accepted" and take.parents)
    (tmp_path / "mine.md").write_text("Quite another text, by hand.\n")
    new = api.edit(verse, kept.id, tmp_path / "mine.md")
    recipe = Recipe("text", model=kept.model, model_sha256="0", seed=9, source={"work": work.id})
    with verse.project.lock():
        (begun,) = verse.project.put_takes([(recipe.to_json(), b"Begun with a work.")])
    found = api.lineage(verse, kept.id)
    ids = [one.id for one in found.kin]
    assert {*kept.parents, kept.id, kept.piece, new.id} <= set(ids)
    for one in found.kin:
        assert all(ids.index(parent) < ids.index(one.id) for parent in one.parents), "parents come first"
    assert next(one for one in found.kin if one.id == kept.piece).parents == (kept.id,)
    from_work = {one.id: one for one in api.lineage(verse, begun.id).kin}
    assert from_work[begun.id].parents == (work.id,) and from_work[work.id].line == work.title
    with pytest.raises(TakeError):
        api.lineage(verse, "t-nothing")
