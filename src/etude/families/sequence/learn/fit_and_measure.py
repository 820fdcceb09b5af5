"""After the network: fit the gate on works that neither network nor memory has seen, and measure the mixture.

The gate is fitted on the critic's works, the figures are measured on the held-out works; only then do the
critic's works enter the memory. Distributions over a large vocabulary take much memory, so each chunk is used
before the next is computed. Knows no files.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import torch

from etude import rng
from etude.config.sequence import LEARN
from etude.families.sequence import gate as gates
from etude.families.sequence import scoring, symbol_tree
from etude.families.sequence.components import Gate
from etude.families.sequence.gate import ScoredDecisions
from etude.families.sequence.learn.dataset import Corpus, Piece, remembered
from etude.families.sequence.model import SequenceModel
from etude.families.sequence.networks.contract import Network
from etude.families.sequence.records import Known
from etude.families.sequence.scoring import Rows, costs
from etude.media.codec import Codec, Encoded, Settling
from etude.stats.figure import Figure

BOOTSTRAP = 400
TRIAL = 1024  # tokens on which the speed is tried,
BRIEF, LONG_S = 128, 4.0  # and so many where that would take longer than this
SPAN = 512  # tokens of one span: the figures' intervals come from drawing spans anew,
LEAST_SPANS, LEAST_SPAN = 8, 16  # of which there are so many, unless they would be shorter than this
_COLLECTING = 0.7  # of the seconds for the gate, that collecting its decisions may take
BASE, NAMES = "base", ("network", "frozen", "growing")


def assemble(
    corpus: Corpus, network: Network, gate: Gate | None, pieces: Sequence[Piece], *, seed: int
) -> SequenceModel:
    """A model of the network, a gate (None: not fitted yet) and a memory of these pieces."""
    segments, arrays = remembered(corpus, pieces)
    gate = gate or gates.initial(len(corpus.codec.views), seed)
    kept = arrays["tokens"], arrays["side"], arrays["offsets"]
    model = SequenceModel(corpus.codec, network, gate, corpus.conditions, segments, *kept)
    if corpus.conditions or isinstance(corpus.codec, Settling):
        model.known = {
            p.part.work_id: Known(p.row, corpus.codec.frame(p.part.content)) for p in reversed(pieces)
        }
    return model


def fit_gate(
    model: SequenceModel,
    pieces: Sequence[Piece],
    *,
    seed: int,
    tokens: int,
    seconds: float | None = None,
    started: bool = False,
) -> tuple[Gate, int]:
    """Fit the gate on so many tokens of unseen pieces, the text's memory growing and frozen. Returns it and
    the number of decisions used.

    `started`: the network began with what it had learned from other works. `seconds`: on a machine that has
    become busy it ends with what there is by then.
    """
    began = time.monotonic()
    data = _collect(model, pieces, seed, tokens, None if seconds is None else began + _COLLECTING * seconds)
    if data is None:
        return model.gate, 0
    # Over a network from nothing the memory always has its share: a text that repeats itself needs it, and
    # the works held out may not. Over a base, or over weights that know such works already, it may be of no
    # use at all (docs/decisions/048, 051).
    based = started or model.network.base() is not None
    until = None if seconds is None else began + seconds
    fitted, _ = gates.fit(model.gate, data, seed=seed, until=until, may_be_silent=based)
    return fitted, len(data.p) // 2


def gate_speed(model: SequenceModel, pieces: Sequence[Piece], *, seed: int) -> tuple[float, float]:
    """(tokens a second of collecting decisions, seconds that fitting takes), measured in a short trial on
    this machine under its present load."""
    _collect(model, pieces, seed, 64)  # the first call of a network is slow
    most = TRIAL
    began = time.monotonic()
    data = _collect(model, pieces, seed, BRIEF)
    if time.monotonic() - began < BRIEF / TRIAL * LONG_S:
        began = time.monotonic()
        data = _collect(model, pieces, seed, TRIAL)
    else:  # a large network on a busy machine: that must do
        most = BRIEF
    if data is None:
        return 1e9, 0.0
    there = sum(len(p.encoded.tokens) for p in pieces)
    tried = min(most, there)
    speed = tried / max(1e-3, time.monotonic() - began)
    decisions = len(data.p) / tried * min(there, LEARN.gate_tokens)
    return speed, 0.5 + gates.seconds_of(model.gate, data, decisions)


def measure(
    model: SequenceModel,
    pieces: Sequence[Piece],
    *,
    seed: int,
    tokens: int,
    seconds: float | None = None,
    by_work: dict[str, list[float]] | None = None,
) -> dict[str, Figure]:
    """Figures on so many tokens of held-out pieces: 'base' alone where there is one, 'network' alone, mixture
    'frozen' and 'growing'. Empty where nothing is held out.

    Each figure states how many units it is measured on; after `seconds` it ends with what there is. `by_work`
    is filled with what the mixture, growing, costs each work: the sum and its units.
    """
    until = None if seconds is None else time.monotonic() + seconds
    read: list[tuple[Piece, Encoded, tuple[npt.NDArray[np.float64], ...], int]] = []
    left = tokens
    measure, base = model.codec.costs, model.network.base()
    each = max(min(1024, tokens), tokens // max(1, len(pieces)))
    for p in _shuffled(pieces, seed):
        if left <= 0 or (read and until is not None and time.monotonic() > until):
            break
        e = _head(p.encoded, min(each, left))
        nats, n = _nats(model, base, e, p.side[: len(e.tokens)], until)
        left -= n
        read.append((p, e, nats, n))
    spans: list[tuple[float, ...]] = []  # nats of each kind, units of a span
    size = _span(sum(n for *_, n in read))
    for p, e, nats, n in read:
        for a, b in pairwise([*range(0, n, size), n]):
            units = _units(model.codec, e, a, b)
            spans.append((*(float(x[a:b].sum()) for x in nats), units))
            if by_work is not None:
                work = by_work.setdefault(p.part.work_id, [0.0, 0.0])
                work[0] += spans[-1][-2] * measure.scale
                work[1] += units
    if not spans:
        return {}
    names = NAMES if base is None else (BASE, *NAMES)
    return _figures(names, np.array(spans), measure.unit, measure.scale, seed)


def alone(
    corpus: Corpus,
    network: Network,
    pieces: Sequence[Piece],
    name: str,
    *,
    seed: int,
    tokens: int,
    seconds: float | None,
) -> Figure | None:
    """The figure `name` of a network without a memory on pieces: on the beginnings of each, so many tokens in
    all, or those that are read in `seconds`. None where there are none."""
    until = None if seconds is None else time.monotonic() + seconds
    tree, measure = symbol_tree.of_codec(corpus.codec), corpus.codec.costs
    order = torch.from_numpy(tree.order.astype(np.int64))
    read: list[tuple[Encoded, npt.NDArray[np.float64], int]] = []
    left, each = tokens, max(min(512, tokens), tokens // max(1, len(pieces)))
    for p in _shuffled(pieces, seed):
        if left <= 0 or (read and until is not None and time.monotonic() > until):
            break
        e = _head(p.encoded, min(each, left))
        rank, n = tree.rank[e.tokens], 0
        nats = np.zeros(len(e.tokens))
        rows = scoring.network_rows(network, order, e.tokens, p.side[: len(e.tokens)])
        for at, probs in _in_time(rows, until):
            n = at + len(probs)
            nats[at:n] = costs(probs, rank[at:n])
        nats[~e.scored] = 0.0
        left -= n
        read.append((e, nats, n))
    size = _span(sum(n for *_, n in read))
    spans = [
        (float(nats[a:b].sum()), _units(corpus.codec, e, a, b))
        for e, nats, n in read
        for a, b in pairwise([*range(0, n, size), n])
    ]
    if not spans:
        return None
    return _figures((name,), np.array(spans), measure.unit, measure.scale, seed)[name]


def _units(codec: Codec, e: Encoded, a: int, b: int) -> float:
    """How many units the tokens a..b are."""
    if codec.costs.by_token:
        return float((e.scored[a:b] & (e.tokens[a:b] != codec.eos)).sum())
    return float(e.offsets[b] - e.offsets[a])


def _span(tokens: int) -> int:
    """Tokens of one span, where so many were read in all: usually SPAN, and fewer where there would be too
    few spans for an interval."""
    return SPAN if tokens >= LEAST_SPANS * SPAN else max(LEAST_SPAN, tokens // LEAST_SPANS)


def _figures(
    names: Sequence[str], x: npt.NDArray[np.float64], unit: str, scale: float, seed: int
) -> dict[str, Figure]:
    """The figures of spans x (N, kinds + 1: nats of each kind, units), with intervals by drawing spans with
    replacement."""
    picks = rng.for_(seed, "interval").integers(0, len(x), (BOOTSTRAP, len(x)))
    out = {}
    for i, name in enumerate(names):
        draws = x[picks, i].sum(1) / np.maximum(x[picks, -1].sum(1), 1) * scale
        value = x[:, i].sum() / max(1.0, x[:, -1].sum()) * scale
        low, high = (float(q) for q in np.quantile(draws, [0.05, 0.95]))
        out[name] = Figure(float(value), low, high, int(x[:, -1].sum()), unit)
    return out


def _in_time(rows: Iterable[Rows], until: float | None) -> Iterator[Rows]:
    """The chunks that come before the clock says `until`: at least two, of which the first is one token."""
    for i, chunk in enumerate(rows):
        yield chunk
        if until is not None and i and time.monotonic() > until:
            return


def _shuffled(pieces: Sequence[Piece], seed: int) -> list[Piece]:
    """The pieces in a fixed random order, so that a cap on tokens does not choose the first makers only."""
    return [pieces[int(i)] for i in rng.for_(seed, "gate").permutation(len(pieces))]


def _collect(
    model: SequenceModel, pieces: Sequence[Piece], seed: int, tokens: int, until: float | None = None
) -> ScoredDecisions | None:
    """The decisions of so many tokens of the pieces, of every piece something, so that no maker is left out;
    None where there are none."""
    parts: list[ScoredDecisions] = []
    left = tokens
    each = max(min(512, tokens), tokens // max(1, len(pieces)))
    number: dict[str, int] = {}
    for p in _shuffled(pieces, seed):
        n = min(left, each, len(p.encoded.tokens))
        if n <= 0 or (parts and until is not None and time.monotonic() > until):
            break
        of_piece, n = _decisions(model, p, n, until)
        work = number.setdefault(p.part.work_id, len(number))
        parts += [replace(d, work=np.full(len(d.p), work, np.int32)) for d in of_piece]
        left -= n
    return _joined(parts) if parts else None


def _decisions(
    model: SequenceModel, piece: Piece, most: int, until: float | None
) -> tuple[list[ScoredDecisions], int]:
    """Every scored decision of one piece (its first `most` tokens), with a growing and with a frozen memory;
    and how many tokens were read."""
    tokens, side = piece.encoded.tokens[:most], piece.side[:most]
    readers = [
        model.reader(tokens, side, grow=grow, decisions=True, with_features=True) for grow in (True, False)
    ]
    found: list[list[ScoredDecisions]] = [[], []]
    n = 0
    for at, probs in _in_time(model.network_rows(tokens, side), until):
        n = at + len(probs)
        for reader, parts in zip(readers, found, strict=True):
            d = reader.read(at, probs)
            keep = piece.encoded.scored[at:n][d.token]
            nobody = np.zeros(int(keep.sum()), np.int32)
            parts.append(ScoredDecisions(d.p[keep], d.has[keep], d.feat[keep], nobody))
    return [_joined(parts) for parts in found], n


def _joined(parts: Sequence[ScoredDecisions]) -> ScoredDecisions:
    """All of them in a row."""
    return ScoredDecisions(
        *(np.concatenate(x) for x in zip(*((d.p, d.has, d.feat, d.work) for d in parts), strict=True))
    )


def _nats(
    model: SequenceModel,
    base: Network | None,
    e: Encoded,
    side: npt.NDArray[np.int16],
    until: float | None,
) -> tuple[tuple[npt.NDArray[np.float64], ...], int]:
    """What each token costs by the base where there is one, by the network alone, the mixture frozen, and
    growing (T,) each; and how many tokens were read in time."""
    alone = np.zeros(len(e.tokens))
    rank = model.tree.rank[e.tokens]
    readers = [model.reader(e.tokens, side, grow=grow) for grow in (False, True)]
    n = 0
    for at, probs in _in_time(model.network_rows(e.tokens, side), until):
        n = at + len(probs)
        alone[at:n] = costs(probs, rank[at:n])
        for reader in readers:
            reader.read(at, probs)
    nats: tuple[npt.NDArray[np.float64], ...] = (alone, readers[0].nats, readers[1].nats)
    if base is not None:
        before = np.zeros(len(e.tokens))
        for at, probs in model.network_rows(e.tokens[:n], side[:n], base):
            before[at : at + len(probs)] = costs(probs, rank[at : at + len(probs)])
        nats = (before, *nats)
    for x in nats:
        x[~e.scored] = 0.0
    return nats, n


def _head(e: Encoded, most: int) -> Encoded:
    """The first `most` tokens."""
    if len(e.tokens) <= most:
        return e
    return Encoded(e.tokens[:most], e.side[:most], e.scored[:most], e.offsets[: most + 1])
