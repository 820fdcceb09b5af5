"""etude.toml: that it can be read, and that this version may. Knows nothing of what else lies in the
folder."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from etude.config.store import STORE
from etude.errors import ProjectError


def read(path: Path) -> Mapping[str, Any]:
    """The settings of a project. Raises ProjectError when they cannot be read, or are of a newer version."""
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise ProjectError(
            f"{path} cannot be read: {error}.", "Mend the line it names, or take the file from a backup."
        ) from error
    version = settings.get("format", 0)
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise ProjectError(f"{path} has no format number.", f"Add the line: format = {STORE.project_format}")
    if version > STORE.project_format:
        raise ProjectError(
            f"{path.parent} was made by a newer Etude: its format is {version}, this version reads up to "
            f"{STORE.project_format}.",
            "Update with: pip install -U etude",
        )
    return settings
