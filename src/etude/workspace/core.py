"""An open project with what was opened in it: contents of works, generators, indexes. It lives as long as the
handle that holds it.

Everything else in this package is functions of a `Workspace`; this file knows none of them. The one recursion
of the house, a recipe that names a take whose bytes have to be made again, is handed in as `resolve`.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeVar

import numpy.typing as npt

from etude.config.store import STORE
from etude.config.trust import TRACE
from etude.errors import EtudeError, ModelError
from etude.media import MEDIA
from etude.media.contract import Content
from etude.store.arrays import map_arrays, read_arrays, write_arrays
from etude.store.project import Project
from etude.takes.recipe import Recipe
from etude.workspace.reading import content_of

Arrays = Mapping[str, npt.NDArray[Any]]
Parts = tuple[tuple[str, int, int], ...]  # work, start, end
OnProgress = Callable[[int, int, str], None]  # done, of how many, what
T = TypeVar("T")


def silent(done: int, of: int, what: str) -> None:
    """Nobody asked how far long work is."""


def with_progress(parts: Sequence[T], what: str, progress: OnProgress) -> Iterator[T]:
    """The parts one by one, saying how far."""
    for i, part in enumerate(parts):
        progress(i, len(parts), what)
        yield part


class Kept:
    """What was opened, by key; of more than `most` those used last."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()

    def get(self, key: Hashable, build: Callable[[], T]) -> T:
        """What is kept under this key, else what `build` gives."""
        if key not in self._kept:
            self._kept[key] = build()
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        kept: T = self._kept[key]
        return kept


class Contents:
    """The works of one project by id, each read once; of very many the ones used last are kept."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._kept: OrderedDict[str, tuple[Content, int]] = OrderedDict()  # content and its weight
        self._weight = 0

    def __call__(self, work_id: str) -> Content:
        """The content of a work. Raises WorkError where it cannot be read."""
        if work_id in self._kept:
            self._kept.move_to_end(work_id)
            return self._kept[work_id][0]
        content = self.read(work_id)
        weight = MEDIA[self._project.work(work_id).medium].weight(content)
        self._kept[work_id] = content, weight
        self._weight += weight
        while self._weight > TRACE.units_kept and len(self._kept) > 1:
            _, (_, gone) = self._kept.popitem(last=False)
            self._weight -= gone
        return content

    def read(self, work_id: str) -> Content:
        """The content of a work, read and let go: a shelf of photographs need not fit into memory."""
        return content_of(self._project, self._project.work(work_id))


class Workspace:
    """An open project. `resolve` makes the bytes of a recipe."""

    def __init__(self, project: Project, resolve: Callable[[Workspace, Recipe], bytes]) -> None:
        self.project = project
        self._resolve = resolve
        self.contents = Contents(project)
        self.generators = Kept(2)
        self.opened = Kept(1)
        self.indexes = Kept(4)
        self.banks = Kept(8)
        self.references = Kept(4)

    def resolve(self, recipe: Recipe) -> bytes:
        """The bytes that a recipe gives now."""
        return self._resolve(self, recipe)

    def arrays(self, kind: str, key: str, build: Callable[[], Arrays]) -> Arrays:
        """Arrays from .etude/trace/, built and kept where they are missing or damaged."""
        name = f"{kind}-{hashlib.sha256(key.encode()).hexdigest()[:16]}.safetensors"
        path = self.project.cache_dir("trace") / name
        with suppress(ModelError):
            found = read_arrays(path)
            if found is not None:
                return found[1]
        arrays = build()
        with suppress(EtudeError):  # a cache that cannot be written costs seconds, not the answer
            write_arrays(path, {"kind": kind}, arrays)
        return arrays

    def mapped(self, kind: str, key: str, build: Callable[[], Arrays]) -> Arrays:
        """Very large arrays from .etude/<kind>/, where those used last are kept; built where they are missing
        or damaged."""
        folder = self.project.cache_dir(kind)
        path = folder / f"{hashlib.sha256(key.encode()).hexdigest()[:16]}.safetensors"
        with suppress(ModelError):
            found = map_arrays(path)
            if found is not None:
                with suppress(OSError):
                    path.touch()
                return found
        arrays = build()
        with suppress(EtudeError, OSError):  # as above
            others = sorted(folder.glob("*.safetensors"), key=lambda one: one.stat().st_mtime, reverse=True)
            for one in others[STORE.mapped_files - 1 :]:
                one.unlink()
            write_arrays(path, {"kind": kind}, arrays)
        return arrays

    def about(self, kind: str, name: str, about: Mapping[str, Any]) -> Arrays | None:
        """Arrays that were kept under this name, if they are still about the same."""
        with suppress(EtudeError):  # a damaged cache costs seconds, not the answer
            found = read_arrays(self.project.cache_dir(kind) / f"{name}.safetensors")
            if found is not None and all(found[0].get(key) == value for key, value in about.items()):
                return found[1]
        return None

    def keep(self, kind: str, name: str, about: Mapping[str, Any], arrays: Arrays) -> None:
        """Keep arrays under this name."""
        with suppress(EtudeError):  # as above
            write_arrays(self.project.cache_dir(kind) / f"{name}.safetensors", about, arrays)
