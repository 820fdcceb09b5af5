"""What a budget buys of a picture model: its side, size, batch and steps."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import psutil

from etude.config.pictures import ENLARGE, EYES, PICTURES
from etude.config.sequence import LEARN
from etude.errors import BudgetError
from etude.families.conditions import Condition
from etude.families.pictures.learn import dataset
from etude.families.pictures.learn.dataset import Augment, Dataset, Shown
from etude.families.pictures.learn.flow_plan import FlowPlan
from etude.families.pictures.velocity_net import (
    FlowConfig,
    count_parameters,
)
from etude.training.budget import Budget, duration
from etude.training.machine import allowed_s, speed

SIZES: dict[str, tuple[int, int, int]] = {
    "xs": (32, 64, 96),
    "s": (48, 96, 144),
    "m": (64, 128, 192),
    "l": (96, 192, 256),
}


OUTER = {"xs": 24, "s": 32, "m": 48, "l": 64}  # width of the stage that a side of 64 pixels adds


SIDES = (32, 64, 128, 256)
_LEAST_S = 0.5  # of the flow, where reading took nearly all: one step


@dataclass(frozen=True)
class PictureRequest:
    """What to learn from and within which limits. `shown`: every work framed to `side_px`; `rate`: frames a
    second of clips.

    `framing` goes into the model as it is. `folder` keeps the state of the run: the same request with it goes
    on. `refine`: learn the critic and the one-pass generator too. `begin_with`: the arrays of a picture model
    whose flow it starts from, as far as shapes fit; `started_from`: what the header is to say of it; `began`:
    the monotonic time from which the budget counts, reading the works included; `eyes`: let somebody else's
    eyes learn to choose takes; `enlarge`: learn to enlarge so many times, from the works in `large` (S, S,
    C), by their place in `shown`.
    """

    medium: str
    shown: Sequence[Shown]
    framing: dict[str, Any]
    budget: Budget
    folder: Path
    rate: float = 0.0
    size: str = "auto"
    seed: int = 0
    refine: bool = True
    mirror: bool = True
    begin_with: Mapping[str, npt.NDArray[Any]] | None = None
    begin_conditions: Sequence[Condition] | None = None
    started_from: Mapping[str, Any] | None = None
    began: float | None = None
    eyes: bool = False
    enlarge: int = 1
    large: Mapping[int, npt.NDArray[np.uint8]] = field(default_factory=dict)


@dataclass(frozen=True)
class PictureOutlook:
    """What a run would be, without running it."""

    plan: FlowPlan
    size: str
    works: int
    parameters: int
    memory_mb: float
    passes: float
    seconds: float | None


def choose_side(budget: Budget, typical_px: int) -> int:
    """The side in pixels for a budget on this machine and works of this size: 32 under half an hour, 64 under
    four hours, then 128."""
    seconds = allowed_s(budget)
    limit = math.inf if seconds is None else seconds
    by_time = 32 if limit < 1800 or seconds is None else 64 if limit < 4 * 3600 else 128
    by_works = max((side for side in SIDES if side <= 1.5 * typical_px), default=SIDES[0])
    return min(by_time, by_works)


def _flow_steps(request: PictureRequest) -> int | None:
    """Of a budget of steps, those of the flow."""
    steps = request.budget.steps
    if steps is None:
        return None
    left = steps - (_enlarge_steps(request) or 0)
    return max(1, round((1.0 - PICTURES.refine_share if _refines(request) else 1.0) * left))


def _enlarge_steps(request: PictureRequest) -> int | None:
    """Of a budget of steps, those of the enlargement."""
    steps = request.budget.steps
    if steps is None:
        return None
    return max(1, round(enlarge_share(request) * steps)) if request.enlarge > 1 else 0


def _passes(
    found: Dataset, request: PictureRequest, net: FlowConfig, early: FlowConfig | None, batch: int
) -> float:
    """How often the flow will see every work, foretold: by whichever limit is nearest, the smaller network's
    part included."""
    stages = (
        [(early, PICTURES.early_share), (net, 1.0 - PICTURES.early_share)]
        if early is not None
        else [(net, 1.0)]
    )
    limits = []
    if (of_flow := _times(request, 0.0)[1]) is not None:
        # what learning reaches of a matrix product's speed; figures in docs/decisions/
        reached = max(speed(bfloat16=False), 1.0) * PICTURES.efficiency
        limits.append(sum(share * of_flow * reached / (3.0 * flops(c) * c.frames) for c, share in stages))
    if (steps := _flow_steps(request)) is not None:
        limits.append(sum(share * steps * batch * net.frames / c.frames for c, share in stages))
    return min(limits, default=0.0) / max(1, len(found.train))


def moved_share(passes: float) -> float:
    """Of the copies, how many are moved, zoomed and stretched: more, the more often every work is seen, or
    takes are copies of works (docs/decisions/)."""
    (few, many), (least, most) = PICTURES.moved_passes, PICTURES.moved_share
    way = math.log(max(passes, 1e-9) / few) / math.log(many / few)
    return round(least + (most - least) * min(1.0, max(0.0, way)), 2)


def _refines(request: PictureRequest) -> bool:
    limit = allowed_s(request.budget)
    clips = request.medium == "video"
    least = PICTURES.refine_least_s * max(1.0, request.framing["side_px"] / 32) * (2.0 if clips else 1.0)
    return request.refine and (limit is None or limit >= least)


def _times(request: PictureRequest, gone: float) -> tuple[float | None, float | None]:
    """Seconds for flow and refinement, and for the flow, after `gone` seconds; None where only steps are
    limited. Raises BudgetError."""
    limit = allowed_s(request.budget)
    if limit is None:
        return None, None
    if limit < LEARN.least_seconds:
        raise BudgetError(
            f"a budget of {duration(limit)} is too short",
            f"give at least {duration(LEARN.least_seconds)}, better 10m",
        )
    left = max(
        _LEAST_S,
        0.985 * limit - 1.0 - gone - _judging_s(limit) - _eyes_s(request, limit) - _enlarge_s(request, limit),
    )
    return left, left * (1.0 - PICTURES.refine_share if _refines(request) else 1.0)


def _judging_s(limit: float) -> float:
    return min(60.0, 0.06 * limit + 2.0)


def _eyes_s(request: PictureRequest, limit: float) -> float:
    return min(EYES.most_s, EYES.share * limit) if request.eyes else 0.0


def _enlarge_s(request: PictureRequest, limit: float) -> float:
    return min(ENLARGE.most_s, enlarge_share(request) * limit)


def enlarge_share(request: PictureRequest) -> float:
    """Of the budget, that of the enlargement: less where it begins with one that was learned elsewhere."""
    if request.enlarge <= 1:
        return 0.0
    leave = (request.begin_with or {}).get("enlarge.leave.weight")
    begun = leave is not None and leave.shape[0] in (3 * request.enlarge**2, 4 * request.enlarge**2)
    return ENLARGE.begun_share if begun else ENLARGE.share


def make_plan(found: Dataset, request: PictureRequest) -> tuple[str, FlowPlan]:
    """The size that was chosen, and the plan. Raises BudgetError for an unknown size or a run that does not
    fit into memory."""
    if request.size != "auto" and request.size not in SIZES:
        raise BudgetError(f"there is no size '{request.size}'", f"choose auto, {', '.join(SIZES)}")
    size = request.size
    if size == "auto":  # the smaller one learns twice as fast, and is the better one for a while
        limit = allowed_s(request.budget)
        size = "m" if limit is not None and limit >= PICTURES.larger_from_s else "s"
        deepest = (request.begin_with or {}).get("flow.middle.block.conv1.weight")
        if deepest is not None:  # weights to start from decide
            size = next((name for name, widths in SIZES.items() if widths[-1] == deepest.shape[0]), size)
    _, frames, side, _, channels = (*found.train.pixels.shape[:2], *found.train.pixels.shape[2:])
    plain, half = speed(bfloat16=False), speed(bfloat16=True)
    mean, deviation = _moments(found.train.pixels[:: max(1, len(found.train) // 512)])
    closed = dataset.loops(found.train)
    net = shape(side, channels, size, found.condition_sizes, frames)
    net = replace(net, mean=mean, deviation=deviation, loop=closed or frames == 1)
    early = None
    if side >= 64 or frames > 1:
        small = shape(side // 2 if side >= 64 else side, channels, size, found.condition_sizes)
        early = replace(small, mean=mean, deviation=deviation)
    batch = max(4, PICTURES.batch // frames)
    plan = FlowPlan(
        net,
        early,
        PICTURES.early_share,
        batch,
        PICTURES.lr,
        PICTURES.matrix_lr,
        PICTURES.weight_decay,
        PICTURES.average,
        Augment(moved_share(_passes(found, request, net, early, batch)), mirror=request.mirror, turn=closed),
        half > 1.3 * plain,
        request.seed,
    )
    need, free = memory_mb(plan), psutil.virtual_memory().available / 1e6
    if need > 0.9 * free:
        raise BudgetError(
            f"size {size} at {side} pixels needs about {need:,.0f} MB of memory and {free:,.0f} MB are free",
            f"choose a smaller --size ({', '.join(SIZES)}) or --side",
        )
    return size, plan


def _moments(pixels: npt.NDArray[np.uint8]) -> tuple[tuple[float, ...], float]:
    """The mean of every channel and the deviation about it, in -1..1, of contents (N, F, H, W, C). By
    counting bytes: exact, and without a copy as numbers."""
    level = np.arange(256) / 127.5 - 1.0
    counts = np.array([np.bincount(pixels[..., k].ravel(), minlength=256) for k in range(pixels.shape[-1])])
    share = counts / counts.sum(1, keepdims=True)
    mean = share @ level
    deviation = math.sqrt(float((share * (level - mean[:, None]) ** 2).sum(1).mean()))
    return tuple(round(float(v), 4) for v in mean), round(max(0.05, deviation), 4)


def shape(side: int, channels: int, size: str, conditions: tuple[int, ...], frames: int = 1) -> FlowConfig:
    """The network of a side and a size: stages at a half of the side down to 4 pixels; a quarter from 128
    pixels on."""
    widths = SIZES[size]
    if side <= 32:
        return FlowConfig(side, channels, 2, widths, condition_sizes=conditions, frames=frames)
    return FlowConfig(
        side, channels, side // 32, (OUTER[size], *widths), condition_sizes=conditions, frames=frames
    )


def flops(c: FlowConfig) -> float:
    """Of one pass of one frame, the 3x3 convolutions (nearly all of it)."""
    side, total, skip = c.side_px // c.patch, 0.0, list(c.widths)
    width = c.widths[0]
    for i, w in enumerate(c.widths):
        total += c.blocks * 2 * 9 * (width * w + w * w) * (side >> i) ** 2
        width = w
    total += 2 * 9 * 2 * width * width * (side >> (len(c.widths) - 1)) ** 2
    for i, w in reversed(list(enumerate(c.widths))):
        total += c.blocks * 2 * 9 * ((width + skip[i]) * w + w * w) * (side >> i) ** 2
        width = w
    return total


def memory_mb(plan: FlowPlan) -> float:
    """Weights, gradients, moments, averages of both stages, and the activations of one step, in MB."""
    c = plan.net
    weights = count_parameters(c) * 4 * 12
    places = sum(w * (c.side_px // c.patch >> i) ** 2 for i, w in enumerate(c.widths))
    return (weights + plan.batch * c.frames * 4 * 34 * places * c.blocks) / 1e6 + 400
