"""Copies are found and ordinary takes are not, ten times each; overfitting is said where works cost less that
were learned from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from etude.audit.copying import Duplicates, Near, Runs, copying
from etude.audit.report import Row, Section
from etude.config.audit import AUDIT
from etude.rng import for_
from etude.stats.figure import Figure
from tests.families.pictures.small_pictures import settings

SEEN, UNSEEN = Figure(1.9, 1.8, 2.0, 500, "bits/character"), Figure(2.0, 1.9, 2.1, 500, "bits/character")


def unit(x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(x / np.linalg.norm(x, axis=1, keepdims=True))


def near(seed: int, copies: float) -> Near:
    """Two hundred works, a hundred held out, a hundred takes of which a share are works with a little
    noise."""
    g = for_(seed, "audit test")
    works, held_out, takes = (unit(g.standard_normal((n, 24))) for n in (200, 100, 100))
    some = round(100 * copies)
    takes[:some] = unit(works[:some] + 0.05 * g.standard_normal((some, 24)))
    return Near((takes @ works.T).max(1), (held_out @ works.T).max(1), 100)


def found(one: Near, **more: object) -> Section:
    asked: dict[str, object] = {"runs": None, "fit": (SEEN, UNSEEN), "held_out": 100, "seed": 0, **more}
    return copying(len(one.takes), Duplicates(0), one, **asked)  # type: ignore[arg-type]


def row(section: Section, name: str) -> Row:
    return next(one for one in section.rows if one.name == name)


@pytest.mark.parametrize("share", [0.2, 1.0])
def test_copies_are_found_ten_times_of_ten(share: float) -> None:
    for seed in range(10):
        section = found(near(seed, share))
        assert section.verdict == "concern" and "copies more than chance" in section.answer
        figure = row(section, "Near-copies").figure
        assert figure is not None and figure.low <= share + 0.05 and figure.high >= share - 0.02


def test_fresh_takes_are_hardly_ever_accused() -> None:
    with settings(AUDIT, draws=2):  # the verdict needs none
        accused = sum(found(near(seed, 0.0)).verdict == "concern" for seed in range(100))
    assert accused <= 10  # one of twenty, and 1 % of simulations are left out at this bound


def test_the_floor_is_chance_by_the_works_held_out() -> None:
    one = row(found(near(3, 0.0)), "Near-copies")
    assert one.floor is not None and one.floor.value == pytest.approx(5 / 101)
    assert one.figure is not None and one.figure.n == 100


@pytest.mark.parametrize(
    ("seen", "unseen", "verdict", "says"),
    [
        (1.0, 2.0, "concern", "It is overfitted"),
        (1.5, 2.0, "told", "partly overfitted"),
        (1.9, 2.0, "good", "both about equally"),
    ],
)
def test_overfitting_follows_from_what_works_cost(
    seen: float, unseen: float, verdict: str, says: str
) -> None:
    fit = tuple(Figure(v, 0.97 * v, 1.03 * v, 400, "nats/note") for v in (seen, unseen))
    one = row(found(near(1, 0.0), fit=fit), "Overfitting")
    assert one.verdict == verdict and says in one.sentence
    assert found(near(1, 0.0), fit=fit).answer.startswith("It is overfitted") == (verdict == "concern")


def test_intervals_that_overlap_accuse_nobody() -> None:
    fit = (Figure(1.0, 0.5, 1.8, 9, "nats/note"), Figure(2.0, 1.2, 3.0, 9, "nats/note"))
    assert row(found(near(1, 0.0), fit=fit), "Overfitting").verdict == "good"


def test_longer_runs_than_held_out_works_have_are_found() -> None:
    g = for_(5, "audit runs")
    usual = g.poisson(3.0, 200).astype(float)
    runs = Runs(g.poisson(3.0, 60).astype(float), usual, "words")
    assert row(found(near(1, 0.0), runs=runs), "Long runs").verdict == "good"
    copied = replace(runs, takes=np.where(np.arange(60) < 20, 12.0, runs.takes))
    one = row(found(near(1, 0.0), runs=copied), "Long runs")
    assert one.verdict == "concern" and "12 at most" in one.sentence


def duplicated(found: Duplicates) -> Row:
    return row(copying(100, found, near(1, 0.0), None, (SEEN, UNSEEN), 100, seed=0), "Duplicates")


def test_duplicates_are_a_concern_each_beside_the_same_count_of_held_out_works() -> None:
    one = duplicated(Duplicates(1, 0, 0, 72))
    assert one.verdict == "concern" and one.sentence.startswith("1 of 100 takes")
    assert "Of 72 held-out works or passages none is" in one.sentence
    assert one.floor is not None and (one.floor.value, one.floor.n) == (0.0, 72)
    assert duplicated(Duplicates(0, 0, 0, 72)).verdict == "good"


def test_no_more_duplicates_than_held_out_works_accuse_nobody() -> None:
    assert duplicated(Duplicates(10, 0, 10, 100)).verdict == "told"
    assert duplicated(Duplicates(40, 0, 10, 100)).verdict == "concern"


def test_duplicates_of_works_that_come_in_families_are_said_to_be_such() -> None:
    one = duplicated(Duplicates(11, 9, 0, 72, 150, 300))
    assert "150 of 300 works have a near-duplicate" in one.sentence and "9 of these takes" in one.sentence


def test_too_few_works_or_takes_give_a_sentence_and_no_number() -> None:
    one = near(1, 1.0)
    few = replace(one, usual=one.usual[:19])
    said = row(found(few), "Near-copies")
    assert (said.verdict, said.figure) == ("unknown", None) and "19 can be compared with" in said.sentence
    short = Near(one.takes[:19], one.usual, 100)
    assert "Only 19 takes" in row(found(short), "Near-copies").sentence
    none = found(few, fit=None, held_out=0)
    assert "0 works held out" in row(none, "Overfitting").sentence and not none.plots
