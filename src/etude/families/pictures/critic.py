"""The critic of pictures: the flow network as it is, and small heads that answer at each of its stages how
real what it sees there is.

The network itself is not learned any further: it was taught to see noisy works, and shows works and takes to
the heads at several amounts of noise, the same for both of a pair (as latent adversarial diffusion
distillation does: Sauer et al. 2024, arXiv 2403.12015; frozen features against collapse and for speed: Sauer
et al. 2021, arXiv 2111.01007). So only the heads are its own, 0.1 M parameters, and a step costs half of one
that teaches all of it; figures in docs/decisions/. Logits are relativistic: only differences mean anything.
Pure torch; knows no files.

Letters: B contents, N pictures (B F), C channels, H W pixels, K conditions, D width.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from etude import rng
from etude.families.pictures.velocity_net import FlowConfig, FlowNet

TIMES = (0.3, 0.6, 0.85, 0.97)  # from much noise, where the whole is judged, to hardly any, where edges are


class PictureCritic(nn.Module):
    """`forward`: (B,) logits; `regions`: (N, h, w), which part speaks for a work and which against.
    `state_dict` has the heads only."""

    def __init__(self, c: FlowConfig, flow: Mapping[str, Tensor]) -> None:
        super().__init__()
        self.c = c
        net = FlowNet(c)
        net.load_state_dict(dict(flow))
        net = net.to(memory_format=torch.channels_last).requires_grad_(False)  # type: ignore[call-overload]
        self._frozen = (net,)  # in a tuple: neither a parameter of this module nor part of its state
        widths = [w for w in c.widths for _ in range(c.blocks)]
        self.heads = nn.ModuleList(_Head(w) for w in (*widths, widths[-1], *reversed(widths)))

    def seen(self, x: Tensor, row: Tensor, t: Tensor, noise: Tensor) -> list[Tensor]:
        """What each stage sees (N, D, h, w) of contents (B, F, C, H, W) asked for by `row` (B, K), at times t
        (B,) with noise like x."""
        net: FlowNet = self._frozen[0]
        at = t[:, None, None, None, None]
        mixed = ((1 - at) * noise + at * x).flatten(0, 1).contiguous(memory_format=torch.channels_last)
        e = net.embed(t, row)
        if self.c.frames > 1:
            e = e.repeat_interleave(self.c.frames, 0)
        found = net.encode(mixed, e)
        return found + net.climb(found, e)

    def evaluated(self, seen: Sequence[Tensor]) -> list[Tensor]:
        """(N, h, w) logits of each stage's places."""
        return [head(one)[:, 0] for head, one in zip(self.heads, seen, strict=True)]

    def _answers(self, x: Tensor, row: Tensor) -> list[list[Tensor]]:
        """For each time the maps of all stages, with noise that is the same for every content and at every
        call."""
        out = []
        for i, at in enumerate(TIMES):
            noise = _noise(i, self.c.shape).expand_as(x)
            out.append(self.evaluated(self.seen(x, row, torch.full((len(x),), at), noise)))
        return out

    def forward(self, x: Tensor, row: Tensor) -> Tensor:
        """(B,) from contents (B, F, C, H, W) and conditions (B, K): the mean over times, stages, places and
        frames."""
        maps = [each.mean((1, 2)).view(len(row), -1).mean(1) for at in self._answers(x, row) for each in at]
        return torch.stack(maps).mean(0)

    def regions(self, x: Tensor, row: Tensor) -> Tensor:
        """(N, h, w) the mean over times and over the stages that see places at least as fine."""
        side = self.c.side_px // self.c.patch >> max(0, len(self.c.widths) - 2)
        fine = [each for at in self._answers(x, row) for each in at if each.shape[-1] >= side]
        return torch.stack([F.adaptive_avg_pool2d(each, side) for each in fine]).mean(0)


class _Head(nn.Module):
    """Two convolutions on what a stage sees, normalised; the last begins at nothing."""

    def __init__(self, width: int, inside: int = 32) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(1, width, affine=False)
        self.enter, self.near, self.leave = (
            nn.Conv2d(width, inside, 1),
            nn.Conv2d(inside, inside, 3, padding=1),
            nn.Conv2d(inside, 1, 1),
        )
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> Tensor:
        x = F.leaky_relu(self.enter(self.norm(x)), 0.2)
        x = x + F.leaky_relu(self.near(x), 0.2)
        out: Tensor = self.leave(x)
        return out


@lru_cache(maxsize=16)
def _noise(index: int, shape: tuple[int, ...]) -> Tensor:
    return torch.from_numpy(rng.for_(0, "critic-noise", index).standard_normal(shape).astype("float32"))[None]
