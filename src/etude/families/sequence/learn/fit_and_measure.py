"""After the network: count the memory, fit the gate on works neither has seen, measure the mixture, remember the critic's works too.

The gate is fitted on the critic's works, the figures are measured on the held-out works; only then do the critic's works enter
the memory. Knows no files.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import torch

from etude import rng
from etude.families.sequence import gate as gates
from etude.families.sequence import mixing as mix
from etude.families.sequence.gate import Decisions, Gate
from etude.families.sequence.learn.dataset import Corpus, Piece, remembered
from etude.families.sequence.learn.plan import Plan
from etude.families.sequence.model import DECISIONS, SequenceModel, Stream, rounded
from etude.media.contract import Encoded
from etude.stats.figure import Figure

Rows = np.ndarray[Any, np.dtype[np.float32]]
BOOTSTRAP = 400
TRIAL = 1024  # tokens on which the speed is tried


def assemble(
    corpus: Corpus, plan: Plan, state: dict[str, torch.Tensor], gate: Gate | None, pieces: Sequence[Piece]
) -> SequenceModel:
    """A model of the network, a gate (None: not fitted yet) and a memory of these pieces."""
    segments, arrays = remembered(corpus, pieces)
    gate = gate or gates.initial(len(corpus.codec.views), plan.seed)
    return SequenceModel(
        corpus.codec, plan.net, rounded(state), gate, corpus.conditions, segments, arrays["tokens"], arrays["side"], arrays["offsets"]
    )  # fmt: skip


def fit_gate(
    model: SequenceModel, pieces: Sequence[Piece], *, seed: int, tokens: int, seconds: float | None = None
) -> tuple[Gate, int]:
    """Fit the gate on so many tokens of unseen pieces, the text's memory growing and frozen. Returns it and the number of decisions used.

    `seconds`: on a machine that has become busy it ends with what there is by then.
    """
    began = time.monotonic()
    data = _collect(model, pieces, seed, tokens, None if seconds is None else began + 0.7 * seconds)
    if data is None:
        return model.gate, 0
    fitted, _ = gates.fit(model.gate, data, seed=seed, until=None if seconds is None else began + seconds)
    return fitted, len(data.p) // 2


def gate_speed(model: SequenceModel, pieces: Sequence[Piece], *, seed: int) -> tuple[float, float]:
    """(tokens a second of collecting decisions, seconds that fitting takes), tried on a little: on this machine, as busy as it is."""
    _collect(model, pieces, seed, 64)  # the first call of a network is slow
    began = time.monotonic()
    data = _collect(model, pieces, seed, TRIAL)
    if data is None:
        return 1e9, 0.0
    tried = min(TRIAL, sum(len(p.encoded.tokens) for p in pieces))
    rate = tried / max(1e-3, time.monotonic() - began)
    took = []
    for steps in (2, 12):  # a fit also costs something that does not depend on its steps
        began = time.monotonic()
        gates.fit(model.gate, data, seed=seed, steps=steps)
        took.append(time.monotonic() - began)
    return rate, 0.5 + max(0.0, took[1] - took[0]) * gates.STEPS / 10


def _in_time(rows: Iterable[tuple[int, Rows]], until: float | None) -> tuple[list[tuple[int, Rows]], int]:
    """The chunks that come before the clock says `until` (at least two, of which the first is one token), and how many tokens they hold."""
    out: list[tuple[int, Rows]] = []
    for at, probs in rows:
        out.append((at, probs))
        if until is not None and len(out) > 1 and time.monotonic() > until:
            break
    return out, out[-1][0] + len(out[-1][1])


def _collect(
    model: SequenceModel, pieces: Sequence[Piece], seed: int, tokens: int, until: float | None = None
) -> Decisions | None:
    """The decisions of so many tokens of the pieces, of every piece something, so that no maker is left out; None where there are none."""
    parts: list[Decisions] = []
    left = tokens
    each = max(min(512, tokens), tokens // max(1, len(pieces)))
    for p in _spread(pieces, seed):
        n = min(left, each, len(p.encoded.tokens))
        if n <= 0 or (parts and until is not None and time.monotonic() > until):
            break
        rows, n = _in_time(model.network_rows(p.encoded.tokens[:n], p.side[:n]), until)
        parts += [_decisions(model, p, grow, n, rows) for grow in (True, False)]
        left -= n
    if not parts:
        return None
    return Decisions(*(np.concatenate(x) for x in zip(*((d.p, d.has, d.feat) for d in parts), strict=True)))


def _spread(pieces: Sequence[Piece], seed: int) -> list[Piece]:
    """The pieces in a fixed random order, so that a cap on tokens does not choose the first makers only."""
    return [pieces[int(i)] for i in rng.for_(seed, "gate").permutation(len(pieces))]


def _decisions(
    model: SequenceModel,
    piece: Piece,
    grow: bool,
    most: int,
    rows: Sequence[tuple[int, np.ndarray[Any, np.dtype[np.float32]]]],
) -> Decisions:
    """Every decision of one piece (its first `most` tokens) with what each component gave to what came."""
    k = len(model.codec.views)
    c, f = 2 * k + 3, mix.features(k)
    tokens, side = piece.encoded.tokens[:most], piece.side[:most]
    s = Stream(model, grow=grow)
    p, has, feat = [], [], []
    for at, probs in rows:
        n = len(probs)
        s.doc.reserve(n * DECISIONS)
        d = n * (DECISIONS if model.tree.n_symbols >= 257 else 1)
        d_p, d_has, d_feat = (
            np.zeros((d, c), np.float32),
            np.zeros((d, c), np.uint8),
            np.zeros((d, f), np.float32),
        )
        d_tok, post, where = np.zeros(d, np.int32), np.zeros((d, c), np.float32), np.zeros((d, 4), np.int64)
        wide = side[at : at + n] if side.shape[1] else np.zeros((n, 1), np.int16)
        got = mix.walk(
            probs, tokens[at : at + n], wide, model.tree, model.memory.counts, s.doc.counts, s.doc.views, grow, model.gate, 0.0,
            s.scratch, np.zeros(n), np.zeros(n), d_tok, d_p, d_feat, d_has, post, where,
        )  # fmt: skip
        keep = piece.encoded.scored[at : at + n][d_tok[:got]]
        p.append(d_p[:got][keep])
        has.append(d_has[:got][keep])
        feat.append(d_feat[:got][keep])
    return Decisions(np.concatenate(p), np.concatenate(has), np.concatenate(feat))


def measure(
    model: SequenceModel, pieces: Sequence[Piece], *, seed: int, tokens: int, seconds: float | None = None
) -> dict[str, Figure]:
    """Figures on so many tokens of held-out pieces: 'network' alone, mixture 'frozen' and 'growing'. Empty where nothing is held out.

    The figures say on how much they rest; after `seconds` it ends with what there is.
    """
    until = (
        None if seconds is None else time.monotonic() + 0.6 * seconds
    )  # the walks through what was read come after
    rows: list[tuple[float, float, float, float]] = []  # nats network, frozen, growing, units of a stretch
    left = tokens
    text = model.medium == "text"
    by_unit = (
        text or model.codec.to_json()["kind"] == "events"
    )  # of voices on a grid each cell counts as a note, as in the literature
    each = max(min(1024, tokens), tokens // max(1, len(pieces)))
    for p in _spread(pieces, seed):
        if left <= 0 or (rows and until is not None and time.monotonic() > until):
            break
        e = _head(p.encoded, min(each, left))
        said, n = _in_time(model.network_rows(e.tokens, p.side[: len(e.tokens)]), until)
        e = _head(e, n)
        left -= len(e.tokens)
        alone = _network_nats(model, e, said)
        frozen, _, _ = model.read(e, p.row, grow=False, rows=said)
        growing, _, _ = model.read(e, p.row, grow=True, rows=said)
        edges = [*range(0, len(e.tokens), 512), len(e.tokens)]
        for a, b in pairwise(edges):
            units = (
                float(e.offsets[b] - e.offsets[a])
                if by_unit
                else float((e.scored[a:b] & (e.tokens[a:b] != model.codec.eos)).sum())
            )
            rows.append((float(alone[a:b].sum()), float(frozen[a:b].sum()), float(growing[a:b].sum()), units))
    if not rows:
        return {}
    x = np.array(rows)
    unit, scale = ("bits/character", 1 / math.log(2)) if text else ("nats/note", 1.0)
    g = rng.for_(seed, "interval")
    picks = g.integers(0, len(x), (BOOTSTRAP, len(x)))
    out = {}
    for i, name in enumerate(("network", "frozen", "growing")):
        draws = x[picks, i].sum(1) / np.maximum(x[picks, 3].sum(1), 1) * scale
        value = x[:, i].sum() / max(1.0, x[:, 3].sum()) * scale
        low, high = (float(q) for q in np.quantile(draws, [0.05, 0.95]))
        out[name] = Figure(float(value), low, high, int(x[:, 3].sum()), unit)
    return out


def _head(e: Encoded, most: int) -> Encoded:
    """The first `most` tokens."""
    if len(e.tokens) <= most:
        return e
    return Encoded(e.tokens[:most], e.side[:most], e.scored[:most], e.offsets[: most + 1])


def _network_nats(
    model: SequenceModel, e: Encoded, said: Sequence[tuple[int, np.ndarray[Any, np.dtype[np.float32]]]]
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """What the network alone makes of each token."""
    out = np.zeros(len(e.tokens))
    rank = model.tree.rank[e.tokens]
    for at, probs in said:
        n = len(probs)
        r = rank[at : at + n]
        out[at : at + n] = -np.log(np.maximum(probs[np.arange(n), np.maximum(r, 0)], 1e-12)) * (r >= 0)
    out[~e.scored] = 0.0
    return out
