"""Runs of tokens that a take does not repeat, because works do not: how long they are, and a guard.

Small networks fall into repeating themselves, which likelihood alone does not forbid. Works say how long a
run must be that hardly any of them repeats; where they do repeat themselves (refrains), nothing is forbidden.
Knows no words.

Letters: T tokens.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from etude.media.contract import Watch

LONGEST, SHORTEST = 12, 4  # tokens
SELDOM = 0.0005  # of the runs of works, that may stand in the same work shortly before
NEAR = 256  # tokens: how far back a run counts as repeated


def unrepeated(works: Iterable[npt.NDArray[np.int32]]) -> int:
    """The length of the shortest runs that works (T,) hardly ever repeat; 0 where they repeat even long
    ones."""
    texts = [tokens.tolist() for tokens in works]
    for n in range(SHORTEST, LONGEST + 1):
        again, runs = 0, 0
        for tokens in texts:
            last: dict[tuple[int, ...], int] = {}
            for i in range(len(tokens) - n + 1):
                run = tuple(tokens[i : i + n])
                again += run in last and i - last[run] <= NEAR
                last[run] = i
                runs += 1
        if runs and again <= SELDOM * runs:
            return n
    return 0


class Unrepeated:
    """Watches one take beside the copy guard, if there is one, and forbids tokens that repeat a run."""

    def __init__(self, n: int, tokens: Sequence[int], guard: Watch | None) -> None:
        """After these tokens (bos first)."""
        self._n, self._guard = n, guard
        self._tokens = [int(t) for t in tokens[-NEAR:]]

    def banned(self) -> list[int] | npt.NDArray[np.bool_]:
        """What the guard forbids, and the tokens with which a run would come again."""
        own = self._repeats()
        other = self._guard.banned() if self._guard is not None else None
        if isinstance(other, np.ndarray):
            mask = other.copy()
            mask[own] = True
            return mask
        return [*own, *(other or ())]

    def push(self, token: int) -> None:
        """Take a token."""
        self._tokens = [*self._tokens, int(token)][-NEAR:]
        if self._guard is not None:
            self._guard.push(token)

    def _repeats(self) -> list[int]:
        n, tokens = self._n - 1, self._tokens
        last = tokens[-n:]
        if len(last) < n:
            return []
        return [tokens[i + n] for i in range(len(tokens) - n) if tokens[i : i + n] == last]
