"""Groups of works and their passages, as attribution counts them; and what a trace says of influence, where
the model's test was passed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from etude.config.trust import INFLUENCE
from etude.errors import EtudeError, TakeError
from etude.families.influence import Influence
from etude.media import MEDIA
from etude.media.contract import Content
from etude.stats.evenly import evenly
from etude.store.models import ModelInfo
from etude.trace import influence
from etude.trace.influence import Influenced, Passages, TraceTest
from etude.trace.likeness import part_size, passages
from etude.workspace.audits import TESTED
from etude.workspace.core import OnProgress, Workspace, with_progress
from etude.workspace.generators import generator
from etude.workspace.split import home_of, of_role, present

Floats = npt.NDArray[np.float64]
MAKER, OTHERS = "maker", "all others"


@dataclass(frozen=True)
class Groups:
    """Training works by maker or an attribute: `of` the number of each one's group."""

    by: str
    names: tuple[str, ...]
    of: Mapping[str, int]

    def works(self, half: npt.NDArray[np.bool_]) -> list[str]:
        """The works of these groups."""
        return [work for work, group in self.of.items() if half[group]]


def groups_of(ws: Workspace, model: ModelInfo, by: str) -> Groups:
    """By what was named, else by maker where there are enough, else by the attribute that most works have.
    Raises TakeError where nothing gives groups enough."""
    known = {work.id: work for work in ws.project.works()}
    ids = dict.fromkeys(work for work, *_ in _train(ws, model))
    about = {work: {MAKER: known[work].maker, **known[work].attrs} for work in ids}
    keys = (
        [by] if by else [MAKER, *dict.fromkeys(key for one in about.values() for key in one if key != MAKER)]
    )
    counted = {key: Counter(one[key] for one in about.values() if one.get(key)) for key in keys}
    fit = [key for key in keys if len(counted[key]) >= INFLUENCE.groups]
    if not fit:
        found = ", ".join(f"{key} ({len(values)})" for key, values in counted.items()) or "nothing"
        raise TakeError(
            f"Its training works fall into fewer than {INFLUENCE.groups} groups by {found}: a test of "
            "attribution would say nothing.",
            "Give works a maker or an attribute (etude works edit), and name it: --by KEY",
        )
    key = fit[0] if by or fit[0] == MAKER else max(fit, key=lambda one: counted[one].total())
    names = [value for value, _ in counted[key].most_common()]
    if len(names) > INFLUENCE.most_groups:
        names = names[: INFLUENCE.most_groups - 1]
    rest = any(one.get(key) not in names for one in about.values())
    names += [OTHERS] if rest else []
    at = {name: i for i, name in enumerate(names)}
    return Groups(
        key, tuple(names), {w: at.get(one.get(key, ""), len(names) - 1) for w, one in about.items()}
    )


def _train(ws: Workspace, model: ModelInfo) -> tuple[tuple[str, int, int], ...]:
    home = ws.project.collection(home_of(model))
    return of_role(home, model, "train", present(ws.project, home))


def passages_of(
    ws: Workspace, model: ModelInfo, groups: Groups, like: Content, learned: Influence, progress: OnProgress
) -> Passages:
    """Passages of each group, as long as `like`, with features and gradients; from the cache where they were
    measured before."""
    medium = MEDIA[model.medium]
    size = part_size(medium.size(like))

    def built() -> Mapping[str, npt.NDArray[Any]]:
        found: dict[int, list[tuple[str, int, int]]] = {}
        units = Counter[int]()
        for work, start, end in with_progress(_train(ws, model), "cutting works", progress):
            cut = passages(medium, ws.contents.read(work), size, start, end)
            found.setdefault(groups.of[work], []).extend((work, a, b) for a, b in cut)
            units[groups.of[work]] += end - start
        each = max(2, INFLUENCE.passages // max(1, len(found)))
        group, share, contents = [], [], []
        for number, spans in sorted(found.items()):
            some = [spans[int(i)] for i in evenly(len(spans), each)]
            group += [number] * len(some)
            share += [units[number] / len(some)] * len(some)
            contents += [medium.cut(ws.contents.read(work), a, b) for work, a, b in some]
        features, gradients = [], []
        for at in with_progress(range(0, len(contents), 32), "measuring gradients", progress):
            some_contents = contents[at : at + 32]
            features.append(looked_at(model, some_contents))
            gradients.append(learned.gradients(some_contents))
        return {
            "group": np.array(group, np.int64),
            "units": np.array(share, np.float64),
            "features": np.concatenate(features),
            "gradients": np.concatenate(gradients),
        }

    key = f"1 {model.id} {model.hash} {groups.by} {size} {sorted(groups.of.items())}"
    arrays = ws.arrays("influence", key, built)
    return Passages(*(np.asarray(arrays[name]) for name in ("group", "units", "features", "gradients")))


def looked_at(model: ModelInfo, contents: Sequence[Content]) -> Floats:
    """(N, D) features by the medium."""
    medium = MEDIA[model.medium]
    return np.stack([medium.features(one) for one in contents]).astype(np.float64)


def last_test(model: ModelInfo) -> TraceTest | None:
    """The test that lies beside a model; None where there is none that can be read."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        found = influence.restored(json.loads((model.path / TESTED).read_bytes()))
        return found if found.model == model.id else None
    return None


def influenced(
    ws: Workspace, model: ModelInfo, content: Content, progress: OnProgress
) -> tuple[Influenced | None, str]:
    """By which groups a content was influenced, where the model has passed its test; and a sentence for
    people. Without a test nothing is said."""
    test = last_test(model)
    if test is None:
        return None, ""
    best, learned = test.best, generator(ws, model, progress).influence()
    if best is None or learned is None:
        return (
            None,
            f"Influenced: not established (etude trace {model.name} --test found nothing that holds).",
        )
    try:
        groups = groups_of(ws, model, test.by)
    except EtudeError:
        return None, ""
    of = passages_of(ws, model, groups, content, learned, progress)
    each = influence.by_passage(best.way, looked_at(model, [content]), learned.gradients([content]), of)
    found = influence.shares(each[0], of, groups.names, seed=0)
    out = Influenced(test.by, best.way, best.value, best.low, best.high, found)
    return out, out.sentence
