"""Stored models as generators: opened once, and kept in the workspace, since opening one costs seconds."""

from __future__ import annotations

from etude.families import family_of
from etude.families.contract import Generator
from etude.store.models import ModelInfo
from etude.workspace.core import OnProgress, Workspace, silent
from etude.workspace.host import host


def generator(ws: Workspace, model: ModelInfo, progress: OnProgress = silent) -> Generator:
    """A model of the project, ready to make, score and testify. Raises ModelError where it cannot be
    opened."""

    def opened() -> Generator:
        header, arrays = ws.project.load_model(model.id)
        return family_of(header).open(header, arrays, model.id, model.hash, host(ws, progress))

    return ws.generators.get((model.id, model.hash), opened)
