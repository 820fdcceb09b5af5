"""The tree of symbols: every token that may be drawn is reached, by decisions that multiply to its
probability."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etude.families.sequence import symbol_tree
from tests.families.sequence import small_models as small


def walk(t: symbol_tree.Tree, rank: int) -> list[tuple[int, int]]:
    """(node, edge) of every decision of a token."""
    node, steps = 0, []
    while node >= 0:
        e = symbol_tree.edge_of.py_func(t, node, rank)
        steps.append((node, int(e)))
        node = int(t.child[e])
    return steps


def check(t: symbol_tree.Tree, paths: list[tuple[int, ...]], drawn: list[bool], seed: int) -> None:
    p = np.random.default_rng(seed).dirichlet(np.ones(len(t.order)))
    cum = np.concatenate([[0.0], np.cumsum(p)])
    assert sorted(t.order.tolist()) == [v for v, d in enumerate(drawn) if d]
    for v, path in enumerate(paths):
        r = int(t.rank[v])
        if not drawn[v]:
            assert r == -1
            continue
        assert t.order[r] == v
        product, symbols = 1.0, []
        for node, e in walk(t, r):
            product *= (cum[t.edge_hi[e]] - cum[t.edge_lo[e]]) / (cum[t.hi[node]] - cum[t.lo[node]])
            symbols.append(int(t.symbol[e]))
        assert product == pytest.approx(p[r], rel=1e-9)
        if path:
            assert tuple(s for s in symbols if s != t.end) == tuple(path)
            assert t.end not in symbols[:-1]
        else:
            assert len(symbols) == 1 and symbols[0] > t.end  # a symbol of its own, which no other token has
    for m in range(len(t.lo)):
        e0, e1 = int(t.first[m]), int(t.first[m + 1])
        assert t.edge_lo[e0] == t.lo[m] and t.edge_hi[e1 - 1] == t.hi[m]
        assert (t.edge_lo[e0 + 1 : e1] == t.edge_hi[e0 : e1 - 1]).all()  # children share out the whole node
        assert len(set(t.symbol[e0:e1].tolist())) == e1 - e0


@given(
    st.lists(st.lists(st.integers(0, 3), max_size=4).map(tuple), min_size=1, max_size=40, unique=True),
    st.integers(0, 3),
    st.data(),
)
def test_decisions_multiply_to_the_token_and_reach_every_one(
    paths: list[tuple[int, ...]], bare: int, data: st.DataObject
) -> None:
    paths = [*paths, *[()] * bare]
    drawn = data.draw(st.lists(st.booleans(), min_size=len(paths), max_size=len(paths)).filter(any))
    check(symbol_tree.build(paths, 4, drawn=drawn), paths, drawn, len(paths))


def test_a_codec_of_text_has_such_a_tree() -> None:
    codec, t = small.text_tree()
    drawn = [v != codec.bos for v in range(codec.vocab)]
    check(t, list(codec.paths), drawn, 1)
    assert t.n_symbols >= 257


def test_tokens_of_music_are_one_decision() -> None:
    t = symbol_tree.build([(v,) for v in range(20)], 20, drawn=[v != 0 for v in range(20)])
    assert len(t.lo) == 1 and all(len(walk(t, r)) == 1 for r in range(19))
