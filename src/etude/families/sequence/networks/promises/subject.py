"""What the checks of a network look at: a kind, a task, toy windows, a network that has learned a little from
them.

Letters: B windows, T tokens of a window, S side inputs, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from etude.families.sequence.networks.contract import (
    Cache,
    FindBase,
    Kind,
    Learner,
    Network,
    Plan,
    Rows,
    Task,
)
from etude.rng import for_
from etude.training.muon import Muon

STEPS = 12
WINDOWS, LENGTH = 4, 24
NEAR = 0.02  # nats by which two ways of computing one distribution may differ
Places = list[list[tuple[int, int]]]  # groups of (slot, place) that are read in one call


@dataclass(frozen=True)
class Windows:
    """Toy windows: tokens (B, T + 1) in which most tokens follow from the one before, and side inputs (B, T,
    S) of tokens 1..T."""

    tokens: npt.NDArray[np.int64]
    side: npt.NDArray[np.int64]

    @property
    def inputs(self) -> tuple[Tensor, Tensor, Tensor]:
        """Tokens, targets and side inputs as tensors."""
        t = torch.from_numpy(self.tokens)
        return t[:, :-1], t[:, 1:], torch.from_numpy(self.side)


@dataclass(frozen=True)
class Subject:
    """A kind of network under examination."""

    kind: Kind
    task: Task
    find: FindBase

    @cached_property
    def plan(self) -> Plan:
        """The plan of the task."""
        return self.kind.plan(self.task, self.find)

    def begin(self, seed: int = 1) -> Learner:
        """A network at its start."""
        torch.manual_seed(seed)
        return self.kind.begin(self.plan, self.find)

    @cached_property
    def network(self) -> Network:
        """One that has learned a little, so that its distributions say something."""
        learner = self.begin()
        learn(learner, self.windows, STEPS)
        return learner.network()

    @cached_property
    def windows(self) -> Windows:
        """Windows of LENGTH tokens, or as long as the context where that is shorter."""
        g = for_(0, "check network")
        t, v = min(LENGTH, self.begin().context), self.task.vocab
        tokens = g.integers(0, v, (WINDOWS, t + 1))
        for i in range(1, t + 1):
            follows = g.random(WINDOWS) < 0.8
            tokens[follows, i] = (tokens[follows, i - 1] * 5 + 1) % v
        columns = [g.integers(0, n, (WINDOWS, t)) for n in self.task.side_sizes]
        side = np.stack(columns, -1) if columns else np.zeros((WINDOWS, t, 0))
        return Windows(tokens.astype(np.int64), side.astype(np.int64))

    def logits(self, network: Network) -> npt.NDArray[np.float32]:
        """(B, T, V) logits of the windows, read as windows."""
        tokens, _, side = self.windows.inputs
        with torch.inference_mode():
            return network.logits(network.states(tokens, side)).numpy()

    def decoded(
        self, network: Network, groups: Places, cache: Cache | None = None
    ) -> dict[tuple[int, int], bytes]:
        """The logits (V,) of each (slot, place) of the windows as bytes, read through a cache in these
        groups."""
        cache = cache or network.cache(WINDOWS)
        room = cache.room()
        out: dict[tuple[int, int], bytes] = {}
        for group in groups:
            rows, logits = self.rows(cache, group), np.zeros((cache.rows, network.vocab), np.float32)
            cache.read(rows, len(group), logits, room)
            out |= {at: logits[i].tobytes() for i, at in enumerate(group)}
        return out

    def rows(self, cache: Cache, group: list[tuple[int, int]]) -> Rows:
        """The rows of these (slot, place), the windows being what stands in the slots."""
        rows = Rows.empty(cache.rows, len(self.task.side_sizes))
        for i, (slot, place) in enumerate(group):
            rows.token[i] = self.windows.tokens[slot % WINDOWS, place]
            rows.side[i] = self.windows.side[slot % WINDOWS, place]
            rows.slot[i], rows.place[i], rows.want[i] = slot, place, i
        return rows

    def one_by_one(self, slots: range = range(WINDOWS)) -> Places:
        """Every token in a call of its own."""
        return [[(slot, place)] for slot in slots for place in range(self.windows.side.shape[1])]


Promise = Callable[[Subject], Iterator[str]]


def learn(
    learner: Learner, windows: Windows, steps: int, optimizer: Muon | None = None, first: int = 0
) -> float:
    """So many steps on the same windows, from step `first` on; the mean cost of the last one in nats."""
    optimizer = optimizer or Muon(learner.groups())
    tokens, targets, side = windows.inputs
    cost = float("nan")
    learner.train(True)
    for step in range(first, first + steps):
        torch.manual_seed(step)
        loss = learner.nats(tokens, targets, side).mean()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        cost = float(loss.detach())
    return cost


def log_probabilities(logits: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Normalised, in nats, over the last axis."""
    x = logits.astype(np.float64)
    with np.errstate(invalid="ignore"):  # infinite logits are a complaint of their own
        x = x - x.max(-1, keepdims=True)
        out: npt.NDArray[np.float64] = x - np.log(np.exp(x).sum(-1, keepdims=True))
    return out
