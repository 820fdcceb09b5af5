"""The workspace as families see it: contents by name or reference, works, labels, a cache, and how near a
draft is to works."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from etude.families.contract import Host
from etude.media.contract import Content
from etude.takes.source import Source
from etude.workspace.contents import find, follow
from etude.workspace.core import Arrays, OnProgress, Workspace, silent

T = TypeVar("T")


class WorkspaceHost:
    """A `families.contract.Host` for one call of a verb; `progress` hears how far long work is."""

    def __init__(self, ws: Workspace, progress: OnProgress = silent) -> None:
        self._ws = ws
        self.progress = progress

    def find(self, ref: str | Path) -> Source:
        """What a person named."""
        return find(self._ws, ref)

    def follow(self, ref: Mapping[str, Any]) -> Content:
        """What a recipe names."""
        return follow(self._ws, ref)

    def work(self, work_id: str) -> Content:
        """The whole content of a work."""
        return self._ws.contents(work_id)

    def works(self) -> Mapping[str, Mapping[str, str]]:
        """Every work by id: its attributes, the maker under `maker`."""
        return {work.id: {**work.attrs, "maker": work.maker} for work in self._ws.project.works()}

    def labels(self, model: str) -> Mapping[int, str]:
        """What the person called the directions of a model; the last word counts."""
        events = [
            e for e in self._ws.project.events() if e["event"] == "slider-named" and e.get("model") == model
        ]
        return {int(e["number"]): str(e["name"]) for e in events}

    def arrays(self, kind: str, key: str, build: Callable[[], Arrays]) -> Arrays:
        """Arrays from the cache, else what `build` gives."""
        return self._ws.arrays(kind, key, build)

    def mapped(self, kind: str, key: str, build: Callable[[], Arrays]) -> Arrays:
        """Very large arrays from the cache, read as they are used."""
        return self._ws.mapped(kind, key, build)

    def opened(self, key: Hashable, build: Callable[[], T]) -> T:
        """What models of the project stand on, opened once."""
        return self._ws.opened.get(key, build)

    def about(self, kind: str, name: str, about: Mapping[str, Any]) -> Arrays | None:
        """Arrays under this name that are still about the same."""
        return self._ws.about(kind, name, about)

    def keep(self, kind: str, name: str, about: Mapping[str, Any], arrays: Arrays) -> None:
        """Keep arrays under this name."""
        self._ws.keep(kind, name, about, arrays)

    def unusual(self, model: str) -> Callable[[npt.NDArray[np.uint8]], float]:
        """The p-value of frames of this model."""
        from etude.workspace.nearness import unusual  # torch: only where near copies are looked for

        return unusual(self._ws, self._ws.project.model(model), self.progress)


def host(ws: Workspace, progress: OnProgress = silent) -> Host:
    """The workspace as a host."""
    return WorkspaceHost(ws, progress)
