"""Even picks and conformal p-values keep what they promise, whatever the numbers."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

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
