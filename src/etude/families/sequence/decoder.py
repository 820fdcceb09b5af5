"""The engine that makes takes: many streams step by step, each as if it were alone.

A line holds its cursor, its history, its place in the network's cache and its own random numbers, so what it draws does not depend on the
others; the compiled network gives each row the same bits in any company. When the window is full, its second half is read again and
the line goes on. Knows no critic, no guard's rules and no project.

Letters: V vocabulary, V' drawable tokens, S side inputs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from etude.families.sequence import sampling_kernel as draw
from etude.families.sequence.model import DECISIONS, SequenceModel, Stream
from etude.families.sequence.networks import compiled as decode
from etude.media.contract import Cursor

STREAMS = 16  # takes made together
Banned = Callable[[], "npt.NDArray[np.bool_] | Sequence[int] | None"]


@dataclass
class Line:
    """One take in the making.

    `banned()` names tokens that must not come next (ids or a mask (V,)), `pushed(token)` is told each new one. The lists are by token, bos first:
    `sides` what was known of each before it came, `nats` and `memory` what it cost and what the memory had in it (0 where given).
    """

    cursor: Cursor
    rng: np.random.Generator
    row: tuple[int, ...] = ()
    grow: bool = False
    banned: Banned | None = None
    pushed: Callable[[int], None] | None = None
    tokens: list[int] = field(default_factory=list)
    sides: list[tuple[int, ...]] = field(default_factory=list)
    nats: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    given: list[bool] = field(default_factory=list)
    slot: int = -1
    base: int = 0  # first token of the window
    read: int = 0  # tokens that the network has read


class _Room:
    """What one thread works in."""

    def __init__(self, model: SequenceModel) -> None:
        n, s = decode.ROWS, len(model.config.side_sizes)
        self.net = decode.room(model.config)
        self.tokens, self.earlier = np.zeros(n, np.int32), np.zeros(n, np.int32)
        self.side = np.zeros((n, s), np.int16)
        self.stream, self.place, self.want = (
            np.zeros(n, np.int64),
            np.zeros(n, np.int64),
            np.zeros(n, np.int64),
        )
        self.logits = np.zeros((n, model.config.vocab), np.float32)
        self.p = np.zeros(len(model.tree.order), np.float32)
        self.out = np.zeros(2)


class Engine:
    """Makes takes with one model. `heat` is the temperature, `lift` what `borrow` adds to the memory's logits."""

    def __init__(
        self,
        model: SequenceModel,
        *,
        heat: float = 1.0,
        lift: float = 0.0,
        streams: int = STREAMS,
        threads: int = 2,
    ) -> None:
        self.model, self.heat, self.lift = model, float(heat), float(lift)
        self.kv = model.borrow_cache(streams)
        self.slots: list[Stream | None] = [None] * streams
        self.rooms = [_Room(model) for _ in range(max(1, threads))]
        self.pool = ThreadPoolExecutor(threads) if threads > 1 else None
        self.allowed = np.ones((streams, model.codec.vocab), np.uint8)
        self.counts = model.memory.counts  # counted before the first step, not within it
        self.deep = DECISIONS if model.tree.n_symbols >= 257 else 1  # decisions that one token may take

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_: object) -> None:
        if self.pool is not None:
            self.pool.shutdown()
        self.model.return_cache(self.kv)

    def open(self, line: Line) -> None:
        """Give the line a slot and its bos."""
        line.slot = self.slots.index(None)
        self.slots[line.slot] = Stream(self.model, grow=line.grow, symbols=1 << 10)
        s = len(self.model.config.side_sizes) - len(line.row)
        self._take(line, self.model.codec.bos, (0,) * s + line.row, 0.0, 0.0, True)

    def close(self, line: Line) -> None:
        """Take the slot back."""
        self.slots[line.slot] = None
        line.slot = -1

    def settle(self, line: Line, ahead: int) -> None:
        """Before forking: the network reads what it has not yet, in a window with room for `ahead` tokens, so that no twin need do it again."""
        context, n = self.model.config.context, len(line.tokens)
        if n - line.base + ahead > context and n - context // 2 > line.base:
            line.base = line.read = n - context // 2
        self._read_up(line, self.rooms[0])

    def fork(self, line: Line, rng: np.random.Generator) -> Line:
        """A twin in a slot of its own: the same past, other chances, and no guard yet. What the network has read is copied, not read again."""
        twin = replace(
            line, cursor=line.cursor.fork(), rng=rng, banned=None, pushed=None, tokens=[*line.tokens], sides=[*line.sides],
            nats=[*line.nats], memory=[*line.memory], given=[*line.given], slot=self.slots.index(None),
        )  # fmt: skip
        self.slots[twin.slot] = self._stream(line).fork()
        n = line.read - line.base
        self.kv.k[:, twin.slot, :, :, :n] = self.kv.k[:, line.slot, :, :, :n]
        self.kv.v[:, twin.slot, :, :n] = self.kv.v[:, line.slot, :, :n]
        return twin

    def step(self, lines: Sequence[Line]) -> None:
        """One token more for every line (none of them done): given tokens are taken, the others drawn."""
        drawn = []
        for line in lines:
            side = (*line.cursor.side(), *line.row)
            forced = line.cursor.forced()
            if forced is None:
                line.sides.append(side)
                self._allow(line)
                drawn.append(line)
            else:
                line.cursor.push(forced)
                self._history(line, forced, side)
                self._take(line, forced, side, 0.0, 0.0, True)
        rows = decode.ROWS
        groups = [drawn[i : i + rows] for i in range(0, len(drawn), rows)]
        if len(groups) > 1 and self.pool is not None:
            n = len(self.rooms)

            def advance(k: int) -> None:
                for g in groups[k::n]:
                    self._advance(g, self.rooms[k])

            list(self.pool.map(advance, range(n)))
        else:
            for g in groups:
                self._advance(g, self.rooms[0])

    def _stream(self, line: Line) -> Stream:
        stream = self.slots[line.slot]
        assert stream is not None, "the line is not open"
        return stream

    def _take(
        self, line: Line, token: int, side: tuple[int, ...], nats: float, memory: float, given: bool
    ) -> None:
        line.tokens.append(token)
        line.sides.append(side)
        line.nats.append(nats)
        line.memory.append(memory)
        line.given.append(given)
        if line.pushed is not None and len(line.tokens) > 1:
            line.pushed(token)

    def _history(self, line: Line, token: int, side: tuple[int, ...]) -> None:
        """A given token into the line's history and matches."""
        m, s = self.model, self._stream(line)
        s.doc.reserve(self.deep)
        row = np.array([side or (0,)], np.int16)
        draw.feed(
            np.array([token], np.int32),
            row,
            m.tree,
            self.counts,
            s.doc.counts,
            s.doc.views,
            line.grow,
            s.scratch,
        )

    def _allow(self, line: Line) -> None:
        """Which tokens may come next: what the cursor allows, less what is banned, unless nothing would be left."""
        allowed = self.allowed[line.slot]
        mask = line.cursor.allowed()
        if mask is None:
            allowed.fill(1)
        else:
            allowed[:] = mask
        ban = line.banned() if line.banned is not None else None
        if ban is not None and len(ban):
            before = allowed.copy()
            allowed[ban] = 0
            if not allowed[self.model.tree.order].any():
                allowed[:] = (
                    before  # nothing else may come here: who asked for the ban looks at the whole take afterwards
                )

    def _advance(self, lines: Sequence[Line], room: _Room) -> None:
        """The network reads what is new in up to ROWS lines, and each draws its next token."""
        m = self.model
        context, back = m.config.context, m.config.hash_back
        for line in lines:
            n = len(line.tokens)
            if n - line.base > context:
                line.base = line.read = n - context // 2
            self._read_up(line, room)
        for i, line in enumerate(lines):
            self._row(room, i, line, line.read, back, i)
        self._forward(room, len(lines))
        for i, line in enumerate(lines):
            line.read += 1
            s = self._stream(line)
            s.doc.reserve(self.deep)
            side = np.array(line.sides[-1] or (0,), np.int16)
            token = draw.draw(
                room.logits[i], self.allowed[line.slot], room.p, self.heat, side, m.tree, self.counts, s.doc.counts, s.doc.views, line.grow,
                m.gate, self.lift, s.scratch, line.rng.random(self.deep), room.out,
            )  # fmt: skip
            line.cursor.push(int(token))
            last = line.sides.pop()
            self._take(line, int(token), last, float(room.out[0]), float(room.out[1]), False)

    def _read_up(self, line: Line, room: _Room) -> None:
        """The network reads all but the newest token, in company of each other."""
        n = len(line.tokens)
        while line.read < n - 1:
            k = min(decode.ROWS, n - 1 - line.read)
            for i in range(k):
                self._row(room, i, line, line.read + i, self.model.config.hash_back, -1)
            self._forward(room, k)
            line.read += k

    def _row(self, room: _Room, i: int, line: Line, at: int, back: int, want: int) -> None:
        """Token `at` of the line as row i: its side inputs are those of the token after it."""
        room.tokens[i] = line.tokens[at]
        room.earlier[i] = line.tokens[at - back] if at - back >= line.base else -1
        if room.side.shape[1]:
            room.side[i] = line.sides[at + 1]
        room.stream[i] = line.slot
        room.place[i] = at - line.base
        room.want[i] = want

    def _forward(self, room: _Room, n: int) -> None:
        decode.rows_forward(
            self.model.weights, room.tokens[:n], room.earlier[:n], room.side[:n], room.stream[:n], room.place[:n], self.kv, room.net,
            room.logits, room.want[:n],
        )  # fmt: skip
