"""The loop of the picture wing's first stage: learn a velocity field by flow matching until the budget is
spent.

The field of straight paths (Lipman et al. 2023, arXiv 2210.02747, with the conditional path of eq. 22 at
sigma 0): x_t = (1 - t) z + t x, and the network predicts x - z in squared error; t = sigmoid(normal) as in
Esser et al. 2024 (arXiv 2403.03206, eq. 19). A large side begins at half of it, and clips begin as single
frames: what is in a picture is learned where steps are cheap, and the stages carry over. Takes come from
averaged weights: those of the evaluation at which validation works were predicted best, since what comes
after memorises works (docs/decisions/). Every step's randomness comes from (seed, step) and the state on
disk is whole. When a loss becomes NaN, the run goes back to its last good state with half the learning rate.
Knows nothing of files beyond its checkpoint.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from etude import rng
from etude.config.pictures import PICTURES
from etude.config.sequence import LEARN
from etude.errors import BudgetError
from etude.families.pictures.learn.dataset import Batch, Dataset, Order, batch_of
from etude.families.pictures.learn.flow_loss import (
    SAMPLES,
    flow_loss,
    groups,
    held_out_loss,
    some_of,
    stacked,
    times,
)
from etude.families.pictures.learn.flow_plan import FlowPlan, LearnedFlow
from etude.families.pictures.learn.plan import flops
from etude.families.pictures.learn.shown_takes import Show, nothing
from etude.families.pictures.model import to_pixels
from etude.families.pictures.noise import noise, shrunk
from etude.families.pictures.velocity_net import FlowConfig, FlowNet, inner_weights, stages_of
from etude.rng import seed_for
from etude.training.budget import Budget, Meter
from etude.training.muon import Muon
from etude.training.preview import Preview
from etude.training.progress import Progress
from etude.training.run_state import (
    Arrays,
    Best,
    RunState,
    optimizer_arrays,
    restore_optimizer,
    tensors,
    with_prefix,
)
from etude.training.schedule import rate, worse

SAVING_S = 0.8  # of work, for the files of the model and the end of the process, beside writing them
SAMPLE_PASSES = 12  # of the takes that are drawn at every evaluation


def learn_flow(
    data: Dataset,
    plan: FlowPlan,
    budget: Budget,
    *,
    seconds: float | None,
    folder: Path,
    meter: Meter,
    on_progress: Callable[[Progress], None],
    stop: Callable[[], bool],
    begin_with: Mapping[str, Tensor] | None = None,
    show: Show = nothing,
) -> LearnedFlow:
    """Learn within `seconds` (None: by budget.steps alone). `begin_with`: weights to go on from (starter
    weights, a picture model for clips); `show`: how takes that are drawn at an evaluation are shown.

    Raises BudgetError when the loss becomes NaN again and again.
    """
    evaluate_at = _evaluation_times(seconds, budget.steps)
    state = RunState(folder, budget, seconds, meter, evaluate_at=evaluate_at, seed=plan.seed)
    before = state.restored
    small = plan.early is not None and not before.get("grown", False)
    samples: list[npt.NDArray[np.uint8]] = []
    best = Best()
    run = _Run(data, plan.early if small and plan.early else plan.net, plan)
    if before:
        run.restore(state.arrays)
        run.order.epoch, run.order.index = before["epoch"], before["index"]
        run.seen, run.seconds = int(before["seen"]), float(before["seconds"])
        samples = list(state.arrays["samples"])
        best.state = with_prefix("best", state.arrays)  # of a run of an earlier version none
        if best.state:
            best.step, best.figure = int(before["best"][0]), float(before["best"][1])
        state.arrays.clear()  # they are in the network now
    elif begin_with:
        run.begin_with(begin_with)
    slower = float(before.get("slower", 1.0))
    good, good_at, spoilt = run.dump(), state.step, 0
    loss_mean, ended = math.nan, "budget"

    def save() -> None:
        about = {"seen": run.seen, "seconds": run.seconds, "best": [best.step, best.figure]}
        about |= {"epoch": run.order.epoch, "index": run.order.index, "plan": plan.to_json()}
        about |= {"slower": slower, "grown": not small, "stage": "flow"}
        arrays = run.dump() | tensors("best", best.state) | {"samples": stacked(samples, plan.net)}
        state.save(arrays, about)

    def report(message: str = "", takes: tuple[Preview, ...] = ()) -> None:
        on_progress(
            Progress(
                "learning",
                state.step,
                state.spent_s,
                budget.describe(),
                min(1.0, state.share),
                loss_mean,
                state.held_out,
                "loss",
                run.order.passes,
                state.forecast,
                meter.read(state.step),
                message,
                takes,
            )
        )

    drawn: list[npt.NDArray[np.uint8]] = []  # the last ones

    def shown() -> float:
        loss = run.look()
        drawn[:] = [run.sample()]
        samples.append(drawn[0][:, drawn[0].shape[1] // 2])
        return loss

    while (share := state.share) < 1.0 and not state.over:
        if stop():
            ended = "interrupted"
            break
        over = worse(state.curve)
        if over and not small:
            ended = "no further gain"
            report("held-out loss began to rise, so training stopped by itself")
            break
        if small and (over or share >= plan.early_share):
            small = False
            run.average = best.state if best.leads(state.curve) else run.average
            run = run.grown(plan.net)
            good, good_at, best = run.dump(), state.step, Best()
            # losses at another side are not of the same kind
            state.forget(run.pass_s * run.looked_frames)
            report(
                f"now at {plan.net.side_px} pixels"
                + (f" and {plan.net.frames} frames" if plan.net.frames > 1 else "")
            )
        factor = rate(state.step, share, None, warm_up=PICTURES.warm_up)
        loss = run.step(state.step, factor * slower)
        if not math.isfinite(loss):
            spoilt += 1
            if spoilt > PICTURES.most_spoilt:
                raise BudgetError(
                    f"The loss became NaN {spoilt} times, the last time after {state.step:,} steps.",
                    "Train with another --seed, or a smaller --size.",
                )
            run.restore(good)
            state.step, slower = good_at, 0.5 * slower
            report("the loss became NaN: back to the last good checkpoint, with half the learning rate")
            continue
        state.advance()
        loss_mean = loss if math.isnan(loss_mean) else 0.98 * loss_mean + 0.02 * loss
        if state.step - good_at >= PICTURES.good_every:
            good, good_at = run.dump(), state.step
        if state.evaluation_due(run.pass_s * run.shown_frames):
            best.offer(state.evaluate(shown), run.average, state.step)
            report(takes=show(drawn[0]))
        report()
        if state.save_due():
            save()
    began = time.monotonic()
    save()
    saving_s = (time.monotonic() - began) + SAVING_S * state.slow
    leads, at = best.leads(state.curve), state.step
    if small and plan.early is not None and plan.early.frames != plan.net.frames:
        at = best.step if leads else at
        run.average = best.state if leads else run.average
        run = run.grown(
            replace(plan.early, frames=plan.net.frames, loop=plan.net.loop)
        )  # clips of still frames, until it goes on
        best = Best()
        state.forget()
    state.finish(run.look, run.pass_s * run.looked_frames)
    report()
    leads = best.leads(state.curve)
    return LearnedFlow(
        best.state if leads else run.average,
        run.config,
        tuple(state.curve),
        ended,
        state.step,
        best.step if leads else at,
        run.order.passes,
        run.pictures_per_s,
        saving_s,
        stacked(samples, plan.net),
    )


def _evaluation_times(seconds: float | None, steps: int | None) -> list[float]:
    """The shares of a run at which it is evaluated on validation works: evenly, and before the first of these
    at half, a quarter and so on of it, down to the first limit in the config. Few works are memorised long
    before a long budget is spent."""
    out = [(i + 1) / LEARN.evaluations for i in range(LEARN.evaluations)]
    soon = [PICTURES.first_look_s / seconds] if seconds else []
    soon += [PICTURES.first_look_steps / steps] if steps else []
    least = max(soon, default=1.0)  # whichever limit ends the run, no evaluation comes before its own
    while 0.5 * out[0] >= least:
        out.insert(0, 0.5 * out[0])
    return out


class _Run:
    """A network being learned: weights, their average, the optimiser, the order of the works."""

    def __init__(self, data: Dataset, config: FlowConfig, plan: FlowPlan) -> None:
        torch.manual_seed(seed_for(plan.seed, "init"))
        self.data, self.config, self.plan = data, config, plan
        self.net = FlowNet(config).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = {k: v.detach().clone() for k, v in self.net.state_dict().items()}
        self.optimizer = Muon(groups(self.net, plan))
        self.rates = [g["lr"] for g in self.optimizer.param_groups]
        self.order = Order(data.train, plan.batch * (plan.net.frames // config.frames), plan.seed)
        self.validation = some_of(data.validation, max(16, PICTURES.validation_works // config.frames))
        self.seen, self.seconds = 0, 0.0
        self.pass_s = 0.0  # of one frame, by the last step: it is a third of what training on it takes

    @property
    def pictures_per_s(self) -> float:
        return self.seen / max(1e-9, self.seconds)

    @property
    def looked_frames(self) -> int:
        """Passes of one frame each that `look` makes."""
        least = max(16, PICTURES.looked_least // self.config.frames)
        n = len(self.validation)
        return n * -(-least // max(1, n)) * self.config.frames if n < least else n * self.config.frames

    @property
    def shown_frames(self) -> int:
        """Passes of one frame each that an evaluation makes: `look` and `sample`."""
        return self.looked_frames + SAMPLES * SAMPLE_PASSES * self.config.frames

    def step(self, step: int, factor: float) -> float:
        """One step; its loss."""
        began = time.monotonic()
        g = rng.for_(self.plan.seed, "flow", step)
        batch = batch_of(self.data.train, self.order.next(), self.plan.augment, g)
        loss = flow_loss(
            self.net,
            self._sized(batch, g),
            times(g, len(batch.x), self.plan),
            noise(g, (len(batch.x), *self.config.shape)),
            self.plan,
        )
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        for group, base in zip(self.optimizer.param_groups, self.rates, strict=True):
            group["lr"] = base * factor
            group["momentum"] = 0.95
        norm = float(torch.nn.utils.clip_grad_norm_(self.net.parameters(), PICTURES.gradient_norm))
        value = float(loss.detach()) if math.isfinite(norm) else math.nan
        if math.isfinite(value):
            self.optimizer.step()
            keep = min(self.plan.average, (1 + step) / (10 + step))
            mine = self.net.state_dict()
            torch._foreach_lerp_(list(self.average.values()), [mine[k] for k in self.average], 1.0 - keep)
        took = time.monotonic() - began
        self.pass_s = took / (3 * len(batch.x) * self.config.frames)
        self.seen, self.seconds = self.seen + len(batch.x), self.seconds + took
        return value

    def _sized(self, batch: Batch, g: np.random.Generator) -> Batch:
        """The batch at this network's side, by means of blocks; of clips a frame each where it sees single
        frames."""
        x = batch.x
        if self.config.frames < x.shape[1]:
            at = g.integers(0, x.shape[1], len(x))
            x = x[torch.arange(len(x)), torch.from_numpy(at)][:, None]
        return replace(batch, x=shrunk(x, self.config.side_px))

    def look(self) -> float:
        """The loss on works not learned from, by the averaged weights, with noise and times that are the same
        at every evaluation."""
        if not len(self.validation):
            return math.nan
        net = FlowNet(self.config).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        net.load_state_dict(self.average)
        net.eval()
        return held_out_loss(net, self.validation, self.plan)

    @torch.inference_mode()
    def sample(self) -> npt.NDArray[np.uint8]:
        """(S, F, side, side, C): takes from noise that is the same at every evaluation, in a few steps,
        enlarged to the side of the run."""
        net = FlowNet(self.config).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        net.load_state_dict(self.average)
        net.eval()
        full = self.plan.net
        z = noise(rng.for_(self.plan.seed, "samples"), (SAMPLES, *full.shape))
        x = shrunk(z[:, : self.config.frames], self.config.side_px)
        x = x * (full.side_px // self.config.side_px)  # means of noise are smaller than noise
        rows = torch.from_numpy(
            self.data.train.rows[np.linspace(0, len(self.data.train) - 1, SAMPLES).astype(int)]
        )
        for i in range(SAMPLE_PASSES):  # as `PictureModel.renew`, with the same noise at every evaluation
            t, u = i / SAMPLE_PASSES, (i + 1) / SAMPLE_PASSES
            seen = x + (1 - t) * net(x.flatten(0, 1), torch.full((SAMPLES,), t), rows).view_as(x)
            g = rng.for_(self.plan.seed, "samples", i)
            x = u * seen + (1 - u) * noise(g, tuple(x.shape))
        pixels = to_pixels(x.flatten(0, 1)).reshape(SAMPLES, x.shape[1], *x.shape[3:], x.shape[2])
        times = full.side_px // self.config.side_px
        return pixels.repeat(times, 2).repeat(times, 3)

    def grown(self, config: FlowConfig) -> _Run:
        """The same run at the larger side: stages carried over, ends and outer stages new."""
        run = _Run(self.data, config, self.plan)
        run.begin_with(self.average, len(self.config.widths))
        run.order.epoch, run.order.index = self.order.epoch, self.order.index
        run.seen, run.seconds = self.seen, self.seconds
        run.pass_s = self.pass_s * flops(config) / flops(self.config)
        return run

    def begin_with(self, weights: Mapping[str, Tensor], stages: int | None = None) -> None:
        """Take over what fits of other weights, stage by stage; ends and conditions of another shape begin
        anew."""
        fits = inner_weights(
            self.net, weights, stages_of(weights, self.config.blocks) if stages is None else stages
        )
        self.net.load_state_dict({**self.net.state_dict(), **fits})
        self.average = {k: v.detach().clone() for k, v in self.net.state_dict().items()}

    def dump(self) -> Arrays:
        """Weights, average and optimiser state as arrays, copied."""
        out = tensors("net", self.net.state_dict()) | tensors("average", self.average)
        out |= optimizer_arrays(self.optimizer, self.net.named_parameters())
        return {name: array.copy() for name, array in out.items()}

    def restore(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """What `dump` gave."""
        self.net.load_state_dict(with_prefix("net", arrays))
        self.average = with_prefix("average", arrays)
        restore_optimizer(self.optimizer, self.net.named_parameters(), arrays)
