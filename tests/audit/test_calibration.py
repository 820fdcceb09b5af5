"""Every test of an audit is right about as often as it says: false alarms at its nominal level, what is
planted is found. Few runs here, with bounds that chance breaks once in a thousand times; many in
`bench/calibration.py`."""

from __future__ import annotations

import math

import numpy as np
import pytest

from etude.config.audit import AUDIT
from tests.audit import simulated
from tests.families.pictures.small_pictures import settings


def at_most(level: float, runs: int) -> int:
    """So many false alarms of `runs` at a level are exceeded once in a thousand times."""
    total, k = 0.0, -1
    while total < 0.999:
        k += 1
        total += math.comb(runs, k) * level**k * (1 - level) ** (runs - k)
    return k


def test_sets_of_one_kind_are_called_different_as_seldom_as_is_said() -> None:
    found = np.array([simulated.told_apart(seed, draws=60) for seed in range(60)])
    assert ((found <= 0.05).sum(0) <= at_most(0.05, 60)).all()
    assert 0.3 < np.median(found) < 0.7  # and p-values are spread as chance spreads them


def test_takes_of_few_kinds_are_told_apart() -> None:
    found = np.array([simulated.told_apart(seed, "few", draws=60) for seed in range(6)])
    assert (found <= 0.05).all()


def test_blends_are_caught_and_fresh_takes_are_not() -> None:
    with settings(AUDIT, relabelled=200):
        assert sum(simulated.accused_of_blends(seed, "blends") for seed in range(20)) >= 19
        assert sum(simulated.accused_of_blends(seed) for seed in range(60)) <= at_most(0.05, 60)
        assert sum(simulated.accused_of_blends(seed, "few") for seed in range(40)) <= at_most(0.05, 40)


def test_fresh_takes_are_called_copies_as_seldom_as_is_said() -> None:
    assert sum(simulated.accused_of_copies(seed) for seed in range(150)) <= at_most(0.05, 150)


def test_a_planted_share_of_copies_is_estimated_within_a_point() -> None:
    found = [simulated.copied_share(seed, 0.02) for seed in range(60)]
    assert abs(float(np.mean(found)) - 0.02) < 0.01


def test_counts_of_passages_of_few_works_accuse_as_seldom_as_is_said() -> None:
    assert sum(simulated.counted_differs(seed) <= 0.05 for seed in range(300)) <= at_most(0.05, 300)
    assert sum(simulated.counted_differs(seed, 1.0) <= 0.01 for seed in range(20)) >= 18


@pytest.mark.parametrize("truth", [0.1, 0.3])
def test_intervals_of_corrected_shares_hold_the_truth(truth: float) -> None:
    held = sum(simulated.share_held(seed, truth, 0.9, 0.8) for seed in range(200))
    assert 0.9 <= held / 200 <= 0.995


def test_a_mark_is_found_and_none_where_there_is_none() -> None:
    key = "5eed"
    assert sum(simulated.marked(seed, 0.7, 200, key) <= 1e-3 for seed in range(20)) >= 18
    assert sum(simulated.marked(seed, 0.7, 200) <= 1e-3 for seed in range(20)) == 0
