"""Stretches that the generator makes in the place of real ones: what a critic learns to tell apart.

For a window of a work, the first half is given and the generator goes on; the real second half and the made one then stand after the same
words or bars. Knows no critic.

Letters: N windows, T tokens of a window, S side inputs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from etude import rng
from etude.models.mixture import SequenceModel
from etude.models.streams import STREAMS, Engine, Line


@dataclass
class WindowCursor:
    """A cursor over one window of a work: its first `before` tokens are given, its side inputs are those of the work throughout."""

    tokens: npt.NDArray[np.int32]
    rows: list[tuple[int, ...]]
    before: int
    at: int = 0

    def side(self) -> tuple[int, ...]:
        return self.rows[self.at]

    def allowed(self) -> npt.NDArray[np.bool_] | None:
        return None

    def forced(self) -> int | None:
        return int(self.tokens[self.at]) if self.at < self.before else None

    def push(self, token: int) -> None:
        self.at += 1

    @property
    def done(self) -> bool:
        return self.at >= len(self.tokens)


def windows(
    tokens: npt.NDArray[np.int32], side: npt.NDArray[np.int16], length: int, most: int
) -> list[tuple[npt.NDArray[np.int32], npt.NDArray[np.int16]]]:
    """Windows side by side through one content, bos and eos left out; evenly thinned to `most`."""
    starts = list(range(1, len(tokens) - length, length))
    if len(starts) > most:
        starts = [starts[int(i)] for i in np.linspace(0, len(starts) - 1, most)]
    return [(tokens[s : s + length], side[s : s + length]) for s in starts]


def continued(
    model: SequenceModel, real: list[tuple[npt.NDArray[np.int32], npt.NDArray[np.int16]]], before: int, *, seed: int, heat: float
) -> npt.NDArray[np.int32]:
    """For each window the generator's own second half after the same first half: (N, T)."""
    out = []
    with Engine(model, heat=heat) as engine:
        for a in range(0, len(real), STREAMS):
            lines = []
            for i, (tokens, side) in enumerate(real[a : a + STREAMS], a):
                rows = [tuple(int(x) for x in r) for r in side]
                lines.append(Line(WindowCursor(tokens, rows, before), rng.for_(seed, "against", i)))
            for line in lines:
                engine.open(line)
            while not lines[0].cursor.done:
                engine.step(lines)
            for line in lines:
                engine.close(line)
                out.append(np.array(line.tokens[1:], np.int32))
    return np.stack(out)
