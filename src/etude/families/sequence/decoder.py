"""The decoder that makes takes: many sequences step by step, each as if it were alone.

A sequence holds its cursor, its history, its place in the network's cache and its own random numbers, so what
it draws does not depend on the others; the network computes each row to the same bits in any batch. When the
window is full, its second half is read again and the sequence goes on. Knows neither critic nor project, nor
which kind of network it has.

Letters: V vocabulary, V' drawable tokens, S side inputs, R rows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from etude.families.sequence import marking, sampling_kernel
from etude.families.sequence.history import History
from etude.families.sequence.model import SequenceModel
from etude.families.sequence.networks.contract import Rows
from etude.media.contract import Cursor

SLOTS = 16  # sequences made together
THREADS = 2
Banned = Callable[[], npt.NDArray[np.bool_] | Collection[int] | None]


@dataclass
class Sequence:
    """One take in the making.

    `banned()` names tokens that must not come next (ids or a mask (V,)), `pushed(token)` is called with each
    new one; `opening` (V,) are the tokens that may come first. The lists are by token, bos first: `sides`
    what was known of each before it came, `nats` and `memory` what it cost and the memory's share (0 where
    given).
    """

    cursor: Cursor
    rng: np.random.Generator
    row: tuple[int, ...] = ()
    grow: bool = False
    banned: Banned | None = None
    pushed: Callable[[int], None] | None = None
    opening: npt.NDArray[np.bool_] | None = None
    mark: marking.Mark = field(default_factory=marking.none)
    tokens: list[int] = field(default_factory=list)
    sides: list[tuple[int, ...]] = field(default_factory=list)
    nats: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    given: list[bool] = field(default_factory=list)
    slot: int = -1
    base: int = 0  # first token of the window
    read: int = 0  # tokens that the network has read

    def take(self, token: int, side: tuple[int, ...], nats: float, memory: float, given: bool) -> None:
        """Append a token, and pass it on to `pushed`."""
        self.tokens.append(token)
        self.sides.append(side)
        self.nats.append(nats)
        self.memory.append(memory)
        self.given.append(given)
        if self.pushed is not None and len(self.tokens) > 1:
            self.pushed(token)


class _Room:
    """What one thread works in."""

    def __init__(self, decoder: Decoder) -> None:
        model, cache = decoder.model, decoder.cache
        self.of_network = cache.room()
        self.rows = Rows.empty(cache.rows, model.sides)
        self.logits = np.zeros((cache.rows, model.network.vocab), np.float32)
        self.p = np.zeros(len(model.tree.order), np.float32)
        self.kept = np.zeros(len(model.tree.order) + 1, np.int32)
        self.out = np.zeros(2)


class Decoder:
    """Makes takes with one model, at a temperature; `lift` is what the control `borrow` adds to the memory's
    logits, `min_p` what is left out (see `sampling_kernel.draw`)."""

    def __init__(
        self,
        model: SequenceModel,
        *,
        temperature: float = 1.0,
        min_p: float = 0.0,
        lift: float = 0.0,
        slots: int = SLOTS,
        threads: int = THREADS,
    ) -> None:
        """Use it in a `with` block, which gives the cache back."""
        self.model, self.temperature, self.lift = model, float(temperature), float(lift)
        self.min_p = float(min_p)
        self.cache = model.borrow_cache(slots)
        self.histories: list[History | None] = [None] * slots
        self.counts = model.memory.counts  # counted before the first step, not within it
        self._rooms = [_Room(self) for _ in range(max(1, threads))]
        self._pool = ThreadPoolExecutor(threads) if threads > 1 else None
        self._allowed = np.ones((slots, model.codec.vocab), np.uint8)

    def __enter__(self) -> Decoder:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown()
        self.model.return_cache(self.cache)

    @property
    def slots(self) -> int:
        """How many sequences there is room for."""
        return len(self.histories)

    def open(self, sequence: Sequence) -> None:
        """Give the sequence a slot and its bos. Raises ValueError where no slot is free."""
        sequence.slot = self.histories.index(None)
        self.histories[sequence.slot] = self.model.history(grow=sequence.grow, symbols=1 << 10)
        nothing = (0,) * (self.model.sides - len(sequence.row))
        sequence.take(self.model.codec.bos, nothing + sequence.row, 0.0, 0.0, True)

    def close(self, sequence: Sequence) -> None:
        """Take the slot back."""
        self.histories[sequence.slot] = None
        sequence.slot = -1

    def settle(self, sequence: Sequence, ahead: int) -> None:
        """Before forking: let the network read what is new, in a window with room for `ahead` tokens, so that
        no twin has to do it again."""
        context, n = self.model.network.context, len(sequence.tokens)
        if n - sequence.base + ahead > context and n - context // 2 > sequence.base:
            sequence.base = sequence.read = n - context // 2
        self._read_up(sequence, self._rooms[0])

    def fork(self, sequence: Sequence, rng: np.random.Generator) -> Sequence:
        """A twin in its own slot, with the same past, its own random numbers, and no guard yet.

        What the network has read is copied, not read again.
        """
        twin = replace(
            sequence,
            cursor=sequence.cursor.fork(),
            rng=rng,
            banned=None,
            pushed=None,
            mark=sequence.mark.fork(),
            tokens=[*sequence.tokens],
            sides=[*sequence.sides],
            nats=[*sequence.nats],
            memory=[*sequence.memory],
            given=[*sequence.given],
            slot=self.histories.index(None),
        )
        self.histories[twin.slot] = self._history(sequence).fork()
        self.cache.fork(sequence.slot, twin.slot, sequence.read - sequence.base)
        return twin

    def step(self, sequences: Iterable[Sequence]) -> None:
        """One token more for every sequence (none of them done): given tokens are taken, the others drawn."""
        drawn = []
        for sequence in sequences:
            side = (*sequence.cursor.side(), *sequence.row)
            forced = sequence.cursor.forced()
            if forced is None:
                sequence.sides.append(side)
                self._allow(sequence)
                drawn.append(sequence)
            else:
                sequence.cursor.push(forced)
                self._feed(sequence, forced, side)
                sequence.take(forced, side, 0.0, 0.0, True)
        rows = self.cache.rows
        groups = [drawn[i : i + rows] for i in range(0, len(drawn), rows)]
        if len(groups) > 1 and self._pool is not None:
            n = len(self._rooms)

            def advance(k: int) -> None:
                for group in groups[k::n]:
                    self._advance(group, self._rooms[k])

            list(self._pool.map(advance, range(n)))
        else:
            for group in groups:
                self._advance(group, self._rooms[0])

    def _history(self, sequence: Sequence) -> History:
        history = self.histories[sequence.slot]
        assert history is not None, "the sequence is not open"
        return history

    def _feed(self, sequence: Sequence, token: int, side: tuple[int, ...]) -> None:
        """A given token into the sequence's history and matches."""
        history = self._history(sequence)
        doc = history.doc
        doc.reserve(self.model.drawn_decisions)
        if sequence.mark.state[marking.ON]:
            sequence.mark.push(self.model.codec.paths[token])
        tokens, row = np.array([token], np.int32), np.array([side or (0,)], np.int16)
        sampling_kernel.feed(
            tokens, row, self.model.tree, self.counts, doc.counts, doc.views, sequence.grow, history.scratch
        )

    def _allow(self, sequence: Sequence) -> None:
        """Which tokens may come next: what the cursor allows, less what is banned, unless nothing would be
        left."""
        allowed = self._allowed[sequence.slot]
        mask = sequence.cursor.allowed()
        if mask is None:
            allowed.fill(1)
        else:
            allowed[:] = mask
        if sequence.opening is not None and len(sequence.tokens) == 1:
            opening = allowed * sequence.opening
            if opening[self.model.tree.order].any():
                allowed[:] = opening
        ban = sequence.banned() if sequence.banned is not None else None
        if ban is not None and len(ban):
            before = allowed.copy()
            allowed[ban] = 0
            if not allowed[self.model.tree.order].any():
                allowed[:] = (
                    before  # nothing else may come here: who asked for the ban looks at the take afterwards
                )

    def _advance(self, sequences: list[Sequence], room: _Room) -> None:
        """The network reads what is new in up to R sequences, and each draws its next token."""
        context = self.model.network.context
        for sequence in sequences:
            n = len(sequence.tokens)
            if n - sequence.base > context:
                sequence.base = sequence.read = n - context // 2
            self._read_up(sequence, room)
        for i, sequence in enumerate(sequences):
            self._row(room, i, sequence, sequence.read, i)
        self.cache.read(room.rows, len(sequences), room.logits, room.of_network)
        for i, sequence in enumerate(sequences):
            sequence.read += 1
            self._draw(sequence, room, i)

    def _draw(self, sequence: Sequence, room: _Room, i: int) -> None:
        """The sequence's next token from the logits of row i."""
        model, history = self.model, self._history(sequence)
        doc = history.doc
        doc.reserve(model.drawn_decisions)
        side = np.array(sequence.sides[-1] or (0,), np.int16)
        uniform = sequence.rng.random(model.drawn_decisions)
        logits, allowed = room.logits[i], self._allowed[sequence.slot]
        memories = self.counts, doc.counts, doc.views, sequence.grow
        weights = model.gate, self.lift, history.scratch
        if sequence.mark.state[marking.ON]:
            sequence.mark.reserve(model.drawn_decisions)
        drawn = sampling_kernel.draw(
            logits,
            allowed,
            room.p,
            self.temperature,
            self.min_p,
            room.kept,
            side,
            model.tree,
            *memories,
            *weights,
            uniform,
            room.out,
            *sequence.mark.arrays,
        )
        token = int(drawn)
        sequence.cursor.push(token)
        side_row = sequence.sides.pop()
        sequence.take(token, side_row, float(room.out[0]), float(room.out[1]), False)

    def _read_up(self, sequence: Sequence, room: _Room) -> None:
        """The network reads all tokens but the newest, as many at a time as the cache takes."""
        n = len(sequence.tokens)
        while sequence.read < n - 1:
            k = min(self.cache.rows, n - 1 - sequence.read)
            for i in range(k):
                self._row(room, i, sequence, sequence.read + i, -1)
            self.cache.read(room.rows, k, room.logits, room.of_network)
            sequence.read += k

    def _row(self, room: _Room, i: int, sequence: Sequence, at: int, want: int) -> None:
        """Token `at` of the sequence as row i: its side inputs are those of the token after it."""
        rows = room.rows
        rows.token[i] = sequence.tokens[at]
        if rows.side.shape[1]:
            rows.side[i] = sequence.sides[at + 1]
        rows.slot[i] = sequence.slot
        rows.place[i] = at - sequence.base
        rows.want[i] = want
