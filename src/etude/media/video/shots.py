"""Where a clip is cut: frames at which the picture changes all at once, and much more than around it. Knows
only frames.

Every frame is reduced to 16 x 16; the mean change between neighbours must be large, and larger than the
median change nearby, so that flicker and fast motion are no cuts. Slow fades are not found.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from etude.config.media import VIDEO
from etude.media.pixels.arrays import UInt8
from etude.media.pixels.signature import thumbnail

_AROUND = 12  # frames to either side


def changes(frames: UInt8) -> npt.NDArray[np.float32]:
    """(F - 1,) mean change from each frame to the next, 0..1, on thumbnails."""
    small = np.stack([thumbnail(frame) for frame in frames])  # (F, 16, 16, 3)
    return np.asarray(
        np.abs(small[1:] - small[:-1]).mean((1, 2, 3)) * 1.5, np.float32
    )  # of three planes two change little


def cuts(frames: UInt8, rate: float) -> list[int]:
    """The first frame of each shot but the first."""
    change = changes(frames)
    least = max(2, round(VIDEO.least_shot_s * rate))
    found: list[int] = []
    for at in np.argsort(
        -change, kind="stable"
    ).tolist():  # the strongest first, so that a flash beside it is no second cut
        if change[at] < VIDEO.cut:
            break
        around = np.concatenate([change[max(0, at - _AROUND) : at], change[at + 1 : at + 1 + _AROUND]])
        first = at + 1
        if len(around) and change[at] < VIDEO.cut_over * max(float(np.median(around)), 0.01):
            continue
        if all(abs(first - other) >= least for other in (0, len(frames), *found)):
            found.append(first)
    return sorted(found)
