"""The training loop: learn the network by likelihood until the budget is spent, it overfits, or the person
stops it.

Every step's randomness comes from (seed, step), and the state on disk is complete, so that a resumed run with
a budget of steps gives the weights of an uninterrupted one. A budget of time sets the pace of the learning
rate by the time spent, so that it ends on time with the rate at zero on any machine. Knows nothing of the
memory, of files beyond its checkpoint, or of what the network is made of.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from etude.config.sequence import LEARN
from etude.families.sequence.learn.batches import Batches
from etude.families.sequence.learn.dataset import Corpus
from etude.families.sequence.learn.evaluation import evaluate, unit_of
from etude.families.sequence.networks.contract import Learner, Network, Plan
from etude.rng import seed_for
from etude.training.budget import Budget, Meter
from etude.training.muon import Muon
from etude.training.preview import Allowance, Preview
from etude.training.progress import Progress
from etude.training.run_state import Best, RunState, optimizer_arrays, restore_optimizer, tensors, with_prefix
from etude.training.schedule import rate, worse

OVERFITTING = (
    "held-out loss began to rise: the learning rate is falling early, and training will stop by itself"
)
TOO_DEAR = (
    "no takes are shown from here on until training is done: they would cost more than "
    f"{100 * LEARN.preview_share:.0f} % of its time"
)


@dataclass(frozen=True)
class LearnedNetwork:
    """The network, the curve (seconds, steps, figure on held-out works), why learning ended, and how far it
    came."""

    network: Network
    curve: tuple[tuple[float, int, float], ...]
    steps: int
    epochs: float
    ended: str  # 'budget', 'no further gain' or 'interrupted'
    slow: float = 1.0  # seconds that a second of work took


def learn_network(
    corpus: Corpus,
    plan: Plan,
    learner: Learner,
    budget: Budget,
    *,
    seconds: float | None,
    folder: Path,
    meter: Meter,
    on_progress: Callable[[Progress], None],
    stop: Callable[[], bool],
    started: bool = False,
    show: Callable[[Network], tuple[Preview, ...]] | None = None,
) -> LearnedNetwork:
    """Learn within `seconds` (None: by budget.steps alone). The state goes to `folder` about every
    LEARN.checkpoint_s.

    It gives the network of its best evaluation. `started`: the network knows other works already; few works
    are soon memorised then, so the run is evaluated before its first step and often in the beginning, and
    gives the network that it began with, where nothing was better. `show` draws takes of the network as it
    stands, now and then, in a small share of the time.

    Raises ProjectError where the state cannot be written.
    """
    opt = Muon(learner.groups())
    rates = [g["lr"] for g in opt.param_groups]
    batches = Batches(
        corpus, window=learner.context, batch=plan.batch, seed=plan.seed, openings=plan.openings
    )
    held_out = corpus.critic or corpus.held_out  # where nothing is, nothing is evaluated
    shares = [(i + 1) / LEARN.evaluations for i in range(LEARN.evaluations if held_out else 0)]
    shares = [*LEARN.early_evaluations, *shares] if started and held_out else shares
    best = Best()
    run = RunState(folder, budget, seconds, meter, evaluate_at=shares, seed=plan.seed)
    cool_from: float | None = run.restored.get("cool_from")
    if run.restored:
        learner.load(with_prefix("net", run.arrays))
        restore_optimizer(opt, learner.parameters().items(), run.arrays)
        batches.epoch, batches.index = run.restored["epoch"], run.restored["index"]
        if "best" in run.restored:
            best.figure, best.step = run.restored["best"]
            best.state = with_prefix("best", run.arrays)
        run.arrays.clear()  # they are in the network now
    loss_mean, ended = math.nan, "budget"
    unit, per_unit = unit_of(corpus)
    learner.train(True)

    def figure() -> float:
        return evaluate(learner, held_out, plan.batch, per_unit, plan.evaluation_tokens)

    def epochs() -> float:
        return batches.epoch + batches.index / max(1, batches.windows)

    def may_overfit() -> bool:
        # From other weights loss rises at first, while the rate is high: what is seen once is not memorised
        return not started or epochs() >= 1.0

    def save() -> None:
        arrays = tensors("net", learner.state()) | optimizer_arrays(opt, learner.parameters().items())
        at = {"epoch": batches.epoch, "index": batches.index, "plan": plan.to_json(), "cool_from": cool_from}
        if best.state:
            arrays |= tensors("best", best.state)
            at["best"] = [best.figure, best.step]
        run.save(arrays, at)

    def report(stage: str, message: str = "", takes: tuple[Preview, ...] = ()) -> None:
        on_progress(
            Progress(
                stage,
                run.step,
                run.spent_s,
                budget.describe(),
                min(1.0, run.share),
                loss_mean * per_unit,
                run.held_out,
                unit,
                epochs() if run.step else float(batches.epoch),
                run.forecast,
                meter.read(run.step),
                message,
                takes,
            )
        )

    allowed = _allowance(learner) if show is not None else None

    def shown() -> tuple[Preview, ...]:
        assert show is not None and allowed is not None
        began = time.monotonic()
        takes = show(learner.network())
        took = time.monotonic() - began
        run.aside(took)
        allowed.took(took, run.spent_s)
        return takes

    if allowed is not None and seconds is not None and not allowed.ever(seconds) and allowed.dear:
        allowed = None
        report("learning", TOO_DEAR)
    if started and held_out and not run.restored:
        best.offer(run.evaluate(figure), learner.state())
    while (share := run.share) < 1.0 and not run.over:
        if stop():
            ended = "interrupted"
            break
        torch.manual_seed(seed_for(plan.seed, "step", run.step))
        b = batches.next()
        x, y, side, counts = (torch.from_numpy(v) for v in (b.x, b.y, b.side, b.counts))
        factor = rate(run.step, share, cool_from)
        if factor <= 0.0:
            ended = "no further gain"
            break
        for group, base in zip(opt.param_groups, rates, strict=True):
            group["lr"] = base * factor
            group["momentum"] = 0.85 + 0.10 * min(1.0, run.step / 200)
        opt.zero_grad()
        value = _slopes(learner, x, y, side, counts)
        opt.step()
        run.advance()
        loss_mean = value if math.isnan(loss_mean) else 0.9 * loss_mean + 0.1 * value
        if run.evaluation_due():
            value = run.evaluate(figure)
            best.offer(value, learner.state(), run.step)
            if cool_from is None and may_overfit() and worse(run.curve):
                cool_from = run.share
                report("learning", OVERFITTING)
        if allowed is not None and allowed.due(run.spent_s, run.left_s):
            report("learning", takes=shown())
            if seconds is not None and not allowed.ever(seconds):
                allowed = None
                report("learning", TOO_DEAR)
        report("learning")
        if run.save_due():
            save()
    save()
    if held_out:
        run.finish(figure)
        if best.leads(run.curve):
            learner.load(best.state)
            report("learned", f"the best evaluation was that of step {best.step:,}, whose network is kept")
    report("learned")
    return LearnedNetwork(learner.network(), tuple(run.curve), run.step, epochs(), ended, run.slow)


def _slopes(learner: Learner, x: Tensor, y: Tensor, side: Tensor, counts: Tensor) -> float:
    """Add the slopes of one step to the parameters, in as many passes as the learner asks for. Returns the
    mean cost of the targets that count."""
    n, value = int(counts.sum()), 0.0
    each = learner.at_once or len(x)
    for i in range(0, len(x), each):
        part = slice(i, i + each)
        loss = learner.nats(x[part], y[part], side[part]).flatten()[counts[part].flatten()].sum() / n
        loss.backward()  # type: ignore[no-untyped-call]
        value += float(loss.detach())
    return value


def _allowance(learner: Learner) -> Allowance:
    """What takes on the way may cost. Over a base even the first ones take seconds: its weights are laid out
    anew for making."""
    if learner.network().base() is None:
        return Allowance()
    return Allowance(first_s=LEARN.preview_base_s, dear=True)
