"""What comes before the first step is foreseen, counted from the start of the process."""

from __future__ import annotations

import time

import pytest

from etude.errors import BudgetError
from etude.families.sequence.learn.time_plan import Rest
from etude.training.budget import Budget, Meter
from etude.training.foreseen import Foreseen
from etude.training.since import process_start


def test_a_budget_that_reading_would_use_up_is_refused_with_both_numbers_and_the_next_command() -> None:
    ahead = Foreseen(Budget(seconds=20.0), time.monotonic() - 10)
    ahead.add(5.0, "reading 9 works")
    with pytest.raises(BudgetError) as raised:
        ahead.add(30.0, "reading 9 works")
    assert "a budget of 20 s" in raised.value.message and "reading 9 works" in raised.value.message
    assert "40 s" in raised.value.message and raised.value.hint == "give at least 2 min: --budget 2m"


def test_the_rest_is_foreseen_from_what_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    ahead = Foreseen(Budget(seconds=20.0), None)
    ahead.check(1, 1_000_000, "reading")  # nothing can be said yet
    at = time.monotonic()
    monkeypatch.setattr("etude.training.foreseen.time.monotonic", lambda: at + 4.0)
    ahead.check(500, 1_000, "reading")  # 4 s more: 8 of 20
    with pytest.raises(BudgetError, match="40 s"):
        ahead.check(100, 1_000, "reading")


def test_where_little_is_left_it_is_foreseen_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine starts slowly: two seconds of trying would use up what is left."""
    ahead = Foreseen(Budget(seconds=20.0), time.monotonic() - 15.0)
    at = time.monotonic()
    monkeypatch.setattr("etude.training.foreseen.time.monotonic", lambda: at + 0.6)
    with pytest.raises(BudgetError, match="20 s is too short"):
        ahead.check(100, 1_000, "reading")


def test_a_budget_of_steps_is_never_refused() -> None:
    Foreseen(Budget(steps=3), time.monotonic() - 1e6).add(1e9, "reading")


def test_the_process_began_before_now_and_not_long_ago_by_its_own_clock() -> None:
    first, second = process_start(), process_start()
    assert first <= time.monotonic() and abs(first - second) < 0.1


def test_the_clock_of_a_meter_counts_from_the_start_that_it_is_given() -> None:
    assert Meter(None, time.monotonic() - 30.0).read().wall_s >= 30.0
    assert Meter().read().wall_s < 5.0


def test_a_stage_gets_no_more_than_what_is_left() -> None:
    assert (
        3.5 < (Rest(time.monotonic() + 10.0, slow=6.0).of(None) or 0.0) <= 4.0
    )  # a busy machine saves longer
    rest = Rest(time.monotonic() + 10.0)
    assert rest.of(2.0) == 2.0
    assert 6.0 < (rest.of(None, after_s=2.0) or 0.0) < 7.1  # 10 less 2 less the saving
    assert rest.of(5.0, after_s=100.0) == 0.0
    assert Rest(None).of(3.0) == 3.0 and Rest(None).of(None) is None
