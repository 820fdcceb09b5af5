"""The families of generators that Etude knows, by the kind that is stored in models:
`FAMILIES["sequence"]`, `["pictures"]`.

A further one is a folder and a line here. A family is imported when it is first asked for, so that a
command about works does not wait for networks."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, cast

from etude.errors import ModelError, WorkError
from etude.families.contract import Family

_MODULES = {
    "sequence": ("etude.families.sequence.family", "FAMILY"),
    "pictures": ("etude.families.pictures.family", "FAMILY"),
}


class _Families(Mapping[str, Family]):
    """Kind -> family, imported on first use."""

    def __getitem__(self, kind: str) -> Family:
        module, instance = _MODULES[kind]
        return cast(Family, getattr(importlib.import_module(module), instance))

    def __iter__(self) -> Iterator[str]:
        return iter(_MODULES)

    def __len__(self) -> int:
        return len(_MODULES)


FAMILIES: Mapping[str, Family] = _Families()

Keep = Callable[[str, Callable[[], Mapping[str, Any]]], Mapping[str, Any]]  # a cache of arrays
_TALKING = ("etude.families.sequence.talking", "Talk")  # what runs bases that follow instructions


class Talker(Protocol):
    """A base that follows instructions: `n` answers to messages (role, text), each beginning with
    `begins` and ending before `stop`; of each its `text`, `tokens`, and whether it `ended` by
    itself."""

    def ask(
        self,
        messages: Sequence[tuple[str, str]],
        *,
        n: int = 1,
        tokens: int = 60,
        temperature: float = 0.8,
        seed: int = 0,
        begins: str = "",
        stop: str = "",
        until: float | None = None,
    ) -> Sequence[Any]: ...


def talker(path: Path, keep: Keep) -> Talker:
    """The base at a path, to be asked. Raises ModelError where it does not follow instructions."""
    module, name = _TALKING
    return cast(Talker, getattr(importlib.import_module(module), name)(path, keep))


@contextmanager
def registered(kind: str, module: str, instance: str = "FAMILY") -> Iterator[None]:
    """Within this a further family is known: `instance` of `module`."""
    _MODULES[kind] = (module, instance)
    try:
        yield
    finally:
        del _MODULES[kind]


def family_of(header: Mapping[str, Any]) -> Family:
    """The family of a stored model. Raises ModelError for one that this version does not know."""
    kind = str(header.get("family", "sequence"))
    if kind not in _MODULES:
        raise ModelError(
            f"This model is of the family '{kind}'; this version of Etude knows {', '.join(_MODULES)}.",
            "Install a newer version of Etude: pip install -U etude",
        )
    return FAMILIES[kind]


def family_for(medium: str, wanted: str | None = None) -> Family:
    """The family that learns works of a medium: the one that is wanted, else the first. Raises WorkError
    where none does."""
    if wanted is not None and wanted not in _MODULES:
        raise WorkError(f"There is no family '{wanted}'.", f"Choose one of {', '.join(_MODULES)}.")
    fits = [kind for kind in _MODULES if FAMILIES[kind].learns(medium)]
    if wanted is not None and wanted not in fits:
        raise WorkError(
            f"The family '{wanted}' does not learn {medium}.", f"Choose one of {', '.join(fits) or 'none'}."
        )
    if not fits:
        raise WorkError(f"No family learns {medium}.", "See: etude doctor")
    return FAMILIES[wanted or fits[0]]
