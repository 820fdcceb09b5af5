"""`export` and `pieces zip`: takes and pieces as files for other programs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from etude.workspace import exporting
from etude.workspace.core import Workspace
from etude.workspace.exporting import Exported as Exported
from etude.workspace.exporting import Zipped


def export(
    ws: Workspace,
    /,
    refs: Sequence[str],
    folder: str | Path = ".",
    *,
    fmt: str | None = None,
    scale: int = 1,
    upscaler: str = "lanczos",
    previews: bool = False,
    label: bool = False,
) -> Exported:
    """Write takes and pieces as files named by their ids. `fmt`: one of the medium's formats, else its usual
    one; `scale`: pictures and clips so many times as wide and high, by a classical `upscaler` (lanczos,
    nearest); `previews`: beside each file every preview that this machine can make;
    `label`: AI GENERATED, or AI MODIFIED where a person gave or changed some of it, for everybody to see.

    Raises TakeError for what is no take and no piece, or where scale and medium do not fit; WorkError for a
    format that the medium does not have.
    """
    return exporting.export(ws, refs, folder, fmt, scale, upscaler, previews, label)


def pieces_zip(ws: Workspace, /, refs: Sequence[str], out: str | Path) -> Zipped:
    """Put the files of pieces into one zip: works and credentials, not the records beside them, which hold
    private notes. Raises TakeError where nothing is named or there."""
    return exporting.zipped(ws, refs, out)
