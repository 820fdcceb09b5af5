"""Which sizes takes can have: by the side of the network, the size of the works, and what was asked for.
Knows no networks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from etude.config.pictures import ENLARGE

FACTORS = (2, 4, 8)


def usual_factor(side_px: int, works_px: int) -> int:
    """How many times takes are enlarged where nothing is said: as far as most works are large, up to
    ENLARGE.most_px, and not at all where less than ENLARGE.least_px would come of it. `works_px`: the median
    side of the works as they are framed."""
    fits = [
        factor
        for factor in FACTORS
        if factor <= ENLARGE.usual and ENLARGE.least_px <= side_px * factor <= min(ENLARGE.most_px, works_px)
    ]
    return max(fits, default=1)


def large_side(header: Mapping[str, Any]) -> int | None:
    """The side of takes that the model of this header can enlarge; None where it has learned no
    enlargement."""
    about = header.get("enlarge") or {}
    return int(header["net"]["side_px"]) * int(about["factor"]) if about else None


def usual_side(header: Mapping[str, Any]) -> int | None:
    """The side of takes where nothing is said, where that is not the network's own."""
    return large_side(header) if (header.get("enlarge") or {}).get("used") else None
