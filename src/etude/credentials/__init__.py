"""Content credentials: the signed statement that travels with a piece (C2PA), and how to check one.

Importing this package is cheap: c2pa and cryptography are loaded by the first call that needs them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from etude.credentials.keys import (
        NO_NAME,
        Keyring,
        choose_default,
        config_home,
        open_keyring,
        read_keyring,
        trust_add,
        trust_remove,
    )
    from etude.credentials.manifest import Preview, build_manifest, preview
    from etude.credentials.signing import Signed, sign
    from etude.credentials.statement import (
        Began,
        Borrowed,
        ConsentCount,
        Contribution,
        Given,
        Owed,
        Resembled,
        Statement,
    )
    from etude.credentials.verifying import Verification, verify

_HOME = {
    "keys": (
        "NO_NAME",
        "Keyring",
        "choose_default",
        "config_home",
        "open_keyring",
        "read_keyring",
        "trust_add",
        "trust_remove",
    ),
    "manifest": ("Preview", "build_manifest", "preview"),
    "signing": ("Signed", "sign"),
    "statement": (
        "Began",
        "Borrowed",
        "ConsentCount",
        "Contribution",
        "Given",
        "Owed",
        "Resembled",
        "Statement",
    ),
    "verifying": ("Verification", "verify"),
}
_WHERE = {name: module for module, names in _HOME.items() for name in names}

__all__ = [
    "NO_NAME",
    "Began",
    "Borrowed",
    "ConsentCount",
    "Contribution",
    "Given",
    "Owed",
    "Keyring",
    "Preview",
    "Resembled",
    "Signed",
    "Statement",
    "Verification",
    "build_manifest",
    "choose_default",
    "config_home",
    "open_keyring",
    "preview",
    "read_keyring",
    "sign",
    "trust_add",
    "trust_remove",
    "verify",
]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
