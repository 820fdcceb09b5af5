"""Learning a sequence model from start to end, within the budget: plan, network, memory, gate, critic,
figures, card.

The budget is a promise: what follows the network is timed before it (time_plan.py), and that time is
reserved. Knows no project: works come in as parts, the model goes out as header and arrays.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from etude.config.sequence import ADAPT, LEARN
from etude.families.sequence import networks
from etude.families.sequence.bases import Chosen
from etude.families.sequence.learn import card, extraction, fit_and_measure, near_copies, starting, traits
from etude.families.sequence.learn.critic_training import learn_critic
from etude.families.sequence.learn.dataset import Corpus, Part, Piece, begins, gather
from etude.families.sequence.learn.live_takes import LiveTakes
from etude.families.sequence.learn.loop import LearnedNetwork, learn_network
from etude.families.sequence.learn.plan import make_plan
from etude.families.sequence.learn.starting import Begin
from etude.families.sequence.learn.time_plan import (
    Reserve,
    Rest,
    limit_s,
    network_budget,
    network_seconds,
    pays,
    plan_reserve,
    tells,
    too_little,
)
from etude.families.sequence.make.repeats import unrepeated
from etude.families.sequence.networks.contract import FindBase, Learner, Network, Plan, no_base
from etude.families.sequence.precompile import precompile
from etude.families.verdict import SEEN
from etude.media import sequence
from etude.media.contract import Content
from etude.rng import seed_for
from etude.stats import watermark
from etude.stats.figure import Figure
from etude.training import checkpoint
from etude.training.budget import Budget, Ledger, Meter, duration
from etude.training.foreseen import Foreseen
from etude.training.learned import Learned
from etude.training.machine import give_back
from etude.training.preview import previews
from etude.training.progress import Progress, noted

COMPILED_S = 5.0  # compiling takes longer only where it was never done (precompile.py)
OPENINGS = 0.85  # of the beginnings of paragraphs: tokens with which a take may begin
OnProgress = Callable[[Progress], None]


@dataclass(frozen=True)
class LearnRequest:
    """What to learn from and within which limits. `folder` keeps the state of the run: the same request with
    it goes on.

    `network` is a kind of `networks`; `base` is what it stands on, where it stands on anything, and
    `find_base` says where that lies. `begin`: other weights to go on from; `began`: the monotonic time from
    which the budget counts, reading the works included.
    """

    medium: str
    parts: Sequence[Part]
    budget: Budget
    folder: Path
    size: str = "auto"
    seed: int = 0
    critic: bool = True
    network: str = networks.USUAL
    base: Chosen = field(default_factory=Chosen)
    find_base: FindBase = no_base
    begin: Begin | None = None
    began: float | None = None


@dataclass(frozen=True)
class Outlook:
    """What a run would be, without running it: the plan, the sizes, and the seconds that are the network's
    (None: not timed)."""

    plan: Plan
    train_tokens: int
    works: int
    seconds_for_network: float | None
    parameters: int


def outlook(request: LearnRequest) -> Outlook:
    """For --dry-run: the plan of a run. Raises what `learn` would raise before its first step."""
    corpus = _corpus(request)
    plan = _plan(request, corpus)
    learner = _begin(request, plan, corpus)
    reserve = plan_reserve(
        corpus, learner.network().quickly(), request.budget, seed=plan.seed, critic=request.critic
    )
    network_budget(request.budget, reserve.seconds)
    seconds = network_seconds(request.budget, 0.0, reserve.seconds)
    parameters = networks.kind(request.network).parameters(plan.net)
    return Outlook(plan, corpus.train_tokens, len(corpus.train), seconds, parameters)


def before(request: LearnRequest, seconds: float) -> Figure | None:
    """What the base alone says of held-out works, or where none are of the critic's, or of those that would
    be learned from; for so many seconds. Raises what `learn` would raise before its first step."""
    corpus = _corpus(request)
    plan = _plan(request, corpus)
    base = _begin(request, plan, corpus).network().quickly().base()
    pieces = corpus.held_out or corpus.critic or corpus.train
    if base is None:
        return None
    name, tokens = fit_and_measure.BASE, 2 * fit_and_measure.SPAN * len(pieces)
    return fit_and_measure.alone(corpus, base, pieces, name, seed=plan.seed, tokens=tokens, seconds=seconds)


def learn(request: LearnRequest, on_progress: OnProgress, stop: Callable[[], bool]) -> Learned:
    """Learn a model. Raises WorkError (too little), BudgetError (too short, does not fit), ProjectError where
    `folder` cannot be written.

    The state stays in `folder` until the caller has saved the model and forgets it. When `stop()` turns true
    the network stops at the next step and a usable model is made of what there is.
    """
    began = time.monotonic() if request.began is None else request.began
    compiled = time.monotonic()
    precompile()
    took, limit = time.monotonic() - compiled, limit_s(request.budget)
    if limit is not None and took > max(COMPILED_S, limit / 4):
        note = f"Compiled for this machine, once, in {duration(took)}: the budget counts from here."
        on_progress(noted(note, request.budget.describe()))
        began = time.monotonic()
    loaded = checkpoint.read(request.folder)
    meter = Meter(Ledger.from_json(loaded[1]["ledger"]) if loaded else None, began)
    corpus = _corpus(request)
    plan = Plan.from_json(loaded[1]["plan"]) if loaded else _plan(request, corpus)
    network_seconds(request.budget, 0.0, 0.0)  # refuse what is too short before counting
    learner = _begin(request, plan, corpus)
    earlier = float(loaded[1].get("spent_s", 0.0)) if loaded else 0.0
    reserve = plan_reserve(
        corpus,
        learner.network().quickly(),
        request.budget,
        seed=plan.seed,
        critic=request.critic,
        ahead=None if loaded else Foreseen(request.budget, began),
    )
    seconds = network_seconds(request.budget, time.monotonic() - began, reserve.seconds)
    own = network_budget(request.budget, time.monotonic() - began + reserve.seconds)
    learned = learn_network(
        corpus,
        plan,
        learner,
        own,
        seconds=seconds,
        folder=request.folder,
        meter=meter,
        on_progress=on_progress,
        stop=stop,
        started=request.begin is not None,
        show=LiveTakes(corpus, reserve.memory, plan.seed),
    )
    if learned.steps == 0 and learned.ended == "budget":
        raise too_little(request.budget)
    rest = Rest(None if limit is None else began + limit - earlier, learned.slow)
    del learner, loaded  # what comes now needs the room
    give_back()
    return _finish(request, corpus, plan, learned, reserve, meter, on_progress, rest)


def _corpus(request: LearnRequest) -> Corpus:
    """The works as tokens, by the network's own codec where it has one."""
    codec = networks.kind(request.network).codec(request.base.name, request.find_base)
    codec = request.begin.codec if request.begin else codec
    return gather(request.medium, request.parts, least=sequence(request.medium).sizes.least, codec=codec)


