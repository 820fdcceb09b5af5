"""Adding, listing, describing and removing works, and the collections they are in, from the command line."""

from __future__ import annotations

import csv
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.cli.cli_help import data, poem

OWN = ("--maker", "Ada Example", "--licence", "own", "--consent", "yes")


def test_add_a_folder_recursively_and_list_it(etude: Any, poems: Path) -> None:
    (poems / "deep").mkdir()
    (poems / "deep" / "seventh.md").write_text(poem(7), encoding="utf-8")
    (poems / "photo.jpg").write_bytes(b"\xff\xd8\xff")
    (poems / ".hidden.txt").write_text("not for adding", encoding="utf-8")
    added = data(etude("add", poems, "--collection", "verse", *OWN, "--attr", "form=verse", "--json"))
    assert added["schema"] == "etude.add/1"
    assert len(added["works"]) == 7
    assert added["passed_over"] == 1
    assert added["collection"]["works"] == 7
    assert {role["role"] for role in added["collection"]["roles"]} == {"train", "critic", "held-out"}
    works = data(etude("works", "--json"))["works"]
    assert {work["maker"] for work in works} == {"Ada Example"}
    assert {work["attrs"]["form"] for work in works} == {"verse"}


def test_the_list_is_tab_separated_without_a_terminal(etude: Any, poems: Path) -> None:
    etude("add", poems, *OWN)
    lines = etude("works").stdout.splitlines()
    assert lines[0].split("\t") == ["id", "title", "maker", "medium", "size", "licence", "consent"]
    assert len(lines) == 7
    assert "\x1b" not in "".join(lines)


def test_one_bad_file_is_named_and_passed_over(etude: Any, poems: Path) -> None:
    (poems / "binary.txt").write_bytes(bytes(range(256)) * 40)
    (poems / "empty.md").write_bytes(b"")
    (poems / "broken.mid").write_bytes(b"MThd\x00\x00")
    result = etude("add", poems, "--collection", "verse", *OWN)
    said = (
        "6 works added, 0 known already, 6 put into collection verse, 2 files skipped, 1 of unsupported "
        "types skipped"
    )
    assert said in result.stdout  # a file of music among poems is of another kind
    for name in ("binary.txt", "empty.md"):
        assert name in result.stderr
    assert "empty (0 bytes)" in result.stderr


