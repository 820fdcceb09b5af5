"""A collection as points of a map: each short work is one, a long work some of its passages; and the regions
of the map, named by their works.

Features are computed by the medium and kept in .etude/; the map itself is `curate/landscape.py`.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from etude.config.curate import CURATE
from etude.curate import coverage, report
from etude.curate.coverage import Described
from etude.curate.landscape import Landscape, landscape
from etude.curate.report import Region
from etude.media.contract import Medium
from etude.stats.evenly import evenly
from etude.store.works import Work
from etude.workspace.core import OnProgress, Workspace


@dataclass(frozen=True)
class Points:
    """The points of the map: the work of each, where it lies in it, and the landscape of them all."""

    works: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    land: Landscape
    passage: int


def points_of(ws: Workspace, medium: Medium, works: Sequence[Work], progress: OnProgress) -> Points:
    """The works as points: a short one is one, a long one is some of its passages."""
    total = sum(work.size for work in works)
    size = max(CURATE.passage * medium.least_part, total // CURATE.points)
    whole = all(work.size < 1.5 * size for work in works)
    spans: list[tuple[str, int, int]] = []
    if whole:
        spans = [(works[int(i)].id, 0, works[int(i)].size) for i in evenly(len(works), 2 * CURATE.points)]
    else:
        many = [max(1, round(work.size / size)) for work in works]
        step = max(1.0, sum(many) / CURATE.points)
        for work, n in zip(works, many, strict=True):
            for i in evenly(n, max(1, round(n / step))):
                start = int(i) * work.size // n
                spans.append((work.id, start, min(work.size, (int(i) + 1) * work.size // n)))
    key = hashlib.sha256(repr(("points 1", medium.name, spans)).encode()).hexdigest()
    features = np.asarray(
        ws.arrays("points", key, lambda: {"features": _features(ws, medium, spans, progress)})["features"],
        np.float32,
    )
    progress(len(spans), len(spans), "laying out the map")
    places = tuple((start, end) for _, start, end in spans)
    return Points(tuple(s[0] for s in spans), places, landscape(features), 0 if whole else size)


def _features(
    ws: Workspace, medium: Medium, spans: Sequence[tuple[str, int, int]], progress: OnProgress
) -> npt.NDArray[np.float32]:
    rows: list[npt.NDArray[np.float32]] = []
    last, content = "", None
    for i, (work_id, start, end) in enumerate(spans):
        progress(i, len(spans), "measuring")
        if work_id != last:
            last, content = work_id, ws.contents.read(work_id)
        whole = start == 0 and end >= medium.size(content)
        rows.append(medium.features(content if whole else medium.cut(content, start, end)))
    return np.stack(rows) if rows else np.zeros((0, 1), np.float32)


def regions_of(points: Points, works: Sequence[Described]) -> tuple[Region, ...]:
    """The regions of the map, the largest first, each with its works nearest to the middle."""
    known = {work.id: work for work in works}
    land, n = points.land, max(1, len(points.works))
    out = []
    for r in range(land.regions):
        inside = np.flatnonzero(land.region == r)
        ids = list(dict.fromkeys(points.works[int(i)] for i in inside))
        order = inside[np.argsort(((land.at[inside] - land.at[land.centre[r]]) ** 2).sum(1), kind="stable")]
        order = np.concatenate([land.centre[r : r + 1], order])
        near = list(dict.fromkeys(points.works[int(i)] for i in order))[:3]
        share, alone = len(inside) / n, float(np.mean(land.alone[inside]))
        thin = share < CURATE.small / land.regions and alone > CURATE.thin
        out.append(
            Region(
                r + 1,
                len(inside),
                len(ids),
                share,
                round(alone, 3),
                thin,
                tuple((i, known[i].title) for i in near),
                _mostly([known[points.works[int(i)]] for i in inside], works),
            )
        )
    return tuple(out)


def _mostly(inside: Sequence[Described], works: Sequence[Described]) -> str:
    """What sets the works of a region apart: the value that is most over-represented among them, if it is
    that of at least a third."""
    best, said = 1.5, ""
    keys = [coverage.MAKER, *dict.fromkeys(key for work in works for key in work.attrs)]
    for key in keys:
        every = Counter(work.value(key) for work in works)
        if len(every) > CURATE.labels * len(works) and key != coverage.MAKER:
            continue
        units = sum(work.size for work in works)
        for value, n in Counter(work.value(key) for work in inside).most_common(1):
            usual = sum(work.size for work in works if work.value(key) == value) / max(1, units)
            share = n / len(inside)
            if value and share >= 1 / 3 and share / max(usual, 1e-9) > best:
                best = share / max(usual, 1e-9)
                said = f"{report.percent(share)} {report.named(key, value)}"
    return said