def _plan(request: LearnRequest, corpus: Corpus) -> Plan:
    return make_plan(
        corpus,
        request.budget,
        size=request.size,
        seed=request.seed,
        network=request.network,
        base=request.base.name,
        find_base=request.find_base,
        begin=request.begin.net if request.begin else None,
    )


def _begin(request: LearnRequest, plan: Plan, corpus: Corpus) -> Learner:
    """The network at its start: the same for the same seed."""
    torch.manual_seed(seed_for(plan.seed, "init"))
    learner = networks.kind_of(plan.net).begin(plan, request.find_base)
    if request.begin is not None:
        learner.load(starting.state(request.begin, corpus.conditions))
    return learner


def _finish(
    request: LearnRequest,
    corpus: Corpus,
    plan: Plan,
    learned: LearnedNetwork,
    reserve: Reserve,
    meter: Meter,
    on_progress: OnProgress,
    rest: Rest,
) -> Learned:
    """From the network to the model, in what is left of the budget."""

    def report(stage: str, shown: Sequence[Content] = ()) -> None:
        last = learned.curve[-1][2] if learned.curve else math.nan
        held_out = last if math.isfinite(last) else None
        spent, ledger = meter.read().wall_s, meter.read(learned.steps)
        budget = request.budget.describe()
        at = stage, learned.steps, spent, budget, 1.0, 0.0, held_out, ""
        made = previews(corpus.medium, shown)
        on_progress(Progress(*at, learned.epochs, None, ledger, takes=made))

    limit = limit_s(request.budget)
    quick = learned.network.quickly()
    model = fit_and_measure.assemble(corpus, quick, None, corpus.train, seed=plan.seed)
    model.memory.use(reserve.memory)
    report("fitting the gate")
    unseen = corpus.critic or corpus.held_out
    model.gate, decisions = fit_and_measure.fit_gate(
        model,
        unseen,
        seed=plan.seed,
        tokens=reserve.gate_tokens,
        seconds=rest.of(reserve.gate_limit, reserve.counting_s + 0.5 * reserve.figures_s),
        started=request.begin is not None,
    )
    report("measuring on held-out works")
    by_work: dict[str, list[float]] = {}
    figures = fit_and_measure.measure(
        model,
        corpus.held_out,
        seed=plan.seed,
        tokens=reserve.figure_tokens,
        seconds=rest.of(reserve.figures_limit, reserve.counting_s),
        by_work=by_work,
    )
    recited = _recited(corpus, quick, reserve, report, rest)
    if figures:
        seen = fit_and_measure.alone(
            corpus,
            quick,
            corpus.train,
            SEEN,
            seed=plan.seed,
            tokens=reserve.figure_tokens // 4,
            seconds=rest.of(_quarter(reserve.figures_limit), reserve.counting_s),
        )
        figures |= {SEEN: seen} if seen is not None else {}
    critic, verdict = None, None
    if request.critic and pays(limit, quick):
        report("training the critic")
        left = rest.of(None, reserve.counting_s + reserve.traits_s)
        critic, verdict = learn_critic(model, corpus.critic, corpus.held_out, seed=plan.seed, seconds=left)
    report("building the memory")
    counted, gate = len(model.memory.segments), model.gate
    del model  # its counts, before those of the memory that stays
    remembered = (*corpus.train, *corpus.critic)
    final = fit_and_measure.assemble(corpus, learned.network, gate, remembered, seed=plan.seed)
    final.memory.use(reserve.memory, counted=counted)
    final.critic = critic
    told: dict[str, Any] = {}
    near: dict[str, Any] | None = None
    if reserve.traits_s or (limit is None and tells(corpus)):
        report("measuring takes")
        takes = traits.drawn(final, seed=plan.seed, until=rest.until(0.6))
        told = traits.traits(corpus.medium, corpus.held_out, takes)
        near = near_copies.near_copies(corpus, takes, until=rest.until(0.9))
        report("measuring takes", takes[: LEARN.preview_takes])
    ledger = meter.read(learned.steps)
    final.header = {
        **({"base": _base(request, plan)} if request.base.record else {}),
        **({"started_from": dict(request.begin.about)} if request.begin else {}),
        **({"making": _making(corpus)} if learned.network.making else {}),
        "mark": {"kind": watermark.KIND, "key": _key(learned.network)},
        "held_out": figures["growing"].to_json() if "growing" in figures else {},
        "figures": {k: v.to_json() for k, v in figures.items()} | ({near_copies.NAME: near} if near else {}),
        "compared": {"unit": figures["growing"].unit, "works": by_work} if "growing" in figures else {},
        **({"recited": [one.to_json() for one in recited]} if recited else {}),
        "critic": verdict.to_json() if verdict else None,
        **({"traits": told} if told else {}),
        "curve": [list(c) for c in learned.curve if math.isfinite(c[2])],
        "plan": plan.to_json(),
        "ledger": ledger.to_json(),
        "ended": learned.ended,
        "steps": learned.steps,
        "epochs": learned.epochs,
        "gate_decisions": decisions,
        "budget": request.budget.describe(),
        "works": {
            "train": _ids(corpus.train),
            "critic": _ids(corpus.critic),
            "held-out": _ids(corpus.held_out),
        },
    }
    header, arrays = final.to_arrays()
    written = card.write(header, corpus, learned.network, request.base.lines(), extraction.lines(recited))
    return Learned(header, arrays, written, replace(ledger, steps=learned.steps), learned.ended)


