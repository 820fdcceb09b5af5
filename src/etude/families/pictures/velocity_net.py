"""The picture network: a small U-shaped velocity field v(x, t), for single pictures and, with time layers,
for short clips.

Flow matching (Lipman et al. 2023, arXiv 2210.02747; Liu et al. 2023, arXiv 2209.03003): x_t = (1 - t) noise +
t picture, and the network predicts picture - noise. The ends are space-to-depth and depth-to-space, so that
the work is done where matrix units are fast; time, conditions (maker, attributes) and the parameters of an
augmentation (Karras et al. 2022, arXiv 2206.00364, appendix F.2: so that it does not leak into takes) scale
and shift what each block has normalised. Clips: frames are pictures of one batch, between blocks a circular
or open convolution and attention over time mix them; both begin as nothing, so that a picture model is a clip
model of still frames.

Letters: B batch, F frames, C channels, H W pixels, D width, K conditions, A augmentation parameters. Pure
torch; knows no files.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

ALIKE = 16  # rows from which on products round alike, whatever their number
AUGMENTS = 6  # flipped, shift across, shift down, zoom, stretch, and one for whether any is there


@dataclass(frozen=True)
class FlowConfig:
    """A shape. `widths`: channels of the stages, finest first, each half the side of the one before;
    `attend`: sides up to which there is attention; `condition_sizes`: values of each condition, 0 meaning
    unknown; `frames` 1 for pictures; `loop`: time is a circle. `mean` of each channel and `deviation` of the
    works: what is known of them before anything is learned."""

    side_px: int
    channels: int
    patch: int
    widths: tuple[int, ...]
    blocks: int = 1
    attend: int = 8
    condition_sizes: tuple[int, ...] = ()
    frames: int = 1
    loop: bool = True
    mean: tuple[float, ...] = ()
    deviation: float = 0.5

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> FlowConfig:
        return cls(**{**data, **{key: tuple(data[key]) for key in ("widths", "condition_sizes", "mean")}})

    @property
    def shape(self) -> tuple[int, ...]:
        """(F, C, H, W) of one content."""
        return self.frames, self.channels, self.side_px, self.side_px


class FlowNet(nn.Module):
    """v(x (N, C, H, W), t (B,)) with N = B F; the frames of one clip follow each other."""

    def __init__(self, c: FlowConfig) -> None:
        super().__init__()
        self.c = c
        d = 2 * max(c.widths)
        self.time = nn.Sequential(nn.Linear(64, d), nn.SiLU(), nn.Linear(d, d))
        self.tables = nn.ModuleList(nn.Embedding(n, d) for n in c.condition_sizes)
        self.augment = nn.Linear(AUGMENTS, d, bias=False)
        ends = c.channels * c.patch**2
        self.enter = nn.Conv2d(ends, c.widths[0], 3, padding=1)
        side = c.side_px // c.patch
        self.down, self.up = nn.ModuleList(), nn.ModuleList()
        width = c.widths[0]
        skips: list[int] = []
        for i, w in enumerate(c.widths):
            for _ in range(c.blocks):
                self.down.append(_Stage(width, w, d, side, c))
                width = w
                skips.append(w)
            if i + 1 < len(c.widths):
                side //= 2
        self.middle = _Stage(width, width, d, side, c)
        for i, w in reversed(list(enumerate(c.widths))):
            for _ in range(c.blocks):
                self.up.append(_Stage(width + skips.pop(), w, d, side, c))
                width = w
            if i:
                side *= 2
        self.leave_norm = nn.GroupNorm(_groups(width), width)
        self.leave = nn.Conv2d(width, ends, 3, padding=1)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)  # type: ignore[arg-type]  # a convolution made with a bias has one
        for table in self.tables:
            nn.init.normal_(table.weight, std=0.02)  # type: ignore[arg-type]
        nn.init.normal_(self.augment.weight, std=0.1)

    def embed(self, t: Tensor, row: Tensor | None = None, augment: Tensor | None = None) -> Tensor:
        """(B, D) from times (B,) in 0..1, conditions (B, K) and augmentations (B, A); None: unknown, none."""
        steps = torch.exp(-math.log(1000.0) * torch.arange(32, device=t.device) / 32)
        angles = t[:, None].float() * 1000.0 * steps[None]
        e = _by_rows(self.time, torch.cat([angles.cos(), angles.sin()], 1))
        for i, table in enumerate(self.tables):
            column = torch.zeros(len(t), dtype=torch.long, device=t.device) if row is None else row[:, i]
            e = e + table(column)
        if augment is not None:
            e = e + _by_rows(self.augment, augment)
        return F.silu(e)

    def encode(self, x: Tensor, e: Tensor) -> list[Tensor]:
        """What each block on the way down gives, and last the bottleneck (N, D', h, w)."""
        x = self.enter(F.pixel_unshuffle(x, self.c.patch))
        out = []
        for i, stage in enumerate(self.down):
            if i and i % self.c.blocks == 0:
                x = F.avg_pool2d(x, 2)
            x = stage(x, e)
            out.append(x)
        out.append(self.middle(x, e))
        return out

    def climb(self, found: list[Tensor], e: Tensor) -> list[Tensor]:
        """What each block on the way up gives, the coarsest first, from what `encode` found."""
        skips, x = list(found[:-1]), found[-1]
        out = []
        for i, stage in enumerate(self.up):
            if i and i % self.c.blocks == 0:
                x = F.interpolate(x, scale_factor=2.0, mode="nearest")
            x = stage(torch.cat([x, skips.pop()], 1), e)
            out.append(x)
        return out

    def decode(self, found: list[Tensor], e: Tensor) -> Tensor:
        """From `encode` to the velocity (N, C, H, W)."""
        x = self.climb(found, e)[-1]
        out: Tensor = F.pixel_shuffle(self.leave(F.silu(self.leave_norm(x))), self.c.patch)
        return out

    def forward(
        self, x: Tensor, t: Tensor, row: Tensor | None = None, augment: Tensor | None = None
    ) -> Tensor:
        """The velocity (N, C, H, W)."""
        e = self.embed(t, row, augment)
        if self.c.frames > 1:
            e = e.repeat_interleave(len(x) // len(t), 0)
        return self._around(x, t, self.decode(self.encode(x, e), e))

    def _around(self, x: Tensor, t: Tensor, seen: Tensor) -> Tensor:
        """The velocity: what a normal distribution with the works' mean m and deviation s would have, and the
        network's part in units of what that leaves open (after the preconditioning of Karras et al. 2022,
        arXiv 2206.00364, section 5, for straight paths): with q = t^2 s^2 + (1 - t)^2, v = m + (t s^2 - (1 -
        t)) / q (x - t m) + s / sqrt(q) F(x, t)."""
        at = t.repeat_interleave(len(x) // len(t))[:, None, None, None].to(x.dtype)
        s2 = self.c.deviation**2
        q = at * at * s2 + (1 - at) ** 2
        m = x.new_tensor(self.c.mean or [0.0] * self.c.channels)[None, :, None, None]
        out: Tensor = m + (at * s2 - (1 - at)) / q * (x - at * m) + (s2 / q).sqrt() * seen
        return out


class _Stage(nn.Module):
    """A residual block, attention where the side is small, and for clips a mixing over time."""

    def __init__(self, inside: int, width: int, d: int, side: int, c: FlowConfig) -> None:
        super().__init__()
        self.block = _Block(inside, width, d)
        self.attention = _Attention(width) if side <= c.attend else None
        self.through_time = _ThroughTime(width, c.frames, side <= c.attend, c.loop) if c.frames > 1 else None

    def forward(self, x: Tensor, e: Tensor) -> Tensor:
        x = self.block(x, e)
        if self.attention is not None:
            x = self.attention(x)
        if self.through_time is not None:
            x = self.through_time(x)
        return x


class _Block(nn.Module):
    """Two 3x3 convolutions; scale and shift from the embedding between them; the second begins at zero."""

    def __init__(self, inside: int, width: int, d: int) -> None:
        super().__init__()
        self.norm1, self.conv1 = nn.GroupNorm(_groups(inside), inside), nn.Conv2d(inside, width, 3, padding=1)
        self.norm2, self.conv2 = (
            nn.GroupNorm(_groups(width), width, affine=False),
            nn.Conv2d(width, width, 3, padding=1),
        )
        self.modulate = nn.Linear(d, 2 * width)
        self.skip = nn.Conv2d(inside, width, 1) if inside != width else nn.Identity()
        nn.init.zeros_(self.conv2.weight)
        nn.init.zeros_(self.conv2.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor, e: Tensor) -> Tensor:
        h = self.conv1(F.silu(self.norm1(x)))
        scale, shift = _by_rows(self.modulate, e)[:, :, None, None].to(h.dtype).chunk(2, 1)
        h = self.norm2(h) * (1 + scale) + shift
        out: Tensor = self.skip(x) + self.conv2(F.silu(h))
        return out


class _Attention(nn.Module):
    """Every place of a picture looks at every other; heads of 32."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm, self.qkv, self.out = (
            nn.GroupNorm(_groups(width), width),
            nn.Conv2d(width, 3 * width, 1),
            nn.Conv2d(width, width, 1),
        )
        self.heads = max(1, width // 32)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> Tensor:
        n, width, h, w = x.shape
        # channels lie last in memory: so nothing is copied
        places = (
            self.qkv(self.norm(x)).permute(0, 2, 3, 1).reshape(n, h * w, 3, self.heads, width // self.heads)
        )
        q, k, v = places.permute(2, 0, 3, 1, 4)
        seen = _attended(q, k, v)
        mixed: Tensor = self.out(seen.transpose(1, 2).reshape(n, h, w, width).permute(0, 3, 1, 2))
        return x + mixed


def _attended(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Scaled dot-product attention (N, heads, places, D'). On a CPU the way back through torch's own kernel
    takes six to thirteen times as long as through plain products, which was a third of all learning
    (docs/decisions/)."""
    if q.is_cuda or not torch.is_grad_enabled():
        return F.scaled_dot_product_attention(q, k, v)
    weights: Tensor = (q * q.shape[-1] ** -0.5 @ k.transpose(-1, -2)).softmax(-1)
    return weights.to(v.dtype) @ v


def _among(layer: nn.MultiheadAttention, x: Tensor) -> Tensor:
    """What the layer gives for rows (N, places, D) that look at each other."""
    if not torch.is_grad_enabled():
        made: Tensor = layer(x, x, x, need_weights=False)[0]  # the bits that takes were made with
        return made
    n, places, width = x.shape
    q, k, v = (
        F.linear(x, layer.in_proj_weight, layer.in_proj_bias)
        .view(n, places, 3, layer.num_heads, -1)
        .permute(2, 0, 3, 1, 4)
    )
    out: Tensor = layer.out_proj(_attended(q, k, v).transpose(1, 2).reshape(n, places, width))
    return out


class _ThroughTime(nn.Module):
    """Mixing between the frames of a clip: a convolution over three frames, and attention over all where the
    side is small."""

    def __init__(self, width: int, frames: int, attend: bool, loop: bool) -> None:
        super().__init__()
        self.frames, self.loop = frames, loop
        self.norm = nn.GroupNorm(_groups(width), width)
        self.near = nn.Conv1d(width, width, 3)
        nn.init.zeros_(self.near.weight)
        nn.init.zeros_(self.near.bias)  # type: ignore[arg-type]
        self.far: nn.MultiheadAttention | None = None
        if attend:
            self.far = nn.MultiheadAttention(width, max(1, width // 32), batch_first=True)
            nn.init.zeros_(self.far.out_proj.weight)
            nn.init.zeros_(self.far.out_proj.bias)
            turn = torch.arange(frames) / frames * 2 * math.pi
            waves = [
                f(k * turn * (1.0 if loop else 0.5)) for k in range(1, 5) for f in (torch.cos, torch.sin)
            ]
            self.register_buffer(
                "clock", torch.stack(waves, 1), persistent=False
            )  # (F, 8): where in the loop a frame stands
            self.tell = nn.Linear(8, width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        n, width, h, w = x.shape
        clips = n // self.frames
        line = (
            self.norm(x)
            .view(clips, self.frames, width, h * w)
            .permute(0, 3, 2, 1)
            .reshape(-1, width, self.frames)
        )
        ends = F.pad(line, (1, 1), mode="circular" if self.loop else "replicate")
        mixed = self.near(ends)
        if self.far is not None:
            told = line.transpose(1, 2) + self.tell(self.clock).to(line.dtype)
            mixed = mixed + _among(self.far, told).transpose(1, 2)
        back: Tensor = (
            mixed.view(clips, h * w, width, self.frames).permute(0, 3, 2, 1).reshape(n, width, h, w)
        )
        return x + back


def _by_rows(layer: nn.Module, x: Tensor) -> Tensor:
    """A layer on rows (B, D), at least ALIKE at a time where takes are made: products of fewer rows round
    otherwise."""
    if len(x) >= ALIKE or torch.is_grad_enabled():
        out: Tensor = layer(x)
        return out
    few: Tensor = layer(torch.cat([x, x[-1:].expand(ALIKE - len(x), -1)]))[: len(x)]
    return few


def _groups(width: int) -> int:
    """Groups of a normalisation: 16 channels each, or the largest number that divides."""
    return next(g for g in (width // 16, 8, 4, 2, 1) if g and width % g == 0)


def count_parameters(c: FlowConfig) -> int:
    """Parameters of this shape."""
    with torch.device("meta"):
        return sum(p.numel() for p in FlowNet(c).parameters())


def stages_of(weights: Mapping[str, Tensor], blocks: int = 1) -> int:
    """How many stages the network has that these weights are of."""
    return len({name.split(".")[1] for name in weights if name.startswith("down.")}) // blocks


def inner_weights(net: FlowNet, other: Mapping[str, Tensor], other_stages: int) -> dict[str, Tensor]:
    """Of a network learned at a smaller side, the weights that fit the inner stages of this one, under the
    names that they have here.

    `other_stages`: how many widths the smaller one has. Its ends do not fit; its stages are the last ones of
    this network's way down and the first ones of its way up. A smaller or still network of the same stages
    fits stage by stage.
    """
    c = net.c
    outer = (len(c.widths) - other_stages) * c.blocks
    mine = net.state_dict()
    out: dict[str, Tensor] = {}
    for name, value in other.items():
        part, _, rest = name.partition(".")
        if part == "down":
            index, _, rest = rest.partition(".")
            name = f"down.{int(index) + outer}.{rest}"
        elif part in ("enter", "leave", "leave_norm") and outer:
            continue
        if name in mine and mine[name].shape == value.shape:
            out[name] = value
    return out
