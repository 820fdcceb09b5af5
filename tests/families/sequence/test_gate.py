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
    return gate.ScoredDecisions(p, has, feat)


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
