"""A clip: frames at a constant rate, silent. The content of the video medium. Knows no file formats.

Letters: F frames, H W pixels, C channels (3, or 4 with opacity).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from etude.media.pixels.arrays import UInt8, pack, unpack


@dataclass(frozen=True, eq=False)
class Clip:
    """`frames` uint8 (F, H, W, C), sRGB; `rate` in frames a second."""

    frames: UInt8
    rate: float

    def __eq__(self, other: object) -> bool:
        """Equal frames at an equal rate."""
        return (
            isinstance(other, Clip) and self.rate == other.rate and np.array_equal(self.frames, other.frames)
        )

    def __hash__(self) -> int:
        """Of the shape and the rate: equal clips agree in both."""
        return hash((self.frames.shape, self.rate))

    @property
    def seconds(self) -> float:
        """How long it lasts, the last frame included."""
        return len(self.frames) / self.rate


def store(clip: Clip) -> bytes:
    """The frames as they are, after one line of JSON."""
    return pack(clip.frames, {"kind": "video", "rate": clip.rate})


def load(data: bytes) -> Clip:
    """What `store` wrote. Raises WorkError for anything else."""
    from etude.errors import WorkError

    frames, about = unpack(data, 4)
    rate = about.get("rate")
    if not isinstance(rate, int | float) or not 0 < rate < 1e6:
        raise WorkError("A stored clip is damaged (it has no frame rate).", "etude repair")
    return Clip(frames, float(rate))
