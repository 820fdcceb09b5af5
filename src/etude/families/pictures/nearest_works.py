"""How near a picture lies to the works of a set, in features that no critic was learned from, and how unusual
that is.

Features come from a network with random weights (`random_features.py`), whitened half way by the works. A
picture is compared as it is, mirrored, and both without their margin, so that a copy that was mirrored or cut
is still found; one that was moved by a pixel seldom is (docs/decisions/). p-values are conformal (Bates et
al. 2021, arXiv 2104.08279, eq. 3): works held out were never learned from, so what they are like says what is
ordinary. Knows no files.

Letters: N works, M pictures, D features, K directions, H W pixels, C channels.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from etude.families.pictures import random_features
from etude.families.pictures.model import to_float, to_pixels

UInt8 = npt.NDArray[np.uint8]
Float32 = npt.NDArray[np.float32]
WHOLE = 96  # directions kept of the features of a picture
_TOGETHER = 16  # pictures of which all variants are measured at once
_AT_ONCE = 256  # pictures; in numbers they take four times the memory


def axes(x: Float32, count: int) -> tuple[Float32, Float32]:
    """Mean (D,) and the first directions (D, K) of features (N, D), divided by the deviation along them:
    differences count as they are usual."""
    mean = x.mean(0)
    deviation = x.std(0) + 1e-6
    y = ((x - mean) / deviation).astype(np.float64)
    if len(y) > y.shape[1]:  # the same directions from the small square, which is some times faster
        square, v = np.linalg.eigh(y.T @ y)
        s, vh = np.sqrt(np.maximum(square[::-1], 0.0)), v[:, ::-1].T
    else:
        _, s, vh = np.linalg.svd(y, full_matrices=False)
    kept = min(count, len(s))
    scale = np.sqrt(
        s[:kept] / np.sqrt(max(1, len(x) - 1)) + 1e-6
    )  # half way to whitening: rare directions are noise
    return mean.astype(np.float32), (vh[:kept].T / deviation[:, None] / scale).astype(np.float32)


def along(x: npt.NDArray[Any], mean: Float32, directions: Float32) -> Float32:
    """(M, K) features along the directions, of unit length."""
    y = (x - mean) @ directions
    out: Float32 = (y / np.maximum(np.linalg.norm(y, axis=1, keepdims=True), 1e-9)).astype(np.float32)
    return out


def variants(pixels: UInt8) -> list[UInt8]:
    """The picture as it is, mirrored, and both without their margin."""
    height, width = pixels.shape[:2]
    a, b = max(1, round(0.08 * height)), max(1, round(0.08 * width))
    inner = pixels[a : height - a, b : width - b] if min(height, width) >= 16 else pixels
    big = torch.nn.functional.interpolate(
        to_float(inner)[None], size=(height, width), mode="bilinear", align_corners=False
    )
    cut = to_pixels(big[0])
    return [pixels, pixels[:, ::-1], cut, cut[:, ::-1]]


@dataclass(frozen=True)
class ReferenceSet:
    """Works to compare with: features along the directions (N, K) of unit length, mean (D,), directions (D,
    K), and the greatest similarities of works held out (n,), of clips over `looked` (n,) frames of each."""

    whole: Float32
    mean: Float32
    directions: Float32
    usual: Float32
    looked: npt.NDArray[np.int32]

    def similar(self, pixels: UInt8) -> Float32:
        """(N,) the greatest similarity of any variant of a picture (H, W, C) to each work."""
        out: Float32 = self._of_variants([pixels]).max(0)
        return out

    def nearest(self, pictures: Sequence[UInt8]) -> Float32:
        """(M,) the greatest similarity of each picture (H, W, C) to any work."""
        out = [
            self._of_variants(pictures[i : i + _TOGETHER]).max(1).reshape(-1, 4).max(1)
            for i in range(0, len(pictures), _TOGETHER)
        ]
        return np.concatenate(out) if out else np.zeros(0, np.float32)

    def _of_variants(self, pictures: Sequence[UInt8]) -> Float32:
        """(4 M, N)."""
        x = to_float(np.stack([np.ascontiguousarray(one) for pixels in pictures for one in variants(pixels)]))
        return along(random_features.features(x), self.mean, self.directions) @ self.whole.T

    def p(self, similarity: float, looked: int = 1) -> float:
        """The p-value of the greatest similarity that any of the `looked` frames of a take has. A clip is
        compared with clips, and each held out counts by its nearest frame too; one of which fewer frames were
        looked at counts as often as it takes, since by chance more frames are near more often."""
        often = self._often(looked)
        return (
            min(1.0, float(often.mean() + often[self.usual >= similarity].sum()) / (len(often) + 1))
            if len(often)
            else 1.0
        )

    def least(self, looked: int = 1) -> float:
        """The smallest p-value there is for so many frames: where it is above alpha, nothing can be
        flagged."""
        return self.p(np.inf, looked)

    def needed(self, alpha: float, looked: int = 1) -> int:
        """How many works must be held out for a p-value of alpha."""
        often = self._often(looked)
        return math.ceil(round(float(often.mean() if len(often) else 1.0) / alpha, 6)) - 1

    def _often(self, looked: int) -> npt.NDArray[np.float64]:
        return np.maximum(1.0, looked / self.looked)

    def unusual(self, frames: Sequence[UInt8]) -> float:
        """The p-value of a picture's or a clip's nearness, of which these are the frames (H, W, C)."""
        return self.p(max(float(self.similar(pixels).max()) for pixels in frames), len(frames))


def features(pictures: Sequence[UInt8]) -> Float32:
    """(M, D) of pictures (H, W, C) of one size."""
    parts = (pictures[i : i + _AT_ONCE] for i in range(0, len(pictures), _AT_ONCE))
    return np.concatenate(
        [random_features.features(to_float(np.stack(part))).astype(np.float32) for part in parts]
    )


def shelf(works: Sequence[UInt8], held_out: Sequence[Sequence[UInt8]]) -> ReferenceSet:
    """Works (H, W, C) to compare with, of clips some frames each, and what is usual by works held out, each
    the frames that are looked at."""
    whole = features(works)
    mean, directions = axes(whole, WHOLE)
    counts = np.array([len(frames) for frames in held_out], np.int32)
    empty = ReferenceSet(along(whole, mean, directions), mean, directions, np.zeros(0, np.float32), counts)
    return replace(empty, usual=np.array([empty.nearest(frames).max() for frames in held_out], np.float32))
