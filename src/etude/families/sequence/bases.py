"""Where bases lie: the one place that this family asks.

A base is named by the path of its folder or file. Knows no formats.
"""

from __future__ import annotations

from pathlib import Path

from etude.errors import ModelError


def find(name: str) -> Path:
    """Where the base of this name or hash lies. Raises ModelError where there is none."""
    path = Path(name).expanduser()
    if name and path.exists():
        return path.resolve()
    raise ModelError(
        f"The base '{name}' is not at hand.",
        "Name a folder or a GGUF file of a language model: --on PATH",
    )


def named(name: str) -> str:
    """The name by which a model remembers its base: of a path the whole of it."""
    return str(find(name))
