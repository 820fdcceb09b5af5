"""How alike two pictures are, without any learned network: a signature for near-copies, features for
resemblance.

The signature is the gradient of brightness and colour on a 12 x 12 grid, normalised: plain grounds do not
count, and neither do size, compression, brightness and contrast. (The usual perceptual hash, signs of a
cosine transform, was tried and fails on drawings: docs/decisions/.) Features are gradients on a coarser
grid, histograms of oriented gradients (Dalal and Triggs 2005) and a histogram of colours. Knows no works.

Letters: K rows of a signature, S its width, D features.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image as Pil

from etude.config.curate import LOOKALIKE
from etude.media.pixels.arrays import UInt8, flattened, to_pil

Float32 = npt.NDArray[np.float32]
GRID = 12  # finer grids mind a trimmed border more, coarser ones miss a changed face
_BLACK, _WHITE = (0, 0, 0), (255, 255, 255)
_FLAT = 0.05  # length of a signature before it is normalised: below, the picture is of one colour


def signature(pixels: UInt8) -> Float32:
    """(2, S): the picture, and its middle without a narrow border, so that a trimmed copy is found. Zeros for
    one plain colour."""
    picture = to_pil(shown(pixels)).convert("YCbCr")
    width, height = picture.size
    x, y = LOOKALIKE.trimmed * width, LOOKALIKE.trimmed * height
    boxes = ((0.0, 0.0, float(width), float(height)), (x, y, width - x, height - y))
    return np.stack([_gradients(_small(picture, GRID, box)) for box in boxes])


def mirrored(rows: Float32) -> Float32:
    """(..., S): the signatures of the pictures seen in a mirror."""
    lead = rows.shape[:-1]
    across = rows[..., : 3 * GRID * (GRID - 1)].reshape(*lead, GRID, GRID - 1, 3)
    down = rows[..., 3 * GRID * (GRID - 1) :].reshape(*lead, GRID - 1, GRID, 3)
    return np.concatenate(
        [-across[..., ::-1, :].reshape(*lead, -1), down[..., ::-1, :].reshape(*lead, -1)], axis=-1
    )


def features(pixels: UInt8) -> Float32:
    """(D,) of length 1."""
    picture = to_pil(shown(pixels)).convert("YCbCr")
    parts = (_gradients(_small(picture, 8)), _oriented(picture), _colours(picture))
    return normalised(np.concatenate([normalised(part) for part in parts]))


def normalised(values: npt.NDArray[np.floating]) -> Float32:
    """The same direction at length 1; zeros stay zeros."""
    return (values / max(float(np.linalg.norm(values)), 1e-6)).astype(np.float32)


def shown(pixels: UInt8) -> UInt8:
    """(H, W, 3): a transparent picture on white, or on black where it would vanish on white."""
    if pixels.shape[-1] == 3:
        return pixels
    weight = pixels[..., 3].astype(np.float32)
    light = float((pixels[..., :3].mean(-1) * weight).sum() / max(1.0, weight.sum()))
    return flattened(pixels, _BLACK if light > 230 else _WHITE)


def thumbnail(pixels: UInt8, side: int = 16) -> Float32:
    """(side, side, 3) brightness and two colour differences, 0..1."""
    return _small(to_pil(shown(pixels)).convert("YCbCr"), side)


def _small(picture: Pil.Image, side: int, box: tuple[float, float, float, float] | None = None) -> Float32:
    small = picture.resize((side, side), Pil.Resampling.BICUBIC, box, reducing_gap=3.0)
    return (np.asarray(small) / 255).astype(np.float32)


def _gradients(small: Float32) -> Float32:
    across, down = small[:, 1:] - small[:, :-1], small[1:] - small[:-1]
    joined = np.concatenate([across.ravel(), down.ravel()])
    length = float(np.linalg.norm(joined))
    return (joined / length if length >= _FLAT else np.zeros_like(joined)).astype(np.float32)


def _oriented(picture: Pil.Image) -> Float32:
    """(128,): in each of 4 x 4 cells, how much brightness changes in each of 8 directions."""
    grey = _small(picture, 64)[..., 0]
    dy, dx = np.gradient(grey)
    strength = np.hypot(dx, dy)
    turn = np.arctan2(dy, dx) / (2 * np.pi) * 8
    low = np.floor(turn).astype(int)
    share = turn - low
    cell = (np.arange(64) // 16)[:, None] * 4 + (np.arange(64) // 16)[None, :]
    out = np.zeros(128, np.float32)
    for step, part in ((0, 1 - share), (1, share)):
        out += np.bincount((cell * 8 + (low + step) % 8).ravel(), (strength * part).ravel(), 128).astype(
            np.float32
        )
    return np.sqrt(out)


def _colours(picture: Pil.Image) -> Float32:
    """(144,): how much of the picture has each of 4 x 6 x 6 colours."""
    small = _small(picture, 32).reshape(-1, 3)
    bins = (np.clip(small, 0, 0.999) * np.array([4, 6, 6])).astype(int)
    return np.sqrt(
        np.bincount(bins[:, 0] * 36 + bins[:, 1] * 6 + bins[:, 2], minlength=144) / len(small)
    ).astype(np.float32)
