"""Fitting the gate: the weight of the network, of each view and of each match, from what is known before a
symbol is drawn.

The gate is a small network from the features of a decision (how often the context occurred, how many symbols
followed, how sure the network is, how long the match is) to the weights of the mixture. It is fitted by
maximum likelihood on works that neither the network nor the memory has seen, with the text's own memory
growing and frozen, so that one gate serves both. Fitted on the works that the memory holds, it would trust
the memory far too much: there every context is known. Mixture weights from context: the gates of Jacobs et
al. 1991.

How long it is fitted, and whether a memory helps at all, is judged on decisions that it was not fitted on:
one block in five, or, where there are few, each fifth of the works in turn (cross-validation; Stone 1974).
Blocks of the same work tell nothing of other works, and four works were learned by heart without it
(docs/decisions/056). Knows nothing of files or media.

Letters: D decisions, C components, F features.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from etude.families.sequence.components import Gate, features
from etude.training.adam import AdamW

UNITS = 40  # enough that more did not help on tiny-shakespeare; the cost of a decision grows with it
BLOCK, EVERY = 200, 5  # of blocks of so many decisions one in five is the validation set
EVALUATE_STEPS = 50  # the gate is evaluated on it after so many, and the best is kept
FEW, FOLDS, EVALUATE_FEW = 10_000, 5, 20  # fewer decisions are cross-validated, after so many steps each
LEVELS_FEW, LEVEL_RATE = (
    60,
    5e-2,
)  # steps in which only the weights as such are fitted, before what they depend on
BATCH_FEW, PATIENCE_FEW = 1024, 80  # it ends where so many steps did not serve works left out
STEPS, RATE, DECAY, BATCH = 300, 1e-2, 1e-4, 4096
_TOGETHER = 65536  # decisions evaluated at a time
GROWS = 4  # the feature that says whether the text's own memory grows
SILENT = -30.0  # of a logit: nothing is left of its component

Weights = list[torch.Tensor]  # of a gate, in the order of its fields


@dataclass(frozen=True)
class ScoredDecisions:
    """For fitting: p (D, C), the probability each component gave to what came, has (D, C), feat (D, F), and
    work (D,), the number of the work that it is of."""

    p: npt.NDArray[np.float32]
    has: npt.NDArray[np.uint8]
    feat: npt.NDArray[np.float32]
    work: npt.NDArray[np.int32]


def initial(k: int, seed: int = 0) -> Gate:
    """The gate before fitting, for k views: the network first, then longer views and matches."""
    c = 2 * k + 3
    b2 = np.full(c, -2.0, np.float32)
    b2[0] = 1.0
    b2[1 : k + 1] += 0.2 * np.arange(k)
    b2[k + 2 : 2 * k + 2] += 0.2 * np.arange(k)
    g = np.random.Generator(np.random.Philox(seed))
    w1 = (g.standard_normal((features(k), UNITS)) / math.sqrt(features(k))).astype(np.float32)
    return Gate(w1, np.zeros(UNITS, np.float32), np.zeros((UNITS, c), np.float32), b2)


def fit(
    gate: Gate,
    data: ScoredDecisions,
    *,
    seed: int,
    steps: int = STEPS,
    until: float | None = None,
    may_be_silent: bool = False,
) -> tuple[Gate, float]:
    """Maximise the mixture's likelihood of what came. Returns the gate and the mean cost of a decision in
    nats.

    `until`: a time of the monotonic clock at which it ends with the best that it has. `may_be_silent`: leave
    a memory out altogether where it does not lower the validation cost.
    """
    table = _Table(data)
    if len(data.p) < FEW:
        w = _fit_few(gate, data, table, seed, steps, until, may_be_silent=may_be_silent)
    else:
        w = _fit_many(gate, table, seed, steps, until, may_be_silent=may_be_silent)
    every = torch.arange(len(data.p))
    return Gate(*(x.detach().numpy() for x in w)), float(table.costs(every, w).mean())


class _Table:
    """The decisions as tensors, and what they cost by a gate."""

    def __init__(self, data: ScoredDecisions) -> None:
        self.p, self.has = torch.from_numpy(data.p), torch.from_numpy(data.has).bool()
        self.feat = torch.from_numpy(data.feat)
        self.of_text = data.p.shape[1] // 2 + 1  # the first component of the present text's memory

    def cost(self, i: torch.Tensor, w: Weights) -> torch.Tensor:
        """What decisions i (N,) cost in nats (N,)."""
        z = torch.tanh(self.feat[i] @ w[0] + w[1]) @ w[2] + w[3]
        log_w = torch.log_softmax(z.masked_fill(~self.has[i], -1e9), -1)
        p = torch.log(self.p[i].clamp_min(1e-12)).masked_fill(~self.has[i], -1e9)
        return -torch.logsumexp(log_w + p, -1)

    def costs(self, i: torch.Tensor, w: Weights) -> torch.Tensor:
        """The same of many, without a gradient."""
        with torch.no_grad():
            return torch.cat([self.cost(part, w) for part in torch.split(i, _TOGETHER)])

    def grows(self, i: torch.Tensor) -> torch.Tensor:
        """Whether the text's own memory grew at decisions i (N,)."""
        return self.feat[i, GROWS] > 0.0


