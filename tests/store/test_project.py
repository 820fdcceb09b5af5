"""The project folder: what is put in comes out again, errors are one clear sentence, nothing depends on
.etude/."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from etude.errors import ProjectError, TakeError, WorkError
from etude.store.collections import Collection, Entry, Part
from etude.store.project import Project
from etude.store.works import NewWork


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.init(tmp_path / "studio")


def add(project: Project, data: bytes, **about: str) -> str:
    return project.add_work(data, suffix=".txt", medium="text", **about).id  # type: ignore[arg-type]


def test_open_searches_upwards(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Project.open(project.root / "works").root == project.root
    monkeypatch.chdir(project.root / "pieces")
    assert Project.open().root == project.root


def test_a_new_project_has_its_folders_and_is_readable(project: Project) -> None:
    folders = {"works", "collections", "models", "pieces", "drafts", "log", ".etude"}
    assert {path.name for path in project.root.iterdir()} == {*folders, "etude.toml"}
    add(project, b"a", title="Älteres Lied")
    project.save_collection(Collection("Verse é", "text", (Entry("w-é"),)))
    project.log("noted", note="für später")
    for path, words in (
        ("works.jsonl", "Älteres Lied"),
        ("collections/Verse é.json", "w-é"),
        (next((project.root / "log").iterdir()), "für später"),
    ):
        assert words in (project.root / path).read_text(encoding="utf-8")
    (project.root / "collections" / ".hidden.json").write_text("{")
    assert [collection.name for collection in project.collections()] == ["Verse é"]


def test_init_twice_no_project_and_a_file_in_the_way(project: Project, tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="is an Etude project already"):
        Project.init(project.root)
    with pytest.raises(ProjectError, match="There is no Etude project in"):
        Project.open(tmp_path / "elsewhere")
    (tmp_path / "file").write_text("")
    with pytest.raises(ProjectError, match="is a file, not a folder"):
        Project.init(tmp_path / "file")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("format = 99", "made by a newer Etude: its format is 99"),
        ("", "no format number"),
        ("format = [", "cannot be read"),
    ],
)
def test_settings_that_cannot_be_used(project: Project, text: str, says: str) -> None:
    (project.root / "etude.toml").write_text(text)
    with pytest.raises(ProjectError, match=says):
        Project.open(project.root)


def test_a_work_is_kept_as_given_under_a_readable_name(project: Project) -> None:
    data = b"\xff\xfe not even text"
    work = project.add_work(
        data,
        suffix=".TXT",
        medium="text",
        title="../The\nRaven",
        maker="Poe",
        attrs={"year": "1845"},
        size=20,
    )
    assert work.file == f"the-raven-{work.sha256[:8]}.txt"
    assert work.title == "../The Raven"
    assert (project.root / "works" / work.file).read_bytes() == data == project.work_bytes(work.id)
    assert Project.open(project.root).works() == (work,)
    assert list((project.root / "works").iterdir()) == [project.root / "works" / work.file]


def test_the_same_bytes_are_the_same_work(project: Project) -> None:
    first = add(project, b"a", title="One")
    assert add(project, b"a", title="Two") == first
    added = project.add_works(
        [NewWork(b"b", ".txt", "text"), NewWork(b"b", ".txt", "text"), NewWork(b"a", ".txt", "text")]
    )
    assert [work.id for work in added] == [added[0].id, added[0].id, first]
    assert len(project.works()) == 2


def test_a_work_is_found_by_id_title_and_file_name(project: Project) -> None:
    work = project.work(add(project, b"a", title="Ode"))
    for ref in (work.id, work.id[:6], work.id[2:8], "Ode", work.file):
        assert project.work(ref) == work
    add(project, b"b", title="Ode")
    with pytest.raises(WorkError, match="2 works fit 'Ode'"):
        project.work("Ode")
    with pytest.raises(WorkError, match="There is no work 'Elegy' among the 2"):
        project.work("Elegy")
    with pytest.raises(WorkError, match="Consent is 'perhaps'"):
        add(project, b"c", consent="perhaps")


def test_what_is_written_about_a_work_may_change_its_bytes_may_not(project: Project) -> None:
    work = project.work(add(project, b"a", title="Ode"))
    project.update_works([replace(work, title="Elegy", consent="yes", sha256="0" * 64, file="../x")])
    changed = project.work(work.id)
    assert (changed.title, changed.consent, changed.sha256, changed.file) == (
        "Elegy",
        "yes",
        work.sha256,
        work.file,
    )


def test_a_removed_work_is_in_the_trash_and_can_come_back(project: Project) -> None:
    work = project.work(add(project, b"a", title="Ode"))
    slot = project.remove_work(work.id)
    assert project.works() == ()
    assert not (project.root / "works" / work.file).exists()
    assert project.restore(slot).read_bytes() == b"a"
    with pytest.raises(ProjectError, match="is not in the project"):
        project.trash(project.root.parent)


@pytest.mark.parametrize("file", ["../../secret", "/secret", "..", ".", "", "..\\..\\secret"])
def test_a_line_that_points_outside_works_is_not_followed(project: Project, file: str) -> None:
    add(project, b"a")
    path = project.root / "works.jsonl"
    path.write_text(json.dumps({**json.loads(path.read_text()), "file": file}) + "\n")
    assert project.works() == ()
    assert [finding.kind for finding in project.repair().findings] == ["bad-record", "orphan-work"]


def test_collections(project: Project) -> None:
    verse = Collection(
        "verse", "text", (Entry("w-1", 2.0),), (Part("w-1", 0, 90, "train"), Part("w-1", 90, 100, "held-out"))
    )
    project.save_collection(verse)
    assert project.collection("verse") == verse
    assert project.collections() == (verse,)
    assert verse.of("held-out") == (Part("w-1", 90, 100, "held-out"),)
    with pytest.raises(ProjectError, match=r"There is no collection 'prose' \(known: verse\)"):
        project.collection("prose")
    with pytest.raises(ProjectError, match="only by capitals"):
        project.save_collection(replace(verse, name="Verse"))
    with pytest.raises(ProjectError, match="cannot be the name"):
        project.save_collection(replace(verse, name="../verse"))


@pytest.mark.parametrize(
    "change",
    [{"format": 9}, {"parts": [{"work": "w-1", "start": 0, "end": 1, "role": "test"}]}, {"entries": 3}],
)
def test_damaged_collections_are_named(project: Project, change: dict[str, object]) -> None:
    project.save_collection(Collection("verse", "text"))
    path = project.root / "collections" / "verse.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(ProjectError, match=r"verse\.json"):
        project.collection("verse")


def test_the_log_keeps_order_even_when_the_clock_is_set_back(project: Project) -> None:
    (project.root / "log" / "2999-01.jsonl").write_text('{"at":"2999-01-01T00:00:00Z","event":"first"}\n')
    project.log("second", take="t-1", note="é")
    assert [event["event"] for event in project.events()] == ["first", "second"]
    assert project.events()[1]["note"] == "é"


def test_lines_of_others_are_no_events(project: Project) -> None:
    project.log("one")
    path = next((project.root / "log").iterdir())
    path.write_text(path.read_text() + '{"x":1}\n[1]\n{"torn')
    assert [event["event"] for event in project.events()] == ["one"]
    assert [line.number for line in project.torn()] == [3, 4]


def test_takes_are_the_same_for_the_same_recipe(project: Project) -> None:
    takes = project.put_takes([({"seed": 1}, b"one"), ({"seed": 2, "parents": ["t-x"]}, b"two")])
    again = project.put_take({"seed": 1}, b"one")
    assert again == takes[0]
    assert again.data == b"one"
    assert [take.id for take in project.takes()] == [take.id for take in takes]
    assert project.events()[1]["parents"] == ["t-x"]
    assert project.take(takes[1].id[2:7]) == takes[1]
    with pytest.raises(TakeError, match="There is no take 'zzz'"):
        project.take("zzz")


def test_pieces_are_readable_files_with_a_sidecar(project: Project) -> None:
    piece = project.put_piece(
        b"words", suffix=".md", title="A Song: 1/2", record={"take": "t-1"}, extras={".html": b"<p>"}
    )
    assert piece.path.read_bytes() == b"words"
    assert piece.file.startswith("a-song-1-2-")
    assert [Path(name).suffix for name in piece.files] == [".md", ".html", ".json"]
    for ref in (piece.id, piece.id[:6], piece.file, str(piece.path), "A Song: 1/2"):
        assert project.piece(ref) == piece
    project.add_piece_file(piece.id, ".c2pa", b"signed")
    project.add_piece_file(piece.id, ".md", b"words, signed inside")
    assert project.piece(piece.id).path.read_bytes() == b"words, signed inside"
    assert [finding.kind for finding in project.repair().findings] == ["unlogged-piece"]
    with pytest.raises(TakeError, match="suffixes"):
        project.put_piece(b"", suffix=".json", title="x", record={})
    with pytest.raises(TakeError, match="cannot have the suffix"):
        project.add_piece_file(piece.id, "/../x", b"")
    with pytest.raises(TakeError, match="There is no piece 'nothing'"):
        project.piece("nothing")


def test_clearing_etude_loses_nothing_that_was_accepted(project: Project) -> None:
    work = add(project, b"a", title="Nightingale", maker="Keats")
    take = project.put_take({"seed": 1}, b"words")
    piece = project.put_piece(b"words", suffix=".md", title="Song", record={"take": take.id})
    project.log("accepted", act="a-1", take=take.id, piece=piece.id, note="for Ada")
    events = project.events()
    shutil.rmtree(project.root / ".etude")
    again = Project.open(project.root)
    report = again.repair()
    assert report.findings == ()
    assert (report.works, report.pieces, report.events, report.whole) == (1, 1, 2, True)
    assert again.events() == events
    assert again.piece(piece.id) == piece
    assert again.take(take.id).data is None
    assert again.take(take.id).record == {"seed": 1}
    again.restore_take(take.id, b"words")
    assert again.take(take.id) == take
    assert again.search("nightin")[0].id == work


def test_search_finds_titles_makers_and_notes(project: Project) -> None:
    work = add(project, b"a", title="Ode to a Nightingale", maker="Émile")
    add(project, b"b", title="To Autumn")
    project.log("accepted", act="a-1", take="t-1", piece="p-1", note="the slow one")
    assert [hit.id for hit in project.search("emile ode")] == [work]
    assert [hit.id for hit in project.search("slow")] == ["t-1"]
    assert project.search('"; DROP TABLE entry; --') == ()
    assert project.search("  ") == ()
    add(project, b"c", title="Ode to Psyche")
    assert len(project.search("ode")) == 2


def test_a_damaged_index_is_made_anew(project: Project) -> None:
    work = add(project, b"a", title="Ode")
    project.search("ode")
    (project.root / ".etude" / "index.db").write_bytes(b"not a database" * 100)
    assert [hit.id for hit in project.search("ode")] == [work]


def test_run_and_cache_folders_stay_inside(project: Project) -> None:
    assert project.run_dir("verse/../x 10m").relative_to(project.root).parts == (
        ".etude",
        "jobs",
        "verse-x-10m",
    )
    with pytest.raises(ProjectError, match="not in the project"):
        project.cache_dir("../works")
