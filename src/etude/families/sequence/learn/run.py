"""Learning a sequence model from start to end, within the budget: plan, network, memory, gate, critic, figures, card.

The budget is a promise: what follows the network is rehearsed before it, on this machine as busy as it is, and its time set aside. Knows no
project: works come in as parts, the model goes out as header and arrays.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from etude.config.sequence import LEARN
from etude.errors import BudgetError
from etude.families.sequence.learn import card
from etude.families.sequence.learn import fit_and_measure as finish
from etude.families.sequence.learn.critic_training import learn_critic
from etude.families.sequence.learn.dataset import Corpus, Part, gather
from etude.families.sequence.learn.loop import LearnedNet, learn_network
from etude.families.sequence.learn.plan import Plan, make_plan
from etude.families.sequence.memory import Memory
from etude.families.sequence.networks.transformer import SequenceNet
from etude.families.sequence.precompile import warm_up
from etude.training import checkpoint
from etude.training.budget import Budget, Ledger, Meter, duration
from etude.training.learned import Learned
from etude.training.machine import allowed_s
from etude.training.progress import Progress

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
    after = rehearse(corpus, plan, request.budget, critic=request.critic)
    _of_network(request.budget, after.seconds)
    return Outlook(
        plan, corpus.train_tokens, len(corpus.train), _for_network(request.budget, 0.0, after.seconds)
    )


def learn(request: LearnRequest, on_progress: OnProgress, stop: Callable[[], bool]) -> Learned:
    """Learn a model. Raises WorkError (too little), BudgetError (too short, does not fit), and what writing to `folder` raises.

    The state stays in `folder` until the caller has saved the model and forgets it.

    When `stop()` turns true the network stops at the next step and a usable model is made of what there is; its state stays in `folder`.
    """
    t0 = time.monotonic()
    warm_up()
    loaded = checkpoint.read(request.folder)
    before = Ledger.from_json(loaded[1]["ledger"]) if loaded else None
    meter = Meter(before)
    corpus = _corpus(request)
    plan = (
        Plan.from_json(loaded[1]["plan"])
        if loaded
        else make_plan(corpus, request.budget, size=request.size, seed=request.seed)
    )
    _for_network(request.budget, 0.0, 0.0)  # refuse what is too short before counting
    after = rehearse(corpus, plan, request.budget, critic=request.critic)
    seconds = _for_network(request.budget, time.monotonic() - t0, after.seconds)
    own = _of_network(request.budget, time.monotonic() - t0 + after.seconds)
    net = learn_network(
        corpus,
        plan,
        own,
        seconds=seconds,
        folder=request.folder,
        meter=meter,
        on_progress=on_progress,
        stop=stop,
    )
    if net.steps == 0 and net.ended == "budget":
        raise _too_little(request.budget)
    return _finish(request, corpus, plan, net, after, meter, on_progress)


def _corpus(request: LearnRequest) -> Corpus:
    least = LEARN.least_text if request.medium == "text" else LEARN.least_music
    return gather(request.medium, request.parts, least=least)


@dataclass(frozen=True)
class After:
    """What follows the network, rehearsed on this machine before it: the memory of the works learned from, counted, and the
    seconds and tokens to keep for the rest. `gate_tokens` and `figure_tokens` fit into their seconds."""

    memory: Memory
    counting_s: float
    gate_s: float
    gate_tokens: int
    figures_s: float
    figure_tokens: int
    critic_s: float

    @property
    def gate_limit(self) -> float | None:
        """When to stop at the latest, should the machine become busy; None where nothing is timed."""
        return 1.3 * self.gate_s + 1.0 if self.gate_s else None

    @property
    def figures_limit(self) -> float | None:
        return 1.3 * self.figures_s + 1.0 if self.figures_s else None

    @property
    def seconds(self) -> float:
        return self.counting_s + self.gate_s + self.figures_s + self.critic_s


def rehearse(corpus: Corpus, plan: Plan, budget: Budget, *, critic: bool) -> After:
    """Count the memory (it does not depend on the network) and try the gate on a little, to know how long the rest will take.

    How busy the machine is shows in the trial, so that an idle one gives nearly all of its time to the network.
    """
    began = time.monotonic()
    model = finish.assemble(corpus, plan, SequenceNet(plan.net).state_dict(), None, corpus.train)
    memory = model.memory
    counting = time.monotonic() - began
    share = len(corpus.critic) / max(1, len(corpus.train))
    counting_s = 0.5 + 1.5 * min(1.0, share) * counting  # the critic's works are counted on top of these
    seconds = _limit(budget)
    if seconds is None:
        return After(memory, counting_s, 0.0, LEARN.gate_tokens, 0.0, LEARN.figure_tokens, 0.0)
    rate, fitting = finish.gate_speed(model, corpus.critic or corpus.held_out, seed=plan.seed)
    most = 0.08 * seconds + 1.0
    fitting = min(fitting, most)
    gate_tokens = int(min(LEARN.gate_tokens, rate * max(0.5, most - fitting)))
    figure_tokens = int(min(LEARN.figure_tokens, rate * most))
    for_critic = LEARN.critic_s if critic and seconds >= LEARN.critic_least_s else 0.0
    return After(
        memory, counting_s, gate_tokens / rate + fitting, gate_tokens, figure_tokens / rate, figure_tokens, for_critic
    )  # fmt: skip


def _for_network(budget: Budget, gone: float, after: float) -> float | None:
    """Seconds of the budget that are the network's; None where the budget is in steps or energy alone."""
    if budget.seconds is None:
        return None
    if budget.seconds < LEARN.least_seconds:
        raise BudgetError(
            f"a budget of {duration(budget.seconds)} is too short: reading the works and fitting the memory alone take some seconds",
            f"give at least {duration(LEARN.least_seconds)}, better 5m: --budget 5m",
        )
    return max(0.1 * budget.seconds, 0.985 * budget.seconds - 1.0 - gone - 1.1 * after)


