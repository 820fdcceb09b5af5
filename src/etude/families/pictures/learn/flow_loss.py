"""The loss of flow matching on a batch, and on works held out."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from etude import rng
from etude.config.pictures import PICTURES
from etude.families.pictures.learn.dataset import Batch, Room, chunks
from etude.families.pictures.learn.flow_plan import FlowPlan
from etude.families.pictures.model import to_float
from etude.families.pictures.noise import noise, shrunk
from etude.families.pictures.velocity_net import FlowConfig, FlowNet
from etude.stats.evenly import evenly

SAMPLES = 8  # takes that are drawn at every evaluation


def groups(net: FlowNet, plan: FlowPlan) -> list[dict[str, Any]]:
    """Parameter groups: with a matrix rate the convolutions inside go to Muon; ends, tables, scales and
    biases to AdamW."""
    inside: list[torch.nn.Parameter] = []
    rest: list[torch.nn.Parameter] = []
    for name, p in net.named_parameters():
        matrix = p.ndim in (2, 4) and name.split(".")[0] in ("down", "middle", "up") and plan.matrix_lr > 0
        (inside if matrix else rest).append(p)
    out: list[dict[str, Any]] = [
        {"params": rest, "lr": plan.lr, "weight_decay": plan.weight_decay, "betas": (0.9, 0.98)}
    ]
    if inside:
        out.append({"params": inside, "muon": True, "lr": plan.matrix_lr, "weight_decay": plan.weight_decay})
    return out


def flow_loss(net: FlowNet, batch: Batch, t: Tensor, z: Tensor, plan: FlowPlan) -> Tensor:
    """Mean squared error of the velocity at times t (B,) with noise z (B, F, C, H, W)."""
    at = t[:, None, None, None, None]
    mixed = ((1 - at) * z + at * batch.x).flatten(0, 1).contiguous(memory_format=torch.channels_last)
    with torch.autocast("cpu", torch.bfloat16, enabled=plan.bfloat16):
        v = net(mixed, t, batch.row, batch.augment)
    return F.mse_loss(v.float().view_as(batch.x), batch.x - z)


@torch.inference_mode()
def held_out_loss(net: FlowNet, room: Room, plan: FlowPlan) -> float:
    """The flow loss on a room as it is, noise and times by (seed, work), each work at one time of a
    stratified set; few works at several."""
    room = repeated(room, max(16, PICTURES.looked_least // net.c.frames))
    n = len(room)
    g = rng.for_(plan.seed, "look")
    normal = np.sqrt(2.0) * _inverse_erf(2 * (g.permutation(n) + 0.5) / n - 1)
    t = torch.sigmoid(torch.from_numpy(plan.time_mean + plan.time_spread * normal).float())
    z = noise(g, (n, *net.c.shape))
    total = 0.0
    for part in chunks(n, plan.batch):
        x = to_float(room.pixels[part])
        if net.c.frames < x.shape[1]:
            x = x[:, x.shape[1] // 2, None]
        x = shrunk(x, net.c.side_px)
        none = torch.zeros(len(x), 6)
        batch = Batch(x, torch.from_numpy(room.rows[part]), none, np.arange(n)[part])
        total += float(flow_loss(net, batch, t[part], z[part], plan)) * len(x)
    return total / n


def _inverse_erf(x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return torch.erfinv(torch.from_numpy(x)).numpy()


def times(g: np.random.Generator, n: int, plan: FlowPlan) -> Tensor:
    """(n,) times of a step, stratified."""
    normal = np.sqrt(2.0) * _inverse_erf(
        np.clip(2 * (g.permutation(n) + g.random(n)) / n - 1, -0.999999, 0.999999)
    )
    return torch.sigmoid(torch.from_numpy(plan.time_mean + plan.time_spread * normal).float())


def stacked(samples: list[npt.NDArray[np.uint8]], c: FlowConfig) -> npt.NDArray[np.uint8]:
    """(L, S, side, side, C)."""
    return (
        np.stack(samples) if samples else np.zeros((0, SAMPLES, c.side_px, c.side_px, c.channels), np.uint8)
    )


def repeated(room: Room, least: int) -> Room:
    """A room of at least so many, each work as often as it takes: chance in noise and times would pass for
    works that get worse."""
    at = np.tile(np.arange(len(room)), -(-least // max(1, len(room))))
    return (
        room
        if len(room) >= least
        else Room(room.pixels[at], room.rows[at], room.weights[at], tuple(room.works[int(i)] for i in at))
    )


def some_of(room: Room, most: int) -> Room:
    """At most so many works of a room, evenly from among all."""
    at = evenly(len(room), most)
    return Room(room.pixels[at], room.rows[at], room.weights[at], tuple(room.works[i] for i in at))
