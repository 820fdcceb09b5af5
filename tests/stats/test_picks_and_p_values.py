"""Even picks and conformal p-values keep what they promise, whatever the numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etude import rng
from etude.stats import conformal
from etude.stats.conformal import p_each, p_value, p_values
from etude.stats.evenly import evenly


@given(st.integers(0, 5000), st.integers(1, 300))
def test_even_picks_are_few_apart_and_reach_both_ends(n: int, most: int) -> None:
    picks = evenly(n, most)
    assert len(picks) == min(n, most) and (np.diff(picks) > 0).all()
    if n and most > 1:
        assert picks[0] == 0 and picks[-1] == n - 1
        assert len(picks) == 1 or np.ptp(np.diff(picks)) <= 1


VALUES = st.lists(st.floats(-10, 10), max_size=40)


@given(st.floats(-10, 10), VALUES)
def test_p_values_are_the_share_that_is_at_least_as_unusual(score: float, usual: list[float]) -> None:
    p = p_value(score, usual)
    assert p == (1 + sum(one >= score for one in usual)) / (len(usual) + 1)
    assert p_values([score], usual).tolist() == [p]
    assert p_each(np.array([score]), np.array(usual)[:, None].reshape(-1, 1)).tolist() == [p]


def test_under_exchangeability_a_level_is_kept() -> None:
    g = np.random.Generator(np.random.Philox(1))
    below = [p_value(x[0], x[1:]) <= 0.1 for x in g.normal(size=(4000, 40))]
    assert 0.08 < np.mean(below) < 0.12


def test_how_many_flags_chance_allows_is_exact() -> None:
    """By hand: of one case and one held out each order is as likely; and by counting orders of more."""
    assert conformal.as_many(1, 1, 1, 0.5) == pytest.approx(0.5)
    assert conformal.as_many(0, 5, 40, 0.05) == pytest.approx(1.0)
    assert conformal.as_many(1, 10, 18, 0.05) == 1.0  # with 18 held out no p-value is so small
    n, held, m = 8, 39, 2  # alpha 0.05: above the second largest of 39
    g = rng.for_(4, "orders")
    counts = []
    for _ in range(4000):
        order = g.permutation(n + held)
        usual = np.sort(order[n:])[-m]
        counts.append(int((order[:n] > usual).sum()))
    for k in (1, 2, 3):
        simulated = float((np.array(counts) >= k).mean())
        assert conformal.as_many(k, n, held, 0.05) == pytest.approx(simulated, abs=0.025)
