"""The kind 'adapted': a base that a person named, with an adapter learned from their works.

Only the adapter is stored in a model; the base lies outside of it and is named by its hash. While the adapter
is learned, and while contents are read, PyTorch runs the network (adapted_layers.py); takes are made by
compiled loops, whose bits do not depend on the batch (adapted_loops.py). Knows nothing of the memory or of
works.

Letters: B windows, T tokens, S side inputs, D width, V vocabulary.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from etude.config.sequence import ADAPT
from etude.errors import ModelError
from etude.families.sequence.networks import adapted_packed, adapted_plan, bfloat16
from etude.families.sequence.networks.adapted_loops import rows_forward
from etude.families.sequence.networks.base_shape import Shape
from etude.families.sequence.networks.base_weights import Base, open_base, same_base, stamp
from etude.families.sequence.networks.contract import (
    Arrays,
    Config,
    FindBase,
    Kind,
    Network,
    Plan,
    Rows,
    Task,
)
from etude.families.sequence.networks.open_bases import OpenBases, desk
from etude.media import codec_from_json
from etude.media.contract import Codec

if TYPE_CHECKING:  # takes are made without PyTorch, which takes a second to import
    from torch import Tensor

    from etude.families.sequence.networks.adapted_layers import Layers
    from etude.families.sequence.networks.adapted_learner import AdaptedLearner

NAME = "adapted"
COUNTS = "words"  # what lengths of takes are said in; models from before this was stored count characters


class AdaptedCache:
    """Keys and values of what was read, for the compiled loops."""

    rows = adapted_packed.ROWS

    def __init__(self, weights: adapted_packed.Packed, shape: Shape, context: int, slots: int) -> None:
        self._weights, self._shape, self._context, self.slots = weights, shape, context, slots
        self._kv = adapted_packed.keys_values(shape, slots, context)

    def room(self) -> adapted_packed.Room:
        """Buffers for one thread."""
        return adapted_packed.room(self._shape, self._context)

    def read(self, rows: Rows, n: int, logits: npt.NDArray[np.float32], room: adapted_packed.Room) -> None:
        """Read the first n rows, as the contract says."""
        given = rows.token[:n], rows.side[:n], rows.slot[:n], rows.place[:n]
        rows_forward(self._weights, *given, self._kv, room, logits, rows.want[:n])

    def fork(self, source: int, target: int, places: int) -> None:
        """Copy the first `places` places of a slot to another."""
        self._kv.k[:, target, :, :, :places] = self._kv.k[:, source, :, :, :places]
        self._kv.v[:, target, :, :places] = self._kv.v[:, source, :, :places]


class AdaptedNetwork:
    """A base with an adapter (float32, as bfloat16 rounds it); without one it is the base alone.

    `halves`: products in bfloat16 are faster on this machine; `quick`: contents are read with them.
    """

    kind = NAME

    def __init__(
        self,
        base: Base,
        config: Config,
        adapter: Arrays | None,
        *,
        halves: bool = False,
        quick: bool = False,
        bases: OpenBases | None = None,
    ) -> None:
        self._base, self._config, self._halves, self._quick = base, dict(config), halves, quick
        self._bases = bases
        self._adapter = (
            None if adapter is None else {k: np.asarray(v, np.float32) for k, v in adapter.items()}
        )
        self._ordered: tuple[Tensor, Tensor] | None = None
        self._same: AdaptedNetwork | None = None  # of the same weights: what is made of them is made once

    @property
    def vocab(self) -> int:
        """V, the rows of the base's embedding."""
        return self._base.shape.vocab

    @property
    def context(self) -> int:
        """Tokens of a window."""
        return int(self._config["context"])

    @property
    def width(self) -> int:
        """D."""
        return self._base.shape.width

    @property
    def title(self) -> str:
        """In words, for the model card."""
        alone = f"the language model {self._base.name}"
        return alone if self._adapter is None else f"{alone} with an adapter of rank {self._config['rank']}"

    @property
    def origin(self) -> str:
        """What the base is, for the model card."""
        return (
            f"It is built on {self._base.name} (SHA-256 {self._base.sha256}), a language model that Etude "
            "did not train: its makers trained it on other people's works, and what it owes to whom is not "
            "known. Only the adapter was trained on the works below."
        )

    @property
    def making(self) -> Mapping[str, Any]:
        """Takes leave out what is far less likely than the likeliest."""
        return dict(self._config["making"])

    def base(self) -> Network | None:
        """The base alone."""
        return AdaptedNetwork(self._base, self._config, None, halves=self._halves, quick=self._quick)

    def quickly(self) -> AdaptedNetwork:
        """With products in bfloat16, where they are faster."""
        if not self._halves or self._quick:
            return self
        quick = AdaptedNetwork(
            self._base, self._config, self._adapter, halves=True, quick=True, bases=self._bases
        )
        quick._same = self
        return quick

    def config(self) -> dict[str, Any]:
        """Base and sizes, with the kind (JSON)."""
        return dict(self._config)

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """The adapter, as bfloat16 (uint16)."""
        return {name: bfloat16.narrow(x) for name, x in (self._adapter or {}).items()}

    def states(self, tokens: Tensor, side: Tensor) -> Tensor:
        """The stream after the last layer (B, T, D)."""
        return self._layers.stream(tokens, side)

    def logits(self, states: Tensor, order: Tensor | None = None) -> Tensor:
        """Logits (..., V) or, of the tokens in `order`, (..., V')."""
        head = self._layers.head if order is None else self._head(order)
        import torch.nn.functional as F  # laziness, as below

        return F.linear(self._layers.normed(states), head).float()

    def cache(self, slots: int) -> AdaptedCache:
        """An empty cache for so many sequences."""
        return AdaptedCache(self._packed, self._base.shape, self.context, slots)

    def _head(self, order: Tensor) -> Tensor:
        """The output matrix with its rows in this order; the last one asked for is kept."""
        kept = self._ordered
        if kept is None or kept[0] is not order:
            kept = self._ordered = order, self._layers.head.index_select(0, order)
        return kept[1]

    @cached_property
    def _tensors(self) -> dict[str, Tensor]:
        """The adapter as tensors."""
        import torch  # laziness: making takes needs no PyTorch

        return {k: torch.from_numpy(v) for k, v in (self._adapter or {}).items()}

    @cached_property
    def _sides(self) -> list[Tensor]:
        """Tables of conditions; the base alone has heard of none."""
        import torch  # laziness, as above

        sizes = self._config["side_sizes"]
        empty = (torch.zeros(n, self.width) for n in sizes)
        return [self._tensors.get(f"sides.{i}", x) for i, x in enumerate(empty)]

    @cached_property
    def _weights(self) -> dict[str, Tensor]:
        """The base's weights with the adapter added."""
        from etude.families.sequence.networks.adapted_layers import merged  # laziness, as above

        if self._same is not None:
            return self._same._weights
        weights = self._base.weights()
        return weights if self._adapter is None else merged(weights, self._tensors, self._base.shape)

    @cached_property
    def _layers(self) -> Layers:
        """The network in PyTorch."""
        from etude.families.sequence.networks.adapted_layers import Layers  # laziness, as above

        return Layers(self._base.shape, self._weights, sides=self._sides, bfloat16=self._quick)

    @cached_property
    def _packed(self) -> adapted_packed.Packed:
        """The network for compiled loops. Adding the adapter and laying the matrices out takes seconds, so
        that the result may lie in a cache."""
        if self._same is not None:
            return self._same._packed
        shape = self._base.shape

        def built() -> Arrays:
            return adapted_packed.to_arrays(
                adapted_packed.pack(self._weights, self._sides, shape, self.context)
            )

        if self._bases is None:
            return adapted_packed.from_arrays(built(), shape)
        return adapted_packed.from_arrays(self._bases.arrays(self._digest, built), shape)

    @property
    def _digest(self) -> str:
        """Names the packed weights: all that they follow from."""
        seen = hashlib.sha256(f"{adapted_packed.LAYOUT} {self._base.sha256} {self.context}".encode())
        for name, x in sorted((self._adapter or {}).items()):
            seen.update(name.encode())
            seen.update(np.ascontiguousarray(x).data)
        return seen.hexdigest()


