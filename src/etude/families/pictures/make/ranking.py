"""Drafts ranked by the critic, or through a network of others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from etude.config.pictures import EXPLORE
from etude.families.pictures import imagenet, random_features
from etude.families.pictures.critic import PictureCritic
from etude.families.pictures.make.request import UInt8
from etude.families.pictures.model import PictureModel, to_float


def _judged(model: PictureModel, x: Tensor, rows: Tensor, size: int) -> npt.NDArray[np.float64] | None:
    if model.onlooker is not None:
        return onlooked(model, x)
    critic = critic_of(model)
    if critic is None:
        return None
    out = []
    with torch.inference_mode():
        for i in range(0, len(x), size):
            part = x[i : i + size]
            full = torch.cat([part, part[-1:].expand(size - len(part), -1, -1, -1, -1)])
            some = rows[i : i + size]
            some = torch.cat([some, some[-1:].expand(size - len(some), -1)])
            out.append(critic(full, some)[: len(part)])
    return torch.cat(out).double().numpy()


def onlooked(model: PictureModel, x: Tensor) -> npt.NDArray[np.float64] | None:
    """(N,) how much like a work a network of others find contents (N, F, C, H, W), of clips their middle
    frames; None where they are not installed."""
    assert model.onlooker is not None
    if imagenet.weights_file() is None:
        return None
    f = imagenet.features(x[:, x.shape[1] // 2])
    out: npt.NDArray[np.float64] = (
        (f - model.onlooker["mean"]) / model.onlooker["deviation"]
    ) @ model.onlooker["weight"].astype(np.float64)
    return out


@torch.inference_mode()
def regions(critic: PictureCritic, frames: UInt8, row: Sequence[int]) -> npt.NDArray[np.float32]:
    """(F, h, w) the critic's logits of the regions of one content (F, H, W, C) that was asked for by `row`
    (K,): the lower, the less like a work."""
    logits: npt.NDArray[np.float32] = (
        critic.regions(to_float(frames)[None], torch.tensor([list(row)], dtype=torch.long)).float().numpy()
    )
    return logits


def critic_of(model: PictureModel) -> PictureCritic | None:
    """The model's critic, ready to judge; None where none was learned."""
    if model.critic_state is None or not any(name.startswith("heads.") for name in model.critic_state):
        return None  # none was learned, or one of an earlier version that no longer fits
    critic = PictureCritic(model.config, model.flow.state_dict())
    critic.load_state_dict(model.critic_state)
    return critic.eval().requires_grad_(False)


def chosen(x: Tensor, critic: npt.NDArray[np.float64] | None, n: int) -> list[int]:
    """Which of the drafts (M, F, C, H, W) are kept: the one the critic likes best first, then each time the
    one that is farthest from those kept, among the half that the critic likes better. Ascending."""
    if len(x) <= n:
        return list(range(len(x)))
    order = np.arange(len(x)) if critic is None else np.argsort(-critic, kind="stable")
    pool = order if critic is None else order[: max(n, (len(x) + 1) // 2)]
    f = random_features.features(x[:, x.shape[1] // 2], side=EXPLORE.apart_px)
    f = (f - f.mean(0)) / (f.std(0) + 1e-6)
    kept = [int(pool[0])]
    nearest = ((f - f[kept[0]]) ** 2).sum(1)
    while len(kept) < n:
        rest = [int(i) for i in pool if int(i) not in kept]
        best = max(rest, key=lambda i: (nearest[i], -i))
        kept.append(best)
        nearest = np.minimum(nearest, ((f - f[best]) ** 2).sum(1))
    return sorted(kept)
