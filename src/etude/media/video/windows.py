"""Windows of one number of frames, as a network of clips sees them.

A loop that is longer than a window is taken whole, at fewer frames a second, so that it stays a loop; anything else keeps its rate and is
cut into windows that do not overlap.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from etude.media.video.clip import closes

UInt8 = npt.NDArray[np.uint8]


def windows(frames: UInt8, count: int, *, whole: bool) -> Iterator[tuple[UInt8, float]]:
    """Windows of `count` frames (F, H, W, C), each with the share of the rate that it keeps; of shorter clips, frames are held."""
    return ((frames[at], share) for at, share in windows_at(frames, count, whole=whole))


def windows_at(frames: UInt8, count: int, *, whole: bool) -> Iterator[tuple[npt.NDArray[np.int64], float]]:
    """Which frames each window holds (`count`,), and its share of the rate. `whole`: these are all frames of the clip."""
    n = len(frames)
    if n < count or (whole and closes(frames)):
        yield np.floor(np.arange(count) * n / count).astype(np.int64), count / n
        return
    for start in range(0, n - count + 1, count):
        yield np.arange(start, start + count), 1.0
