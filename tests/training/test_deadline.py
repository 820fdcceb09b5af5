"""What fits into the time that is left."""

from __future__ import annotations

import math
import time

from etude.training.deadline import affordable, left, part


def test_what_is_left_is_never_negative_and_has_no_end_where_nothing_is_timed() -> None:
    now = time.monotonic()
    assert left(now - 5.0) == 0.0 and 9.0 < left(now + 10.0) <= 10.0 and left(None) == math.inf


def test_a_part_of_it_ends_earlier() -> None:
    half = part(time.monotonic() + 10.0, 0.5)
    assert half is not None and 4.0 < left(half) <= 5.0 and part(None, 0.5) is None


def test_as_many_things_as_fit() -> None:
    until = time.monotonic() + 10.0
    assert affordable(100, 1.0, until) == 9 and affordable(3, 1.0, until) == 3
    assert affordable(100, 1.0, until, 0.5) == 4 and affordable(100, 1.0, time.monotonic() - 1.0) == 0
    assert affordable(100, 1.0, None) == 100
