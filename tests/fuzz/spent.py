"""What one call takes of the machine: processor time, and room beyond what was held before it.

By the processor and not by the clock, since other work on the machine is no fault of a file. The largest room
that a process ever held says nothing of the files after the greediest one; Linux can forget it before a call.
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

_PEAK, _FORGET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


class Spent:
    """`seconds` and `room_bytes` since it was made."""

    def __init__(self) -> None:
        self._exact = _forgotten()
        self._before = _kilobytes("VmRSS") if self._exact else _largest()
        self._start = time.process_time()

    @property
    def seconds(self) -> float:
        """Processor time of all threads."""
        return time.process_time() - self._start

    @property
    def room_bytes(self) -> int:
        """The most that was held at once, beyond what was held at the start."""
        return ((_kilobytes("VmHWM") if self._exact else _largest()) - self._before) * 1024


def _forgotten() -> bool:
    """Whether the system now counts anew."""
    try:
        _FORGET.write_text("5")
    except OSError:
        return False
    return True


def _kilobytes(name: str) -> int:
    return int(_PEAK.read_text().partition(f"{name}:")[2].split()[0])


def _largest() -> int:
    """Of the whole life of the process."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 if sys.platform == "darwin" else 1)
