"""Duplicates: the estimate is close, pairs are found, works inside others too, and a large collection takes
seconds."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etude.curate import duplicates
from etude.curate.duplicates import UInt64, estimate, find, group_of, measure, signature

RNG = np.random.default_rng(3)


def shingles(n: int) -> UInt64:
    return RNG.integers(0, 1 << 63, n, dtype=np.uint64)


def altered(values: UInt64, share: float) -> UInt64:
    changed = values.copy()
    changed[: round(share * len(values))] = shingles(round(share * len(values)))
    return changed


@settings(max_examples=25)
@given(st.floats(0, 1), st.integers(50, 3_000), st.integers(0, 1_000))
def test_the_estimate_is_close_to_the_truth(share: float, n: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    one = draw.integers(0, 1 << 63, n, dtype=np.uint64)
    two = one.copy()
    two[: round(share * n)] = draw.integers(0, 1 << 63, round(share * n), dtype=np.uint64)
    exact = measure("a", "b", np.unique(one), np.unique(two)).jaccard
    assert abs(estimate(signature(one), signature(two)) - exact) < 0.2  # 4.5 standard errors


def test_hashes_that_differ_in_few_bits_are_told_apart() -> None:
    one, two = np.arange(1000, dtype=np.uint64), np.arange(500, 1500, dtype=np.uint64)
    assert abs(estimate(signature(one), signature(two)) - 1 / 3) < 0.15


def test_copies_editions_and_excerpts_are_found_and_nothing_else() -> None:
    works = {f"w-{n}": shingles(400) for n in range(60)}
    works["copy"] = works["w-1"]
    works["edition"] = altered(works["w-2"], 0.1)
    works["excerpt"] = works["w-3"][100:140]
    works["cousin"] = altered(works["w-4"], 0.7)
    groups = find(works)
    assert [group.ids for group in groups] == [("w-1", "copy"), ("w-2", "edition"), ("w-3", "excerpt")]
    assert groups[0].pairs[0].jaccard == 1.0
    assert 0.75 < groups[1].pairs[0].jaccard < 0.87
    assert groups[2].pairs[0].contained == 1.0
    assert group_of(groups)["excerpt"] == "w-3"


def test_a_chain_of_editions_is_one_group() -> None:
    first = shingles(500)
    second = altered(first, 0.15)
    third = np.concatenate([second[:425], shingles(75)])
    assert [group.ids for group in find({"a": first, "b": second, "c": third})] == [("a", "b", "c")]


def test_with_new_works_only_their_pairs_are_looked_for() -> None:
    one, two = shingles(100), shingles(100)
    works = {"a": one, "a-copy": one, "b": two, "b-copy": two}
    assert [group.ids for group in find(works, new=["b-copy"])] == [("b", "b-copy")]
    assert find(works, new=[]) == ()


@pytest.mark.parametrize("n", [0, 1, 3])
def test_tiny_works_count_only_when_they_are_equal(n: int) -> None:
    one = shingles(n)
    assert find({"a": one, "b": np.concatenate([one, shingles(1)]), "c": shingles(50)}) == ()
    assert len(find({"a": one, "b": one})) == (n > 0)


def test_no_works_and_one_work() -> None:
    assert find({}) == ()
    assert find({"a": shingles(20)}) == ()


def test_many_copies_of_one_work_are_one_group() -> None:
    one = shingles(200)
    groups = find({f"w-{n}": one for n in range(300)} | {"other": shingles(200)})
    assert [len(group.ids) for group in groups] == [300]


def test_phrases_that_everybody_uses_join_nobody() -> None:
    stock = shingles(150)
    assert find({f"w-{n}": np.concatenate([stock, shingles(150)]) for n in range(100)}) == ()


def test_in_a_large_collection_an_excerpt_is_found_by_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "_INDEXED", 3_000)
    works = {f"w-{n}": shingles(400) for n in range(30)}
    works |= {f"excerpt-{n}": works[f"w-{n}"][200:320] for n in range(5)}
    assert [group.ids for group in find(works)] == [(f"w-{n}", f"excerpt-{n}") for n in range(5)]


def test_a_thousand_works_of_twenty_megabytes_take_seconds() -> None:
    works = {f"w-{n}": shingles(3_500) for n in range(1_000)}  # one shingle a word
    works["edition"] = altered(works["w-500"], 0.1)
    start = time.process_time()
    groups = find(works)
    assert time.process_time() - start < 8
    assert [group.ids for group in groups] == [("w-500", "edition")]
