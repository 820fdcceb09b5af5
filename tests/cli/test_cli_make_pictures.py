"""Pictures and clips through the command line, from learning to a signed piece: every verb that makes sense
for them."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from click.testing import CliRunner, Result
from PIL import Image as Pil

from etude.cli.main import cli
from etude.config.pictures import EYES
from etude.config.trust import TRACE
from etude.families.pictures import imagenet as eyes
from etude.media.video.medium import MEDIUM as VIDEO_MEDIUM
from etude.workspace import nearness
from tests.cli.cli_help import data
from tests.families.pictures.small_pictures import drawing, settings
from tests.media import picturefiles as files

Call = Callable[..., Result]


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Call:
    """A project with a model of pictures and one of clips, learned in a few steps."""
    root = tmp_path_factory.mktemp("pictures")
    shelf, reel = root / "shelf", root / "reel"
    shelf.mkdir()
    reel.mkdir()
    for i in range(40):
        side = (48, 33, 90)[i % 3]  # of every size, some wider than high, some with transparency
        picture = Pil.fromarray(drawing(side, i)[0])
        if i % 2:
            picture.putalpha(
                picture.convert("L").point(lambda v: 0 if v > 250 else 255)
            )  # the white ground is not there
        picture.crop((0, 0, side, (side, side // 2)[i % 4 == 1])).save(
            shelf / f"{('disc', 'box')[i % 2]}-{i:02d}.png"
        )
    for i in range(30):
        (reel / f"clip-{i:02d}.gif").write_bytes(VIDEO_MEDIUM.write(files.moving(hue=i), "gif"))
    runner = CliRunner()

    def call(*words: Any, code: int = 0) -> Result:
        result = runner.invoke(cli, ["-C", str(root / "studio"), *map(str, words)])
        assert result.exit_code == code, (
            f"{words} -> {result.exit_code}\n{result.output}\n{result.exception!r}"
        )
        return result

    runner.invoke(cli, ["init", str(root / "studio")])
    about = ("--licence", "own", "--consent", "yes", "--maker", "Ada")
    call("add", shelf, "--collection", "drawings", "--medium", "image", *about)
    call("add", reel, "--collection", "reel", "--medium", "video", *about)
    call("learn", "shapes", "--from", "drawings", "--budget", "8steps", "--size", "xs")
    call("learn", "moves", "--from", "reel", "--budget", "5steps", "--size", "xs", "--frames", "4")
    call.root = root  # type: ignore[attr-defined]
    return call


def made(studio: Call, *words: Any) -> list[dict[str, Any]]:
    return list(data(studio("make", *words, "--json"))["takes"])


def pixels(studio: Call, take: str) -> np.ndarray[Any, np.dtype[np.uint8]]:
    folder = studio.root / "out"  # type: ignore[attr-defined]
    studio("remake", take, "--out", folder / f"{take}.png")
    return np.asarray(Pil.open(folder / f"{take}.png").convert("RGB"))


def test_near_copies_are_left_out_and_others_made(studio: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = made(studio, "shapes", "-n", 8, "--seed", 77)
    asked: list[np.ndarray[Any, Any]] = []

    def near(*_: Any) -> Callable[[Any], float]:
        def distance(frames: Any) -> float:
            asked.append(frames)
            return 0.01 if len(asked) in (1, 2, 6) else 0.8

        return distance

    with monkeypatch.context() as patched:
        patched.setattr(nearness, "unusual", near)
        found = data(studio("make", "shapes", "-n", 4, "--seed", 77, "--no-copy", "--json"))
        told = studio("make", "shapes", "-n", 1, "--seed", 77, "--no-copy").output
        asked.clear()
        chosen = data(studio("make", "shapes", "-n", 1, "--choose", 3, "--seed", 77, "--no-copy", "--json"))
        asked.clear()
        branched = data(studio("take", "branch", found["takes"][0]["id"], "-n", 2, "--seed", 78, "--json"))
        open_again = data(studio("take", "branch", found["takes"][0]["id"], "-n", 2, "--copy", "--json"))
        asked[:] = [np.zeros(1)] * 5
        hardly = studio("make", "shapes", "-n", 1, "--seed", 77, "--no-copy").output
    assert "1 draft closer" in hardly and "Only" not in hardly
    assert branched["left_out"] == 2 and all("near" in take["measured"] for take in branched["takes"])
    assert open_again["left_out"] == 0 and not any("near" in take["measured"] for take in open_again["takes"])
    refused = studio("take", "branch", open_again["takes"][0]["id"], "--no-copy", code=2).output
    assert "Too few works are held out" in refused and "(for a branch, use --copy)" in " ".join(
        refused.split()
    )

    def far(*_: Any) -> Callable[[Any], float]:
        def distance(frames: Any) -> float:
            asked.append(frames)
            return 0.8 if len(asked) == 20 else 0.01

        return distance

    with monkeypatch.context() as patched:
        patched.setattr(nearness, "unusual", far)
        asked.clear()
        some = studio("make", "shapes", "-n", 4, "--no-copy").output
        assert (
            "31 drafts closer to a work than 95 % of held-out works are: discarded. Only 1 of 4 takes are "
            "left." in some
        )
        assert (
            "They start from something close to a work"
            in studio("make", "shapes", "--from", usual[0]["id"], "--no-copy", code=2).output
        )
    # of five drafts the first two are near; of the other three one is chosen
    assert chosen["left_out"] == 2 and chosen["takes"][0]["index"] in (2, 3, 4)
    assert found["left_out"] == 3 and [take["index"] for take in found["takes"]] == [2, 3, 4, 6]
    assert "discarded" not in told  # the seventh and later are not near
    for take in found["takes"]:
        assert np.array_equal(pixels(studio, take["id"]), pixels(studio, usual[take["index"]]["id"]))
        assert data(studio("remake", take["id"], "--json"))["verdict"] == "bit-equal"


def test_no_copy_goes_by_what_a_trace_says(studio: Call) -> None:
    few = studio("make", "shapes", "-n", 2, "--no-copy", code=2).output
    assert "Too few works are held out" in few
    with settings(TRACE, held_out_needed=2, alpha=1.0):  # everything is near
        assert "memorised" in studio("make", "shapes", "-n", 2, "--no-copy", code=2).output
    with settings(TRACE, held_out_needed=2, alpha=0.01):  # so few cannot be that unusual
        assert "Too few works are held out" in studio("make", "shapes", "-n", 2, "--no-copy", code=2).output
    with settings(TRACE, held_out_needed=2, alpha=0.34):
        for model in ("shapes", "moves"):
            found = data(studio("make", model, "-n", 3, "--no-copy", "--json"))
            assert found["takes"] and len(found["takes"]) + found["left_out"] >= 3
            for take in found["takes"]:
                p = data(studio("trace", take["id"], "--json"))["resembles"]["p"]
                assert take["measured"]["near"] == pytest.approx(p, abs=1e-6) and p > 0.34
    takes = [take["id"] for take in made(studio, "shapes", "-n", 2)]
    loop = data(studio("loop", "shapes", "--seconds", "0.5", "--rate", 4, "--json"))["takes"][0]["id"]
    assert "mean nothing for loops" in studio("take", "branch", loop, "--no-copy", code=2).output
    refused = studio(
        "make", "shapes", "--mix", takes[0], "--mix", takes[1], "--series", "-n", 3, "--no-copy", code=2
    ).output
    assert "--no-copy and --series cannot be used together" in refused


def test_a_model_of_pictures_is_listed_and_has_a_card(studio: Call) -> None:
    rows = {row["name"]: row for row in data(studio("models", "--json"))["models"]}
    assert rows["shapes"]["medium"] == "image" and rows["moves"]["medium"] == "video"
    card = studio("models", "info", "shapes").output
    assert "32 x 32 pixels" in card and "What it cost" in card
    plan = data(studio("learn", "later", "--from", "drawings", "--budget", "10m", "--dry-run", "--json"))
    assert plan["medium"] == "image" and "32 pixels" in plan["size"] and plan["parameters"] > 1_000_000


def test_takes_are_pictures_and_can_be_made_again(studio: Call) -> None:
    takes = made(studio, "shapes", "-n", 5)
    assert len({take["id"] for take in takes}) == 5 and all(take["medium"] == "image" for take in takes)
    for take in takes[:2]:
        assert data(studio("remake", take["id"], "--json"))["verdict"] == "bit-equal"
        assert pixels(studio, take["id"]).shape == (32, 32, 3)


def test_a_start_from_outside_lasts_in_the_log(studio: Call) -> None:
    sketch = studio.root / "sketch.png"  # type: ignore[attr-defined]
    Pil.new("RGBA", (200, 120), (200, 30, 30, 255)).save(sketch)
    take = made(studio, "shapes", "-n", 1, "--from", sketch, "--strength", 0.3, "--steps", 4)[0]
    sketch.unlink()
    assert data(studio("remake", take["id"], "--json"))["verdict"] == "bit-equal"
    still = made(studio, "shapes", "-n", 1, "--from", take["id"], "--strength", 0)[0]
    assert np.array_equal(pixels(studio, still["id"]), pixels(studio, take["id"]))
    assert still["parents"] == [take["id"]]


def test_a_region_or_a_mask_is_made_anew_and_the_rest_stays(studio: Call) -> None:
    first = made(studio, "shapes", "-n", 1)[0]["id"]
    mask = studio.root / "mask.png"  # type: ignore[attr-defined]
    white = np.zeros((64, 64), np.uint8)
    white[16:48, 16:48] = 255
    Pil.fromarray(white).save(mask)
    for words in (("--region", "25,25,75,75"), ("--mask", mask)):
        take = made(studio, "shapes", "-n", 1, "--from", first, *words, "--steps", 4)[0]
        before, after = pixels(studio, first), pixels(studio, take["id"])
        keep = np.ones((32, 32), bool)
        keep[8:24, 8:24] = False
        assert np.array_equal(before[keep], after[keep]) and not np.array_equal(before, after)
    assert "percent" in studio("make", "shapes", "--from", first, "--region", "1,2,3", code=2).output
    assert (
        "does not lie" in studio("make", "shapes", "--from", first, "--region", "50,0,40,90", code=2).output
    )


def test_takes_are_mixed_bred_and_varied_with_their_lineage(studio: Call) -> None:
    a, b = (take["id"] for take in made(studio, "shapes", "-n", 2))
    for words in ((), ("--share", 3, "--share", 1), ("--breed",)):
        takes = made(studio, "shapes", "-n", 2, "--mix", a, "--mix", b, *words, "--steps", 2)
        assert all(take["parents"] == [a, b] for take in takes)
        assert data(studio("remake", takes[1]["id"], "--json"))["verdict"] == "bit-equal"
    assert (
        "--share and --breed cannot be used together"
        in studio(
            "make", "shapes", "--mix", a, "--mix", b, "--breed", "--share", 1, "--share", 2, code=2
        ).output
    )
    way = made(studio, "shapes", "-n", 3, "--mix", a, "--mix", b, "--series", "--steps", 2)
    assert [take["controls"]["series"] for take in way] == [3, 3, 3] and len(
        {take["id"] for take in way}
    ) == 3
    assert data(studio("remake", way[2]["id"], "--json"))["verdict"] == "bit-equal"
    beside = data(studio("take", "branch", way[1]["id"], "-n", 1, "--json"))["takes"][0]
    assert "series" not in beside["controls"] and beside["parents"] == [way[1]["id"]]
    both = ("--mix", a, "--mix", b)
    for wrong, why in (
        ((*both, "--breed"), "--series and --breed cannot be used together"),
        ((), "--series needs --mix"),
        ((*both, "-n", 1), "two takes or more"),
    ):
        assert why in studio("make", "shapes", *wrong, "--series", code=2).output
    varied = data(studio("take", "branch", a, "-n", 2, "--vary", 0.2, "--json"))["takes"]
    assert all(take["parents"] == [a] and take["controls"]["vary"] == 0.2 for take in varied)
    assert data(studio("remake", varied[0]["id"], "--json"))["verdict"] == "bit-equal"


def test_sliders_have_names_and_previews(studio: Call) -> None:
    out = studio.root / "strips"  # type: ignore[attr-defined]
    studio("sliders", "shapes", "--name", "2", "size")
    studio("sliders", "shapes", "--like", "maker=Nobody at all", code=2)
    shown = data(studio("sliders", "shapes", "--out", out, "--json"))["sliders"]
    assert shown[1]["name"] == "size" and len(list(out.glob("*.png"))) == len(shown) == 8
    by_name = made(studio, "shapes", "-n", 1, "--seed", 90, "--slide", "size=2")[0]
    by_number = made(studio, "shapes", "-n", 1, "--seed", 90, "--slide", "2=2")[0]
    plain = made(studio, "shapes", "-n", 1, "--seed", 90)[0]
    assert np.array_equal(pixels(studio, by_name["id"]), pixels(studio, by_number["id"]))
    assert not np.array_equal(pixels(studio, by_name["id"]), pixels(studio, plain["id"]))
    assert "has no slider 'hue'" in studio("make", "shapes", "--slide", "hue=1", code=2).output
    assert "'much' is not a number" in studio("make", "shapes", "--slide", "size=much", code=2).output


def test_a_loop_is_a_clip_that_can_be_kept(studio: Call) -> None:
    loop = data(studio("loop", "shapes", "--seconds", 1, "--rate", 8, "--json"))["takes"][0]
    assert loop["medium"] == "video" and loop["measured"]["units"] == 8
    piece = data(studio("take", "accept", loop["id"], "--title", "Round", "--json"))
    assert {Path(file).suffix for file in piece["files"]} >= {".mp4", ".gif", ".png"}
    assert data(studio("remake", loop["id"], "--json"))["verdict"] == "bit-equal"
    assert "loops come from models of pictures" in studio("loop", "moves", code=2).output
    assert "at least 2" in studio("loop", "shapes", "--seconds", 0.1, "--rate", 1, code=2).output


def test_clips_are_made_like_pictures(studio: Call) -> None:
    takes = made(studio, "moves", "-n", 2)
    assert all(take["medium"] == "video" and take["measured"]["units"] == 4 for take in takes)
    assert data(studio("remake", takes[0]["id"], "--json"))["verdict"] == "bit-equal"
    start = made(studio, "moves", "-n", 1, "--from", takes[0]["id"], "--strength", 0.5, "--steps", 2)
    assert start[0]["parents"] == [takes[0]["id"]]


def test_a_model_can_start_from_another(studio: Call) -> None:
    done = data(
        studio(
            "learn",
            "more",
            "--from",
            "drawings",
            "--budget",
            "3steps",
            "--size",
            "xs",
            "--start",
            "shapes",
            "--no-critic",
            "--json",
        )
    )
    card = studio("models", "info", "more").output
    assert "started from the weights of shapes-" in card
    anew = data(
        studio(
            "learn",
            "anew",
            "--from",
            "drawings",
            "--budget",
            "3steps",
            "--size",
            "xs",
            "--no-critic",
            "--json",
        )
    )
    assert done["figures"]["flow loss"]["value"] < anew["figures"]["flow loss"]["value"]
    assert (Path(done["path"]) / "samples-flow.png").exists() and (
        Path(done["path"]) / "learning.svg"
    ).exists()
    lost = studio("learn", "x", "--from", "drawings", "--budget", "3steps", "--start", "nobody", code=2)
    assert "There is no model 'nobody'" in lost.output


def test_many_takes_on_one_sheet(studio: Call) -> None:
    takes = [take["id"] for take in made(studio, "shapes", "-n", 4)]
    sheet = studio.root / "sheet.png"  # type: ignore[attr-defined]
    assert data(studio("take", "sheet", sheet, *takes, "--json"))["shown"] == 4
    assert Pil.open(sheet).width > 128
    assert (
        ".png" in studio("take", "sheet", sheet.with_suffix(".gif"), *takes, code=2).output
    )  # stills do not play
    clips = [take["id"] for take in made(studio, "moves", "-n", 4)]
    assert data(studio("take", "sheet", sheet.with_suffix(".gif"), *clips, "--json"))["shown"] == 4
    playing = VIDEO_MEDIUM.read(sheet.with_suffix(".gif").read_bytes(), suffix=".gif").content
    assert len(playing.frames) == 4 and not np.array_equal(playing.frames[0], playing.frames[2])


def clip_of(studio: Call) -> str:
    return str(made(studio, "moves", "-n", 1)[0]["id"])


def test_a_trace_names_works_and_regions(studio: Call) -> None:
    take = made(studio, "shapes", "-n", 1)[0]["id"]
    page = studio.root / "trace.html"  # type: ignore[attr-defined]
    found = json.loads(studio("trace", take, "--html", page, "--json").stdout)
    assert found["schema"] == "etude.picture-trace/1" and found["resembles"]["nearest"]
    assert page.read_text(encoding="utf-8").count("data:image/png") > 3
    shown = data(studio("collection", "show", "drawings", "--json"))["works"]
    work = next(row["id"] for row in shown if row["train"])
    same = json.loads(studio("trace", work, "--collection", "drawings", "--json").stdout)
    assert same["resembles"]["nearest"][0]["similarity"] > 0.99
    assert "Map of likeness" in studio("trace", take).output
    assert found["doubts"] is None  # too few works are held out
    before = TRACE.held_out_needed
    object.__setattr__(TRACE, "held_out_needed", 1)
    try:
        doubted = json.loads(studio("trace", take, "--json").stdout)
        assert len(doubted["doubts"]) == 8 and all(0 < p <= 1 for row in doubted["doubts"] for p in row)
        assert "critic" in doubted["summary"] and "critic" in studio("trace", take).output
        assert json.loads(studio("trace", clip_of(studio), "--json").stdout)["doubts"] is not None
    finally:
        object.__setattr__(TRACE, "held_out_needed", before)
    assert json.loads(studio("trace", clip_of(studio), "--json").stdout)["frames"] == 4


def test_a_critic_is_not_asked_beside_works_that_it_may_have_learned_from(studio: Call) -> None:
    """By another collection than the model's own, that collection's held-out works may be what the model
    learned from."""
    take = made(studio, "shapes", "-n", 1)[0]["id"]
    works = [work["id"] for work in data(studio("works", "ls", "--medium", "image", "--json"))["works"]]
    studio("collection", "create", "others", *works)
    before = TRACE.held_out_needed
    object.__setattr__(TRACE, "held_out_needed", 1)
    try:
        assert data(studio("trace", take, "--json"))["doubts"] is not None
        assert data(studio("trace", take, "--collection", "others", "--json"))["doubts"] is None
    finally:
        object.__setattr__(TRACE, "held_out_needed", before)


def test_a_picture_is_signed_inside_its_file(studio: Call) -> None:
    take = made(studio, "shapes", "-n", 1)[0]["id"]
    piece = data(studio("take", "accept", take, "--title", "Shape", "--json"))
    signed = data(studio("sign", piece["id"], "--as", "Ada Example", "--yes", "--json"))
    main = next(file for file in signed["files"] if file.endswith(".png"))
    checked = data(studio("verify", main, "--json"))
    assert checked["state"] == "intact"
    assert b"DigitalSourceType" in Path(main).read_bytes()
    changed = Pil.open(main).convert("RGB")
    changed.putpixel((3, 3), (1, 2, 3))
    out = io.BytesIO()
    changed.save(out, "PNG")
    copy = studio.root / "copy.png"  # type: ignore[attr-defined]  # not among the pieces, which stay whole
    studio("verify", copy, code=2)
    copy.write_bytes(out.getvalue())
    assert data(studio("verify", copy, "--json", code=1))["state"] != "intact"


@pytest.mark.parametrize("strength", [0, 0.6])
def test_a_credential_says_what_was_given_of_a_picture(studio: Call, strength: float) -> None:
    first = made(studio, "shapes", "-n", 1)[0]["id"]
    file = studio.root / "given.png"  # type: ignore[attr-defined]
    Pil.fromarray(pixels(studio, first)).save(file)
    take = made(studio, "shapes", "-n", 1, "--from", file, "--strength", strength)[0]["id"]
    piece = data(studio("take", "accept", take, "--title", f"Given {strength}", "--json"))
    found = data(studio("sign", piece["id"], "--preview", "--share-changes", "--json"))["manifest"][
        "assertions"
    ]
    given = next(a["data"] for a in found if a["label"] == "etude.given")
    assert given["what"] == "picture" and given["by"] == "person"
    assert (given.get("kept"), given.get("total")) == ((32 * 32, 32 * 32) if strength == 0 else (None, None))


def test_an_edited_picture_says_how_much_was_changed(studio: Call) -> None:
    take = made(studio, "shapes", "-n", 1)[0]["id"]
    mine = pixels(studio, take).copy()
    mine[:8] = (10, 200, 30)
    file = studio.root / "mine.png"  # type: ignore[attr-defined]
    Pil.fromarray(mine).save(file)
    child = data(studio("take", "edit", take, file, "--json"))
    piece = data(studio("take", "accept", child["id"], "--title", "Mine", "--json"))
    assert piece["changed"]["unit"] == "pixels" and 0.15 < piece["changed"]["share"] <= 0.25


def test_what_belongs_to_other_media_is_refused(studio: Call) -> None:
    assert "--temperature means nothing" in studio("make", "shapes", "--temperature", 1, code=2).output
    assert "--strength needs --from" in studio("make", "shapes", "--strength", 0.5, code=2).output
    assert (
        "cannot be mixed"
        in studio("make", "shapes", "--mix", made(studio, "shapes", "-n", 1)[0]["id"], code=2).output
    )
    assert (
        "predicts no text"
        in studio("score", "shapes", made(studio, "shapes", "-n", 1)[0]["id"], code=2).output
    )
    poem = studio.root / "poem.txt"  # type: ignore[attr-defined]
    poem.write_text("A line of verse, and then another line.\n" * 40, encoding="utf-8")
    studio("add", poem, "--collection", "verse", "--licence", "own", "--consent", "yes")
    assert (
        "--side means nothing to learning text"
        in studio("learn", "v", "--from", "verse", "--budget", "5steps", "--side", "32", code=2).output
    )
    assert "is text" in studio("make", "shapes", "--from", poem, code=2).output


def test_takes_and_pieces_are_exported_larger_and_in_every_format(studio: Call) -> None:
    folder = studio.root / "exported"  # type: ignore[attr-defined]
    take = made(studio, "shapes", "-n", 1)[0]["id"]
    found = data(studio("export", take, "--scale", 4, "--out", folder, "--json"))
    large = np.asarray(Pil.open(found["files"][0]))
    assert large.shape[:2] == (128, 128) and found["upscaler"] == "lanczos"
    squares = data(studio("export", take, "--scale", 2, "--upscaler", "nearest", "--out", folder, "--json"))[
        "files"
    ][0]
    assert np.array_equal(np.asarray(Pil.open(squares))[::2, ::2], pixels(studio, take))
    loop = data(studio("loop", "shapes", "--seconds", 0.5, "--rate", 8, "--json"))["takes"][0]["id"]
    piece = data(studio("take", "accept", loop, "--json"))["id"]
    for fmt in VIDEO_MEDIUM.formats:
        path = Path(
            data(studio("export", piece, "--format", fmt, "--scale", 2, "--out", folder, "--json"))["files"][
                0
            ]
        )
        clip = VIDEO_MEDIUM.read(path.read_bytes(), suffix=path.suffix).content if fmt != "zip" else None
        assert path.stat().st_size > 100 and (clip is None or clip.frames.shape[:3] == (4, 64, 64))
    before = sorted(folder.iterdir())
    assert (
        "A picture cannot be written as mp4."
        in studio("export", take, "--format", "mp4", "--out", folder, code=2).output
    )
    assert "not a take or piece" in studio("export", "t-nothing", take, "--out", folder, code=2).output
    assert sorted(folder.iterdir()) == before
    beside = data(studio("export", piece, "--previews", "--out", folder / "shown", "--json"))["files"]
    assert {Path(file).suffix for file in beside} == {".mp4", ".png", ".gif"}
    plain = data(studio("export", take, "--scale", 4, "--out", folder / "plain", "--json"))["files"][0]
    seen = data(studio("export", take, "--scale", 4, "--label", "--out", folder / "seen", "--json"))["files"][
        0
    ]
    differs = np.argwhere((np.asarray(Pil.open(plain)) != np.asarray(Pil.open(seen))).any(-1))
    assert (
        len(differs) > 20 and differs[:, 0].min() >= 64 and differs[:, 1].max() < 127
    )  # a corner, and no more


def test_a_full_disk_while_learning_pictures_leaves_nothing_half_written(studio: Call) -> None:
    root = studio.root / "studio"  # type: ignore[attr-defined]
    before = [model["id"] for model in data(studio("models", "--json"))["models"]]
    limit = (
        "import resource, runpy; resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000)); "
        "runpy.run_module('etude')"
    )
    words = (
        "-C",
        str(root),
        "learn",
        "brimming",
        "--from",
        "drawings",
        "--budget",
        "2steps",
        "--size",
        "xs",
        "--no-critic",
    )
    done = subprocess.run([sys.executable, "-c", limit, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "Traceback" not in done.stderr and "Etude failed" not in done.stderr, (
        done.stderr
    )
    assert "File too large" in done.stderr, done.stderr
    assert data(studio("repair", "--json"))["whole"]
    assert [model["id"] for model in data(studio("models", "--json"))["models"]] == before


def test_weights_that_come_along_are_a_beginning(studio: Call) -> None:
    from etude import samples
    from etude.families.pictures.velocity_net import FlowConfig, FlowNet
    from etude.store.arrays import read_arrays

    ready = samples.starters()
    assert ready and sum(path.stat().st_size for path in ready.values()) <= 25e6
    for path in ready.values():
        header, arrays = read_arrays(path) or ({}, {})
        assert (
            header["licence"]
            and header["credit"]
            and len(header["collection_sha256"]) == 64
            and header["works"]["train"] > 0
        )
        assert header["ledger"]["wall_s"] > 60
        assert all(np.isfinite(v).all() for v in arrays.values())
        if header["medium"] == "music":  # of sequences: tests/workspace/test_starters.py
            continue
        FlowNet(FlowConfig.from_json(header["net"])).load_state_dict(
            {
                k.removeprefix("flow."): torch.from_numpy(v.astype(np.float32))
                for k, v in arrays.items()
                if k.startswith("flow.")
            }
        )
    common = ("--from", "drawings", "--budget", "2steps", "--no-critic", "--json")
    on = data(studio("learn", "on", *common, "--start", "openmoji-32"))
    anew = data(studio("learn", "anew-s", *common, "--size", "s"))
    assert on["figures"]["flow loss"]["value"] < anew["figures"]["flow loss"]["value"]
    card = studio("models", "info", "on").output
    assert "openmoji-32 (comes with Etude)" in card and "CC-BY-SA-4.0" in card
    data(studio("learn", "further", *common, "--start", "on"))  # what its start started from is named too
    assert "Those had started from the weights of openmoji-32" in studio("models", "info", "further").output
    piece = data(studio("take", "accept", made(studio, "further", "-n", 1)[0]["id"], "--json"))["id"]
    told = studio("sign", piece, "--as", "Ada Example", "--preview").output
    assert told.count("Began from") == 2 and "CC-BY-SA-4.0" in told


def test_controls_that_would_have_no_effect_are_refused(studio: Call) -> None:
    take = made(studio, "shapes", "-n", 2)
    first, second = take[0]["id"], take[1]["id"]
    assert "--steps" in studio("make", "shapes", "--steps", 1, "--guidance", 3, code=2).output
    assert "--steps" in studio("make", "shapes", "--steps", 1, "--from", first, code=2).output
    assert "--eta" in studio("make", "shapes", "--eta", 1, "--from", first, "--vary", 0.2, code=2).output
    assert "--eta" in studio("make", "shapes", "--eta", 1, "--mix", first, "--mix", second, code=2).output
    assert "has no slider" in studio("make", "shapes", "--slide", "\u00b2=1", code=2).output


def test_branches_stay_near_and_loops_through_takes_are_new(studio: Call) -> None:
    take = made(studio, "shapes", "-n", 1, "--eta", 1)[0]["id"]
    before = pixels(studio, take).astype(int)
    near = data(studio("take", "branch", take, "-n", 1, "--json"))["takes"][0]
    assert "eta" not in near["controls"]
    assert (
        np.abs(pixels(studio, near["id"]).astype(int) - before).mean() < np.abs(before - before.mean()).mean()
    )
    other = made(studio, "shapes", "-n", 1, "--seed", 77)[0]["id"]
    loop = data(
        studio(
            "loop", "shapes", "--through", take, "--through", other, "--seconds", 0.5, "--rate", 8, "--json"
        )
    )["takes"][0]["id"]
    again = data(studio("take", "branch", loop, "-n", 1, "--json"))["takes"][0]["id"]
    folder = studio.root / "branches"  # type: ignore[attr-defined]
    files_ = data(studio("export", loop, again, "--format", "webp", "--out", folder, "--json"))["files"]
    a, b = (VIDEO_MEDIUM.read(Path(file).read_bytes(), suffix=".webp").content.frames for file in files_)
    assert not np.array_equal(a, b)


@pytest.mark.skipif(eyes.weights_file() is None, reason="the extra 'eyes' is not installed")
def test_other_eyes_learn_to_choose_and_the_card_names_them(studio: Call) -> None:
    with settings(EYES, takes=32, least_takes=16, at_once=16):
        studio(
            "learn", "seen", "--from", "drawings", "--budget", "4steps", "--size", "xs", "--eyes", "imagenet"
        )
    told = data(studio("make", "seen", "-n", "3", "--json"))
    assert all("critic" in one["measured"] for one in told["takes"])
    for more, named in (
        ((), True),
        (("--choose", "1"), False),
    ):  # a credential names whose eyes chose, and nobody where none did
        take = data(studio("make", "seen", "-n", "1", "--seed", "8", *more, "--json"))["takes"][0]["id"]
        piece = data(studio("take", "accept", take, "--title", f"Seen {named}", "--json"))["id"]
        assert ("EfficientNet-Lite0" in studio("sign", piece, "--preview").stdout) is named
    folder = next(Path(studio.root, "studio", "models").glob("seen-*"))  # type: ignore[attr-defined]
    card = (folder / "card.md").read_text()
    assert "EfficientNet-Lite0" in card and "--choose 1" in card and "prefers a held-out work" in card
    assert "only on the works below; another network chooses among its takes" in card
    about = json.loads((folder / "model.json").read_text())["header"]["eyes"]
    assert (
        about["takes"] > 0
        and 0 <= about["prefers"]["low"] <= about["prefers"]["value"] <= about["prefers"]["high"] <= 1
    )
    studio("learn", "x", "--from", "drawings", "--budget", "4steps", "--eyes", "nobody", code=2)
