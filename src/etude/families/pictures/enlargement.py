"""The learned enlargement of pictures: from the small square that the flow composes to the full size.

A residual network without normalisation (Lim et al. 2017, arXiv 1707.02921, single scale) on the small
picture, with a pixel shuffle at its end (Shi et al. 2016, arXiv 1609.05158), added to the bicubic
enlargement. It is told how much grain to expect (as cascades are: Ho et al. 2022, arXiv 2106.15282, section
4), so that it removes the grain of takes instead of enlarging it. Learned from the person's works alone
(`learn/enlarging.py`).

Pictures with opacity are enlarged with their colours weighed by it, so that what is transparent does not
bleed. Where the works are transparent and the network saw them on a ground, how opaque the large picture is
is learned with its colours, and the ground is taken out again. One picture goes through the network at a
time: a take does not depend on its neighbours. Knows no files.

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
from etude.media.pixels.arrays import flattened

UInt8 = npt.NDArray[np.uint8]
Arrays = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class EnlargeConfig:
    """A shape: `factor` times as wide and high, C `channels`, D `width`, so many `blocks`. `ground`: small
    pictures lie on this sRGB colour, and how opaque the large one is comes out as a channel more; empty: as
    many channels come out as go in. `bfloat16`: it computes in halves, twice as fast where the machine can.
    """

    factor: int
    channels: int
    width: int = ENLARGE.width
    blocks: int = ENLARGE.blocks
    ground: tuple[int, ...] = ()
    bfloat16: bool = False

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> EnlargeConfig:
        shape = {key: int(data[key]) for key in ("factor", "channels", "width", "blocks")}
        ground = tuple(int(v) for v in data.get("ground") or ())
        if len(ground) not in (0, 3):
            raise ValueError(f"its ground has {len(ground)} channels")
        return cls(**shape, ground=ground, bfloat16=bool(data.get("bfloat16")))

    @property
    def made(self) -> int:
        """Channels that come out."""
        return self.channels + bool(self.ground)


class EnlargeNet(nn.Module):
    """(N, C, f H, f W) of pictures (N, C, H, W) in -1..1 with grain of deviation `level` (N,)."""

    def __init__(self, c: EnlargeConfig) -> None:
        super().__init__()
        self.c = c
        self.enter = nn.Conv2d(c.channels + 1, c.width, 3, padding=1)
        self.blocks = nn.ModuleList(_Block(c.width) for _ in range(c.blocks))
        self.leave = nn.Conv2d(c.width, c.made * c.factor**2, 3, padding=1)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)  # type: ignore[arg-type]  # a convolution made with a bias has one

    def forward(self, x: Tensor, level: Tensor) -> Tensor:
        told = level[:, None, None, None].to(x.dtype).expand(-1, 1, *x.shape[-2:])
        h = self.enter(torch.cat([x, told], 1).contiguous(memory_format=torch.channels_last))
        for block in self.blocks:
            h = block(h)
        begun = bicubic(x, self.c.factor)
        if self.c.ground:
            begun = torch.cat([begun, _unlike(begun, self.c.ground)], 1)
        return begun + F.pixel_shuffle(self.leave(F.silu(h)), self.c.factor).to(x.dtype)


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
        with torch.autocast("cpu", torch.bfloat16, enabled=self.config.bfloat16):
            made = [self.net(weighed(one[None]), told) for one in frames]
        return np.concatenate([straight(_off_ground(one, self.config.ground)) for one in made])


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


def on_ground(frames: UInt8, ground: tuple[int, ...]) -> Tensor:
    """(F, 4, H, W) in -1..1 of pixels (F, H, W, 4): as they look on the ground, and how opaque they are."""
    opacity = frames[..., 3:]
    both = np.concatenate([flattened(frames, (ground[0], ground[1], ground[2])), opacity], -1)
    return torch.from_numpy(both).movedim(-1, -3).float().div_(127.5).sub_(1.0)


def _off_ground(x: Tensor, ground: tuple[int, ...]) -> Tensor:
    """As `weighed` has them: what is seen less the ground's part in it."""
    if not ground:
        return x
    seen, opacity = x[:, :3].add(1.0).mul(0.5), x[:, 3:].add(1.0).mul(0.5).clamp(0, 1)
    below = torch.tensor(ground, dtype=x.dtype)[:, None, None] / 255.0
    own = torch.minimum((seen - (1.0 - opacity) * below).clamp_min(0.0), opacity)
    return torch.cat([own, opacity], 1).mul(2.0).sub(1.0)


def _unlike(x: Tensor, ground: tuple[int, ...]) -> Tensor:
    """(N, 1, H, W) in -1..1 how far colours are from the ground's: what opacity is guessed from at first."""
    below = (torch.tensor(ground, dtype=x.dtype) / 127.5 - 1.0)[None, :, None, None]
    return ((x - below).abs().amax(1, keepdim=True) * 4.0).clamp(0, 2).sub(1.0)


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
