"""`detect`: whether a text or score without any credential was drawn by a model of this project."""

from __future__ import annotations

from pathlib import Path

from etude.workspace.core import Workspace
from etude.workspace.detecting import Detected


def detect(ws: Workspace, ref: str | Path) -> Detected:
    """Look for the marks of this project's models in a file, take, piece or work, and for pieces that it is a
    near-copy of. Needs no credential. Raises WorkError where it cannot be read."""
    from etude.workspace import detecting

    return detecting.detect(ws, ref)


__all__ = ["Detected", "detect"]
