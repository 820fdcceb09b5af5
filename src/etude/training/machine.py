"""How fast this machine is, and how much time a budget allows on it."""

from __future__ import annotations

import ctypes
import gc
import math
import time
from contextlib import suppress

import psutil
import torch

from etude.training.budget import Budget


def speed(*, bfloat16: bool) -> float:
    """Measured FLOP/s of a matrix product of the shape that learning spends its time in."""
    dtype = torch.bfloat16 if bfloat16 else torch.float32
    a, b = torch.ones(2048, 256, dtype=dtype), torch.ones(256, 1024, dtype=dtype)
    a @ b
    best = math.inf
    for _ in range(4):
        t = time.perf_counter()
        a @ b
        best = min(best, time.perf_counter() - t)
    return 2 * 2048 * 256 * 1024 / best


def threads() -> int:
    """The cores that learning keeps busy."""
    return torch.get_num_threads()


def allowed_s(budget: Budget) -> float | None:
    """Seconds that the tightest limit of time or energy allows; None where only steps are limited."""
    limits = [] if budget.seconds is None else [budget.seconds]
    if budget.energy_kwh is not None:
        cores = psutil.cpu_count(logical=False) or 1
        limits.append(budget.energy_kwh * 3.6e6 / (7.0 * cores + 1.0))
    return min(limits) if limits else None


def give_back() -> None:
    """Let the system have the memory that was freed: glibc keeps what lies between blocks that are in use.
    Nothing elsewhere."""
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)
