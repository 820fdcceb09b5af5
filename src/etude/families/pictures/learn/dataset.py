"""The collection as the picture loops see it: every work framed, with its conditions, by its role in the
split.

Pictures are kept as bytes (N, F, H, W, C) and become numbers batch by batch. A varied copy (mirrored,
shifted, zoomed) is made by matrix products along each axis, so that what was done is exactly known, and its
parameters go to the network beside it: then a take made with none of them shows none of them (Karras et al.
2022, arXiv 2206.00364, appendix F.2). Knows works only by id, maker and attributes; reads no file.

Letters: N works or clips, B batch, F frames, H W pixels, C channels, K conditions, A augmentation parameters.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from etude import rng
from etude.families.conditions import Condition, condition_values, conditions_of
from etude.families.pictures.model import to_float
from etude.families.pictures.velocity_net import AUGMENTS
from etude.media.pixels.windows import closes
from etude.stats.evenly import evenly

UInt8 = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Shown:
    """A work as the network sees it: frames (F, H, W, C) uint8, of one clip in a longer one where it begins
    (`start`)."""

    work_id: str
    start: int
    role: str  # train, critic or held-out
    frames: UInt8
    maker: str = ""
    attrs: Mapping[str, str] = field(default_factory=dict)
    weight: float = 1.0


@dataclass(frozen=True)
class Room:
    """The works of one role: pixels (N, F, H, W, C), rows (N, K), how often each is drawn (N,), and their
    ids."""

    pixels: UInt8
    rows: npt.NDArray[np.int64]
    weights: npt.NDArray[np.float64]
    works: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.pixels)

    @property
    def different(self) -> int:
        """How many works there are: several windows may be of one clip."""
        return len(set(self.works))

    def evenly(self, most: int) -> npt.NDArray[np.int64]:
        """At most so many, one window a work, evenly from among all: neighbours in a collection are often of
        one kind, windows of one clip always."""
        first = np.sort(np.unique(np.array(self.works), return_index=True)[1])
        return first[evenly(len(first), most)].astype(np.int64)


@dataclass(frozen=True)
class Dataset:
    """Everything a run learns from and is measured on."""

    medium: str
    conditions: tuple[Condition, ...]
    train: Room
    critic: Room
    held_out: Room

    @property
    def condition_sizes(self) -> tuple[int, ...]:
        return tuple(len(c.values) + 1 for c in self.conditions)

    @property
    def validation(self) -> Room:
        """What the loop looks at: never learned from, and not what figures are measured on where there is
        anything else."""
        return self.critic if len(self.critic) else self.held_out


def gather(medium: str, shown: Sequence[Shown]) -> Dataset:
    """The works by role. All frames must be of one shape."""
    train = [one for one in shown if one.role == "train"]
    conditions = conditions_of((one.maker, one.attrs) for one in train)

    def room(role: str) -> Room:
        own = [one for one in shown if one.role == role]
        shape = shown[0].frames.shape if shown else (1, 1, 1, 3)
        rows = [condition_values(conditions, one.maker, one.attrs) for one in own]
        return Room(
            np.stack([one.frames for one in own]) if own else np.zeros((0, *shape), np.uint8),
            np.array(rows, np.int64).reshape(len(own), len(conditions)),
            np.array([one.weight for one in own], np.float64),
            tuple(one.work_id for one in own),
        )

    return Dataset(medium, conditions, room("train"), room("critic"), room("held-out"))


class Order:
    """An endless order of a room: every pass is a fresh shuffle from (seed, pass); works of weight w come w
    times as often."""

    def __init__(self, room: Room, batch: int, seed: int) -> None:
        self.room, self.batch, self.seed = room, batch, seed
        self.epoch, self.index = 0, 0
        self._made: tuple[int, npt.NDArray[np.int64]] | None = None

    def _pass(self) -> npt.NDArray[np.int64]:
        if self._made is None or self._made[0] != self.epoch:
            g = rng.for_(self.seed, "gallery", self.epoch)
            often = self.room.weights / max(1e-9, self.room.weights.mean())
            times = np.floor(often + g.random(len(often))).astype(int)
            drawn = np.repeat(np.arange(len(often)), times)
            self._made = self.epoch, g.permutation(drawn if len(drawn) else np.arange(len(often)))
        return self._made[1]

    def next(self) -> npt.NDArray[np.int64]:
        """(B,) the next works."""
        out: list[int] = []
        while len(out) < self.batch:
            order = self._pass()
            some = order[self.index : self.index + self.batch - len(out)]
            out += some.tolist()
            self.index += len(some)
            if self.index >= len(order):
                self.epoch, self.index = self.epoch + 1, 0
        return np.array(out, np.int64)

    @property
    def passes(self) -> float:
        return self.epoch + self.index / max(1, len(self._pass()))


@dataclass(frozen=True)
class Augment:
    """How works are varied: the share of copies that are moved at all, whether they may be mirrored, and how
    far they may go."""

    share: float = 0.3
    mirror: bool = True
    shift: float = 0.125  # of the side
    zoom: float = 0.2  # in octaves, standard deviation
    stretch: float = 0.1
    turn: bool = False  # of clips that are loops: begin anywhere in them


def varied(x: Tensor, how: Augment, g: np.random.Generator, ground: Tensor) -> tuple[Tensor, Tensor]:
    """Varied copies of (B, F, C, H, W) and their parameters (B, A); frames of a clip go together. `ground`
    (C,) lies outside the picture."""
    b, side = len(x), x.shape[-1]
    mirrored = g.random(b) < 0.5 if how.mirror else np.zeros(b, bool)
    moved = g.random(b) < how.share
    across, down = ((g.random(b) * 2 - 1) * how.shift * moved for _ in range(2))
    zoom, stretch = g.standard_normal(b) * how.zoom * moved, g.standard_normal(b) * how.stretch * moved
    told = np.stack(
        [mirrored, across / how.shift, down / how.shift, zoom / how.zoom, stretch / how.stretch, moved], 1
    )
    assert told.shape[1] == AUGMENTS
    out = torch.where(torch.from_numpy(mirrored)[:, None, None, None, None], x.flip(-1), x)
    if moved.any():
        at = torch.from_numpy(np.flatnonzero(moved))
        wide = resampler(across[moved], 2.0 ** (zoom + stretch)[moved], side)  # (M, W, W')
        high = resampler(down[moved], 2.0 ** (zoom - stretch)[moved], side)
        some = out[at] - ground[:, None, None]
        some = torch.einsum("mhi,mfcij,mwj->mfchw", high, some, wide)
        out[at] = some + ground[:, None, None]
    return out, torch.from_numpy(told.astype(np.float32))


def resampler(shift: npt.NDArray[np.float64], scale: npt.NDArray[np.float64], side: int) -> Tensor:
    """(M, side, side) matrices that move and scale a line of pixels about its middle, by a triangle as wide
    as a pixel of the coarser side.

    Rows sum to less than 1 where they look outside: there the ground shows.
    """
    middle = (side - 1) / 2
    at = (np.arange(side)[None] - middle - shift[:, None] * side) / scale[
        :, None
    ] + middle  # where each new pixel looks
    wide = np.maximum(1.0, 1.0 / scale)[:, None, None]
    w = np.maximum(0.0, 1.0 - np.abs(at[:, :, None] - np.arange(side)[None, None]) / wide)
    inside = (at >= -0.5) & (at <= side - 0.5)
    w = w / np.maximum(w.sum(2, keepdims=True), 1e-9) * inside[:, :, None]
    return torch.from_numpy(w.astype(np.float32))


@dataclass(frozen=True)
class Batch:
    """Pictures (B, F, C, H, W) in -1..1, conditions (B, K) with some left out for guidance, augmentations (B,
    A)."""

    x: Tensor
    row: Tensor
    augment: Tensor
    works: npt.NDArray[np.int64]


def batch_of(
    room: Room, works: npt.NDArray[np.int64], how: Augment, g: np.random.Generator, *, leave_out: float = 0.1
) -> Batch:
    """A varied batch. `leave_out`: how often all conditions are left out, and how often each alone, so that a
    take need not name all."""
    x = to_float(room.pixels[works])
    x, told = varied(x, how, g, ground_of(x))
    if how.turn:
        at = (np.arange(x.shape[1])[None] + g.integers(0, x.shape[1], (len(x), 1))) % x.shape[1]
        x = x[torch.arange(len(x))[:, None], torch.from_numpy(at)]
    row = room.rows[works].copy()
    if row.shape[1]:
        row[g.random(len(row)) < leave_out] = 0
        row[g.random(row.shape) < leave_out] = 0
    return Batch(x, torch.from_numpy(row), told, works)


def ground_of(x: Tensor) -> Tensor:
    """(C,) what lies outside: nothing where there is transparency, else the median of the corners."""
    if x.shape[-3] == 4:
        return torch.tensor([-1.0, -1.0, -1.0, -1.0])
    corners = torch.stack([x[..., i, j] for i in (0, -1) for j in (0, -1)]).flatten(0, -2)
    return corners.median(0).values


def loops(room: Room) -> bool:
    """Whether most clips of a room lead from their last frame to their first."""
    if room.pixels.shape[1] < 2 or not len(room):
        return False
    return 2 * sum(map(closes, room.pixels)) > len(room)


def manners(room: Room) -> npt.NDArray[np.int64]:
    """(R, K + 1): every row of conditions that works have, ascending, and how often it is drawn, in
    thousandths of a work."""
    rows, which = np.unique(room.rows, axis=0, return_inverse=True)
    often = np.bincount(which.reshape(-1), weights=room.weights, minlength=len(rows))
    return np.concatenate([rows, np.round(1000 * often).astype(np.int64)[:, None]], 1)


def chunks(n: int, size: int) -> Iterator[slice]:
    """0..n in slices."""
    for i in range(0, n, size):
        yield slice(i, min(n, i + size))


def roles(data: Dataset) -> dict[str, Any]:
    """Work ids by role, sorted, for the header."""
    rooms = {"train": data.train, "critic": data.critic, "held-out": data.held_out}
    return {name: sorted(set(room.works)) for name, room in rooms.items()}
