"""The works: originals as given in works/, never changed, and one line each in works.jsonl.

A work exists from the moment its line is written, which is after its file is safe on disk. Knows nothing of
media: bytes, a title and what people said about them.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from etude.errors import WorkError, clean
from etude.store.files import announce, clean_suffix, clear_errors, slug, sync_dir, write_atomic
from etude.store.lines import Record, append, read_lines, rewrite
from etude.store.log import now

FOLDER = "works"
INDEX = "works.jsonl"
CONSENTS = ("yes", "no", "unknown")
READY = (
    ".read-"  # how files begin that wait to become works; `repair` clears those of processes that are gone
)


@dataclass(frozen=True)
class Work:
    """One work. `file` is its name in works/, `bytes` its length there, `size` its length in the medium's
    units."""

    id: str
    sha256: str
    title: str
    medium: str
    maker: str
    licence: str
    consent: str
    attrs: Mapping[str, str]
    file: str
    suffix: str
    bytes: int
    size: int
    series: str
    added: str
    # How the file is read, where the person said so: options of its medium.
    reading: Mapping[str, str | bool] = field(default_factory=dict)


@dataclass(frozen=True)
class NewWork:
    """What `add` is given: the original bytes and what is known about them."""

    data: bytes = field(repr=False)
    suffix: str
    medium: str
    title: str = ""
    maker: str = ""
    licence: str = ""
    consent: str = "unknown"
    attrs: Mapping[str, str] = field(default_factory=dict)
    size: int = 0
    series: str = ""
    reading: Mapping[str, str | bool] = field(default_factory=dict)
    ready: Ready | None = None  # the bytes, where they lie on disk already and `data` holds none


@dataclass(frozen=True)
class Ready:
    """Bytes that wait in works/ to become a work, so that a shelf of photographs need not fit into memory."""

    path: Path
    sha256: str
    bytes: int


def lay_ready(root: Path, item: NewWork) -> NewWork:
    """Write the bytes under a hidden name, from which `add` moves them into their place."""
    path = root / FOLDER / f"{READY}{os.getpid()}-{secrets.token_hex(4)}"
    write_atomic(path, item.data)
    sha256 = hashlib.sha256(item.data).hexdigest()
    return replace(item, data=b"", ready=Ready(path, sha256, len(item.data)))


def id_for(sha256: str) -> str:
    """The id of the work with these bytes."""
    return "w-" + sha256[:12]


def read(root: Path) -> tuple[Work, ...]:
    """Every work, in the order added; of several lines for one id the last holds."""
    found: dict[str, Work] = {}
    for record in read_lines(root / INDEX).records:
        work = from_record(record)
        if work is not None:
            found[work.id] = work
    return tuple(found.values())


def from_record(record: Mapping[str, Any]) -> Work | None:
    """A work from its line, or None when the line is not one of ours (repair reports it)."""
    try:
        work = Work(
            **{
                key: str(record[key])
                for key in ("id", "sha256", "title", "medium", "maker", "licence", "consent")
            },
            **{key: str(record[key]) for key in ("file", "suffix", "series", "added")},
            attrs={str(key): str(value) for key, value in record["attrs"].items()},
            bytes=int(record["bytes"]),
            size=int(record["size"]),
            reading={
                str(k): v if isinstance(v, bool) else str(v) for k, v in record.get("reading", {}).items()
            },
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    plain = Path(work.file).name == work.file and work.file not in ("", ".", "..") and "\\" not in work.file
    return work if plain else None  # a line edited to point outside works/ is not followed


def add(root: Path, new: Sequence[NewWork], known: Mapping[str, Work]) -> tuple[Work, ...]:
    """Write the originals, then their lines. A work whose bytes are known (`known` by sha256) is returned as
    it was.

    The caller holds the lock. Raises WorkError for a consent that is none of CONSENTS, ProjectError when the
    disk is full (the works before it in this call are then not added either, and the same command adds all of
    them).
    """
    seen = dict(known)
    fresh: list[tuple[Work, NewWork]] = []
    out: list[Work] = []
    try:
        for item in new:
            sha256 = item.ready.sha256 if item.ready else hashlib.sha256(item.data).hexdigest()
            if sha256 not in seen:
                seen[sha256] = _describe(item, sha256)
                fresh.append((seen[sha256], item))
            out.append(seen[sha256])
        announce([root / FOLDER / work.file for work, _ in fresh])
        with ThreadPoolExecutor(
            8
        ) as pool:  # file systems make several files durable in about the time of one
            list(pool.map(lambda pair: _place(root / FOLDER / pair[0].file, pair[1]), fresh))
        if fresh:
            sync_dir(root / FOLDER)
            append(root / INDEX, [to_record(work) for work, _ in fresh])
    except BaseException:
        written = {work.file for work in read(root)}  # Ctrl-C may come after the lines
        for (
            work,
            _,
        ) in fresh:  # without its line a file is no work: leave nothing that repair would have to ask about
            if work.file not in written:
                (root / FOLDER / work.file).unlink(missing_ok=True)
        raise
    return tuple(out)


def _place(path: Path, item: NewWork) -> None:
    if item.ready is None:
        write_atomic(path, item.data, sync_folder=False)
        return
    with clear_errors(path):
        item.ready.path.replace(path)


def _describe(item: NewWork, sha256: str) -> Work:
    if item.consent not in CONSENTS:
        raise WorkError(
            f"Consent is {item.consent!r}; it can be {', '.join(CONSENTS)}.",
            "Give one of them with --consent.",
        )
    suffix = clean_suffix(item.suffix)
    title = " ".join(clean(item.title).split()) or "Untitled"
    work = Work(
        id=id_for(sha256),
        sha256=sha256,
        title=title,
        medium=item.medium,
        maker=" ".join(item.maker.split()),
        licence=item.licence,
        consent=item.consent,
        attrs=dict(item.attrs),
        file=f"{slug(title)}-{sha256[:8]}{suffix}",
        suffix=suffix,
        bytes=item.ready.bytes if item.ready else len(item.data),
        size=item.size,
        series=item.series,
        added=now(),
        reading=dict(item.reading),
    )
    return cleaned(work)


def cleaned(work: Work) -> Work:
    """A work whose words are printable lines: what people and files say is shown on terminals and pages. In
    composed Unicode (NFC), since some systems write names in pieces, and one maker must not become two."""

    def line(text: str) -> str:
        return " ".join(composed(clean(text)).split())

    return replace(
        work,
        title=line(work.title) or "Untitled",
        maker=line(work.maker),
        licence=line(work.licence),
        series=line(work.series),
        attrs={
            composed(clean(key)): composed(clean(value)) for key, value in work.attrs.items() if clean(key)
        },
    )


def composed(text: str) -> str:
    """In the one of Unicode's forms in which names are kept and compared."""
    return unicodedata.normalize("NFC", text)


def to_record(work: Work) -> Record:
    """The line of a work. Of one that is read as every file is, nothing is said of reading."""
    record = asdict(replace(work, attrs=dict(work.attrs), reading=dict(work.reading)))
    return record if work.reading else {key: value for key, value in record.items() if key != "reading"}


def put_back(root: Path, record: Mapping[str, Any]) -> Work:
    """Write the line of a work whose file is back. The caller holds the lock. Raises WorkError for a record
    that describes none."""
    work = from_record(record)
    if work is None:
        raise WorkError("The log does not say what this work was.", "Add its file again with: etude add")
    append(root / INDEX, [to_record(work)])
    return work


def save(root: Path, works: Iterable[Work]) -> None:
    """Rewrite works.jsonl atomically (after an edit or a withdrawal). The caller holds the lock."""
    rewrite(root / INDEX, [to_record(work) for work in works])
