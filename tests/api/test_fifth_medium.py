"""A fifth medium goes through every verb without a line of code outside its folder: drum patterns, learned as
tokens."""

from __future__ import annotations

from pathlib import Path

from etude.media import register
from tests.families.test_toy import Shell
from tests.media.test_toy import pattern
from tests.media.toy.medium import MEDIUM


def test_drum_patterns_go_through_every_verb(tmp_path: Path) -> None:
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    for seed in range(16):
        (shelf / f"beat-{seed}.beat").write_bytes(MEDIUM.write(pattern(seed, 8), "beat"))
    studio = tmp_path / "studio"
    etude = Shell(studio)
    with register(MEDIUM):
        Shell(tmp_path)("init", studio)
        words = ("--collection", "beats", "--maker", "Me", "--licence", "own", "--consent", "yes")
        assert len(etude.data("add", shelf, *words)["works"]) == 16
        assert "steps" in etude("works", "info", "Pattern 3") or "beat" in etude("works", "info", "Pattern 3")
        assert "beat" in etude("collection", "show", "beats")
        learn = ("learn", "drums", "--from", "beats", "--budget", "12steps", "--size", "xs", "--no-critic")
        assert "beats" in etude(*learn, "--dry-run")
        model = etude.data(*learn)["id"]
        assert "nats/step" in etude("models", "info", model)
        takes = etude.data("make", model, "-n", 3, "--length", 48)["takes"]
        take = takes[0]["id"]
        assert etude.data("remake", take)["verdict"] == "bit-equal"
        begun = etude.data("make", model, "-n", 1, "--from", shelf / "beat-2.beat", "--no-copy", 12)["takes"][
            0
        ]
        assert begun["medium"] == "beat"
        assert len(etude.data("take", "branch", take, "--at", 16, "-n", 2)["takes"]) == 2
        score = etude.data("score", model, shelf / "beat-4.beat")
        assert score["figure"] == "nats per step" and score["units"] == 128
        traced = etude.data("trace", take)
        assert traced["borrowed"]["tokens"] and traced["medium"] == "beat"
        etude("trace", take)
        etude("trace", take, "--html", tmp_path / "trace.html")
        etude("take", "sheet", tmp_path / "takes.png")
        mine = tmp_path / "mine.beat"
        mine.write_bytes(MEDIUM.write(pattern(77, 4), "beat"))
        edited = etude.data("take", "edit", take, mine)["id"]
        piece = etude.data("take", "accept", edited, "--title", "Mine")["id"]
        etude("sign", piece, "--as", "Me", "--yes")
        etude("export", piece, "--out", tmp_path / "out")
        etude("take", "undo", edited)
        etude("loop", model, code=2)
