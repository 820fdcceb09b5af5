"""What an audit learns anew to see how a model bears works that are wrong: with other seeds, with works under
another's name, and with one work that floods the rest. What every training gave is kept, so that an audit
that was stopped goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from etude import rng
from etude.audit.report import Section
from etude.audit.robustness import LEAST_SEEDS, Standing, Tried, robustness
from etude.config.audit import AUDIT
from etude.errors import EtudeError
from etude.families.course import Lesson
from etude.media import MEDIA
from etude.stats.evenly import evenly
from etude.store.models import ModelInfo
from etude.training.budget import Budget
from etude.workspace.core import OnProgress, Parts, Workspace, with_progress
from etude.workspace.generators import generator
from etude.workspace.trace_test import relearned

Change = Callable[[Lesson], Lesson]
SHARES = (0.01, 0.05, 0.10)
WRONG, FLOOD = "Works under another's name", "One work that floods the rest"


def section(
    ws: Workspace, model: ModelInfo, train: Parts, size: int, budget: str, progress: OnProgress
) -> Section:
    """The section of an audit; `size`: units of a take. Raises BudgetError for a budget in which nothing can
    be learned."""
    units: dict[str, int] = {}
    for work, start, end in train:
        units[work] = units.get(work, 0) + end - start
    every = list(dict.fromkeys(str(row[0]) for row in model.header["parts"]))
    plans: list[tuple[str, float, int, Change | None]] = [
        ("", 0.0, seed, None) for seed in range(LEAST_SEEDS)
    ]
    plans += [(WRONG, share, 0, _wrong(ws, units, share)) for share in SHARES if _makers(ws, units) > 1]
    plans += [(FLOOD, share, 0, _flood(units, share)) for share in SHARES]
    seeds, kinds, unit = list[float](), {WRONG: dict[float, float](), FLOOD: dict[float, float]()}, ""
    for kind, share, seed, change in with_progress(plans, "training with some works wrong", progress):
        value, unit = _cost(ws, model, every, budget, kind, share, seed, change)
        if not np.isfinite(value):
            continue
        if kind:
            kinds[kind][share] = value
        else:
            seeds.append(value)
    tried = Tried(seeds, kinds, unit, Budget.parse([budget]).describe())
    return robustness(tried, _standing(ws, model, train, size, progress))


def _cost(
    ws: Workspace,
    model: ModelInfo,
    works: list[str],
    budget: str,
    kind: str,
    share: float,
    seed: int,
    change: Change | None,
) -> tuple[float, str]:
    """What held-out works cost the model that was learned so, not a number where none are held out; and the
    unit."""
    key = f"1 {model.id} {model.hash} {budget} {kind} {share} {seed}"

    def built() -> Mapping[str, npt.NDArray[Any]]:
        header, _ = relearned(ws, model, works, budget, seed=seed, lessons=change)
        found = header.get("held_out") or {}
        words = str(found.get("unit", "")).encode()
        return {"value": np.array([found.get("value", np.nan)]), "unit": np.frombuffer(words, np.uint8)}

    kept = ws.arrays("robust", key, built)
    return float(kept["value"][0]), np.asarray(kept["unit"], np.uint8).tobytes().decode()


def _makers(ws: Workspace, units: Mapping[str, int]) -> int:
    return len({work.maker for work in ws.project.works() if work.id in units})


def _some(units: Mapping[str, int], share: float, what: str) -> list[str]:
    """So many works by chance, at least one."""
    order = rng.for_(0, what).permutation(len(units))
    names = list(units)
    return [names[int(i)] for i in order[: max(1, round(share * len(names)))]]


def _wrong(ws: Workspace, units: Mapping[str, int], share: float) -> Change:
    """Some works under the name, and with the attributes, of another maker's."""
    known = [work for work in ws.project.works() if work.id in units]
    g, changed = rng.for_(0, "audit-wrong-maker"), {}
    for name in _some(units, share, "audit-wrong"):
        own = next(work for work in known if work.id == name)
        others = [work for work in known if work.maker != own.maker]
        if others:
            changed[name] = others[int(g.integers(len(others)))]

    def change(lesson: Lesson) -> Lesson:
        other = changed.get(lesson.work_id)
        return lesson if other is None else replace(lesson, maker=other.maker, attrs=other.attrs)

    return change


def _flood(units: Mapping[str, int], share: float) -> Change:
    """One work, learned from so often that it is this share of all on top of its own."""
    name = _some(units, 0.0, "audit-flood")[0]
    more = share / (1 - share) * sum(units.values()) / max(1, units[name])
    return lambda lesson: replace(lesson, weight=lesson.weight + more) if lesson.work_id == name else lesson


def _standing(
    ws: Workspace, model: ModelInfo, train: Parts, size: int, progress: OnProgress
) -> list[Standing]:
    """What a passage from the middle of each training work costs the model."""
    learned, medium = generator(ws, model, progress).influence(), MEDIA[model.medium]
    if learned is None:
        return []
    titles = {work.id: work.title for work in ws.project.works()}
    first = list({work: (work, start, end) for work, start, end in train}.values())
    out = []
    for i in with_progress(
        evenly(len(first), AUDIT.features).tolist(), "looking for works that stand out", progress
    ):
        work, start, end = first[i]
        at = max(start, (start + end - size) // 2)
        passage = medium.cut(ws.contents(work), at, min(end, at + size))
        try:
            out.append(Standing(titles.get(work, work), float(learned.costs([passage])[0])))
        except EtudeError:
            continue
    return out
