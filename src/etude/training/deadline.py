"""What fits into the time that is left, by what a little of it was found to take on this machine as busy as
it is now. Knows nothing of models.

A deadline is a time of the monotonic clock, None where nothing is timed.
"""

from __future__ import annotations

import math
import time


def left(until: float | None) -> float:
    """Seconds until a deadline, at least 0; infinite where there is none."""
    return math.inf if until is None else max(0.0, until - time.monotonic())


def part(until: float | None, share: float) -> float | None:
    """The deadline of a stage that may take this share of what is left."""
    return None if until is None else time.monotonic() + share * left(until)


def affordable(most: int, each_s: float, until: float | None, share: float = 1.0) -> int:
    """How many of `most` things of so many seconds each fit into this share of what is left."""
    return most if until is None else min(most, int(share * left(until) / max(1e-9, each_s)))
