"""Fisher's test against what is known of it."""

from __future__ import annotations

import pytest

from etude.stats.more_often import more_often


def test_the_lady_who_tasted_tea() -> None:
    assert more_often(4, 4, 0, 4) == pytest.approx(1 / 70)
    assert more_often(3, 4, 1, 4) == pytest.approx(17 / 70)


def test_nothing_is_more_often_than_never() -> None:
    assert more_often(0, 50, 0, 70) == 1.0
