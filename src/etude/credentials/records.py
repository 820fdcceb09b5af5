"""What was signed on this machine: one line a signature in the person's own folder, never in a file that
leaves.

It lets `verify` say "stripped" where the bytes alone would only say "no credential". A record is a help, not
a proof: it can be lost, and it is never needed for a credential to verify. Knows nothing of C2PA.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from etude.store.files import append_lines

_FILE = "signed.jsonl"


@dataclass(frozen=True)
class Record:
    """One signature: hashes of the file as signed and as it was without the credential, where it was, when,
    by whom."""

    sha256: str
    bare_sha256: str
    path: str
    when: str
    fingerprint: str


def add_record(home: Path, record: Record) -> None:
    """Append one line and fsync it. A path may hold bytes that are no UTF-8; `json.loads` reads them back."""
    line = json.dumps(asdict(record), ensure_ascii=False).encode("utf-8", "surrogatepass")
    append_lines(home / _FILE, line + b"\n")


def find_record(home: Path, path: Path, sha256: str) -> Record | None:
    """The last signature of these bytes, else of a file at this place; None when there is none."""
    same_place = None
    try:
        lines = (home / _FILE).read_bytes().splitlines()
    except OSError:
        return None
    for line in reversed(lines):
        with suppress(ValueError, TypeError):  # a line torn by a crash
            record = Record(**json.loads(line))
            if sha256 in (record.sha256, record.bare_sha256):
                return record
            if same_place is None and record.path == str(path):
                same_place = record
    return same_place
