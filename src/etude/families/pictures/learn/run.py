"""Learning a picture model from start to end, within the budget: plan, flow, refinement, figures, card.

The flow has the larger part of the time, the one-pass generator and its critic what the budget leaves, and it
is offered only where its distance to held-out works is no worse than the flow's own. Knows no project: works
come in as frames, the model goes out as header and arrays.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from etude.config.pictures import PICTURES
from etude.errors import BudgetError, ModelError
from etude.families.conditions import Condition
from etude.families.pictures import imagenet
from etude.families.pictures.directions import sliders
from etude.families.pictures.learn import adversarial, dataset, imagenet_ranking, large_works, time_left
from etude.families.pictures.learn import card as picture_card
from etude.families.pictures.learn.checked_works import _dataset
from etude.families.pictures.learn.dataset import Dataset, roles
from etude.families.pictures.learn.enlarging import Enlarged, learn_enlargement
from etude.families.pictures.learn.evaluate import LOSS_UNIT, Evaluated, judge
from etude.families.pictures.learn.flow_matching import learn_flow
from etude.families.pictures.learn.flow_plan import FlowPlan, LearnedFlow
from etude.families.pictures.learn.plan import (
    SIZES,
    PictureOutlook,
    PictureRequest,
    _enlarge_steps,
    _flow_steps,
    _judging_s,
    _passes,
    _refines,
    _times,
    choose_side,
    enlarge_share,
    make_plan,
    memory_mb,
    moved_share,
)
from etude.families.pictures.learn.refined import Refined
from etude.families.pictures.learn.shown_takes import _samples, _some_takes, shown_as
from etude.families.pictures.model import PictureModel, late
from etude.families.pictures.palette import palette_of
from etude.families.pictures.velocity_net import (
    FlowNet,
    count_parameters,
    inner_weights,
    stages_of,
)
from etude.training import checkpoint
from etude.training.budget import Ledger, Meter
from etude.training.learned import Learned
from etude.training.machine import allowed_s
from etude.training.progress import Progress

_SLACK = 0.02  # of the budget, by which two sessions of one run may differ in reading their works


def outlook(request: PictureRequest) -> PictureOutlook:
    """For --dry-run. Raises what `learn` would raise before its first step."""
    if request.eyes:
        imagenet.ready()
    found = _dataset(request)
    size, plan, _ = _planned(found, request, checkpoint.read(request.folder))
    passes = _passes(found, request, plan.net, plan.early, plan.batch)
    return PictureOutlook(
        plan,
        size,
        len(found.train),
        count_parameters(plan.net),
        memory_mb(plan) + sum(one.nbytes for one in request.large.values()) / 1e6,
        passes,
        _times(request, 0.0)[1],
    )


def learn(
    request: PictureRequest, on_progress: Callable[[Progress], None], stop: Callable[[], bool]
) -> Learned:
    """Learn a model. Raises WorkError (too few), BudgetError (too short, does not fit), and what writing to
    `folder` raises.

    When `stop()` turns true learning ends at the next step and a usable model is made of what there is; its
    state stays in `folder`.
    """
    began = time.monotonic() if request.began is None else request.began
    if request.eyes:
        imagenet.ready()  # better before the budget is spent than after
    flow_state, refine_state = checkpoint.read(request.folder), checkpoint.read(request.folder / "refine")
    enlarge_state = checkpoint.read(request.folder / "enlarge")
    states = (flow_state, refine_state, enlarge_state)
    loaded = enlarge_state or refine_state or flow_state
    meter = Meter(Ledger.from_json(loaded[1]["ledger"]) if loaded else None, began)
    found = _dataset(request)
    size, plan, start = _planned(found, request, flow_state)
    limit, refine = allowed_s(request.budget), _refines(request)
    left, of_flow = _times(request, time.monotonic() - began)
    if of_flow is not None and limit is not None and flow_state and (refine_state or enlarge_state):
        done = float(flow_state[1]["spent_s"])
        if (
            of_flow <= done + _SLACK * limit
        ):  # the flow was done: a faster start of this session is no reason to learn it on
            of_flow = min(of_flow, done)
    share = 1.0 - PICTURES.refine_share if refine else 1.0
    energy, steps = request.budget.energy_kwh, request.budget.steps
    small = 0.95 * (1.0 - enlarge_share(request))  # of the energy, before the enlargement
    own = replace(
        request.budget,
        money=None,
        kwh=None if energy is None else small * share * energy,
        steps=_flow_steps(request),
    )
    show = shown_as(request.medium, request.rate)
    flow = learn_flow(
        found,
        plan,
        own,
        seconds=of_flow,
        folder=request.folder,
        meter=meter,
        on_progress=on_progress,
        stop=stop,
        begin_with=start,
        show=show,
    )
    if flow.steps == 0 and flow.ended == "interrupted":
        raise BudgetError(
            "training was stopped before the first step, so there is no model", "run the same command again"
        )
    if flow.steps == 0:
        raise BudgetError(
            f"a budget of {request.budget.describe()} is used up before the first step",
            "give more: --budget 10m",
        )
    framing = {**request.framing, "side_px": flow.config.side_px}
    what = request.medium, flow.config, framing, found.conditions, flow.state
    model = PictureModel(*what, rate=request.rate, header=late(flow.config))
    refined: Refined | None = None
    if refine and flow.ended != "interrupted":
        if refine_state and refine_state[1].get("flow_steps") != flow.steps:
            forget(request.folder / "refine")  # the flow has learned on since: its pictures are others now
        refined = adversarial.refine(
            model,
            found,
            replace(request.budget, money=None, kwh=None if energy is None else small * energy),
            seconds=None
            if left is None or of_flow is None
            else max(1.0, left - max(of_flow, _spent_s(request.folder))),
            steps=None
            if steps is None
            else max(1, steps - (own.steps or 0) - (_enlarge_steps(request) or 0)),
            flow_steps=flow.steps,
            seed=request.seed,
            folder=request.folder / "refine",
            meter=meter,
            on_progress=on_progress,
            stop=stop,
            show=show,
        )
    enlarged: Enlarged | None = None
    if (
        request.enlarge > 1
        and flow.config.side_px == plan.net.side_px
        and "interrupted" not in (flow.ended, refined.ended if refined else "")
    ):
        enlarged = learn_enlargement(
            model,
            large_works.gather(found, request.shown, request.large),
            request.enlarge,
            replace(request.budget, money=None, kwh=None if energy is None else 0.95 * energy),
            seconds=None if limit is None else time_left.for_enlarging(request, limit, began, states),
            steps=_enlarge_steps(request),
            flow_steps=flow.steps,
            begin_with=_weights(request, "enlarge"),
            mirror=plan.augment.mirror,
            bfloat16=plan.bfloat16,
            seed=request.seed,
            folder=request.folder / "enlarge",
            meter=meter,
            on_progress=on_progress,
            stop=stop,
        )
    interrupted = any(one is not None and one.ended == "interrupted" for one in (flow, refined, enlarged))
    on_progress(
        Progress(
            "measuring on held-out works",
            flow.steps,
            meter.read().wall_s,
            request.budget.describe(),
            1.0,
            0.0,
            None,
            "",
            flow.passes,
            None,
            meter.read(),
        )
    )
    until = by = None
    if limit is not None:
        until, by = time_left.for_figures(request, limit, began, states, flow.saving_s, asked=interrupted)
    evaluated = Evaluated({}, None)
    if flow.config.side_px == plan.net.side_px:  # one that was stopped early sees no works of this size
        evaluated = judge(
            model,
            found,
            None if refined is None or not refined.critic else refined,
            seed=request.seed,
            until=by,
        )
    return _model(
        model, request, size, plan, found, flow, refined, enlarged, evaluated, meter, interrupted, until
    )


def forget(folder: Path) -> None:
    """Remove the state of a finished run."""
    inside = ("refine", "refine/pairs", "pairs", "enlarge", "enlarge/redrawn")
    for one in (folder, *(folder / name for name in inside)):
        checkpoint.forget(one)


def _planned(
    found: Dataset, request: PictureRequest, begun: tuple[Mapping[str, Any], Mapping[str, Any]] | None
) -> tuple[str, FlowPlan, dict[str, torch.Tensor] | None]:
    """The size, the plan and the weights to start from; a run that goes on keeps what it began with, whatever
    the budget is now."""
    start = _start(request, found.conditions)
    if begun is not None:
        plan = FlowPlan.from_json(begun[1]["plan"])
        deepest = plan.net.widths[-1]
        return (
            next((name for name, widths in SIZES.items() if widths[-1] == deepest), request.size),
            plan,
            start,
        )
    size, plan = make_plan(found, request)
    if start is None:
        return size, plan, start
    plan = _from(plan, start)
    share = moved_share(_passes(found, request, plan.net, plan.early, plan.batch))
    return size, replace(plan, augment=replace(plan.augment, share=share)), start


def _start(request: PictureRequest, conditions: Sequence[Condition]) -> dict[str, torch.Tensor] | None:
    """The weights of the flow that the run starts from. What they knew of makers and attributes goes to those
    of the same name; others begin as nobody in particular. Where it is not known what they knew, tables of
    the same shape carry over."""
    if request.begin_with is None:
        return None
    out = _weights(request, "flow")
    if request.begin_conditions is None:
        return out
    known = {
        c.key: (c.values, out.pop(f"tables.{i}.weight", None)) for i, c in enumerate(request.begin_conditions)
    }
    for i, c in enumerate(conditions):
        values, table = known.get(c.key, ((), None))
        if table is not None:
            rows = [0, *(1 + values.index(v) if v in values else 0 for v in c.values)]
            out[f"tables.{i}.weight"] = table[rows].clone()
    return out


def _weights(request: PictureRequest, part: str) -> dict[str, torch.Tensor]:
    """The weights of a part of the model that the run starts from; none where it has no such part."""
    return {
        k.removeprefix(f"{part}."): torch.from_numpy(np.array(v))
        for k, v in (request.begin_with or {}).items()
        if k.startswith(f"{part}.")
    }


def _from(plan: FlowPlan, start: Mapping[str, torch.Tensor]) -> FlowPlan:
    """The plan of a run that starts from other weights: what they have learned at this side is not learned
    again in small. Raises ModelError where nothing of them fits."""
    with torch.device("meta"):
        net = FlowNet(plan.net)
    stages = stages_of(start, plan.net.blocks)
    fits = inner_weights(net, start, stages)
    if not any(name.startswith("down.") for name in fits):
        raise ModelError(
            "the model to start from does not fit this run: its network has another size",
            "give its --size",
        )
    if "enter.weight" in fits and stages == len(plan.net.widths):
        early = (
            replace(plan.net, frames=1)
            if plan.net.frames > 1 and not any("through_time" in name for name in start)
            else None
        )
        return replace(plan, early=early)
    return plan


def _by_work(evaluated: Evaluated, model: PictureModel) -> dict[str, Any]:
    """What each held-out work cost, for a later model to be compared with: of one side only."""
    if not evaluated.by_work:
        return {}
    unit = f"{LOSS_UNIT} at {model.config.side_px} pixels"
    return {"unit": unit, "works": {work: [cost, 1.0] for work, cost in evaluated.by_work.items()}}


def _spent_s(folder: Path) -> float:
    """What the flow's run used, as it was last kept."""
    kept = checkpoint.read(folder)
    return float(kept[1]["spent_s"]) if kept else 0.0


