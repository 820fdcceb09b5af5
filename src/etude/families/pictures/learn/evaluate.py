"""The figures of a picture model, on works that it has not seen: the flow's loss, how far takes are from
works, and whether the one-pass generator is as good as the flow it came from. Knows no files.
"""

from __future__ import annotations

import math
import time
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from etude import rng
from etude.config.pictures import EXPLORE, JUDGE
from etude.config.trust import TRACE
from etude.families.pictures import nearest_works, random_features
from etude.families.pictures.learn.dataset import Dataset, Room
from etude.families.pictures.learn.following import following
from etude.families.pictures.learn.refined import Refined
from etude.families.pictures.model import PictureModel, to_float, to_pixels
from etude.families.pictures.noise import noise
from etude.families.verdict import SEEN
from etude.stats import conformal, evenly, kernel_distance
from etude.training.deadline import affordable, left, part

LOSS_UNIT, KID_UNIT = "squared error", "kernel distance x 1000"


@dataclass(frozen=True)
class OnePass:
    """The test of the refined generator: kernel distances (x 1000) to the works held out of its takes in one
    pass, of the flow's and of those that it leads and the flow mends; what one pass is worse by than the flow
    with a 90 % interval, the bound and whether it keeps to it (`used`); the coverage of both, whether the
    refined generator `leads` takes, and the sentence for people."""

    takes: int
    works: int
    distance: float
    of_flow: float
    of_led: float
    worse: float
    low: float
    high: float
    bound: float
    used: bool
    coverage: float
    coverage_led: float
    leads: bool
    sentence: str

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Evaluated:
    """Figures by name (value, low, high, n, unit), the test of the one pass (None where there is none), and
    the flow's loss of each work held out."""

    figures: dict[str, Any]
    one_pass: OnePass | None
    by_work: dict[str, float] = field(default_factory=dict)


@torch.inference_mode()
def judge(
    model: PictureModel, found: Dataset, refined: Refined | None, *, seed: int, until: float | None
) -> Evaluated:
    """All figures that the time allows. What is held out is the reference; where nothing is, nothing is
    said."""
    figures: dict[str, Any] = {}
    by_work: dict[str, float] = {}
    room = found.held_out
    if room.different >= 2 and (held_out := _loss(model, room, seed, part(until, 0.25), left(until))):
        figures["flow loss"], by_work = held_out
        if seen := _loss(model, found.train, seed, part(until, 0.15), 0.25 * left(until)):
            figures[SEEN] = seen[0]
    flow, rows = _takes(model, found, seed, part(until, 0.5 if refined is None else 0.3))
    verdict, usual = None, flow  # as they are usually made
    most = _measured(found, until) if len(flow) >= JUDGE.least_takes else 0
    if room.different >= JUDGE.least_works and most >= JUDGE.least_works:
        works, learned, by_flow = (
            random_features.features(x)
            for x in (_middles(room, most), _middles(found.train, most), _frames(flow))
        )
        own = kernel_distance.scaled(learned, works, by_flow)
        figures["kernel distance"] = _distance(own[1], own[2], seed)
        figures["noise floor"] = _distance(own[1], own[0], seed)
        figures["coverage"] = _share(kernel_distance.coverage(own[1], own[2]), len(own[1]), seed)
        if refined is not None:
            verdict, more, one_pass_start = _test(
                model, refined, learned, own[1], own[2], rows, seed, part(until, 0.6)
            )
            figures |= more
            usual = one_pass_start if verdict.leads else flow
        if figures["kernel distance"]["low"] > JUDGE.far * max(figures["noise floor"]["high"], 1e-9):
            del figures["coverage"]  # of what is so far from works it says nothing
    if (sketched := following(model, found, seed, until)) is not None:
        figures["following"] = sketched
    near = _copies(found, usual, seed, until)
    if near is not None:
        figures["near copies"] = near
    return Evaluated(figures, verdict, by_work)


