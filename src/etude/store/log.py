"""The project's log: what was done, in order, one JSON line an event, in log/YYYY-MM.jsonl. Append-only.

Undo, branches and the state of takes are folds over these events (takes/history.py). A last line torn by a
crash is passed over and reported by `torn`, never fatal. Knows nothing of what the events mean.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from etude.store.lines import Record, TornLine, append, read_lines

FOLDER = "log"


def now() -> str:
    """The time in UTC, ISO 8601 with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def files(root: Path) -> list[Path]:
    """The log's files, oldest first."""
    return sorted((root / FOLDER).glob("[0-9][0-9][0-9][0-9]-[0-9][0-9].jsonl"))


def write(root: Path, events: Sequence[tuple[str, Mapping[str, Any]]]) -> tuple[Record, ...]:
    """Append events (name, fields) in one write and return them as logged. The caller holds the project's
    lock."""
    if not events:
        return ()
    assert not any({"at", "event"} & fields.keys() for _, fields in events), (
        "an event's time and name are the log's own"
    )
    at = now()
    records = tuple({"at": at, "event": name, **fields} for name, fields in events)
    months = [path.stem for path in files(root)]
    month = max([at[:7], *months])  # a clock set back must not put new events before old ones
    append(root / FOLDER / f"{month}.jsonl", records)
    return records


def read(root: Path) -> tuple[Record, ...]:
    """Every event in the order in which it was logged. Lines without "at" or "event" are none of ours."""
    records = (record for path in files(root) for record in read_lines(path).records)
    return tuple(
        record
        for record in records
        if isinstance(record.get("at"), str) and isinstance(record.get("event"), str)
    )


def torn(root: Path) -> tuple[TornLine, ...]:
    """The lines that could not be read."""
    return tuple(line for path in files(root) for line in read_lines(path).torn)