class _Descent:
    """The way from a gate down the cost of decisions `own` (N,): `w` is where it stands after `done`
    steps."""

    def __init__(
        self, gate: Gate, table: _Table, own: torch.Tensor, seed: int, steps: int, until: float | None
    ) -> None:
        self.w: Weights = [torch.tensor(x, requires_grad=True) for x in gate]
        self.done = 0
        self._table, self._own, self._steps, self._until = table, own, steps, until
        self._gen = torch.Generator().manual_seed(seed)
        self._levels = 0 if len(table.p) >= FEW else LEVELS_FEW
        of = self.w[-1:] if self._levels else self.w
        self._opt = AdamW(of, lr=RATE, decay=DECAY, betas=(0.9, 0.98))
        self._batch = min(BATCH if len(table.p) >= FEW else BATCH_FEW, len(own))

    def advance(self, steps: int) -> bool:
        """Go so many steps on. False where all are done or there is no more time."""
        for _ in range(steps):
            if self.done >= self._steps or (self._until is not None and time.monotonic() > self._until):
                return False
            rate = LEVEL_RATE if self.done < self._levels else RATE
            self._opt.lr = rate * min(1.0, (self._steps - self.done) / (0.5 * self._steps))
            i = self._own[torch.randint(len(self._own), (self._batch,), generator=self._gen)]
            loss = self._table.cost(i, self.w).mean()
            self._opt.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            self._opt.step()
            self.done += 1
            if self.done == self._levels:
                self._opt = AdamW(self.w, lr=RATE, decay=DECAY, betas=(0.9, 0.98))
        return True

    def kept(self) -> Weights:
        """A copy of where it stands."""
        return [x.detach().clone() for x in self.w]


def _fit_many(
    gate: Gate, table: _Table, seed: int, steps: int, until: float | None, *, may_be_silent: bool
) -> Weights:
    """Fitted on four blocks in five; the best on the fifth is kept."""
    block = torch.arange(len(table.p)) // BLOCK % EVERY
    validation = torch.nonzero(block == EVERY - 1)[:, 0]
    path = _Descent(gate, table, torch.nonzero(block != EVERY - 1)[:, 0], seed, steps, until)
    best, least, goes_on = path.kept(), math.inf, True
    while True:
        cost = float(table.costs(validation, path.w).mean())
        if cost < least:
            best, least = path.kept(), cost
        if not goes_on:
            break
        goes_on = path.advance(EVALUATE_STEPS)
    if may_be_silent:
        for rows, first in ((validation[table.grows(validation)], table.of_text), (validation, 1)):
            quiet = _without(best, first)
            if len(rows) and table.costs(rows, quiet).mean() <= table.costs(rows, best).mean():
                best = quiet
    return best


