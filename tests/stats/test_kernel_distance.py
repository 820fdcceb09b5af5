"""Kernel distances and coverage beside the same figures worked out pair by pair."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etude.stats.figure import Figure
from etude.stats.kernel_distance import coverage, kid, kid_interval, scaled


def normal(seed: int, *shape: int) -> npt.NDArray[np.float64]:
    return np.random.Generator(np.random.Philox(seed)).normal(size=shape)


def by_pairs(real: npt.NDArray[np.float64], made: npt.NDArray[np.float64]) -> float:
    """The unbiased squared MMD under the cubic kernel (Binkowski et al. 2018, eq. 4), one pair at a time."""

    def kernel(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> float:
        return float((sum(a * b for a, b in zip(x, y, strict=True)) / len(x) + 1) ** 3)

    rr = [kernel(x, y) for x, y in permutations(real, 2)]
    mm = [kernel(x, y) for x, y in permutations(made, 2)]
    rm = [kernel(x, y) for x, y in product(real, made)]
    return float(np.mean(rr) + np.mean(mm) - 2 * np.mean(rm))


@given(st.integers(2, 6), st.integers(2, 6), st.integers(1, 4), st.integers(0, 99))
def test_the_kernel_distance_is_the_mean_over_pairs_of_different_members(
    n: int, m: int, d: int, seed: int
) -> None:
    real, made = normal(seed, n, d), normal(seed + 100, m, d) + 0.5
    assert kid(real, made) == pytest.approx(by_pairs(real, made), abs=1e-9)


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    def sets(seed: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        return normal(seed, 30, 3), normal(seed + 1000, 40, 3) + 0.5

    values = [kid(*sets(seed)) for seed in range(300)]
    truth = np.mean(values)
    holds, widths = [], []
    for seed in range(60):
        value, low, high = kid_interval(*sets(seed), seed=seed, draws=60)
        assert low < value < high and value == values[seed]
        holds.append(low <= truth <= high)
        widths.append(high - low)
    assert 0.8 < np.mean(holds) < 0.98
    assert np.median(widths) == pytest.approx(np.subtract(*np.quantile(values, [0.95, 0.05])), rel=0.25)


def test_the_interval_is_the_seeds_own_and_small_sets_have_one() -> None:
    real, made = normal(1, 12, 3), normal(2, 9, 3)
    assert kid_interval(real, made, seed=3) == kid_interval(real, made, seed=3)
    assert kid_interval(real, made, seed=3) != kid_interval(real, made, seed=4)
    assert np.isfinite(kid_interval(real[:3], made[:2], seed=0)).all()
    few = np.arange(9.0).reshape(3, 3) / 9
    assert kid_interval(few, few[:, ::-1] ** 2, seed=3) == pytest.approx(
        [-0.102739735, -0.82959423, 1.054686109]
    )  # as in stored models


@given(st.integers(2, 12), st.integers(1, 8), st.integers(1, 6), st.integers(0, 99))
def test_coverage_counts_works_with_a_take_within_the_distance_of_their_kth_work(
    n: int, m: int, k: int, seed: int
) -> None:
    real, made = normal(seed, n, 2), normal(seed + 100, m, 2)
    covered = 0
    for i, work in enumerate(real):
        others = sorted(float(np.linalg.norm(work - other)) for j, other in enumerate(real) if j != i)
        covered += min(float(np.linalg.norm(work - take)) for take in made) <= others[min(k, n - 1) - 1]
    assert coverage(real, made, k) == pytest.approx(covered / n)


def test_sets_are_scaled_by_the_reference_alone_and_a_feature_that_never_varies_does_no_harm() -> None:
    reference = normal(1, 200, 3) * [2.0, 5.0, 0.0] + [1.0, -3.0, 7.0]
    own, other = scaled(reference, reference + np.array([2.0, 5.0, 1.0]))
    assert np.allclose(own.mean(0), 0, atol=1e-9) and np.allclose(own.std(0)[:2], 1, atol=0.01)
    assert np.allclose((other - own).mean(0)[:2], 1, atol=0.1)
    assert (other - own)[:, 2].min() > 1 and (own[:, 2] == own[0, 2]).all()
    assert np.isfinite(own).all() and np.isfinite(scaled(np.ones((4, 2)))[0]).all()


def test_a_figure_is_stored_under_its_own_names() -> None:
    data = {"value": 1.0, "low": 0.5, "high": 1.5, "n": 38, "unit": "bits"}
    assert Figure(**data).to_json() == data  # type: ignore[arg-type]
