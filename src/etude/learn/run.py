"""Learning a sequence model from start to end, within the budget: plan, network, memory, gate, critic, figures, card.

The budget is a promise: time for what follows the network is set aside beforehand, estimated from the size of the works. Knows no project:
works come in as parts, the model goes out as header and arrays.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy.typing as npt

from etude.config import LEARN
from etude.errors import BudgetError
from etude.learn import card, checkpoint, finish
from etude.learn.budget import Budget, Ledger, Meter, duration
from etude.learn.corpus import Corpus, Part, gather
from etude.learn.critic import has_critic, learn_critic
from etude.learn.network import LearnedNet, Progress, learn_network
from etude.learn.plan import Plan, allowed_s, make_plan
from etude.models.warm import warm_up

OnProgress = Callable[[Progress], None]


@dataclass(frozen=True)
class LearnRequest:
    """What to learn from and within which limits. `folder` keeps the state of the run: the same request with it goes on."""

    medium: str
    parts: Sequence[Part]
    budget: Budget
    folder: Path
    size: str = "auto"
    seed: int = 0
    critic: bool = True


@dataclass(frozen=True)
class Learned:
    """A model: header (JSON) and arrays for the store, its card in Markdown, what it cost, and why learning ended."""

    header: dict[str, Any]
    arrays: dict[str, npt.NDArray[Any]]
    card: str
    ledger: Ledger
    ended: str


@dataclass(frozen=True)
class Outlook:
    """What a run would be, without running it: the plan, the sizes, and the memory it needs."""

    plan: Plan
    train_tokens: int
    works: int
    seconds_for_network: float | None


def outlook(request: LearnRequest) -> Outlook:
    """For --dry-run: the plan of a run. Raises what `learn` would raise before its first step."""
    corpus = _corpus(request)
    plan = make_plan(corpus, request.budget, size=request.size, seed=request.seed)
    _of_network(corpus, request.budget)
    return Outlook(plan, corpus.train_tokens, len(corpus.train), _for_network(corpus, request.budget, 0.0))


def learn(request: LearnRequest, on_progress: OnProgress, stop: Callable[[], bool]) -> Learned:
    """Learn a model. Raises WorkError (too little), BudgetError (too short, does not fit), and what writing to `folder` raises.

    When `stop()` turns true the network stops at the next step and a usable model is made of what there is; its state stays in `folder`.
    """
    t0 = time.monotonic()
    warm_up()
    loaded = checkpoint.read(request.folder)
    before = Ledger.from_json(loaded[1]["ledger"]) if loaded else None
    meter = Meter(before)
    corpus = _corpus(request)
    plan = Plan.from_json(loaded[1]["plan"]) if loaded else make_plan(corpus, request.budget, size=request.size, seed=request.seed)
    seconds = _for_network(corpus, request.budget, time.monotonic() - t0)
    own = _of_network(corpus, request.budget)
    net = learn_network(
        corpus, plan, own, seconds=seconds, folder=request.folder, meter=meter, on_progress=on_progress, stop=stop
    )
    if net.steps == 0 and net.ended == "budget":
        raise _too_little(request.budget)
    learned = _finish(request, corpus, plan, net, meter, on_progress, t0)
    if net.ended != "interrupted":
        checkpoint.forget(request.folder)
    return learned


def _corpus(request: LearnRequest) -> Corpus:
    least = LEARN.least_text if request.medium == "text" else LEARN.least_music
    return gather(request.medium, request.parts, least=least)


def reserve_s(corpus: Corpus, seconds: float) -> tuple[float, float, float]:
    """Seconds to keep for what follows the network: counting the memory (twice), fitting the gate, measuring and the critic.

    Counting takes as long as it takes (3 s a million decisions and views, measured); the other two stop when their time is up.
    """
    copies = 8 if corpus.medium == "music" else 3  # transpositions; symbols of a token
    counting = 2.0 + 2 * 0.45e-6 * corpus.train_tokens * copies * len(corpus.codec.views)
    gate = min(20.0, 0.08 * seconds + 1.0)
    figures = min(20.0, 0.08 * seconds + 1.0) + (25.0 if seconds >= LEARN.critic_least_s and has_critic(corpus) else 0.0)
    return counting, gate, figures


def _for_network(corpus: Corpus, budget: Budget, gone: float) -> float | None:
    """Seconds of the budget that are the network's; None where the budget is in steps or energy alone."""
    if budget.seconds is None:
        return None
    if budget.seconds < LEARN.least_seconds:
        raise BudgetError(
            f"a budget of {duration(budget.seconds)} is too short: reading the works and fitting the memory alone take some seconds",
            f"give at least {duration(LEARN.least_seconds)}, better 5m: --budget 5m",
        )
    return max(0.1 * budget.seconds, 0.985 * budget.seconds - 2.0 - gone - sum(reserve_s(corpus, budget.seconds)))


