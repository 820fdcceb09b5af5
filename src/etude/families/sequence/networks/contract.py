"""What a network of the mixture must be able to do, so that model, decoder, critic and learning stay blind to
it.

A `Kind` plans a network for a task, begins one to be learned (`Learner`) and opens a stored one (`Network`).
A network takes tokens and side inputs and gives the distribution of the next token: window by window when a
content is read, and token by token through a `Cache` when takes are made. What it knows at each token is the
embedding that the critic reads. Only the module of a kind knows which arrays it is made of, and whether it
stands on a base that lies outside the model. `check.py` is the public conformance suite for this contract.

Letters: B windows, T tokens of a window, S side inputs, D width of the embedding, V tokens of the vocabulary,
V' drawable tokens, R rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

import numpy as np
import numpy.typing as npt

from etude.errors import ModelError
from etude.media.contract import Codec

if TYPE_CHECKING:  # takes are made without PyTorch, which takes a second to import
    from torch import Tensor

Arrays = Mapping[str, npt.NDArray[Any]]
Config = Mapping[str, Any]  # JSON: the shape of a network, with its kind under "kind"
FindBase = Callable[[str], Path]  # where the base of this name or hash lies


def no_base(name: str) -> Path:
    """For networks from nothing. Raises ModelError, since no base is known here."""
    raise ModelError(
        f"the model stands on the base '{name}', which is not at hand", "add it with: etude base add PATH"
    )


@dataclass(frozen=True)
class Task:
    """What a network is wanted for, and what the run can afford.

    The last `conditions` of the side columns are conditions of a whole content, the others what is known of
    each token; `period` is how far back the token in the same role lies (voices on a grid: their number; else
    1), and `window` how many tokens are usefully seen at once. `tokens` are those of the works learned from.
    `begin` is the shape of a network whose weights are gone on from, None from nothing. `seconds` is None
    where only `steps` are limited; `speed` and `speed_bfloat16` are FLOP/s of a matrix
    product on this machine.
    """

    vocab: int
    side_sizes: tuple[int, ...]
    conditions: int
    period: int
    window: int
    tokens: int
    seconds: float | None
    steps: int | None
    speed: float
    speed_bfloat16: float
    size: str = "auto"
    seed: int = 0
    base: str = ""
    begin: Config | None = None


@dataclass(frozen=True)
class Plan:
    """Everything a run needs to know beforehand. It is stored in the checkpoint, so that a resumed run goes
    on by the same plan.

    `net` is the network's config, `batch` counts windows a step, `epochs` the passes over the works that are
    expected, and `memory_mb` is what learning will need. Rates and decay are for the learner's own parameter
    groups.
    """

    size: str
    net: Config
    batch: int
    matrix_lr: float
    other_lr: float
    weight_decay: float
    bfloat16: bool
    expected_tokens: int
    epochs: float
    memory_mb: float
    seed: int
    evaluation_tokens: int = 0  # of works not learned from, each time; 0: as is usual
    openings: float = 0.0  # share of the windows that begin where a work or a paragraph begins

    def to_json(self) -> dict[str, Any]:
        """For the checkpoint and the model's header."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """What `to_json` gave. Raises TypeError for other keys."""
        return cls(**data)


@dataclass
class Rows:
    """Rows for one call of a cache, reused from call to call; each row is one token of one sequence.

    `token` (R,) is read in the sequence of `slot` (R,) at `place` (R,) of its window, `side` (R, S) is what
    is known of the token after it. The logits of row r go to place want[r], and nowhere where that is -1;
    wanted places are consecutive.
    """

    token: npt.NDArray[np.int32]
    side: npt.NDArray[np.int16]
    slot: npt.NDArray[np.int64]
    place: npt.NDArray[np.int64]
    want: npt.NDArray[np.int64]

    @classmethod
    def empty(cls, rows: int, sides: int) -> Self:
        """So many rows of nothing, with S = `sides`."""
        of_slots = (np.zeros(rows, np.int64) for _ in range(3))
        return cls(np.zeros(rows, np.int32), np.zeros((rows, sides), np.int16), *of_slots)


class Cache(Protocol):
    """What a network has read of several sequences, each in a slot of its own, by place in its window.

    A place is written before it is read, so what an earlier sequence left in a slot does no harm. Threads may
    read at the same time, each with a room of its own and in slots of its own.
    """

    @property
    def slots(self) -> int:
        """How many sequences there is room for."""

    @property
    def rows(self) -> int:
        """The most rows of one call."""

    def room(self) -> Any:
        """What one thread works in."""

    def read(self, rows: Rows, n: int, logits: npt.NDArray[np.float32], room: Any) -> None:
        """Read the first n rows; wanted logits (float32, finite) go into `logits` (R, V).

        Rows of one slot stand in the order of their places, and a window is read without gaps. A row gives
        the same bits in any company.
        """

    def fork(self, source: int, target: int, places: int) -> None:
        """Copy the first `places` places of a slot to another."""


