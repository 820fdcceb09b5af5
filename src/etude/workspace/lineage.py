"""The lineage of a take as a graph: what it came from, back to the works, and what came of it.

Knows no medium: a take is a line of words or what its medium says of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar

from etude.errors import EtudeError
from etude.store.project import Project
from etude.store.takes import Take, some
from etude.takes.history import Desk
from etude.takes.recipe import Recipe
from etude.workspace.takes import as_text, desk

CHARS = 80  # of a line about a take
MOST = 400  # takes of one lineage that are told


@dataclass(frozen=True)
class Kin:
    """A take, work or piece of a lineage (`kind`). `how` it came to be; `parents` are ids within the lineage;
    `line` is how it begins, or what it is called; `status` is that of a take."""

    id: str
    kind: str
    how: str
    parents: tuple[str, ...]
    status: str
    line: str
    medium: str = ""


@dataclass(frozen=True)
class Lineage:
    """All that a take came from and all that came of it, parents before children; `left_out`: how many more
    there are."""

    schema: ClassVar[str] = "etude.lineage/1"
    take: str
    kin: tuple[Kin, ...]
    left_out: int = 0


def lineage(project: Project, ref: str) -> Lineage:
    """The lineage of a take. Raises TakeError for none."""
    found, states = project.take(ref), desk(project)
    takes = _takes(states, found.id)
    shown = takes[:MOST]
    read = some(project.root, shown)
    kin: dict[str, Kin] = {}
    for one in shown:
        if one in read:
            _add(project, states, read[one], kin)
    return Lineage(found.id, _ordered(kin), len(takes) - len(shown))


def _takes(states: Desk, take: str) -> list[str]:
    """The take, its forebears, and whatever came of it, nearest first."""
    children: dict[str, list[str]] = {}
    for state in states.takes.values():
        for parent in state.parents:
            children.setdefault(parent, []).append(state.id)
    above = {state.id: state.parents for state in states.takes.values()}
    out = {take: None}
    for beside in (above, children):
        queue = [take]
        while queue:
            for other in beside.get(queue.pop(0), ()):
                if other in states.takes and other not in out:
                    out[other] = None
                    queue.append(other)
    return list(out)


def _add(project: Project, states: Desk, take: Take, kin: dict[str, Kin]) -> None:
    recipe, state = Recipe.from_json(take.record), states.takes[take.id]
    parents = list(state.parents)
    for work in _works(take.record):
        if work not in kin:
            with suppress(EtudeError):
                kin[work] = Kin(work, "work", "a work", (), "", project.work(work).title, recipe.medium)
        if work in kin:
            parents.append(work)
    line = ""
    if take.data is not None:
        with suppress(EtudeError, KeyError, ValueError):
            line = " ".join(as_text(recipe.medium, take.data)[: 2 * CHARS].split())[:CHARS]
    how = "by hand" if recipe.kind == "edited" or not recipe.model else f"made by {recipe.model}"
    kin[take.id] = Kin(take.id, "take", how, tuple(dict.fromkeys(parents)), state.status, line, recipe.medium)
    if state.piece:
        with suppress(EtudeError):
            title = project.piece(state.piece).title
            kin[state.piece] = Kin(state.piece, "piece", "kept", (take.id,), "", title, recipe.medium)


def _works(record: Mapping[str, Any]) -> list[str]:
    """The works that a take was begun with."""
    said = [record.get("source") or {}]
    for value in (record.get("controls") or {}).values():
        said += value if isinstance(value, list) else []
    return [str(one["work"]) for one in said if isinstance(one, dict) and one.get("work")]


def _ordered(kin: Mapping[str, Kin]) -> tuple[Kin, ...]:
    """Parents before their children; who has none here comes first, in the order found."""
    known = {one.id: tuple(p for p in one.parents if p in kin) for one in kin.values()}
    out: dict[str, Kin] = {}

    def put(name: str, above: frozenset[str] = frozenset()) -> None:
        if name in out or name in above:
            return
        for parent in known[name]:
            put(parent, above | {name})
        out[name] = kin[name]

    for name in kin:
        put(name)
    return tuple(Kin(**{**one.__dict__, "parents": known[one.id]}) for one in out.values())
