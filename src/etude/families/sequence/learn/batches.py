"""Windows of tokens for learning: every epoch in a new order, at new offsets, with new augmented copies.

What a step sees depends on (seed, epoch, place in the epoch) alone, so a resumed run sees what the
uninterrupted one would have. Windows of music begin on bar lines, so that a place in the window means the
same place in the bar. Knows nothing of models.

Letters: B batch, W window, S side inputs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from etude import rng
from etude.families.sequence.learn.dataset import Corpus, begins, with_row

LEAST_STARTS = 5  # bar lines: with fewer, windows begin anywhere
CONDITION_DROPOUT = 0.1  # share of windows learned without conditions, so that 'any maker' is a condition too


@dataclass(frozen=True)
class Batch:
    """Inputs (B, W), targets (B, W), side inputs of the targets (B, W, S), and which targets count (B, W)."""

    x: npt.NDArray[np.int64]
    y: npt.NDArray[np.int64]
    side: npt.NDArray[np.int64]
    counts: npt.NDArray[np.bool_]


class Batches:
    """An endless row of batches; `epoch` and `index` say where it is, and can be set to go on from there.

    `window` counts tokens, `batch` windows.
    """

    def __init__(self, corpus: Corpus, *, window: int, batch: int, seed: int, openings: float = 0.0) -> None:
        """`openings`: this share of the windows begins where a work or a paragraph of it begins, as if it
        were a work of its own, so that the network learns how takes begin."""
        self.corpus, self.window, self.batch, self.seed = corpus, window, batch, seed
        self._share = openings
        self._begins = np.zeros(0, np.int64)
        self.epoch, self.index = 0, 0
        self._made = -1
        self._starts = np.zeros(0, np.int64)

    def _open(self, epoch: int) -> None:
        """Lay out one epoch: augmented copies of the works in a new order, cut into windows, the windows
        shuffled."""
        g = rng.for_(self.seed, "epoch", epoch)
        tokens, sides, counts, firsts, length = [], [], [], [], 0
        pieces = self.corpus.train
        for i in g.permutation(len(pieces)):
            p = pieces[int(i)]
            times = int(p.part.weight) + (g.random() < p.part.weight % 1.0)
            for k in range(times):
                e = self.corpus.codec.augment(
                    p.part.content, rng.for_(self.seed, "augment", epoch, int(i), k)
                )
                tokens.append(e.tokens)
                sides.append(with_row(e.side, p.row))
                counts.append(e.scored)
                if self._share:
                    firsts.append(begins(self.corpus.medium, p.part.content, e) + length)
                length += len(e.tokens)
        self._tokens = np.concatenate(tokens)
        self._sides = np.concatenate(sides)
        self._counts = np.concatenate(counts)
        self._begins = np.concatenate(firsts) if firsts else np.zeros(0, np.int64)
        n = len(self._tokens)
        allowed = self._aligned()
        starts, at = [], int(allowed[int(g.integers(0, max(1, int(np.searchsorted(allowed, self.window)))))])
        last = int(allowed[max(0, int(np.searchsorted(allowed, n - self.window, side="right")) - 1)])
        while at < last:
            starts.append(at)
            j = int(np.searchsorted(allowed, at + self.window, side="right")) - 1
            at = int(allowed[j]) if allowed[j] > at else int(allowed[j + 1])  # a bar longer than the window
        starts.append(last)
        self._starts = g.permutation(np.array(starts, np.int64))
        self._made = epoch

    def _aligned(self) -> npt.NDArray[np.int64]:
        """Where windows may begin, as indices of their first target: on bar lines, where the codec knows
        enough of them."""
        n = len(self._tokens)
        starts = self.corpus.codec.window_starts(self._sides)
        if starts is not None:
            inside = starts[(starts >= 1) & (starts < n - 1)]
            if len(inside) >= LEAST_STARTS:
                return inside
        return np.arange(1, max(2, n - 1))

    def next(self) -> Batch:
        """The next batch."""
        chosen: list[tuple[npt.NDArray[np.int32], npt.NDArray[np.int16], npt.NDArray[np.bool_]]] = []
        while len(chosen) < self.batch:
            if self._made != self.epoch:
                self._open(self.epoch)
            if self.index >= len(self._starts):
                self.epoch, self.index = self.epoch + 1, 0
                continue
            tokens, side, counts = self._window(int(self._starts[self.index]))
            k = len(self.corpus.conditions)
            if k and rng.for_(self.seed, "drop", self.epoch, self.index).random() < CONDITION_DROPOUT:
                side[:, side.shape[1] - k :] = 0
            chosen.append((tokens, side, counts))
            self.index += 1
        width = min(len(t) for t, _, _ in chosen)
        t = np.stack([t[:width] for t, _, _ in chosen]).astype(np.int64)
        sides = np.stack([s[1:width] for _, s, _ in chosen]).astype(np.int64)
        return Batch(t[:, :-1], t[:, 1:], sides, np.stack([c[1:width] for _, _, c in chosen]))

    def _window(self, s: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int16], npt.NDArray[np.bool_]]:
        """The tokens from one before `s` on with side inputs and what counts; or what begins next after `s`,
        with the beginning of a work before it."""
        first = self._beginning(s)
        w = slice(s - 1, s + self.window) if first is None else slice(first - 1, first + self.window)
        tokens, counts = self._tokens[w], self._counts[w]
        if first is not None:
            tokens = tokens.copy()
            tokens[0] = self.corpus.codec.bos
        return tokens, self._sides[w].copy(), counts

    def _beginning(self, s: int) -> int | None:
        """Where the next work or paragraph begins, if this window is one of those that begin so."""
        if not self._share or rng.for_(self.seed, "begin", self.epoch, self.index).random() >= self._share:
            return None
        at = int(np.searchsorted(self._begins, s))
        if at == len(self._begins) or self._begins[at] + self.window > len(self._tokens):
            return None
        return int(self._begins[at])

    @property
    def windows(self) -> int:
        """Windows in the present epoch."""
        if self._made != self.epoch:
            self._open(self.epoch)
        return len(self._starts)
