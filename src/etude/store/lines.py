"""JSON lines and JSON files, as the project keeps its truth: one record a line, damage counted and never
fatal.

Knows nothing of what the records mean.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from etude.errors import ProjectError
from etude.store.files import append_lines, write_atomic

Record = dict[str, Any]


@dataclass(frozen=True)
class TornLine:
    """A line that is no JSON object: torn by a crash while it was appended, or damaged later."""

    path: Path
    number: int  # counted from 1
    text: str


@dataclass(frozen=True)
class Lines:
    """What a file of JSON lines holds, in order, and the lines that could not be read."""

    records: tuple[Record, ...]
    torn: tuple[TornLine, ...]


def dump_line(record: Mapping[str, Any]) -> bytes:
    """One record as one line, with its newline. Raises ValueError or TypeError when it holds what JSON cannot
    (our own mistake)."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode() + b"\n"


def canonical(record: Mapping[str, Any]) -> bytes:
    """The bytes that stand for a record when it is hashed: sorted keys, no spaces."""
    return json.dumps(
        record, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def read_lines(path: Path) -> Lines:
    """Every record of the file; none when there is no file."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return Lines((), ())
    records: list[Record] = []
    torn: list[TornLine] = []
    for number, line in enumerate(data.split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except ValueError:
            record = None
        if isinstance(record, dict):
            records.append(record)
        else:
            torn.append(TornLine(path, number, line[:200].decode("utf-8", "replace")))
    return Lines(tuple(records), tuple(torn))


def append(path: Path, records: Iterable[Mapping[str, Any]]) -> None:
    """Append the records in one write, so that a crash leaves at most one torn line."""
    data = b"".join(dump_line(record) for record in records)
    if data:
        append_lines(path, data)


def rewrite(path: Path, records: Iterable[Mapping[str, Any]]) -> None:
    """Replace the whole file atomically."""
    write_atomic(path, b"".join(dump_line(record) for record in records))


def write_json(path: Path, record: Mapping[str, Any]) -> None:
    """A record as an indented JSON file that a person can read and a diff can follow."""
    write_atomic(path, json.dumps(record, ensure_ascii=False, indent=1, allow_nan=False).encode() + b"\n")


def read_json(path: Path) -> Record:
    """The record of a JSON file. Raises ProjectError that names the file when it is damaged;
    FileNotFoundError when absent."""
    try:
        record = json.loads(path.read_bytes())
    except ValueError as error:
        raise ProjectError(f"{path} is damaged: {error}.", "Run: etude repair") from error
    if not isinstance(record, dict):
        raise ProjectError(f"{path} is damaged: it holds no JSON object.", "Run: etude repair")
    return record
