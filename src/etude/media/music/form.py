"""The form of a tune: which of its bars come back, how far back they stood, and whether they are the same.

A plan has one number a bar: 0 where it is new, L where it is the bar L bars before it, -L where it is that
bar varied (another ending, another beginning). Bars that come back do so in phrases, so the plan is the
cheapest path (Viterbi) among distances back, in which a change of distance costs something. Knows no key and
no codec.

Letters: N bars.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Bar = tuple[tuple[int, int, int], ...]  # (place, duration, pitch) of each event
FARTHEST = 64  # bars that a plan looks back
ALIKE = 0.5  # of the notes of two bars that must agree for one to be the other varied
NEW, CHANGE = 0.2, 0.3  # what a new bar is worth beside one that comes back whole (1); what a change costs
LAGS = (1, 2, 4, 8, 16)  # distances that the network tells apart; others are one


def plan_of(bars: Sequence[Bar]) -> tuple[int, ...]:
    """The plan of these bars."""
    n = len(bars)
    if n < 2:
        return (0,) * n
    far = min(n - 1, FARTHEST)
    worth = _worth(bars, far)
    total, came = worth[0].copy(), np.zeros((n, far + 1), np.int64)
    for b in range(1, n):
        best = int(total.argmax())
        moved = total[best] - CHANGE
        came[b] = np.where(total >= moved, np.arange(far + 1), best)
        total = np.maximum(total, moved) + worth[b]
    at, plan = int(total.argmax()), [0] * n
    for b in range(n - 1, -1, -1):
        plan[b] = at if not at or bars[b] == bars[b - at] else -at
        at = int(came[b, at])
    return tuple(plan)


def alike(bars: Sequence[Bar]) -> npt.NDArray[np.float64]:
    """(N, N) how much two bars have in common: twice the notes of one place and pitch, of all they have."""
    column: dict[tuple[int, int], int] = {}
    notes = [[column.setdefault((p, pitch), len(column)) for p, _, pitch in bar] for bar in bars]
    has = np.zeros((len(bars), max(1, len(column))))
    for b, row in enumerate(notes):
        has[b, row] = 1.0
    size = has.sum(1)
    common: npt.NDArray[np.float64] = 2 * (has @ has.T) / np.maximum(size[:, None] + size, 1.0)
    return common


def _worth(bars: Sequence[Bar], far: int) -> npt.NDArray[np.float64]:
    """(N, far + 1) what each bar is worth as the one so many bars before it: 1 where they are equal, less
    where it is varied, NEW where it is new."""
    n = len(bars)
    number: dict[Bar, int] = {}
    same = np.array([number.setdefault(bar, len(number)) for bar in bars])
    common, sounds = alike(bars), np.array([bool(bar) for bar in bars])
    value = np.where(common >= ALIKE, 0.7 * common, -1e9)
    value[(same[:, None] == same) & sounds[:, None]] = 1.0
    back = np.arange(n)[:, None] - np.arange(far + 1)
    worth = np.where(back >= 0, np.take_along_axis(value, np.maximum(back, 0), 1), -1e9)
    worth[:, 0] = NEW
    return worth


def code(step: int) -> int:
    """A number of a plan as a side input: 0 new, then the distances of `LAGS` and all others, whole and
    varied."""
    lag = abs(step)
    if not lag:
        return 0
    number = LAGS.index(lag) if lag in LAGS else len(LAGS)
    return 1 + 2 * number + (step < 0)


CODES = 1 + 2 * (len(LAGS) + 1)


def spoken(plan: Sequence[int], pickup: bool) -> str:
    """The form in letters, a letter for each four bars ('A B A B C D C D'): the same letter where most of
    them come from there, a stroke where they are varied. '' for less than two letters."""
    steps = list(plan[1:] if pickup else plan)
    letters: list[str] = []
    names = iter("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    for a in range(0, len(steps) - len(steps) % 4, 4):
        part = steps[a : a + 4]
        back = max(set(map(abs, part)), key=lambda lag: (sum(abs(s) == lag for s in part), lag))
        whole = back and back % 4 == 0 and back <= a and sum(abs(s) == back for s in part) >= 3
        if whole:
            name = letters[(a - back) // 4].rstrip("'")
            letters.append(name if all(s == back for s in part) else name + "'")
        else:
            letters.append(next(names, "Z"))
    return " ".join(letters) if len(letters) > 1 else ""
