"""From the paths and metadata that a person names to the files to read, each with what is known of it.

Folders are walked recursively; files whose suffix belongs to no medium are passed over and counted, since a
folder of poems may hold photographs. Knows nothing of the project; reads no file but the metadata table.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from etude.errors import WorkError
from etude.workspace import scrivener

FIELDS = ("title", "maker", "licence", "consent", "series", "weight")
# What lies in the folder of a project beside a person's own files.
PROJECT = {"etude.toml", "works", "works.jsonl", "collections", "models", "pieces", "drafts", "log"}
OWN = "is an Etude project: its works, models and pieces are passed over; name a piece to add it"
SPELLINGS = {"license": "licence", "author": "maker", "composer": "maker", "path": "file", "filename": "file"}


@dataclass(frozen=True)
class About:
    """What is said of a work: empty where nothing was said."""

    title: str = ""
    maker: str = ""
    licence: str = ""
    consent: str = ""
    series: str = ""
    weight: float = 1.0
    attrs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Candidate:
    """A file to read, and what is said of it. `data`: its bytes, where it lies in an archive and `path` only
    names it."""

    path: Path
    about: About
    data: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Skipped:
    """A file that did not become a work, and why."""

    file: str
    reason: str


def gather(
    paths: Sequence[str | Path], about: About, table: str | Path | None, suffixes: Sequence[str]
) -> tuple[list[Candidate], list[Skipped], list[Path]]:
    """The files to read in a fixed order, those that cannot be found, and files of other kinds, which are
    passed over.

    Without paths, the table's own files are taken. Raises WorkError when a path or the table does not exist
    or makes no sense.
    """
    rows = _table(Path(table), about) if table is not None else {}
    found: dict[Path, Candidate] = {}
    other: list[Path] = []
    own: list[Path] = []  # projects that lie in the folders
    missing: list[Path] = []
    for given in map(Path, paths):
        path = given.expanduser()
        if path.is_dir():
            for file, title in _walk(path, own):
                if title and not about.title:
                    found.setdefault(file.resolve(), Candidate(file, replace(about, title=title)))
                elif file.suffix.lower() in suffixes or file.resolve() in rows:
                    found.setdefault(file.resolve(), Candidate(file, about))
                else:
                    other.append(file)
        elif path.exists():
            found.setdefault(path.resolve(), Candidate(path, about))
        else:
            missing.append(given)
    if missing and not found:
        raise WorkError(
            f"There is no file or folder {', '.join(map(str, missing[:8]))}.",
            "Check the spelling, or list the folder with: ls",
        )
    skipped = [Skipped(str(path), "there is no such file or folder") for path in missing]
    skipped += [Skipped(str(folder), OWN) for folder in own]
    for key, row in rows.items():
        if key in found:
            found[key] = replace(found[key], about=row)
        elif not paths and key.is_file():
            found[key] = Candidate(key, row)
        elif not key.exists():
            skipped.append(Skipped(str(key), f"named in {table}, but there is no such file"))
    return list(found.values()), skipped, other


def _walk(folder: Path, own: list[Path]) -> Iterator[tuple[Path, str]]:
    """Files below the folder in name order, with their title where a Scrivener project names it.

    Hidden files and folders, and links out of it, are left alone. What an Etude project in it holds is
    passed over, and its folder noted in `own`: what Etude made is no work of a person."""
    if scrivener.is_project(folder):
        yield from scrivener.texts(folder)
        return
    project = (folder / "etude.toml").is_file()
    for path in sorted(folder.iterdir()):
        if project and path.name in PROJECT:
            if folder not in own:
                own.append(folder)
            continue
        if path.name.startswith(".") or (path.is_symlink() and path.is_dir()):
            continue
        if path.is_dir():
            yield from _walk(path, own)
        elif path.is_file():
            yield path, ""


def _table(path: Path, about: About) -> dict[Path, About]:
    """CSV or JSONL: a column `file` (relative to the table), FIELDS, and any further column as an
    attribute."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise WorkError(
            f"There is no metadata file {path}.", "Give a CSV or JSONL file with a column 'file'."
        ) from error
    except UnicodeDecodeError as error:
        raise WorkError(
            f"{path} is not UTF-8 (byte {error.start}).", "Save it as UTF-8 and add again."
        ) from error
    rows: list[Mapping[str, Any]]
    if path.suffix.lower() in (".jsonl", ".ndjson"):
        rows = [
            _json_row(path, number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()
        ]
    else:
        first = text.split("\n", 1)[0]
        delimiter = max(",;\t", key=first.count)
        rows = list(csv.DictReader(io.StringIO(text), delimiter=delimiter))
    result: dict[Path, About] = {}
    for number, row in enumerate(rows, 2):
        said = {SPELLINGS.get(str(k).strip().lower(), str(k).strip()): v for k, v in row.items()}
        said = {
            k: v if isinstance(v, dict) else str(v).strip() for k, v in said.items() if v not in (None, "")
        }
        if "file" not in said:
            raise WorkError(
                f"{path}: line {number} names no file.",
                "Every row needs a column 'file', relative to the table.",
            )
        file = path.parent / str(said.pop("file"))
        result[file.resolve()] = _about(path, number, said, about)
    if not result:
        raise WorkError(
            f"{path} has no rows.", "It needs a header line with a column 'file' and one row a work."
        )
    return result


def _json_row(path: Path, number: int, line: str) -> Mapping[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise WorkError(
            f"{path}: line {number} is not JSON ({error}).", "Each line must be one object."
        ) from error
    if not isinstance(row, dict):
        raise WorkError(f"{path}: line {number} is not a JSON object.", "Each line must be one object.")
    return row


def _about(path: Path, number: int, said: Mapping[str, Any], about: About) -> About:
    """The row over what was said for all on the command line."""
    nested = {str(k): str(v) for k, v in dict(said.get("attrs") or {}).items()}
    attrs = {**about.attrs, **nested, **{k: str(v) for k, v in said.items() if k not in (*FIELDS, "attrs")}}
    known = {k: said[k] for k in FIELDS if k in said}
    if "consent" in known:
        known["consent"] = str(known["consent"]).lower()
    if "weight" in known:
        try:
            known["weight"] = float(known["weight"])
        except ValueError as error:
            raise WorkError(
                f"{path}: line {number}: weight '{known['weight']}' is not a number.",
                "A weight is e.g. 1 or 0.5.",
            ) from error
    return replace(about, **known, attrs=attrs)
