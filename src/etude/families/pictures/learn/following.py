"""Whether takes follow a sketch: works that the model has not seen, drawn as lines, begin takes as `--from`
does.

A take follows when its edges agree better with its own sketch than those of another sketch's take do. That
alone says little: lines show through the grain of a model that has hardly learned. So takes must have the
edges of works once grain is averaged away, and be flat where works are flat. Knows no files.

Letters: N sketches, C channels, H W pixels.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from etude import rng
from etude.config.pictures import EXPLORE, FOLLOW
from etude.families.pictures.learn.dataset import Dataset
from etude.families.pictures.model import PictureModel, to_float
from etude.families.pictures.noise import noise
from etude.stats.figure import wilson

UNIT = "share of sketches that their take follows"


@torch.inference_mode()
def following(model: PictureModel, found: Dataset, seed: int, until: float | None) -> dict[str, Any] | None:
    """The share of sketches that are followed with Wilson's 90 % interval; how much edge takes have for each
    of a work's (`sharp`), and how many flat places for each of a work's (`flat`). None for clips, with too
    few works, or where there is no time."""
    room = found.held_out if found.held_out.different >= FOLLOW.least else found.validation
    if model.config.frames > 1 or room.different < FOLLOW.least:
        return None
    works = to_float(room.pixels[room.evenly(FOLLOW.works), 0])
    sketches = drawn(works)
    steps = max(4, round(model.renew_steps * FOLLOW.strength))
    if until is not None:
        began = time.monotonic()
        model.velocity(
            sketches[:, None], 0.5, torch.zeros(len(works), len(model.conditions), dtype=torch.long)
        )
        if began + 2.2 * steps * (time.monotonic() - began) > until:
            return None
    takes = _begun(model, sketches, seed, steps)
    own = agreement(sketches, takes)  # (N, N) sketch by take
    n = len(own)
    others = np.roll(np.arange(n), 1)
    followed = own[np.arange(n), np.arange(n)] > own[np.arange(n), others]
    sharp, flat = (of(takes) / max(1e-6, of(works)) for of in (_sharp, _flat))
    value = float(followed.mean())
    middle, half = wilson(value, n)
    low, high = max(0.0, middle - half), min(1.0, middle + half)
    figure = {"value": value, "low": low, "high": high, "n": n, "unit": UNIT}
    return {**figure, "sharp": round(sharp, 3), "flat": round(flat, 3)}


def drawn(works: Tensor) -> Tensor:
    """(N, C, H, W) in -1..1: dark lines on white where works have edges, opaque."""
    edge = _edges(works)
    strong = torch.quantile(edge.flatten(1), 0.95, dim=1)[:, None, None].clamp_min(0.05)
    lines = 1.0 - 2.0 * (edge / strong).clamp(0, 1)
    out = lines[:, None].expand(-1, works.shape[1], -1, -1).clone()
    if works.shape[1] == 4:
        out[:, 3] = 1.0
    return out


def agreement(sketches: Tensor, takes: Tensor) -> npt.NDArray[np.float64]:
    """(N, M) correlation of where edges are, a little blurred: a line may move by its own width."""
    a, b = (_unit(F.avg_pool2d(_edges(x)[:, None], 5, 1, 2).flatten(1)) for x in (sketches, takes))
    return (a @ b.T).double().numpy()


def _begun(model: PictureModel, sketches: Tensor, seed: int, steps: int) -> Tensor:
    """Takes (N, C, H, W) as `make --from` begins them with each sketch."""
    parts, begin = list[Tensor](), 1.0 - FOLLOW.strength
    g = rng.for_(seed, "following")
    for part in sketches.split(EXPLORE.batch):  # type: ignore[no-untyped-call]
        z = noise(g, (len(part), *model.config.shape))
        x = begin * part[:, None] + (1.0 - begin) * z

        def fresh(_: int, shape: tuple[int, ...] = tuple(x.shape)) -> Tensor:
            return noise(g, shape)

        row = torch.zeros(len(part), len(model.conditions), dtype=torch.long)
        made = model.renew(x, row, fresh=fresh, eta=EXPLORE.eta, start=begin, steps=steps)
        parts.append(made.clamp(-1, 1)[:, 0])
    return torch.cat(parts)


def _edges(x: Tensor) -> Tensor:
    """(N, H, W) how much brightness changes from place to place, on white where there is opacity."""
    if x.shape[1] == 4:
        opacity = (x[:, 3:] + 1) / 2
        x = x[:, :3] * opacity + 1 - opacity
    light = (x[:, :3] * x.new_tensor([0.299, 0.587, 0.114])[:, None, None]).sum(1)
    across = F.pad(light[:, :, 1:] - light[:, :, :-1], (0, 1))
    down = F.pad(light[:, 1:] - light[:, :-1], (0, 0, 0, 1))
    return (across.square() + down.square()).sqrt()


def _sharp(x: Tensor) -> float:
    """The strength of strong edges where grain is averaged away: the median of the 90th percentiles."""
    smooth = F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)
    return float(torch.quantile(_edges(smooth).flatten(1), 0.9, dim=1).median())


def _flat(x: Tensor) -> float:
    """The share of places that are as those beside them."""
    return float((_edges(x) < FOLLOW.even).float().mean())


def _unit(x: Tensor) -> Tensor:
    x = x - x.mean(1, keepdim=True)
    out: Tensor = x / x.norm(dim=1, keepdim=True).clamp_min(1e-6)
    return out
