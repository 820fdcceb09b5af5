"""The mixture is a distribution, its shares are shares, and `borrow` goes from the network alone to the
memory alone."""

from __future__ import annotations

from unittest.mock import patch

import numpy as np
import pytest

from etude.families.sequence import marking, mixing, sampling_kernel, symbol_tree
from etude.families.sequence.history import History
from etude.families.sequence.make.drawing import lift_of
from etude.families.sequence.model import SequenceModel
from tests.families.sequence import small_models as small

LINE = "The moon was low above the sea,\nand every bell was still; "


def logits_of(model: SequenceModel, seed: int = 0, scale: float = 2.0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, scale, model.codec.vocab).astype(np.float32)


def ready(model: SequenceModel, grow: bool, text: str = LINE) -> History:
    """A history that stands after the text."""
    s = model.history(grow=grow)
    tokens = model.codec.encode(text).tokens[1:-1]
    feed(model, s, tokens)
    return s


def feed(model: SequenceModel, s: History, tokens: np.ndarray) -> None:
    side = np.zeros((len(tokens), 1), np.int16)
    sampling_kernel.feed(
        tokens, side, model.tree, model.memory.counts, s.doc.counts, s.doc.views, s.grow, s.scratch
    )


def probability(model: SequenceModel, s: History, p: np.ndarray, token: int) -> float:
    """Of one token, by its walk; the history is used up."""
    reader = model.reader(np.array([token], np.int32), np.zeros((1, 1), np.int16), grow=s.grow)
    reader.history = s
    reader.read(0, p[None])
    return float(np.exp(-reader.nats[0]))


def softmax_of(model: SequenceModel, logits: np.ndarray) -> np.ndarray:
    x = np.exp(logits[model.tree.order].astype(np.float64))
    shares: np.ndarray = (x / x.sum()).astype(np.float32)
    return shares


@pytest.mark.parametrize("grow", [False, True])
def test_at_every_decision_weights_and_mixture_sum_to_one(grow: bool) -> None:
    model = small.model("text")
    t, stat = model.tree, model.memory.counts
    s = model.history(grow=grow)
    side = np.zeros(1, np.int16)
    present: set[int] = set()
    for i, token in enumerate(model.codec.encode(LINE * 2).tokens[1:-1].tolist()):
        mixing.network_row(softmax_of(model, logits_of(model, i)), s.scratch)
        node, depth = 0, 0
        while node >= 0:
            n = mixing.decide(
                t, node, depth, side, stat, s.doc.counts, s.doc.views, grow, model.gate, 0.0, s.scratch
            )
            x = s.scratch
            assert x.mix[:n].sum() == pytest.approx(1, abs=2e-6)
            assert x.w.sum() == pytest.approx(1, abs=2e-6) and (x.w >= 0).all()
            assert (x.w[x.has == 0] == 0).all()
            for c in np.flatnonzero(x.has):
                assert x.p[c, :n].sum() == pytest.approx(1, abs=2e-6)
            present |= set(np.flatnonzero(x.has).tolist())
            e = int(symbol_tree.edge_of(t, node, int(t.rank[token])))
            mixing.advance(t, e, depth, stat, s.doc.counts, grow, s.scratch)
            node, depth = int(t.child[e]), depth + 1
    k = len(model.codec.views)
    assert set(range(k + 1)) <= present
    assert (max(present) > k + 1) == grow  # the text's own memory speaks where it grows only


@pytest.mark.parametrize("grow", [False, True])
def test_the_tokens_share_out_the_whole_probability(grow: bool) -> None:
    model = small.model("text")
    p = softmax_of(model, logits_of(model))
    total = sum(probability(model, ready(model, grow, LINE[:20]), p, int(v)) for v in model.tree.order)
    assert total == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("medium", ["text", "music"])
def test_posterior_shares_sum_to_one(medium: str) -> None:
    model = small.model(medium)
    content = LINE * 2 if medium == "text" else small.tune(77)
    e = model.codec.encode(content)
    _, own, trail = model.read(e, model.condition_row(), grow=True, trail=True)
    assert trail is not None and len(trail.post) >= len(e.tokens) // 2
    assert np.allclose(trail.post.sum(1), 1, atol=1e-5) and (trail.post >= 0).all()
    for t in np.unique(trail.token):
        assert trail.post[trail.token == t, 0].mean() == pytest.approx(own[t], abs=1e-5)


def test_borrow_nothing_is_the_network_alone() -> None:
    model = small.model("text")
    e = model.codec.encode(LINE)
    nats, own, _ = model.read(e, model.condition_row(), grow=True, lift=lift_of(0.0))
    assert np.allclose(own, 1, atol=1e-9)
    side = model.with_conditions(e.side, model.condition_row())
    alone = np.zeros(len(e.tokens))
    for at, rows in model.network_rows(e.tokens, side):
        r = model.tree.rank[e.tokens[at : at + len(rows)]]
        alone[at : at + len(rows)] = -np.log(rows[np.arange(len(rows)), np.maximum(r, 0)])
    assert np.allclose(nats[1:], alone[1:], atol=1e-4)