def _model(
    learned: PictureModel,
    request: PictureRequest,
    size: str,
    plan: FlowPlan,
    found: Dataset,
    flow: LearnedFlow,
    refined: Refined | None,
    enlarged: Enlarged | None,
    evaluated: Evaluated,
    meter: Meter,
    interrupted: bool,
    until: float | None,
) -> Learned:
    """The model with all that is said of it."""
    offered = refined is not None and bool(refined.critic)
    ledger = replace(
        meter.read(),
        steps=flow.steps + (refined.steps if refined else 0) + (enlarged.steps if enlarged else 0),
    )
    ended = "interrupted" if interrupted else flow.ended
    about = {
        "held_out": evaluated.figures.get("flow loss", {}),
        "figures": evaluated.figures,
        "compared": _by_work(evaluated, learned),
        "one_pass": evaluated.one_pass.to_json() if evaluated.one_pass else None,
        "curve": [list(c) for c in flow.curve if math.isfinite(c[2])],
        "started_from": request.started_from,
        "refining": refined.to_json() if refined else None,
        "plan": plan.to_json(),
        "size": size,
        "pictures_per_s": flow.pictures_per_s,
        "ledger": ledger.to_json(),
        "ended": ended,
        "steps": flow.steps,
        "best_step": flow.best_step,
        "epochs": flow.passes,
        "budget": request.budget.describe(),
        "works": roles(found),
        "critic": {"used": bool(evaluated.one_pass and evaluated.one_pass.used)},
        "palette": palette_of(found.train.pixels),
        **late(learned.config),
    }
    if enlarged is not None and (said := enlarged.to_json()) is not None:
        about["enlarge"] = said
        about["figures"] = {**evaluated.figures, **enlarged.tested.figures()}
    model = PictureModel(
        request.medium,
        learned.config,
        learned.framing,
        found.conditions,
        flow.state,
        rate=request.rate,
        one_pass=refined.generator if refined and offered else None,
        critic=refined.critic if refined and offered else None,
        manners=dataset.manners(found.train),
        enlargement=enlarged.enlargement if enlarged else None,
        header=about,
    )
    if request.eyes and flow.config.side_px == plan.net.side_px:
        by = None if until is None else until - 0.2 * _judging_s(allowed_s(request.budget) or 0.0)
        seen = imagenet_ranking.teach(
            model, found, partial(_some_takes, model, request.seed), seed=request.seed, until=by
        )
        model.onlooker = None if seen is None else seen.arrays
        model.header["eyes"] = about["eyes"] = None if seen is None else seen.about
    directions = sliders(model, found.train.pixels, seed=request.seed, until=until)
    model.sliders = directions.directions
    model.header |= {"sliders": len(directions.moved), "sliders_moved": list(directions.moved)}
    header, arrays = model.to_arrays()
    return Learned(header, arrays, picture_card.write(header, found), ledger, ended, _samples(flow, refined))


__all__ = ["PictureOutlook", "PictureRequest", "choose_side", "learn", "outlook"]