def _base(request: LearnRequest, plan: Plan) -> dict[str, Any]:
    """What is known of the base, with its own name and hash; the name by which it is found is in the plan."""
    return {
        "name": plan.net.get("name", ""),
        "weights_sha256": plan.net.get("sha256", ""),
        **request.base.record,
    }


def _key(network: Network) -> str:
    """The key of the mark of its takes: nobody knows it who does not have the weights."""
    digest = hashlib.blake2b(b"mark", digest_size=16)
    for name, array in sorted(network.arrays().items()):
        digest.update(name.encode() + np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _quarter(seconds: float | None) -> float | None:
    return None if seconds is None else 0.25 * seconds


def _recited(
    corpus: Corpus, network: Network, reserve: Reserve, report: Callable[[str], None], rest: Rest
) -> list[extraction.Recited]:
    """Whether the network recites what its base has read; nothing where it stands on none."""
    base = network.base()
    if base is None:
        return []
    report("testing whether it recites")
    seconds = 1.3 * reserve.extraction_s + 1.0 if reserve.extraction_s else None
    seconds = rest.of(seconds, reserve.counting_s + reserve.traits_s)
    until = None if seconds is None else time.monotonic() + seconds
    return extraction.extract(corpus, base, network, until)


def _making(corpus: Corpus) -> dict[str, Any]:
    """How takes are best drawn, as far as the works say it."""
    most = (p.encoded.tokens[: LEARN.figure_tokens] for p in corpus.train)
    firsts = Counter(
        int(p.encoded.tokens[at])
        for p in corpus.train
        for at in begins(corpus.medium, p.part.content, p.encoded)
    )
    units = sum(int(p.encoded.offsets[-1]) for p in corpus.train)
    back = int(ADAPT.before * units / max(1, corpus.train_tokens))
    return {"unrepeated": unrepeated(most), "openings": _usual(firsts), "looks_back": back}


def _usual(counts: Counter[int]) -> list[int]:
    """The commonest, until they are OPENINGS of all: what a work opens with once, a number or a heading, may
    be just what a base is too fond of."""
    out, left = [], OPENINGS * counts.total()
    for token, count in counts.most_common():
        if left <= 0:
            break
        out.append(token)
        left -= count
    return sorted(out)


def _ids(pieces: Sequence[Piece]) -> list[str]:
    """The works that the pieces are parts of."""
    return sorted({p.part.work_id for p in pieces})