class Network(Protocol):
    """A learned network. It is read-only, and may be used by several threads."""

    @property
    def kind(self) -> str:
        """As it is stored in headers."""

    @property
    def vocab(self) -> int:
        """V."""

    @property
    def context(self) -> int:
        """Tokens of a window: how far it looks back."""

    @property
    def width(self) -> int:
        """D."""

    @property
    def title(self) -> str:
        """What it is, for the model card: 'a transformer of 4 layers, 128 wide'."""

    @property
    def origin(self) -> str:
        """What it was learned from beside the works, for the model card, as a whole sentence."""

    @property
    def making(self) -> Mapping[str, Any]:
        """How takes are best drawn from it, by names of controls, where nobody says otherwise; what is not
        named is as usual."""

    def base(self) -> Network | None:
        """What it was before it learned from the works: the base that it stands on; None where it stands on
        none."""

    def quickly(self) -> Network:
        """The same network for fitting and measuring: where coarser products are faster it reads with them,
        as well on average, though not token by token."""

    def config(self) -> dict[str, Any]:
        """Its shape (JSON), with its kind under "kind"."""

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What was learned, as it is stored; with `config` it is all that is needed to open the network
        again."""

    def states(self, tokens: Tensor, side: Tensor) -> Tensor:
        """The embedding (B, T, D): what the network knows when it has read tokens 0..t of a window, and knows
        side[t] of token t + 1.

        tokens (B, T) and side (B, T, S) are int64, and T is at most `context`. Call it in inference mode.
        """

    def logits(self, states: Tensor, order: Tensor | None = None) -> Tensor:
        """Unnormalised log-probabilities of the next token (..., V), float32, from states (..., D).

        `order` (V') int64: of these tokens only, in this order. Whoever asks often hands in the same tensor.
        """

    def cache(self, slots: int) -> Cache:
        """An empty cache for so many sequences."""


class Learner(Protocol):
    """A network that is being learned. Whoever learns holds the optimiser and the schedule."""

    @property
    def context(self) -> int:
        """Tokens of a window."""

    @property
    def at_once(self) -> int:
        """Windows that one pass learns from, where memory asks for a limit: a larger step is several passes
        (0: no limit)."""

    def groups(self) -> list[dict[str, Any]]:
        """Parameter groups of `training.muon.Muon`, each with its `lr`."""

    def parameters(self) -> Mapping[str, Tensor]:
        """What is learned, by name."""

    def state(self) -> Mapping[str, Tensor]:
        """All that must be kept to go on: live tensors by name. What comes from a base is not among them."""

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Go on from a state that was kept."""

    def train(self, mode: bool) -> None:
        """Learning (with dropout) or evaluating."""

    def nats(self, tokens: Tensor, targets: Tensor, side: Tensor) -> Tensor:
        """The cost (B, T), float32, of each target given the tokens up to the one before it; inputs (B, T)
        and (B, T, S), int64.

        Chance comes from torch's global generator, which the caller seeds before each step.
        """

    def network(self) -> Network:
        """What has been learned so far, rounded as it will be stored. Learning on does not change it."""


class Kind(Protocol):
    """A kind of network: how one is planned, begun and opened."""

    @property
    def name(self) -> str:
        """As it is stored in headers."""

    @property
    def sizes(self) -> tuple[str, ...]:
        """What a person may ask for beside 'auto', smallest first."""

    def codec(self, base: str, find: FindBase) -> Codec | None:
        """The codec that the network reads by; None where it learns to read any."""

    def codec_of(self, config: Config, find: FindBase) -> Codec | None:
        """The codec that a stored network reads by, where it lies with its base; else None."""

    def plan(self, task: Task, find: FindBase) -> Plan:
        """Choose a shape and how it is learned. Raises BudgetError or ModelError where nothing fits."""

    def parameters(self, config: Config) -> int:
        """How many numbers are learned in a network of this shape."""

    def begin(self, plan: Plan, find: FindBase) -> Learner:
        """A network at the start of a run.

        Chance comes from torch's global generator, which the caller seeds.
        """

    def load(self, config: Config, arrays: Arrays, find: FindBase) -> Network:
        """The network that `config()` and `arrays()` describe.

        Raises KeyError for a part that is missing, ModelError for a base.
        """
