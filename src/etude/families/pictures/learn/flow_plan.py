"""What a run of flow matching is planned as, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from torch import Tensor

from etude.families.pictures.learn.dataset import Augment
from etude.families.pictures.velocity_net import FlowConfig


@dataclass(frozen=True)
class FlowPlan:
    """Everything a run needs to know beforehand; stored in its checkpoint. `early`: the smaller network that
    it begins with, for `early_share` of the run; `matrix_lr` 0: AdamW for all."""

    net: FlowConfig
    early: FlowConfig | None
    early_share: float
    batch: int
    lr: float
    matrix_lr: float
    weight_decay: float
    average: float
    augment: Augment
    bfloat16: bool
    seed: int
    time_mean: float = 0.0
    time_spread: float = 1.0

    def to_json(self) -> dict[str, Any]:
        from dataclasses import asdict

        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> FlowPlan:
        nets = {
            key: None if data[key] is None else FlowConfig.from_json(data[key]) for key in ("net", "early")
        }
        return cls(**{**data, **nets, "augment": Augment(**data["augment"])})


@dataclass(frozen=True)
class LearnedFlow:
    """Averaged weights with the shape that they are of (the smaller one where the run was stopped early), the
    step that they are of, the curve (seconds, steps, loss on held-out works), why it ended, steps, passes,
    and pictures learned a second."""

    state: dict[str, Tensor]
    config: FlowConfig
    curve: tuple[tuple[float, int, float], ...]
    ended: str  # 'budget', 'no further gain' or 'interrupted'
    steps: int
    best_step: int  # the averaged weights are those of this step
    passes: float
    pictures_per_s: float
    saving_s: float  # that writing the last checkpoint took
    samples: npt.NDArray[np.uint8]  # (L, S, side, side, C): takes from the same noise at every evaluation
