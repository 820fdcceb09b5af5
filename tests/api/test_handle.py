"""The Python API: the ten lines of the README, and music from works to a kept piece."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import CliRunner

import etude
from etude import api
from etude.api.handle import Studio
from etude.cli.main import cli
from etude.config.sequence import MAKE
from etude.errors import ModelError, ProjectError, TakeError
from etude.families import manner
from etude.media import MEDIA
from etude.media.music.score import Note, Score, Track
from etude.store.models import ModelInfo
from etude.workspace.generators import generator
from etude.workspace.host import host

WORDS = [
    "well",
    "moon",
    "river",
    "lantern",
    "garden",
    "winter",
    "orchard",
    "window",
    "sparrow",
    "candle",
    "letter",
    "kitchen",
]


def verse(seed: int) -> str:
    lines = []
    for i in range(60):
        a, b, c = (WORDS[(seed * 5 + i * k + i * i) % len(WORDS)] for k in (1, 3, 7))
        lines.append(f"The {a} was under the {b}, and no {c} rose{';.'[i % 2]}" + "\n" * (1 + (i % 4 == 3)))
    return "".join(lines)


def test_importing_etude_imports_nothing_heavy() -> None:
    code = (
        "import sys, etude; print([m for m in ('torch', 'numpy', 'numba', 'click', 'etude.api') if m in "
        "sys.modules])"
    )
    assert (
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout.strip()
        == "[]"
    )


def test_open_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="no Etude project"):
        etude.open(tmp_path)
    assert etude.open(tmp_path, create=True).root == tmp_path.resolve()
    assert etude.open(tmp_path / "works").root == tmp_path.resolve()


def test_the_main_job_in_ten_lines(tmp_path: Path) -> None:
    for seed in range(6):
        (tmp_path / f"verse-{seed}.txt").write_text(verse(seed), encoding="utf-8")

    studio = etude.open(tmp_path / "my-studio", create=True)
    studio.add(sorted(tmp_path.glob("*.txt")), collection="verse", maker="Me", licence="own", consent="yes")
    model = studio.learn("first", collection="verse", budget="20steps", size="xs", critic=False)
    made = studio.make(model.id, n=2, length=150, temperature=0.8)
    print(made.takes[0].text)
    owes = studio.trace(made.takes[0].id)
    print(owes.summary)
    piece = studio.accept(made.takes[0].id, title="A first one")
    signed = studio.sign(piece.id, name="Me", maker="Me")
    print(studio.verify(piece.files[0]).text)

    assert signed.credentials
    assert studio.verify(piece.files[0]).state == "intact"
    assert owes.borrowed is not None
    for token in owes.borrowed.tokens:
        assert sum(place.share for place in token.places) + token.rest + token.network == pytest.approx(
            1, abs=1e-3
        )
    for answer in (
        model,
        made,
        piece,
        signed,
        studio.works(),
        studio.collections(),
        studio.models(),
        studio.takes(),
        studio.pieces(),
    ):
        assert json.loads(json.dumps(api.to_json(answer)))["schema"].startswith("etude.")


def tune(seed: int) -> Score:
    """Two voices on the 16th grid, four bars."""
    high = tuple(Note(24 * i, 67 + (i * (seed + 2) + i * i) % 8, 24) for i in range(16))
    low = tuple(Note(48 * i, 48 + (i * (seed + 3)) % 7, 48) for i in range(8))
    return Score((Track(high, "melody"), Track(low, "bass")), title=f"Tune {seed}")


@pytest.fixture(scope="module")
def hymns(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """A project with a model of a shelf of two-voice tunes."""
    folder = tmp_path_factory.mktemp("music")
    for seed in range(24):
        (folder / f"tune-{seed}.mid").write_bytes(MEDIA["music"].write(tune(seed), "mid"))
    studio = etude.open(folder / "studio", create=True)
    studio.add(sorted(folder.glob("*.mid")), collection="hymns", maker="Me", licence="own", consent="yes")
    studio.learn("hymns", collection="hymns", budget=["10steps"], size="xs", critic=False)
    return studio


def test_music_is_made_kept_and_scored(hymns: Studio, tmp_path: Path) -> None:
    made = hymns.make("hymns", n=1, length=24, seed=5)
    assert hymns.remake(made.takes[0].id).verdict == "bit-equal"
    piece = hymns.accept(made.takes[0].id, title="A tune")
    suffixes = {Path(name).suffix for name in piece.files}
    assert {".mid", ".musicxml", ".png", ".svg"} <= suffixes
    assert (
        MEDIA["music"].size(MEDIA["music"].read(Path(piece.files[0]).read_bytes(), suffix=".mid").content) > 0
    )
    found = hymns.score("hymns", piece.files[0], plot=tmp_path / "where.svg")
    assert found.unit == "voice cells of a 16th"
    assert found.units == found.tokens - 2  # all but the begin and the end
    assert found.figure == "nats per note" and 0 < found.frozen < 10
    assert hymns.trace(piece.id).medium == "music"


def test_a_take_chosen_among_drafts_is_remade(hymns: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """The recipe says how many drafts there were; one that does not, had one."""
    from etude.families.sequence.critic import Critic
    from etude.families.sequence.generator import SequenceGenerator

    ready = generator(hymns.workspace, hymns.project.model("hymns"))
    assert isinstance(ready, SequenceGenerator)
    opened = ready.model
    torch.manual_seed(1)
    critic = Critic(opened.network.width).eval()
    monkeypatch.setattr(opened, "critic", critic)
    torch.nn.init.normal_(critic.out.weight)
    plain = hymns.project.take(hymns.make("hymns", n=1, length=24, seed=5).takes[0].id).data
    for ask, drafts in (
        ({"rank": True}, MAKE.drafts),
        ({"drafts": 2}, 2),
        ({"rank": True, "drafts": 1}, None),
        ({"rank": False}, None),
    ):
        take = hymns.make("hymns", n=1, length=24, seed=5, **ask).takes[0]
        assert hymns.project.take(take.id).record["controls"].get("drafts") == drafts
        assert hymns.remake(take.id).verdict == "bit-equal"
        assert (hymns.project.take(take.id).data == plain) == (drafts is None)
    with pytest.raises(TakeError, match="--no-rank"):
        hymns.make("hymns", n=1, rank=False, drafts=3)


def own(studio: Studio, take: str) -> dict[str, Any]:
    """What the credential of a take that is kept will say, its amounts too."""
    shown = studio.preview_sign(studio.accept(take).id, share=True)
    return {a["label"]: a["data"] for a in shown.manifest["assertions"]}


def test_a_bass_under_a_melody_and_the_missing_bars(hymns: Studio, tmp_path: Path) -> None:
    path = tmp_path / "given.mid"
    path.write_bytes(MEDIA["music"].write(tune(40), "mid"))
    take = hymns.make("hymns", n=1, source=path, voices=["melody"], seed=1).takes[0]
    score = MEDIA["music"].load(hymns.project.take(take.id).data or b"")
    assert {(n.onset, n.pitch) for n in tune(40).tracks[0].notes} <= {
        (n.onset, n.pitch) for t in score.tracks for n in t.notes
    }
    said = own(hymns, take.id)
    assert said["etude.piece"]["source_type"].endswith("/compositeWithTrainedAlgorithmicMedia")
    assert said["etude.given"] == {
        "what": "voices",
        "by": "person",
        "kept": 16,
        "total": len(score.flat()),
        "unit": "notes",
    }
    take = hymns.make("hymns", n=1, source=path, bars=(2, 3), seed=1).takes[0]
    assert own(hymns, take.id)["etude.given"]["kept"] == 12  # of 24 notes, half lie in bars 1 and 4
    score = MEDIA["music"].load(hymns.project.take(take.id).data or b"")

    def outside(content: Score) -> set[tuple[int, int]]:
        return {(n.onset, n.pitch) for t in content.tracks for n in t.notes if not 96 <= n.onset < 288}

    assert outside(score) == outside(tune(40))
    with pytest.raises(TakeError, match="4 bars"):
        hymns.make("hymns", n=1, source=path, bars=(3, 9))
    with pytest.raises(TakeError, match="no voice 'oboe'"):
        hymns.make("hymns", n=1, source=path, voices=["oboe"])
    with pytest.raises(TakeError, match="--fill means nothing for music"):
        hymns.make("hymns", n=1, source=path, fill=(1, 2))


def test_doctor_says_what_music_is_played_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    font = tmp_path / "Mine.sf2"
    font.write_bytes(b"RIFF")
    monkeypatch.setenv("ETUDE_SOUNDFONT", str(font))
    found = {f.what: f for f in api.doctor(tmp_path).findings}
    assert (found["soundfont"].state, found["soundfont"].value) == ("ok", str(font))
    assert "mido" not in found
    monkeypatch.setenv("ETUDE_SOUNDFONT", "no such font")
    found = {f.what: f for f in api.doctor(tmp_path).findings}
    assert (
        found["soundfont"].state == "note"
        and "built-in" in found["soundfont"].value
        and "apt install" in found["soundfont"].act
    )


def test_what_all_works_have_in_common_is_nothing_to_choose(tmp_path: Path) -> None:
    for number, form in enumerate(["ode", "ode", ""]):
        (tmp_path / f"{number}.txt").write_text(verse(number), encoding="utf-8")
        studio = etude.open(tmp_path / "studio", create=True)
        studio.add([tmp_path / f"{number}.txt"], maker="Me", attrs={"form": form} if form else {})
    header = {"works": {"train": [work.id for work in studio.works().works]}}
    model = ModelInfo("verse-1", "verse", "text", header, "", "", 0, "", tmp_path)
    works = host(studio.workspace).works()
    assert manner.spelt(model.header, model.id, {"maker": "me"}, works) == {}
    for like, says in (
        ({"maker": "Bo"}, "All works of this model are by Me"),
        ({"form": "ode"}, "2 of 3 works have it: ode"),
        ({"mood": "blue"}, "No training work of this model has an attribute 'mood'"),
    ):
        with pytest.raises(ModelError, match=says):
            manner.spelt(model.header, model.id, like, works)


def test_models_of_one_name_say_which_is_meant(tmp_path: Path) -> None:
    studio = etude.open(tmp_path, create=True)
    for number, ended in enumerate(["interrupted", "budget"]):
        studio.project.save_model(
            f"verse-{number}", {"name": "verse", "medium": "text", "ended": ended}, {}, ""
        )
    rows = [(row.id, row.newest, row.ended) for row in studio.models().models]
    assert rows == [("verse-0", False, "interrupted"), ("verse-1", True, "budget")]
    table = CliRunner().invoke(cli, ["-C", str(tmp_path), "models"]).stdout
    assert "other, unfinished" in table
    assert "default of 'verse'" in table