def test_borrow_everything_is_the_memory_wherever_it_speaks() -> None:
    model = small.model("text")
    s = ready(model, False)
    mixing.network_row(softmax_of(model, logits_of(model)), s.scratch)
    side = np.zeros(1, np.int16)
    mixing.decide(
        model.tree,
        0,
        0,
        side,
        model.memory.counts,
        s.doc.counts,
        s.doc.views,
        False,
        model.gate,
        lift_of(1.0),
        s.scratch,
    )
    assert s.scratch.has[1:].any() and s.scratch.w[0] < 1e-12
    _, own, _ = model.read(model.codec.encode(LINE), model.condition_row(), grow=False, lift=lift_of(1.0))
    _, as_fitted, _ = model.read(model.codec.encode(LINE), model.condition_row(), grow=False)
    assert own[1:].mean() < as_fitted[1:].mean()


def drawn(
    model: SequenceModel,
    s: History,
    logits: np.ndarray,
    allowed: np.ndarray,
    temperature: float,
    g: np.random.Generator,
    least: float = 0.0,
) -> tuple[int, float, float]:
    p, side, out = np.zeros(len(model.tree.order), np.float32), np.zeros(1, np.int16), np.zeros(2)
    kept = np.zeros(len(p) + 1, np.int32)
    memories = model.memory.counts, s.doc.counts, s.doc.views, s.grow
    token = sampling_kernel.draw(
        logits,
        allowed,
        p,
        temperature,
        least,
        kept,
        side,
        model.tree,
        *memories,
        model.gate,
        0.0,
        s.scratch,
        g.random(64),
        out,
        *marking.none().arrays,
    )
    return int(token), float(out[0]), float(out[1])


def test_a_drawn_token_costs_what_reading_it_costs() -> None:
    model = small.model("text")
    g = np.random.default_rng(0)
    everything = np.ones(model.codec.vocab, np.uint8)
    for i in range(40):
        logits = logits_of(model, i)
        token, nats, share = drawn(model, ready(model, True), logits, everything, 1.0, g)
        assert np.exp(-nats) == pytest.approx(
            probability(model, ready(model, True), softmax_of(model, logits), token), rel=1e-3
        )
        assert -1e-6 <= share <= 1 + 1e-6


def test_tokens_are_drawn_as_often_as_they_are_probable() -> None:
    model = small.model("music")
    g = np.random.default_rng(1)
    logits = logits_of(model, 3, 1.0)
    n, counts = 4000, np.zeros(model.codec.vocab)
    for _ in range(n):
        counts[
            drawn(
                model,
                model.history(grow=False, symbols=64),
                logits,
                np.ones(model.codec.vocab, np.uint8),
                1.0,
                g,
            )[0]
        ] += 1
    p = softmax_of(model, logits)
    want = [probability(model, model.history(grow=False, symbols=64), p, int(v)) for v in model.tree.order]
    got = counts[model.tree.order] / n
    assert np.abs(got - want).max() < 5 * np.sqrt(max(want) / n)


@pytest.mark.parametrize("medium", ["text", "music"])
@pytest.mark.parametrize("temperature", [0.0, 0.7, 1.0, 3.0])
def test_what_is_not_allowed_is_never_drawn(medium: str, temperature: float) -> None:
    """Even where the network is as sure as it can be of something else, and the memory too."""
    model = small.model(medium)
    g = np.random.default_rng(2)
    for i in range(60):
        allowed = np.zeros(model.codec.vocab, np.uint8)
        few = model.tree.order[g.integers(0, len(model.tree.order), 3)]
        allowed[few] = 1
        logits = np.where(allowed == 1, -15.0, 15.0).astype(np.float32)
        s = ready(model, True) if medium == "text" else model.history(grow=True, symbols=64)
        assert drawn(model, s, logits, allowed, temperature, g)[0] in few.tolist(), i


def test_temperature_nought_takes_the_likeliest_path_whatever_the_chance() -> None:
    model = small.model("text")
    logits = logits_of(model, 9)
    everything = np.ones(model.codec.vocab, np.uint8)
    tokens = {
        drawn(model, ready(model, False), logits, everything, 0.0, np.random.default_rng(i))[0]
        for i in range(12)
    }
    assert len(tokens) == 1


def test_what_is_far_less_likely_than_the_likeliest_is_left_out() -> None:
    """By the network's distribution over tokens; what is drawn costs what it costs without the cut."""
    model = small.model("text")
    g = np.random.default_rng(2)
    everything = np.ones(model.codec.vocab, np.uint8)
    silent = model.gate._replace(w2=np.zeros_like(model.gate.w2), b2=np.full_like(model.gate.b2, -60.0))
    silent.b2[0] = 0.0
    with patch.object(model, "gate", silent):
        logits = logits_of(model, 5)
        p = softmax_of(model, logits)
        likely = {int(t) for t in model.tree.order[p >= 0.3 * p.max()]}
        assert 1 <= len(likely) < len(p) / 2
        seen = set()
        for _ in range(300):
            token, nats, _ = drawn(model, ready(model, True), logits, everything, 1.0, g, least=0.3)
            seen.add(token)
            assert np.exp(-nats) == pytest.approx(p[model.tree.rank[token]], rel=1e-2, abs=1e-6)
        assert seen <= likely and (len(likely) == 1 or len(seen) > 1)
