"""Tunes in one voice from works to takes: what is asked for is in the take, its recipe remakes it, and its
trace reads it as it was made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import etude
from etude.api.handle import Studio
from etude.errors import TakeError
from etude.media import MEDIA
from etude.media.music import key, parts
from etude.media.music.bars import bars
from etude.media.music.score import Score
from etude.rng import for_
from etude.workspace.generators import generator

KINDS = {"jig": ("6/8", "GABcdefg"), "waltz": ("3/4", "Aceag^fd"), "reel": ("4/4", "DEFGABcd")}


def abc(kind: str, seed: int) -> str:
    """Sixteen bars of eighths, the first four back after four and the last four after eight."""
    meter, letters = KINDS[kind]
    g = for_(seed, "abc")
    names = list(letters.replace("^f", "f"))
    long = {"6/8": 6, "3/4": 6, "4/4": 8}[meter]
    new = ["".join(names[int(i)] for i in g.integers(0, len(names), long)) for _ in range(8)]
    rows = [*new[:4], *new[:4], *new[4:], *new[4:7], new[7][:-2] + names[0] + "2"]
    key = "Am" if kind == "waltz" else "G"
    return f"X:{seed}\nT:{kind} {seed}\nR:{kind}\nM:{meter}\nL:1/8\nK:{key}\n{'|'.join(rows)}|]\n"


@pytest.fixture(scope="module")
def band(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """A project with a model of small tunes of three kinds."""
    folder = tmp_path_factory.mktemp("tunes")
    studio = etude.open(folder / "studio", create=True)
    for k, kind in enumerate(KINDS):
        (folder / kind).mkdir()
        for i in range(6):
            (folder / kind / f"{i}.abc").write_text(abc(kind, 10 * k + i), encoding="utf-8")
        studio.add(
            [folder / kind],
            collection="tunes",
            maker="Me",
            licence="own",
            consent="yes",
            attrs={"kind": kind},
        )
    studio.learn("band", collection="tunes", budget=["6steps"], size="xs", critic=False)
    return studio


def scores(studio: Studio, made: Any) -> list[Score]:
    return [MEDIA["music"].load(studio.project.take(take.id).data or b"") for take in made.takes]


def test_the_card_says_what_takes_are_like(band: Studio) -> None:
    card = band.model("band").card
    assert "## What takes are like" in card and "| tunes of whole bars | 1.000" in card


def test_bars_metre_key_and_tempo_are_kept(band: Studio) -> None:
    made = band.make("band", n=3, bars=10, metre="3/4", key="F# minor", tempo=72)
    for take, score in zip(made.takes, scores(band, made), strict=True):
        assert "10 bars of 3/4 in F sharp minor" in take.text
        assert score.tempos == ((0, 72.0),) and bars(score)[-1].end == score.end
    assert band.remake(made.takes[0].id).verdict == "bit-equal"


def test_the_key_that_was_asked_for_is_heard(band: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the notes alone: a take that says E minor and sounds like G major is drawn again. Older recipes,
    with the bare words, give what they gave."""

    def heard(made: Any) -> int:
        found = [key.estimated(score) for score in scores(band, made)]
        return sum(one is not None and one.tonic == 4 for one in found)

    made = band.make("band", n=8, key="Em", temperature=1.2, seed=3)
    assert heard(made) == 8
    assert all(band.remake(take.id).verdict == "bit-equal" for take in made.takes)
    with monkeypatch.context() as patch:
        patch.setattr(parts, "IN", "")
        before = band.make("band", n=8, key="Em", temperature=1.2, seed=3)
    assert heard(before) < 8 and band.remake(before.takes[-1].id).verdict == "bit-equal"


@pytest.mark.parametrize(("kind", "meter"), [("jig", (6, 8)), ("waltz", (3, 4)), ("reel", (4, 4))])
def test_takes_like_a_kind_are_of_that_kind(band: Studio, kind: str, meter: tuple[int, int]) -> None:
    made = band.make("band", n=4, like={"kind": kind})
    assert {score.meters[0][1:] for score in scores(band, made)} == {meter}


def test_a_trace_reads_a_take_as_it_was_made(band: Studio) -> None:
    """The shares of the trace are those of the mixture that drew the take: its side inputs are the same."""
    made = band.make("band", n=1, like={"kind": "jig"}, seed=4, temperature=1)
    score = scores(band, made)[0]
    model: Any = generator(band.workspace, band.project.model("band"))
    codec = model.model.codec
    settled = codec.framed(codec.frame(score))
    walk, e = settled.cursor(), codec.encode(score)
    for t in range(1, len(e.tokens)):
        assert walk.side() == tuple(e.side[t].tolist())
        mask = walk.allowed()
        assert mask[e.tokens[t]]
        walk.push(int(e.tokens[t]))
    assert walk.done
    shares = model.model.score(score, growing=False, conditions={"kind": "jig"}, with_places=True)
    total = [sum(p.share for p in places) for places in shares.places] + shares.rest
    assert np.allclose(total, shares.memory, atol=1e-6)
    assert band.trace(made.takes[0].id).medium == "music"


def test_a_given_beginning_goes_on_to_so_many_bars(band: Studio, tmp_path: Path) -> None:
    start = tmp_path / "start.abc"
    start.write_text("X:1\nM:3/4\nL:1/4\nQ:1/4=90\nK:Am\nA c e|a g e|A3|\n", encoding="utf-8")
    made = band.make("band", n=2, source=start, bars=8)
    for take, score in zip(made.takes, scores(band, made), strict=True):
        assert "8 bars of 3/4 in A minor" in take.text
        assert [n.pitch for n in score.tracks[0].notes[:7]] == [69, 72, 76, 81, 79, 76, 69]
        assert score.tempos == ((0, 90.0),)
    assert band.trace(made.takes[0].id).medium == "music"


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"metre": "7/8"}, "No work of this model is in 7/8"),
        ({"metre": "fast"}, "--metre fast is not a metre"),
        ({"key": "H"}, "'H' is not a key"),
        ({"bars": (9, 12)}, "--bars 9:12 needs --from"),
        ({"bars": 0}, "--bars 0 is too short"),
        ({"tempo": 2}, "--tempo 2 is out of range"),
    ],
)
def test_what_cannot_be_asked_is_refused(band: Studio, asked: dict[str, Any], says: str) -> None:
    before = len(band.takes().takes)
    with pytest.raises(TakeError, match=says):
        band.make("band", n=1, **asked)
    assert len(band.takes().takes) == before
