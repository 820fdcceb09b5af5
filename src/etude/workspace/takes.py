"""Takes as a person sees them, and new ones: made by a generator, stored and logged."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from etude.media import MEDIA, readable
from etude.store.project import Project
from etude.store.takes import Take
from etude.takes.history import Desk, fold
from etude.takes.recipe import Recipe
from etude.workspace.contents import follow
from etude.workspace.core import OnProgress, Workspace
from etude.workspace.generators import generator
from etude.workspace.host import host


@dataclass(frozen=True)
class TakeInfo:
    """A take and where it stands. `text` is the content for a person to read (of other media a line about
    it); so many characters of it were `given`, at its beginning and at its end."""

    schema: ClassVar[str] = "etude.take/1"
    id: str
    status: str
    medium: str
    model: str
    seed: int
    index: int
    text: str
    controls: Mapping[str, Any]
    measured: Mapping[str, Any]
    parents: tuple[str, ...] = ()
    children: tuple[str, ...] = ()
    piece: str = ""
    note: str = ""
    at: str = ""
    given: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class MadeTakes:
    """New takes of one recipe, in the order made (the best first when the critic ranked them). `left_out`:
    how many drafts `no_copy` left out; `notes`: what a person
    should know of them, as that other weights made them than those asked."""

    schema: ClassVar[str] = "etude.make/1"
    model: str
    seed: int
    takes: tuple[TakeInfo, ...]
    left_out: int = 0
    notes: tuple[str, ...] = ()


ON_DESK = ("proposed", "accepted")
"""The states of takes that are shown unless everything is asked for."""


def desk(project: Project) -> Desk:
    """The state of every take by the project's log."""
    return fold(project.events())


def info(take: Take, states: Desk, text: str = "", given: tuple[int, int] = (0, 0)) -> TakeInfo:
    """A take as a person sees it."""
    recipe = Recipe.from_json(take.record)
    state = states.takes[take.id]
    return TakeInfo(
        id=take.id,
        status=state.status,
        medium=recipe.medium,
        model=recipe.model,
        seed=recipe.seed,
        index=recipe.index,
        text=text,
        controls=recipe.controls,
        measured=dict(take.record.get("measured") or {}),
        parents=state.parents,
        children=state.children,
        piece=state.piece,
        note=state.note,
        at=take.at,
        given=given,
    )


def _given(ws: Workspace, recipe: Recipe, text: str) -> tuple[int, int]:
    """How many characters of a take's text were given, at its beginning and at its end."""
    content = follow(ws, recipe.source) if recipe.source else None
    given = None if content is None else MEDIA[recipe.medium].text(content)
    if given is None:
        return 0, 0
    given = given[: int(recipe.source["until"])] if "until" in recipe.source else given
    before = _alike(text, given)
    return before, _alike(text[before:][::-1], given[before:][::-1])


def _alike(one: str, other: str) -> int:
    """With how many characters both begin."""
    return next(
        (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


def as_text(medium: str, data: bytes) -> str:
    """The stored bytes of a take for a person to read."""
    return readable(MEDIA[medium], MEDIA[medium].load(data))


def act_name() -> str:
    """A name for an act: it only has to be new, so it needs no seed."""
    return "a-" + secrets.token_hex(6)


def propose(
    ws: Workspace,
    recipe: Recipe,
    n: int,
    way: Mapping[str, Any],
    progress: OnProgress,
    also: Callable[[Sequence[str]], None] = lambda take_ids: None,
) -> MadeTakes:
    """Make, store and log `n` takes of one recipe; `way`: how drafts are chosen. `also` logs in the same act
    what they came of."""
    opened, medium = generator(ws, ws.project.model(recipe.model), progress), MEDIA[recipe.medium]
    batch = opened.make(opened.request(recipe, n, way, host(ws, progress)))
    rows = [
        (
            replace(recipe, index=made.index).to_json() | {"measured": dict(made.measured)},
            medium.store(made.content),
        )
        for made in batch.takes
    ]
    with ws.project.act("make"):
        stored = ws.project.put_takes(rows)
        also([take.id for take in stored])
    states = desk(ws.project)
    texts = [as_text(recipe.medium, data) for _, data in rows]
    shown = [
        info(take, states, text, _given(ws, recipe, text)) for take, text in zip(stored, texts, strict=True)
    ]
    return MadeTakes(recipe.model, recipe.seed, tuple(shown), batch.left_out)
