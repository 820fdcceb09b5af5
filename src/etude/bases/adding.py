"""Putting a base on the shelf: looked at, copied into a temporary folder, looked at again there, renamed.

Whatever ends it (a full disk, Ctrl-C, a file that lies) leaves the shelf as it was. What was copied is what
is checked, so a file that changes under the copy cannot slip through.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from etude.bases import folder_base, gguf_base, shelf
from etude.bases.found import Found, Source, kind_of
from etude.bases.known import DATA, Known, by_hash, by_name
from etude.bases.licences import UNKNOWN, tidy
from etude.bases.reading import opened, refuse, sha256, size_of, words
from etude.bases.record import FILES, RECORD, Base, Kept, path_of
from etude.config.bases import BASES
from etude.errors import ModelError, clean
from etude.store.files import TEMP, check_name, clear_errors, slug, sync_dir, write_all, write_atomic

OnBytes = Callable[[int, int], None]  # done, of how many
_INSPECT = {"gguf": gguf_base.inspect, "folder": folder_base.inspect}


@dataclass(frozen=True)
class Said:
    """What the person says of a base; '' where they say nothing. `licence` may be 'unknown'."""

    name: str = ""
    licence: str = ""
    makers: str = ""
    data: str = ""
    summary: str = ""


def look(path: Path) -> Found:
    """What lies at a path, without copying it. Raises ModelError for what cannot be a base."""
    return _INSPECT[kind_of(path)](path)


def licence_of(found: Found) -> str:
    """The licence that the files state, or that is known of a base of this name; '' where neither says."""
    known = by_name(found.names)
    return found.licence or (known.licence if known else "")


def add(
    path: Path, said: Said, on_bytes: OnBytes | None = None, *, origin: str = "", moved: bool = False
) -> tuple[Base, bool]:
    """Put the base at `path` on the shelf, and say whether it is new there; `moved`: its one file is moved,
    not copied.

    A base that is there already keeps its place, and what the person says now is written into its record.
    Raises ModelError for what cannot be a base and where its licence is not known, ProjectError where the
    disk is full.
    """
    shelf.sweep()
    if said.data and said.data not in DATA:
        raise ModelError(
            f"'{clean(said.data, 40)}' is no class of data.", f"Choose one of: {', '.join(DATA)}."
        )
    place = shelf.home()
    path = path.expanduser().absolute()
    for held in shelf.shelf().bases:
        if path in (Path(held.path), place / held.hash):  # it is given by its own place
            shelf.check(held)
            return _keep(_told(held, said)), False
    found = look(path)
    if not tidy(said.licence) and said.licence.lower() != UNKNOWN and not licence_of(found):
        raise ModelError(
            f"{clean(path.name, 80)} does not say under which licence it is.",
            f"Say it: etude base add {clean(str(path))} --licence LICENCE (or: --licence {UNKNOWN})",
        )
    with staging(place) as temp:
        kept = _copy(found.sources, temp / FILES, on_bytes, moved=moved)
        copied = temp / FILES if found.kind == "folder" else temp / FILES / kept[0].name
        again = _INSPECT[found.kind](copied)
        if again.shape != found.shape:
            raise refuse(path, "it changed while it was copied", "Try again when nothing writes to it.")
        base = _record(found, kept, said, origin or f"{found.kind} {clean(path.name, 80)}")
        return _settle(base, temp, said)


def _record(found: Found, kept: tuple[Kept, ...], said: Said, origin: str) -> Base:
    """The record of what was copied, with what is known and what the person says."""
    digest = hash_of(found.kind, kept)
    sure = by_hash(kept[0].sha256) if found.kind == "gguf" else None
    known: Known | None = sure[0] if sure else by_name(found.names)
    how = "hash" if sure else "name" if known else ""
    licence, makers = (known.licence, known.makers) if known else ("", "")
    own = "" if sure and licence else found.licence  # what is known by the hash stands above the file
    own_makers = "" if sure else found.makers
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return Base(
        sure[1] if sure else slug(found.title, 40),
        digest,
        known.title if sure and known else found.title,
        found.kind,
        own_makers or makers,
        own or licence,
        known.data if known else "unknown",
        known.learned_from if known else "",
        known.summary if known else "",
        how,
        {
            "makers": "file" if own_makers else how if makers else "",
            "licence": "file" if own else how if licence else "",
            "data": how if known and known.data != "unknown" else "",
        },
        known.verified if known else (),
        known.unverified if known else (),
        found.remarks,
        found.shape,
        kept,
        origin,
        now,
    )


def hash_of(kind: str, kept: Sequence[Kept]) -> str:
    """The hash by which a base is known (see `shelf`)."""
    if kind == "gguf":
        return kept[0].sha256
    lines = (
        f"{file.sha256}  {file.name}\n" for file in sorted(kept, key=lambda file: file.name) if file.counts
    )
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def fingerprint(path: Path) -> str:
    """The hash by which a base at this path is or would be known. Raises ModelError for what can be none."""
    found = look(path)
    kept = [Kept(source.name, 0, sha256(source.path), 0) for source in found.sources if source.counts]
    return hash_of(found.kind, kept)


def _told(base: Base, said: Said) -> Base:
    """The record with what the person says. Raises ModelError for a name that another base has."""
    stated = {
        "licence": tidy(said.licence),
        "makers": words(said.makers),
        "data": said.data,
        "summary": words(said.summary),
    }
    stated = {key: value for key, value in stated.items() if value}
    if said.licence.lower() == UNKNOWN:
        stated["licence"] = ""
    by = {key: "person" if value else "" for key, value in stated.items() if key != "summary"}
    base = replace(base, **stated, sources={**base.sources, **by})  # type: ignore[arg-type]
    return replace(base, name=_named(base, said.name))


def _named(base: Base, wanted: str) -> str:
    """The wanted name, else the base's own, with a digit behind it where another base has it."""
    taken = {one.name for one in shelf.shelf().bases if one.hash != base.hash}
    if wanted:
        name = check_name(wanted, "base")
        if name in taken:
            raise ModelError(
                f"There is another base called '{name}' on the shelf.", f"Give another name: --name {name}-2"
            )
        if re.fullmatch(r"[0-9a-f]{8,64}", name):
            raise ModelError(
                f"'{name}' looks like a hash.", "Give a name with other letters in it: --name NAME"
            )
        return name
    name, number = base.name, 1
    while name in taken or re.fullmatch(r"[0-9a-f]{8,64}", name):
        number += 1
        name = f"{base.name}-{number}"
    return name


