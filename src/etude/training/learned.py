"""What learning gives, the same for every medium."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy.typing as npt

from etude.training.budget import Ledger


@dataclass(frozen=True)
class Learned:
    """A model: header (JSON) and arrays for the store, its card in Markdown, what it cost, and why learning ended; `files`: further ones
    that lie beside it, by name."""

    header: dict[str, Any]
    arrays: dict[str, npt.NDArray[Any]]
    card: str
    ledger: Ledger
    ended: str
    files: Mapping[str, bytes] = field(default_factory=dict)
