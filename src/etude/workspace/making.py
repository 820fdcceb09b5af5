"""From a wish to a recipe, and from a recipe to bytes: what `make` and everything that remakes stand on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from etude.errors import TakeError
from etude.families import family_of
from etude.families.contract import Wish
from etude.media import MEDIA
from etude.store.project import Project
from etude.takes.recipe import Recipe, versions
from etude.takes.source import Source
from etude.workspace.contents import remember
from etude.workspace.core import Workspace
from etude.workspace.generators import generator
from etude.workspace.host import host
from etude.workspace.seeds import next_seed
from etude.workspace.standing import concern
from etude.workspace.starting_weights import model_or_starter


def recipe_of(
    ws: Workspace,
    model: str,
    wish: Wish,
    seed: int | None,
    on_note: Callable[[str], None] | None = None,
) -> tuple[Recipe, Mapping[str, Any], tuple[str, ...]]:
    """The recipe of a wish, contents from outside safe in the log, how drafts are chosen, and what a person
    should know before anything is made, which `on_note` is told at once: where the model cannot do it,
    weights that come with Etude do. Raises what does not fit, before anything is written."""
    found = model_or_starter(ws.project, model)
    asked = family_of(found.header).ask(found.header, found.id, wish, host(ws))
    notes = asked.notes
    if found.id in {model.id for model in ws.project.models()} and (
        words := concern(ws.project, found).words
    ):
        notes = (f"{found.id}: {words}", *notes)
    if asked.by:
        found = model_or_starter(ws.project, asked.by)
        asked = family_of(found.header).ask(found.header, found.id, wish, host(ws))
        notes += asked.notes
    for text in notes:
        if on_note is not None:
            on_note(text)
    with ws.project.lock():
        controls = {name: _settled(ws.project, value) for name, value in asked.controls.items()}
        recipe = Recipe(
            asked.medium,
            model=found.id,
            model_sha256=found.weights_sha256,
            seed=next_seed(ws.project, found.weights_sha256) if seed is None else seed,
            controls=controls,
            source=remember(ws.project, asked.source) if asked.source else {},
            parents=_parents(asked.source, asked.controls),
            made_with=versions(),
        )
    return recipe, asked.way, notes


def _settled(project: Project, value: Any) -> Any:
    """A control with references in the place of contents."""
    if isinstance(value, Source):
        return remember(project, value)
    if isinstance(value, list):
        return [_settled(project, one) for one in value]
    return value


def _parents(source: Source | None, controls: Mapping[str, Any]) -> tuple[str, ...]:
    """The take that was begun with; else the takes among the contents of the controls."""
    if source is not None:
        return (source.take,) if source.take else ()
    lists = [value for value in controls.values() if isinstance(value, list)]
    return tuple(one.take for value in lists for one in value if isinstance(one, Source) and one.take)


def made_again(ws: Workspace, recipe: Recipe) -> bytes:
    """The bytes that this recipe gives now. Raises ModelError when its model is gone, TakeError when there is
    nothing to make."""
    if recipe.kind != "made":
        raise TakeError(
            "This take was edited by a person: no recipe can make it.",
            f"Remake the take it came from: {recipe.parents[0]}",
        )
    opened, hosted = generator(ws, ws.project.model(recipe.model)), host(ws)
    batch = opened.make(opened.request(recipe, 1, {}, hosted))
    return MEDIA[recipe.medium].store(batch.takes[0].content)
