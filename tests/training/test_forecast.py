"""A forecast finds a curve that it can know, within the interval it names, and says nothing where it cannot
know."""

from __future__ import annotations

import math

import numpy as np
import pytest

from etude.training.forecast import MIN_POINTS, forecast


def curve(t: np.ndarray, a: float, b: float, c: float) -> np.ndarray:
    return a + b * t**-c


@pytest.mark.parametrize("a,b,c", [(1.8, 2.0, 0.5), (0.4, 3.0, 0.9), (2.0, 0.8, 0.3)])
def test_a_known_curve_comes_back_exactly(a: float, b: float, c: float) -> None:
    t = np.linspace(25, 300, 12)
    f = forecast(t.tolist(), curve(t, a, b, c).tolist(), 450)
    assert f is not None
    assert f.value == pytest.approx(curve(np.array([450.0]), a, b, c)[0], abs=0.01)
    assert f.gain == pytest.approx(curve(t, a, b, c)[-1] - f.value, abs=0.01) and f.gain_low > 0


def test_with_noise_the_truth_lies_within_the_interval() -> None:
    t = np.linspace(25, 300, 12)
    hits = widths = 0.0
    for seed in range(12):
        noise = np.random.default_rng(seed).normal(0, 0.01, 12)
        f = forecast(t.tolist(), (curve(t, 1.8, 2.0, 0.5) + noise).tolist(), 450, seed=seed)
        assert f is not None and f.low <= f.value <= f.high
        hits += f.low <= curve(np.array([450.0]), 1.8, 2.0, 0.5)[0] <= f.high
        widths += f.high - f.low
    assert hits >= 10 and widths / 12 < 0.15


def test_a_curve_that_turned_up_promises_no_gain() -> None:
    t = np.linspace(25, 300, 12)
    f = forecast(t.tolist(), (2.0 + 0.001 * t).tolist(), 450)
    assert f is not None and f.gain < 0 and f.gain_low <= 0


def test_where_too_little_is_known_nothing_is_said() -> None:
    times = np.linspace(50, 300, MIN_POINTS)
    t, y = times.tolist(), curve(times, 1.8, 2.0, 0.5).tolist()
    assert forecast(t, y, 450) is not None
    assert forecast(t[:-1], y[:-1], 400) is None
    assert forecast(t, y, 601) is None  # more than twice the time seen
    assert forecast([], [], 10) is None


def test_without_unseen_works_nothing_is_foretold() -> None:
    t = np.linspace(50, 300, 8).tolist()
    assert forecast(t, [math.nan] * 8, 450) is None
