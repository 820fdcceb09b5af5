"""A second kind of network, as small as one can be: the last token and its side inputs are looked up in
tables, and weighed against all tokens.

It knows nothing of what stands before the last token, so its cache holds nothing. It shows what a further
kind must bring along.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from etude.families.sequence.networks.contract import Arrays, Config, FindBase, Kind, Plan, Rows, Task

WIDTH, CONTEXT = 16, 32


def shape_of(task: Task) -> dict[str, Any]:
    return {"kind": "table", "vocab": task.vocab, "side_sizes": list(task.side_sizes)}


class Tables(nn.Module):
    """E[token] + sum of side tables, against every token."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.tokens = nn.Embedding(config["vocab"], WIDTH)
        self.sides = nn.ModuleList(nn.Embedding(n, WIDTH) for n in config["side_sizes"])
        self.head = nn.Linear(WIDTH, config["vocab"])

    def states(self, tokens: Tensor, side: Tensor) -> Tensor:
        x: Tensor = self.tokens(tokens)
        for i, table in enumerate(self.sides):
            x = x + table(side[..., i])
        return x


class TableCache:
    """What it has read is the row itself."""

    rows = 4

    def __init__(self, network: TableNetwork, slots: int) -> None:
        self._net, self.slots = network, slots

    def room(self) -> None:
        return None

    def read(self, rows: Rows, n: int, logits: npt.NDArray[np.float32], room: Any) -> None:
        stored = self._net.stored
        for r in range(n):  # row by row: a product of several rows may sum in another order
            if rows.want[r] >= 0:
                x = stored["tokens.weight"][rows.token[r]].copy()
                for i, v in enumerate(rows.side[r]):
                    x += stored[f"sides.{i}.weight"][v]
                logits[rows.want[r]] = stored["head.weight"] @ x + stored["head.bias"]

    def fork(self, source: int, target: int, places: int) -> None:
        """Nothing is kept."""


class TableNetwork:
    kind, context, width = "table", CONTEXT, WIDTH
    title, origin = "a table of pairs", "It was trained only on the works below."
    making: Mapping[str, Any] = {}

    def __init__(self, config: Config, arrays: Arrays) -> None:
        self._config = json.loads(json.dumps(dict(config)))
        self._module = Tables(config)
        names = self._module.state_dict().keys()
        self.stored = {k: np.ascontiguousarray(arrays[k], np.float32) for k in names}
        self._module.load_state_dict({k: torch.from_numpy(v) for k, v in self.stored.items()})

    @property
    def vocab(self) -> int:
        return int(self._config["vocab"])

    def base(self) -> None:
        """It stands on none."""

    def quickly(self) -> TableNetwork:
        return self

    def config(self) -> dict[str, Any]:
        return dict(self._config)

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        return dict(self.stored)

    def states(self, tokens: Tensor, side: Tensor) -> Tensor:
        return self._module.states(tokens, side)

    def logits(self, states: Tensor, order: Tensor | None = None) -> Tensor:
        out: Tensor = self._module.head(states)
        return out if order is None else out[..., order]

    def cache(self, slots: int) -> TableCache:
        return TableCache(self, slots)


class TableLearner:
    context = CONTEXT

    def __init__(self, plan: Plan) -> None:
        self._config, self._rate, self._module = plan.net, plan.other_lr, Tables(plan.net)

    @property
    def at_once(self) -> int:
        return 0

    def groups(self) -> list[dict[str, Any]]:
        return [{"params": list(self._module.parameters()), "lr": self._rate}]

    def parameters(self) -> Mapping[str, Tensor]:
        return dict(self._module.named_parameters())

    def state(self) -> Mapping[str, Tensor]:
        return self._module.state_dict()

    def load(self, state: Mapping[str, Tensor]) -> None:
        self._module.load_state_dict(dict(state))

    def train(self, mode: bool) -> None:
        self._module.train(mode)

    def nats(self, tokens: Tensor, targets: Tensor, side: Tensor) -> Tensor:
        logits = self._module.head(self._module.states(tokens, side))
        return F.cross_entropy(logits.transpose(1, 2), targets, reduction="none")

    def network(self) -> TableNetwork:
        state = {k: v.detach().numpy().copy() for k, v in self._module.state_dict().items()}
        return TableNetwork(self._config, state)


class TableKind:
    name, sizes = "table", ("only",)

    def codec(self, base: str, find: FindBase) -> None:
        """It learns to read any."""

    def codec_of(self, config: Config, find: FindBase) -> None:
        """The codec is stored with the model."""

    def plan(self, task: Task, find: FindBase) -> Plan:
        return Plan("only", shape_of(task), 4, 0.0, 0.05, 0.0, False, task.tokens, 1.0, 1.0, task.seed)

    def parameters(self, config: Config) -> int:
        return int((2 * config["vocab"] + sum(config["side_sizes"])) * WIDTH + config["vocab"])

    def begin(self, plan: Plan, find: FindBase) -> TableLearner:
        return TableLearner(plan)

    def load(self, config: Config, arrays: Arrays, find: FindBase) -> TableNetwork:
        return TableNetwork(config, arrays)


KIND: Kind = TableKind()
