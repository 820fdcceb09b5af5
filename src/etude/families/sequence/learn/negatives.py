"""Stretches that the generator makes in the place of real ones: what a critic learns to tell apart.

For a window of a work, the first half is given and the generator goes on; the real second half and the made one then stand after the same
words or bars. What is known of a token before it is drawn stands beside the work's own tokens, but among events it depends on what was drawn: there a cursor
that has walked through the work goes on with the take. Knows no critic.

Letters: N windows, T tokens of a window, S side inputs.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from etude import rng
from etude.families.sequence.decoder import STREAMS, Engine, Line
from etude.families.sequence.model import SequenceModel
from etude.media.contract import Cursor


@dataclass(frozen=True)
class Window:
    """A part of a work: tokens (T,), side (T, S); of events also a cursor that has taken all before it, else None."""

    tokens: npt.NDArray[np.int32]
    side: npt.NDArray[np.int16]
    cursor: Cursor | None = None


@dataclass
class WindowCursor:
    """A cursor over one window: its first `before` tokens are given, then as many are made as it has more, of which none is the end."""

    tokens: Sequence[int]
    rows: Sequence[tuple[int, ...]]  # (T, S) the work's own side inputs
    before: int
    eos: int
    inner: Cursor | None = None
    at: int = 0

    def side(self) -> tuple[int, ...]:
        if self.inner is None:
            return self.rows[self.at]
        own = self.inner.side()
        return (*own, *self.rows[self.at][len(own) :])  # the conditions are the work's

    def allowed(self) -> npt.NDArray[np.bool_] | None:
        mask = self.inner.allowed() if self.inner is not None else None
        if mask is None:
            return None
        mask = mask.copy()
        mask[self.eos] = False
        return mask

    def forced(self) -> int | None:
        return self.tokens[self.at] if self.at < self.before else None

    def push(self, token: int) -> None:
        self.at += 1
        if self.inner is not None:
            self.inner.push(token)

    def fork(self) -> WindowCursor:
        return replace(self, inner=self.inner.fork() if self.inner is not None else None)

    @property
    def done(self) -> bool:
        return self.at >= len(self.tokens)


def windows(
    tokens: npt.NDArray[np.int32],
    side: npt.NDArray[np.int16],
    length: int,
    most: int,
    cursor: Cursor | None = None,
) -> Iterator[Window]:
    """Windows side by side through one content, bos and eos left out; evenly thinned to `most`. `cursor`: one that stands at its beginning."""
    starts = list(range(1, len(tokens) - length, length))
    if len(starts) > most:
        starts = [starts[int(i)] for i in np.linspace(0, len(starts) - 1, most)]
    at = 1
    for s in starts:
        if cursor is not None:
            for token in tokens[at:s].tolist():
                cursor.push(token)
            at = s
        yield Window(
            tokens[s : s + length], side[s : s + length], cursor.fork() if cursor is not None else None
        )


def continued(
    model: SequenceModel,
    real: Sequence[Window],
    before: int,
    *,
    seed: int,
    heat: float,
    until: float | None = None,
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int16]]:
    """For each window the generator's own second half after the same first half: tokens (N, T) and side (N, T, S).

    `until`: a time of the monotonic clock after which no more are begun; the ones that are there (the first ones) are given.
    """
    tokens, sides = [], []
    with Engine(model, heat=heat) as engine:
        for a in range(0, len(real), STREAMS):
            if until is not None and a and time.monotonic() > until:
                break
            lines = []
            for i, w in enumerate(real[a : a + STREAMS], a):
                inner = w.cursor.fork() if w.cursor is not None else None
                cursor = WindowCursor(
                    w.tokens.tolist(), [tuple(r) for r in w.side.tolist()], before, model.codec.eos, inner
                )
                lines.append(Line(cursor, rng.for_(seed, "against", i)))
            for line in lines:
                engine.open(line)
            while not lines[0].cursor.done:
                engine.step(lines)
            for line in lines:
                engine.close(line)
                tokens.append(np.array(line.tokens[1:], np.int32))
                sides.append(np.array(line.sides[1:], np.int16))
    return np.stack(tokens), np.stack(sides)
