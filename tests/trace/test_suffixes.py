"""The suffix array finds exactly what a brute-force search finds, on small random collections full of
repetitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etude.errors import ProjectError
from etude.trace.suffixes import build, from_arrays

Runs = list[list[int]]


def occurs(runs: Runs, part: list[int]) -> int:
    return sum(run[i : i + len(part)] == part for run in runs for i in range(len(run) - len(part) + 1))


def brute(runs: Runs, query: list[int]) -> list[tuple[int, int]]:
    """Every matching span that lies inside no other matching span."""
    size = len(query)
    spans = [(a, b) for a in range(size) for b in range(a + 1, size + 1) if occurs(runs, query[a:b])]
    return [s for s in spans if not any(o != s and o[0] <= s[0] and s[1] <= o[1] for o in spans)]


symbols = st.integers(1, 3)
collection = st.lists(st.lists(symbols, max_size=30), min_size=1, max_size=4)


@settings(max_examples=150, deadline=None)
@given(collection, st.lists(st.integers(1, 4), max_size=24))
def test_maximal_spans_and_counts_are_those_of_brute_force(runs: Runs, query: list[int]) -> None:
    index = build([np.array(r, dtype=np.uint64) for r in runs])
    key = index.query(np.array(query, dtype=np.uint64))
    found = list(index.maximal(key))
    assert found == brute(runs, query)
    for a, b in found:
        at = index.occurrences(key[a * index.width : b * index.width])
        assert len(at) == occurs(runs, query[a:b])


def test_a_long_copy_is_found_whole_and_never_across_two_streams() -> None:
    rng = np.random.default_rng(0)
    one, two = rng.integers(1, 90000, 5000).astype(np.uint64), rng.integers(1, 90000, 5000).astype(np.uint64)
    index = build([one, two])
    assert index.width == 2
    assert list(index.maximal(index.query(one))) == [(0, 5000)]
    joined = np.concatenate([one[-50:], two[:50]])
    assert list(index.maximal(index.query(joined))) == [(0, 50), (50, 100)]


def test_many_symbols_take_a_wider_code() -> None:
    many = np.arange(1, 70_000, dtype=np.uint64)
    index = build([many])
    assert index.width == 3
    assert list(index.maximal(index.query(many[60_000:60_100]))) == [(0, 100)]


def test_arrays_round_trip_and_damage_is_named() -> None:
    index = build([np.array([3, 1, 4, 1, 5], dtype=np.uint64)])
    again = from_arrays(index.to_arrays())
    key = again.query(np.array([1, 5], dtype=np.uint64))
    assert sorted(again.occurrences(key).tolist()) == sorted(index.occurrences(key).tolist()) == [3]
    with pytest.raises(ProjectError, match="lacks order"):
        from_arrays({name: a for name, a in index.to_arrays().items() if name != "order"})
    with pytest.raises(ProjectError, match="damaged"):
        from_arrays({**index.to_arrays(), "text": np.zeros(7, np.uint8)})


def test_nothing_to_search() -> None:
    assert list(build([]).maximal(b"")) == []
    index = build([np.zeros(0, np.uint64)])
    assert list(index.maximal(index.query(np.array([1, 2], dtype=np.uint64)))) == []
