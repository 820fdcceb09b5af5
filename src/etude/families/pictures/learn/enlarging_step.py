"""One step of learning to enlarge after the other: crops of works, first by their distance alone, then
against a critic of patches.

Relativistic pairing with softplus and a zero-centred penalty by finite difference, as in refinement
(`duel.py`; Huang et al. 2024, arXiv 2501.05441). The critic sees the small picture, enlarged, beside each.
Every step's randomness comes from (seed, step).

Letters: B batch, C channels, h w of a small crop, f times as large, P places of the critic.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from etude import rng
from etude.config.pictures import ENLARGE
from etude.families.pictures.enlargement import EnlargeConfig, Enlargement, EnlargeNet, bicubic, weighed
from etude.families.pictures.learn.large_works import LargeRoom
from etude.families.pictures.learn.redrawn_works import Redrawn
from etude.families.pictures.noise import noise
from etude.rng import seed_for
from etude.training.run_state import optimizer_arrays, restore_optimizer, tensors, with_prefix


class PatchCritic(nn.Module):
    """(B, P) logits of pictures (B, C, H, W) beside their small ones, enlarged: four convolutions on 2 x 2
    pixels as one."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.PixelUnshuffle(2),
            nn.Conv2d(8 * channels, 48, 3, padding=1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(48, 64, 3, stride=2, padding=1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(64, 96, 3, padding=1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(96, 1, 1),
        )

    def forward(self, x: Tensor, beside: Tensor) -> Tensor:
        seen = torch.cat([x, beside], 1).contiguous(memory_format=torch.channels_last)
        out: Tensor = self.layers(seen).flatten(1)
        return out


@dataclass(frozen=True)
class Crops:
    """Small crops (B, C, h, w) with grain of deviation `level` (B,), and the works (B, C, f h, f w)."""

    small: Tensor
    level: Tensor
    large: Tensor


class Enlarging:
    """The network being learned, its average, the critic, and their optimisers."""

    def __init__(
        self,
        config: EnlargeConfig,
        room: LargeRoom,
        redrawn: Redrawn,
        seed: int,
        *,
        mirror: bool,
        bfloat16: bool,
    ) -> None:
        torch.manual_seed(seed_for(seed, "enlarge-init"))
        self.config, self.room, self.redrawn, self.seed = config, room, redrawn, seed
        self.mirror, self.bfloat16 = mirror, bfloat16
        self.net = EnlargeNet(config).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.critic = PatchCritic(config.channels).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = {k: v.detach().clone() for k, v in self.net.state_dict().items()}
        self.of_net = torch.optim.Adam(self.net.parameters(), lr=ENLARGE.lr, betas=(0.9, 0.98))
        self.of_critic = torch.optim.Adam(self.critic.parameters(), lr=ENLARGE.critic_lr, betas=(0.0, 0.95))
        self.often = room.weights / room.weights.sum()
        self.crop_px = min(dict(ENLARGE.crop_px)[config.factor], room.small.shape[1])

    def begin_with(self, state: Mapping[str, Tensor]) -> None:
        """Go on from other weights of this shape; others are left alone."""
        mine = self.net.state_dict()
        if set(mine) == set(state) and all(mine[k].shape == v.shape for k, v in state.items()):
            self.net.load_state_dict(dict(state))
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
        return Crops(x + grain, level, weighed(np.stack(large)))

    def step(self, step: int, share: float) -> float:
        """One step; the mean distance to the works."""
        fall = min(1.0, (step + 1) / ENLARGE.warm_up, max(0.0, (1.0 - share) / (1.0 - ENLARGE.cool_from)))
        for optimizer, lr in ((self.of_net, ENLARGE.lr), (self.of_critic, ENLARGE.critic_lr)):
            for group in optimizer.param_groups:
                group["lr"] = lr * fall
        crops = self.crops(step)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bfloat16):
            made = self.net(crops.small, crops.level)
        distance = (made - crops.large).abs().mean()
        loss = distance
        if share >= ENLARGE.alone:
            beside = bicubic(crops.small, self.config.factor)
            self._teach_critic(crops, made.detach(), beside, step)
            self.critic.requires_grad_(False)
            with torch.autocast("cpu", torch.bfloat16, enabled=self.bfloat16):
                with torch.no_grad():
                    of_works = self.critic(crops.large, beside)
                lead = of_works - self.critic(made, beside)
            loss = loss + ENLARGE.critic_weight * F.softplus(lead.float()).mean()
            self.critic.requires_grad_(True)
        _update(self.of_net, self.net, loss)
        keep = min(ENLARGE.average, (1 + step) / (10 + step))
        mine = self.net.state_dict()
        torch._foreach_lerp_(list(self.average.values()), [mine[k] for k in self.average], 1.0 - keep)
        return float(distance.detach())

    def _teach_critic(self, crops: Crops, made: Tensor, beside: Tensor, step: int) -> None:
        few = max(1, len(made) // 8)
        g = rng.for_(self.seed, "enlarge-critic", step)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bfloat16):
            d_x, d_y = self.critic(crops.large, beside), self.critic(made, beside)
        loss = F.softplus(-(d_x - d_y).float()).mean()
        for x in (crops.large[:few], made[:few]):  # in single precision: the difference would vanish
            moved = x + ENLARGE.epsilon * noise(g, tuple(x.shape))
            steep = (self.critic(moved, beside[:few]) - self.critic(x, beside[:few])) / ENLARGE.epsilon
            loss = loss + ENLARGE.penalty * steep.square().mean()
        _update(self.of_critic, self.critic, loss)

    def enlargement(self) -> Enlargement:
        """The averaged network, ready to enlarge."""
        return Enlargement(self.config, self.average, ENLARGE.level)

    def dump(self) -> dict[str, npt.NDArray[Any]]:
        """Everything as arrays, which share memory with the networks."""
        out = tensors("average", self.average)
        for name, net, optimizer in self._parts():
            out |= tensors(name, net.state_dict())
            out |= optimizer_arrays(optimizer, net.named_parameters(), f"opt-{name}")
        return out

    def restore(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """What `dump` gave."""
        self.average = with_prefix("average", arrays)
        for name, net, optimizer in self._parts():
            net.load_state_dict(with_prefix(name, arrays))
            restore_optimizer(optimizer, net.named_parameters(), arrays, f"opt-{name}")

    def _parts(self) -> tuple[tuple[str, nn.Module, torch.optim.Optimizer], ...]:
        return ("net", self.net, self.of_net), ("critic", self.critic, self.of_critic)


def _update(optimizer: torch.optim.Optimizer, net: nn.Module, loss: Tensor) -> None:
    """A step, unless the gradient is no number."""
    optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    norm = float(torch.nn.utils.clip_grad_norm_(net.parameters(), ENLARGE.gradient_norm))
    if math.isfinite(norm):
        optimizer.step()
