"""Pieces: what was kept, as readable files in pieces/ with a .json sidecar that holds the recipe and the
lineage.

A piece exists from the moment its sidecar is written, which is after its files are safe on disk. Knows
nothing of media or credentials.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from etude.errors import ProjectError, TakeError
from etude.store.files import announce, clean_suffix, slug, write_atomic
from etude.store.lines import Record, canonical, read_json, write_json
from etude.store.log import now

FOLDER = "pieces"
FORMAT = 1


@dataclass(frozen=True)
class Piece:
    """One piece. `file` is its main file in pieces/; `files` are all of them, the sidecar included, the main
    one first."""

    id: str
    title: str
    file: str
    files: tuple[str, ...]
    sha256: str
    record: Mapping[str, Any]
    kept: str
    path: Path  # of the main file
    hashes: Mapping[str, str]  # sha256 by file name, as written by us; the sidecar itself has none


def put(
    root: Path,
    data: bytes,
    *,
    suffix: str,
    title: str,
    record: Mapping[str, Any],
    extras: Mapping[str, bytes],
) -> Piece:
    """Write the piece's files, then its sidecar. The same data and record give the same piece. The caller
    holds the lock.

    `extras` are further forms by suffix ('.mid', '.png', ...). `record` must be JSON.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    piece_id = "p-" + hashlib.sha256(canonical(record) + sha256.encode()).hexdigest()[:12]
    stem = f"{slug(title)}-{piece_id[2:10]}"
    forms = {suffix: data, **extras}
    if any(clean_suffix(form) != form or form in ("", ".json") for form in forms):
        raise TakeError(
            f"A piece cannot be written with the suffixes {', '.join(map(repr, forms))}.",
            "Use plain ones, like .md.",
        )
    announce([root / FOLDER / f"{stem}{form}" for form in (*forms, ".json")])
    for form, content in forms.items():
        write_atomic(root / FOLDER / f"{stem}{form}", content)
    write_json(
        root / FOLDER / f"{stem}.json",
        {
            "format": FORMAT,
            "id": piece_id,
            "title": title,
            "kept": now(),
            "file": f"{stem}{suffix}",
            "sha256": sha256,
            "files": {
                f"{stem}{form}": hashlib.sha256(content).hexdigest() for form, content in forms.items()
            },
            "record": dict(record),
        },
    )
    return find(root, piece_id)


def add_file(root: Path, piece: Piece, suffix: str, data: bytes) -> Path:
    """Put one more file beside the piece (a credential, a trace page), or replace it; returns its path. Under
    the lock."""
    sidecar = sidecar_of(root, piece)
    if clean_suffix(suffix) != suffix or suffix in ("", ".json"):
        raise TakeError(
            f"A file of a piece cannot have the suffix {suffix!r}.", "Use a plain one, like .c2pa."
        )
    path = sidecar.with_suffix(suffix)
    write_atomic(path, data)
    record = read_json(sidecar)
    sha256 = hashlib.sha256(data).hexdigest()
    record["files"] = {**record.get("files", {}), path.name: sha256}
    if path.name == record["file"]:
        record["sha256"] = sha256
    write_json(sidecar, record)
    return path


def changed_files(root: Path, piece: Piece) -> tuple[str, ...]:
    """The piece's files whose bytes are not those on record, by name; a file that is gone is none of them."""
    hashes = read_json(sidecar_of(root, piece)).get("files", {})
    found = []
    for name in piece.files[:-1]:
        path = root / FOLDER / name
        if (
            name in hashes
            and path.is_file()
            and hashlib.sha256(path.read_bytes()).hexdigest() != hashes[name]
        ):
            found.append(name)
    return tuple(found)


def take_as_changed(root: Path, piece: Piece, changes: Mapping[str, Mapping[str, Any]]) -> Piece:
    """Put files that were changed outside Etude on record as they are now, with what is known of the change,
    under "by_hand" in the piece's record. The caller holds the lock."""
    sidecar = sidecar_of(root, piece)
    record = read_json(sidecar)
    hashes = {name: hashlib.sha256((root / FOLDER / name).read_bytes()).hexdigest() for name in changes}
    record["files"] = {**record.get("files", {}), **hashes}
    record["sha256"] = hashes.get(record["file"], record["sha256"])
    inner = dict(record.get("record") or {})
    record["record"] = {
        **inner,
        "by_hand": {**(inner.get("by_hand") or {}), **{n: dict(c) for n, c in changes.items()}},
    }
    write_json(sidecar, record)
    return find(root, piece.id)


def sidecar_of(root: Path, piece: Piece) -> Path:
    """The piece's .json file."""
    return root / FOLDER / piece.files[-1]


def every(root: Path) -> tuple[Piece, ...]:
    """All pieces by the time they were kept; damaged sidecars are passed over (`repair` names them)."""
    found = []
    for path in (root / FOLDER).glob("[!.]*.json"):
        try:
            found.append(_from_record(root, path, read_json(path)))
        except ProjectError:
            continue
    return tuple(sorted(found, key=lambda piece: (piece.kept, piece.id)))


def find(root: Path, ref: str) -> Piece:
    """By id, the beginning of one, a file name or path, or the exact title. Raises TakeError when none or
    several fit."""
    known = every(root)
    name = Path(ref).name
    exact = [piece for piece in known if ref == piece.id or name in piece.files]
    titled = [piece for piece in known if ref == piece.title]
    begins = [
        piece
        for piece in known
        if len(ref) > 1 and (piece.id.startswith(ref) or piece.id[2:].startswith(ref))
    ]
    fits = exact or titled or begins
    if len(fits) == 1:
        return fits[0]
    what = (
        f"{len(fits)} pieces fit {ref!r}: {', '.join(p.id for p in fits[:6])}"
        if fits
        else f"There is no piece {ref!r}"
    )
    raise TakeError(f"{what}.", "Give the id." if fits else "List them with: etude pieces")


def _from_record(root: Path, sidecar: Path, record: Record) -> Piece:
    try:
        main = str(record["file"])
        others = [str(name) for name in record.get("files", {}) if name != main]
        names = (main, *others, sidecar.name)
        if any(Path(name).name != name for name in names):
            raise ValueError("a file outside pieces/")
        return Piece(
            id=str(record["id"]),
            title=str(record["title"]),
            file=main,
            files=names,
            sha256=str(record["sha256"]),
            record=dict(record.get("record") or {}),
            kept=str(record["kept"]),
            path=root / FOLDER / main,
            hashes={str(name): str(sha256) for name, sha256 in record.get("files", {}).items()},
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ProjectError(f"{sidecar} is damaged: {error}.", "Run: etude repair") from error
