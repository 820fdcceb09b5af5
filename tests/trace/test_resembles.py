"""The conformal p-value is uniform when piece and held-out works are alike, and small when the piece is
nearer than they are."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from etude.errors import ProjectError
from etude.media import MEDIA
from etude.stats.conformal import p_value
from etude.trace.likeness import Bank, bank, flagged_of, part_size, passages, resembles

TEXT = MEDIA["text"]


def rows(rng: np.random.Generator, n: int, d: int = 8) -> np.ndarray:
    x = rng.normal(size=(n, d)).astype(np.float32)
    unit: np.ndarray = x / np.linalg.norm(x, axis=1, keepdims=True)
    return unit


def made(features: np.ndarray, name: str = "w") -> Bank:
    n = len(features)
    return Bank(tuple(f"{name}-{i}" for i in range(n)), np.array([(0, 10)] * n).reshape(-1, 2), features)


def test_p_is_uniform_under_exchangeability() -> None:
    rng = np.random.default_rng(0)
    p = []
    for _ in range(400):
        train, held, piece = made(rows(rng, 30)), made(rows(rng, 39), "h"), rows(rng, 1)[0]
        found = resembles(piece, 64, train, held)
        assert found.p is not None
        p.append(found.p)
    values = np.array(p)
    for alpha in (0.05, 0.1, 0.25, 0.5, 0.75):
        share = float(np.mean(values <= alpha + 1e-9))
        assert abs(share - alpha) < 4 * np.sqrt(alpha * (1 - alpha) / 400)  # four standard errors
    assert values.min() >= 1 / 40


def test_a_copy_is_flagged_at_the_smallest_p_and_its_work_named() -> None:
    rng = np.random.default_rng(1)
    train, held = made(rows(rng, 50)), made(rows(rng, 99), "h")
    found = resembles(train.features[7], 64, train, held)
    assert found.p == pytest.approx(1 / 100) and found.flagged
    assert found.nearest[0].work == "w-7" and found.nearest[0].similarity == pytest.approx(1, abs=1e-5)


def test_too_few_held_out_passages_give_no_number() -> None:
    rng = np.random.default_rng(2)
    found = resembles(rows(rng, 1)[0], 64, made(rows(rng, 5)), made(rows(rng, 19), "h"))
    assert (
        found.p is None
        and not found.flagged
        and (found.held_out, found.needed) == (19, 20)
        and len(found.nearest) == 5
    )
    assert (
        resembles(rows(rng, 1)[0], 64, made(np.zeros((0, 8), np.float32)), made(rows(rng, 30), "h")).nearest
        == ()
    )


def test_many_held_out_passages_are_thinned_evenly() -> None:
    rng = np.random.default_rng(5)
    found = resembles(rows(rng, 1)[0], 64, made(rows(rng, 10)), made(rows(rng, 1000), "h"))
    assert found.held_out == found.held_out_works == 200 and found.p is not None and found.p >= 1 / 201


def test_ties_count_against_the_piece() -> None:
    assert p_value(0.5, [0.5, 0.4, 0.6]) == pytest.approx(3 / 4)


def test_chance_is_counted_beside_the_flags() -> None:
    rng = np.random.default_rng(3)
    train, held = made(rows(rng, 40)), made(rows(rng, 99), "h")
    flagged, chance = flagged_of([resembles(x, 64, train, held) for x in rows(rng, 20)])
    assert 0 <= flagged <= 20 and chance == pytest.approx(20 * 0.05)


def test_long_works_are_compared_in_parts_of_about_the_size_of_the_piece() -> None:
    text = "\n".join(f"This is line number {i} of a rather long poem." for i in range(400))
    parts = passages(TEXT, text, 2048)
    assert parts[0][0] == 0 and parts[-1][1] == len(text)
    assert all(a[1] == b[0] for a, b in pairwise(parts))
    assert all(1000 < b - a < 3100 for a, b in parts)
    found = bank(TEXT, [("w-a", text, 0, len(text)), ("w-b", "short\npiece", 0, 11)], 2048)
    assert len(found.features) == len(parts) + 1 and found.works[-1] == "w-b"
    assert [part_size(n) for n in (1, 700, 2000, 3000)] == [64, 512, 2048, 4096]


def test_a_bank_is_plain_arrays() -> None:
    found = made(rows(np.random.default_rng(4), 3))
    again = Bank.from_arrays(found.to_arrays())
    assert again.works == found.works and np.array_equal(again.features, found.features)
    assert Bank.from_arrays(made(np.zeros((0, 1), np.float32)).to_arrays()).works == ()
    with pytest.raises(ProjectError, match="damaged"):
        Bank.from_arrays({**found.to_arrays(), "works": np.frombuffer(b"one", np.uint8)})
