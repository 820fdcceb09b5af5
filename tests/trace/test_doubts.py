"""Which regions give a take away: compared place by place with works held out, and never more often than is
said."""

from __future__ import annotations

import numpy as np
import pytest

from etude.config.trust import TRACE
from etude.rng import for_
from etude.trace.critic_map import doubted, weakest

HELD = for_(1, "doubts").standard_normal((99, 4, 4)).astype(np.float32)


def test_a_region_below_all_works_is_named() -> None:
    take = np.zeros((4, 4), np.float32)
    take[2, 1] = -9.0
    rows = doubted(take, HELD)
    assert rows is not None and len(rows) == TRACE.grid and all(len(row) == TRACE.grid for row in rows)
    row, column, p = weakest(rows)
    assert (row, column) == (4, 2) and p == pytest.approx(
        0.01
    )  # 4 x 4 places on an 8 x 8 grid: the third row begins at the fifth
    assert sum(p <= 0.01 for row in rows for p in row) == 4


def test_a_place_is_compared_with_the_same_place() -> None:
    """Corners of works are doubted everywhere; a take whose corner is like theirs is ordinary there."""
    works = HELD.copy()
    works[:, 0, 0] -= 50.0
    rows = doubted(works[0], works[1:])
    assert rows is not None and rows[0][0] > 1 / 99


def test_works_held_out_are_doubted_as_often_as_is_said() -> None:
    fresh = for_(2, "doubts").standard_normal((400, 4, 4)).astype(np.float32)
    found = [doubted(one, HELD) for one in fresh]
    share = np.mean([p <= 0.05 for rows in found if rows for row in rows for p in row])
    assert 0.02 < share < 0.08


def test_too_few_works_say_nothing() -> None:
    assert doubted(np.zeros((4, 4), np.float32), HELD[: TRACE.held_out_needed - 1]) is None
    assert doubted(np.zeros((4, 4), np.float32), HELD[: TRACE.held_out_needed]) is not None
