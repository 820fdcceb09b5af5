"""`make`, `loop`, `branch`, `remake`: takes from a model by recipes that give the same bytes again.

What a person asked for becomes a recipe first, and the take is made from the recipe alone, so that making,
branching and remaking are one thing. What can be asked is the table of the model's family.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

from etude.errors import TakeError
from etude.families import family_of
from etude.families.contract import Branch, Wish
from etude.media import MEDIA
from etude.store.files import write_atomic
from etude.takes.history import may
from etude.takes.recipe import CLOSE, Recipe, differences, versions
from etude.takes.source import Source
from etude.workspace.contents import find, made_above, take_data
from etude.workspace.core import Workspace, silent
from etude.workspace.making import recipe_of
from etude.workspace.seeds import next_seed
from etude.workspace.takes import MadeTakes, act_name, desk, propose

OnProgress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Remade:
    """A take made again: bit-equal, close or different; `likeness` 0..1; the first unit that differs; why."""

    schema: ClassVar[str] = "etude.remake/1"
    take: str
    verdict: str
    likeness: float
    first_difference: int | None
    reasons: tuple[str, ...]


def make(
    ws: Workspace,
    /,
    model: str,
    *,
    n: int = 8,
    seed: int | None = None,
    source: str | Path | Source | None = None,
    like: Mapping[str, str] | None = None,
    quota: str = "",
    on_progress: OnProgress | None = None,
    on_note: Callable[[str], None] | None = None,
    **controls: Any,
) -> MadeTakes:
    """Make `n` takes. `source`: a file, take, piece or work to begin with,
    or a content that was read already; `like`: in the manner of; `quota`
    (KEY=parity, KEY=VALUE:SHARE): so many takes are asked for each value; `seed`: else the next unused one;
    `on_progress`: done, of how many, what; `on_note`: is told what a person should know beforehand.
    `controls` are those of the model's family (`etude make --help`).

    Raises ModelError or TakeError when the request does not fit the model.
    """
    given = source if source is None or isinstance(source, Source) else find(ws, source)
    shared = _shared(ws, model, quota, n, like or {}) if quota else [(n, like or {})]
    made: list[MadeTakes] = []
    for count, asked in shared:
        wish = Wish(count, given, asked, controls)
        recipe, way, notes = recipe_of(ws, model, wish, seed if not made else made[0].seed, on_note)
        made.append(replace(propose(ws, recipe, count, way, on_progress or silent), notes=notes))
    takes = tuple(one for some in made for one in some.takes)
    notes = tuple(dict.fromkeys(note for some in made for note in some.notes))
    return replace(made[0], takes=takes, left_out=sum(some.left_out for some in made), notes=notes)


def _shared(
    ws: Workspace, model: str, quota: str, n: int, like: Mapping[str, str]
) -> list[tuple[int, Mapping[str, str]]]:
    """How many takes are asked for each value of a quota, and what is asked beside it."""
    from etude.workspace.quotas import quota_of

    found = quota_of(ws, ws.project.model(model), quota)
    if found.key in like:
        raise TakeError(
            f"--quota and --like both speak of '{found.key}'.",
            "Leave one of them out: a quota asks for each.",
        )
    return [(count, {**like, found.key: value}) for value, count in found.of(n).items()]


def loop(
    ws: Workspace,
    /,
    model: str,
    *,
    n: int = 1,
    seconds: float = 3.0,
    rate: float = 16.0,
    waves: int = 2,
    calm: float = 0.5,
    through: Sequence[str | Path] = (),
    seed: int | None = None,
    like: Mapping[str, str] | None = None,
    **controls: Any,
) -> MadeTakes:
    """Clips without an end, of a model of pictures: its noise goes round on a closed path of whole-number
    frequencies up to `waves` (`calm` 0..1: how far the slow ones outweigh the quick), or round through takes,
    pieces, works or files (`through`)."""
    closed = {"frames": round(seconds * rate), "rate": rate, "waves": waves, "calm": calm}
    asked = {**controls, "loop": closed, "mix": tuple(through)}
    recipe, way, _ = recipe_of(ws, model, Wish(n, None, like or {}, asked), seed)
    return propose(ws, recipe, n, way, silent)


def branch(
    ws: Workspace,
    /,
    ref: str,
    *,
    n: int = 4,
    at: int | None = None,
    seed: int | None = None,
    on_progress: OnProgress | None = None,
    **changes: Any,
) -> MadeTakes:
    """New takes from a take: from its first `at` units on, or by the same recipe with another seed.
    `changes`: other controls, of those that the model's family lets a branch change (`etude take branch
    --help`)."""
    take, data = take_data(ws, ref)
    may(desk(ws.project), "branched", take.id)
    recipe = Recipe.from_json(take.record)
    origin = made_above(ws.project, take)
    made = Recipe.from_json(origin.record)
    medium, model = MEDIA[recipe.medium], ws.project.model(made.model)
    units = medium.size(medium.load(data)) if at is not None else 0
    said = {name: value for name, value in changes.items() if value is not None}
    wanted = Branch(
        take.id, replace(made, index=0), recipe.kind == "edited", at, units, said, origin.record, origin.id
    )
    new, way = family_of(model.header).branch(model.header, wanted)
    fresh = next_seed(ws.project, made.model_sha256) if seed is None else seed
    new = replace(new, seed=fresh, parents=(take.id,), made_with=versions())

    def branched(into: Sequence[str]) -> None:
        ws.project.log("branched", act=act_name(), take=take.id, into=list(into), until=at)

    return propose(ws, new, n, way, on_progress or silent, branched)


def remake(ws: Workspace, ref: str, *, out: str | Path | None = None) -> Remade:
    """Make a take (or the take of a piece) again from its recipe, and compare. `out`: a file to write it
    to."""
    try:
        take = ws.project.take(ref)
    except TakeError:
        take = ws.project.take(str(ws.project.piece(ref).record.get("take", "")))
    recipe = Recipe.from_json(take.record)
    again, medium = ws.resolve(recipe), MEDIA[recipe.medium]
    if out is not None:
        path = Path(out).expanduser()
        fmt = path.suffix.lower().removeprefix(".") or medium.formats[0]
        write_atomic(path, medium.write(medium.load(again), fmt))
    if hashlib.sha256(again).hexdigest() == take.sha256:
        return Remade(take.id, "bit-equal", 1.0, None, ())
    why = differences(recipe, ws.project.model(recipe.model).weights_sha256, versions())
    if not take.data:
        lost = "the bytes on record were cleared: only their hash can be compared"
        return Remade(take.id, "different", 0.0, None, (lost, *why))
    likeness, first = medium.likeness(medium.load(take.data), medium.load(again))
    return Remade(take.id, "close" if likeness >= CLOSE else "different", likeness, first, why)
