"""Pictures made larger by whole factors, without any learned network: what a small model made, at a size that
can be used.

`lanczos`: a windowed sinc three lobes wide (Duchon 1979), smooth; `nearest`: squares. Nothing is added that
was not there: these are no new details. Knows no files.
"""

from __future__ import annotations

import numpy as np
from PIL import Image as Pil

from etude.errors import WorkError
from etude.media.pixels.arrays import UInt8

UPSCALERS = ("lanczos", "nearest")
SCALES = (1, 2, 4)


def enlarge(frames: UInt8, times: int, upscaler: str = "lanczos") -> UInt8:
    """(F, times H, times W, C) of frames (F, H, W, C). Raises WorkError for other factors or upscalers."""
    if times not in SCALES:
        raise WorkError(f"Pictures are not enlarged {times} times.", f"Choose {', '.join(map(str, SCALES))}.")
    if upscaler not in UPSCALERS:
        raise WorkError(f"There is no upscaler '{upscaler}'.", f"Choose one of {', '.join(UPSCALERS)}.")
    if times == 1:
        return frames
    if upscaler == "nearest":
        return np.ascontiguousarray(frames.repeat(times, 1).repeat(times, 2))
    return np.stack([_lanczos(frame, times) for frame in frames])


def _lanczos(frame: UInt8, times: int) -> UInt8:
    height, width = frame.shape[:2]
    # with opacity Pillow weighs colours by it, so that what is transparent does not bleed
    out = np.array(Pil.fromarray(frame).resize((times * width, times * height), Pil.Resampling.LANCZOS))
    if out.shape[2] == 4:
        out[out[..., 3] == 0] = 0
    return out
