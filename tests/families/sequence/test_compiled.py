"""The compiled network is the one in PyTorch, and gives a row the same bits in any company."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from etude.families.sequence import softmax
from etude.families.sequence.networks import packed
from etude.families.sequence.networks.bfloat16 import narrow, rounded, widen
from etude.families.sequence.networks.compiled import rows_forward
from etude.families.sequence.networks.transformer_layers import NetConfig, SequenceNet

CONFIGS = [
    NetConfig(vocab=50, width=128, layers=3, context=40, side_sizes=(4, 3), hash_rows=97, hash_back=2),
    NetConfig(vocab=33, width=64, layers=2, context=24, hash_rows=64),
]


def network(c: NetConfig) -> SequenceNet:
    """With every weight of some size, the ones too that start at zero."""
    torch.manual_seed(1)
    net = SequenceNet(c)
    with torch.no_grad():
        for name, p in net.named_parameters():
            if p.ndim == 2 and not p.any():
                p.normal_(0, 2.0 if name.startswith("head") else 0.2)
    net.load_state_dict({k: torch.from_numpy(v) for k, v in rounded(net.state_dict()).items()})
    return net.eval()


def inputs(c: NetConfig, streams: int, length: int) -> tuple[np.ndarray, np.ndarray]:
    g = np.random.default_rng(3)
    tokens = g.integers(0, c.vocab, (streams, length)).astype(np.int32)
    side = (
        np.stack([g.integers(0, n, (streams, length)) for n in c.side_sizes], -1)
        if c.side_sizes
        else np.zeros((streams, length, 0))
    )
    return tokens, side.astype(np.int16)


def compiled(
    c: NetConfig, net: SequenceNet, tokens: np.ndarray, side: np.ndarray, groups: list[list[tuple[int, int]]]
) -> np.ndarray:
    """Logits (B, T, V), the rows (stream, place) read in these groups."""
    w = packed.pack({k: v.numpy() for k, v in net.state_dict().items()}, c)
    kv, room = packed.keys_values(c, len(tokens)), packed.room(c)
    out = np.zeros((*tokens.shape, c.vocab), np.float32)
    for group in groups:
        b = np.array([b for b, _ in group])
        p = np.array([p for _, p in group])
        earlier = np.array(
            [tokens[i, j - c.hash_back] if j >= c.hash_back else -1 for i, j in group], np.int32
        )
        logits = np.zeros((packed.ROWS, c.vocab), np.float32)
        rows_forward(w, tokens[b, p], earlier, side[b, p], b, p, kv, room, logits, np.arange(len(group)))
        out[b, p] = logits[: len(group)]
    return out


def one_by_one(streams: int, length: int) -> list[list[tuple[int, int]]]:
    return [[(b, p)] for b in range(streams) for p in range(length)]


@pytest.mark.parametrize("c", CONFIGS)
def test_it_is_the_network_in_pytorch(c: NetConfig) -> None:
    net = network(c)
    tokens, side = inputs(c, 2, c.context)
    with torch.inference_mode():
        want = net(
            torch.from_numpy(tokens).long(), torch.from_numpy(side).long() if c.side_sizes else None
        ).numpy()
    got = compiled(c, net, tokens, side, one_by_one(2, c.context))
    assert want.std() > 1  # the logits say something
    assert np.abs(got - want).max() < 1e-4


@pytest.mark.parametrize("c", CONFIGS)
def test_rows_are_the_same_bits_however_they_are_grouped(c: NetConfig) -> None:
    net = network(c)
    tokens, side = inputs(c, 5, c.context)
    alone = compiled(c, net, tokens, side, one_by_one(5, c.context))
    together = [[(b, p) for b in range(5)] for p in range(c.context)]
    blocks = [
        [(b, p) for p in range(a, min(a + 8, c.context))] for b in range(5) for a in range(0, c.context, 8)
    ]
    for groups in (
        together,
        blocks,
        [g[::-1] for g in together],
        [[(b, p) for b in (3, 1)] for p in range(c.context)],
    ):
        mine = compiled(c, net, tokens, side, groups)
        for b, p in {x for g in groups for x in g}:
            assert mine[b, p].tobytes() == alone[b, p].tobytes(), (b, p)


def test_bfloat16_rounds_to_the_nearest_and_comes_back() -> None:
    x = np.random.default_rng(0).normal(0, 3, 2000).astype(np.float32)
    ours = widen(narrow(x))
    assert (ours == torch.from_numpy(x).bfloat16().float().numpy()).all()
    assert (widen(narrow(ours)) == ours).all()


def test_probabilities_in_tree_order_sum_to_one_at_any_temperature() -> None:
    logits = np.random.default_rng(0).normal(0, 4, 60).astype(np.float32)
    order = np.random.default_rng(1).permutation(60)[:50].astype(np.int32)
    for temperature in (0.3, 1.0, 2.5):
        p = np.zeros(50, np.float32)
        softmax.softmax_in_order(logits, order, np.float32(temperature), p)
        x = np.exp(logits[order].astype(np.float64) / temperature)
        assert np.allclose(p, x / x.sum(), rtol=1e-5, atol=1e-8)
