"""Scoring a content with the mixture: the network's distributions window by window, then token by token with
the memory.

Nothing of a content is seen before it is scored. Knows no codec and no conditions: tokens and side inputs
come as arrays.

Letters: T tokens, V' drawable tokens, S side inputs, C components, D decisions, F features.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from etude.families.sequence import mixing
from etude.families.sequence.components import Gate, features
from etude.families.sequence.history import History
from etude.families.sequence.networks.contract import Network
from etude.families.sequence.records import Trail
from etude.families.sequence.symbol_tree import Tree
from etude.families.sequence.works_memory import WorksMemory

if TYPE_CHECKING:
    import torch

# The first token of a chunk, and the probabilities (n, V') of it and those after it.
Rows = tuple[int, npt.NDArray[np.float32]]
CHUNK = 4096  # tokens whose distributions are held at a time,
MOST_FLOATS = 1 << 25  # and numbers in these (134 MB): fewer tokens where the vocabulary is large


@dataclass(frozen=True)
class Mixture:
    """What is mixed, and how: the tree of symbols, the memory of the works, and the gate.

    Room is made for `most_decisions` of each token in a history; a token that is drawn takes at most
    `drawn_decisions`.
    """

    tree: Tree
    memory: WorksMemory
    gate: Gate
    most_decisions: int
    drawn_decisions: int


def network_rows(
    network: Network, order: torch.Tensor, tokens: npt.NDArray[np.int32], side: npt.NDArray[np.int16]
) -> Iterator[Rows]:
    """The network's distribution before each token (T,), in tree order, chunk by chunk: each token seen with
    at least half a window before it.

    The first token is certain where it opens a work (bos); a row tells of token t what tokens 0..t-1 and side
    t (T, S) say.
    """
    import torch  # laziness: making takes needs no PyTorch

    w = network.context
    half = w // 2
    n = len(tokens)
    yield 0, np.full((1, len(order)), 1.0 / len(order), np.float32)
    if n < 2:
        return
    x = torch.from_numpy(tokens[:-1].astype(np.int64))
    y = torch.from_numpy(side[1:].astype(np.int64))
    starts = list(range(0, max(1, n - 1 - half), half))
    batch = max(1, min(CHUNK, MOST_FLOATS // len(order)) // w)
    with torch.inference_mode():
        for i in range(0, len(starts), batch):
            group = starts[i : i + batch]
            at = 1 if group[0] == 0 else group[0] + half + 1
            here = min(group[-1] + w, n - 1) + 1 - at
            large = len(group) == 1 and here * len(order) > 2 * MOST_FLOATS
            rows = torch.empty(0 if large else here, len(order))
            whole = [s for s in group if s + w <= n - 1]
            states: dict[int, torch.Tensor] = {}
            if whole:
                together = (
                    torch.stack([x[s : s + w] for s in whole]),
                    torch.stack([y[s : s + w] for s in whole]),
                )
                states = dict(zip(whole, network.states(*together), strict=True))
            for s in group:
                state = (
                    states[s] if s in states else network.states(x[None, s : s + w], y[None, s : s + w])[0]
                )
                state = state[0 if s == 0 else half :]  # the tokens seen with enough before them
                first = s + (1 if s == 0 else half + 1) - at
                if large:  # a long window: piece by piece
                    for piece, k in _pieces(state, MOST_FLOATS // len(order)):
                        yield at + first + k, torch.softmax(network.logits(piece, order), -1).numpy()
                    continue
                torch.softmax(network.logits(state, order), -1, out=rows[first : first + len(state)])
            if not large:
                yield at, rows.numpy()


def _pieces(state: torch.Tensor, most: int) -> Iterator[tuple[torch.Tensor, int]]:
    """States (T, D) in pieces of at most so many, with where each begins."""
    for k in range(0, len(state), most):
        yield state[k : k + most], k


def costs(probs: npt.NDArray[np.float32], rank: npt.NDArray[np.int32]) -> npt.NDArray[np.float64]:
    """What tokens of this rank (T,) cost in nats by distributions (T, V') in tree order; 0 where it has
    none."""
    p = np.maximum(probs[np.arange(len(probs)), np.maximum(rank, 0)], 1e-12)
    out: npt.NDArray[np.float64] = -np.log(p).astype(np.float64) * (rank >= 0)
    return out


def noted(rows: Iterable[Rows], rank: npt.NDArray[np.int32], into: npt.NDArray[np.float64]) -> Iterator[Rows]:
    """The same rows; what tokens of this rank (T,) cost by them alone is written into (T,)."""
    for at, probs in rows:
        here = slice(at, at + len(probs))
        into[here] = costs(probs, rank[here])
        yield at, probs


class Decisions(NamedTuple):
    """What `mixing.walk` writes of each decision: its token, p_c of what came, features, presence, posterior
    shares, where it stood."""

    token: npt.NDArray[np.int32]  # (D,)
    p: npt.NDArray[np.float32]  # (D, C)
    feat: npt.NDArray[np.float32]  # (D, F), or nothing
    has: npt.NDArray[np.uint8]  # (D, C)
    post: npt.NDArray[np.float32]  # (D, C)
    where: npt.NDArray[np.int64]  # (D, 4)

    @classmethod
    def room(cls, d: int, views: int, *, with_features: bool) -> Self:
        """Room for so many decisions with this number of views."""
        c = 2 * views + 3
        feat = np.zeros((d, features(views)) if with_features else (0, 1), np.float32)
        has, where = np.zeros((d, c), np.uint8), np.zeros((d, 4), np.int64)
        p, post = np.zeros((d, c), np.float32), np.zeros((d, c), np.float32)
        return cls(np.zeros(d, np.int32), p, feat, has, post, where)

    def first(self, d: int) -> Self:
        """The first d of them."""
        return type(self)(
            self.token[:d], self.p[:d], self.feat[:d], self.has[:d], self.post[:d], self.where[:d]
        )


class Reader:
    """Walks through one content chunk by chunk.

    `nats` (T,) is what its tokens cost, `own` (T,) the network's share of each.
    """

    def __init__(
        self,
        mixture: Mixture,
        history: History,
        tokens: npt.NDArray[np.int32],
        side: npt.NDArray[np.int16],
        *,
        lift: float = 0.0,
        decisions: bool = False,
        with_features: bool = False,
    ) -> None:
        """tokens (T,) and side (T, S); `lift` is added to the memory's logits; `decisions`: whether they are
        written down."""
        t = len(tokens)
        self.history, self.nats, self.own = history, np.zeros(t), np.ones(t)
        self.side = side if side.shape[1] else np.zeros((t, 1), np.int16)
        self._mixture, self._tokens, self._lift = mixture, tokens, lift
        self._decisions, self._with_features = decisions, with_features

    def read(self, at: int, probs: npt.NDArray[np.float32]) -> Decisions:
        """Read the next tokens: probs (n, V') are the network's distributions from token `at` on.

        Returns the decisions, where they are written.
        """
        mixture, doc = self._mixture, self.history.doc
        here = slice(at, at + len(probs))
        doc.reserve(len(probs) * mixture.most_decisions)
        room = Decisions.room(
            len(probs) * mixture.drawn_decisions if self._decisions else 0,
            len(mixture.memory.views),
            with_features=self._with_features,
        )
        given = probs, self._tokens[here], self.side[here]
        of_text = doc.counts, doc.views, self.history.grow
        weights = mixture.gate, self._lift, self.history.scratch
        written = room.token, room.p, room.feat, room.has, room.post, room.where
        d = mixing.walk(
            *given,
            mixture.tree,
            mixture.memory.counts,
            *of_text,
            *weights,
            self.nats[here],
            self.own[here],
            *written,
        )
        return room.first(int(d))


def read(
    reader: Reader, rows: Iterable[Rows], *, trail: bool
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], Trail | None]:
    """Let a reader read all rows: nats (T,), the network's share (T,) and, if `trail`, the decisions."""
    found = [(at, reader.read(at, probs)) for at, probs in rows]
    if not trail:
        return reader.nats, reader.own, None
    token = np.concatenate([d.token + at for at, d in found])
    where, post = np.concatenate([d.where for _, d in found]), np.concatenate([d.post for _, d in found])
    counts = reader.history.doc.counts
    return (
        reader.nats,
        reader.own,
        Trail(token, where, post, counts.hist[: int(counts.meta[2])].copy(), reader.side),
    )
