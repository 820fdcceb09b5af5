"""Pictures and clips through the command line: added, listed, compared, split and looked at."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Pil

from etude.config.store import STORE
from etude.media.video.medium import MEDIUM as VIDEO_MEDIUM
from etude.workspace import intake as adding
from tests.cli.cli_help import data
from tests.media import picturefiles as files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Twenty drawings, one of them twice in other formats, two clips, and files that cannot be read."""
    place = tmp_path / "shelf"
    place.mkdir()
    for hue in range(20):
        files.drawing(64, hue).save(place / f"drawing-{hue:02d}.png")
    files.drawing(64, 7).save(place / "copy-of-07.jpg", quality=80)
    (place / "disc.svg").write_bytes(files.svg(files.CIRCLE))
    (place / "broken.png").write_bytes(files.saved(files.drawing(), "PNG")[:-300])
    (place / "huge.png").write_bytes(files.png_of_size(10_000, 10_000))
    (place / "loop.mp4").write_bytes(VIDEO_MEDIUM.write(files.moving(), "mp4"))
    (place / "loop-2.gif").write_bytes(VIDEO_MEDIUM.write(files.moving(hue=5), "gif"))
    (place / "notes.xyz").write_bytes(b"nothing")
    return place


def add(etude: Any, folder: Path, name: str, medium: str) -> dict[str, Any]:
    said: dict[str, Any] = data(
        etude(
            "add",
            str(folder),
            "--collection",
            name,
            "--medium",
            medium,
            "--licence",
            "own",
            "--consent",
            "yes",
            "--json",
        )
    )
    return said


def test_a_folder_of_pictures_becomes_a_collection(etude: Any, folder: Path) -> None:
    added = add(etude, folder, "drawings", "image")
    assert len(added["works"]) == 23 and added["collection"]["unit"] == "pictures"  # the GIF as a still
    assert {Path(skip["file"]).name for skip in added["skipped"]} == {"broken.png", "huge.png"}
    assert any("first of 12 frames" in note["reason"] for note in added["warnings"])
    twin = next(
        double for double in added["duplicates"] if {"copy-of-07", "drawing-07"} & {Path(double["file"]).stem}
    )
    assert twin["kind"] == "alike" and twin["likeness"] > 0.97
    shown = data(etude("collection", "show", "drawings", "--json"))
    roles = {work["title"]: (work["train"], work["critic"], work["held_out"]) for work in shown["works"]}
    assert roles["copy-of-07"] == roles["drawing-07"]
    held = sum(held for *_, held in roles.values())
    assert held >= 1
    assert added["collection"]["notes"] == [
        f"{held} held out; 20 are needed for --no-copy and near-copy figures."
    ]


def test_clips_are_measured_in_frames(etude: Any, folder: Path) -> None:
    added = add(etude, folder, "loops", "video")
    assert [work["size"] for work in added["works"]] == [12, 12]
    listed = data(etude("works", "--medium", "video", "--json"))["works"]
    assert [work["title"] for work in listed] == ["loop-2", "loop"]
    assert "Clip of 12 frames" in etude("works", "info", listed[0]["id"]).stdout


def test_what_holds_together_can_be_repaired_and_taken_out(etude: Any, folder: Path) -> None:
    add(etude, folder, "drawings", "image")
    assert "all is well" in etude("repair").output
    gone = data(etude("works", "rm", "disc", "--json"))["works"]
    assert gone[0]["title"] == "disc" and data(etude("collection", "--json"))["collections"][0]["works"] == 22


def test_sheets_show_what_a_network_would_see(etude: Any, folder: Path, tmp_path: Path) -> None:
    add(etude, folder, "drawings", "image")
    out = tmp_path / "sheet.png"
    said = data(
        etude(
            "collection", "sheet", "drawings", "--size", "32", "--framing", "pad", "--out", str(out), "--json"
        )
    )
    assert said["shown"] == 23 and "32 x 32 pixels, with margins" in said["framing"]
    assert Pil.open(out).width >= 5 * 96
    assert "not a colour" in etude("collection", "sheet", "drawings", "--ground", "mud", code=2).stderr


