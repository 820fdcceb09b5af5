"""Negatives: stretches that the generator makes in the place of real ones, which a critic learns to tell
apart from these.

For a window of a work, the first half is given and the generator goes on; the real second half and the made
one then stand after the same words or bars. What is known of a token before it is drawn stands beside the
work's own tokens, but among events it depends on what was drawn: there a cursor that has walked through the
work goes on with the take. Knows no critic.

Letters: N windows, T tokens of a window, S side inputs.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from etude import rng
from etude.families.sequence.decoder import SLOTS, Decoder, Sequence
from etude.families.sequence.model import SequenceModel
from etude.media.contract import Cursor
from etude.stats.evenly import evenly


@dataclass(frozen=True)
class Window:
    """A part of a work: tokens (T,), side (T, S); of events also a cursor that has taken all before it, else
    None."""

    tokens: npt.NDArray[np.int32]
    side: npt.NDArray[np.int16]
    cursor: Cursor | None = None


@dataclass
class WindowCursor:
    """A cursor over one window: its first `before` tokens are given, then as many are made as it has more, of
    which none is the end."""

    tokens: list[int]
    rows: list[tuple[int, ...]]  # (T, S) the work's own side inputs
    before: int
    eos: int
    inner: Cursor | None = None
    at: int = 0

    def side(self) -> tuple[int, ...]:
        """Side inputs of the next token: the inner cursor's, or the work's own."""
        if self.inner is None:
            return self.rows[self.at]
        own = self.inner.side()
        return (*own, *self.rows[self.at][len(own) :])  # the conditions are the work's

    def allowed(self) -> npt.NDArray[np.bool_] | None:
        """What the inner cursor allows, but for the end; None without one."""
        mask = self.inner.allowed() if self.inner is not None else None
        if mask is None:
            return None
        mask = mask.copy()
        mask[self.eos] = False
        # one that knows its length may be at its end before the window is
        return mask if mask.any() else None

    def forced(self) -> int | None:
        """The work's own token in the first half, None in the second."""
        return self.tokens[self.at] if self.at < self.before else None

    def push(self, token: int) -> None:
        """Take the token and move on."""
        self.at += 1
        if self.inner is not None:
            self.inner.push(token)

    def fork(self) -> WindowCursor:
        """A twin at the same place."""
        return replace(self, inner=self.inner.fork() if self.inner is not None else None)

    @property
    def done(self) -> bool:
        """Whether the window is full."""
        return self.at >= len(self.tokens)


def windows(
    tokens: npt.NDArray[np.int32],
    side: npt.NDArray[np.int16],
    length: int,
    most: int,
    cursor: Cursor | None = None,
) -> Iterator[Window]:
    """Windows of `length` tokens side by side through one content, bos and eos left out; at most so many,
    evenly.

    tokens (T,) and side (T, S) are the content's; `cursor` stands at its beginning.
    """
    starts = range(1, len(tokens) - length, length)
    at = 1
    for i in evenly(len(starts), most).tolist():
        s = starts[i]
        if cursor is not None:
            for token in tokens[at:s].tolist():
                cursor.push(token)
            at = s
        twin = cursor.fork() if cursor is not None else None
        yield Window(tokens[s : s + length], side[s : s + length], twin)


def continued(
    model: SequenceModel,
    real: list[Window],
    before: int,
    *,
    seed: int,
    temperature: float,
    until: float | None = None,
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int16]]:
    """For each window the generator's own second half after the same `before` tokens: tokens (N, T) and side
    (N, T, S).

    `until`: a time of the monotonic clock after which no more are begun; those that are there (the first
    ones) are given.
    """
    tokens, sides = [], []
    with Decoder(model, temperature=temperature) as decoder:
        for a in range(0, len(real), SLOTS):
            if until is not None and a and time.monotonic() > until:
                break
            sequences = [
                Sequence(_cursor(model, window, before), rng.for_(seed, "against", i))
                for i, window in enumerate(real[a : a + SLOTS], a)
            ]
            for sequence in sequences:
                decoder.open(sequence)
            while not sequences[0].cursor.done:
                decoder.step(sequences)
            for sequence in sequences:
                decoder.close(sequence)
                tokens.append(np.array(sequence.tokens[1:], np.int32))
                sides.append(np.array(sequence.sides[1:], np.int16))
    return np.stack(tokens), np.stack(sides)


def _cursor(model: SequenceModel, window: Window, before: int) -> WindowCursor:
    """A cursor at the beginning of a window, of its own."""
    inner = window.cursor.fork() if window.cursor is not None else None
    rows = [tuple(r) for r in window.side.tolist()]
    return WindowCursor(window.tokens.tolist(), rows, before, model.codec.eos, inner)