def _of_network(corpus: Corpus, budget: Budget) -> Budget:
    """The budget with the network's part of the energy, where energy or money alone limits: the rest is kept for what follows."""
    energy, limit = budget.energy_kwh, allowed_s(budget)
    if budget.seconds is not None or energy is None or limit is None:
        return budget
    part = 0.985 - (2.0 + sum(reserve_s(corpus, limit))) / limit
    if limit < LEARN.least_seconds or part < 0.1:
        raise _too_little(budget)
    return replace(budget, kwh=part * energy, money=None)


def _too_little(budget: Budget) -> BudgetError:
    limit = allowed_s(budget)
    time = f", about {duration(limit)} of work on this machine," if limit is not None else ""
    return BudgetError(
        f"a budget of {budget.describe()}{time} is gone before the network has made a step: the works are read and the memory is fitted too",
        "give more, or a time: --budget 5m",
    )


def _finish(
    request: LearnRequest, corpus: Corpus, plan: Plan, net: LearnedNet, meter: Meter, on_progress: OnProgress, t0: float
) -> Learned:
    """From the network to the model."""

    def tell(stage: str) -> None:
        unseen = net.curve[-1][2] if net.curve else None
        on_progress(
            Progress(
                stage, net.steps, meter.read().wall_s, request.budget.describe(), 1.0, 0.0, unseen, "", net.epochs, None,
                meter.read(net.steps),
            )
        )  # fmt: skip

    tell("counting the memory")
    model = finish.assemble(corpus, plan, net.state, None, corpus.train)
    tell("fitting the gate")
    limit = request.budget.seconds if request.budget.seconds is not None else allowed_s(request.budget)
    _, for_gate, for_figures = reserve_s(corpus, limit) if limit is not None else (0.0, None, None)
    model.gate, decisions = finish.fit_gate(model, corpus.critic or corpus.held_out, seed=plan.seed, seconds=for_gate)
    tell("measuring on held-out works")
    figures = finish.measure(model, corpus.held_out, seed=plan.seed, seconds=for_figures)
    critic, verdict = None, None
    if request.critic and (limit is None or limit >= LEARN.critic_least_s):
        tell("learning the critic")
        left = None if limit is None else max(0.0, limit - meter.read().wall_s - 3.0 - 0.5 * reserve_s(corpus, limit)[0])
        critic, verdict = learn_critic(model, corpus.critic, corpus.held_out, seed=plan.seed, seconds=left)
    tell("remembering")
    final = finish.assemble(corpus, plan, net.state, model.gate, (*corpus.train, *corpus.critic))
    final.critic = critic
    ledger = meter.read(net.steps)
    final.header = {
        "held_out": figures["growing"].to_json() if "growing" in figures else {},
        "figures": {k: v.to_json() for k, v in figures.items()},
        "critic": verdict.to_json() if verdict else None,
        "curve": [list(c) for c in net.curve],
        "plan": plan.to_json(),
        "ledger": ledger.to_json(),
        "ended": net.ended,
        "steps": net.steps,
        "epochs": net.epochs,
        "gate_decisions": decisions,
        "budget": request.budget.describe(),
        "works": {"train": _ids(corpus.train), "critic": _ids(corpus.critic), "held-out": _ids(corpus.held_out)},
    }
    header, arrays = final.to_arrays()
    return Learned(header, arrays, card.write(header, corpus), replace(ledger, steps=net.steps), net.ended)


def _ids(pieces: Sequence[Any]) -> list[str]:
    return sorted({p.part.work_id for p in pieces})
