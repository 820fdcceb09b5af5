"""How a budget is divided: the network gets what the rest does not need, and is refused in words where that
is nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etude.config.sequence import LEARN
from etude.errors import BudgetError
from etude.families.sequence import networks
from etude.families.sequence.learn import fit_and_measure, time_plan
from etude.families.sequence.learn.time_plan import Reserve, network_seconds, plan_reserve
from etude.families.sequence.networks.contract import Plan, Task, no_base
from etude.training.budget import Budget
from tests.families.sequence import small_models as small


@given(st.floats(10, 1e6), st.floats(0, 1e4), st.floats(0, 1e4))
def test_the_network_gets_what_is_left_and_never_less_than_a_tenth(
    total: float, gone: float, after: float
) -> None:
    seconds = network_seconds(Budget(seconds=total), gone, after)
    assert seconds is not None and 0.1 * total <= seconds < total
    assert seconds == pytest.approx(0.1 * total) or seconds + gone + after < total


def test_steps_are_not_timed() -> None:
    assert network_seconds(Budget(steps=5), 3.0, 9.0) is None
    assert time_plan.limit_s(Budget(steps=5)) is None
    nothing = Reserve(None, 1.0, 0.0, 5, 0.0, 5, 0.0)  # type: ignore[arg-type]  # the memory is not asked
    assert nothing.gate_limit is None and nothing.figures_limit is None and nothing.seconds == 1.0


def test_a_reserve_may_take_a_third_longer_before_it_is_cut_off() -> None:
    some = Reserve(None, 1.0, 10.0, 5, 20.0, 5, 25.0)  # type: ignore[arg-type]
    assert (some.gate_limit, some.figures_limit, some.seconds) == (14.0, 27.0, 56.0)


def test_too_short_a_time_names_the_least() -> None:
    with pytest.raises(BudgetError, match="a budget of 9 s is too short") as caught:
        network_seconds(Budget(seconds=9), 0.0, 0.0)
    assert "10 s" in caught.value.hint


def test_the_trial_leaves_most_of_the_time_to_the_network() -> None:
    """And a critic is learned where the budget is long enough for one."""
    corpus = small.corpus("text")
    plan = _plan()
    network = networks.kind("transformer").begin(plan, no_base).network()
    with small.quick():
        timed = plan_reserve(corpus, network, Budget(seconds=600), seed=0, critic=True)
        short = plan_reserve(corpus, network, Budget(seconds=60), seed=0, critic=True)
    assert timed.critic_s == LEARN.critic_s and short.critic_s == 0.0
    assert 0 < timed.gate_s <= 2 * (0.08 * 600 + 1) and timed.gate_tokens > 0
    assert timed.memory.counts.meta[1] > 1000  # counted already


def _plan() -> Plan:
    kind = networks.kind("transformer")
    corpus = small.corpus("text")
    task = Task(
        vocab=corpus.codec.vocab,
        side_sizes=corpus.side_sizes,
        conditions=len(corpus.conditions),
        period=1,
        window=64,
        tokens=corpus.train_tokens,
        seconds=None,
        steps=5,
        speed=1e10,
        speed_bfloat16=1e10,
        size="xs",
    )
    return replace(kind.plan(task, no_base), batch=4)


def test_figures_on_little_have_an_interval() -> None:
    """One span alone would give an interval of no width, which claims that the figure is exact."""
    corpus, model = small.corpus("text"), small.model("text")
    short = fit_and_measure.measure(model, corpus.held_out[:1], seed=0, tokens=200)
    assert all(figure.low < figure.value < figure.high for figure in short.values())
    assert fit_and_measure._span(20_000) == fit_and_measure.SPAN
    assert fit_and_measure._span(800) == 100 and fit_and_measure._span(40) == fit_and_measure.LEAST_SPAN
