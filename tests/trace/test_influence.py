"""Attribution by each way finds what it must, a way is shown only once it has passed, and shares have honest
intervals."""

from __future__ import annotations

import numpy as np
import pytest

from etude.rng import for_
from etude.stats.lds import Lds
from etude.trace import influence
from etude.trace.influence import CHANCE, COSINE, GRADIENTS, LIKENESS, SIZE, Passages, TraceTest

G, EACH, D = 6, 20, 16


def planted(seed: int) -> tuple[Passages, np.typing.NDArray[np.float64]]:
    """Passages of six groups about six centres, and a content of each group."""
    g = for_(seed, "influence test")
    centres = g.standard_normal((G, D))
    group = np.repeat(np.arange(G), EACH)
    rows = centres[group] + 0.3 * g.standard_normal((G * EACH, D))
    contents = centres + 0.3 * g.standard_normal((G, D))
    return Passages(group, np.full(len(group), 10.0), rows, rows), contents


@pytest.mark.parametrize("way", [GRADIENTS, LIKENESS, COSINE])
def test_each_way_finds_the_group_that_a_content_is_of(way: str) -> None:
    of, contents = planted(1)
    scores = influence.by_group(influence.by_passage(way, contents, contents, of), of, G)
    assert scores.argmax(1).tolist() == list(range(G))


@pytest.mark.parametrize("way", [SIZE, CHANCE])
def test_the_floors_do_not(way: str) -> None:
    of, contents = planted(1)
    scores = influence.by_group(influence.by_passage(way, contents, contents, of), of, G)
    assert scores.argmax(1).tolist() != list(range(G))


def rows(**values: tuple[float, float]) -> dict[str, tuple[Lds, Lds]]:
    return {
        way.replace("_", " "): (Lds(0.9, 0.8, 1.0, 0.01), Lds(v, low, v + 0.1, 0.01))
        for way, (v, low) in values.items()
    }


def test_a_way_is_shown_only_where_the_interval_of_what_is_each_contents_own_excludes_0() -> None:
    assert influence.tested(rows(gradients=(0.5, 0.2), likeness=(0.3, 0.1)))[1] == GRADIENTS
    assert influence.tested(rows(gradients=(0.5, -0.01), likeness=(0.3, 0.1)))[1] == LIKENESS
    assert influence.tested(rows(gradients=(0.5, -0.01)))[1] == ""
    assert influence.tested(rows(cosine=(0.9, 0.8)))[1] == ""  # a yardstick, never shown


def test_what_came_of_a_test_is_said_and_comes_back() -> None:
    found, way = influence.tested(rows(gradients=(0.2, -0.1)))
    one = TraceTest("m-1", "maker", ("a", "b"), 16, "20s", 24, found, way, 60.0, "2026-12-01")
    assert one.best is None and "not established" in one.sentence
    assert influence.restored(one.to_json()) == one


def test_shares_are_of_groups_that_count_above_nothing() -> None:
    of, contents = planted(2)
    row = influence.by_passage(LIKENESS, contents[:1], contents[:1], of)[0]
    found = influence.shares(row, of, tuple("abcdef"), seed=0)
    assert found[0].group == "a" and found[0].share.low > 0.5 and found[0].share.n == EACH
    for seed in range(20):
        noise = for_(seed, "influence noise").standard_normal(len(of.group))
        named = influence.shares(noise, of, tuple("abcdef"), seed=seed)
        assert len(named) <= 3  # each of six by chance in one of twenty
