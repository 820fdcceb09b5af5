"""The learned enlargement of pictures: from the small square that the flow composes to the full size.

A residual network without normalisation (Lim et al. 2017, arXiv 1707.02921, single scale) on the small
picture, with a pixel shuffle at its end (Shi et al. 2016, arXiv 1609.05158), added to the bicubic
enlargement. It is told how much grain to expect (as cascades are: Ho et al. 2022, arXiv 2106.15282, section
4), so that it removes the grain of takes instead of enlarging it. Learned from the person's works alone
(`learn/enlarging.py`).

Pictures with opacity are enlarged with their colours weighed by it, so that what is transparent does not
bleed. One picture goes through the network at a time: a take does not depend on its neighbours. Knows no
files.

Letters: N pictures, C channels, H W pixels of the small picture, f times as wide and high, D width.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from etude.config.pictures import ENLARGE
from etude.errors import ModelError
from etude.families.pictures.enlarged_sizes import FACTORS

UInt8 = npt.NDArray[np.uint8]
Arrays = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class EnlargeConfig:
    """A shape: `factor` times as wide and high, C `channels`, D `width`, so many `blocks`."""

    factor: int
    channels: int
    width: int = ENLARGE.width
    blocks: int = ENLARGE.blocks

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> EnlargeConfig:
        return cls(**{key: int(data[key]) for key in ("factor", "channels", "width", "blocks")})


class EnlargeNet(nn.Module):
    """(N, C, f H, f W) of pictures (N, C, H, W) in -1..1 with grain of deviation `level` (N,)."""

    def __init__(self, c: EnlargeConfig) -> None:
        super().__init__()
        self.c = c
        self.enter = nn.Conv2d(c.channels + 1, c.width, 3, padding=1)
        self.blocks = nn.ModuleList(_Block(c.width) for _ in range(c.blocks))
        self.leave = nn.Conv2d(c.width, c.channels * c.factor**2, 3, padding=1)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)  # type: ignore[arg-type]  # a convolution made with a bias has one

    def forward(self, x: Tensor, level: Tensor) -> Tensor:
        told = level[:, None, None, None].to(x.dtype).expand(-1, 1, *x.shape[-2:])
        h = self.enter(torch.cat([x, told], 1).contiguous(memory_format=torch.channels_last))
        for block in self.blocks:
            h = block(h)
        return bicubic(x, self.c.factor) + F.pixel_shuffle(self.leave(F.silu(h)), self.c.factor).to(x.dtype)


class _Block(nn.Module):
    """Two 3x3 convolutions; the second begins small."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 3, padding=1)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)
        with torch.no_grad():
            self.conv2.weight.mul_(0.1)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = x + self.conv2(F.silu(self.conv1(x)))
        return out


class Enlargement:
    """A network that was learned, ready to enlarge; read-only. `level`: the grain that it is told of, the
    deviation of values in -1..1."""

    def __init__(self, config: EnlargeConfig, state: Mapping[str, Tensor], level: float) -> None:
        self.config, self.level = config, level
        net = EnlargeNet(config).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        net.load_state_dict(dict(state))
        self.net: EnlargeNet = net.eval().requires_grad_(False)

    @property
    def state(self) -> dict[str, Tensor]:
        """The weights."""
        return dict(self.net.state_dict())

    @torch.inference_mode()
    def enlarged(self, frames: UInt8, level: float | None = None) -> UInt8:
        """(F, f H, f W, C) of pictures (F, H, W, C); what lies under full transparency is not kept. `level`:
        of the grain, else the usual one."""
        told = torch.tensor([self.level if level is None else level])
        return np.concatenate([straight(self.net(weighed(one[None]), told)) for one in frames])


def weighed(frames: UInt8) -> Tensor:
    """(F, C, H, W) in -1..1 of pixels (F, H, W, C), colours weighed by opacity where there is one."""
    x = torch.from_numpy(np.ascontiguousarray(frames)).movedim(-1, -3).float() / 255.0
    if x.shape[-3] == 4:
        x[..., :3, :, :] *= x[..., 3:, :, :].clone()
    return x.mul_(2.0).sub_(1.0)


def straight(x: Tensor) -> UInt8:
    """`weighed` backwards: pixels (F, H, W, C)."""
    x = x.add(1.0).mul(0.5)
    if x.shape[-3] == 4:
        opacity = x[..., 3:, :, :]
        seen = opacity > 0.5 / 255.0
        x = torch.cat([x[..., :3, :, :] / opacity.where(seen, torch.ones_like(opacity)) * seen, opacity], -3)
    x = x.clamp(0, 1)
    out: UInt8 = x.mul(255.0).round().to(torch.uint8).movedim(-3, -1).contiguous().numpy()
    return out


def bicubic(x: Tensor, factor: int) -> Tensor:
    """(N, C, f H, f W), what the network's own part is added to."""
    return F.interpolate(x, scale_factor=float(factor), mode="bicubic", align_corners=False)


def opened(about: Mapping[str, Any] | None, arrays: Arrays) -> Enlargement | None:
    """The enlargement of a stored model, from `enlarge` of its header; None where it has none. Raises
    ModelError where it does not fit together."""
    state = {
        name.removeprefix("enlarge."): torch.from_numpy(np.array(value))
        for name, value in arrays.items()
        if name.startswith("enlarge.")
    }
    if not about or not state:
        return None
    try:
        config = EnlargeConfig.from_json(about)
        if config.factor not in FACTORS:
            raise ValueError(f"it enlarges {config.factor} times")
        return Enlargement(config, state, float(about["level"]))
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise ModelError(
            f"The enlargement of this model is damaged: {str(error)[:200]}",
            "Learn it again with: etude learn",
        ) from error