class Adapted:
    """How an adapter is planned, begun and opened."""

    name = NAME
    sizes = tuple(adapted_plan.SIZES)

    def codec(self, base: str, find: FindBase) -> Codec:
        """The base's tokenizer."""
        return _codec(_opened(find(base), find), find, COUNTS)

    def codec_of(self, config: Config, find: FindBase) -> Codec:
        """The base's tokenizer."""
        return _codec(found(config, find), find, str(config.get("counts", "")))

    def plan(self, task: Task, find: FindBase) -> Plan:
        """Choose by works, budget and machine."""
        from etude.families.sequence.networks.adapted_learner import rate_of  # laziness, as above

        base = _opened(find(task.base), find)
        net = {
            "kind": NAME,
            "base": task.base,
            "name": base.name,
            "sha256": base.sha256,
            "shape": base.shape.to_json(),
            "side_sizes": list(task.side_sizes),
            "context": min(ADAPT.context, base.shape.context),
            "counts": COUNTS,
            "making": {
                "temperature": ADAPT.temperature,
                "min_p": ADAPT.min_p,
                "opens": True,
                "units": ADAPT.words,
            },
        }
        rate = None if task.seconds is None else rate_of(base, adapted_plan.halved(task))
        return adapted_plan.plan(task, base.shape, net, rate)

    def parameters(self, config: Config) -> int:
        """How many numbers an adapter of this shape has."""
        sizes = tuple(int(n) for n in config["side_sizes"])
        return adapted_plan.parameters(Shape.from_json(config["shape"]), int(config["rank"]), sizes)

    def begin(self, plan: Plan, find: FindBase) -> AdaptedLearner:
        """An adapter that changes nothing yet."""
        from etude.families.sequence.networks.adapted_learner import AdaptedLearner  # laziness, as above

        base = found(plan.net, find)

        def network(adapter: Arrays) -> AdaptedNetwork:
            return AdaptedNetwork(base, plan.net, adapter, halves=plan.bfloat16)

        return AdaptedLearner(plan, base, network)

    def load(self, config: Config, arrays: Arrays, find: FindBase) -> AdaptedNetwork:
        """The network of a stored model. Raises KeyError for an array that is missing, ModelError for a base
        that is missing or has changed."""
        base = found(config, find)
        sizes = tuple(int(n) for n in config["side_sizes"])
        names = adapted_plan.shapes(base.shape, 1, sizes)
        adapter = {name: bfloat16.widen(arrays[name]) for name in names}
        return AdaptedNetwork(base, config, adapter, bases=desk(find))


def found(config: Config, find: FindBase) -> Base:
    """The base that a config names, by its hash or by its name. Raises ModelError where it is missing or
    another."""
    name, sha256 = str(config["base"]), str(config["sha256"])
    try:
        path = find(sha256)
    except ModelError:
        path = find(name)
    base = _opened(path, find)
    same_base(base, config)
    return base


def _opened(path: Path, find: FindBase) -> Base:
    """The base at a path, opened once as long as its files stay as they are."""
    return desk(find).once("base", stamp(path), lambda: open_base(path))


def _codec(base: Base, find: FindBase, counts: str) -> Codec:
    """The codec over a base's tokenizer, made once; lengths are in what it `counts`."""

    def made() -> Codec:
        tokenizer = base.tokenizer
        return codec_from_json(
            {
                "kind": "tokenizer",
                "version": 1,
                "tokenizer": tokenizer.table,
                "rows": base.shape.vocab,
                "bos": tokenizer.bos,
                "eos": tokenizer.eos,
                **({"counts": counts} if counts else {}),
            }
        )

    return desk(find).once("codec", (base.sha256, counts), made)


KIND: Kind = Adapted()
