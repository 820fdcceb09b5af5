"""LDS finds what foretells and is not taken in by chance."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from etude.rng import for_
from etude.stats import lds as module
from etude.stats.lds import apart, lds

Q, G, M = 12, 8, 16


def halves(seed: int) -> npt.NDArray[np.bool_]:
    g = for_(seed, "lds test")
    return np.array([np.isin(np.arange(G), g.permutation(G)[: G // 2]) for _ in range(M)])


def test_what_foretells_is_found() -> None:
    for seed in range(5):
        g, half = for_(seed, "lds"), halves(seed)
        scores = g.standard_normal((Q, G))
        kept = scores @ half.T + 0.5 * g.standard_normal((Q, M))
        found = lds(scores, half, kept, seed=seed)
        assert found.holds and found.low > 0.5 and found.low <= found.value <= found.high


def test_chance_passes_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DRAWS", 100)
    passed = 0
    for seed in range(60):
        g, half = for_(seed, "lds chance"), halves(seed)
        common = g.standard_normal((1, M))  # the halves' own fortune, which all contents share
        kept = common + g.standard_normal((Q, M))
        passed += lds(g.standard_normal((Q, G)), half, kept, seed=seed).holds
    assert passed <= 7  # one of twenty; 1 % of such runs exceed this bound


def test_one_score_for_all_contents_is_not_sure_of_itself() -> None:
    """Where all contents follow the halves alike, a score that ranks groups by chance passes seldom: the
    halves are drawn anew, too."""
    passed = 0
    for seed in range(30):
        g, half = for_(seed, "lds shared"), halves(seed)
        kept = np.repeat(g.standard_normal((1, M)), Q, 0) + 0.1 * g.standard_normal((Q, M))
        passed += lds(np.repeat(g.standard_normal((1, G)), Q, 0), half, kept, seed=seed).holds
    assert passed <= 5


def test_nothing_that_differs_correlates_with_nothing() -> None:
    found = lds(np.ones((Q, G)), halves(0), np.ones((Q, M)), seed=0)
    assert found.value == 0.0 and not found.holds


def test_what_all_contents_have_in_common_foretells_nothing_of_their_own() -> None:
    """Sizes of groups foretell that a half with more does better on everything: true, and no influence."""
    passed = 0
    for seed in range(20):
        g, half = for_(seed, "lds sizes"), halves(seed)
        sizes = g.lognormal(0, 1, G)
        scores = np.repeat(sizes[None], Q, 0) * (1 + 0.1 * g.standard_normal((Q, G)))
        kept = np.repeat((half @ sizes)[None], Q, 0) + 0.3 * g.standard_normal((Q, M))
        assert lds(scores, half, kept, seed=seed).holds
        own, came = apart(scores, kept)
        passed += lds(own, half, came, seed=seed).holds
    assert passed <= 4
