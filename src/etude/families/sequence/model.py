"""The sequence model: network, memory and gate, with one codec and one set of conditions.

It scores contents (the cost of each token, and the memory's share of it) and gives its parts to the decoder,
which makes takes. It comes from and goes to a header (JSON) and arrays; it knows no file, no project, and not
which kind of network it has.

Letters: T tokens, V' drawable tokens, S side inputs (the codec's, then one a condition).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from etude.errors import ModelError
from etude.families.conditions import Condition
from etude.families.sequence import attribution, networks, scoring, symbol_tree
from etude.families.sequence.components import Gate
from etude.families.sequence.history import History
from etude.families.sequence.networks.contract import Arrays, Cache, FindBase, Network, no_base
from etude.families.sequence.records import OF_BASE, Known, Scored, Segment, Trail
from etude.families.sequence.works_memory import WorksMemory
from etude.media import codec_from_json
from etude.media.codec import Settling
from etude.media.contract import Codec, Content, Encoded

if TYPE_CHECKING:  # takes are made without PyTorch, which takes a second to import
    import torch

    from etude.families.sequence.critic import Critic

LEAST_DECISIONS = 34  # room for each token: tokens of our own text codec have at most 32 bytes, and an END
KEPT_CACHES = 2
KEPT_MEMORIES = 4


class SequenceModel:
    """Loaded once, then read-only but for its memory, which is counted at first use."""

    def __init__(
        self,
        codec: Codec,
        network: Network,
        gate: Gate,
        conditions: Sequence[Condition],
        segments: Sequence[Segment],
        tokens: npt.NDArray[np.int32],
        side: npt.NDArray[np.int16],
        offsets: npt.NDArray[np.int32],
        header: Mapping[str, Any] | None = None,
    ) -> None:
        """`segments`, `tokens`, `side` and `offsets` are what the memory keeps of the works (see
        `WorksMemory`)."""
        self.codec, self.network, self.gate = codec, network, gate
        self.conditions = tuple(conditions)
        self.medium = codec.medium
        self.header = dict(header or {})
        self._critic: Critic | None = None
        self._critic_arrays: Arrays = {}  # of a critic that nobody has asked for yet
        # Of each work in the memory. Models from before this was kept have none of it: their memory is the
        # same whatever is asked for, and so are the bytes of their takes.
        self.known: Mapping[str, Known] = {}
        self.frames: tuple[Mapping[str, Any], ...] = ()  # those of the works that were asked for
        self.tree = symbol_tree.of_codec(codec)
        self.memory = WorksMemory(self.tree, codec.views, segments, tokens, side, offsets)
        longest = max(len(path) for path in codec.paths)
        self.most_decisions = max(LEAST_DECISIONS, longest + 1)
        self.drawn_decisions = self.most_decisions if self.tree.n_symbols >= 257 or longest > 1 else 1
        self._caches: list[Cache] = []
        self._narrowed: dict[
            tuple[int, ...], SequenceModel
        ] = {}  # by condition row: a memory takes time to count

    @property
    def critic(self) -> Critic | None:
        """The critic, where it has one."""
        if self._critic is None and self._critic_arrays:
            from etude.families.sequence import critic as critics  # laziness: it needs PyTorch

            self._critic = critics.from_arrays(self._critic_arrays)
        return self._critic

    @critic.setter
    def critic(self, critic: Critic | None) -> None:
        self._critic, self._critic_arrays = critic, {}

    @property
    def has_critic(self) -> bool:
        """Whether it has one, without opening it."""
        return self._critic is not None or bool(self._critic_arrays)

    @cached_property
    def _order(self) -> torch.Tensor:
        """Tokens in tree order, for a network that is asked for its distributions (V',)."""
        import torch  # laziness: making takes needs no PyTorch

        return torch.from_numpy(self.tree.order.astype(np.int64))

    @property
    def sides(self) -> int:
        """S, the codec's side inputs and the conditions."""
        return len(self.codec.side_sizes) + len(self.conditions)

    def history(self, *, grow: bool, symbols: int = 4096) -> History:
        """A new history. `grow`: the text's own memory counts what comes."""
        return History(self.tree, self.codec.views, self.gate, grow=grow, symbols=symbols)

    @property
    def openings(self) -> npt.NDArray[np.bool_]:
        """(V,) the tokens that the works of the memory begin with."""
        first = [
            s.start + 1 for s in self.memory.segments if not s.unit and not s.copy and s.end > s.start + 1
        ]
        out = np.zeros(self.codec.vocab, np.bool_)
        out[self.memory.tokens[first]] = True
        return out

    def borrow_cache(self, slots: int) -> Cache:
        """A cache for so many sequences.

        Allocating one takes as long as making a hundred tokens, so used ones are kept.
        """
        for i, cache in enumerate(self._caches):
            if cache.slots == slots:
                # one step under the interpreter's lock: two threads never get the same
                return self._caches.pop(i)
        return self.network.cache(slots)

    def return_cache(self, cache: Cache) -> None:
        """Give it back for the next decoder."""
        if len(self._caches) < KEPT_CACHES:
            self._caches.append(cache)

    # ---- conditions

    def condition_row(self, wanted: Mapping[str, str] | None = None) -> tuple[int, ...]:
        """One value a condition: 0 for 'any', 1.. for a value.

        Raises ModelError for a key or value that no work has.
        """
        wanted = dict(wanted or {})
        row = []
        for c in self.conditions:
            value = wanted.pop(c.key, None)
            if value is None:
                row.append(0)
            elif value in c.values:
                row.append(1 + c.values.index(value))
            else:
                raise ModelError(
                    f"no work of this model has {c.key}={value!r}", f"it knows {c.key} = {_listed(c.values)}"
                )
        if wanted:
            nothing = "nothing: all its works have the same attributes"
            known = ", ".join(c.key for c in self.conditions) or nothing
            raise ModelError(
                f"this model was not trained with {', '.join(wanted)}", f"it can be asked for: {known}"
            )
        return tuple(row)

    def with_conditions(self, side: npt.NDArray[np.int16], row: Sequence[int]) -> npt.NDArray[np.int16]:
        """The codec's side inputs (T, s) with the conditions' columns after them (T, S)."""
        if not row:
            return side
        return np.concatenate([side, np.broadcast_to(np.array(row, np.int16), (len(side), len(row)))], 1)

    def narrowed(self, row: Sequence[int]) -> SequenceModel:
        """The model whose memory holds those works only that are what `row` asks for: of several conditions,
        the works that meet the most of them. Itself where nothing is asked for, or nothing is known of its
        works.

        The shares stay exact: what the memory says is what it counted in these works.
        """
        asked = tuple(row)
        if not any(asked) or not self.known:
            return self
        if asked not in self._narrowed:
            while len(self._narrowed) >= KEPT_MEMORIES:
                self._narrowed.pop(next(iter(self._narrowed)))
            self._narrowed[asked] = self._of_those(asked)
        return self._narrowed[asked]

    def _of_those(self, row: Sequence[int]) -> SequenceModel:
        met = {
            work: sum(a == b for a, b in zip(known.row, row, strict=True) if b)
            for work, known in self.known.items()
        }
        most = max(met.values())
        if not most:
            return self
        works = sorted(work for work, count in met.items() if count == most)
        twin = copy.copy(self)
        twin.known, twin._narrowed = {}, {}
        twin.frames = tuple(self.known[work].frame for work in works)
        twin.memory = self.memory.of_works(set(works))
        return twin

    def framed(self, chance: Callable[[], np.random.Generator]) -> Codec:
        """The codec for a new take: in the frame of one of the works that were asked for, else in the usual
        one."""
        if not any(self.frames):
            return self.codec
        return self.codec.framed(self.frames[int(chance().integers(len(self.frames)))])

    def settled(
        self,
        asked: Mapping[str, Any],
        units: int | None,
        given: Content | None,
        chance: Callable[[], np.random.Generator],
    ) -> Codec:
        """The codec for a new take, whose frame is settled first: that of one of the works that were asked
        for, or of all, held to what was asked (see `Settling`)."""
        assert isinstance(self.codec, Settling)
        if not self.frames:
            self.frames = tuple(known.frame for known in self.known.values())
        return self.codec.settle(self.frames, asked, units, given, chance)

    # ---- scoring

    def network_rows(
        self, tokens: npt.NDArray[np.int32], side: npt.NDArray[np.int16], network: Network | None = None
    ) -> Iterator[scoring.Rows]:
        """The network's distributions for tokens (T,) and side (T, S), chunk by chunk (see
        `scoring.network_rows`); or those of another `network`, such as its base."""
        return scoring.network_rows(network or self.network, self._order, tokens, side)

    def reader(
        self,
        tokens: npt.NDArray[np.int32],
        side: npt.NDArray[np.int16],
        *,
        grow: bool,
        lift: float = 0.0,
        decisions: bool = False,
        with_features: bool = False,
    ) -> scoring.Reader:
        """A reader of tokens (T,) with side inputs (T, S); see `scoring.Reader`."""
        mixture = scoring.Mixture(
            self.tree, self.memory, self.gate, self.most_decisions, self.drawn_decisions
        )
        return scoring.Reader(
            mixture,
            self.history(grow=grow),
            tokens,
            side,
            lift=lift,
            decisions=decisions,
            with_features=with_features,
        )

    def read(
        self,
        e: Encoded,
        row: Sequence[int] = (),
        *,
        grow: bool,
        lift: float = 0.0,
        trail: bool = False,
        rows: Iterable[scoring.Rows] | None = None,
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], Trail | None]:
        """Walk through one content: nats (T,), the network's share (T,) and, if asked, the trail of
        decisions.

        `rows`: what `network_rows` gave for it, where somebody has it already.
        """
        side = self.with_conditions(e.side, row)
        reader = self.reader(e.tokens, side, grow=grow, lift=lift, decisions=trail)
        given = rows if rows is not None else self.network_rows(e.tokens, side)
        nats, own, found = scoring.read(reader, given, trail=trail)
        nats[~e.scored] = 0.0
        return nats, own, found

    def score(
        self,
        content: Any,
        *,
        growing: bool,
        conditions: Mapping[str, str] | None = None,
        borrow_lift: float = 0.0,
        with_places: bool = False,
        with_voice: bool = False,
        encoded: Encoded | None = None,
    ) -> Scored:
        """What every token of a content costs under the model; `with_places`: and where the memory's share of
        each came from; `with_voice`: and by how much the works moved the base, where there is one.

        `encoded`: the content as it was encoded while it was made (see `Codec.reread`). Raises ModelError for
        conditions that it does not know.
        """
        e = encoded if encoded is not None else self.codec.encode(content)
        row = self.condition_row(conditions)
        scored = self.narrowed(row)._scored
        base = self.network.base() if with_voice else None
        if base is None:
            return scored(e, row, growing, borrow_lift, with_places)
        side, rank = self.with_conditions(e.side, row), self.tree.rank[e.tokens]
        ours, theirs = np.zeros(len(rank)), np.zeros(len(rank))
        rows = scoring.noted(self.network_rows(e.tokens, side), rank, ours)
        found = scored(e, row, growing, borrow_lift, with_places, rows)
        for at, probs in self.network_rows(e.tokens, side, base):
            here = slice(at, at + len(probs))
            theirs[here] = scoring.costs(probs, rank[here])
        return replace(found, voice=np.where(e.scored, theirs - ours, 0.0))

    def _scored(
        self,
        e: Encoded,
        row: Sequence[int],
        growing: bool,
        borrow_lift: float,
        with_places: bool,
        rows: Iterable[scoring.Rows] | None = None,
    ) -> Scored:
        nats, own, trail = self.read(e, row, grow=growing, lift=borrow_lift, trail=with_places, rows=rows)
        t = len(nats)
        if trail is None:
            return Scored(e.tokens, e.offsets, nats, e.scored, 1.0 - own, ((),) * t, 1.0 - own)
        where, rest = attribution.locate(self.memory, trail, t)
        memory = rest + [sum(p.share for p in places) for places in where]
        return Scored(e.tokens, e.offsets, nats, e.scored, memory, where, rest)

    # ---- header and arrays

    def to_arrays(self) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
        """Header (JSON) and arrays: all that is needed to load the model, except a base that its network
        stands on."""
        header = {
            **self.header,
            "family": "sequence",
            "medium": self.medium,
            "codec": self.codec.to_json() if self.network.base() is None else OF_BASE,
            "net": self.network.config(),
            "conditions": [{"key": c.key, "values": list(c.values)} for c in self.conditions],
            "segments": [[s.work_id, s.unit, s.copy, s.start, s.end] for s in self.memory.segments],
            **(
                {"known": {w: [list(k.row), dict(k.frame)] for w, k in self.known.items()}}
                if self.known
                else {}
            ),
        }
        arrays = {f"gate.{n}": np.asarray(x) for n, x in zip(Gate._fields, self.gate, strict=True)}
        arrays |= {f"net.{name}": x for name, x in self.network.arrays().items()}
        if (critic := self.critic) is not None:
            from etude.families.sequence import critic as critics  # laziness, as above

            arrays |= critics.to_arrays(critic)
        arrays["memory.tokens"] = self.memory.tokens.astype(np.int32)
        arrays["memory.side"] = self.memory.side.astype(np.int16)
        arrays["memory.offsets"] = self.memory.offsets.astype(np.int32)
        return header, arrays

    @classmethod
    def from_arrays(
        cls, header: Mapping[str, Any], arrays: Arrays, find_base: FindBase = no_base
    ) -> SequenceModel:
        """The model that `to_arrays` wrote.

        Raises ModelError where a part or a base is missing.
        """
        try:
            of_network = {k[4:]: v for k, v in arrays.items() if k.startswith("net.")}
            kind, net = networks.kind_of(header["net"]), header["net"]
            network = kind.load(net, of_network, find_base)
            model = cls(
                kind.codec_of(net, find_base) or codec_from_json(header["codec"]),
                network,
                Gate(*(arrays[f"gate.{n}"] for n in Gate._fields)),
                [Condition(c["key"], tuple(c["values"])) for c in header["conditions"]],
                [Segment(*s) for s in header["segments"]],
                arrays["memory.tokens"],
                arrays["memory.side"],
                arrays["memory.offsets"],
                {
                    k: v
                    for k, v in header.items()
                    if k not in ("codec", "net", "conditions", "segments", "known")
                },
            )
            model.known = {
                w: Known(tuple(row), dict(frame)) for w, (row, frame) in header.get("known", {}).items()
            }
            model._critic_arrays = {k: v for k, v in arrays.items() if k.startswith("critic.")}
            return model
        except KeyError as error:
            raise ModelError(
                f"the model lacks the part {error}", "its file is damaged or of another version: learn again"
            ) from error


def _listed(values: Sequence[str], most: int = 12) -> str:
    """The first values, and how many more there are."""
    shown = ", ".join(values[:most])
    return shown + (f" and {len(values) - most} more" if len(values) > most else "")
