"""What a step sees depends on seed, epoch and place alone; windows of music begin on bar lines."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from etude.families.sequence.learn.batches import CONDITION_DROPOUT, Batch, Batches
from tests.families.sequence import small_models as small


def same(a: Batch, b: Batch) -> bool:
    return all(
        (x == y).all()
        for x, y in zip((a.x, a.y, a.side, a.counts), (b.x, b.y, b.side, b.counts), strict=True)
    )


@pytest.mark.parametrize("medium", ["text", "music"])
def test_going_on_from_a_place_gives_the_same_batches(medium: str) -> None:
    whole = Batches(small.corpus(medium), window=64, batch=5, seed=3)
    places, seen = [], []
    while whole.epoch < 3:
        places.append((whole.epoch, whole.index))
        seen.append(whole.next())
    for i in (0, 1, len(seen) // 2, len(seen) - 1):
        part = Batches(small.corpus(medium), window=64, batch=5, seed=3)
        part.epoch, part.index = places[i]
        assert all(same(part.next(), b) for b in seen[i : i + 3])
    other = Batches(small.corpus(medium), window=64, batch=5, seed=4)
    assert not same(other.next(), seen[0])


def test_every_pass_sees_everything_once_in_a_new_order() -> None:
    corpus = small.corpus("text")
    batches = Batches(corpus, window=64, batch=1, seed=0)
    firsts = []
    for epoch in range(3):
        seen = 0
        batches.epoch, batches.index = epoch, 0
        targets = []
        for _ in range(batches.windows):
            b = batches.next()
            assert (b.x[:, 1:] == b.y[:, :-1]).all() and b.x.shape == b.y.shape == b.counts.shape
            seen += b.y.size
            targets.append(b.y)
        total = corpus.train_tokens
        assert total - 2 * 64 <= seen <= total + 64
        assert len(np.unique(batches._starts)) == batches.windows  # no window twice
        firsts.append(targets[0].tobytes())
    assert len(set(firsts)) == 3


def test_windows_of_music_begin_on_bar_lines() -> None:
    corpus = small.corpus("music")
    batches = Batches(corpus, window=64, batch=3, seed=1)
    for _ in range(40):
        b = batches.next()
        assert (b.side[:, 0, 0] == 1).all()  # the highest voice
        assert (b.side[:, 0, 2] == 1).all()  # at the bar's first 16th


def test_in_about_a_tenth_of_the_windows_the_conditions_are_left_out() -> None:
    for medium in ("text", "music"):
        corpus = small.corpus(medium)
        k = len(corpus.conditions)
        assert k
        batches = Batches(corpus, window=24, batch=10, seed=0)
        bare = n = 0
        for _ in range(120):
            side = batches.next().side[:, :, -k:]
            bare += int((side == 0).all((1, 2)).sum())
            n += len(side)
            assert ((side == 0).all((1, 2)) | (side[:, :, 0] > 0).all(1)).all()  # wholly or not at all
        assert abs(bare / n - CONDITION_DROPOUT) < 0.03


def test_works_count_by_their_weight() -> None:
    corpus = small.corpus("text")
    heavy = replace(
        corpus,
        train=(replace(corpus.train[0], part=replace(corpus.train[0].part, weight=3.0)), *corpus.train[1:]),
    )
    extra = (
        Batches(heavy, window=64, batch=1, seed=0).windows
        - Batches(corpus, window=64, batch=1, seed=0).windows
    )
    assert abs(extra - 2 * len(corpus.train[0].encoded.tokens) / 64) <= 2


def test_a_corpus_shorter_than_the_window_is_one_window() -> None:
    corpus = small.corpus("text")
    short = replace(
        corpus,
        train=(replace(corpus.train[0], part=replace(corpus.train[0].part, content="A few words only.")),),
    )
    b = Batches(short, window=256, batch=2, seed=0).next()
    assert short.codec.decode([t for t in b.y[0].tolist() if t != short.codec.eos]) == "A few words only."
