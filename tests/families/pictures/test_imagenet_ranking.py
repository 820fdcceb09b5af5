"""Other eyes' regression: it finds the direction that tells works from takes, whatever their number, and says
how well on unseen ones."""

from __future__ import annotations

import numpy as np
import pytest

from etude.families.pictures.learn.imagenet_ranking import _share, logistic
from etude.rng import for_


def clouds(n: int, m: int, apart: float, d: int = 12) -> tuple[np.ndarray, np.ndarray]:
    g = for_(n, "clouds", m)
    a, b = g.standard_normal((n, d)), g.standard_normal((m, d))
    a[:, 0] += apart
    return a, b


@pytest.mark.parametrize(("n", "m"), [(400, 400), (400, 80)])
def test_it_finds_what_differs(n: int, m: int) -> None:
    a, b = clouds(n, m, 2.0)
    w = logistic(a, b, 0.05)
    assert w.shape == (12,) and w[0] > 0.9 * np.linalg.norm(w)


def test_the_penalty_makes_it_careful() -> None:
    a, b = clouds(200, 200, 2.0)
    assert np.linalg.norm(logistic(a, b, 1.0)) < 0.5 * np.linalg.norm(logistic(a, b, 0.01))


def test_what_cannot_be_told_apart_is_a_coin_toss() -> None:
    a, b = clouds(300, 300, 0.0)
    same = _share(a[:, 0], b[:, 0], 1)
    assert same["low"] <= 0.5 <= same["high"] and same["n"] == 300
    told = _share(a[:, 0] + 4.0, b[:, 0], 1)
    assert told["low"] > 0.95 and told["low"] <= told["value"] <= told["high"] <= 1.0
