"""The test that attribution must pass on a person's own model before a trace speaks of influence: models are
learned anew from random halves of its groups of works, and what attribution foretold is compared with what
that did to takes.

What every half gave is kept, so that a test that was stopped goes on; it lies beside the model when it is
done."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from etude import rng
from etude.config.trust import INFLUENCE
from etude.errors import EtudeError, ModelError, TakeError, WorkError
from etude.families import family_of
from etude.families.course import Course, Lesson
from etude.families.influence import Influence
from etude.media.contract import Content
from etude.stats.lds import apart, lds
from etude.store.log import now
from etude.store.models import ModelInfo
from etude.trace import influence
from etude.trace.influence import TraceTest
from etude.training.budget import Budget
from etude.workspace import audit_takes
from etude.workspace.audits import TESTED
from etude.workspace.core import OnProgress, Workspace
from etude.workspace.generators import generator
from etude.workspace.host import host
from etude.workspace.influences import Groups, groups_of, looked_at, passages_of

Floats = npt.NDArray[np.float64]
WAYS = (influence.GRADIENTS, influence.LIKENESS, influence.COSINE, influence.SIZE, influence.CHANCE)


def test(ws: Workspace, name: str, *, by: str, halves: int, budget: str, progress: OnProgress) -> TraceTest:
    """Test a model, and keep what came beside it. Raises TakeError where its works fall into too few groups,
    ModelError where it lends no gradients, BudgetError for a budget in which nothing can be learned."""
    began, model = time.monotonic(), ws.project.model(name)
    Budget.parse([budget])
    learned = generator(ws, model, progress).influence()
    if learned is None:
        raise ModelError(f"{model.id} learns by no gradients: its influence cannot be tested.", "etude trace")
    groups = groups_of(ws, model, by)
    chosen = _halves(len(groups.names), halves)
    takes, _ = audit_takes.made(ws, model, INFLUENCE.contents, INFLUENCE.seconds, progress)
    contents = [one.content for one in takes]
    passages = passages_of(ws, model, groups, contents[0], learned, progress)
    features, gradients = looked_at(model, contents), learned.gradients(contents)
    costs = np.stack(
        [
            _costs(ws, model, groups, half, budget, contents, partial(_told, progress, i, len(chosen)))
            for i, half in enumerate(chosen)
        ],
        1,
    )
    known = np.where(np.isfinite(costs), costs, -np.inf).max(1, keepdims=True)
    kept = -np.where(np.isfinite(costs), costs, np.where(np.isfinite(known), known, 0.0) + 1.0)
    rows = {}
    for way in WAYS:
        each = influence.by_passage(way, features, gradients, passages)
        scores = influence.by_group(each, passages, len(groups.names))
        own, came = apart(scores, kept)
        rows[way] = lds(scores, chosen, kept, seed=0), lds(own, chosen, came, seed=0)
    found, way = influence.tested(rows)
    out = TraceTest(
        model.id,
        groups.by,
        groups.names,
        len(chosen),
        Budget.parse([budget]).describe(),
        len(contents),
        found,
        way,
        time.monotonic() - began,
        now(),
    )
    text = json.dumps(out.to_json(), indent=1, ensure_ascii=False) + "\n"
    return replace(out, path=str(ws.project.write_model_file(model.id, TESTED, text.encode())))


def _halves(groups: int, n: int) -> npt.NDArray[np.bool_]:
    """(n, groups) random halves, no two alike."""
    g, out = rng.for_(0, "influence-halves"), dict[tuple[bool, ...], None]()
    for _ in range(100 * n):
        half = np.zeros(groups, np.bool_)
        half[g.permutation(groups)[: groups // 2]] = True
        out[tuple(half.tolist())] = None
        if len(out) == n:
            break
    return np.array(list(out), np.bool_)


def _told(progress: OnProgress, i: int, n: int, done: int, of: int, what: str) -> None:
    progress(i, n, "learning from halves")


def _costs(
    ws: Workspace,
    model: ModelInfo,
    groups: Groups,
    half: npt.NDArray[np.bool_],
    budget: str,
    contents: Sequence[Content],
    progress: OnProgress,
) -> Floats:
    """What each content costs a model that was learned from this half alone; from the cache where it was
    learned before."""
    progress(0, 1, "")
    key = f"{model.id} {model.hash} {groups.by} {budget} {len(contents)} {half.tolist()}"

    def built() -> Mapping[str, npt.NDArray[Any]]:
        opened = learned_from(ws, model, groups.works(half), budget)
        return {"costs": np.array([_cost(opened, one) for one in contents])}

    return np.asarray(ws.arrays("half", key, built)["costs"], np.float64)


def _cost(opened: Influence, content: Content) -> float:
    """Infinite where the half does not know all that the content is made of, such as its pitches."""
    try:
        return float(opened.costs([content])[0])
    except EtudeError:
        return float("inf")


def learned_from(
    ws: Workspace, model: ModelInfo, works: Sequence[str], budget: str, seed: int = 0
) -> Influence:
    """The network of a model like this one that was learned from these works alone, opened and kept
    nowhere."""
    header, arrays = relearned(ws, model, works, budget, seed=seed)
    family = family_of(header)
    found = family.open(header, arrays, model.id, "half", host(ws)).influence()
    assert found is not None
    return found


def _cut(start: int, end: int, less: float) -> int:
    """Where a part ends of which only a share is learned from."""
    return start + max(1, round(less * (end - start)))


def relearned(
    ws: Workspace,
    model: ModelInfo,
    works: Sequence[str],
    budget: str,
    *,
    seed: int = 0,
    lessons: Callable[[Lesson], Lesson] | None = None,
    critic: bool = False,
) -> tuple[Mapping[str, Any], Mapping[str, npt.NDArray[Any]]]:
    """Header and arrays of a model that is learned as this one was, from these works by its own split, within
    a budget, from at most INFLUENCE.units of them; `lessons` may change them. Raises BudgetError where
    nothing can be learned in it."""
    family, known = family_of(model.header), {work.id: work for work in ws.project.works()}
    parts: dict[str, list[tuple[int, int, str]]] = {}
    for work, start, end, role in model.header["parts"]:
        parts.setdefault(str(work), []).append((int(start), int(end), str(role)))
    learned_units = sum(b - a for work in works for a, b, role in parts.get(work, ()) if role == "train")
    less = min(1.0, INFLUENCE.units / max(1, learned_units))
    wanted = [
        Lesson(
            work,
            known[work].title,
            known[work].maker,
            known[work].attrs,
            1.0,
            tuple((start, _cut(start, end, less), role) for start, end, role in parts[work]),
            partial(ws.contents, work),
        )
        for work in works
        if work in known and work in parts
    ]
    options = dict(family.kept(model.header) or {})
    names = {row.name for row in family.options}
    if not critic and "critic" in names:
        options["critic"] = False
    folder = ws.project.cache_dir("jobs") / f"half-{model.id}"
    shutil.rmtree(folder, ignore_errors=True)
    course = Course(
        model.medium,
        [lessons(one) for one in wanted] if lessons else wanted,
        Budget.parse([budget]),
        folder,
        seed,
        {key: value for key, value in options.items() if key in names},
        anew=True,
    )
    try:
        learned = family.learn(course, lambda progress: None, lambda: False)
    except WorkError as error:
        raise TakeError(
            f"One half is too little to learn from: {error.message}", "Name larger groups: --by"
        ) from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return {**learned.header, "parts": model.header["parts"]}, learned.arrays
