"""The state of a training run, the same for every loop: clock, curve, checkpoints, and the best evaluation.

A loop asks when the run is over, when to evaluate and when to save; what is evaluated, and which arrays make
up the state, is for the loop to say. A restored run goes on where the last checkpoint stood, with the time
spent so far. Knows no network.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from etude.config.sequence import LEARN
from etude.training import checkpoint
from etude.training.budget import Budget, Meter
from etude.training.forecast import Forecast, forecast
from etude.training.schedule import Pace

Arrays = dict[str, npt.NDArray[Any]]
SLOWEST = 8.0  # that a shared machine is taken for
AHEAD = 1.5  # the forecast is for so many times the time spent


class RunState:
    """One run: its step, the time it has spent, its curve, and whether an evaluation or a checkpoint is due.

    `curve` holds (seconds, step, figure on held-out works) of each evaluation. `evaluate_at` are the shares
    of the run after which an evaluation is due. `restored` is the state that the last checkpoint kept, {} for
    a run that begins; `arrays` likewise.
    """

    def __init__(
        self,
        folder: Path,
        budget: Budget,
        seconds: float | None,
        meter: Meter,
        *,
        evaluate_at: Sequence[float] = (),
        seed: int = 0,
    ) -> None:
        """`seconds` of the budget are this run's (None: only steps or energy limit it)."""
        loaded = checkpoint.read(folder)
        self.arrays, self.restored = loaded if loaded is not None else ({}, {})
        self.step = int(self.restored.get("step", 0))
        self.curve = [(float(s), int(n), float(v)) for s, n, v in self.restored.get("curve", [])]
        self.forecast: Forecast | None = None
        self._folder, self._meter, self._timed, self._seed = folder, meter, seconds is not None, seed
        self._pace = Pace(budget, seconds, meter, float(self.restored.get("spent_s", 0.0)))
        self._saved, self._evaluating_s = time.monotonic(), 0.0
        self._evaluation_s = 0.0  # of the last one
        self._seconds, self._stepped, self._step_s = seconds, 0.0, 0.0
        self._began, self._cpu = time.monotonic(), process_time()
        self._evaluate_at = tuple(evaluate_at)
        self._evaluated = self._passed() if loaded is not None else 0

    @property
    def spent_s(self) -> float:
        """Seconds of this session and those before it."""
        return self._pace.spent_s

    @property
    def share(self) -> float:
        """How much of the budget is spent, by whichever limit is nearest, with the evaluation that comes
        after the last step; from 1 on the run is over."""
        return self._pace.share(self.step, self._evaluation_s)

    @property
    def over(self) -> bool:
        """Whether half of one more step as long as the last one, and the evaluation after it, would end after
        the time of this run: on a machine that became busy a step may take seconds."""
        to_come = self._evaluation_s + 0.5 * self._step_s
        return self._timed and self._step_s > 0.0 and self._pace.share(self.step, to_come) >= 1.0

    @property
    def left_s(self) -> float:
        """Seconds of this run that are left; infinite where nothing is timed."""
        return math.inf if self._seconds is None else max(0.0, self._seconds - self.spent_s)

    @property
    def slow(self) -> float:
        """How many seconds a second of this process's work takes, by its own steps: 1 on a machine that does
        nothing else, more on one that is shared."""
        worked = process_time() - self._cpu
        gone = time.monotonic() - self._began
        return min(SLOWEST, max(1.0, gone / worked)) if worked > 0 else 1.0

    def advance(self) -> None:
        """One step was made. How long it took is known from the second one on: the first one sets things
        up."""
        now = time.monotonic()
        self._step_s = now - self._stepped if self._stepped else 0.0
        self.step, self._stepped = self.step + 1, now

    def aside(self, seconds: float) -> None:
        """So many seconds went since the last step into what is no step."""
        self._stepped += seconds if self._stepped else 0.0

    @property
    def held_out(self) -> float | None:
        """The figure of the last evaluation; None before the first."""
        return self.curve[-1][2] if self.curve else None

    def evaluation_due(self, expected_s: float = 0.0) -> bool:
        """Whether an evaluation is due, evaluations have not taken more than their share of the time, and one
        that is expected to take so long leaves most of what is left to training.

        Where only steps are limited the clock is not asked, so that a slow machine evaluates at the same
        steps as a fast one.
        """
        at = self._evaluate_at
        in_time = not self._timed or (
            self._evaluating_s <= LEARN.evaluation_share * self.spent_s
            and expected_s <= LEARN.evaluation_of_left * self.left_s
        )
        return in_time and self._evaluated < len(at) and self.share >= at[self._evaluated]

    def evaluate(self, figure: Callable[[], float]) -> float:
        """Add the figure to the curve and continue the curve into the future."""
        self._evaluated = self._passed()
        began, at_s = time.monotonic(), self.spent_s
        value = figure()
        self.curve.append((at_s, self.step, value))
        self._evaluation_s = time.monotonic() - began
        self._evaluating_s += self._evaluation_s
        self.aside(self._evaluation_s)
        times, values = [c[0] for c in self.curve], [c[2] for c in self.curve]
        self.forecast = forecast(times, values, self.spent_s * AHEAD, seed=self._seed)
        return value

    def finish(self, figure: Callable[[], float], expected_s: float = 0.0) -> None:
        """The last point of the curve, unless the last step was evaluated already, or an evaluation of so
        many seconds would not end in time."""
        late = self._timed and expected_s > max(self.left_s, LEARN.late_evaluation * (self._seconds or 0.0))
        if not late and (not self.curve or self.curve[-1][1] != self.step):
            at_s = self.spent_s
            self.curve.append((at_s, self.step, figure()))

    def forget(self, evaluation_s: float = 0.0) -> None:
        """Begin the curve anew: what comes is measured otherwise, and not to be compared with what was. An
        evaluation is now expected to take so long."""
        self.curve, self.forecast = [], None
        self._evaluation_s, self._stepped, self._step_s = evaluation_s, 0.0, 0.0

    def save_due(self) -> bool:
        """Whether the last checkpoint is older than LEARN.checkpoint_s."""
        return time.monotonic() - self._saved > LEARN.checkpoint_s

    def save(self, arrays: Mapping[str, npt.NDArray[Any]], state: Mapping[str, Any]) -> None:
        """Write a checkpoint: the arrays, and beside `state` what every run keeps.

        Raises ProjectError when the disk is full.
        """
        ledger = self._meter.read(self.step).to_json()
        own = {"step": self.step, "spent_s": self.spent_s, "curve": self.curve, "ledger": ledger}
        checkpoint.write(self._folder, arrays, {**own, **state})
        self._saved = time.monotonic()

    def _passed(self) -> int:
        """How many evaluations are due by now, those that were made included."""
        share = self.share
        return sum(1 for at in self._evaluate_at if at <= share)


