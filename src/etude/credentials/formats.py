"""Which files carry a credential inside and which need one beside them, and where the one beside lies.

Knows file names only; whether the bytes are what the name says is found out when they are read. Embedding
follows what c2pa 0.38 can do; C2PA 2.2, section 11.4, has the external manifests.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_EMBEDDED = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".svg": "image/svg+xml",
    ".wav": "audio/wav",
    ".mp3": "audio/mpeg",
    ".flac": "audio/flac",
    ".m4a": "audio/mp4",
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".epub": "application/epub+zip",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".pdf": "application/pdf",
}
_BESIDE = {
    ".txt": "text/plain",
    ".md": "text/markdown",
    ".html": "text/html",
    ".json": "application/json",
    ".mid": "audio/midi",
    ".midi": "audio/midi",
    ".musicxml": "application/vnd.recordare.musicxml+xml",
    ".xml": "application/xml",
    ".mxl": "application/vnd.recordare.musicxml",
    ".abc": "text/vnd.abc",
    ".ogg": "audio/ogg",
}
UNKNOWN = "application/octet-stream"  # any file can have a credential beside it
SIDECAR = ".c2pa"


@dataclass(frozen=True)
class Kind:
    """What a file name says of its credential: the media type, and whether the credential goes inside."""

    mime: str
    embedded: bool


def kind_of(path: Path) -> Kind:
    """The kind of a file by its suffix; a suffix that is not known gets its credential beside it."""
    suffix = path.suffix.lower()
    if suffix in _EMBEDDED:
        return Kind(_EMBEDDED[suffix], embedded=True)
    return Kind(_BESIDE.get(suffix, UNKNOWN), embedded=False)


def sidecar_for(path: Path) -> Path:
    """Where Etude writes the credential of `path` when it cannot go inside: `song.mid` has `song.mid.c2pa`.

    The standard speaks of `song.c2pa`. A piece of Etude often leaves as `song.mid` and `song.musicxml`
    together, and one name cannot serve two credentials; so the suffix is added and not replaced, and
    `sidecars_of` reads both names.
    """
    return path.with_name(path.name + SIDECAR)


def sidecars_of(path: Path) -> tuple[Path, ...]:
    """Every place where the credential of `path` may lie beside it, the surest first."""
    if path.suffix.lower() == SIDECAR:
        return ()
    return (sidecar_for(path), path.with_suffix(SIDECAR))