def _middles(room: Room, most: int = JUDGE.works) -> Tensor:
    """(N, C, H, W) of so many works, of clips their middle frames."""
    at = room.evenly(most)
    return to_float(room.pixels[at, room.pixels.shape[1] // 2])


def _frames(x: Tensor) -> Tensor:
    """Of clips a frame each: the middle one."""
    return x[:, x.shape[1] // 2]


def _measured(found: Dataset, until: float | None) -> int:
    """How many works of each role there is time to take the features of, beside those of takes."""
    if until is None:
        return JUDGE.works
    began, few = time.monotonic(), _middles(found.train, 16)
    random_features.features(few)
    each = (time.monotonic() - began) / len(few)
    return affordable(3 * JUDGE.works, each, until, 0.4) // 3


def _loss(
    model: PictureModel, room: Room, seed: int, until: float | None, longest_s: float = math.inf
) -> tuple[dict[str, Any], dict[str, float]] | None:
    """The flow's loss, averaged over times, with an interval over works, and that of each work; on as many
    works as the time allows, but JUDGE.least_loss where that takes no longer than `longest_s`: else None."""
    g = rng.for_(seed, "judge")
    n, at_once = min(room.different, JUDGE.works), max(2, 32 // model.config.frames)
    least = min(n, max(2, JUDGE.least_loss // model.config.frames))
    if until is not None:
        few = to_float(room.pixels[: max(1, JUDGE.least_loss // model.config.frames)])
        began = time.monotonic()
        model.velocity(few, 0.5, torch.from_numpy(room.rows[: len(few)]))
        each = JUDGE.times * (time.monotonic() - began) / len(few)
        if least * each > longest_s:
            return None
        n = max(least, affordable(n, each, until))
    at, longest = room.evenly(n), time.monotonic() + longest_s
    rows, errors = torch.from_numpy(room.rows[at]), np.zeros(len(at))
    spread = torch.special.ndtri((torch.arange(JUDGE.times) + 0.5) / JUDGE.times)
    measured = 0
    for which in torch.arange(len(at)).split(at_once):  # type: ignore[no-untyped-call]
        x = to_float(room.pixels[at[which.numpy()]])
        for t in torch.sigmoid(spread).tolist():
            z = noise(g, tuple(x.shape))
            v = model.velocity((1 - t) * z + t * x, t, rows[which])
            errors[which.numpy()] += (v - (x - z)).square().mean((1, 2, 3, 4)).numpy() / JUDGE.times
        measured += len(which)
        if until is not None and time.monotonic() > longest:
            break  # the machine has become busy
    at, errors = at[:measured], errors[:measured]
    draws = errors[g.integers(0, measured, (400, measured))].mean(1)
    low, high = (float(q) for q in np.quantile(draws, [0.05, 0.95]))
    figure = {"value": float(errors.mean()), "low": low, "high": high, "n": measured, "unit": LOSS_UNIT}
    return figure, {room.works[int(i)]: float(e) for i, e in zip(at, errors, strict=True)}


def _takes(
    model: PictureModel, found: Dataset, seed: int, until: float | None
) -> tuple[Tensor, npt.NDArray[np.int64]]:
    """Takes of the flow (N, F, C, H, W), made as `make` makes them, with their rows (N, K); as many as the
    time allows."""
    g = rng.for_(seed, "judge-takes")
    made: list[Tensor] = []
    rows: list[npt.NDArray[np.int64]] = []
    size = max(1, 16 // model.config.frames)
    if until is not None:  # a few that would come too late say nothing
        z = _noise(g, model, size)
        began = time.monotonic()
        model.velocity(z, 0.5, torch.from_numpy(found.train.rows[:1].repeat(size, 0)))
        if (
            time.monotonic() - began
        ) * 2 * model.renew_steps * JUDGE.least_takes / size > until - time.monotonic():
            return torch.zeros(0, *model.config.shape), found.train.rows[:0]
    while sum(map(len, made)) < JUDGE.takes and (until is None or not made or time.monotonic() < until):
        row = found.train.rows[g.integers(0, len(found.train), size)]
        z = _noise(g, model, size)
        fresh = partial(_noise, g, model, size)
        x = model.renew(z, torch.from_numpy(row), fresh=fresh, eta=EXPLORE.eta)
        made.append(x.clamp(-1, 1))
        rows.append(row)
        if until is None and sum(map(len, made)) >= JUDGE.least_takes:
            break
    return torch.cat(made), np.concatenate(rows)


def _copies(found: Dataset, takes: Tensor, seed: int, until: float | None) -> dict[str, Any] | None:
    """The share of takes that a trace would flag: nearer to a work learned from than all but ALPHA of the
    works held out are, of clips by their nearest frame; with what it is by `chance`, and a 90 % interval:
    Wilson's for the takes, and as wide as draws of the works held out say. None where too few works are held
    out or the time is too short."""
    if found.held_out.different < TRACE.held_out_needed or len(takes) < JUDGE.least_takes:
        return None
    frames = takes.shape[1]
    learned = [one[i] for one in found.train.pixels for i in evenly.evenly(frames, TRACE.frames_of_work)]
    compared = evenly.evenly(frames, TRACE.frames_compared)
    most = max(TRACE.held_out_needed, TRACE.held_out_pictures // len(compared))
    held = [[found.held_out.pixels[i, k] for k in compared] for i in found.held_out.evenly(most)]
    each, began = 0.0, time.monotonic()
    if until is not None:
        nearest_works.features(learned[:32])
        each = (time.monotonic() - began) / len(learned[:32])
        if began + each * (len(learned) + 4 * len(compared) * (len(held) + JUDGE.least_takes)) > until:
            return None
    shelf = nearest_works.shelf(learned, held)
    scores: list[float] = []
    for one in takes[: JUDGE.copies]:
        scores.append(float(shelf.nearest([to_pixels(one[int(k)][None])[0] for k in compared]).max()))
        if until is not None and time.monotonic() > until and len(scores) >= JUDGE.least_takes:
            break
    g = rng.for_(seed, "near-copies")
    share = conformal.flagged(scores, shelf.usual, TRACE.alpha, g, JUDGE.draws)
    chance = conformal.by_chance(TRACE.alpha, len(held))
    return {**share.to_json(), "chance": chance, "unit": f"share of takes ({chance:.2g} by chance)"}


def _noise(g: np.random.Generator, model: PictureModel, n: int, _: int = 0) -> Tensor:
    """Of n takes; the last is the pass it is for."""
    return noise(g, (n, *model.config.shape))


def _distance(works: kernel_distance.Floats, takes: kernel_distance.Floats, seed: int) -> dict[str, Any]:
    value, low, high = (1000 * v for v in kernel_distance.kid_interval(works, takes, seed=seed))
    return {"value": value, "low": low, "high": high, "n": len(takes), "unit": KID_UNIT}


def _share(value: float, n: int, seed: int) -> dict[str, Any]:
    draws = rng.for_(seed, "coverage").binomial(n, value, 400) / n
    low, high = (float(q) for q in np.quantile(draws, [0.05, 0.95]))
    return {"value": value, "low": low, "high": high, "n": n, "unit": "share of held-out works"}


def _test(
    model: PictureModel,
    refined: Refined,
    learned: kernel_distance.Floats,
    works: kernel_distance.Floats,
    by_flow: kernel_distance.Floats,
    rows: npt.NDArray[np.int64],
    seed: int,
    until: float | None,
) -> tuple[OnePass, dict[str, Any], Tensor]:
    """One pass, and takes that the refined generator leads, against the flow, on the same rows with fresh
    noise; the interval over half-samples of works and takes, paired; where the clock ends it, on as many
    takes of each as there are. Also the figures of those that are led, the distance of one pass as one of its
    own, and those that are led."""
    both = PictureModel(
        model.medium,
        model.config,
        model.framing,
        model.conditions,
        model.flow.state_dict(),
        one_pass=refined.generator,
    )
    g = rng.for_(seed, "judge-once")
    once, one_pass_start = [], []
    for some in torch.arange(len(rows)).split(16):  # type: ignore[no-untyped-call]
        row, fresh = torch.from_numpy(rows[some.numpy()]), partial(_noise, g, model, len(some))
        once.append(both.in_one_pass(fresh(), row).clamp(-1, 1))
        one_pass_start.append(
            both.renew(
                fresh(), row, fresh=fresh, eta=EXPLORE.eta, steps=JUDGE.steps, one_pass_start=True
            ).clamp(-1, 1)
        )
        if (
            until is not None
            and time.monotonic() > until
            and sum(map(len, one_pass_start)) >= JUDGE.least_takes
        ):
            break
    by_one, by_both = (
        kernel_distance.scaled(learned, random_features.features(_frames(torch.cat(x))))[1]
        for x in (once, one_pass_start)
    )
    by_flow = by_flow[: len(by_one)]  # coverage grows with the number of takes
    a, low, high = _worse(works, by_one, by_flow, seed)
    b, c = (1000 * kernel_distance.kid(works, x) for x in (by_flow, by_both))
    cover, cover_led, cover_one = (kernel_distance.coverage(works, x) for x in (by_flow, by_both, by_one))
    bound = JUDGE.bound * max(b, 0.0) + JUDGE.slack
    good = refined.ended != "collapsed" and math.isfinite(a + c)
    used = (
        good and high <= bound and cover_one >= cover - JUDGE.less_covered
    )  # near works, and near as many of them
    leads = good and cover_led >= cover - JUDGE.less_covered
    measured = (
        f"Kernel distance x 1000 to held-out works, and coverage: {b:.1f} and {100 * cover:.0f} % for the "
        f"flow network alone ({2 * model.renew_steps} passes), {c:.1f} and {100 * cover_led:.0f} % with the "
        f"one-pass start, {a:.1f} and {100 * cover_one:.0f} % for the one-pass network alone."
    )
    end = "Takes are made with the one-pass start" if leads else "Takes are made by the flow network alone"
    close = "less varied than the flow" if good and high <= bound else "worse than the flow"
    one = "no worse than the flow" if used else close
    sentence = (
        f"{measured} {end}. --steps 1 uses the one-pass network alone, which is {one} here (difference "
        f"{low:+.1f} to {high:+.1f})."
    )
    verdict = OnePass(
        len(by_one), len(works), a, b, c, a - b, low, high, bound, used, cover, cover_led, leads, sentence
    )
    more = {"one-pass distance": _distance(works, by_one, seed)}
    if leads:
        more |= {
            "kernel distance": _distance(works, by_both, seed),
            "coverage": _share(cover_led, len(works), seed),
        }
        more["flow distance"] = _distance(works, by_flow, seed)
    return verdict, more, torch.cat(one_pass_start)


def _worse(
    works: kernel_distance.Floats, mine: kernel_distance.Floats, other: kernel_distance.Floats, seed: int
) -> tuple[float, float, float]:
    """The distance of some takes, and the ends of the interval of what it is larger by than that of
    others."""
    g = rng.for_(seed, "judge-worse")
    a, b = 1000 * kernel_distance.kid(works, mine), 1000 * kernel_distance.kid(works, other)
    draws = np.empty(JUDGE.draws)
    n, m = max(2, len(works) // 2), max(2, min(len(mine), len(other)) // 2)
    for i in range(JUDGE.draws):
        some = works[g.choice(len(works), n, replace=False)]
        one, two = (x[g.choice(len(x), m, replace=False)] for x in (mine, other))
        draws[i] = 1000 * (kernel_distance.kid(some, one) - kernel_distance.kid(some, two))
    low, high = (float(q) + a - b - float(draws.mean()) for q in np.quantile(draws, [0.05, 0.95]))
    return a, low, high
