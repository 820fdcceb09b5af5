"""Takes and pieces from the command line: what an act leaves on disk, and what undo brings back. No model is
needed for this."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from etude.families import family_of
from etude.media import MEDIA
from etude.media.music.score import Note, Score, Track
from etude.store.project import Project
from etude.takes.recipe import Recipe
from etude.workspace import statement as stating
from tests.cli.cli_help import data, poem


@pytest.fixture
def takes(etude: Any) -> list[str]:
    """Three takes of a model that is gone, as ids."""
    project = Project.open(etude.root)
    ids = []
    for index in range(3):
        recipe = Recipe(
            "text", model="verse-0", model_sha256="0" * 64, seed=1, index=index, controls={"temperature": 0.9}
        )
        ids.append(
            project.put_take(recipe.to_json() | {"measured": {"units": 9}}, poem(20 + index, 8).encode()).id
        )
    return ids


def test_takes_are_listed_and_shown(etude: Any, takes: list[str]) -> None:
    listed = data(etude("take", "ls", "--json"))["takes"]
    assert [take["id"] for take in listed] == takes
    assert {take["status"] for take in listed} == {"proposed"}
    shown = etude("take", "show", takes[0])
    assert shown.stdout.strip() == poem(20, 8).strip()
    assert "temperature 0.9" in shown.stderr


def test_accepting_leaves_a_file_that_any_program_reads(etude: Any, takes: list[str]) -> None:
    piece = data(etude("take", "accept", takes[0], "--title", "The Well", "--note", "dry", "--json"))
    main = Path(piece["files"][0])
    assert main.suffix == ".md"
    lines = [
        line.rstrip() for line in main.read_text(encoding="utf-8").splitlines()
    ]  # Markdown ends a line of verse with two spaces
    assert "\n".join(lines).strip() == poem(20, 8).strip()
    sidecar = json.loads(next(Path(f) for f in piece["files"] if f.endswith(".json")).read_text())
    assert sidecar["record"]["take"] == takes[0]
    assert sidecar["record"]["recipe"]["seed"] == 1
    assert data(etude("take", "ls", "--json"))["takes"][0]["status"] == "accepted"
    assert data(etude("pieces", "--json"))["pieces"][0]["title"] == "The Well"
    assert "accepted already" in etude("take", "accept", takes[0], code=2).stderr
    assert "cannot be rejected" in etude("take", "reject", takes[0], code=2).stderr


def test_undo_moves_the_piece_to_the_trash_and_redo_brings_it_back(etude: Any, takes: list[str]) -> None:
    piece = data(etude("take", "accept", takes[0], "--json"))
    before = {name: Path(name).read_bytes() for name in piece["files"]}
    etude("take", "undo")
    assert not any(Path(name).exists() for name in piece["files"])
    assert data(etude("pieces", "--json"))["pieces"] == []
    etude("take", "undo", "--redo")
    assert {name: Path(name).read_bytes() for name in piece["files"]} == before
    assert data(etude("pieces", "show", piece["id"], "--json"))["take"] == takes[0]


def test_redo_writes_the_piece_again_when_the_trash_was_emptied(etude: Any, takes: list[str]) -> None:
    piece = data(etude("take", "accept", takes[0], "--json"))
    etude("take", "undo", takes[0])
    shutil.rmtree(etude.root / ".etude" / "trash")
    etude("take", "undo", "--redo")
    assert data(etude("pieces", "show", piece["id"], "--json"))["text"].strip() == poem(20, 8).strip()


def test_a_piece_whose_file_is_gone_says_so_and_repair_writes_it_again(etude: Any, takes: list[str]) -> None:
    piece = data(etude("take", "accept", takes[0], "--title", "The Well", "--json"))
    main = Path(piece["files"][0])
    before = main.read_bytes()
    main.unlink()
    error = etude("pieces", "show", piece["id"], code=2).stderr
    assert "The Well" in error
    assert "is missing" in error
    assert "etude repair" in error
    assert "failed" not in error
    assert [finding["mended"] for finding in data(etude("repair", "--json"))["findings"]] == [True]
    assert main.read_bytes() == before
    main.unlink()
    shutil.rmtree(etude.root / ".etude" / "takes")  # its take cannot be made again either: nothing is made up
    assert not data(etude("repair", "--json", code=1))["whole"]
    etude("take", "undo", takes[0])
    assert data(etude("pieces", "--json"))["pieces"] == []


def test_reject_keeps_the_take_on_record(etude: Any, takes: list[str]) -> None:
    etude("take", "reject", takes[1], "--note", "flat")
    assert len(data(etude("take", "ls", "--json"))["takes"]) == 2
    assert len(data(etude("take", "ls", "--all", "--json"))["takes"]) == 3
    etude("take", "undo", takes[1])
    assert len(data(etude("take", "ls", "--json"))["takes"]) == 3


def test_an_edit_is_a_new_take_and_says_how_much_is_the_persons(
    etude: Any, takes: list[str], tmp_path: Path
) -> None:
    mine = tmp_path / "mine.md"
    mine.write_text(poem(20, 8) + "And then it rained.\n", encoding="utf-8")
    child = data(etude("take", "edit", takes[0], mine, "--note", "an end", "--json"))
    assert child["parents"] == [takes[0]]
    mine.unlink()
    piece = data(etude("take", "accept", child["id"], "--json"))
    assert piece["lineage"] == [takes[0]]
    assert piece["changed"]["added"] == 4
    assert 0 < piece["changed"]["share"] < 0.2
    assert "was accepted later" in etude("take", "undo", takes[0], code=2).stderr


def test_an_edit_that_changes_nothing_is_refused(etude: Any, takes: list[str], tmp_path: Path) -> None:
    same = tmp_path / "same.md"
    etude("take", "show", takes[0])
    same.write_bytes(Project.open(etude.root).take(takes[0]).data or b"")
    assert "unchanged" in etude("take", "edit", takes[0], same, code=2).stderr


def test_everything_accepted_and_edited_survives_the_loss_of_the_cache(
    etude: Any, takes: list[str], tmp_path: Path
) -> None:
    mine = tmp_path / "mine.md"
    mine.write_text("A line of my own.\n", encoding="utf-8")
    child = data(etude("take", "edit", takes[0], mine, "--json"))["id"]
    piece = data(etude("take", "accept", takes[1], "--json"))
    shutil.rmtree(etude.root / ".etude")
    mine.unlink()
    report = data(etude("repair", "--json"))
    assert report["whole"]
    assert data(etude("take", "show", child, "--json"))["text"].strip() == "A line of my own."
    assert data(etude("pieces", "show", piece["id"], "--json"))["text"].strip() == poem(21, 8).strip()
    # A take whose bytes are gone and whose model is gone too is named, not guessed.
    assert "no model" in etude("take", "show", takes[2], code=2).stderr


def test_music_is_kept_as_midi_with_its_other_forms(etude: Any) -> None:
    notes = tuple(Note(24 * i, 60 + (i * 2) % 12, 24) for i in range(16))
    score = Score((Track(notes, "soprano"),), title="A Scale")
    recipe = Recipe("music", model="hymns-0", model_sha256="0" * 64, seed=1)
    take = Project.open(etude.root).put_take(recipe.to_json(), MEDIA["music"].store(score)).id
    piece = data(etude("take", "accept", take, "--json"))
    suffixes = [Path(name).suffix for name in piece["files"]]
    assert suffixes[0] == ".mid"
    assert {".musicxml", ".png", ".svg"} <= set(suffixes)
    assert piece["title"] == "A Scale"


def test_unknown_takes_and_ambiguous_ones(etude: Any, takes: list[str]) -> None:
    assert "no take 'zz'" in etude("take", "show", "zz", code=2).stderr
    assert "nothing to undo" in etude("take", "undo", code=2).stderr
    assert "no undone act" in etude("take", "undo", "--redo", code=2).stderr


@pytest.mark.parametrize("after_s", [0.0, 0.15, 0.3, 0.6, 1.0])
def test_kill_9_while_accepting_leaves_all_or_nothing(etude: Any, takes: list[str], after_s: float) -> None:
    etude("take", "accept", takes[0])
    command = [sys.executable, "-m", "etude", "-C", str(etude.root), "take", "accept", takes[1]]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ)
    time.sleep(after_s)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert data(etude("repair", "--json"))["whole"]
    accepted = [
        take["id"] for take in data(etude("take", "ls", "--json"))["takes"] if take["status"] == "accepted"
    ]
    kept = [piece["take"] for piece in data(etude("pieces", "--json"))["pieces"]]
    assert sorted(accepted) == sorted(kept)
    assert takes[0] in kept
    if takes[1] not in kept:
        etude("take", "accept", takes[1])


def test_two_processes_in_one_project(etude: Any, takes: list[str]) -> None:
    commands = [
        [sys.executable, "-m", "etude", "-C", str(etude.root), "take", "accept", take] for take in takes
    ]
    running = [
        subprocess.Popen(c, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=os.environ)
        for c in commands
    ]
    assert [process.wait(60) for process in running] == [0, 0, 0]
    assert len(data(etude("pieces", "--json"))["pieces"]) == 3


@pytest.fixture
def kept(etude: Any, takes: list[str]) -> dict[str, Any]:
    """A piece, without anything to trace it by."""
    found: dict[str, Any] = data(etude("take", "accept", takes[0], "--title", "The Well", "--json"))
    return found


def test_each_name_signs_with_its_own_key_and_the_first_is_the_default(
    etude: Any, kept: dict[str, Any]
) -> None:
    def sign(*words: str) -> Any:
        return data(etude("sign", kept["id"], "--yes", "--replace", "--json", *words))

    ada, bob = sign("--as", "Ada Example"), sign("--as", "Bob Other")
    assert (ada["new_key"], bob["new_key"], bob["default"]) == (True, True, "Ada Example")
    again = sign("--as", "Ada Example")
    assert (again["fingerprint"], again["new_key"]) == (ada["fingerprint"], False)
    assert sign()["fingerprint"] == ada["fingerprint"]
    assert ada["fingerprint"] in etude("sign", kept["id"], "--as", "Ada Example", "--preview").stdout
    assert "a key that is made when you sign" in etude("sign", kept["id"], "--as", "Cy", "--preview").stdout
    told = etude("sign", kept["id"], "--yes", "--replace", "--as", "Cy").stderr
    assert "Without --as, Ada Example signs as before" in told
    listed = data(etude("signers", "default", "Bob Other", "--json"))["signers"]
    assert (listed[0]["name"], listed[0]["default"]) == ("Bob Other", True)
    assert {s["name"] for s in data(etude("signers", "--json"))["signers"]} == {
        "Ada Example",
        "Bob Other",
        "Cy",
    }
    assert sign()["fingerprint"] == bob["fingerprint"]
    assert "--as needs a name" in etude("sign", kept["id"], "--yes", "--as", "", code=2).stderr
    assert "no signer called 'Dee'" in etude("signers", "default", "Dee", code=2).stderr


def test_another_name_replaces_a_credential_only_when_told_to(etude: Any, kept: dict[str, Any]) -> None:
    etude("sign", kept["id"], "--yes", "--as", "Ada Example")
    etude("sign", kept["id"], "--yes", "--as", "ada example")  # her own she renews as she likes
    refused = etude("sign", kept["id"], "--yes", "--as", "Bob Other", code=2).stderr
    assert "is Ada Example's credential of this file" in refused
    assert "--replace" in refused
    assert data(etude("verify", kept["files"][0], "--json"))["signer"] == "Ada Example"
    etude("sign", kept["id"], "--yes", "--as", "Bob Other", "--replace")
    assert data(etude("verify", kept["files"][0], "--json"))["signer"] == "Bob Other"


def test_signing_asks_and_says_what_to_do_where_nobody_can_answer(etude: Any, kept: dict[str, Any]) -> None:
    told = etude("sign", kept["id"], "--as", "Ada Example", code=2).stderr
    assert "Stays private" in told
    assert "--preview" in told and f"etude sign {kept['id']} --yes" in told
    assert "no terminal" in data(etude("sign", kept["id"], "--json", code=2))["error"]
    nameless = etude("sign", kept["id"], "--yes", code=2).stderr
    assert "no name was given" in nameless and f"etude sign {kept['id']} --yes --as 'Your Name'" in nameless
    assert "--yes --as 'Your Name'" in etude("sign", kept["id"], "--preview").stderr
    assert "Stopped" in etude("sign", kept["id"], stdin="n\n", code=130).stderr
    assert data(etude("signers", "--json"))["signers"] == []
    etude("sign", kept["id"], "--as", "Ada Example", stdin="y\n")
    assert data(etude("verify", kept["files"][0], "--json"))["state"] == "intact"


def test_a_piece_changed_outside_etude_is_not_signed_as_if_it_were_not(
    etude: Any, kept: dict[str, Any], tmp_path: Path
) -> None:
    etude("sign", kept["id"], "--yes", "--as", "Ada Example")
    main = Path(kept["files"][0])
    lines = main.read_text(encoding="utf-8").splitlines(keepends=True)
    main.write_text("".join(lines[:4]) + "Zinnias jostle quietly beside mine alone.\n", encoding="utf-8")
    for words in (("--yes",), ("--preview",)):
        refused = etude("sign", kept["id"], *words, code=2).stderr
        assert "changed outside Etude" in refused
        assert f"etude take edit {kept['take']} {main}" in refused and "--as-it-is" in refused
    assert data(etude("verify", main, "--json", code=1))["state"] == "altered"
    shown = etude("sign", kept["id"], "--preview", "--as-it-is", "--share-changes").stdout
    assert "edited by a person (IPTC compositeWithTrainedAlgorithmicMedia)" in shown
    assert "chose 1 of 3 takes; kept " in shown and "wrote 6" in shown
    etude("sign", kept["id"], "--yes", "--as-it-is")
    for _ in range(2):  # it is on record now, and stays the person's when it is signed again
        said = data(etude("verify", main, "--json"))
        assert said["state"] == "intact"
        assert said["statement"]["etude.piece"]["source_type"].endswith(
            "compositeWithTrainedAlgorithmicMedia"
        )
        etude("sign", kept["id"], "--yes")
    assert data(etude("repair", "--json"))["whole"]
    shown = data(etude("pieces", "show", kept["id"], "--json"))
    assert "mine alone" in shown["text"]
    assert shown["changed"]["added"] == 6


def test_only_the_file_that_was_changed_is_stated_as_edited(etude: Any) -> None:
    notes = tuple(Note(24 * i, 60 + (i * 2) % 12, 24) for i in range(16))
    recipe = Recipe("music", model="hymns-0", model_sha256="0" * 64, seed=1)
    score = MEDIA["music"].store(Score((Track(notes, "soprano"),), title="S"))
    take = Project.open(etude.root).put_take(recipe.to_json(), score).id
    piece = data(etude("take", "accept", take, "--json"))
    paths = {Path(name).suffix: Path(name) for name in piece["files"]}
    paths[".svg"].write_text(paths[".svg"].read_text().replace("</svg>", "<!-- mine --></svg>"))
    refused = etude("sign", piece["id"], "--yes", "--as", "Ada", code=2).stderr
    assert paths[".svg"].name in refused and "take edit" not in refused
    etude("sign", piece["id"], "--yes", "--as", "Ada", "--as-it-is")

    def kind(suffix: str) -> str:
        said = data(etude("verify", paths[suffix], "--json"))["statement"]["etude.piece"]["source_type"]
        return str(said.rpartition("/")[2])

    assert kind(".svg") == "compositeWithTrainedAlgorithmicMedia"
    assert kind(".mid") == kind(".png") == "trainedAlgorithmicMedia"


def test_works_that_were_held_out_are_not_counted_as_learned_from(etude: Any, poems: Path) -> None:
    etude("add", poems, "--collection", "verse", "--licence", "own", "--consent", "yes")
    ids = [work["id"] for work in data(etude("works", "--json"))["works"]]
    # A long work is cut, and one part of it may be held out: it was learned from all the same. One work has
    # left the project.
    roles = {"train": ids[:3], "critic": [ids[3], "w-gone"], "held-out": ids[2:]}
    model = SimpleNamespace(header={"family": "sequence", "works": roles})  # all that is looked at
    found = stating._consent(Project.open(etude.root), model)  # type: ignore[arg-type]
    aside = family_of(model.header).aside
    assert [(row.use, row.licence, row.consent, row.works) for row in found] == [
        ("", "own", "yes", 3),
        (aside, "own", "yes", 1),
        (aside, "unknown", "removed since", 1),
    ]


def test_only_takes_of_the_same_make_were_chosen_from(
    etude: Any, kept: dict[str, Any], takes: list[str], tmp_path: Path
) -> None:
    project = Project.open(etude.root)
    other = Recipe(
        "text", model="verse-0", model_sha256="0" * 64, seed=1, index=0, controls={"temperature": 0.2}
    )
    project.put_take(other.to_json(), b"of another make\n")
    mine = tmp_path / "mine.md"
    mine.write_text(" ".join(poem(21, 8).split()[:7]) + " and what I wrote after it\n", encoding="utf-8")
    child = data(etude("take", "edit", takes[1], mine, "--json"))["id"]
    mine.write_text(" ".join(poem(21, 8).split()[:7]) + " and then what I wrote\n", encoding="utf-8")
    child = data(etude("take", "edit", child, mine, "--json"))[
        "id"
    ]  # an edit of an edit is told from what was made
    piece = data(etude("take", "accept", child, "--json"))
    made = len(poem(21, 8).split())
    share = f"chose 1 of 3 takes; kept 7 of its {made} words, wrote 5"
    assert share in etude("sign", piece["id"], "--preview", "--share-changes").stdout


def test_a_signature_that_a_crash_left_unrecorded_is_no_change_by_hand(etude: Any) -> None:
    notes = tuple(Note(24 * i, 60 + (i * 2) % 12, 24) for i in range(16))
    score = MEDIA["music"].store(Score((Track(notes, "soprano"),), title="S"))
    take = Project.open(etude.root).put_take(Recipe("music", model="hymns-0", seed=1).to_json(), score).id
    piece = data(etude("take", "accept", take, "--json"))
    sidecar = next(Path(name) for name in piece["files"] if name.endswith(".json"))
    before = sidecar.read_bytes()
    etude("sign", piece["id"], "--yes", "--as", "Ada")
    sidecar.write_bytes(before)
    etude("sign", piece["id"], "--yes", "--as", "Ada")
    assert data(etude("repair", "--json"))["whole"]


def test_many_takes_of_text_stand_on_one_page_and_of_music_on_one_sheet(
    etude: Any, takes: list[str], tmp_path: Path
) -> None:
    page = tmp_path / "takes.html"
    drawn = data(etude("take", "sheet", page, "--json"))
    html = page.read_text(encoding="utf-8")
    assert drawn["shown"] == 3 and html.count("<article>") == 3 and poem(21, 8).split("\n")[0] in html
    assert "Name a .html file" in etude("take", "sheet", tmp_path / "takes.png", code=2).stderr
    project, tunes = Project.open(etude.root), []
    for pitch in (50, 60, 72):
        notes = tuple(Note(24 * i, pitch + i, 24) for i in range(8))
        recipe = Recipe("music", model="tune-0", model_sha256="0" * 64, seed=pitch)
        tunes.append(project.put_take(recipe.to_json(), MEDIA["music"].store(Score((Track(notes, "a"),)))).id)
    sheet = tmp_path / "tunes.png"
    assert data(etude("take", "sheet", sheet, "--json"))["shown"] == 3  # of what was made last
    assert Image.open(sheet).width >= 200
    assert "several kinds" in etude("take", "sheet", sheet, takes[0], tunes[0], code=2).stderr
    hostile = project.put_take(
        Recipe("text", model="m", model_sha256="0" * 64, seed=9).to_json(),
        b"<script>alert(1)</script>" + b"x" * 999,
    )
    etude("take", "sheet", page, hostile.id)
    html = page.read_text(encoding="utf-8")
    assert "<script" not in html and "\u2026" in html and html.count("x") < 500


def test_an_undone_piece_is_named_and_comes_back_after_other_acts(etude: Any, takes: list[str]) -> None:
    piece = data(etude("take", "accept", takes[0], "--json"))
    said = etude("take", "undo").stderr
    assert "In the trash now" in said and f"--redo {takes[0]}" in said
    etude("take", "reject", takes[1])
    assert f"--redo {takes[0]}" in etude("take", "undo", "--redo", code=2).stderr
    etude("take", "undo", "--redo", takes[0])
    assert Path(piece["files"][0]).exists()
    assert data(etude("pieces", "list", "--json"))["pieces"][0]["id"] == piece["id"]
    assert etude("take", "list").stdout == etude("take", "ls").stdout
    assert "no terminal" in etude("take", "edit", takes[2], code=2).stderr
