"""The corrected share: its interval holds the truth about as often as it says, where the uncorrected one
hardly ever does (the cases of the field notes: sensitivity 0.9, specificity 0.8)."""

from __future__ import annotations

import numpy as np
import pytest

from etude.rng import for_
from etude.stats.figure import wilson
from etude.stats.prevalence import Counted, share


def counted(g: np.random.Generator, truth: float, sensitivity: float, specificity: float, n: int) -> Counted:
    so = g.random(n) < truth
    positive = np.where(so, g.random(n) < sensitivity, g.random(n) >= specificity)
    return Counted(
        int(positive.sum()), n, int(g.binomial(100, sensitivity)), 100, int(g.binomial(100, specificity)), 100
    )


@pytest.mark.parametrize("truth", [0.1, 0.3, 0.5])
def test_the_interval_holds_the_truth_about_as_often_as_it_says(truth: float) -> None:
    g = for_(7, "prevalence", int(100 * truth))
    runs, held, naive, middle = 300, 0, 0, []
    for seed in range(runs):
        one = counted(g, truth, 0.9, 0.8, 500)
        value, low, high = share(one, seed=seed, draws=800)
        held += low <= truth <= high
        middle.append(value)
        center, half = wilson(one.positive / one.n, one.n)
        naive += center - half <= truth <= center + half
    assert 0.86 <= held / runs <= 0.95  # a 90 % interval
    assert naive / runs < 0.5
    assert abs(float(np.mean(middle)) - truth) < 0.02


def test_a_perfect_classifier_changes_nothing_and_a_guessing_one_says_nothing() -> None:
    value, low, high = share(Counted(30, 100, 500, 500, 500, 500), seed=1)
    assert value == pytest.approx(0.3) and 0.2 < low < 0.3 < high < 0.4
    guess = Counted(50, 100, 50, 100, 50, 100)
    assert guess.tells == 0.0
    _, low, high = share(guess, seed=1)
    assert low < 0.05 and high > 0.95


def test_a_wider_interval_holds_a_narrower_one() -> None:
    one = Counted(40, 100, 80, 100, 90, 100)
    _, low, high = share(one, seed=2)
    _, lower, higher = share(one, seed=2, tail=0.001)
    assert lower < low < high < higher
