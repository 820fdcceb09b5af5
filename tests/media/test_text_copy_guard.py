"""The copy guard of texts finds exactly the runs of words that brute force finds, and forbids what would
complete one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etude.errors import TakeError
from etude.media.music.copy_guard import MotifGuard
from etude.media.text.copy_guard import Spelling, TextWatch, WordGuard
from etude.media.text.words import words
from tests.families.sequence import small_models as small

TEXTS = st.lists(st.sampled_from(["the", "moon", "sea", "and", "don't", "café", "月"]), max_size=30).flatmap(
    lambda ws: st.lists(
        st.sampled_from([" ", ", ", "\n", " — ", ". "]), min_size=len(ws), max_size=len(ws)
    ).map(lambda gaps: "".join(w + g for w, g in zip(ws, gaps, strict=True)))
)


def runs(text: str, n: int) -> dict[tuple[str, ...], list[tuple[int, int]]]:
    """Every run of n words with the characters it covers."""
    found = words(text)
    out: dict[tuple[str, ...], list[tuple[int, int]]] = {}
    for i in range(len(found) - n + 1):
        out.setdefault(tuple(w for _, _, w in found[i : i + n]), []).append(
            (found[i][0], found[i + n - 1][1])
        )
    return out


@given(st.lists(TEXTS, max_size=3), TEXTS, st.integers(3, 5), st.integers(0, 20))
def test_copies_are_those_of_brute_force(shelf: list[str], text: str, n: int, start: int) -> None:
    known = set().union(*(runs(t, n) for t in shelf)) if shelf else set()
    want = sorted(
        span for run, spans in runs(text, n).items() if run in known for span in spans if span[1] > start
    )
    assert sorted(WordGuard(shelf, n).copies(text, start)) == want


def test_case_and_punctuation_do_not_let_a_copy_through() -> None:
    guard = WordGuard(["The moon was low above the sea, and every bell was still."], 5)
    assert guard.copies("It said: “MOON! Was low; above — the” and went.")
    assert not guard.copies("moon was low beneath the sea and every tree")
    assert not guard.copies("above the sea")


def test_no_run_goes_from_one_work_into_the_next() -> None:
    assert not WordGuard(["one two three", "four five six"], 3).copies("two three four five")


def test_every_token_that_would_complete_a_run_is_forbidden() -> None:
    codec, _ = small.text_tree()
    data = [bytes(p) for p in codec.paths]
    guard = WordGuard(["The moon was low above the sea."], 4)
    watch = TextWatch(guard, Spelling(data), data)
    for token in codec.encode("So the moon was").tokens[1:-1].tolist():
        watch.push(token)
    banned = set(watch.banned())
    for token, raw in enumerate(data):
        found = words(raw.decode("utf-8", "ignore"))
        if raw[:1] == b" " and len(found) == 1 and "low".startswith(found[0][2]) and raw.decode().strip():
            assert token in banned, raw
    assert not any(raw.startswith(b" m") for raw in (data[t] for t in banned))
    for token in codec.encode(" high").tokens[1:-1].tolist():
        watch.push(token)
    assert watch.banned() == []


def test_common_property_cannot_be_kept_out() -> None:
    with pytest.raises(TakeError, match="copies of 2 words"):
        WordGuard(["a b c"], 2)
    with pytest.raises(TakeError, match="copies of 3 notes"):
        MotifGuard([small.tune(1)], 3)
