"""One step of learning to enlarge after the other: crops of works, small and large, by the mean absolute
difference.

A critic of patches beside that distance moved colours and took pictures further from works; it is not used
(docs/decisions/).
Every step's randomness comes from (seed, step).

Letters: B batch, C channels, h w of a small crop, f times as large.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from etude import rng
from etude.config.pictures import ENLARGE
from etude.families.pictures.enlargement import (
    EnlargeConfig,
    Enlargement,
    EnlargeNet,
    on_ground,
    weighed,
)
from etude.families.pictures.learn.large_works import LargeRoom
from etude.families.pictures.learn.redrawn_works import Redrawn
from etude.families.pictures.noise import noise
from etude.rng import seed_for
from etude.training.run_state import optimizer_arrays, restore_optimizer, tensors, with_prefix


@dataclass(frozen=True)
class Crops:
    """Small crops (B, C, h, w) with grain of deviation `level` (B,), and the works (B, C, f h, f w)."""

    small: Tensor
    level: Tensor
    large: Tensor


class Enlarging:
    """The network being learned, its average, and the optimiser."""

    def __init__(
        self,
        config: EnlargeConfig,
        room: LargeRoom,
        redrawn: Redrawn,
        seed: int,
        *,
        mirror: bool,
    ) -> None:
        torch.manual_seed(seed_for(seed, "enlarge-init"))
        self.config, self.room, self.redrawn, self.seed = config, room, redrawn, seed
        self.mirror = mirror
        self.net = EnlargeNet(config).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = {k: v.detach().clone() for k, v in self.net.state_dict().items()}
        self.optimizer = torch.optim.Adam(self.net.parameters(), lr=ENLARGE.lr, betas=(0.9, 0.98))
        self.often = room.weights / room.weights.sum()
        self.crop_px = min(dict(ENLARGE.crop_px)[config.factor], room.small.shape[1])

    def begin_with(self, state: Mapping[str, Tensor]) -> None:
        """Go on from other weights of this shape, with opacity or without; others are left alone."""
        mine, found = self.net.state_dict(), dict(state)
        for key in (
            "leave.weight",
            "leave.bias",
        ):  # colours come first; opacity that is new begins as nothing
            if key in found and found[key].shape[1:] == mine[key].shape[1:]:
                both = torch.zeros_like(mine[key])
                n = min(len(both), len(found[key]))
                both[:n] = found[key][:n]
                apart = {len(both), len(found[key])}
                f2 = self.config.factor**2
                found[key] = both if apart <= {3 * f2, 4 * f2} else found[key]
        if set(mine) == set(found) and all(mine[k].shape == v.shape for k, v in found.items()):
            self.net.load_state_dict(found)
            self.average = {k: v.detach().clone() for k, v in self.net.state_dict().items()}

    def crops(self, step: int) -> Crops:
        """The crops of a step: of works as they are, and of works that the flow made anew in part, both with
        white noise of any deviation."""
        g = rng.for_(self.seed, "enlarge", step)
        size, factor, side = self.crop_px, self.config.factor, self.room.small.shape[1]
        small, large = [], []
        for _ in range(ENLARGE.batch):
            if len(self.redrawn) and g.random() < ENLARGE.redrawn:
                k = int(g.integers(len(self.redrawn)))
                work, seen = int(self.redrawn.work[k]), self.redrawn.pixels[k]
            else:
                work = int(g.choice(len(self.room), p=self.often))
                seen = self.room.small[work]
            top, left = (int(v) for v in g.integers(0, side - size + 1, 2))
            a = seen[top : top + size, left : left + size]
            b = self.room.large[work][
                factor * top : factor * (top + size), factor * left : factor * (left + size)
            ]
            turned = self.mirror and g.random() < 0.5
            small.append(a[:, ::-1] if turned else a)
            large.append(b[:, ::-1] if turned else b)
        x = weighed(np.stack(small))
        level = torch.from_numpy(g.uniform(0.0, ENLARGE.grain, len(x)).astype(np.float32))
        grain = level[:, None, None, None] * noise(g, tuple(x.shape))
        goal = np.stack(large)
        return Crops(
            x + grain, level, on_ground(goal, self.config.ground) if self.config.ground else weighed(goal)
        )

    def step(self, step: int, share: float) -> float:
        """One step; the mean distance to the works."""
        fall = min(1.0, (step + 1) / ENLARGE.warm_up, max(0.0, (1.0 - share) / (1.0 - ENLARGE.cool_from)))
        for group in self.optimizer.param_groups:
            group["lr"] = ENLARGE.lr * fall
        crops = self.crops(step)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.config.bfloat16):
            made = self.net(crops.small, crops.level)
        distance = (made - crops.large).abs().mean()
        self.optimizer.zero_grad()
        distance.backward()
        norm = float(torch.nn.utils.clip_grad_norm_(self.net.parameters(), ENLARGE.gradient_norm))
        if math.isfinite(norm):
            self.optimizer.step()
        keep = min(ENLARGE.average, (1 + step) / (10 + step))
        mine = self.net.state_dict()
        torch._foreach_lerp_(list(self.average.values()), [mine[k] for k in self.average], 1.0 - keep)
        return float(distance.detach())

    def enlargement(self) -> Enlargement:
        """The averaged network, ready to enlarge."""
        return Enlargement(self.config, self.average, ENLARGE.level)

    def dump(self) -> dict[str, npt.NDArray[Any]]:
        """Everything as arrays, which share memory with the network."""
        out = tensors("average", self.average) | tensors("net", self.net.state_dict())
        return out | optimizer_arrays(self.optimizer, self.net.named_parameters())

    def restore(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """What `dump` gave."""
        self.average = with_prefix("average", arrays)
        self.net.load_state_dict(with_prefix("net", arrays))
        restore_optimizer(self.optimizer, self.net.named_parameters(), arrays)