def _settle(base: Base, temp: Path, said: Said) -> tuple[Base, bool]:
    """Give the copied base its place, unless it is there already and whole."""
    place = shelf.home() / base.hash
    old = next((one for one in shelf.shelf().bases if one.hash == base.hash), None)
    if old is not None:
        try:
            shelf.check(old, all_bytes=True)
        except ModelError:
            pass  # the copy takes its place, under its name
        else:
            return _keep(_told(old, said)), False
    told = _told(replace(base, name=old.name) if old else base, said)
    write_atomic(temp / RECORD, told.dumps())
    with clear_errors(place):
        if place.exists():
            place.rename(place.with_name(f"{temp.name}-old"))
        temp.rename(place)
        sync_dir(place.parent)
        shutil.rmtree(place.with_name(f"{temp.name}-old"), ignore_errors=True)
    return replace(told, path=str(path_of(told, place))), True


def _keep(base: Base) -> Base:
    """Write a record that changed."""
    write_atomic(shelf.home() / base.hash / RECORD, base.dumps())
    return base


@contextmanager
def staging(home: Path) -> Iterator[Path]:
    """A temporary folder on the shelf, gone afterwards whatever happens."""
    temp = home / f"{TEMP}{os.getpid()}-{secrets.token_hex(4)}"
    with clear_errors(temp):
        temp.mkdir(parents=True)
    try:
        yield temp
    finally:
        shutil.rmtree(temp, ignore_errors=True)


def need(place: Path, size: int, what: str) -> None:
    """Raises ModelError unless so many bytes are free where the shelf is."""
    free = shutil.disk_usage(place).free
    if size > free:
        raise ModelError(
            f"The disk is full: {what} needs {size / 1e6:,.1f} MB, and {free / 1e6:,.1f} MB are free in "
            f"{clean(str(place.parent))}.",
            "Free some space, or move the shelf with ETUDE_BASES, and run the same command again.",
        )


def _copy(
    sources: Sequence[Source], into: Path, on_bytes: OnBytes | None, *, moved: bool
) -> tuple[Kept, ...]:
    """Copy the files, each written through to the disk and hashed on the way."""
    total = sum(source.path.stat().st_size for source in sources)
    if total > BASES.max_bytes:
        raise refuse(
            sources[0].path,
            f"it has {total:,} bytes with all its files, and at most {BASES.max_bytes:,} are taken",
        )
    if not moved:
        need(into.parent, total, "the base")
    with clear_errors(into):
        into.mkdir()
    kept, done = [], 0
    for source in sources:
        target = into / source.name
        if moved:
            with clear_errors(target):
                source.path.rename(target)
            digest = sha256(target)
        else:
            before = done
            digest = _written(
                source.path,
                target,
                lambda n, b=before: on_bytes and on_bytes(b + n, total),  # type: ignore[misc]
            )
        state = target.stat()
        done += state.st_size
        kept.append(Kept(source.name, state.st_size, digest, state.st_mtime_ns, source.counts))
    sync_dir(into)
    return tuple(kept)


def _written(source: Path, target: Path, step: Callable[[int], object]) -> str:
    """Copy one file and give its SHA-256. Raises ModelError where it cannot be read or changes."""
    digest, done = hashlib.sha256(), 0
    with opened(source) as file:
        size = size_of(file)
        with clear_errors(target, size):
            fd = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
        try:
            while data := file.read(BASES.chunk_bytes):
                done += len(data)
                if done > size:
                    raise refuse(
                        source, "it grew while it was copied", "Try again when nothing writes to it."
                    )
                digest.update(data)
                with clear_errors(target, size):
                    write_all(fd, data)
                step(done)
            if done != size:
                raise refuse(source, "it changed while it was copied", "Try again when nothing writes to it.")
            with clear_errors(target, size):
                os.fsync(fd)
        finally:
            os.close(fd)
    return digest.hexdigest()
