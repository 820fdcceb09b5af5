"""The interval of a share: against a search for the shares that a normal test would not reject."""

from __future__ import annotations

import numpy as np
import pytest

from etude.stats.figure import Z90, wilson


@pytest.mark.parametrize(("hits", "n"), [(0, 8), (1, 8), (5, 8), (8, 8), (3, 100), (97, 100)])
def test_a_share_has_the_interval_of_the_shares_that_are_not_rejected(hits: int, n: int) -> None:
    p = np.linspace(0, 1, 200_001)[1:-1]
    inside = p[np.abs(hits / n - p) <= Z90 * np.sqrt(p * (1 - p) / n)]
    middle, half = wilson(hits / n, n)
    assert middle - half == pytest.approx(inside.min(), abs=2e-5)
    assert middle + half == pytest.approx(inside.max(), abs=2e-5)
