"""Weights that come with Etude for sequences: learning that starts from them, and voices that they make for
models without voices. The networks here have learned nothing: only the ways are tested."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import etude
from etude import samples
from etude.errors import EtudeError, ModelError, WorkError
from etude.families.course import Start
from etude.families.sequence.learn import starting
from etude.families.sequence.learn.dataset import Corpus, Part, gather
from etude.families.sequence.learn.fit_and_measure import assemble
from etude.families.sequence.learn.run import learn
from etude.families.sequence.networks.contract import Task
from etude.families.sequence.networks.transformer import KIND
from etude.media import MEDIA
from etude.media.music import part_writing
from etude.media.music.score import Note, Score, Track
from etude.store.arrays import write_arrays
from etude.workspace.starting_weights import starting as start_of
from tests.families.sequence import small_models

NAMES, BASES = ("Soprano", "Alto", "Tenor", "Bass"), (67, 62, 55, 43)
WALK = b"X:1\nT:Walk\nM:3/4\nL:1/4\nK:G\nD|G2 A|B2 A|G2 E|D2 D|G2 A|B2 d|A3-|A2 D|G2 B|A2 F|G3-|G2|]\n"


def no_base(name: str) -> Path:
    raise AssertionError(name)


def hymn(seed: int) -> Score:
    g = np.random.default_rng(seed)
    lines = [tuple(Note(24 * i, b + int(g.choice([0, 2, 4])), 24) for i in range(24)) for b in BASES]
    return Score(tuple(Track(line, name) for line, name in zip(lines, NAMES, strict=True)), ((0, 3, 4),))


def tune(seed: int) -> Score:
    return Score(hymn(seed).tracks[:1], ((0, 3, 4),), keys=((0, 1, False),))


def parts(make: Any, makers: tuple[str, ...] = ("A", "B")) -> list[Part]:
    roles = ["train"] * 5 + ["critic", "held-out"]
    return [
        Part(f"w-{i}", 0, role, make(i), makers[i % len(makers)], f"Work {i}") for i, role in enumerate(roles)
    ]


def untrained(corpus: Corpus) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and arrays of a model of the corpus."""
    sizes, conditions = corpus.side_sizes, len(corpus.conditions)
    stride, tokens = corpus.codec.stride, corpus.train_tokens
    task = Task(corpus.codec.vocab, sizes, conditions, stride, 64, tokens, None, 1, 1e10, 1e10, "xs", 0)
    torch.manual_seed(0)
    network = KIND.begin(KIND.plan(task, no_base), no_base).network()
    model = assemble(corpus, network, None, corpus.train, seed=0)
    works = {"train": [], "critic": [], "held-out": []}
    model.header = {"works": works, "figures": {}, "steps": 0, "epochs": 0.0, "ended": "budget"}
    return model.to_arrays()