class Best:
    """The state of the evaluation with the lowest figure; before the first evaluation, a copy of the state it
    is given."""

    def __init__(self, state: Mapping[str, Tensor] | None = None) -> None:
        self.figure, self.step = math.inf, 0
        self.state = {k: v.detach().clone() for k, v in (state or {}).items()}

    def offer(self, figure: float, state: Mapping[str, Tensor], step: int = 0) -> None:
        """Keep a copy where it is the best so far; of equal figures the first, and never one that is NaN."""
        if figure < self.figure:
            self.figure, self.step = figure, step
            self.state = {k: v.detach().clone() for k, v in state.items()}

    def leads(self, curve: Sequence[tuple[float, int, float]]) -> bool:
        """Whether it is better than the last evaluation of the curve."""
        return bool(curve and self.state) and self.figure < curve[-1][2]


def tensors(prefix: str, state: Mapping[str, Tensor]) -> Arrays:
    """Tensors as arrays named `prefix.name`; they share memory, so copy what must outlive the next step."""
    return {f"{prefix}.{k}": v.detach().numpy() for k, v in state.items()}


def with_prefix(prefix: str, arrays: Mapping[str, npt.NDArray[Any]]) -> dict[str, Tensor]:
    """What `tensors` gave under this prefix, as tensors of their own."""
    cut = len(prefix) + 1
    return {k[cut:]: torch.from_numpy(np.array(v)) for k, v in arrays.items() if k.startswith(f"{prefix}.")}


def optimizer_arrays(
    optimizer: torch.optim.Optimizer, parameters: Iterable[tuple[str, Tensor]], prefix: str = "opt"
) -> Arrays:
    """The optimiser's state of each named parameter, as `prefix.what.name`; the memory is shared, as in
    `tensors`."""
    out: Arrays = {}
    for name, p in parameters:
        out |= {
            f"{prefix}.{what}.{name}": v.detach().numpy() for what, v in optimizer.state.get(p, {}).items()
        }
    return out


def restore_optimizer(
    optimizer: torch.optim.Optimizer,
    parameters: Iterable[tuple[str, Tensor]],
    arrays: Mapping[str, npt.NDArray[Any]],
    prefix: str = "opt",
) -> None:
    """Give the optimiser back what `optimizer_arrays` took from it, each tensor laid out in memory like its
    parameter."""
    by_name = dict(parameters)
    optimizer.state.clear()
    for key, value in with_prefix(prefix, arrays).items():
        what, name = key.split(".", 1)
        p = by_name[name]
        like_p = torch.empty_like(p).copy_(value) if value.shape == p.shape else value
        optimizer.state[p][what] = like_p.detach()
