"""Opening a project as a workspace: the one place where the parts of this package are put together."""

from __future__ import annotations

from etude.store.project import Project
from etude.takes.recipe import Recipe
from etude.workspace.core import Workspace


def workspace(project: Project) -> Workspace:
    """The workspace of a project."""
    return Workspace(project, _resolve)


def _resolve(ws: Workspace, recipe: Recipe) -> bytes:
    from etude.workspace.making import made_again  # torch: only where something is made

    return made_again(ws, recipe)
