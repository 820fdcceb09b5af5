"""Directions to explore a picture model by: how works vary as seen from afar, in units of one standard
deviation of theirs.

Principal directions (Turk and Pentland 1991) of the works at SIDE x SIDE places: light and dark, warm and
cold, wide and tall. A take is moved by adding a direction to the velocity, which is the same as adding it to
the picture that is predicted, the less the nearer it is to its end: what the network makes of it is then a
picture again. How far takes really move is measured, and a direction is made as long as one standard
deviation of the works needs. (Directions of the network's bottleneck, Kwon et al. 2023, arXiv 2210.10960,
moved takes of these small networks by nothing: docs/decisions/.) Knows no files.

Letters: N works, T takes, F frames, C channels, H W pixels, S sliders.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from etude import rng
from etude.config.pictures import EXPLORE
from etude.families.pictures.model import PictureModel, spread, to_float
from etude.stats.evenly import evenly

SIDE = 8  # finer directions are single pixels' matters
_GAIN = (0.25, 4.0)  # as far as a direction is stretched to move takes as it says


@dataclass(frozen=True)
class Sliders:
    """`directions` (S, C, SIDE, SIDE), and by how many standard deviations of the works takes moved along
    each when it was turned to +1 (half of +1 less -1, the mean over takes); None where there was no time to
    see."""

    directions: Tensor
    moved: tuple[float | None, ...]


@torch.inference_mode()
def sliders(
    model: PictureModel,
    works: npt.NDArray[np.uint8],
    *,
    seed: int,
    count: int = EXPLORE.sliders,
    until: float | None = None,
) -> Sliders:
    """The directions in which `works` (N, F, H, W, C) vary most, most first, and how takes follow them. Signs
    are fixed: the sum is positive, so that + is lighter. `until`: a time of the monotonic clock by which to
    be done with what there is."""
    some = works[evenly(len(works), EXPLORE.slider_works)]
    seen = torch.cat(
        [
            _afar(to_float(part))
            for part in np.array_split(some, min(len(some), max(1, some.shape[0] * some.shape[1] // 256)))
        ]
    )
    _, s, vh = torch.linalg.svd(seen - seen.mean(0), full_matrices=False)
    deviation = s / math.sqrt(max(1, len(seen) - 1))
    kept = min(count, int((deviation > 1e-3).sum()))
    sign = torch.where(vh[:kept].sum(1, keepdim=True) < 0, -1.0, 1.0)
    units = vh[:kept] * sign
    c = model.config
    size = max(1, EXPLORE.batch // c.frames)
    lengths, moved, took_s = [], list[float | None](), 0.0
    for unit, one in zip(units, deviation[:kept].tolist(), strict=True):
        gain, got, wanted = 1.0, None, 1.0
        for _ in range(
            EXPLORE.slider_rounds
        ):  # once to see how takes follow, and once more at the length that this asks for
            began = time.monotonic()
            if until is not None and began + took_s > until:
                break
            if until is not None and not took_s and began + _round_s(model, size) > until:
                until = began  # there is no time for any
                break
            gain = wanted
            push = (gain * one * unit).view(c.channels, SIDE, SIDE)
            up, down = (
                _afar(_takes(model, size, seed, spread(sign_ * push, c.side_px))) for sign_ in (1.0, -1.0)
            )
            got = float(((up - down) @ unit).mean() / (2 * one))
            took_s = time.monotonic() - began
            if abs(got - 1.0) < 0.1:
                break
            wanted = min(_GAIN[1], max(_GAIN[0], gain / max(got, 0.05)))
        lengths.append(gain * one)
        moved.append(None if got is None else round(got, 3))
    found = (units * torch.tensor(lengths)[:, None]).view(kept, c.channels, SIDE, SIDE).contiguous()
    return Sliders(found, tuple(moved))


def _round_s(model: PictureModel, n: int) -> float:
    """Seconds that turning a slider both ways will take, by one pass."""
    rows = torch.zeros(n, len(model.conditions), dtype=torch.long)
    began = time.monotonic()
    model.velocity(torch.zeros(n, *model.config.shape), 0.5, rows)
    return 4 * model.renew_steps * (time.monotonic() - began)


def _afar(x: Tensor) -> Tensor:
    """(N, C SIDE SIDE) of (N, F, C, H, W): the mean of the frames, from afar."""
    return F.adaptive_avg_pool2d(x.mean(1), SIDE).flatten(1)


def _takes(model: PictureModel, n: int, seed: int, push: Tensor) -> Tensor:
    """(T, F, C, H, W): always from the same noise, as takes are made."""

    def normal(purpose: str, i: int = 0) -> Tensor:
        g = rng.for_(seed, purpose, i)
        return torch.from_numpy(g.standard_normal((n, *model.config.shape), dtype=np.float32))

    g = rng.for_(seed, "slider-rows")
    rows = torch.tensor([model.manner((0,) * len(model.conditions), g) for _ in range(n)], dtype=torch.long)
    rows = rows.reshape(n, len(model.conditions))
    fresh = partial(normal, "slider-fresh")
    x = model.renew(
        normal("sliders"),
        rows,
        fresh=fresh,
        eta=EXPLORE.eta,
        push=push,
        one_pass_start=model.begins_in_one_pass,
    )
    return x.clamp(-1, 1)
