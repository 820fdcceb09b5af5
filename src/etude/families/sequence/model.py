"""The sequence model as everything above it sees it: network + memory + gate, one codec, one set of conditions.

Scores contents (what each token cost, and the memory's share of it) and hands the compiled parts to whoever makes takes. Comes from and
goes to a header (JSON) and arrays; knows no file and no project.

Letters: T tokens, V' drawable tokens, S side inputs (the codec's, then one a condition), C components, D decisions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from etude.errors import ModelError
from etude.families.conditions import Condition
from etude.families.sequence import attribution as places
from etude.families.sequence import critic as critics
from etude.families.sequence import memory, occurrences
from etude.families.sequence import mixing as mix
from etude.families.sequence import symbol_tree as tree
from etude.families.sequence.critic import Critic
from etude.families.sequence.gate import Gate
from etude.families.sequence.memory import Memory
from etude.families.sequence.networks import compiled as decode
from etude.families.sequence.networks.transformer import NetConfig, SequenceNet
from etude.families.sequence.records import Scored, Segment, Trail
from etude.media import codec_from_json
from etude.media.contract import Codec, Encoded

Arrays = Mapping[str, npt.NDArray[Any]]
CHUNK = 4096  # tokens scored at a time: bounds the memory of the network's distributions


class Stream:
    """One text in the making or being read: its history, its growing memory, its matches."""

    def __init__(self, model: SequenceModel, *, grow: bool, symbols: int = 4096) -> None:
        self.grow = grow
        self.doc = memory.Memory(model.tree, model.codec.views, symbols=symbols if grow else 64)
        self.doc.reserve(symbols)
        memory.push(self.doc.counts, memory.GAP, True)
        self.doc.counts.meta[3] = self.doc.counts.meta[2]
        self.scratch = mix.scratch(model.tree, len(model.codec.views), model.gate)

    def fork(self) -> Stream:
        """A twin with the same history, memory and matches, which goes its own way from here."""
        twin = copy(self)
        twin.doc = copy(self.doc)
        twin.doc.counts = memory.Counts._make(a.copy() for a in self.doc.counts)
        twin.scratch = mix.Scratch._make(a.copy() for a in self.scratch)
        return twin


class SequenceModel:
    """Loaded once, then read-only. `memory_counts` may be given ready-made (a cache), else they are counted at first use."""

    def __init__(
        self,
        codec: Codec,
        config: NetConfig,
        net: Arrays,
        gate: Gate,
        conditions: Sequence[Condition],
        segments: Sequence[Segment],
        tokens: npt.NDArray[np.int32],
        side: npt.NDArray[np.int16],
        offsets: npt.NDArray[np.int32],
        header: Mapping[str, Any] | None = None,
    ) -> None:
        self.codec, self.config, self.gate = codec, config, gate
        self.conditions, self.segments = tuple(conditions), tuple(segments)
        self.medium = codec.medium
        self.net_arrays = net
        self.memory_tokens, self.memory_side, self.memory_offsets = tokens, side, offsets
        self.header = dict(header or {})
        self.critic: Critic | None = None
        self.tree = build_tree(codec)
        self._order = torch.from_numpy(self.tree.order.astype(np.int64))
        self._caches: list[decode.Cache] = []

    # ---- parts, made at first use

    @cached_property
    def network(self) -> SequenceNet:
        """The network in PyTorch, for scoring many tokens at once."""
        net = SequenceNet(self.config)
        state = {k: torch.from_numpy(np.array(v, np.float32)) for k, v in self.net_arrays.items()}
        net.load_state_dict(state)
        return net.eval()

    @cached_property
    def _head(self) -> torch.Tensor:
        """The network's output matrix with its rows in tree order."""
        return self.network.head.weight.detach().index_select(0, self._order)

    @cached_property
    def weights(self) -> decode.Weights:
        """The network for compiled loops, for making takes."""
        return decode.weights(self.net_arrays, self.config)

    def borrow_cache(self, streams: int) -> decode.Cache:
        """Room for the keys and values of so many streams. Asking the system for it anew costs as long as a hundred tokens, so one is kept.

        A place is written before it is read, so what an earlier take left does no harm.
        """
        for i, kv in enumerate(self._caches):
            if kv.k.shape[1] == streams:
                return self._caches.pop(
                    i
                )  # one step under the interpreter's lock: two threads never get the same
        return decode.cache(self.config, streams)

    def return_cache(self, kv: decode.Cache) -> None:
        """Give it back for the next engine."""
        if len(self._caches) < 2:
            self._caches.append(kv)

    @cached_property
    def memory(self) -> Memory:
        """The memory of the collection, counted from the works' tokens."""
        m = memory.Memory(self.tree, self.codec.views, symbols=max(4096, len(self.memory_tokens)))
        for s in self.segments:
            m.observe(self.memory_tokens[s.start : s.end], self.memory_side[s.start : s.end])
        return m

    def use_memory(self, m: Memory, counted: int | None = None) -> None:
        """Take a memory in which the first `counted` segments (None: all) stand already; the rest are counted into it now."""
        for s in self.segments[counted:] if counted is not None else ():
            m.observe(self.memory_tokens[s.start : s.end], self.memory_side[s.start : s.end])
        self.__dict__["memory"] = m  # the place of the cached property

    def counted(self) -> dict[str, npt.NDArray[Any]]:
        """The counted memory as arrays, cut to what is filled, for a cache."""
        c = self.memory.counts
        entries, hist = int(c.meta[1]), int(c.meta[2]) + 8
        kept = c._replace(entries=c.entries[:entries], hist=c.hist[:hist], ends=c.ends[:hist])
        return dict(zip(memory.Counts._fields, kept, strict=True))

    def use_counts(self, arrays: Arrays) -> None:
        """Take a memory that `counted` gave, in the place of counting it again. Raises ModelError where a part is missing."""
        try:
            counts = memory.Counts(*(np.array(arrays[name]) for name in memory.Counts._fields))
        except KeyError as error:
            raise ModelError(f"the cached memory lacks {error}", "it is counted again") from error
        m = memory.Memory(self.tree, self.codec.views, symbols=64)
        m.counts = counts
        self.use_memory(m)

    # ---- conditions

    def condition_row(self, wanted: Mapping[str, str] | None = None) -> tuple[int, ...]:
        """One value a condition: 0 for 'any', 1.. for a value. Raises ModelError for a key or value no work has."""
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
            known = (
                ", ".join(c.key for c in self.conditions)
                or "none: all its works are alike in every attribute"
            )
            raise ModelError(
                f"this model was not learned with {', '.join(wanted)}", f"it can be asked for: {known}"
            )
        return tuple(row)

    def with_conditions(self, side: npt.NDArray[np.int16], row: Sequence[int]) -> npt.NDArray[np.int16]:
        """The codec's side inputs (T, s) with the conditions' columns after them (T, S)."""
        if not row:
            return side
        return np.concatenate([side, np.broadcast_to(np.array(row, np.int16), (len(side), len(row)))], 1)

    # ---- scoring

    def network_rows(
        self, tokens: npt.NDArray[np.int32], side: npt.NDArray[np.int16]
    ) -> Iterator[tuple[int, npt.NDArray[np.float32]]]:
        """(first token, probabilities (n, V') in tree order) in chunks: each token seen with at least half a window before it.

        The first token is certain where it opens a work (bos); a row tells of token t what tokens 0..t-1 and side t say.
        """
        w = self.config.context
        half = w // 2
        n = len(tokens)
        first = np.full((1, len(self.tree.order)), 1.0 / len(self.tree.order), np.float32)
        yield 0, first
        if n < 2:
            return
        x = torch.from_numpy(tokens[:-1].astype(np.int64))
        y = torch.from_numpy(side[1:].astype(np.int64))
        starts = list(range(0, max(1, n - 1 - half), half))
        batch = max(1, CHUNK // w)
        with torch.inference_mode():
            for i in range(0, len(starts), batch):
                group = starts[i : i + batch]
                at = 1 if group[0] == 0 else group[0] + half + 1
                rows = torch.empty(min(group[-1] + w, n - 1) + 1 - at, len(self._order))
                full = [s for s in group if s + w <= n - 1]
                outs: dict[int, torch.Tensor] = {}
                if full:
                    out = self.network.trunk(
                        torch.stack([x[s : s + w] for s in full]), torch.stack([y[s : s + w] for s in full])
                    )
                    outs = dict(zip(full, out, strict=True))
                for s in group:
                    stream = (
                        outs[s]
                        if s in outs
                        else self.network.trunk(x[None, s : s + w], y[None, s : s + w])[0]
                    )
                    stream = stream[0 if s == 0 else half :]  # the tokens seen with enough before them
                    first_row = s + (1 if s == 0 else half + 1) - at
                    torch.softmax(
                        self.network.logits(stream, self._head),
                        -1,
                        out=rows[first_row : first_row + len(stream)],
                    )
                yield at, rows.numpy()

    def read(
        self,
        e: Encoded,
        row: Sequence[int] = (),
        *,
        grow: bool,
        lift: float = 0.0,
        stream: Stream | None = None,
        trail: bool = False,
        rows: Sequence[tuple[int, npt.NDArray[np.float32]]] | None = None,
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], Trail | None]:
        """Walk through one content: nats (T,), the network's share (T,) and, if asked, the trail of decisions.

        `rows`: what `network_rows` gave for it, where somebody has it already.
        """
        t = len(e.tokens)
        side = self.with_conditions(e.side, row)
        wide = side if side.shape[1] else np.zeros((t, 1), np.int16)
        s = stream or Stream(self, grow=grow)
        nats, own = np.zeros(t), np.ones(t)
        k = len(self.codec.views)
        c = 2 * k + 3
        kept: list[tuple[Any, Any, Any]] = []
        for at, probs in rows if rows is not None else self.network_rows(e.tokens, side):
            n = len(probs)
            room = n * DECISIONS
            s.doc.reserve(room)
            d = room if trail else 0
            d_tok, d_where, d_post = (
                np.zeros(d, np.int32),
                np.zeros((d, 4), np.int64),
                np.zeros((d, c), np.float32),
            )
            got = mix.walk(
                probs, e.tokens[at : at + n], wide[at : at + n], self.tree, self.memory.counts, s.doc.counts, s.doc.views, grow,
                self.gate, lift, s.scratch, nats[at : at + n], own[at : at + n], d_tok, np.zeros((d, c), np.float32),
                np.zeros((0, 1), np.float32), np.zeros((d, c), np.uint8), d_post, d_where,
            )  # fmt: skip
            if trail:
                kept.append((d_tok[:got] + at, d_where[:got], d_post[:got]))
        nats[~e.scored] = 0.0
        if not trail:
            return nats, own, None
        tok, where, post = (np.concatenate(x) for x in zip(*kept, strict=True))
        counts = s.doc.counts
        return nats, own, Trail(tok, where, post, counts.hist[: int(counts.meta[2])].copy(), wide)

    @cached_property
    def memory_place(self) -> places.Tokens:
        """Where the memory's tokens lie in its history."""
        return places.tokens_of(self)

    @cached_property
    def sorted_history(self) -> occurrences.Sorted | None:
        """The memory's history with its suffixes sorted, in which places are found; None for music."""
        return occurrences.sort(self.memory.counts) if occurrences.straight(self.codec.views) else None

    def use_sorted(self, arrays: Arrays) -> None:
        """Take what `sorted_history` was, in the place of sorting again. Raises ModelError where it is of another history."""
        length = int(self.memory.counts.meta[2])
        try:
            kept = occurrences.Sorted(*(np.asarray(arrays[name]) for name in occurrences.Sorted._fields))
        except KeyError as error:
            raise ModelError(f"the cached index lacks {error}", "it is built again") from error
        if not len(kept.order) == len(kept.text) == length + 1:
            raise ModelError(
                f"the cached index has {len(kept.order):,} places for {length:,} symbols", "it is built again"
            )
        self.__dict__["sorted_history"] = kept  # the place of the cached property

    def score(
        self,
        content: Any,
        *,
        growing: bool,
        conditions: Mapping[str, str] | None = None,
        borrow_lift: float = 0.0,
        with_places: bool = False,
        encoded: Encoded | None = None,
    ) -> Scored:
        """What every token of a content costs under the model; `with_places`: and where the memory's share of each came from.

        `encoded`: the content as it was met when it was made, with what was given.
        """
        e = encoded if encoded is not None else self.codec.encode(content)
        nats, own, trail = self.read(
            e, self.condition_row(conditions), grow=growing, lift=borrow_lift, trail=with_places
        )
        t = len(nats)
        if trail is None:
            return Scored(e.tokens, e.offsets, nats, e.scored, 1.0 - own, ((),) * t, 1.0 - own)
        where, rest = places.locate(self, trail, t)
        return Scored(
            e.tokens,
            e.offsets,
            nats,
            e.scored,
            rest + [sum(p.share for p in one) for one in where],
            where,
            rest,
        )

    # ---- header and arrays

    def to_arrays(self) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
        """Header (JSON) and arrays, whole: nothing else is needed to load the model."""
        header = {
            **self.header,
            "family": "sequence",
            "medium": self.medium,
            "codec": self.codec.to_json(),
            "net": self.config.to_json(),
            "conditions": [{"key": c.key, "values": list(c.values)} for c in self.conditions],
            "segments": [[s.work_id, s.unit, s.copy, s.start, s.end] for s in self.segments],
        }
        arrays: dict[str, npt.NDArray[Any]] = {
            f"gate.{n}": np.asarray(x) for n, x in zip(Gate._fields, self.gate, strict=True)
        }
        for name, x in self.net_arrays.items():
            x = np.asarray(x, np.float32)
            arrays[f"net.{name}"] = decode.bfloat16(x) if x.ndim == 2 else x
        if self.critic is not None:
            arrays |= critics.to_arrays(self.critic)
        arrays["memory.tokens"] = self.memory_tokens.astype(np.int32)
        arrays["memory.side"] = self.memory_side.astype(np.int16)
        arrays["memory.offsets"] = self.memory_offsets.astype(np.int32)
        return header, arrays

    @classmethod
    def from_arrays(cls, header: Mapping[str, Any], arrays: Arrays) -> SequenceModel:
        """The model that `to_arrays` wrote. Raises ModelError where a part is missing."""
        try:
            net = {
                k[4:]: decode.widen(v) if v.dtype == np.uint16 else v
                for k, v in arrays.items()
                if k.startswith("net.")
            }
            model = cls(
                codec_from_json(header["codec"]),
                NetConfig.from_json(header["net"]),
                net,
                Gate(*(arrays[f"gate.{n}"] for n in Gate._fields)),
                [Condition(c["key"], tuple(c["values"])) for c in header["conditions"]],
                [Segment(*s) for s in header["segments"]],
                arrays["memory.tokens"],
                arrays["memory.side"],
                arrays["memory.offsets"],
                {k: v for k, v in header.items() if k not in ("codec", "net", "conditions", "segments")},
            )
            model.critic = critics.from_arrays(arrays)
            return model
        except KeyError as error:
            raise ModelError(
                f"the model lacks the part {error}", "its file is damaged or of another version: learn again"
            ) from error


DECISIONS = 34  # the most decisions one token takes: BPE tokens have at most 32 bytes (config.BPE.longest_token), and END


def build_tree(codec: Codec) -> tree.Tree:
    """The tree of symbols of a codec: every token but bos can be drawn."""
    return tree.build(
        [tuple(p) for p in codec.paths], codec.n_symbols, drawn=[v != codec.bos for v in range(codec.vocab)]
    )


def rounded(state: Mapping[str, torch.Tensor]) -> dict[str, npt.NDArray[np.float32]]:
    """A state dict as arrays, matrices rounded to what bfloat16 holds (and tiny values to 0, which are slow to multiply)."""
    out = {}
    for k, v in state.items():
        x = v.detach().cpu().numpy().astype(np.float32)
        if x.ndim == 2:
            x = decode.widen(decode.bfloat16(np.where(np.abs(x) < 1e-20, 0.0, x).astype(np.float32)))
        out[k] = x
    return out


def _listed(values: Sequence[str], most: int = 12) -> str:
    shown = ", ".join(values[:most])
    return shown + (f" and {len(values) - most} more" if len(values) > most else "")
