"""The kind 'transformer': a small decoder-only network of our own, learned from nothing but the works.

While it is learned, and while contents are read, PyTorch runs it (transformer_layers.py); takes are made by
compiled loops, whose bits do not depend on the batch (compiled.py). Weights are rounded to bfloat16 once,
when learning ends, so that both see the same. Knows nothing of the memory, of media or of files.

Letters: B windows, T tokens, S side inputs, D width, V vocabulary, C context.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from etude.families.sequence.networks import bfloat16, packed, transformer_plan
from etude.families.sequence.networks.compiled import rows_forward
from etude.families.sequence.networks.contract import Arrays, Config, FindBase, Kind, Plan, Rows, Task
from etude.families.sequence.networks.transformer_layers import NetConfig, SequenceNet

NAME = "transformer"


class TransformerCache:
    """Keys, values and tokens of what was read, for the compiled loops."""

    rows = packed.ROWS

    def __init__(self, weights: packed.Weights, shape: NetConfig, slots: int) -> None:
        self._weights, self._shape = weights, shape
        self._kv = packed.keys_values(shape, slots)
        self._tokens = np.zeros((slots, shape.context), np.int32)  # for the hashed table, which pairs tokens

    @property
    def slots(self) -> int:
        """How many sequences there is room for."""
        return len(self._tokens)

    def room(self) -> packed.Room:
        """Buffers for one thread."""
        return packed.room(self._shape)

    def read(self, rows: Rows, n: int, logits: npt.NDArray[np.float32], room: packed.Room) -> None:
        """Read the first n rows, as the contract says."""
        token, slot, place = rows.token[:n], rows.slot[:n], rows.place[:n]
        self._tokens[slot, place] = token
        before = place - self._shape.hash_back
        earlier = np.where(before >= 0, self._tokens[slot, np.maximum(before, 0)], -1).astype(np.int32)
        side, want = rows.side[:n], rows.want[:n]
        rows_forward(self._weights, token, earlier, side, slot, place, self._kv, room, logits, want)

    def fork(self, source: int, target: int, places: int) -> None:
        """Copy the first `places` places of a slot to another."""
        self._tokens[target, :places] = self._tokens[source, :places]
        self._kv.k[:, target, :, :, :places] = self._kv.k[:, source, :, :, :places]
        self._kv.v[:, target, :, :places] = self._kv.v[:, source, :, :places]


class TransformerNetwork:
    """A learned transformer: its shape and its arrays (float32, matrices as bfloat16 rounds them)."""

    kind = NAME
    origin = "It was trained only on the works below."
    making: Mapping[str, Any] = {}

    def __init__(self, shape: NetConfig, arrays: Arrays) -> None:
        self.shape, self._arrays = shape, arrays
        self._ordered: tuple[Tensor, Tensor] | None = None

    @property
    def vocab(self) -> int:
        """V."""
        return self.shape.vocab

    @property
    def context(self) -> int:
        """C, tokens of a window."""
        return self.shape.context

    @property
    def width(self) -> int:
        """D."""
        return self.shape.width

    @property
    def title(self) -> str:
        """In words, for the model card."""
        return f"a transformer of {self.shape.layers} layers, {self.shape.width} wide"

    def base(self) -> None:
        """It stands on none."""

    def quickly(self) -> TransformerNetwork:
        """It is small enough as it is."""
        return self

    def config(self) -> dict[str, Any]:
        """The shape, with the kind (JSON)."""
        return {"kind": NAME, **self.shape.to_json()}

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Matrices as bfloat16 (uint16), the rest as float32."""
        own = {name: np.asarray(x, np.float32) for name, x in self._arrays.items()}
        return {name: bfloat16.narrow(x) if x.ndim == 2 else x for name, x in own.items()}

    def states(self, tokens: Tensor, side: Tensor) -> Tensor:
        """The stream after the last block (B, T, D)."""
        return self._module.trunk(tokens, side)

    def logits(self, states: Tensor, order: Tensor | None = None) -> Tensor:
        """Capped logits (..., V) or, of the tokens in `order`, (..., V')."""
        return self._module.logits(states, None if order is None else self._head(order))

    def cache(self, slots: int) -> TransformerCache:
        """An empty cache for so many sequences."""
        return TransformerCache(self._weights, self.shape, slots)

    def _head(self, order: Tensor) -> Tensor:
        """The output matrix with its rows in this order; the last one asked for is kept."""
        kept = self._ordered
        if kept is None or kept[0] is not order:
            kept = self._ordered = order, self._module.head.weight.detach().index_select(0, order)
        return kept[1]

    @cached_property
    def _module(self) -> SequenceNet:
        """The network in PyTorch."""
        net = SequenceNet(self.shape)
        net.load_state_dict({k: torch.from_numpy(np.array(v, np.float32)) for k, v in self._arrays.items()})
        return net.eval()

    @cached_property
    def _weights(self) -> packed.Weights:
        """The network for compiled loops."""
        return packed.pack(self._arrays, self.shape)


