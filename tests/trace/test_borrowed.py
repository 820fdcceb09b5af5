"""The borrowed record keeps every share: nothing is lost, nothing invented, and shares that do not sum are
refused."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from etude.errors import ModelError
from etude.trace.borrowed import borrowed


def place(work: str, start: int, end: int, share: float) -> Any:
    return SimpleNamespace(work_id=work, start=start, end=end, share=share)


def scored(
    places: list[list[Any]], rest: list[float] | None = None, memory: list[float] | None = None
) -> Any:
    rest = rest or [0.0] * len(places)
    total = [sum(p.share for p in ps) + r for ps, r in zip(places, rest, strict=True)]
    return SimpleNamespace(
        nats=np.ones(len(places)),
        tokens=np.zeros(len(places), np.int32),
        offsets=np.arange(len(places) + 1) * 3,
        scored=np.ones(len(places), bool),
        memory=np.array(memory or total),
        rest=np.array(rest),
        places=places,
    )


def test_random_shares_sum_to_one_for_each_token_and_over_works() -> None:
    rng = np.random.default_rng(3)
    places = []
    rest = []
    for _ in range(200):
        shares = rng.dirichlet(np.ones(5))  # four places or fewer, the rest, the network
        places.append(
            [
                place(f"w-{rng.integers(4)}", int(s), int(s) + 3, float(x))
                for s, x in zip(rng.integers(0, 500, 3), shares, strict=False)
            ]
        )
        rest.append(float(shares[3]))
    found = borrowed(scored(places, rest))
    for token in found.tokens:
        assert sum(p.share for p in token.places) + token.rest + token.network == pytest.approx(1, abs=1e-9)
    assert sum(w.share for w in found.works) + found.rest + found.network == pytest.approx(1, abs=1e-9)
    assert [w.share for w in found.works] == sorted((w.share for w in found.works), reverse=True)


@pytest.mark.parametrize("memory", [0.4, 0.6, 1.2])
def test_shares_that_do_not_sum_are_refused(memory: float) -> None:
    with pytest.raises(ModelError, match="do not sum to 1"):
        borrowed(scored([[place("w", 0, 3, 0.5)]], memory=[memory]))


def test_neighbours_that_follow_one_work_become_one_passage() -> None:
    run = [
        [place("w-a", 30 + 3 * t, 33 + 3 * t, 0.8), place("w-b", 7 * t, 7 * t + 3, 0.05)] for t in range(6)
    ]
    found = borrowed(scored(run), quote=lambda work, a, b: (f"line {a}", ("", work, "")))
    (passage,) = found.passages
    assert (passage.work, passage.start, passage.end, passage.work_start, passage.work_end) == (
        "w-a",
        0,
        18,
        30,
        48,
    )
    assert passage.tokens == 6 and passage.share == pytest.approx(0.8) and passage.place == "line 30"


def test_one_strange_token_does_not_break_a_passage_and_two_do() -> None:
    def run(gap: int) -> list[list[Any]]:
        return [[] if 3 <= t < 3 + gap else [place("w-a", 3 * t, 3 * t + 3, 0.9)] for t in range(8)]

    assert len(borrowed(scored(run(1))).passages) == 1
    assert len(borrowed(scored(run(2))).passages) == 2


def test_the_same_words_at_several_places_of_a_work_are_told_once() -> None:
    twice = [
        [place("w-a", 3 * t, 3 * t + 3, 0.5), place("w-a", 900 + 3 * t, 903 + 3 * t, 0.4)] for t in range(5)
    ]
    assert len(borrowed(scored(twice)).passages) == 1


def test_nothing_borrowed() -> None:
    found = borrowed(scored([[], []]))
    assert found.memory == 0 and found.network == 1 and found.works == () and found.passages == ()
    assert borrowed(scored([])).memory == 0


def test_what_was_given_is_not_borrowed() -> None:
    shares = scored([[place("w-a", 0, 3, 0.9)], [place("w-b", 0, 3, 0.2)]])
    shares.scored[0] = False
    found = borrowed(shares)
    assert (
        [w.work for w in found.works] == ["w-b"]
        and found.memory == pytest.approx(0.2)
        and len(found.tokens) == 1
    )
