"""The critic of pictures: the flow network's own way down, with heads that answer how real a picture and each of its regions is.

It starts from what the flow learned about noisy works at time AT, where hardly any noise is left (as adversarial diffusion distillation
starts its discriminator from the teacher: Sauer et al. 2024, arXiv 2403.12015; the notes' prototype found from-scratch critics unstable).
Logits are relativistic: only differences mean anything. Pure torch; knows no files.

Letters: N pictures (B F), C channels, H W pixels, K conditions.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from etude.models.flow import FlowConfig, FlowNet

AT = 0.95


class PictureCritic(nn.Module):
    """`forward`: (B,) logits; `regions`: (N, h, w), which part speaks for a work and which against."""

    def __init__(self, c: FlowConfig, start: Mapping[str, Tensor]) -> None:
        super().__init__()
        self.c = c
        net = FlowNet(c)
        net.load_state_dict(dict(start))
        del net.up, net.leave, net.leave_norm
        self.net = net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        deep = c.widths[-1]
        near = c.widths[max(0, len(c.widths) - 2)]
        self.whole = nn.Sequential(nn.Linear(deep, deep), nn.LeakyReLU(0.2), nn.Linear(deep, 1))
        self.local = nn.Sequential(nn.Conv2d(near, near, 1), nn.LeakyReLU(0.2), nn.Conv2d(near, 1, 1))
        for head in (self.whole, self.local):
            for p in head[-1].parameters():
                nn.init.zeros_(p)

    def _seen(self, x: Tensor, row: Tensor) -> tuple[Tensor, Tensor]:
        """The bottleneck (N, D) meaned over its places, and the regions' logits (N, h, w)."""
        e = self.net.embed(torch.full((len(row),), AT), row)
        if self.c.frames > 1:
            e = e.repeat_interleave(len(x) // len(row), 0)
        found = self.net.encode(x, e)
        near = found[max(0, (len(self.c.widths) - 1) * self.c.blocks - 1)]
        return found[-1].mean((2, 3)), self.local(near)[:, 0]

    def forward(self, x: Tensor, row: Tensor) -> Tensor:
        """(B,) from pictures (N, C, H, W) and conditions (B, K)."""
        deep, local = self._seen(x, row)
        each: Tensor = self.whole(deep)[:, 0] + local.mean((1, 2))
        return each.view(len(row), -1).mean(1)

    def regions(self, x: Tensor, row: Tensor) -> Tensor:
        """(N, h, w) the regions' own logits."""
        return self._seen(x, row)[1]
