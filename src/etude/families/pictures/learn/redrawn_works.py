"""Works that the flow has made anew in part: what the enlargement learns the flow's own mistakes from.

A work is noised part of the way and followed back (Meng et al. 2022, arXiv 2108.01073), as takes are made; it
stays the work, with the soft edges and the grain that takes have. Knows nothing of files beyond its
checkpoint.

Letters: M works, B batch, C channels, H W pixels.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from etude import rng
from etude.config.pictures import ENLARGE, EXPLORE
from etude.families.pictures.learn.large_works import LargeRoom
from etude.families.pictures.model import PictureModel, to_float, to_pixels
from etude.families.pictures.noise import noise
from etude.training import checkpoint

UInt8 = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Redrawn:
    """Pictures (R, H, W, C) and the work of each (R,)."""

    pixels: UInt8
    work: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.work)


def redraw(
    model: PictureModel,
    room: LargeRoom,
    works: npt.NDArray[np.int64],
    seed: int,
    purpose: str,
    *,
    until: float | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Redrawn | None:
    """Some works, each made anew by a strength of its own, until a time of the monotonic clock; None when
    stopped."""
    parts, size = list[UInt8](), EXPLORE.batch
    for i in range(0, len(works), size):
        if stop():
            return None
        if until is not None and parts and time.monotonic() > until:
            break
        some = works[i : i + size]
        g = rng.for_(seed, purpose, i)
        x = to_float(room.small[some])[:, None]
        row = torch.from_numpy(room.rows[some])
        # one strength a batch, since a batch has one time; each work meets several batches' worth of them
        begin = 1.0 - float(g.uniform(*ENLARGE.redrawn_strength))
        x = (1.0 - begin) * noise(g, tuple(x.shape)) + begin * x

        def fresh(
            _: int, g: np.random.Generator = g, shape: tuple[int, ...] = tuple(x.shape)
        ) -> torch.Tensor:
            return noise(g, shape)

        made = model.renew(x, row, fresh=fresh, eta=EXPLORE.eta, start=begin, steps=ENLARGE.redrawn_steps)
        parts.append(to_pixels(made[:, 0]))
    made_of = np.concatenate(parts) if parts else room.small[:0]
    return Redrawn(made_of, works[: len(made_of)])


def of_run(
    model: PictureModel,
    room: LargeRoom,
    seed: int,
    folder: Path,
    *,
    flow_steps: int,
    seconds: float | None,
    steps: int | None,
    stop: Callable[[], bool],
) -> Redrawn | None:
    """Those of an interrupted run, else new ones, which are kept; None when stopped before they were made."""
    found = checkpoint.read(folder)
    if found is not None and found[1].get("flow_steps") == flow_steps:
        return Redrawn(np.array(found[0]["pixels"]), np.array(found[0]["work"]))
    most = ENLARGE.redrawn_works if steps is None else min(ENLARGE.redrawn_works, 4 * steps)
    works = rng.for_(seed, "redrawn-works").permutation(len(room))[:most].astype(np.int64)
    until = None if seconds is None else time.monotonic() + ENLARGE.redrawn_share * seconds
    made = redraw(model, room, works, seed, "redrawn", until=until, stop=stop)
    if made is not None:
        checkpoint.write(folder, {"pixels": made.pixels, "work": made.work}, {"flow_steps": flow_steps})
    return made
