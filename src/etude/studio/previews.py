"""What a content looks and sounds like, as bytes with their type, made once and kept in .etude/.

Which of a tile, a sound, words or further views there are is asked of the medium of the content; nothing here
asks which medium it is. Bytes are named by the id of a work, take or piece, never by a path.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from etude import api
from etude.config.studio import STUDIO
from etude.errors import WorkError
from etude.media import MEDIA
from etude.media.looks import encoded
from etude.store.files import write_atomic
from etude.store.project import Project
from etude.takes.source import Source
from etude.workspace.contents import find
from etude.workspace.core import Workspace

TYPES = {
    ".png": "image/png",
    ".webp": "image/webp",
    ".wav": "audio/wav",
    ".svg": "image/svg+xml",
    ".mp4": "video/mp4",
    ".gif": "image/gif",
    ".jpg": "image/jpeg",
    ".md": "text/plain; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".json": "application/json",
    ".mid": "audio/midi",
}
ATTACHED = (".svg", ".html", ".pdf", ".xml", ".musicxml")  # never shown as pages: they could carry scripts
_making = threading.Semaphore(2)  # previews of a whole shelf must not take all cores from the pages


@dataclass(frozen=True)
class Shown:
    """How a content appears on a card: words to read (cut short), and whether there is a tile or a sound."""

    medium: str
    title: str
    line: str
    words: str
    more: bool
    tile: bool
    sound: bool


def shown(ws: Workspace, ref: str, *, chars: int = STUDIO.text_chars) -> Shown:
    """A content for a card. Raises WorkError or TakeError where it is gone."""
    return card(find(ws, ref), chars)


def card(source: Source, chars: int = STUDIO.text_chars) -> Shown:
    """The same, of what was found already."""
    medium, content = MEDIA[source.medium], source.content
    text = (medium.text(content) or "") if medium.edited_as else ""
    tile = not text and medium.look(content) is not None
    sound = not text and ".wav" in medium.previews(content)
    return Shown(
        source.medium, source.title, medium.describe(content), text[:chars], len(text) > chars, tile, sound
    )


def preview(ws: Workspace, ref: str, form: str) -> tuple[Path, str]:
    """The file of a view and its type. `form`: tile, sound, score or sheet. Raises WorkError for any other,
    or where the content has no such view."""
    if form not in _FORMS:
        raise WorkError(f"There is no view '{form}'.", f"Choose one of {', '.join(_FORMS)}.")
    folder = ws.project.cache_dir("previews")
    for suffix in (".png", ".webp", ".wav", ".svg"):
        kept = folder / f"{_safe(ref)}-{form}{suffix}"
        if kept.exists():
            return kept, TYPES[suffix]
    with _making:
        source = find(ws, _known(ws.project, ref))
        data, suffix = _FORMS[form](MEDIA[source.medium], source.content)
    kept = folder / f"{_safe(ref)}-{form}{suffix}"
    write_atomic(kept, data, sync_folder=False)
    return kept, TYPES[suffix]


def _known(project: Project, ref: str) -> str:
    """The whole id of a work, take or piece. Raises what the last of them raises; a path is none of these."""
    named: dict[str, Callable[[str], Any]] = {"w-": project.work, "t-": project.take, "p-": project.piece}
    if ref[:2] not in named:
        raise WorkError(f"'{ref[:40]}' is not a work, take or piece.", "Reload the page.")
    return str(named[ref[:2]](ref).id)


def _safe(ref: str) -> str:
    return "".join(sign for sign in ref if sign.isalnum() or sign == "-")[:80]


def _tile(medium: Any, content: Any) -> tuple[bytes, str]:
    look = medium.look(content)
    if look is None:
        raise WorkError(f"A {medium.names.work} has no picture.", "Read it instead.")
    return encoded(look)


def _sound(medium: Any, content: Any) -> tuple[bytes, str]:
    data = medium.sound(content)
    if data is None:
        raise WorkError(f"A {medium.names.work} makes no sound.", "Look at it instead.")
    return data, ".wav"


def _view(suffix: str, medium: Any, content: Any) -> tuple[bytes, str]:
    made = medium.previews(content).get(suffix)
    if made is None:
        raise WorkError(f"A {medium.names.work} has no such view.", "Look at it as it is.")
    return made(), suffix


def drawn(ws: Workspace, draft: api.DraftInfo, form: str) -> tuple[bytes, str, str]:
    """A draft as a view or as a file that other programs read: bytes, type and file name. Views of one
    version are made once. Raises WorkError for any other form."""
    medium = MEDIA[draft.medium]
    content = medium.load(draft.text.encode())
    if form in medium.formats:
        suffix = f".{form}"
        return medium.write(content, form), TYPES.get(suffix, "application/octet-stream"), draft.name + suffix
    if form not in _FORMS:
        known = ", ".join((*medium.formats, *_FORMS))
        raise WorkError(f"There is no view '{form[:40]}'.", f"Choose one of {known}.")
    with _making:
        data, suffix = _FORMS[form](medium, content)
    return data, TYPES[suffix], draft.name + suffix


_FORMS: dict[str, Callable[[Any, Any], tuple[bytes, str]]] = {
    "tile": _tile,
    "sound": _sound,
    "score": partial(_view, ".svg"),
    "sheet": partial(_view, ".png"),
}


def piece_file(project: Project, ref: str, name: str) -> tuple[Path, str]:
    """A file of a piece, by the names that the piece itself lists. Raises WorkError for any other."""
    piece = project.piece(ref)
    if name not in piece.files:
        raise WorkError(f"Piece {piece.id} has no such file.", "Reload the page.")
    path = piece.path.parent / name
    return path, TYPES.get(path.suffix.lower(), "application/octet-stream")
