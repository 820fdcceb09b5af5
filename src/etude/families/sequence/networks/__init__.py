"""Networks that predict the next token, by the kind that is stored in models: the only list of them.

A further kind is a module here and a line in the list. A module is imported when its kind is first asked for:
it may need packages that are not there for another kind.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

from etude.errors import ModelError
from etude.families.sequence.networks.contract import Kind

USUAL = "transformer"  # what is learned where nobody says otherwise, and what headers without a kind hold
ADAPTED = "adapted"  # what stands on a base
OF_BASES = "tokenizer"  # the kind of codec that bases read by
_MODULES = {
    USUAL: ("etude.families.sequence.networks.transformer", "KIND"),
    ADAPTED: ("etude.families.sequence.networks.adapted", "KIND"),
}


def kind(name: str) -> Kind:
    """The kind of this name. Raises ModelError for one that this version does not know."""
    if name not in _MODULES:
        raise ModelError(
            f"This model has a network of the kind '{name}'; "
            f"this version of Etude knows {', '.join(_MODULES)}.",
            "Install a newer version of Etude: pip install -U etude",
        )
    module, instance = _MODULES[name]
    return cast(Kind, getattr(importlib.import_module(module), instance))


def kind_of(config: Mapping[str, Any]) -> Kind:
    """The kind of a network's stored config. Raises ModelError for one that this version does not know."""
    return kind(str(config.get("kind", USUAL)))


@contextmanager
def registered(name: str, module: str, instance: str = "KIND") -> Iterator[None]:
    """Within this a further kind is known: `instance` of `module`."""
    _MODULES[name] = (module, instance)
    try:
        yield
    finally:
        del _MODULES[name]
