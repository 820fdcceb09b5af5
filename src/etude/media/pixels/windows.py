"""Windows of one number of frames, as a network of clips sees them.

A loop that is longer than a window is taken whole, at fewer frames a second, so that it stays a loop;
anything else keeps its rate and is cut into windows that do not overlap.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from etude.media.values import UInt8


def closes(frames: UInt8) -> bool:
    """Whether the last of the frames (F, H, W, C) leads back to the first: that step is no larger than twice
    the usual one."""
    small = frames[:, ::2, ::2].astype(np.int16)
    steps = np.abs(np.diff(small, axis=0)).mean((1, 2, 3))
    return bool(np.abs(small[0] - small[-1]).mean() <= max(2.0 * float(np.median(steps)), 0.5))


def windows(frames: UInt8, count: int, *, whole: bool) -> Iterator[tuple[UInt8, float]]:
    """Windows of `count` frames (F, H, W, C), each with the share of the rate that it keeps; of shorter
    clips, frames are held."""
    return ((frames[at], share) for at, share in windows_at(frames, count, whole=whole))


def windows_at(frames: UInt8, count: int, *, whole: bool) -> Iterator[tuple[npt.NDArray[np.int64], float]]:
    """Which frames each window holds (`count`,), and its share of the rate. `whole`: these are all frames of
    the clip."""
    n = len(frames)
    if n < count or (whole and closes(frames)):
        yield np.floor(np.arange(count) * n / count).astype(np.int64), count / n
        return
    for start in range(0, n - count + 1, count):
        yield np.arange(start, start + count), 1.0
