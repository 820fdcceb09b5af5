"""What refinement gives, and the instruments that watch it."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch.nn.functional as F
from torch import Tensor

from etude.config.pictures import REFINE
from etude.families.pictures.learn.dataset import Room


@dataclass(frozen=True)
class Instrument:
    """One look at the run. `spread`: of takes from fixed noise, over that of works (1: as varied); `lead`:
    the critic's mean of work minus take; `gap`: of works learned from minus works not seen; the norms of both
    gradients; `distance` to the pairs."""

    seconds: float
    step: int
    spread: float
    lead: float
    gap: float
    generator_gradient: float
    critic_gradient: float
    distance: float


@dataclass(frozen=True)
class Refined:
    """The one-pass generator's averaged weights, the critic's, what the instruments showed, how often it went
    back, and why it ended."""

    generator: dict[str, Tensor]
    critic: dict[str, Tensor]
    instruments: tuple[Instrument, ...]
    turned_back: int
    ended: str  # 'budget', 'interrupted' or 'collapsed'
    steps: int
    # (L, S, side, side, C): takes from the same noise at every evaluation
    samples: npt.NDArray[np.uint8] | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "instruments": [
                {k: v if math.isfinite(v) else None for k, v in asdict(one).items()}
                for one in self.instruments
            ],
            "turned_back": self.turned_back,
            "ended": self.ended,
            "steps": self.steps,
        }


def _alike(room: Room) -> dict[tuple[int, ...], npt.NDArray[np.int64]]:
    """Condition row -> the works that have it."""
    found: dict[tuple[int, ...], list[int]] = {}
    for i, row in enumerate(room.rows):
        found.setdefault(tuple(row), []).append(i)
    return {row: np.array(works) for row, works in found.items()}


def _shifted(x: Tensor, across: int, down: int) -> Tensor:
    """The pictures moved by whole pixels, their edges continued."""
    side = REFINE.shift_px
    flat = F.pad(x.flatten(0, 1), (side, side, side, side), mode="replicate")
    h, w = x.shape[-2:]
    moved: Tensor = flat[:, :, side + down : side + down + h, side + across : side + across + w].reshape(
        x.shape
    )
    return moved


def _spread(x: Tensor) -> float:
    """How far pictures (N, F, C, H, W) lie from their mean, in small: 8 x 8 places."""
    small = F.adaptive_avg_pool2d(x[:, 0], min(8, x.shape[-1]))
    return float((small - small.mean(0)).square().mean().sqrt())
