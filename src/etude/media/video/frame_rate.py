"""From the times at which frames are shown to a constant rate.

Files give each frame a time. Telephones let it waver, GIFs round it to hundredths of a second and hold some
frames longer; a network wants equal steps. So the lowest constant rate is looked for at which every frame
still starts on time, frames that are held longer being repeated; where there is none, the times are sampled
at the usual rate. Knows no files.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from etude.config.media import VIDEO
from etude.errors import WorkError


@dataclass(frozen=True)
class Grid:
    """`rate` in frames a second, and which of the given frames is shown at each step; `exact`: every frame
    starts on time."""

    rate: float
    order: npt.NDArray[np.int64]
    exact: bool


def constant(starts_s: npt.NDArray[np.float64], end_s: float) -> Grid:
    """The grid for frames that start at `starts_s` (ascending) and end at `end_s`. Raises WorkError for too
    many steps."""
    starts = starts_s - starts_s[0]
    total = max(float(end_s - starts_s[0]), float(starts[-1]) + 1e-3)
    count = len(starts)
    if count == 1:
        return Grid(1 / total, np.zeros(1, np.int64), True)
    steps = np.diff(np.append(starts, total))
    least = max(float(steps.min()), 1 / VIDEO.max_rate)
    most = min(VIDEO.max_frames, max(count, int(np.ceil(total / least * 1.1))))
    if count <= VIDEO.max_rate * total * (1 + 1e-6):
        for n in range(count, min(most, 4 * count + 400) + 1):
            places = starts * (n / total)
            near = np.round(places)
            if np.abs(places - near).max() <= VIDEO.on_time and (np.diff(near) > 0).all() and near[-1] < n:
                # From the starts, where there are enough: of all times in a file, that of the last frame is the
                # least reliable.
                rate = float(np.polyfit(starts, near, 1)[0]) if near[-1] >= 8 else n / total
                return Grid(_tidy(rate), np.searchsorted(near, np.arange(n), side="right") - 1, True)
    return _sampled(starts, steps, total)


def _sampled(starts: npt.NDArray[np.float64], steps: npt.NDArray[np.float64], total: float) -> Grid:
    """The frame shown at each step of the usual (median) rate."""
    rate = min(VIDEO.max_rate, 1 / max(float(np.median(steps)), 1e-3))
    n = max(1, round(total * rate))
    if n > VIDEO.max_frames:
        raise WorkError(
            f"This clip lasts {total:,.0f} s, {n:,} frames at {rate:.1f} a second; "
            f"at most {VIDEO.max_frames:,} are read.",
            "Cut it into shorter clips and add those.",
        )
    times = (np.arange(n) + 0.5) / rate
    return Grid(_tidy(rate), np.maximum(np.searchsorted(starts, times, side="right") - 1, 0), False)


def _tidy(rate: float) -> float:
    """24 for 24.0003: what a file's rounding of times left, within one in a thousand; 24000/1001 stays."""
    for known in (*range(1, 61), 24000 / 1001, 30000 / 1001, 60000 / 1001):
        if abs(rate - known) <= 2e-4 * known:
            return float(known)
    return round(rate, 3)
