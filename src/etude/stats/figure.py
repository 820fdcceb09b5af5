"""A figure that a person may see: value, n, interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


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
