"""Bases tried on a collection before anything is learned."""

from __future__ import annotations

import time
from dataclasses import dataclass

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


def tried(ws: Workspace, collection: str, seconds: float) -> tuple[Tried, ...]:
    """Held-out works read with every base on the shelf, for about so many seconds in all; the base that
    predicts them best comes first."""
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
    return tuple(out)
