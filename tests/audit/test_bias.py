"""A share that takes change is found, with its size; one that they keep is not accused; small groups are said
to be too few."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from etude.audit.bias import Described, bias
from etude.audit.report import Section
from etude.rng import for_

Floats = npt.NDArray[np.float64]


def works(seed: int, n: int, share: float, apart: float = 0.7) -> Described:
    """Works by Ada or Bo, whose manners overlap: a classifier errs in some of ten."""
    g = for_(seed, "audit makers")
    ada = g.random(n) < share
    x = g.standard_normal((n, 12)) / 3.0
    x[:, 0] += np.where(ada, apart, -apart)
    names = [("Bo", "Ada")[int(one)] for one in ada]
    return Described(x, [{"maker": name, "born": {"Ada": "1830", "Bo": "1840"}[name]} for name in names])


def found(takes: Floats, seed: int = 0, train: Described | None = None, held: int = 200) -> Section:
    learned = train or works(100 + seed, 400, 0.5)
    sizes: Sequence[tuple[dict[str, str], int]] = [(dict(row), 10) for row in learned.about]
    return bias(takes, learned, works(200 + seed, held, 0.5), sizes, seed=seed)


def test_takes_that_leave_a_maker_out_are_found_with_the_size_of_it() -> None:
    for seed in range(5):
        section = found(works(seed, 120, 0.1).features, seed)
        rows = {row.name: row for row in section.rows}
        assert section.verdict == "concern" and "maker: Ada" in section.answer
        figure = rows["maker: Ada"].figure
        assert figure is not None and figure.low <= 0.14 and figure.high < 0.4
        assert "less often" in rows["maker: Ada"].sentence and "more often" in rows["maker: Bo"].sentence


def test_takes_that_keep_the_shares_are_hardly_ever_accused() -> None:
    accused = sum(found(works(seed, 120, 0.5).features, seed).verdict == "concern" for seed in range(10))
    assert accused <= 3  # one audit in ten, and 1 % of simulations are left out at this bound


def test_the_share_of_the_collection_is_counted_by_what_was_learned_from() -> None:
    learned = works(5, 400, 0.5)
    sizes = [(dict(row), 30 if row["maker"] == "Ada" else 10) for row in learned.about]
    section = bias(works(6, 100, 0.5).features, learned, works(7, 200, 0.5), sizes, seed=1)
    floor = next(row.floor for row in section.rows if row.name == "maker: Ada")
    ada = sum(row["maker"] == "Ada" for row in learned.about)
    assert floor is not None and floor.value == pytest.approx(30 * ada / (30 * ada + 10 * (400 - ada)))


def test_what_divides_works_as_makers_do_is_said_once() -> None:
    assert not [row for row in found(works(1, 120, 0.5).features).rows if row.name.startswith("born")]


def test_small_groups_and_equal_works_are_said() -> None:
    section = found(works(1, 120, 0.5).features, held=30)
    assert section.verdict == "unknown"
    assert "Too few: under 20 held-out examples of maker " in section.rows[-1].sentence
    one = works(1, 100, 1.1)
    assert (
        found(works(2, 60, 1.1).features, train=one).rows[0].sentence.startswith("All works have maker Ada")
    )
    bare = Described(one.features, [{} for _ in one.about])
    assert found(one.features, train=bare).rows[0].verdict == "unknown"


def test_manners_that_cannot_be_told_apart_give_no_number() -> None:
    rows = bias(
        works(1, 120, 0.5, 0.0).features,
        learned := works(2, 400, 0.5, 0.0),
        works(3, 200, 0.5, 0.0),
        [(dict(row), 1) for row in learned.about],
        seed=0,
    ).rows
    assert all(
        row.verdict == "unknown" and row.figure is None and "cannot be told" in row.sentence for row in rows
    )
