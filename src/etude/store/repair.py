"""`etude repair`: compare the files with what is written about them, mend what can be mended, and report the
rest.

Nothing that a person made is deleted: torn lines and left-over files go to the trash, missing and changed
files are named. Knows nothing of media.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from etude.config.store import STORE
from etude.errors import EtudeError, ModelError
from etude.store import acts, collections, index, log, models, pieces, takes, trash, works
from etude.store.files import TEMP, write_atomic
from etude.store.layout import FOLDERS
from etude.store.lines import TornLine, dump_line, read_lines


@dataclass(frozen=True)
class Finding:
    """One thing that was not as it should be: `kind` for programs, `what` for people, and whether it is
    mended now."""

    kind: str
    path: str
    what: str
    mended: bool


@dataclass(frozen=True)
class Report:
    """What repair found, and what the project holds."""

    findings: tuple[Finding, ...]
    works: int
    pieces: int
    models: int
    events: int
    indexed: int

    @property
    def whole(self) -> bool:
        """True when nothing is left that a person must see to."""
        return all(finding.mended for finding in self.findings)


def repair(root: Path) -> Report:
    """Check everything, mend what can be mended, rebuild the index. The caller holds the lock."""
    for folder in FOLDERS:
        (root / folder).mkdir(exist_ok=True)
    findings = [
        *_cut_off(root),
        *_leftovers(root),
        *_lines(root),
        *_works(root),
        *_collections(root),
        *_models(root),
        *_half_signed(root),
        *_half_kept(root),
        *_pieces(root),
        *_unlogged(root),
    ]
    return Report(
        findings=tuple(findings),
        works=len(works.read(root)),
        pieces=len(pieces.every(root)),
        models=len(models.infos(root)),
        events=len(log.read(root)),
        indexed=index.rebuild(root),
    )


def glance(root: Path) -> tuple[Finding, ...]:
    """What `repair` would say of works, collections and pieces, without changing anything and without
    waiting: sizes of all files, and the hashes of those that were written last, up to STORE.glance_bytes."""
    seen = [
        (path, path.stat())
        for folder in (works.FOLDER, pieces.FOLDER)
        for path in (root / folder).glob("[!.]*")
        if path.is_file()
    ]
    left, hashed = STORE.glance_bytes, set[Path]()
    for path, status in sorted(seen, key=lambda pair: pair[1].st_mtime, reverse=True):
        left -= status.st_size
        if left < 0:
            break
        hashed.add(path)
    return (*_works(root, hashed), *_collections(root), *_pieces(root, hashed))


def _cut_off(root: Path) -> list[Finding]:
    """Acts whose process died, undone at the next start: each is named once."""
    found = [Finding("cut-off", done.slot, f"{done.what}; do it again", True) for done in acts.unnamed(root)]
    if found:
        log.write(root, [(acts.NAMED, {})])
    if not (root / acts.JOURNAL).exists():
        shutil.rmtree(root / acts.KEPT, ignore_errors=True)  # a crash came between the two
    return found


def _leftovers(root: Path) -> list[Finding]:
    """Temporary files of processes that are gone, and models that a crash left one step from their place."""
    found = [
        Finding("unfinished-model", f"{models.FOLDER}/{name}", "was complete and is now in its place", True)
        for name in models.finish(root)
    ]
    temps = [path for path in root.rglob(f"{TEMP}*") if not _alive(path, path.name.removeprefix(TEMP))]
    temps += [
        path
        for path in (root / models.FOLDER).glob(".new-*")
        if not _alive(path, path.name.removeprefix(".new-"))
    ]
    temps += [path for path in (root / works.FOLDER).glob(f"{works.READY}*") if not _reading(path)]
    for path in temps:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
        found.append(
            Finding(
                "left-over", str(path.relative_to(root)), "was left by an interrupted write; removed", True
            )
        )
    return found


def _alive(path: Path, rest: str) -> bool:
    """Whether the process that is writing this may still be at it."""
    pid = rest.split("-")[0]
    young = path.exists() and time.time() - path.stat().st_mtime < STORE.temp_age_s
    return young and pid.isdigit() and int(pid) != os.getpid() and psutil.pid_exists(int(pid))


def _reading(path: Path) -> bool:
    """Whether the process that laid this ready is still reading other files: by its number, and that it is
    older than the file."""
    pid = path.name.removeprefix(works.READY).split("-")[0]
    with suppress(psutil.Error, OSError, ValueError):
        return psutil.Process(int(pid)).create_time() <= path.stat().st_mtime + 1.0
    return False


def _lines(root: Path) -> list[Finding]:
    """Torn lines of the log and of works.jsonl: kept in the trash, taken out of the file."""
    found = []
    for path in (root / works.INDEX, *log.files(root)):
        lines = read_lines(path)
        if not lines.torn:
            continue
        keep = root / trash.FOLDER / f"torn-{path.stem}-{secrets.token_hex(3)}.jsonl"
        write_atomic(keep, path.read_bytes())
        write_atomic(path, b"".join(dump_line(record) for record in lines.records))
        place = str(path.relative_to(root))
        found += [
            Finding("torn-line", place, _torn(line, keep.relative_to(root)), True) for line in lines.torn
        ]
    return found


def _torn(line: TornLine, kept: Path) -> str:
    return (
        f"line {line.number} was cut short ({line.text[:40]!r}...); removed, the old file is kept in {kept}"
    )


def _works(root: Path, hashed: set[Path] | None = None) -> list[Finding]:
    """`hashed`: the files whose hashes are looked at, every one when None."""
    found = []
    known: set[str] = set()
    for number, record in enumerate(read_lines(root / works.INDEX).records, start=1):
        work = works.from_record(record)
        if work is None:
            found.append(
                Finding("bad-record", works.INDEX, f"record {number} does not describe a work", False)
            )
            continue
        known.add(work.file)
        path = root / works.FOLDER / work.file
        if not path.is_file():
            found.append(
                Finding("missing-work", f"works/{work.file}", f"{work.title!r} ({work.id}) is missing", False)
            )
        elif hashed is not None and path not in hashed:
            if (size := path.stat().st_size) != work.bytes:
                what = f"{work.title!r} was changed: it has {size:,} bytes, expected {work.bytes:,}"
                found.append(Finding("changed-work", f"works/{work.file}", what, False))
        elif (sha256 := _sha256(path)) != work.sha256:
            what = f"{work.title!r} was changed: sha256 {sha256[:12]}, expected {work.sha256[:12]}"
            found.append(Finding("changed-work", f"works/{work.file}", what, False))
    for path in sorted((root / works.FOLDER).glob("[!.]*")):
        if path.name not in known:
            what = "is not in works.jsonl; add it with etude add, or move it away"
            found.append(Finding("orphan-work", f"works/{path.name}", what, False))
    return found


def _collections(root: Path) -> list[Finding]:
    found = []
    known = {work.id for work in works.read(root)}
    for name in collections.names(root):
        path = f"{collections.FOLDER}/{name}.json"
        try:
            missing = [work_id for work_id in collections.read(root, name).works() if work_id not in known]
        except EtudeError as error:
            found.append(Finding("bad-collection", path, error.message, False))
            continue
        if missing:
            what = f"names {len(missing)} works that the project does not hold ({', '.join(missing[:3])})"
            found.append(Finding("unknown-works", path, what, False))
    return found


def _models(root: Path) -> list[Finding]:
    found = []
    for path in sorted((root / models.FOLDER).glob("[!.]*")):
        try:
            models.load(models.info(path))
        except ModelError as error:
            found.append(Finding("bad-model", f"models/{path.name}", error.message, False))
    return found


def _pieces(root: Path, hashed: set[Path] | None = None) -> list[Finding]:
    found = []
    known: set[str] = set()
    for piece in pieces.every(root):
        known.update(piece.files)
        hashes = piece.hashes
        for name in piece.files[:-1]:
            path = root / pieces.FOLDER / name
            if not path.is_file():
                found.append(
                    Finding("missing-piece", f"pieces/{name}", f"a file of {piece.title!r} is missing", False)
                )
            elif name in hashes and (hashed is None or path in hashed) and _sha256(path) != hashes[name]:
                what = f"a file of {piece.title!r} was changed outside Etude; it is kept as it is"
                found.append(Finding("changed-piece", f"pieces/{name}", what, False))
    for path in sorted((root / pieces.FOLDER).glob("[!.]*")):
        if path.name not in known:
            found.append(
                Finding("orphan-piece", f"pieces/{path.name}", "belongs to no piece; left where it is", False)
            )
    return found


_NAMED = re.compile(r".+-[0-9a-f]{8}")  # as `pieces.put` names files: a title, and the piece's id


def _half_kept(root: Path) -> list[Finding]:
    """Files that bear a piece's name without its sidecar: keeping was cut off before the piece was one. They
    go to the trash; the take is still there."""
    found = []
    known = {name for piece in pieces.every(root) for name in piece.files}
    for path in sorted((root / pieces.FOLDER).glob("[!.]*")):
        if path.name in known or not _NAMED.fullmatch(path.stem) or path.with_suffix(".json").exists():
            continue
        trash.put(root, path)
        what = "is left from an interrupted accept; moved to the trash, and the take is still there"
        found.append(Finding("half-kept", f"pieces/{path.name}", what, True))
    return found


def _half_signed(root: Path) -> list[Finding]:
    """Credentials beside a piece that it does not know of: signing was cut off before it was written down.
    They go to the trash; sign again."""
    found = []
    every = pieces.every(root)
    known = {name for piece in every for name in piece.files}
    beside = {Path(name).with_suffix(".c2pa").name for name in known} | {f"{name}.c2pa" for name in known}
    for name in sorted(beside - known):
        path = root / pieces.FOLDER / name
        if path.is_file():
            trash.put(root, path)
            what = "is left from an interrupted signing; moved to the trash, so sign the piece again"
            found.append(Finding("half-signed", f"pieces/{name}", what, True))
    return found


def _unlogged(root: Path) -> list[Finding]:
    """Pieces that were kept just before a crash cut off the log: the acceptance is written down now."""
    events = log.read(root)
    logged = {str(event["piece"]) for event in events if event.get("piece")}
    known = {take.id for take in takes.every(root)}
    late = [piece for piece in pieces.every(root) if piece.id not in logged]
    acts = []
    for piece in late:
        take = str(piece.record.get("take") or "")
        if take in known:
            acts.append(
                (
                    "accepted",
                    {"act": f"a-{secrets.token_hex(6)}", "take": take, "piece": piece.id, "repaired": True},
                )
            )
    log.write(root, acts)
    noted = {str(fields["piece"]) for _, fields in acts}
    return [
        Finding(
            "unlogged-piece",
            f"pieces/{piece.file}",
            "is now in the log as accepted"
            if piece.id in noted
            else "is not in the log: its take is unknown; the piece itself is intact",
            True,
        )
        for piece in late
    ]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
