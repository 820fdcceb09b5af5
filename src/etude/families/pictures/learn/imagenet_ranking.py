"""Learning to choose takes with a network of others (`pictures/imagenet.py`): a logistic regression
between works and takes on their features.

Taught on works that the flow learned from too and tested on those held out: how often an unseen work is
preferred to a take, and how far the better half of unseen drafts lies from works held out beside all of them,
in features of a random network, since what pleases one ImageNet network pleases another (Kynkaanniemi et al.
2023, arXiv 2203.06026). Knows no files.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from etude import rng
from etude.config.pictures import EYES
from etude.families.pictures import imagenet, random_features
from etude.families.pictures.learn.dataset import Dataset, Room
from etude.families.pictures.model import PictureModel, to_float
from etude.stats import kernel_distance
from etude.stats.evenly import evenly

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Onlooker:
    """How a picture is scored: (features - mean) / deviation . weight, with what is said of it in the
    header."""

    arrays: dict[str, npt.NDArray[np.float32]]
    about: dict[str, Any]


def teach(
    model: PictureModel, found: Dataset, take: Callable[[int, int], Tensor], *, seed: int, until: float | None
) -> Onlooker | None:
    """Teach them until a time of the monotonic clock. `take(i, n)`: n takes (n, F, C, H, W), the i-th time it
    is asked. None where there was time for too few. Raises ModelError where the eyes are not installed."""
    began = time.monotonic()
    few = imagenet.features(_some(found.train, EYES.at_once))
    each = (time.monotonic() - began) / max(1, len(few))  # what an evaluation costs
    most = (
        EYES.works
        if until is None
        else max(EYES.at_once, min(EYES.works, int(0.3 * (until - time.monotonic()) / each)))
    )
    works = imagenet.features(_some(found.train, most))
    made: list[Tensor] = []
    count, longest = 0, 0.0
    once = max(1, EYES.at_once // model.config.frames)
    while count < EYES.takes and (
        until is None or time.monotonic() + longest + each * (count + len(found.held_out)) < until
    ):
        began = time.monotonic()
        made.append(_frames(take(len(made), once)))
        count, longest = count + once, max(longest, time.monotonic() - began)
    if count < EYES.least_takes:
        return None
    x = torch.cat(made)
    takes = imagenet.features(x)
    mean, deviation = np.concatenate([works, takes]).mean(0), np.concatenate([works, takes]).std(0) + 1e-6
    works, takes = (works - mean) / deviation, (takes - mean) / deviation
    g = rng.for_(seed, "onlookers")
    order = g.permutation(count)
    test, learn = order[: count // 3], order[count // 3 :]
    weight = logistic(works, takes[learn], EYES.penalty)
    arrays = {"weight": weight, "mean": mean, "deviation": deviation}
    about: dict[str, Any] = {
        "name": imagenet.NAME,
        "network": imagenet.ABOUT,
        "package": imagenet.PACKAGE,
        "takes": len(learn),
        "works": len(works),
    }
    if found.held_out.different >= 2:
        held = to_float(
            found.held_out.pixels[found.held_out.evenly(EYES.works), found.held_out.pixels.shape[1] // 2]
        )
        unseen, drawn = ((imagenet.features(held) - mean) / deviation) @ weight, takes[test] @ weight
        about["prefers"] = _share(unseen, drawn, seed)
        better = np.argsort(-drawn)[: len(drawn) // 2]
        shown = kernel_distance.scaled(
            random_features.features(_some(found.train, len(held))),
            random_features.features(held),
            random_features.features(x[test]),
        )
        some = g.permutation(len(drawn))[: len(better)]
        about["distance"] = {
            name: 1000 * kernel_distance.kid(shown[1], shown[2][at])
            for name, at in (("better half", better), ("any half", some))
        }
    return Onlooker({k: v.astype(np.float32) for k, v in arrays.items()}, about)


def logistic(a: Floats, b: Floats, penalty: float) -> Floats:
    """(D,) the direction that tells rows of a (N, D) from rows of b (M, D), both classes with the same
    weight: logistic loss with `penalty` / 2 |w|^2 and a free offset."""
    x = torch.from_numpy(np.concatenate([a, b]))
    y = torch.cat([torch.ones(len(a)), -torch.ones(len(b))]).double()
    share = torch.cat([torch.full((len(a),), 0.5 / len(a)), torch.full((len(b),), 0.5 / len(b))]).double()
    w = torch.zeros(x.shape[1] + 1, dtype=torch.float64, requires_grad=True)
    solver = torch.optim.LBFGS([w], max_iter=100, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        solver.zero_grad()
        value = (share * torch.nn.functional.softplus(-y * (x @ w[:-1] + w[-1]))).sum() + 0.5 * penalty * w[
            :-1
        ].square().sum()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    solver.step(loss)  # type: ignore[no-untyped-call]
    out: Floats = w.detach()[:-1].numpy()
    return out


def _share(unseen: Floats, drawn: Floats, seed: int) -> dict[str, Any]:
    """How often an unseen work is preferred to a take, with a 90 % interval over both."""
    wins = (unseen[:, None] > drawn[None]).astype(np.float64) + 0.5 * (unseen[:, None] == drawn[None])
    g = rng.for_(seed, "onlookers-interval")
    draws = [
        wins[g.integers(0, len(unseen), len(unseen))][:, g.integers(0, len(drawn), len(drawn))].mean()
        for _ in range(200)
    ]
    low, high = (float(q) for q in np.quantile(draws, [0.05, 0.95]))
    return {"value": float(wins.mean()), "low": low, "high": high, "n": len(unseen)}


def _some(room: Room, most: int) -> Tensor:
    """(N, C, H, W) so many works, evenly from among all, of clips their middle frames."""
    at = evenly(len(room), most)
    return to_float(room.pixels[at, room.pixels.shape[1] // 2])


def _frames(x: Tensor) -> Tensor:
    """Of clips a frame each: the middle one."""
    return x[:, x.shape[1] // 2]
