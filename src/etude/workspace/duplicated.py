"""How many takes Etude would call near-duplicates of a work that the model knows, and how many held-out works
and works among each other, since without these a count says little.

What a collection knows as near-duplicates stays on one side of its split, so that hardly any held-out work
can be one: how many works have one among the others says what motifs come in families."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from etude.audit.copying import Duplicates
from etude.config.audit import AUDIT
from etude.media import MEDIA
from etude.media.contract import Content
from etude.stats.evenly import evenly
from etude.trace.likeness import passages
from etude.workspace import measures
from etude.workspace.core import OnProgress, Parts, Workspace, with_progress
from etude.workspace.measures import Measures

Measured = Mapping[str, Measures]


def duplicates(
    ws: Workspace,
    name: str,
    learned: Parts,
    held_out: Parts,
    contents: Sequence[Content],
    size: int,
    progress: OnProgress,
) -> Duplicates:
    """Of takes of medium `name` of about `size` units; `learned`: parts of works that the model knows."""
    known, medium = _known(ws, name, learned, progress), MEDIA[name]
    takes = {f"take {i}": measures.measure(medium, one) for i, one in enumerate(contents)}
    unseen = dict(_passages(ws, name, held_out, size, progress))
    some = [list(known)[int(i)] for i in evenly(len(known), AUDIT.features)]
    paired = {work for pair in _pairs(known, some) for work in pair}
    of_takes = _pairs({**known, **takes}, list(takes))
    families = {
        take
        for pair in of_takes
        for take in pair & set(takes)
        if (pair - {take}) & _with_family(known, pair - {take})
    }
    like = {one for pair in of_takes if pair & set(known) for one in pair & set(takes)}
    of_unseen = _pairs({**known, **unseen}, list(unseen))
    floor = {one for pair in of_unseen if pair & set(known) for one in pair & set(unseen)}
    return Duplicates(
        len(like), len(families & like), len(floor), len(unseen), len(paired & set(some)), len(some)
    )


def _pairs(found: Measured, new: Sequence[str]) -> list[set[str]]:
    return [{pair.a, pair.b} for group in measures.alike(found, new) for pair in group.pairs]


def _with_family(known: Measured, works: set[str]) -> set[str]:
    """Those of the works that have a near-duplicate among the others."""
    some = [one for one in works if one in known]
    return {one for pair in _pairs(known, some) for one in pair & set(some)} if some else set()


def _known(ws: Workspace, name: str, learned: Parts, progress: OnProgress) -> Measured:
    """Works by what they are recognised by; of a divided work only what the model knows of it."""
    medium, by_work = MEDIA[name], dict[str, list[tuple[int, int]]]()
    for work, start, end in learned:
        by_work.setdefault(work, []).append((start, end))
    every = {work.id: work for work in ws.project.works() if work.id in by_work}
    whole = [one for one in every.values() if sum(b - a for a, b in by_work[one.id]) >= one.size]
    out = measures.of(ws.project, whole)
    for work in with_progress([one for one in every if one not in out], "measuring works", progress):
        for i, (start, end) in enumerate(by_work[work]):

            def built(work: str = work, start: int = start, end: int = end) -> Mapping[str, npt.NDArray[Any]]:
                return {"marks": medium.marks(medium.cut(ws.contents.read(work), start, end))}

            marks = ws.arrays("marks", f"{work} {start} {end}", built)["marks"]
            out[f"{work} {i}"] = Measures(np.zeros(0, np.int64), marks)
    return out


def _passages(
    ws: Workspace, name: str, held_out: Parts, size: int, progress: OnProgress
) -> Iterator[tuple[str, Measures]]:
    """Held-out works, in passages of about the takes' size, at most as many as are compared elsewhere."""
    medium = MEDIA[name]
    spans = []
    for work, start, end in with_progress(held_out, "measuring held-out works", progress):
        content = ws.contents.read(work)
        spans += [(work, a, b) for a, b in passages(medium, content, size, start, end)]
    for i in evenly(len(spans), AUDIT.features).tolist():
        work, a, b = spans[i]
        yield f"{work} {a}", measures.measure(medium, medium.cut(ws.contents(work), a, b))
