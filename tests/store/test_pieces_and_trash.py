"""Pieces that were changed by hand, what is in the trash, and what is found under which name."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from etude.errors import ProjectError, TakeError
from etude.store.pieces import Piece
from etude.store.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.init(tmp_path / "studio")


def test_ids_and_hashes_are_as_they_were_in_every_project_made_so_far(project: Project) -> None:
    """What was logged, signed and put into recipes is found again by them: they may never change."""
    record = {"b": "é", "a": [1.5, None]}
    assert project.put_take(record, b"words").id == "t-0ac86ae0a22f"
    piece = project.put_piece(b"words", suffix=".md", title="Ä song", record=record)
    assert (piece.id, piece.file) == ("p-0ac86ae0a22f", "ä-song-0ac86ae0.md")
    work = project.add_work(b"words", suffix=".md", medium="text", title="Ä song")
    assert (work.id, work.file) == ("w-dba36bffa5ca", "ä-song-dba36bff.md")
    model = project.save_model("m-1", record, {"w": np.ones(3)}, "")
    assert model.hash == "d54a79a20e5498453a0402195a211043e827b3d051bb96407f71398baad04276"
    model = project.save_model("m-2", record, {"w": np.ones(3)}, "card")  # which the weights hold, too
    assert model.hash == "7db88a6c8934aceb4bdadc9dd61ddff548424b6843f090a429205c27fdf79350"


def kept(project: Project, data: bytes = b"words", title: str = "Song") -> Piece:
    return project.put_piece(
        data, suffix=".md", title=title, record={"take": "t-1"}, extras={".html": b"<p>"}
    )


def test_a_piece_that_was_changed_by_hand_is_named_and_taken_as_it_is(project: Project) -> None:
    piece = kept(project)
    page = piece.path.with_suffix(".html")
    assert project.changed_piece_files(piece.id) == ()
    piece.path.write_bytes(b"better words")
    page.write_bytes(b"<h1>")
    assert project.changed_piece_files(piece.id) == (piece.file, page.name)
    changed = project.take_piece_as_changed(piece.id, {piece.file: {"added": 1}})
    assert changed.sha256 == hashlib.sha256(b"better words").hexdigest() == changed.hashes[piece.file]
    assert project.changed_piece_files(piece.id) == (page.name,)
    changed = project.take_piece_as_changed(piece.id, {page.name: {"added": 2}})
    assert changed.record["by_hand"] == {piece.file: {"added": 1}, page.name: {"added": 2}}
    assert (changed.record["take"], changed.sha256) == ("t-1", changed.hashes[piece.file])
    page.unlink()
    assert project.changed_piece_files(piece.id) == ()  # it is missing, and that is another matter


def test_a_file_put_beside_a_piece_is_on_record_and_only_the_main_one_changes_its_hash(
    project: Project,
) -> None:
    piece = kept(project)
    path = project.add_piece_file(piece.id, ".c2pa", b"signed")
    found = project.piece(piece.id)
    assert found.hashes[path.name] == hashlib.sha256(b"signed").hexdigest()
    assert found.sha256 == piece.sha256 and path.name in found.files
    project.add_piece_file(piece.id, ".md", b"signed inside")
    assert project.piece(piece.id).sha256 == hashlib.sha256(b"signed inside").hexdigest()
    with pytest.raises(TakeError, match="cannot have the suffix"):
        project.add_piece_file(piece.id, ".json", b"")


def test_pieces_of_one_name_are_told_apart_and_damaged_ones_passed_over(project: Project) -> None:
    one, two = kept(project, b"1"), kept(project, b"2")
    assert one.id != two.id
    with pytest.raises(TakeError, match=r"2 pieces fit 'Song': p-\w{12}, p-\w{12}\.") as caught:
        project.piece("Song")
    assert caught.value.hint == "Give the id."
    for ref in ("p-", "p", "", "."):
        with pytest.raises(TakeError):
            project.piece(ref)
    assert project.piece(one.id[2:9]) == one
    sidecar = two.path.with_suffix(".json")
    record = json.loads(sidecar.read_text())
    damages: list[dict[str, object]] = [
        {"file": "../etude.toml"},
        {"files": {"a/b": ""}},
        {"files": []},
        {"record": 3},
    ]
    for damage in damages:
        sidecar.write_text(json.dumps({**record, **damage}))
        assert project.pieces() == (one,)
    sidecar.write_text(json.dumps({**record, "kept": "1999"}))
    assert [piece.id for piece in project.pieces()] == [two.id, one.id]


def test_what_is_in_the_trash_goes_back_only_where_nothing_is(project: Project) -> None:
    path = kept(project).path
    slot = project.trash(path)
    assert not path.exists() and (slot / path.name).read_bytes() == b"words"
    assert json.loads((slot / "origin.json").read_text())["from"] == f"pieces/{path.name}"
    path.write_bytes(b"another")
    with pytest.raises(ProjectError, match=rf"pieces/{path.name} exists again"):
        project.restore(slot)
    assert path.read_bytes() == b"another" and (slot / path.name).read_bytes() == b"words"
    path.unlink()
    assert project.restore(slot).read_bytes() == b"words"
    assert not slot.exists()


def test_a_folder_is_trashed_and_restored_whole_even_where_its_place_is_gone(project: Project) -> None:
    deep = project.root / "models" / "deep" / "one"
    deep.mkdir(parents=True)
    (deep / "a").write_text("a")
    slot = project.trash(deep)
    deep.parent.rmdir()
    assert project.restore(slot) == deep and (deep / "a").read_text() == "a"


def test_nothing_outside_the_project_nor_the_project_itself_is_trashed(project: Project) -> None:
    for path in (project.root, project.root / "..", Path("/"), Path("works/../../x")):
        with pytest.raises(ProjectError, match="is not in the project"):
            project.trash(path)


def test_takes_are_told_apart_and_damaged_bytes_count_as_none(project: Project) -> None:
    takes = project.put_takes([({"seed": n}, b"%d" % n) for n in range(40)])
    first = max("0123456789abcdef", key=[take.id[2] for take in takes].count)
    both = [take.id for take in takes if take.id[2] == first]
    with pytest.raises(TakeError, match=f"{len(both)} takes begin with '{both[0][:3]}'"):
        project.take(both[0][:3])
    with pytest.raises(TakeError, match="There is no take ''"):
        project.take("")
    (found,) = (project.root / ".etude" / "takes").rglob(takes[3].id)
    found.write_bytes(b"damaged")
    assert project.take(takes[3].id).data is None
    assert project.take(takes[3].id).sha256 == takes[3].sha256
    assert all(take.data is None for take in project.takes())
    assert project.put_take({"seed": 3}, b"3") == takes[3] == project.take(takes[3].id)
    assert len([event for event in project.events() if event["event"] == "proposed"]) == 40
    project.log("proposed", note="a line that lost its take")
    project.log("accepted", take="t-whose-line-was-lost")
    assert [take.id for take in project.takes()] == [take.id for take in takes]
