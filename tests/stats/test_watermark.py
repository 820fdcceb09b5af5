"""The mark: its p-value is exact, the kernel and the reader compute the same numbers, and it distorts
nothing."""

from __future__ import annotations

import math

import numpy as np
import pytest

from etude.families.sequence import sampling_kernel
from etude.rng import for_
from etude.stats import watermark


@pytest.mark.parametrize(("n", "s"), [(1, 2.0), (5, 3.0), (40, 60.0), (400, 500.0)])
def test_the_tail_is_that_of_a_sum_of_exponentials(n: int, s: float) -> None:
    by_hand = sum(math.exp(k * math.log(s) - s - math.lgamma(k + 1)) for k in range(n))
    assert watermark.gamma_tail(n, s) == pytest.approx(by_hand, rel=1e-9)
    assert watermark.gamma_tail(n, 0.0) == 1.0 and watermark.gamma_tail(3, 5000.0) == 0.0


def test_kernel_and_reader_agree_on_contexts() -> None:
    symbols = for_(1, "watermark").integers(0, 256, 60)
    read = watermark.contexts(symbols, 8)
    for i, context in enumerate(read):
        assert sampling_kernel._context(symbols[i : i + 8].astype(np.uint64)) == context


def test_what_nobody_marked_is_as_unlikely_as_its_p_value_says() -> None:
    g, runs = for_(2, "watermark"), 200
    found = [watermark.detect(g.integers(0, 256, 80), 4, f"{k:x}") for k in range(runs)]
    p = np.array([one.p for one in found if one is not None])
    assert len(p) == runs and (p <= 0.05).sum() <= 0.05 * runs + 3 * math.sqrt(runs * 0.05)
    assert abs(np.mean([one.mean for one in found if one is not None]) - 1.0) < 0.4


def test_repeating_a_phrase_is_no_evidence() -> None:
    phrase = for_(3, "watermark").integers(0, 256, 50).tolist()
    once, often = (watermark.detect(phrase * k, 4, "ab") for k in (1, 40))
    assert once is not None and often is not None and often.scored <= once.scored + 4
    assert watermark.detect(phrase[:20], 4, "ab") is None


def test_over_keys_the_marked_draw_is_a_draw_from_the_probabilities() -> None:
    p = np.array([0.5, 0.3, 0.15, 0.05])
    context = watermark.contexts(np.arange(9), 8)
    keys = np.array([watermark.keyed(f"{k:x}", 0) for k in range(4000)], np.uint64)
    numbers = watermark.numbers(context, np.arange(4)[None], keys[:, None])
    counts = np.bincount(np.argmax(np.log(numbers) / p, 1), minlength=4) / len(keys)
    assert np.abs(counts - p).max() < 0.03
