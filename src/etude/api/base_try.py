"""`base try`: how well each base on the shelf predicts a collection's held-out works before anything is
learned, so that a person can choose one by their own works."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from etude.workspace.core import Workspace
from etude.workspace.trying import Tried, tried


@dataclass(frozen=True)
class BaseTrial:
    """The bases, the one that predicts the works best first. Less is better."""

    schema: ClassVar[str] = "etude.base-trial/1"
    collection: str
    bases: tuple[Tried, ...]

    @property
    def best(self) -> str:
        """The base to begin with; empty where none could be tried."""
        return self.bases[0].base if self.bases and self.bases[0].figure else ""


def base_try(ws: Workspace, /, collection: str, *, seconds: float = 60.0) -> BaseTrial:
    """Read held-out works of a collection with every base on the shelf, for about so many seconds in all.

    Raises ProjectError for an unknown collection, ConsentError where something may not be learned from.
    """
    return BaseTrial(collection, tried(ws, collection, seconds))
