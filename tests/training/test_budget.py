"""Budgets as people write them, and what was spent added up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etude.errors import BudgetError
from etude.training.budget import Budget, Ledger, Meter, duration, watt_hours

UNITS = {"s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}


@given(
    st.lists(
        st.tuples(st.integers(1, 19), st.sampled_from(sorted(UNITS)), st.sampled_from(["", " "])),
        min_size=1,
        max_size=3,
    )
)
def test_times_add_up(parts: list[tuple[int, str, str]]) -> None:
    text = " ".join(f"{n}{space}{unit}" for n, unit, space in parts)
    assert Budget.parse([text]).seconds == sum(n * UNITS[unit] for n, unit, _ in parts)
    assert Budget.parse([text.upper()]) == Budget.parse([text])


@given(st.floats(0.001, 249.0).map(lambda x: round(x, 3)))
def test_energy_money_and_steps(x: float) -> None:
    assert Budget.parse([f"{x}kWh"]).kwh == pytest.approx(x)
    assert Budget.parse([f"{x} Wh"]).kwh == pytest.approx(x / 1000)
    assert Budget.parse([f"{x}".replace(".", ",") + "kWh"]).kwh == pytest.approx(x)
    paid = Budget.parse([f"{x}EUR"], tariff=0.25)
    assert paid.money == pytest.approx(x) and paid.currency == "EUR"
    assert paid.energy_kwh == pytest.approx(x / 0.25)
    assert Budget.parse([f"{int(x) + 1}steps"]).steps == int(x) + 1


def test_the_budgets_that_people_write() -> None:
    assert Budget.parse(["10min"]).seconds == 600
    assert Budget.parse(["90 sec"]).seconds == 90
    assert Budget.parse(["1h30m"]).seconds == 5400
    assert Budget.parse(["1,5h"]).seconds == 5400
    assert Budget.parse(["0.20€"], tariff=0.3).currency == "EUR"
    both = Budget.parse(["10m", "0.05kWh", "0.02EUR"], tariff=0.5)
    assert both.seconds == 600 and both.energy_kwh == pytest.approx(0.04)  # the tighter one counts
    assert both.describe() == "10 min or 0.05 kWh or 0.02 EUR"


@pytest.mark.parametrize(
    "text", ["99999h", "61d", "1001kWh", "400EUR", "100000001steps", "9" * 400 + "h", "9" * 400 + "steps"]
)
def test_slips_of_the_finger(text: str) -> None:
    with pytest.raises(BudgetError, match="more than any run can use"):
        Budget.parse([text], tariff=0.3)


@given(st.text(max_size=12))
def test_anything_else_is_refused_in_words(text: str) -> None:
    try:
        budget = Budget.parse([text], tariff=0.3)
    except BudgetError as error:
        assert error.message and error.hint
    else:
        assert budget.describe()


@pytest.mark.parametrize(
    "text", ["", "ten minutes", "10", "-5m", "10 parsecs", "5m!", "1e3s", "10mm", "m", "0x5s", "NaNs", "infs"]
)
def test_no_budget_at_all(text: str) -> None:
    with pytest.raises(BudgetError, match="at most 1,000 characters, and this one has 5,005"):
        Budget.parse(["9" * 5000 + "steps"])
    with pytest.raises(BudgetError, match="is not a budget"):
        Budget.parse([text])


def test_none_nothing_and_money_without_its_price() -> None:
    with pytest.raises(BudgetError, match="no budget was given"):
        Budget.parse([])
    for text in ("0m", "0 kWh", "0steps", "0h0m"):
        with pytest.raises(BudgetError, match="must be more than 0"):
            Budget.parse([text])
    with pytest.raises(BudgetError, match="needs the price of energy") as caught:
        Budget.parse(["0.20EUR"])
    assert "--tariff" in caught.value.hint
    for tariff in (0.0, -0.3):
        with pytest.raises(BudgetError, match="tariff"):  # it would never end
            Budget.parse(["0.20EUR"], tariff=tariff)


def ledger(x: float, steps: int) -> Ledger:
    return Ledger(x, 2 * x, 100 * x, (x, 2 * x, 3 * x), "estimated", steps)


def test_two_sessions_together() -> None:
    both = ledger(1.0, 20).plus(ledger(3.0, 50))
    assert (both.wall_s, both.cpu_s, both.peak_mb, both.kwh) == (4.0, 8.0, 300.0, (4.0, 8.0, 12.0))
    assert (both.steps, both.sessions) == (50, 2)  # steps count on; they are not made twice
    assert both.plus(ledger(1.0, 60)).sessions == 3
    assert Ledger.from_json(both.to_json()) == both


def test_the_meter_goes_on_from_what_was_spent_before() -> None:
    now = Meter(ledger(100.0, 5)).read(9)
    assert now.wall_s >= 100 and now.cpu_s >= 200 and now.steps == 9 and now.sessions == 2
    assert now.kwh[0] <= now.kwh[1] <= now.kwh[2] and now.peak_mb > 50
    fresh = Meter().read()
    assert fresh.wall_s < 5 and fresh.sessions == 1


def test_durations_in_words() -> None:
    assert [duration(x) for x in (1, 0.4, 45, 750, 3600, 7500)] == [
        "1 s",
        "0.4 s",
        "45 s",
        "12 min 30 s",
        "1 h",
        "2 h 5 min",
    ]


def test_a_little_energy_is_no_nought() -> None:
    assert watt_hours((0.00052, 0.0012, 0.0025)) == "1.2 Wh (0.5 to 2.5)"
    assert watt_hours((0.2, 0.4, 0.8)) == "400 Wh (200 to 800)"
    assert watt_hours((7e-6, 16e-6, 30e-6)) == "16.0 mWh (7.0 to 30.0)"
    assert watt_hours((1e-8, 2e-8, 4e-8)) == "0.020 mWh (0.010 to 0.040)"
