"""Since when this process runs: a budget counts from the command's start, and loading the libraries is part
of it. Knows nothing of models.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import psutil

_STAT = Path("/proc/self/stat")
_STARTED = 19  # the field of starttime in /proc/PID/stat, counted behind the name (proc(5))


def process_start() -> float:
    """The monotonic time at which this process began."""
    return time.monotonic() - max(0.0, _age_s())


def _age_s() -> float:
    """How old the process is, by a clock that nobody sets where the system has one."""
    try:
        ticks = int(_STAT.read_text().rpartition(")")[2].split()[_STARTED])
        return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, AttributeError, ValueError, IndexError):
        return time.time() - psutil.Process().create_time()
