"""What learning gives, the same for every medium."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy.typing as npt

from etude.learn.budget import Ledger


@dataclass(frozen=True)
class Learned:
    """A model: header (JSON) and arrays for the store, its card in Markdown, what it cost, and why learning ended."""

    header: dict[str, Any]
    arrays: dict[str, npt.NDArray[Any]]
    card: str
    ledger: Ledger
    ended: str