def _of_network(budget: Budget, after: float) -> Budget:
    """The budget with the network's part of the energy, where energy or money alone limits: the rest is kept for what follows."""
    energy, limit = budget.energy_kwh, allowed_s(budget)
    if budget.seconds is not None or energy is None or limit is None:
        return budget
    part = 0.985 - (1.0 + 1.1 * after) / limit
    if limit < LEARN.least_seconds or part < 0.1:
        raise _too_little(budget)
    return replace(budget, kwh=part * energy, money=None)


def _limit(budget: Budget) -> float | None:
    """Seconds that the budget allows, of itself or by its energy; None where only steps are limited."""
    return budget.seconds if budget.seconds is not None else allowed_s(budget)


def _too_little(budget: Budget) -> BudgetError:
    limit = allowed_s(budget)
    time = f", about {duration(limit)} of work on this machine," if limit is not None else ""
    return BudgetError(
        f"a budget of {budget.describe()}{time} is gone before the network has made a step: the works are read and the memory is fitted too",
        "give more, or a time: --budget 5m",
    )


def _finish(
    request: LearnRequest,
    corpus: Corpus,
    plan: Plan,
    net: LearnedNet,
    after: After,
    meter: Meter,
    on_progress: OnProgress,
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

    limit = _limit(request.budget)
    model = finish.assemble(corpus, plan, net.state, None, corpus.train)
    model.use_memory(after.memory)
    tell("fitting the gate")
    aside = corpus.critic or corpus.held_out
    model.gate, decisions = finish.fit_gate(
        model, aside, seed=plan.seed, tokens=after.gate_tokens, seconds=after.gate_limit
    )
    tell("measuring on held-out works")
    figures = finish.measure(
        model, corpus.held_out, seed=plan.seed, tokens=after.figure_tokens, seconds=after.figures_limit
    )
    critic, verdict = None, None
    if request.critic and (limit is None or limit >= LEARN.critic_least_s):
        tell("learning the critic")
        left = None if limit is None else max(0.0, limit - meter.read().wall_s - 1.0 - after.counting_s)
        critic, verdict = learn_critic(model, corpus.critic, corpus.held_out, seed=plan.seed, seconds=left)
    tell("remembering")
    final = finish.assemble(corpus, plan, net.state, model.gate, (*corpus.train, *corpus.critic))
    final.use_memory(after.memory, counted=len(model.segments))
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
        "works": {
            "train": _ids(corpus.train),
            "critic": _ids(corpus.critic),
            "held-out": _ids(corpus.held_out),
        },
    }
    header, arrays = final.to_arrays()
    return Learned(header, arrays, card.write(header, corpus), replace(ledger, steps=net.steps), net.ended)


def _ids(pieces: Sequence[Any]) -> list[str]:
    return sorted({p.part.work_id for p in pieces})
