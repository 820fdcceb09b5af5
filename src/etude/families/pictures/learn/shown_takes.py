"""Takes that a run draws to be looked at, and the pictures of them that lie beside the model."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import torch

from etude import rng
from etude.config.pictures import EXPLORE
from etude.families.pictures.learn.flow_plan import LearnedFlow
from etude.families.pictures.learn.refined import Refined
from etude.families.pictures.model import PictureModel
from etude.families.pictures.noise import noise
from etude.media import pictorial
from etude.stats.evenly import evenly
from etude.training.preview import Preview, previews

Show = Callable[[npt.NDArray[np.uint8]], tuple[Preview, ...]]  # of takes (S, F, H, W, C)


def nothing(takes: npt.NDArray[np.uint8]) -> tuple[Preview, ...]:
    """Nobody looks."""
    return ()


def shown_as(medium: str, rate: float) -> Show:
    """Takes of a run as the medium shows them, at so many frames a second."""

    def show(takes: npt.NDArray[np.uint8]) -> tuple[Preview, ...]:
        return previews(medium, [pictorial(medium).from_frames(one, rate) for one in takes])

    return show


def _some_takes(model: PictureModel, seed: int, which: int, n: int) -> torch.Tensor:
    """(n, F, C, H, W) takes from nothing, as `make` makes them."""
    g = rng.for_(seed, "onlooker-takes", which)
    rows = torch.tensor(
        [model.manner((0,) * len(model.conditions), g) for _ in range(n)], dtype=torch.long
    ).reshape(n, len(model.conditions))

    def fresh(_: int) -> torch.Tensor:
        return noise(g, (n, *model.config.shape))

    return model.renew(
        fresh(0),
        rows,
        fresh=fresh,
        eta=EXPLORE.eta,
        one_pass_start=model.begins_in_one_pass,
    ).clamp(-1, 1)


def _samples(flow: LearnedFlow, refined: Refined | None) -> dict[str, bytes]:
    """Takes from the same noise as learning went on, an evaluation a row: the flow's, then those of one
    pass."""
    from etude.media.pixels import contact_sheet as sheet

    out = {}
    stages = [("samples-flow.png", "Flow network, from the first evaluation to the last", flow.samples)]
    if refined is not None and refined.samples is not None:
        stages.append(
            (
                "samples-one-pass.png",
                "One-pass network, from the first evaluation to the last",
                refined.samples,
            )
        )
    for name, title, samples in stages:
        if len(samples):
            at = evenly(len(samples), 12)
            out[name] = sheet.grid([picture for i in at for picture in samples[i]], samples.shape[1], title)
    return out