class TransformerLearner:
    """A transformer that is being learned."""

    def __init__(self, plan: Plan) -> None:
        self._plan, self._shape = plan, NetConfig.from_json(plan.net)
        self._net = SequenceNet(self._shape)

    @property
    def context(self) -> int:
        """C, tokens of a window."""
        return self._shape.context

    @property
    def at_once(self) -> int:
        """No limit."""
        return 0

    def groups(self) -> list[dict[str, Any]]:
        """Stacked query, key and value matrices, other matrices of the blocks, and everything else."""
        stacked, matrices, rest = [], [], []
        for name, p in self._net.named_parameters():
            if name.endswith("qkv.weight"):
                stacked.append(p)
            elif p.ndim == 2 and name.startswith("blocks") and "values" not in name:
                matrices.append(p)
            else:
                rest.append(p)
        of_matrices = {"muon": True, "lr": self._plan.matrix_lr, "weight_decay": self._plan.weight_decay}
        return [
            {"params": stacked, "split": 3, **of_matrices},
            {"params": matrices, **of_matrices},
            {"params": rest, "lr": self._plan.other_lr},
        ]

    def parameters(self) -> Mapping[str, Tensor]:
        """All of them are learned."""
        return dict(self._net.named_parameters())

    def state(self) -> Mapping[str, Tensor]:
        """The weights, live."""
        return self._net.state_dict()

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Go on from these weights."""
        self._net.load_state_dict(dict(state))

    def train(self, mode: bool) -> None:
        """With dropout or without."""
        self._net.train(mode)

    def nats(self, tokens: Tensor, targets: Tensor, side: Tensor) -> Tensor:
        """The cost (B, T) of each target; products in bfloat16 where the plan says so."""
        with torch.autocast("cpu", torch.bfloat16, enabled=self._plan.bfloat16):
            logits = self._net(tokens, side)
        cost = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")
        return cost.view(targets.shape)

    def network(self) -> TransformerNetwork:
        """A copy of what has been learned so far, rounded."""
        return TransformerNetwork(self._shape, bfloat16.rounded(self._net.state_dict()))


class Transformer:
    """How a transformer is planned, begun and opened. It stands on no base."""

    name = NAME
    sizes = tuple(transformer_plan.SIZES)

    def codec(self, base: str, find: FindBase) -> None:
        """It learns to read any codec."""

    def codec_of(self, config: Config, find: FindBase) -> None:
        """The codec is stored with the model."""

    def plan(self, task: Task, find: FindBase) -> Plan:
        """Choose by size, budget and machine."""
        made = transformer_plan.plan(task)
        return replace(made, net={"kind": NAME, **made.net})

    def parameters(self, config: Config) -> int:
        """How many numbers are learned in a network of this shape."""
        return transformer_plan.count_parameters(NetConfig.from_json(config))

    def begin(self, plan: Plan, find: FindBase) -> TransformerLearner:
        """A network with random weights, by torch's global generator."""
        return TransformerLearner(plan)

    def load(self, config: Config, arrays: Arrays, find: FindBase) -> TransformerNetwork:
        """The network of a stored model. Raises KeyError for an array that is missing."""
        shape = NetConfig.from_json(config)
        with torch.device("meta"):
            names = SequenceNet(shape).state_dict().keys()
        own = {k: bfloat16.widen(arrays[k]) if arrays[k].dtype == np.uint16 else arrays[k] for k in names}
        return TransformerNetwork(shape, own)


KIND: Kind = Transformer()
