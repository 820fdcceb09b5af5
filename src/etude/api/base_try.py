"""`base try`: how well each base on the shelf predicts a collection's held-out works before anything is
learned, so that a person can choose one by their own works."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import ClassVar

from etude.bases import shelf
from etude.errors import EtudeError
from etude.stats.figure import Figure
from etude.workspace.core import Workspace


@dataclass(frozen=True)
class Tried:
    """One base: its figure, or why it has none."""

    base: str
    data: str
    licence: str
    figure: Figure | None
    why: str = ""


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
    from etude.workspace.learning import Wanted, ready

    held = shelf.shelf().bases
    ws.project.collection(collection)
    out = []
    for one in held:
        said = {"on": one.name}
        wanted = Wanted(
            "trial", collection, ["1steps"], None, 0, (), False, True, None, said, time.monotonic()
        )
        figure, why = None, ""
        try:
            run = ready(ws, wanted)
            figure = run.family.before(run.course, seconds / len(held))
        except EtudeError as error:
            why = error.message
        out.append(Tried(one.name, one.data, one.licence, figure, why))
    out.sort(key=lambda one: one.figure.value if one.figure else float("inf"))
    return BaseTrial(collection, tuple(out))
