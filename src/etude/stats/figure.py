"""A figure that a person may see: value, n, interval."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

Z90 = 1.645  # standard deviations on each side of a 90 % interval of a normal distribution


@dataclass(frozen=True)
class Figure:
    """A figure on held-out works: value, 90 % interval over works (or stretches of works), n units measured,
    the unit's name."""

    value: float
    low: float
    high: float
    n: int
    unit: str

    def to_json(self) -> dict[str, Any]:
        return {"value": self.value, "low": self.low, "high": self.high, "n": self.n, "unit": self.unit}


def wilson(share: float, n: int) -> tuple[float, float]:
    """Middle and half width of the 90 % interval of a share that was counted in n cases (E. B. Wilson 1927,
    J. Am. Stat. Assoc. 22:209)."""
    z = Z90
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return middle, half
