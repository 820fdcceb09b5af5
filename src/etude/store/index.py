"""Search over titles, makers and notes: an SQLite index in .etude/index.db that is rebuilt whenever it is
missing or old.

Journal mode DELETE, since side files of a write-ahead log break in folders that are synchronised. The index
holds no truth: works.jsonl, pieces/ and log/ do. Knows nothing of how they came to be.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from etude.errors import ProjectError
from etude.store import log, pieces, works

FILE = Path(".etude") / "index.db"
_SCHEMA = """
CREATE TABLE stamp (value TEXT NOT NULL);
CREATE VIRTUAL TABLE entry USING fts5(kind UNINDEXED, id UNINDEXED, title, maker, notes, tokenize='unicode61 remove_diacritics 2');
"""


@dataclass(frozen=True)
class Hit:
    """Something that was found: a work, a piece or a take."""

    kind: str
    id: str
    title: str
    maker: str
    notes: str


def search(root: Path, words: str, limit: int = 50) -> tuple[Hit, ...]:
    """Entries that hold every word (or a word beginning with it), best first; accents and capitals do not
    matter."""
    terms = [f'"{word}"*' for word in re.findall(r"\w+", words)]
    if not terms:
        return ()
    ask = "SELECT kind, id, title, maker, notes FROM entry WHERE entry MATCH ? ORDER BY rank LIMIT ?"
    for attempt in range(2):
        try:
            if attempt or _stamp(root) != _stored_stamp(root):
                rebuild(root)
            with closing(_open(root)) as db:
                return tuple(Hit(*row) for row in db.execute(ask, (" ".join(terms), limit)))
        except sqlite3.DatabaseError as error:
            if attempt:
                raise ProjectError(
                    f"The index {FILE} cannot be read: {error}.", "Run: etude repair"
                ) from error
    return ()


def rebuild(root: Path) -> int:
    """Make the index anew from the files; returns how many entries it has. The caller need not hold the
    lock."""
    stamp = _stamp(root)
    rows = list(_entries(root))
    path = root / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    for leftover in (path, path.with_name(path.name + "-journal")):
        with suppress(FileNotFoundError):
            leftover.unlink()
    with closing(_open(root)) as db, db:
        db.executescript(_SCHEMA)
        db.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?)", rows)
        db.execute("INSERT INTO stamp VALUES (?)", (stamp,))
    return len(rows)


def _open(root: Path) -> sqlite3.Connection:
    db = sqlite3.connect(root / FILE, timeout=5.0)
    db.execute("PRAGMA journal_mode = DELETE")
    return db


def _stored_stamp(root: Path) -> str:
    if not (root / FILE).exists():
        return ""
    with closing(_open(root)) as db:
        row = db.execute("SELECT value FROM stamp").fetchone()
    return str(row[0]) if row else ""


def _stamp(root: Path) -> str:
    """Changes whenever a file that the index is made from changes."""
    sources = [root / works.INDEX, *log.files(root), *sorted((root / pieces.FOLDER).glob("[!.]*.json"))]
    seen = [
        (path.name, status.st_size, status.st_mtime_ns)
        for path in sources
        if path.exists()
        for status in [path.stat()]
    ]
    return json.dumps(seen)


def _entries(root: Path) -> Iterator[tuple[str, str, str, str, str]]:
    for work in works.read(root):
        notes = " ".join(
            [work.series, work.licence, *(f"{key} {value}" for key, value in work.attrs.items())]
        )
        yield "work", work.id, work.title, work.maker, notes.strip()
    for piece in pieces.every(root):
        yield "piece", piece.id, piece.title, "", str(piece.record.get("note", ""))
    for event in log.read(root):
        if event.get("note") and event.get("take"):
            yield "take", str(event["take"]), "", "", str(event["note"])
