"""Takes and pieces as files of a chosen format and size, for other programs, and pieces in a zip.

What is written is a copy: the take or piece stays as it is, and a copy carries no credentials (`etude sign`
gives them to the piece).
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from etude.errors import EtudeError, TakeError, WorkError, clean
from etude.media import MEDIA
from etude.store.files import write_atomic
from etude.store.project import Project
from etude.takes.recipe import Recipe
from etude.takes.source import Source
from etude.workspace.contents import find
from etude.workspace.core import Workspace
from etude.workspace.statement import given

LABELS = "AI GENERATED", "AI MODIFIED"


@dataclass(frozen=True)
class Exported:
    """The files that were written, in the order of what was named; `upscaler` is '' where nothing was
    enlarged."""

    schema: ClassVar[str] = "etude.exported/1"
    files: tuple[str, ...]
    scale: int
    upscaler: str


def export(
    ws: Workspace,
    refs: Sequence[str],
    folder: str | Path,
    fmt: str | None,
    scale: int,
    upscaler: str,
    previews: bool,
    label: bool = False,
) -> Exported:
    """Write them; see `api.export`. Raises TakeError and WorkError, before anything is written."""
    project = ws.project
    if not refs:
        raise TakeError("Nothing was named.", "Name takes or pieces: etude take ls, etude pieces")
    ready = []
    for ref in dict.fromkeys(refs):  # what cannot be done is said before anything is written
        found_id = _known(project, ref)
        source = find(ws, found_id)
        medium = MEDIA[source.medium]
        kind = (fmt or medium.formats[0]).lower().lstrip(".")
        if kind not in medium.formats:
            raise WorkError(
                f"A {medium.names.work} cannot be written as {clean(kind, 20)}.",
                f"Choose one of {', '.join(medium.formats)}.",
            )
        if scale != 1 and medium.scales == (1,):
            raise TakeError(f"{ref} is {source.medium}: it has no pixels to enlarge.", "Leave --scale out.")
        if scale not in medium.scales:
            sizes = ", ".join(map(str, medium.scales))
            raise WorkError(
                f"{source.medium.capitalize()} is not enlarged {scale} times.", f"Choose {sizes}."
            )
        content = medium.labelled(source.content, _label(ws, source)) if label else source.content
        if content is None:
            raise TakeError(f"{ref} is {source.medium}, which shows no label.", "Leave --label out.")
        ready.append((found_id, medium, kind, content))
    root = Path(folder).expanduser()
    root.mkdir(parents=True, exist_ok=True)
    written = []
    for name, medium, kind, content in ready:
        if scale != 1:
            content = medium.enlarged(content, scale, upscaler)
        path = root / (f"{name}-x{scale}.{kind}" if scale != 1 else f"{name}.{kind}")
        write_atomic(path, medium.write(content, kind))
        written.append(str(path))
        for suffix, make in (medium.previews(content) if previews else {}).items():
            beside = path.with_suffix(suffix)
            if beside == path:
                continue
            with suppress(EtudeError):  # as when keeping: a preview that cannot be made is left out
                write_atomic(beside, make())
                written.append(str(beside))
    return Exported(tuple(written), scale, upscaler if scale != 1 else "")


def _label(ws: Workspace, source: Source) -> str:
    """What a visible label says: whether a model made all of it, or a person gave or changed some."""
    recipe = Recipe.from_json(ws.project.take(source.take).record) if source.take else None
    whole = recipe is not None and recipe.kind == "made" and given(ws, recipe) is None
    return LABELS[0] if whole else LABELS[1]


def _known(project: Project, ref: str) -> str:
    """The full id of a take or piece."""
    for known in (project.take, project.piece):
        try:
            return known(ref).id
        except EtudeError:
            continue
    raise TakeError(
        f"'{ref}' is not a take or piece of this project.", "List them with: etude take ls, etude pieces"
    )


@dataclass(frozen=True)
class Zipped:
    """A zip of pieces as they lie in pieces/, signed ones with their credentials."""

    schema: ClassVar[str] = "etude.zip/1"
    path: str
    files: tuple[str, ...]


def zipped(ws: Workspace, refs: Sequence[str], out: str | Path) -> Zipped:
    """Put the files of pieces into one zip: works and credentials, not the records beside them, which hold
    private notes. Raises TakeError where nothing is named or there."""
    found = [ws.project.piece(ref) for ref in refs]
    paths = [
        piece.path.parent / name for piece in found for name in piece.files if not name.endswith(".json")
    ]
    if not paths:
        raise TakeError("No piece was named.", "See them with: etude pieces")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in paths:
            archive.writestr(path.name, path.read_bytes())
    target = Path(out).expanduser()
    write_atomic(target, packed.getvalue())
    return Zipped(str(target), tuple(path.name for path in paths))
