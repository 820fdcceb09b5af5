"""Learning an adapter of a base, and the rate at which that goes here.

Letters: B windows, T tokens, S side inputs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from etude.config.sequence import ADAPT
from etude.families.sequence.networks import bfloat16
from etude.families.sequence.networks.adapted_layers import HeadCost, Layers, new_adapter
from etude.families.sequence.networks.base_weights import Base
from etude.families.sequence.networks.contract import Arrays, Network, Plan


class AdaptedLearner:
    """An adapter that is being learned."""

    def __init__(self, plan: Plan, base: Base, network: Callable[[Arrays], Network]) -> None:
        """`network` is the base with an adapter (float32)."""
        self._plan, self._network = plan, network
        sizes = tuple(int(n) for n in plan.net["side_sizes"])
        self._adapter = {
            name: x.requires_grad_()
            for name, x in new_adapter(base.shape, int(plan.net["rank"]), sizes).items()
        }
        sides = [self._adapter[f"sides.{i}"] for i in range(len(sizes))]
        weights = base.weights()
        self._layers = Layers(base.shape, weights, adapter=self._adapter, sides=sides, bfloat16=plan.bfloat16)

    @property
    def context(self) -> int:
        """Tokens of a window for learning."""
        return int(self._plan.net["window"])

    @property
    def at_once(self) -> int:
        """As many windows as hold so many tokens: what a pass keeps for its way back is most of memory."""
        return max(1, ADAPT.tokens_at_once // self.context)

    def groups(self) -> list[dict[str, Any]]:
        """One group for AdamW."""
        return [{"params": list(self._adapter.values()), "lr": self._plan.other_lr, "betas": (0.9, 0.98)}]

    def parameters(self) -> Mapping[str, Tensor]:
        """The adapter."""
        return self._adapter

    def state(self) -> Mapping[str, Tensor]:
        """The adapter, live."""
        return self._adapter

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Go on from this adapter."""
        with torch.no_grad():
            for name, x in self._adapter.items():
                x.copy_(state[name])

    def train(self, mode: bool) -> None:
        """Nothing differs."""

    def nats(self, tokens: Tensor, targets: Tensor, side: Tensor) -> Tensor:
        """The cost (B, T) of each target."""
        states = self._layers.normed(self._layers.stream(tokens, side)).flatten(0, 1)
        head = self._layers.head
        cost: Tensor = HeadCost.apply(states, head, targets.flatten())  # type: ignore[no-untyped-call]
        return cost.view(targets.shape)

    def network(self) -> Network:
        """A copy of what has been learned so far, rounded."""
        return self._network(bfloat16.rounded(self._adapter))


def rate_of(base: Base, bfloat16: bool) -> float:
    """Tokens learned a second on this machine under its present load."""
    adapter = {k: v.requires_grad_() for k, v in new_adapter(base.shape, 8, ()).items()}
    layers = Layers(base.shape, base.weights(), adapter=adapter, bfloat16=bfloat16)
    side, took = torch.zeros(1, ADAPT.trial, 0, dtype=torch.int64), 0.0
    for _ in range(2):  # the first time is not what it takes
        began = time.perf_counter()
        tokens = torch.randint(base.shape.vocab, (1, min(ADAPT.trial, base.shape.context)))
        states = layers.normed(layers.stream(tokens, side[:, : tokens.shape[1]])).flatten(0, 1)
        cost: Tensor = HeadCost.apply(states, layers.head, tokens.flatten())  # type: ignore[no-untyped-call]
        cost.mean().backward()  # type: ignore[no-untyped-call]
        took = time.perf_counter() - began
    return tokens.numel() / max(1e-6, took)
