"""Loops: noise that goes round on a closed path."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import torch
from torch import Tensor

from etude.config.pictures import EXPLORE
from etude.errors import TakeError
from etude.families.pictures.make.latents import _along, _turned
from etude.families.pictures.make.noise_of_takes import (
    _eta,
    _normal,
    _push,
    _rows,
    _to_noise,
    one_pass,
)
from etude.families.pictures.make.request import MadePicture, PictureRequest
from etude.families.pictures.model import PictureModel, to_pixels


def _loop(model: PictureModel, r: PictureRequest, index: int) -> MadePicture:
    """A clip whose last frame is followed by its first: pictures of a picture model on a closed path of
    noise."""
    assert r.loop is not None
    if model.config.frames > 1:
        raise TakeError("this model makes clips by itself", "make clips with: etude make")
    row = tuple(_rows(model, r, [index])[0].tolist())
    z = path(model, r, row, index)
    eta = _eta(r)
    size = EXPLORE.batch
    push = _push(model, r.slide)
    frames = []
    for i in range(0, len(z), size):
        part = z[i : i + size]
        full = torch.cat([part, part[-1:].expand(size - len(part), -1, -1, -1, -1)])
        rows = torch.tensor([row] * size, dtype=torch.long).reshape(size, len(row))
        if one_pass(model, r):
            made = model.in_one_pass(full, rows, push=push)
        else:
            steps = r.steps if r.steps is not None and r.steps > 1 else EXPLORE.loop_steps
            if eta > 0:
                at = torch.arange(i, i + size).clamp(max=len(z) - 1) / len(z)
                made = model.renew(
                    full,
                    rows,
                    fresh=partial(_closed, model, r, index, at),
                    eta=eta,
                    steps=steps,
                    guidance=r.guidance,
                    push=push,
                )
            else:
                made = model.follow(full, rows, steps=steps, guidance=r.guidance, push=push)
        frames.append(made[: len(part), 0])
    x = torch.cat(frames).clamp(-1, 1)
    step = (x - x.roll(1, 0)).square().mean((1, 2, 3)).sqrt()  # from the frame before to this one
    x = x.roll(-int(step.argmin()), 0)  # the seam lies where least happens
    return MadePicture(index, to_pixels(x), r.loop.rate, None, model.asked(row))


def path(model: PictureModel, r: PictureRequest, row: tuple[int, ...], index: int) -> Tensor:
    """(frames, 1, C, H, W): z(s) = sum over k of a_k (cos(k s) u_k + sin(k s) v_k), squares of a_k summing to
    1, so that every point is standard normal noise; through the parents where some are given, in equal steps
    round the sphere."""
    assert r.loop is not None
    n = r.loop.frames
    turn = torch.arange(n) / n
    if len(r.parents) >= 2:
        rows = torch.tensor([row], dtype=torch.long).reshape(1, len(row))
        stops = [_to_noise(model, frames, rows)[0] for frames in r.parents]
        if index:  # the first loop goes through the parents themselves, the others near them
            validation = EXPLORE.mutation * math.pi / 2
            stops = [
                _turned(stop, _normal(model, r.seed, f"through-{k}", index), validation)
                for k, stop in enumerate(stops)
            ]
        return torch.stack([_along([*stops, stops[0]], s) for s in (turn * len(stops)).tolist()])
    return _closed(model, r, index, turn, None)


def _closed(model: PictureModel, r: PictureRequest, index: int, turn: Tensor, number: int | None) -> Tensor:
    """Noise (len(turn), F, C, H, W) on the closed path at these parts of a turn; `number`: of the pass that
    makes noise anew."""
    assert r.loop is not None
    weights = np.array([math.exp(-3.0 * r.loop.calm * k) for k in range(r.loop.waves)])
    weights = np.sqrt(weights / weights.sum())
    z = torch.zeros((len(turn), *model.config.shape))
    which = "loop" if number is None else f"loop-{number}"
    for k in range(1, r.loop.waves + 1):
        u, v = (_normal(model, r.seed, f"{which}-{name}-{k}", index) for name in ("u", "v"))
        angle = (2 * math.pi * k * turn)[:, None, None, None, None]
        z = z + float(weights[k - 1]) * (angle.cos() * u + angle.sin() * v)
    return z
