"""What can be counted in a picture or clip without a network: light, colour, edges, and motion.

Colourfulness as D. Hasler and S. Suesstrunk 2003 (Proc. SPIE 5007:87) measure it. Edges depend on how many
pixels a picture has: pictures are compared that have the same size.

Letters: F frames, H W pixels, C channels.
"""

from __future__ import annotations

import numpy as np

from etude.media.pixels.arrays import UInt8
from etude.media.pixels.signature import shown

EDGE = 25.0  # of 255, from one pixel to the next: what a person sees as a border
FRAMES = 8  # of a clip that are looked at


def described(frames: UInt8) -> dict[str, float]:
    """By names in words, of frames (F, H, W, C); motion where there are several."""
    every = np.unique(np.linspace(0, len(frames) - 1, min(len(frames), FRAMES)).astype(int))
    found = [_still(shown(frames[i])) for i in every]
    out = {name: float(np.mean([one[name] for one in found])) for name in found[0]}
    if frames.shape[-1] == 4:
        out["percent of pixels that are transparent"] = 100.0 * float((frames[..., 3] < 128).mean())
    if len(frames) > 1:
        steps = np.abs(np.diff(frames[..., :3].astype(np.float32), axis=0))
        out["change from frame to frame, of 255"] = float(steps.mean())
    return out


def _still(pixels: UInt8) -> dict[str, float]:
    """Of one frame (H, W, 3)."""
    x = pixels.astype(np.float64)
    red, green, blue = x[..., 0], x[..., 1], x[..., 2]
    light = 0.299 * red + 0.587 * green + 0.114 * blue
    a, b = red - green, 0.5 * (red + green) - blue
    colour = np.hypot(a.std(), b.std()) + 0.3 * np.hypot(a.mean(), b.mean())
    across, down = np.abs(np.diff(light, axis=1)) > EDGE, np.abs(np.diff(light, axis=0)) > EDGE
    borders = across.sum() + down.sum()
    return {
        "lightness, of 255": float(light.mean()),
        "contrast, of 255": float(light.std()),
        "colourfulness": float(colour),
        "percent of neighbouring pixels with an edge between": 100.0
        * float(borders / max(1, across.size + down.size)),
    }
