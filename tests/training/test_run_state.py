"""The state of a run: what is dumped comes back, evaluations and checkpoints are due when they should be, and
the best one is kept."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from etude.store import checkpoints
from etude.training import checkpoint, run_state, schedule
from etude.training.budget import Budget, Meter
from etude.training.muon import Muon
from etude.training.run_state import (
    Best,
    RunState,
    optimizer_arrays,
    restore_optimizer,
    tensors,
    with_prefix,
)

SHARES = (0.25, 0.5, 0.75, 1.0)


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    for module in (run_state, schedule):
        monkeypatch.setattr(module, "time", made)
    return made


def begun(folder: Path, seconds: float | None = None, steps: int | None = 8) -> RunState:
    return RunState(folder, Budget(seconds=seconds, steps=steps), seconds, Meter(), evaluate_at=SHARES)


# ---- evaluations


def test_evaluations_are_due_at_their_shares_and_once_each(tmp_path: Path, clock: Clock) -> None:
    run = begun(tmp_path)
    for step in range(8):
        run.step = step + 1
        if run.evaluation_due():
            clock.now += 1000.0  # by steps alone the clock is not asked
            run.evaluate(lambda: 2.0)
    assert [c[1] for c in run.curve] == [2, 4, 6, 8] and run.held_out == 2.0
    assert not run.evaluation_due() and run.share == 1.0


def test_several_that_became_due_together_are_one(tmp_path: Path) -> None:
    run = begun(tmp_path)
    run.step = 7
    assert run.evaluation_due()
    run.evaluate(lambda: 1.0)
    assert not run.evaluation_due()


def test_by_time_evaluations_wait_until_they_are_within_their_share(tmp_path: Path, clock: Clock) -> None:
    run = begun(tmp_path, seconds=100.0, steps=None)
    clock.now = 26.0
    assert run.evaluation_due()

    def slow() -> float:
        clock.now += 10.0
        return 3.0

    run.evaluate(slow)
    assert run.curve == [(26.0, 0, 3.0)]  # the time at which it began
    clock.now = 60.0
    assert not run.evaluation_due()  # 10 s of 60 are more than 6 %
    clock.now = 170.0
    assert run.evaluation_due()


def test_the_last_step_is_evaluated_once(tmp_path: Path) -> None:
    run = begun(tmp_path)
    assert run.held_out is None
    run.step = 8
    run.evaluate(lambda: 1.5)
    run.finish(lambda: pytest.fail("the last step has its figure"))
    run.step = 9
    run.finish(lambda: 1.25)
    assert [c[1:] for c in run.curve] == [(8, 1.5), (9, 1.25)]


def test_a_curve_of_enough_points_is_continued(tmp_path: Path, clock: Clock) -> None:
    run = RunState(tmp_path, Budget(steps=100), None, Meter(), evaluate_at=[i / 10 for i in range(1, 11)])
    for i in range(1, 9):
        clock.now, run.step = 10.0 * i, 10 * i
        run.evaluate(lambda: 2.0 + 1.0 / math.sqrt(run.step))
    assert run.forecast is not None and run.forecast.at_s == pytest.approx(120.0)
    assert run.forecast.value < run.curve[-1][2]


# ---- checkpoints


def test_a_run_that_was_saved_goes_on(tmp_path: Path, clock: Clock) -> None:
    run = begun(tmp_path)
    assert run.restored == {} and run.arrays == {} and not run.save_due()
    run.step, clock.now = 4, 50.0
    run.evaluate(lambda: math.nan)
    assert run.save_due()
    run.save({"net.w": np.arange(3.0)}, {"epoch": 2})
    assert not run.save_due()
    again = begun(tmp_path)
    assert again.step == 4 and again.spent_s == 50.0 and again.restored["epoch"] == 2
    assert [c[:2] for c in again.curve] == [(50.0, 4)] and math.isnan(again.curve[0][2])
    np.testing.assert_array_equal(again.arrays["net.w"], np.arange(3.0))
    assert not again.evaluation_due()  # those at a quarter and a half lie behind
    clock.now, again.step = 70.0, 6
    assert again.spent_s == 70.0 and again.evaluation_due()


def test_the_state_is_one_file_and_is_forgotten(tmp_path: Path) -> None:
    begun(tmp_path / "run").save({}, {})
    assert [p.name for p in (tmp_path / "run").iterdir()] == [checkpoints.NAME]
    checkpoint.forget(tmp_path / "run")
    checkpoint.forget(tmp_path / "run")
    assert checkpoint.read(tmp_path / "run") is None


# ---- what is dumped


def small_net(seed: int) -> nn.Module:
    torch.manual_seed(seed)
    conv = nn.Conv2d(1, 2, 3).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return nn.Sequential(nn.Linear(6, 5), conv)


def optimiser_of(net: nn.Module) -> Muon:
    matrices = [p for p in net.parameters() if p.ndim == 2]
    others = [p for p in net.parameters() if p.ndim != 2]
    return Muon([{"params": matrices, "muon": True, "lr": 0.02}, {"params": others, "lr": 0.01}])


def learn(net: nn.Module, opt: Muon, first: int, steps: int) -> None:
    for step in range(first, first + steps):
        torch.manual_seed(step)
        opt.zero_grad()
        loss = sum((p * torch.randn_like(p)).square().sum() for p in net.parameters())
        assert isinstance(loss, torch.Tensor)
        loss.backward()  # type: ignore[no-untyped-call]
        opt.step()


def test_weights_and_optimiser_come_back_bit_by_bit(tmp_path: Path) -> None:
    whole = small_net(1)
    learn(whole, optimiser_of(whole), 0, 6)
    stopped = small_net(1)
    opt = optimiser_of(stopped)
    learn(stopped, opt, 0, 3)
    arrays = tensors("net", stopped.state_dict()) | optimizer_arrays(opt, stopped.named_parameters())
    checkpoint.write(tmp_path, arrays, {})
    loaded = checkpoint.read(tmp_path)
    assert loaded is not None
    resumed = small_net(2)
    opt = optimiser_of(resumed)
    resumed.load_state_dict(with_prefix("net", loaded[0]))
    restore_optimizer(opt, resumed.named_parameters(), loaded[0])
    of_conv = opt.state[dict(resumed.named_parameters())["1.weight"]]["m"]
    assert of_conv.is_contiguous(memory_format=torch.channels_last)  # as its parameter lies in memory
    learn(resumed, opt, 3, 3)
    for name, value in whole.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name]), name


def test_prefixes_are_kept_apart() -> None:
    arrays = tensors("net", {"a": torch.ones(2)}) | tensors("network", {"b": torch.zeros(3)})
    assert set(with_prefix("net", arrays)) == {"a"} and set(with_prefix("network", arrays)) == {"b"}


# ---- the best


def test_the_best_state_is_a_copy_of_the_first_of_the_lowest() -> None:
    w = torch.zeros(2)
    best = Best({"w": w})
    w += 1
    assert best.state["w"].tolist() == [0, 0] and best.figure == math.inf
    for step, figure in enumerate([math.nan, 3.0, 2.0, 2.0, 2.5]):
        w.fill_(step)
        best.offer(figure, {"w": w}, step)
    assert (best.figure, best.step, best.state["w"].tolist()) == (2.0, 2, [2, 2])


# ---- a machine that became busy


def test_a_run_stops_before_a_step_that_would_end_too_late(tmp_path: Path, clock: Clock) -> None:
    run = begun(tmp_path, seconds=10.0, steps=None)
    for at in (1.0, 5.0, 9.0):  # the first step sets things up, the others take four seconds
        clock.now = at
        run.advance()
    assert run.share < 1.0 and run.over and run.step == 3
    clock.now = 7.5
    assert not run.over


def test_by_steps_alone_no_step_takes_too_long(tmp_path: Path, clock: Clock) -> None:
    run = begun(tmp_path)
    for at in (1.0, 1000.0, 9000.0):
        clock.now = at
        run.advance()
    assert not run.over and run.step == 3


def test_an_evaluation_that_would_take_most_of_what_is_left_waits(tmp_path: Path, clock: Clock) -> None:
    run = begun(tmp_path, seconds=100.0, steps=None)
    clock.now = 26.0
    assert run.evaluation_due(10.0) and not run.evaluation_due(40.0)
    clock.now = 98.0
    run.finish(lambda: 1.0, expected_s=30.0)
    assert not run.curve
    run.finish(lambda: 1.0, expected_s=1.5)
    assert len(run.curve) == 1
