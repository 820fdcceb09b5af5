"""Small picture models: of networks that were not learned, with weights that do something, and of a few steps
on drawings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image as Pil
from PIL import ImageDraw

from etude.config.pictures import EXPLORE, JUDGE, PICTURES, REFINE
from etude.families.conditions import Condition
from etude.families.pictures.learn import flow_matching
from etude.families.pictures.learn import run as pictures
from etude.families.pictures.learn.dataset import Shown
from etude.families.pictures.learn.plan import PictureRequest
from etude.families.pictures.model import PictureModel
from etude.families.pictures.velocity_net import FlowConfig, FlowNet
from etude.media.pixels.framing import Framing
from etude.rng import for_
from etude.training.budget import Budget
from etude.training.learned import Learned

SMALL = FlowConfig(16, 3, 2, (16, 32), condition_sizes=(3,))
CONDITIONS = (Condition("maker", ("Ada", "Bo")),)


@contextmanager
def settings(where: Any, **values: Any) -> Iterator[None]:
    """Other defaults for a while."""
    before = {name: getattr(where, name) for name in values}
    for name, value in values.items():
        object.__setattr__(where, name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            object.__setattr__(where, name, value)


@contextmanager
def brief() -> Iterator[None]:
    """Learning as it is, with few pictures a step, figures of few takes, and sliders that are not measured:
    for tests that are about something else."""
    with (
        settings(PICTURES, batch=16),
        settings(flow_matching, SAMPLE_PASSES=1),
        settings(REFINE, batch=16, pairs=32, pair_steps=2, fixed_takes=16),
        settings(JUDGE, steps=2, times=2, takes=64, copies=64, draws=50),
        settings(EXPLORE, slider_rounds=0, late_steps=2),
    ):
        yield


def alive(c: FlowConfig, seed: int = 0) -> dict[str, torch.Tensor]:
    """Weights of a network whose ends are not zero."""
    torch.manual_seed(seed)
    net = FlowNet(c)
    for p in net.parameters():
        if p.ndim > 1:
            torch.nn.init.normal_(p, std=0.3 / p[0].numel() ** 0.5)
    return net.state_dict()


def directions(c: FlowConfig) -> torch.Tensor:
    """(4, C, 8, 8): more of the first channel, of the second, and of the first in the upper half, in the left
    half."""
    out = torch.zeros(4, c.channels, 8, 8)
    out[0, 0], out[1, 1], out[2, 0, :4], out[3, 0, :, :4] = 0.3, 0.3, 0.3, 0.3
    return out


def small_model(c: FlowConfig = SMALL, *, one_pass: bool = True, sliders: bool = True) -> PictureModel:
    """A model that makes something, though nothing that anybody drew."""
    return PictureModel(
        "image" if c.frames == 1 else "video",
        c,
        Framing(c.side_px, "crop", "white" if c.channels == 3 else "keep").to_json(),
        CONDITIONS if c.condition_sizes else (),
        alive(c),
        rate=0.0 if c.frames == 1 else 8.0,
        one_pass=alive(c, 1) if one_pass else None,
        sliders=directions(c) if sliders else None,
        header={"one_pass": {"used": True, "leads": True}} if one_pass else {},
    )


def drawing(side: int, number: int, frames: int = 1) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """(F, side, side, 3): a coloured shape on white, which moves where there are frames."""
    g = for_(number, "small drawing")
    colour = tuple(int(v) for v in g.integers(0, 200, 3))
    x, y = (int(v) for v in g.integers(2, side // 2, 2))
    size = int(g.integers(side // 4, side // 2))
    out = []
    for i in range(frames):
        picture = Pil.new("RGB", (side, side), "white")
        pen = ImageDraw.Draw(picture)
        box = (x + i % 3, y, x + i % 3 + size, y + size)
        (pen.ellipse if number % 2 else pen.rectangle)(box, fill=colour)
        out.append(np.asarray(picture))
    return np.stack(out)


def shown(count: int = 48, side: int = 32, frames: int = 1) -> list[Shown]:
    """Drawings by two makers, two thirds of them to learn from."""
    roles = ("train", "train", "critic", "train", "train", "held-out")
    return [
        Shown(f"w-{i:04d}", 0, roles[i % 6], drawing(side, i, frames), ("Ada", "Bo")[i % 2], {}, 1.0)
        for i in range(count)
    ]


def request(folder: Path, steps: int = 10, **more: Any) -> PictureRequest:
    """A run of so many steps on drawings."""
    side, frames = more.pop("side", 32), more.pop("frames", 1)
    works = more.pop("works", None) or shown(side=side, frames=frames)
    medium = "image" if frames == 1 else "video"
    settings = {"size": "xs", "rate": 8.0 if frames > 1 else 0.0, **more}
    return PictureRequest(medium, works, Framing(side).to_json(), Budget(steps=steps), folder, **settings)


@lru_cache
def learned(folder: str, frames: int = 1) -> Learned:
    """A model of ten steps."""
    return pictures.learn(request(Path(folder), frames=frames), lambda p: None, lambda: False)
