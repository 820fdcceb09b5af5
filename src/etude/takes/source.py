"""The content that a verb goes on from, what it is called, and how a recipe names it. Knows no files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Source:
    """`ref` is what a recipe says of it: {"work": id}, {"take": id} or {"given": sha256}."""

    medium: str
    content: Any
    title: str
    ref: Mapping[str, str]

    @property
    def take(self) -> str:
        """The take that it is, or '' for anything else."""
        return self.ref.get("take", "")