def _fit_few(
    gate: Gate,
    data: ScoredDecisions,
    table: _Table,
    seed: int,
    steps: int,
    until: float | None,
    *,
    may_be_silent: bool,
) -> Weights:
    """Fitted on all, for as many steps as served best on works left out in turn."""
    folds = _folds(data)
    fold = torch.from_numpy(folds)
    if len(np.unique(folds)) < 2:  # a decision or two: nothing can be left out, so nothing is fitted
        return [torch.tensor(x) for x in gate]
    rows = [torch.nonzero(fold == k)[:, 0] for k in range(int(fold.max()) + 1)]
    paths = [
        _Descent(gate, table, torch.nonzero(fold != k)[:, 0], seed, steps, until) for k in range(len(rows))
    ]
    whole = _Descent(gate, table, torch.arange(len(fold)), seed, steps, until)
    left_out, best = [path.kept() for path in paths], whole.kept()
    least, at = _joint(table, rows, left_out), 0
    # side by side, so that it can end where all rise
    while all(path.advance(EVALUATE_FEW) for path in (*paths, whole)) and whole.done - at <= PATIENCE_FEW:
        now = [path.kept() for path in paths]
        cost = _joint(table, rows, now)
        if cost < least:
            left_out, best, least, at = now, whole.kept(), cost, whole.done
    if may_be_silent:
        best = _quieted(best, table, rows, left_out)
    return best


def _joint(table: _Table, rows: Sequence[torch.Tensor], left_out: Sequence[Weights]) -> float:
    """The mean cost of all decisions, each by the gate of which its fold was left out."""
    return float(torch.cat([table.costs(i, w) for i, w in zip(rows, left_out, strict=True)]).mean())


def _quieted(w: Weights, table: _Table, rows: Sequence[torch.Tensor], left_out: Sequence[Weights]) -> Weights:
    """The weights with a memory left out that does not help: that of the present text where it grows, then
    that of the collection too. It is judged on works left out."""
    for first in (table.of_text, 1):
        gains = []
        for i, of in zip(rows, left_out, strict=True):
            here = i if first == 1 else i[table.grows(i)]
            gains.append(float((table.costs(here, _without(of, first)) - table.costs(here, of)).sum()))
        if sum(gains) <= 0.0:
            w, left_out = _without(w, first), [_without(of, first) for of in left_out]
    return w


def _folds(data: ScoredDecisions) -> npt.NDArray[np.int64]:
    """The fold of each decision: whole works, the largest first to where least is; where there are fewer than
    three works, stretches of them, the same with a memory that grows as with one that does not."""
    numbers, place, sizes = np.unique(data.work, return_inverse=True, return_counts=True)
    if len(numbers) < 3:
        stretch = np.zeros(len(data.work), np.int64)
        for rows in (grows := data.feat[:, GROWS] > 0.0), ~grows:
            stretch[rows] = np.arange(rows.sum()) * FOLDS // max(1, rows.sum())
        return stretch
    load = np.zeros(min(FOLDS, len(numbers)), np.int64)
    fold = np.zeros(len(numbers), np.int64)
    for i in np.argsort(-sizes, kind="stable"):
        fold[i] = int(np.argmin(load))
        load[fold[i]] += sizes[i]
    return fold[place]


def seconds_of(gate: Gate, data: ScoredDecisions, decisions: float) -> float:
    """How long a fit on so many decisions takes, from a few steps on these, which are some of them."""
    path = _Descent(gate, _Table(data), torch.arange(len(data.p)), 0, STEPS, None)
    path.advance(2)  # the first steps are slower
    began = time.monotonic()
    path.advance(10)
    took = (time.monotonic() - began) / 10
    if decisions < FEW:
        return took * STEPS * (FOLDS + 1)
    return took * STEPS * BATCH / min(BATCH_FEW, len(data.p))


def _without(w: Weights, first: int) -> Weights:
    """The weights with the components from `first` on silent."""
    w1, b1, w2, b2 = (x.clone() for x in w)
    w2[:, first:] = 0.0
    b2[first:] = SILENT
    return [w1, b1, w2, b2]