@lru_cache
def hymns() -> tuple[dict[str, Any], dict[str, Any]]:
    return untrained(gather("music", parts(hymn), least=1))


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A starter as tools/pack_starter.py packs it."""
    header, arrays = hymns()
    about = {key: header[key] for key in ("family", "medium", "codec", "net", "conditions")}
    about |= {"figures": {}, "works": {"train": 6}, "collection": "hymns", "collection_sha256": "0" * 64}
    about |= {"ledger": {}, "licence": "public-domain", "credit": "Hymns by their makers."}
    about |= {"whole": True, "segments": []}
    path = tmp_path / "chorales-pd.safetensors"
    kept = {k: v[:0] if k.startswith("memory.") else v for k, v in arrays.items()}
    write_arrays(path, about, kept)
    monkeypatch.setattr(samples, "starters", lambda: {"chorales-pd": path})
    return path


def begin(makers: tuple[str, ...] = ("A", "B")) -> tuple[starting.Begin, list[Part]]:
    header, arrays = hymns()
    known = tuple(gather("music", parts(hymn), least=1).conditions)
    about = {
        "model": "hymns",
        "weights_sha256": "0",
        "collection": "hymns",
        "licence": "CC0",
        "credit": "By us.",
    }
    own = parts(hymn, makers)
    return starting.begin_of(Start(about, lambda: arrays, known, header), "music", own), own


def test_a_run_begins_with_the_weights_and_says_so(tmp_path: Path) -> None:
    started, own = begin(("B", "C"))
    with small_models.quick():
        made = learn(small_models.request("music", tmp_path, 1, own, begin=started), print, lambda: False)
    assert made.header["started_from"]["model"] == "hymns"
    assert "It started from the weights of hymns" in made.card and "By us." in made.card
    assert "trained only on the works below" not in made.card
    assert made.header["net"]["width"] == hymns()[0]["net"]["width"]
    assert {s[0] for s in made.header["segments"]} <= {part.work_id for part in own}  # its own memory only


def test_what_was_known_of_a_maker_goes_to_the_maker_of_that_name() -> None:
    started, own = begin(("B", "C"))
    corpus = gather("music", own, least=1, codec=started.codec)
    assert [c.values for c in corpus.conditions] == [("B", "C")]
    table = f"sides.{len(started.codec.side_sizes)}.weight"
    new = starting.state(started, corpus.conditions)[table].numpy()
    before = starting.state(started, started.conditions)[table].numpy()  # of A and B
    assert np.array_equal(new[1], before[2]) and before[2].any()
    assert not new[2].any() and not new[0].any()


def test_works_of_other_voices_are_refused() -> None:
    header, arrays = hymns()
    start = Start({"model": "chorales-pd", "weights_sha256": "0"}, lambda: arrays, (), header)
    with pytest.raises(WorkError, match="has pieces of 4 voices; most of these works have 1"):
        starting.begin_of(start, "music", parts(tune))
    with pytest.raises(ModelError, match="these works are text"):
        starting.begin_of(start, "text", [])


def test_a_starter_is_found_by_its_name_and_only_for_its_family(tmp_path: Path, shipped: Path) -> None:
    from etude.families import FAMILIES

    project = etude.open(tmp_path / "studio", create=True).project
    found = start_of(project, "chorales-pd", FAMILIES["sequence"])
    assert found.about["licence"] == "public-domain" and found.header["codec"]["keyed"]
    assert found.load()["net.tokens.weight"].dtype == np.uint16  # bfloat16 as it lies on disk
    with pytest.raises(ModelError, match="not for a model of pictures"):
        start_of(project, "chorales-pd", FAMILIES["pictures"])


def test_a_model_of_tunes_has_its_bass_made_by_the_starter(tmp_path: Path, shipped: Path) -> None:
    studio = etude.open(tmp_path / "studio", create=True)
    header, arrays = untrained(gather("music", parts(tune), least=1))
    studio.project.save_model("band-1", {**header, "name": "band"}, arrays, "# Card\n")
    walk = tmp_path / "walk.abc"
    walk.write_bytes(WALK)
    studio.add([walk], collection="tunes", maker="Me", licence="own", consent="yes")
    made = studio.make("band", n=2, source=walk, voices=["Bass"])
    assert made.model.startswith("chorales-pd-") and "made by chorales-pd" in made.note
    melody = MEDIA["music"].read(WALK, suffix=".abc").content
    for take in made.takes:
        score = MEDIA["music"].load(studio.project.take(take.id).data)
        assert score.tracks[0] == melody.tracks[0] and score.tracks[1].name == "Bass"
        assert part_writing.empty_bars(*part_writing.pitches(score))[0] == 0
        assert studio.remake(take.id).verdict == "bit-equal"
    again = studio.make("chorales-pd", n=1, source=walk, voices=["all"])
    assert again.model == made.model and again.note == ""
    assert "4 voices" in again.takes[0].text
    assert studio.project.model("chorales-pd").header["started_from"]["credit"] == "Hymns by their makers."
    assert studio.trace(made.takes[0].id).summary


def test_without_the_starter_nothing_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples, "starters", dict)
    studio = etude.open(tmp_path / "studio", create=True)
    header, arrays = untrained(gather("music", parts(tune), least=1))
    studio.project.save_model("band-1", {**header, "name": "band"}, arrays, "# Card\n")
    walk = tmp_path / "walk.abc"
    walk.write_bytes(WALK)
    with pytest.raises(EtudeError, match="nothing is left to make"):
        studio.make("band", n=1, source=walk, voices=["Bass"])
