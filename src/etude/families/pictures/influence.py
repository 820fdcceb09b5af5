"""Attribution by gradients, of a flow network: the gradient of each content's flow loss with respect to the
last convolution is a sum over places of what is wrong there times what the layer saw, at a few times of the
way with noise by name; both sides are projected at random. The critic, the refined network and the
enlargement are none of it. After Park et al. 2023 (arXiv 2303.14186) and, for diffusion, Zheng et al. 2023
(arXiv 2311.00500), who project the gradients of all layers.

Letters: N contents, F frames, C channels, H W pixels, h w places of the last layer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from etude import rng
from etude.families.pictures.controls import of_model, shaped
from etude.families.pictures.model import PictureModel, to_float
from etude.families.pictures.noise import noise
from etude.media.contract import Content

TIMES = (0.15, 0.4, 0.65, 0.9)
SEEN, WRONG = 24, 12
TOGETHER = 32
Floats = npt.NDArray[np.float64]


class PictureInfluence:
    """Of one model; `header`: as it was stored."""

    def __init__(self, model: PictureModel, header: Any) -> None:
        self._model, self._header = model, header

    def costs(self, contents: Sequence[Content]) -> Floats:
        """The mean flow loss over times."""
        out = np.zeros(len(contents))
        for at, _, wrong in self._passes(contents):
            out[at] += wrong.pow(2).flatten(1).mean(1).double().numpy() / len(TIMES)
        return out

    def gradients(self, contents: Sequence[Content]) -> Floats:
        """(N, SEEN WRONG)."""
        g, out = rng.for_(0, "influence"), np.zeros((len(contents), SEEN * WRONG))
        a = b = None
        for at, seen, wrong in self._passes(contents):
            places = F.pixel_unshuffle(wrong.flatten(0, 1), self._model.config.patch)
            if a is None or b is None:
                a, b = _matrix(g, seen.shape[1], SEEN), _matrix(g, places.shape[1], WRONG)
            left = torch.einsum("nchw,ca->nahw", seen, a).flatten(2)
            right = torch.einsum("nchw,cb->nbhw", places, b).flatten(2)
            both = torch.einsum("nap,nbp->nab", left, right) / left.shape[-1]
            both = both.view(len(wrong), -1, SEEN * WRONG).mean(1)  # over the frames of a clip
            out[at] += both.double().numpy() / len(TIMES)
        return out

    @torch.inference_mode()
    def _passes(self, contents: Sequence[Content]) -> Iterator[tuple[slice, Tensor, Tensor]]:
        """Batch by batch and time by time: what the last layer saw (N F, D, h, w), and by how much the
        velocity was wrong (N, F, C, H, W)."""
        model, caught = self._model, list[Tensor]()
        hook = model.flow.leave.register_forward_pre_hook(lambda _, inputs: caught.append(inputs[0]))
        try:
            for start in range(0, len(contents), TOGETHER):
                some = contents[start : start + TOGETHER]
                x = to_float(np.stack([self._frames(one) for one in some]))
                row = torch.zeros(len(x), len(model.conditions), dtype=torch.long)
                for k, t in enumerate(TIMES):
                    z = noise(rng.for_(0, "influence-noise", k), model.config.shape)[None].expand_as(x)
                    caught.clear()
                    v = model.velocity((1 - t) * z + t * x, t, row)
                    yield slice(start, start + len(x)), caught[0].float(), v.float() - (x - z)
        finally:
            hook.remove()

    def _frames(self, content: Content) -> npt.NDArray[np.uint8]:
        """(F, H, W, C) as the model sees it."""
        return shaped(self._header, of_model(self._header)[0].frames(content))


def _matrix(g: np.random.Generator, n: int, m: int) -> Tensor:
    return torch.from_numpy((g.standard_normal((n, m)) / np.sqrt(m)).astype(np.float32))
