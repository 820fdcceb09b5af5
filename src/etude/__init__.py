"""Etude: a generative studio for people who make things.

`etude.open(path)` gives a handle on a project whose methods are the verbs of the command line. Importing this
package imports nothing else: the rest follows when it is first asked for.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from etude.version import VERSION as __version__

if TYPE_CHECKING:
    from etude.api.handle import Studio

__all__ = ["__version__", "open"]


def open(path: str | Path = ".", *, create: bool = False) -> Studio:
    """The project that `path` is in; with `create` one is made there when there is none. Raises ProjectError
    without it."""
    from etude.api.handle import open_studio

    return open_studio(path, create=create)
