"""A take's noise, its conditions and its sliders, each by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from etude import rng
from etude.config.pictures import EXPLORE, PICTURES
from etude.families.pictures.make.request import PictureRequest, UInt8
from etude.families.pictures.model import PictureModel, spread, to_float


def one_pass(model: PictureModel, r: PictureRequest) -> bool:
    """Whether a request is made in one pass. What begins with a picture follows the flow. A model of a
    version that knew of no leading makes in one pass what asks for nothing else, where its card says so."""
    verdict = model.header.get("one_pass") or {}
    usual = bool(verdict.get("used")) and "leads" not in verdict and r.guidance == 1.0 and r.eta is None
    return (
        (r.steps == 1 or (r.steps is None and usual))
        and not r.parents
        and (r.start is None or r.vary is not None)
    )


def latent(model: PictureModel, seed: int, index: int) -> Tensor:
    """The noise of a take (F, C, H, W)."""
    return _normal(model, seed, "take", index)


def _normal(model: PictureModel, seed: int, purpose: str, index: int) -> Tensor:
    return torch.from_numpy(
        rng.for_(seed, purpose, index).standard_normal(model.config.shape, dtype=np.float32)
    )


def _rows(model: PictureModel, r: PictureRequest, indexes: Sequence[int]) -> Tensor:
    """(B, K) what each take is asked to be: what the person named, and for takes from nothing the rest as
    some work has it."""
    row = model.row(r.conditions)
    from_nothing = r.start is None and not r.parents
    rows = [model.manner(row, rng.for_(r.seed, "manner", i)) if from_nothing else row for i in indexes]
    return torch.tensor(rows, dtype=torch.long).reshape(len(indexes), len(row))


def _fresh(model: PictureModel, r: PictureRequest, indexes: Sequence[int]) -> Callable[[int], Tensor]:
    """The noise of every pass, by take: whoever else is made beside it."""
    return lambda i: torch.stack([_normal(model, r.seed, f"fresh-{i}", index) for index in indexes])


def _eta(r: PictureRequest) -> float:
    """How much of the noise each pass makes anew: nothing of it where a take hangs on the noise of other
    pictures."""
    if r.eta is not None:
        return r.eta
    if r.loop is not None:
        return 0.0 if len(r.parents) >= 2 else EXPLORE.loop_eta
    return 0.0 if r.parents or r.vary is not None else EXPLORE.eta


def _to_noise(model: PictureModel, frames: UInt8, rows: Tensor) -> Tensor:
    """The noise that the field comes from to reach this content (B, F, C, H, W), one for every row."""
    x = to_float(frames)[None].expand(len(rows), -1, -1, -1, -1).contiguous()
    return model.follow(x, rows, start=1.0, end=0.0, steps=PICTURES.steps)


def _push(model: PictureModel, slide: Mapping[int, float]) -> Tensor | None:
    """(C, H, W) the sum of the directions asked for."""
    if not slide or model.sliders is None:
        return None
    total = sum(
        (amount * model.sliders[i] for i, amount in slide.items()), torch.zeros(model.sliders.shape[1:])
    )
    return spread(total, model.config.side_px)
