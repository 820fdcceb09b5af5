"""The index of the words or notes of works for verbatim search, kept in .etude/ and in the workspace. Knows
nothing of models, and imports no network."""

from __future__ import annotations

from contextlib import suppress

from etude.errors import ProjectError
from etude.trace.verbatim import VerbatimIndex, build_index
from etude.workspace.core import Arrays, OnProgress, Workspace, with_progress


def index(ws: Workspace, medium: str, works: tuple[str, ...], progress: OnProgress) -> VerbatimIndex:
    """The index of these works for verbatim search."""

    def build() -> VerbatimIndex:
        def fresh() -> Arrays:
            return build_index(
                medium, ((i, ws.contents(i)) for i in with_progress(works, "indexing", progress))
            ).to_arrays()

        arrays = ws.arrays("index", " ".join(works), fresh)
        with suppress(ProjectError):
            return VerbatimIndex.from_arrays(arrays)
        return build_index(medium, ((i, ws.contents(i)) for i in works))  # the cache was of another version

    return ws.indexes.get((medium, works), build)
