"""Which file and which credential in a folder belong together when their names do not say so: one of the two
was renamed.

A credential beside a file binds its bytes by a hash, so the bytes decide and not the names. Searches are
bounded: a folder may hold thousands of files, and every comparison reads the file whole. Knows nothing of
keys.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from etude.config.trust import CREDENTIALS
from etude.credentials import engine
from etude.credentials.formats import SIDECAR, kind_of, sidecars_of

# Said of every self-made certificate, or of one that has ended: the content fits all the same.
_OF_THE_SIGNER = {
    "signingCredential.untrusted",
    "signingCredential.expired",
    "claimSignature.outsideValidity",
}


def fits(found: engine.Found | engine.Broken | None) -> bool:
    """Whether a credential holds for the bytes that it was read with, whoever signed."""
    return isinstance(found, engine.Found) and not set(found.failures) - _OF_THE_SIGNER


def credentials_of(path: Path, data: bytes) -> list[tuple[engine.Found, Path, bytes]]:
    """(what it says, its path, its bytes) of every credential in the folder that fits `data` under a name
    unlike `path`'s."""
    found = []
    others = [
        beside for beside in sorted(path.parent.glob(f"[!.]*{SIDECAR}")) if beside not in sidecars_of(path)
    ]
    for beside in others[: _most(len(data))]:
        store = read(beside)
        fit = engine.read_bytes(data, kind_of(path).mime, store) if store and data else None
        if isinstance(fit, engine.Found) and fits(fit):
            found.append((fit, beside, store))
    return found


def file_of(sidecar: Path) -> Path | None:
    """The file that a credential beside it belongs to: by its name if there is such a file, else by its
    bytes; None for none."""
    named = sidecar.with_suffix("")
    if named.is_file():
        return named
    store = read(sidecar)
    files = [
        path
        for path in sorted(sidecar.parent.glob("[!.]*"))
        if path.suffix.lower() != SIDECAR and path.is_file()
    ]
    alike = [path for path in files if path.stem == sidecar.stem and path.suffix.lower() != ".json"]
    left = CREDENTIALS.max_bytes
    for path in [*alike, *(path for path in files if path not in alike)][: CREDENTIALS.max_searched]:
        left -= path.stat().st_size
        if left < 0:
            break
        if store and fits(engine.read_bytes(read(path), kind_of(path).mime, store)):
            return path
    # None fits: then the one whose name says so was altered. A format that carries its own credential is the
    # least likely.
    return min(alike, key=lambda path: (kind_of(path).embedded, path.name), default=None)


def read(path: Path) -> bytes:
    """The bytes of a file that is neither too large nor gone; else none."""
    with suppress(OSError):
        if path.stat().st_size <= CREDENTIALS.max_bytes:
            return path.read_bytes()
    return b""


def _most(size: int) -> int:
    """How many credentials a file of so many bytes is compared with."""
    return min(CREDENTIALS.max_searched, CREDENTIALS.max_bytes // max(1, size))
