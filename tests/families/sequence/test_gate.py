"""The gate learns to trust whoever was right, and no weight goes to a component that says nothing."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from etude.families.sequence import components, gate
from tests.families.sequence import small_models as small

K = 2
C, F = 2 * K + 3, components.features(K)


def data(n: int = 4000) -> gate.ScoredDecisions:
    """The second view is right where its first feature is high; the network is right elsewhere; the third
    component is absent."""
    g = np.random.default_rng(0)
    feat = g.normal(0, 1, (n, F)).astype(np.float32)
    knows = feat[:, components.OF_NETWORK] > 0
    p = np.full((n, C), 0.05, np.float32)
    p[:, 0] = np.where(knows, 0.05, 0.7)
    p[:, 2] = np.where(knows, 0.9, 0.02)
    has = np.ones((n, C), np.uint8)
    has[:, 3] = 0
    p[:, 3] = 0.0
    return gate.ScoredDecisions(p, has, feat, np.arange(n, dtype=np.int32) // 500)


def cost(g: components.Gate, d: gate.ScoredDecisions) -> float:
    z = np.where(d.has == 1, np.tanh(d.feat @ g.w1 + g.b1) @ g.w2 + g.b2, -1e9)
    w = np.exp(z - z.max(1, keepdims=True))
    return float(-np.log((w / w.sum(1, keepdims=True) * d.p).sum(1)).mean())


def test_fitting_lowers_the_cost_and_says_the_cost() -> None:
    d, first = data(), gate.initial(K)
    fitted, said = small._FIT(first, d, seed=1, steps=150)
    assert cost(fitted, d) < 0.6 < cost(first, d)
    assert abs(said - cost(fitted, d)) < 1e-3
    again, _ = small._FIT(first, d, seed=1, steps=150)
    assert all((a == b).all() for a, b in zip(fitted, again, strict=True))


def test_the_compiled_gate_gives_the_weights_of_the_fitted_one_and_nothing_to_the_absent() -> None:
    d = data(64)
    g, _ = small._FIT(gate.initial(K), d, seed=1, steps=20)
    for i in range(64):
        has = np.random.default_rng(i).integers(0, 2, C).astype(np.uint8)
        has[0] = 1
        unit, w = np.zeros(gate.UNITS, np.float32), np.zeros(C, np.float32)
        s = SimpleNamespace(has=has, feat=d.feat[i], unit=unit, w=w)
        components.weigh.py_func(g, s, 0.0)
        z = np.where(has == 1, np.tanh(d.feat[i] @ g.w1 + g.b1) @ g.w2 + g.b2, -np.inf)
        w = np.exp(z - z.max())
        assert np.allclose(s.w, w / w.sum(), atol=1e-5)
        assert (s.w[has == 0] == 0).all()


def few(works: int, seed: int, helpful: float) -> gate.ScoredDecisions:
    """Sixty decisions of each work, whose memory is right only in the share `helpful` of them; features tell
    nothing of it, as with works that are like no other."""
    g = np.random.default_rng(seed)
    n = 60 * works
    feat = g.normal(0, 1, (n, F)).astype(np.float32)
    feat[:, gate.GROWS] = np.arange(n) % 2
    right = g.random(n) < helpful
    p = np.full((n, C), 0.02, np.float32)
    p[:, 0] = 0.4
    p[right, 2] = 0.95
    return gate.ScoredDecisions(p, np.ones((n, C), np.uint8), feat, np.arange(n, dtype=np.int32) // 60)


def test_of_few_works_nothing_is_learned_by_heart_and_a_memory_of_no_use_is_left_out() -> None:
    unseen = few(40, 9, 0.02)
    alone = float(-np.log(unseen.p[:, 0]).mean())
    for seed in range(2):
        loud, _ = small._FIT(gate.initial(K), few(4, seed, 0.02), seed=1)
        quiet, _ = small._FIT(gate.initial(K), few(4, seed, 0.02), seed=1, may_be_silent=True)
        assert cost(loud, unseen) < alone + 0.15, "fitted to four works without a look at others: + 0.3"
        assert cost(quiet, unseen) < alone + 0.001


def test_of_few_works_a_memory_that_helps_stays() -> None:
    unseen = few(40, 9, 0.8)
    kept, _ = small._FIT(gate.initial(K), few(4, 1, 0.8), seed=1, may_be_silent=True)
    assert cost(kept, unseen) < 0.75 * float(-np.log(unseen.p[:, 0]).mean())


def test_folds_are_whole_works_of_like_size_or_stretches_of_one() -> None:
    work = np.repeat(np.arange(7, dtype=np.int32), (100, 90, 80, 30, 20, 10, 5))
    feat = np.zeros((len(work), F), np.float32)
    feat[:, gate.GROWS] = np.arange(len(work)) % 2
    p, has = np.full((len(work), C), 0.5, np.float32), np.ones((len(work), C), np.uint8)
    folds = gate._folds(gate.ScoredDecisions(p, has, feat, work))
    assert all(len(set(folds[work == w])) == 1 for w in range(7))
    assert set(folds) == set(range(5)) and min(np.bincount(folds)) >= 30
    one = gate._folds(gate.ScoredDecisions(p, has, feat, np.zeros(len(work), np.int32)))
    assert set(one) == set(range(5)) and max(np.bincount(one)) - min(np.bincount(one)) <= 2
    assert (one[0::2][:-1] == one[1::2]).mean() > 0.95, "the same stretch, frozen and growing"


def test_of_a_decision_or_two_nothing_is_fitted() -> None:
    whole = few(1, 0, 0.5)
    for n in (1, 2):
        some = gate.ScoredDecisions(whole.p[:n], whole.has[:n], whole.feat[:n], whole.work[:n])
        fitted, said = small._FIT(gate.initial(K), some, seed=1, may_be_silent=True)
        assert all(np.array_equal(a, b) for a, b in zip(fitted, gate.initial(K), strict=True))
        assert abs(said - cost(fitted, some)) < 1e-3
