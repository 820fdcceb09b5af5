"""How alike two sets of pictures are: features that nothing was learned from, the kernel distance, and
coverage.

The features come from a small convolutional network with weights drawn once from a fixed seed. Untrained
networks are a useful space for judging generators (Naeem et al. 2020, arXiv 2002.09797, section 4; Morozov et
al. 2021), and no critic can have learned to please it; it sees colour, edge and texture at several sizes, and
knows no objects. The benches judge beside it in an ImageNet network's features.

Kernel inception distance (Binkowski et al. 2018, arXiv 1801.01401): the unbiased squared MMD with the kernel
(x y / D + 1)^3. Coverage (Naeem et al. 2020, eq. 9): the share of real works that have a take among their k
nearest neighbours' distance. Knows no files.

Letters: N pictures, D features, C channels, H W pixels.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from etude import rng
from etude.config.trust import TRACE
from etude.stats.kernel_distance import Floats

_WIDTHS = (32, 64, 96)
SIDE_PX = 64  # everything is looked at in this size


@lru_cache(maxsize=2)
def _weights(channels: int) -> tuple[Tensor, ...]:
    g = rng.for_(0, "looks", channels)
    out, before = [], channels
    for width in _WIDTHS:
        w = g.standard_normal((width, before, 5, 5), dtype=np.float32) * math.sqrt(2.0 / (before * 25))
        if before == channels:
            w -= w.mean((1, 2, 3), keepdims=True) * 0.5
        out.append(torch.from_numpy(w))
        before = width
    return tuple(out)


@torch.inference_mode()
def features(x: Tensor, *, side: int = SIDE_PX) -> Floats:
    """(N, D) of pictures (N, C, H, W) in -1..1: mean and deviation of every channel in the quarters of each
    scale, looked at `side` pixels wide."""
    rows = []
    for part in x.split(64):  # type: ignore[no-untyped-call]
        h = F.interpolate(
            part, size=(side, side), mode="bilinear", align_corners=False, antialias=part.shape[-1] > side
        )
        found = [F.adaptive_avg_pool2d(h, 4).flatten(1) * 2.0]
        for w in _weights(x.shape[1]):
            h = F.relu(F.conv2d(h, w, padding=2))
            mean = F.adaptive_avg_pool2d(h, 2)
            spread = (F.adaptive_avg_pool2d(h * h, 2) - mean * mean).clamp_min(0).sqrt()
            found += [mean.flatten(1), spread.flatten(1)]
            h = F.avg_pool2d(h, 2)
            h = h / h.pow(2).mean((1, 2, 3), keepdim=True).sqrt().clamp_min(1e-6)
        rows.append(torch.cat(found, 1))
    out: Floats = torch.cat(rows).double().numpy()
    return out


PATCHES = TRACE.grid  # a picture is compared by 8 x 8 regions, each seen with some of what surrounds it


@torch.inference_mode()
def patches(x: Tensor) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
    """Features (N, 64, D) of the regions of pictures (N, C, H, W), and which regions hold anything (N, 64):
    an empty one is like every other."""
    rows, held = [], []
    first, second = _weights(x.shape[1])[:2]
    for part in x.split(64):  # type: ignore[no-untyped-call]
        h = F.interpolate(
            part,
            size=(SIDE_PX, SIDE_PX),
            mode="bilinear",
            align_corners=False,
            antialias=part.shape[-1] > SIDE_PX,
        )
        mean = F.adaptive_avg_pool2d(h, PATCHES)
        spread = (F.adaptive_avg_pool2d(h * h, PATCHES) - mean * mean).clamp_min(0).sum(1)
        held.append((spread > 0.02).flatten(1))  # grain is nothing
        a = F.relu(F.conv2d(h, first, padding=2))
        a = F.avg_pool2d(a, 2)
        b = F.relu(F.conv2d(a, second, padding=2))
        m = F.adaptive_avg_pool2d(b, PATCHES)
        s = (F.adaptive_avg_pool2d(b * b, PATCHES) - m * m).clamp_min(0).sqrt()
        # finer than a region: the colours of its quarters, so that the way they lie counts
        quarters = F.pixel_unshuffle(F.adaptive_avg_pool2d(h, 2 * PATCHES), 2)
        rows.append(torch.cat([m, s, 3.0 * quarters], 1).flatten(2).transpose(1, 2))
    return torch.cat(rows).numpy(), torch.cat(held).numpy()
