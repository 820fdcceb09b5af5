"""Contents of a recipe that nobody has kept: what a sketch or a slider gives while it is moved. Nothing is
written to the log, and what was given from outside is held in memory for this one call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

from etude.errors import TakeError
from etude.families import family_of
from etude.families.contract import Wish
from etude.media import MEDIA
from etude.media.contract import Content
from etude.media.looks import url
from etude.takes.recipe import Recipe
from etude.takes.source import Source
from etude.workspace.contents import find
from etude.workspace.core import Workspace, silent
from etude.workspace.generators import generator
from etude.workspace.host import WorkspaceHost
from etude.workspace.making import recipe_of
from etude.workspace.seeds import next_seed
from etude.workspace.takes import MadeTakes, propose


class _Passing(WorkspaceHost):
    """A host that also knows what was given for this call alone."""

    def __init__(self, ws: Workspace) -> None:
        super().__init__(ws)
        self.given: dict[str, Content] = {}

    def follow(self, ref: Mapping[str, Any]) -> Content:
        """What a recipe names, or what was just given."""
        kept = self.given.get(str(ref.get("given", "")))
        return super().follow(ref) if kept is None else kept

    def named(self, value: Any) -> Any:
        """A control with references in the place of contents."""
        if isinstance(value, Source):
            if "given" in value.ref:
                self.given[str(value.ref["given"])] = value.content
            return {**value.ref, "medium": value.medium}
        return [self.named(one) for one in value] if isinstance(value, list) else value


def glimpsed(
    ws: Workspace, model: str, wish: Wish, seed: int | None, first: int, n: int
) -> tuple[Recipe, list[tuple[int, Content]]]:
    """The recipe of a wish, and `n` of its contents from index `first` on, each with its index. Raises what
    `make` raises."""
    found, passing = ws.project.model(model), _Passing(ws)
    asked = family_of(found.header).ask(found.header, found.id, wish, passing)
    recipe = Recipe(
        asked.medium,
        model=found.id,
        model_sha256=found.weights_sha256,
        seed=next_seed(ws.project, found.weights_sha256) if seed is None else seed,
        controls={name: passing.named(value) for name, value in asked.controls.items()},
        source=passing.named(asked.source) if asked.source else {},
    )
    opened = generator(ws, found)
    batch = opened.make(opened.request(replace(recipe, index=first), n, {}, passing))
    return recipe, [(made.index, made.content) for made in sorted(batch.takes, key=lambda made: made.index)]


@dataclass(frozen=True)
class Glimpses:
    """Looks of the takes `first`.. of a recipe with this `seed`, each as a data URL, in order of their
    index; `indexes` says which they are, and `line` what the first is in words."""

    schema: ClassVar[str] = "etude.glimpses/1"
    model: str
    seed: int
    indexes: tuple[int, ...]
    looks: tuple[str, ...]
    line: str


def glimpse(
    ws: Workspace,
    /,
    model: str,
    *,
    n: int = 12,
    first: int = 0,
    of: int | None = None,
    seed: int | None = None,
    source: str | Path | Source | None = None,
    like: Mapping[str, str] | None = None,
    **controls: Any,
) -> Glimpses:
    """Look at `n` takes without keeping any: the ones with the indexes `first`.. of a recipe. `of`: how many
    there are in all, where that matters (a series). Everything else is as for `make`. Raises TakeError where
    takes are read or heard and not looked at."""
    given = source if source is None or isinstance(source, Source) else find(ws, source)
    recipe, made = glimpsed(ws, model, Wish(of or n, given, like or {}, controls), seed, first, n)
    medium = MEDIA[recipe.medium]
    looks = [medium.look(content) for _, content in made]
    if any(look is None for look in looks):
        raise TakeError(f"Takes of {medium.name} cannot be looked at.", "Make them: etude make")
    line = medium.describe(made[0][1]) if made else ""
    urls = tuple(url(look) for look in looks if look is not None)
    return Glimpses(recipe.model, recipe.seed, tuple(index for index, _ in made), urls, line)


def glimpse_keep(
    ws: Workspace,
    /,
    model: str,
    *,
    seed: int,
    index: int = 0,
    n: int = 1,
    source: str | Path | None = None,
    like: Mapping[str, str] | None = None,
    **controls: Any,
) -> MadeTakes:
    """Make a take of what was looked at, with the same bytes. `n`: of how many, where that matters (a
    series)."""
    given = None if source is None else find(ws, source)
    recipe, way, _ = recipe_of(ws, model, Wish(n, given, like or {}, controls), seed)
    return propose(ws, replace(recipe, index=index), 1, way, silent)
