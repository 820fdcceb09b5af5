"""Works and parts by role, as a model or a collection divides them; and dividing the works of a collection.
Knows no contents."""

from __future__ import annotations

from collections.abc import Sequence
from shlex import quote

from etude.curate import duplicates
from etude.curate.split import Item, Shares, Split, split
from etude.errors import ProjectError
from etude.media import MEDIA
from etude.store.collections import Collection
from etude.store.models import ModelInfo
from etude.store.project import Project
from etude.store.works import Work
from etude.workspace import measures
from etude.workspace.core import Parts


def home_of(model: ModelInfo | None) -> str:
    """The collection that a model was learned from."""
    return str(model.header.get("collection", "")) if model else ""


def present(project: Project, home: Collection) -> list[str]:
    """The collection's works that are in the project. Raises ProjectError when there is none."""
    known = {work.id for work in project.works()}
    ids = [work_id for work_id in home.works() if work_id in known]
    if not ids:
        raise ProjectError(
            f"Collection '{home.name}' is empty.",
            f"Add works: etude add PATH... --collection {quote(home.name)}",
        )
    return ids


def of_role(home: Collection, model: ModelInfo | None, role: str, there: Sequence[str]) -> Parts:
    """The parts of one role of the works that are there: by the split that the model was learned by, else the
    collection's."""
    known = set(there)
    if model is not None and home_of(model) == home.name and "parts" in model.header:
        rows = [
            (str(work), int(start), int(end), str(its)) for work, start, end, its in model.header["parts"]
        ]
    else:
        rows = [(part.work_id, part.start, part.end, part.role) for part in home.parts]
    return tuple((work, start, end) for work, start, end, its in rows if its == role and work in known)


def divided(
    project: Project, works: Sequence[Work], old: Collection, *, by_maker: bool, held_out: Sequence[str] = ()
) -> Split:
    """The split of these works that leaves what `old` assigned as it is. `held_out`: works to hold out whole,
    and no others."""
    known = measures.of(project, works)
    groups = duplicates.group_of(measures.alike({work.id: known[work.id] for work in works}))
    items = [
        Item(
            work.id,
            work.size,
            work.maker,
            work.series,
            groups.get(work.id, ""),
            known[work.id].boundaries.tolist(),
        )
        for work in works
    ]
    shares = Shares(min_part=MEDIA[works[0].medium].least_part) if works else None
    return split(items, shares=shares, previous=old.parts, by_maker=by_maker, held_out=held_out)