def test_a_zip_bomb_is_skipped(etude: Any, poems: Path) -> None:
    with zipfile.ZipFile(poems / "bomb.epub", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("META-INF/container.xml", "<container/>")
        archive.writestr("OEBPS/a.xhtml", b"0" * 8_000_000)
    added = data(etude("add", poems, *OWN, "--json"))
    assert [Path(skip["file"]).name for skip in added["skipped"]] == ["bomb.epub"]


def test_a_file_of_200_mb_is_refused_without_being_read(etude: Any, poems: Path) -> None:
    with (poems / "huge.txt").open("wb") as file:
        file.truncate(300_000_000)
    added = data(etude("add", poems, *OWN, "--json"))
    assert "300 MB" in added["skipped"][0]["reason"]


def test_utf_16_and_mixed_encodings(etude: Any, tmp_path: Path) -> None:
    (tmp_path / "wide.txt").write_bytes(poem(1).replace("well", "Brünnlein").encode("utf-16"))
    (tmp_path / "latin.txt").write_bytes(poem(2).replace("moon", "très").encode("latin-1"))
    added = data(etude("add", tmp_path / "wide.txt", tmp_path / "latin.txt", *OWN, "--json"))
    assert len(added["works"]) == 2
    assert not added["skipped"]


def test_nothing_to_add(etude: Any, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "nothing to add" in etude("add", empty, code=2).stderr
    assert "no file or folder" in etude("add", tmp_path / "missing", code=2).stderr
    assert "Name the files" in etude("add", code=2).stderr
    for number in range(5):
        (empty / f"empty-{number}.txt").write_bytes(b"")
    said = etude("add", empty, code=2).stderr
    assert all(f"empty-{number}.txt" in said for number in range(5))


def test_one_missing_path_does_not_end_an_add(etude: Any, poems: Path) -> None:
    said = etude("add", poems / "poem-0.txt", poems / "gone.txt", poems / "poem-1.txt", *OWN)
    assert "2 works added" in said.stdout
    assert "gone.txt: there is no such file or folder" in said.stderr


def test_equal_and_near_duplicates_are_reported(etude: Any, poems: Path) -> None:
    (poems / "same.txt").write_text(poem(3), encoding="utf-8")
    (poems / "almost.txt").write_text(poem(4).replace("garden", "court", 1) + "An end.\n", encoding="utf-8")
    added = data(etude("add", poems, "--collection", "verse", *OWN, "--json"))
    kinds = {Path(double["file"]).name: double["kind"] for double in added["duplicates"]}
    assert kinds["same.txt"] == "equal"
    assert "near" in kinds.values()
    assert len(added["works"]) == 7


def test_adding_again_changes_nothing(etude: Any, poems: Path) -> None:
    first = data(etude("add", poems, "--collection", "verse", *OWN, "--json"))
    again = data(etude("add", poems, "--collection", "verse", *OWN, "--json"))
    assert not again["works"]
    assert len(again["duplicates"]) == 6
    assert again["collection"] == first["collection"]


def test_adding_again_fills_in_what_was_not_known_and_keeps_the_rest(etude: Any, poems: Path) -> None:
    etude("add", poems, "--collection", "verse")
    first = data(etude("works", "--json"))["works"][0]["id"]
    etude("works", "edit", first, "--licence", "CC-BY-4.0", "--attr", "form=ode")
    said = etude("add", poems, "--collection", "verse", *OWN, "--attr", "form=song")
    assert said.stdout.startswith(
        "0 works added, 6 known already, 0 put into collection verse, 0 files skipped"
    )
    assert "5 works known already: maker, licence, consent and form added" in said.stderr
    assert "licence stays 'CC-BY-4.0', not 'own'" in said.stderr
    assert f"etude works edit {first} --licence own" in said.stderr
    works = {work["id"]: work for work in data(etude("works", "--json"))["works"]}
    assert {work["consent"] for work in works.values()} == {"yes"}
    assert [work["licence"] for work in works.values()] == ["CC-BY-4.0"] + ["own"] * 5
    assert works[first]["attrs"] == {"form": "ode"}
    again = data(etude("add", poems, "--collection", "other", *OWN, "--json"))
    assert (again["known"], again["entered"], again["filled"], len(again["works"])) == (6, 6, [], 0)
    assert [other["field"] for other in again["differs"]] == ["licence"]


def test_a_whole_collection_is_described_at_once(etude: Any, poems: Path) -> None:
    said = etude("add", poems, "--collection", "my verse")
    assert (
        "etude works edit --collection 'my verse' --where-unknown --licence own --consent yes" in said.stderr
    )
    first = data(etude("works", "--json"))["works"][0]["id"]
    etude("works", "edit", first, "--licence", "CC-BY-4.0")
    error = etude("learn", "x", "--from", "my verse", "--budget", "10m", code=2).stderr
    assert "etude works edit --collection 'my verse' --where-unknown" in error
    words = ("--where-unknown", "--licence", "own", "--consent", "yes")
    assert len(data(etude("works", "edit", "--collection", "my verse", *words, "--json"))["works"]) == 6
    assert [work["licence"] for work in data(etude("works", "--json"))["works"]] == ["CC-BY-4.0"] + [
        "own"
    ] * 5
    assert data(etude("collection", "show", "my verse", "--json"))["refused"] == []
    etude("works", "edit", "--collection", "my verse", "--consent", "no")
    assert {work["consent"] for work in data(etude("works", "--json"))["works"]} == {"no"}
    assert "One title" in etude("works", "edit", "--collection", "my verse", "--title", "All", code=2).stderr
    assert "Say what to change" in etude("works", "edit", first, code=2).stderr
    assert "--collection" in etude("works", "edit", "--maker", "Me", code=2).stderr


def test_the_split_stays_when_works_are_added(etude: Any, poems: Path, tmp_path: Path) -> None:
    etude("add", poems, "--collection", "verse", *OWN)
    path = etude.root / "collections" / "verse.json"
    before = json.loads(path.read_text())["parts"]
    later = tmp_path / "later.txt"
    later.write_text(poem(11), encoding="utf-8")
    etude("add", later, "--collection", "verse", *OWN)
    after = json.loads(path.read_text())["parts"]
    assert [part for part in after if part in before] == before
    assert len({part["work"] for part in after}) == 7


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_metadata_from_a_table(etude: Any, poems: Path, kind: str) -> None:
    rows = [
        {
            "file": "poem-0.txt",
            "title": "The Well",
            "maker": "Ada",
            "licence": "CC-BY-4.0",
            "consent": "yes",
            "form": "ode",
        },
        {"file": "poem-1.txt", "maker": "Bo", "licence": "public-domain", "consent": "Yes", "form": "song"},
        {"file": "gone.txt", "maker": "Nobody"},
    ]
    table = poems / f"works.{kind}"
    if kind == "csv":
        with table.open("w", newline="", encoding="utf-8-sig") as file:
            writer = csv.DictWriter(
                file, ["file", "title", "maker", "licence", "consent", "form"], restval=""
            )
            writer.writeheader()
            writer.writerows(rows)
    else:
        table.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    added = data(etude("add", "--metadata", table, "--collection", "songs", "--json"))
    works = {work["maker"]: work for work in added["works"]}
    assert works["Ada"]["title"] == "The Well"
    assert works["Ada"]["licence"] == "CC-BY-4.0"
    assert works["Bo"]["attrs"] == {"form": "song"}
    assert works["Bo"]["consent"] == "yes"
    assert "gone.txt" in added["skipped"][0]["file"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("title,maker\nA,B\n", "names no file"),
        ("file\n", "has no rows"),
        ("file,weight\npoem-0.txt,heavy\n", "not a number"),
    ],
)
def test_a_table_that_makes_no_sense(etude: Any, poems: Path, text: str, words: str) -> None:
    table = poems / "works.csv"
    table.write_text(text, encoding="utf-8")
    assert words in etude("add", "--metadata", table, code=2).stderr


def test_unknown_licences_and_attributes_are_refused_before_reading(etude: Any, poems: Path) -> None:
    assert "not a licence" in etude("add", poems, "--licence", "whatever", code=2).stderr
    assert "key=value" in etude("add", poems, "--attr", "form", code=2).stderr
    assert data(etude("works", "--json"))["works"] == []


def test_a_tune_book_becomes_one_work_a_tune(etude: Any, tmp_path: Path) -> None:
    tune = "X:{0}\nT:Tune {0}\nM:4/4\nL:1/8\nK:G\nGABc d2{1}2|edBG A2A2|GABc d2g2|fdcA G4|\n\n"
    book = tmp_path / "book.abc"
    book.write_text("".join(tune.format(i, "efg"[i % 3]) for i in range(1, 4)), encoding="utf-8")
    added = data(etude("add", book, "--collection", "tunes", *OWN, "--json"))
    assert sorted(work["title"] for work in added["works"]) == ["Tune 1", "Tune 2", "Tune 3"]
    assert added["collection"]["medium"] == "music"


def test_a_collection_holds_one_medium(etude: Any, poems: Path) -> None:
    etude("add", poems, "--collection", "verse", *OWN)
    tune = poems / "tune.abc"
    tune.write_text("X:1\nT:A\nM:4/4\nL:1/8\nK:G\nGABc d2e2|edBG A2A2|\n", encoding="utf-8")
    assert (
        "is music, and collection 'verse' holds text"
        in etude("add", tune, "--collection", "verse", *OWN, code=2).stderr
    )


def test_works_can_be_described_and_removed(etude: Any, poems: Path) -> None:
    works = data(etude("add", poems, "--collection", "verse", "--json"))["works"]
    first = works[0]["id"]
    etude("works", "edit", first, "--licence", "own", "--consent", "yes", "--attr", "form=ode")
    work = data(etude("works", "info", first, "--json"))
    assert (work["work"]["licence"], work["work"]["consent"], work["work"]["attrs"]) == (
        "own",
        "yes",
        {"form": "ode"},
    )
    assert work["collections"] == ["verse"]
    gone = data(etude("works", "rm", first, "--json"))["works"][0]
    assert gone["collections"] == ["verse"]
    assert len(data(etude("collection", "show", "verse", "--json"))["works"]) == 5
    assert list((etude.root / ".etude" / "trash").iterdir())


def test_works_are_found_by_their_words(etude: Any, poems: Path) -> None:
    etude("add", poems, "--maker", "Zoë Example")
    assert len(data(etude("works", "search", "zoe", "--json"))["works"]) == 6
    assert data(etude("works", "search", "nobody-here", "--json"))["works"] == []
    assert "Nothing found for 'nobody here'" in etude("works", "search", "nobody", "here").stderr
    (poems / "own.txt").write_text("A Title\n\nThe Périwinkle\nunder the stair.\n", encoding="utf-8")
    etude("add", poems / "own.txt")
    found = data(etude("works", "search", "periwinkle", "STAIR", "--json"))
    assert ([work["title"] for work in found["works"]], found["within"]) == (["own"], True)
    assert "these texts contain the words" in etude("works", "search", "periwinkle").stderr


def test_collections_from_works_that_are_there(etude: Any, poems: Path) -> None:
    works = data(etude("add", poems, *OWN, "--json"))["works"]
    ids = [work["id"] for work in works]
    made = data(etude("collection", "create", "few", *ids[:4], "--json"))
    assert made["works"] == 4
    assert "already" in etude("collection", "create", "few", ids[0], code=2).stderr
    assert data(etude("collection", "add", "few", ids[4], "--weight", "2", "--json"))["works"] == 5
    assert data(etude("collection", "rm", "few", ids[0], "--json"))["works"] == 4
    shown = data(etude("collection", "show", "few", "--json"))
    assert {work["weight"] for work in shown["works"]} == {1.0, 2.0}
    etude("collection", "rm", "few")
    assert data(etude("collection", "--json"))["collections"] == []
    assert "no collection" in etude("collection", "show", "few", code=2).stderr


def test_works_that_may_not_be_learned_from_are_named(etude: Any, poems: Path) -> None:
    etude("add", poems, "--collection", "verse", "--licence", "own", "--consent", "no")
    assert len(data(etude("collection", "show", "verse", "--json"))["refused"]) == 6


def test_samples_are_listed_and_added(etude: Any) -> None:
    names = [sample["name"] for sample in data(etude("samples", "--json"))["samples"]]
    assert "poets" in names
    assert "no samples" in etude("samples", "nothing", code=2).stderr
    added = data(etude("samples", "poets", "--json"))
    assert len(added["works"]) == 12
    assert {work["consent"] for work in added["works"]} == {"yes"}
    assert all(role["makers"] == 12 or role["role"] != "train" for role in added["collection"]["roles"])


def test_a_persons_works_are_listed_removed_restored_and_deleted_for_good(etude: Any, poems: Path) -> None:
    etude("add", poems, "--collection", "verse", *OWN)
    other = poems / "other.md"
    other.write_text(poem(9), encoding="utf-8")
    etude("add", other, "--collection", "verse", "--maker", "Bo", "--licence", "own", "--consent", "yes")
    before = data(etude("works", "--json"))["works"]
    assert len(data(etude("works", "ls", "--maker", "bo", "--json"))["works"]) == 1
    assert "makers here: Ada Example, Bo" in etude("works", "ls", "--maker", "Cy", code=2).stderr

    would = etude("works", "rm", "--maker", "Ada Example", "--dry-run")
    assert would.stdout.count("would leave verse") == 6
    assert "Nothing was changed" in would.stderr
    assert data(etude("works", "--json"))["works"] == before
    assert "No work is named" in etude("works", "rm", code=2).stderr
    gone = data(etude("works", "rm", "--maker", "Ada Example", "--json"))
    assert [len(gone["works"]), gone["takes"], gone["pieces"]] == [6, 0, []]
    assert [work["maker"] for work in data(etude("works", "--json"))["works"]] == ["Bo"]

    first = gone["works"][0]["work"]
    assert "verse" in etude("works", "restore", first).stderr
    etude("works", "restore", "--maker", "ada example")
    after = data(etude("works", "--json"))["works"]
    assert sorted(after, key=str) == sorted(before, key=str)
    assert data(etude("collection", "show", "verse", "--json"))["collection"]["works"] == 7
    assert data(etude("repair", "--json"))["findings"] == []

    etude("works", "rm", "--collection", "verse", "--maker", "Bo")
    assert "etude.toml" not in etude("trash").stdout
    assert data(etude("trash", "--json"))["items"][0]["what"].startswith("works/")
    assert "say --yes" in etude("trash", "empty", code=2).stderr
    assert "1 thing" in etude("trash", "empty", "--dry-run").stdout
    assert data(etude("trash", "empty", "--days", "3", "--yes", "--json"))["items"] == 0
    assert data(etude("trash", "empty", "--yes", "--json"))["items"] == 1
    assert data(etude("trash", "--json"))["items"] == []
    assert (
        "No work in the trash is named (there: none)"
        in etude("works", "restore", "--maker", "Bo", code=2).stderr
    )


@pytest.mark.parametrize("drafts, listed", [(8, 7), (16, 3)])
def test_of_many_near_duplicates_some_are_named_and_the_way_to_all(
    etude: Any, tmp_path: Path, drafts: int, listed: int
) -> None:
    folder = tmp_path / "drafts"
    folder.mkdir()
    for number in range(drafts):
        (folder / f"{number:02d}.txt").write_text(f"{poem(1)}\nDraft {number} ends here.\n", encoding="utf-8")
    told = etude("add", folder, "--collection", "many drafts", *OWN)
    said = told.stderr.splitlines()
    assert sum(line.startswith("Duplicate: ") for line in said) == listed
    more = [line for line in said if "more near-duplicates" in line]
    if drafts == 8:
        assert not more
        return
    command = "etude curate 'many drafts' --html near.html"
    assert more == [f"and 12 more near-duplicates; see them side by side: {command}"]


def test_a_change_of_many_works_is_undone_and_made_again(etude: Any, poems: Path) -> None:
    etude("add", poems, "--collection", "verse", "--maker", "Ada")
    first, *rest = [work["id"] for work in data(etude("works", "--json"))["works"]]
    etude("works", "edit", first, "--consent", "yes", "--attr", "form=sonnet")
    asked = ("--licence", "own", "--consent", "yes", "--attr", "form=ode", "--where-unknown")
    etude("works", "edit", "--collection", "verse", *asked)

    def stands() -> dict[str, tuple[str, str, str]]:
        works = data(etude("works", "--json"))["works"]
        return {w["id"]: (w["licence"], w["consent"], w["attrs"].get("form", "")) for w in works}

    written = stands()
    assert written == {first: ("own", "yes", "sonnet")} | dict.fromkeys(rest, ("own", "yes", "ode"))
    etude("works", "edit", rest[0], "--maker", "Bo")
    etude("works", "undo")  # Bo
    before = (etude.root / "log").glob("*.jsonl")
    lines = [line for path in before for line in path.read_text("utf-8").splitlines()]
    said = etude("works", "undo").output
    assert "6 works" in said and "licence own" in said
    assert stands() == {first: ("", "yes", "sonnet")} | dict.fromkeys(rest, ("", "unknown", ""))
    after = [x for p in (etude.root / "log").glob("*.jsonl") for x in p.read_text("utf-8").splitlines()]
    assert after[: len(lines)] == lines and len(after) == len(lines) + 1, "a pointer moved, logged"
    assert "undone" in etude("history", "--kind", "works").output
    etude("works", "undo", "--redo")
    assert stands() == written


def test_an_undo_leaves_what_was_changed_since(etude: Any, poems: Path) -> None:
    etude("add", poems, "--collection", "verse")
    ids = [work["id"] for work in data(etude("works", "--json"))["works"]]
    etude("works", "edit", "--collection", "verse", "--licence", "own")
    root = etude.root
    path = root / "works.jsonl"
    path.write_text(path.read_text("utf-8").replace('"own"', '"CC0-1.0"', 1), "utf-8")  # by hand
    etude("works", "rm", ids[1])
    done = data(etude("works", "undo", "--json"))
    assert set(done["left"]) == set(ids[:2]) and len(done["works"]) == 4
    licences = {w["id"]: w["licence"] for w in data(etude("works", "--json"))["works"]}
    assert licences == {ids[0]: "CC0-1.0"} | dict.fromkeys(ids[2:], "")
    assert "There is no change of works to undo" in etude("works", "undo", code=2).output
