"""Runs that works do not repeat, and the guard that keeps them out of takes."""

from __future__ import annotations

import numpy as np

from etude.families.sequence.make.repeats import Unrepeated, unrepeated


def test_works_say_how_long_a_run_is_that_they_do_not_repeat() -> None:
    g = np.random.default_rng(0)
    plain = g.integers(0, 5000, 4000).astype(np.int32)
    assert unrepeated([plain]) == 4
    halves = np.concatenate([np.r_[plain[i : i + 40], plain[i : i + 6]] for i in range(0, 4000, 40)])
    assert unrepeated([halves.astype(np.int32)]) == 7
    refrain = np.concatenate([np.r_[plain[i : i + 20], plain[:16]] for i in range(0, 4000, 20)])
    assert unrepeated([refrain.astype(np.int32)]) == 0
    assert unrepeated([]) == 0


def test_a_run_does_not_come_again() -> None:
    class Guard:
        pushed = 0

        def banned(self) -> list[int]:
            return [77]

        def push(self, token: int) -> None:
            self.pushed += 1

    guard = Guard()
    watch = Unrepeated(3, [9, 1, 2, 3, 1], guard)
    assert watch.banned() == [77]
    watch.push(2)
    assert watch.banned() == [3, 77] and guard.pushed == 1
    watch.push(4)
    watch.push(1)
    watch.push(2)
    assert sorted(watch.banned()) == [3, 4, 77]
    alone = Unrepeated(3, [5], None)
    assert alone.banned() == []
