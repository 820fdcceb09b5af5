"""Directions to explore a picture model by: how its bottleneck varies over takes, in units of one standard deviation.

Principal directions of what a generator has inside, over its own takes (Harkonen et al. 2020, arXiv 2004.02546), here of the bottleneck of the
U-shaped network, which is known to hold what a picture means (Kwon et al. 2023, arXiv 2210.10960). Knows no files.
"""

from __future__ import annotations

import math
import time

import torch
from torch import Tensor

from etude import rng
from etude.config import EXPLORE
from etude.models.pictures import PictureModel


@torch.inference_mode()
def sliders(
    model: PictureModel, *, seed: int, count: int = EXPLORE.sliders, takes: int | None = None, until: float | None = None
) -> Tensor:
    """(S, D) the directions in which the bottleneck varies most over takes with nothing asked for, most first, each as long as one standard
    deviation. Signs are fixed: the largest entry is positive. `until`: a time of the monotonic clock by which to be done with what there
    is, 64 takes at least (of clips 16)."""
    once = model.one_pass is not None and bool((model.header.get("one_pass") or {}).get("used"))  # as takes are made
    net = model.one_pass if once and model.one_pass is not None else model.flow
    at = 0.0 if once else 0.5
    size = max(1, EXPLORE.batch // model.config.frames)
    found = []
    for i in range(0, EXPLORE.slider_takes if takes is None else takes, size):
        if until is not None and i >= max(16, 64 // model.config.frames) and time.monotonic() > until:
            break
        g = rng.for_(seed, "sliders", i)
        z = torch.from_numpy(g.standard_normal((size, *model.config.shape), dtype="float32"))
        rows = torch.zeros((size, len(model.conditions)), dtype=torch.long)
        if not once:
            z = model.follow(z, rows, end=at, steps=3)
        e = net.embed(torch.full((size,), at), rows)
        if model.config.frames > 1:
            e = e.repeat_interleave(model.config.frames, 0)
        deep = net.encode(z.flatten(0, 1), e)[-1].mean((2, 3))
        found.append(deep.view(size, model.config.frames, -1).mean(1))
    x = torch.cat(found)
    x = x - x.mean(0)
    _, s, vh = torch.linalg.svd(x, full_matrices=False)
    directions = vh[:count] * (s[:count] / math.sqrt(max(1, len(x) - 1)))[:, None]
    sign = torch.gather(directions, 1, directions.abs().argmax(1, keepdim=True)).sign()
    out: Tensor = (directions * sign).contiguous()
    return out