@pytest.mark.parametrize("medium, have", [("image", "works"), ("video", "clip")])
def test_a_shelf_that_is_too_small_says_how_much_is_needed(
    etude: Any, folder: Path, medium: str, have: str
) -> None:
    add(etude, folder, "shelf", medium)
    for more in ((), ("--dry-run",)):
        said = etude("learn", "x", "--from", "shelf", "--budget", "1m", *more, code=2).stderr
        assert "Too little to train on" in said and f"{have} (at least 24 are needed)" in said


def test_one_picture_and_identical_pictures_make_collections(etude: Any, tmp_path: Path) -> None:
    one = tmp_path / "one.png"
    files.drawing(64).save(one)
    assert data(etude("add", str(one), "--collection", "one", "--json"))["collection"]["works"] == 1
    for n, fmt in enumerate(("bmp.png", "tif", "webp")):
        files.drawing(64).save(tmp_path / f"same-{n}.{fmt}")
    added = data(etude("add", str(tmp_path), "--collection", "same", "--json"))
    roles = {role["role"]: role["works"] for role in added["collection"]["roles"]}
    assert sorted(roles.values()) == [0, 0, max(roles.values())]  # all on one side of the split


def test_a_picture_is_traced_without_a_model_too(etude: Any, folder: Path) -> None:
    add(etude, folder, "drawings", "image")
    found = json.loads(
        etude("trace", str(folder / "drawing-07.png"), "--collection", "drawings", "--json").stdout
    )
    first = found["resembles"]["nearest"][0]
    assert first["similarity"] > 0.9 and found["resembles"]["p"] is None  # too few are held out to say more
    assert (
        "Too few works are held out"
        in etude("trace", str(folder / "drawing-07.png"), "--collection", "drawings").stdout
    )


def test_near_copies_and_known_pictures_are_told_in_words(etude: Any, folder: Path) -> None:
    said = etude("add", folder, "--collection", "my drawings", "--medium", "image")
    assert said.stdout.startswith(
        "23 works added, 0 known already, 23 put into collection my drawings, 2 files skipped"
    )
    assert "% like drawing-07" in said.stderr or "% like copy-of-07" in said.stderr
    assert "--collection 'my drawings' --where-unknown" in said.stderr  # before anything else is suggested
    again = etude(
        "add",
        folder,
        "--collection",
        "my drawings",
        "--medium",
        "image",
        "--licence",
        "own",
        "--consent",
        "yes",
    )
    assert again.stdout.startswith("0 works added, 23 known already, 0 put into collection my drawings")
    assert "23 works known already: licence and consent added" in again.stderr
    assert "etude collection sheet 'my drawings'" in again.stderr
    assert "23 pictures" in etude("collection").stdout
    assert "1 picture," in etude("works", "info", "disc").stdout


def test_works_written_in_batches_are_new_once_and_filled_in_later(
    etude: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adding, "STORE", replace(STORE, batch_bytes=1))
    (folder / "twin-of-03.png").write_bytes((folder / "drawing-03.png").read_bytes())
    first = data(etude("add", folder, "--collection", "drawings", "--medium", "image", "--json"))
    assert (len(first["works"]), first["known"], first["entered"]) == (23, 1, 23)
    assert [Path(d["file"]).name for d in first["duplicates"] if d["kind"] == "equal"] == ["twin-of-03.png"]
    again = data(
        etude("add", folder, "--collection", "drawings", "--medium", "image", "--maker", "Ada", "--json")
    )
    assert (len(again["works"]), again["known"], again["entered"], len(again["filled"])) == (0, 24, 0, 23)
    assert not list((etude.root / "works").glob(".read-*"))  # none of what was laid ready is left
    assert {work["maker"] for work in data(etude("works", "--json"))["works"]} == {"Ada"}
