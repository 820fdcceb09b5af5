"""What has been opened of bases, for as long as whoever holds this: a workspace, or one run of learning.

Opening a base costs seconds and hundreds of megabytes, so what several networks read of the same base is read
once. Whatever takes long to compute may also lie in a cache on disk. Knows no networks.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy.typing as npt

from etude.families.sequence.networks.contract import FindBase

Arrays = Mapping[str, npt.NDArray[Any]]
Keep = Callable[[str, Callable[[], Arrays]], Arrays]  # under this key, else as it is built
T = TypeVar("T")


def _built(key: str, build: Callable[[], Arrays]) -> Arrays:
    """Where there is no cache."""
    return build()


class OpenBases:
    """A `FindBase` that remembers what was opened, the last of each sort; `keep` is the cache on disk."""

    def __init__(self, find: FindBase, keep: Keep = _built) -> None:
        self._find, self._keep = find, keep
        self._opened: dict[str, tuple[Hashable, Any]] = {}

    def __call__(self, name: str) -> Path:
        """Where the base of this name or hash lies. Raises ModelError where there is none."""
        return self._find(name)

    def once(self, sort: str, key: Hashable, build: Callable[[], T]) -> T:
        """What was opened last of this sort, if it has this key; else what `build` gives."""
        kept = self._opened.get(sort)
        if kept is None or kept[0] != key:
            self._opened.pop(sort, None)  # let go before the next one takes its place in memory
            kept = self._opened[sort] = key, build()
        found: T = kept[1]
        return found

    def arrays(self, key: str, build: Callable[[], Arrays]) -> Arrays:
        """Arrays from the cache, else what `build` gives."""
        return self._keep(key, build)


def desk(find: FindBase) -> OpenBases:
    """What has been opened by this `find`; one that remembers nothing gets a desk for one call."""
    return find if isinstance(find, OpenBases) else OpenBases(find)
