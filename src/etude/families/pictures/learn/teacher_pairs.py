"""Pairs of noise and the flow network's picture, which refinement learns from."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from etude import rng
from etude.config.pictures import REFINE
from etude.families.pictures.learn.dataset import Dataset
from etude.families.pictures.model import PictureModel, to_pixels
from etude.families.pictures.noise import noise
from etude.families.pictures.velocity_net import FlowConfig
from etude.training import checkpoint


@dataclass(frozen=True)
class _Pairs:
    """The flow's pictures as bytes (P, F, H, W, C), the work in whose manner each was asked for (P,), and the
    seed of the noise that they came from: noise is drawn again where it is needed, so that a pair costs a
    fifth of the memory."""

    pixels: npt.NDArray[np.uint8]
    work: npt.NDArray[np.int64]
    seed: int

    def z(self, at: npt.NDArray[np.int64], shape: tuple[int, ...]) -> Tensor:
        """The noise (B, F, C, H, W) of some of them."""
        return torch.stack([noise(rng.for_(self.seed, "pair", int(i)), shape) for i in at])


def _make_pairs(
    model: PictureModel,
    data: Dataset,
    seed: int,
    count: int,
    seconds: float | None,
    report: Callable[[float], None],
    stop: Callable[[], bool],
) -> _Pairs | None:
    """As many pairs as the seconds allow, at most `count`; None when stopped before they were made."""
    batch = _batch(model.config)
    began, parts = time.monotonic(), list[tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]]()
    made = 0
    while made < count:
        if stop():
            return None
        g = rng.for_(seed, "pairs", len(parts))
        work = g.choice(len(data.train), batch, p=data.train.weights / data.train.weights.sum())
        z = torch.stack([noise(rng.for_(seed, "pair", made + i), model.config.shape) for i in range(batch)])
        x = model.follow(z, torch.from_numpy(data.train.rows[work]), steps=REFINE.pair_steps)
        parts.append((to_pixels(x), work))
        made += len(work)
        took = time.monotonic() - began
        report(min(1.0, max(made / count, took / seconds if seconds else 0.0)))
        if seconds is not None and took > seconds:
            break
    return _Pairs(
        np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts]), seed
    )


def _batch(c: FlowConfig) -> int:
    """Contents a step: of clips as many frames as of pictures, but for a few at least, since some are pairs
    and some are not."""
    return max(4, REFINE.batch // c.frames)


def _load_pairs(folder: Path, seed: int, flow_steps: int) -> _Pairs | None:
    """The pairs of an interrupted run, where they are this flow's: one that has learned on since makes other
    pictures."""
    found = checkpoint.read(folder / "pairs")
    if found is None or "pixels" not in found[0] or found[1].get("flow_steps") != flow_steps:
        return None
    return _Pairs(np.array(found[0]["pixels"]), np.array(found[0]["work"]), seed)
