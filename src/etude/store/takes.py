"""Takes: candidates, content-addressed in .etude/takes, with their recipes on the log.

The bytes may be deleted at any time: the 'proposed' event holds the recipe that remakes them. Knows nothing
of what became of a take (takes/history.py) nor of media.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from etude.errors import TakeError
from etude.store import log
from etude.store.files import write_atomic
from etude.store.lines import Record, canonical

FOLDER = Path(".etude") / "takes"
PROPOSED = "proposed"


@dataclass(frozen=True)
class Take:
    """One candidate. `record` holds its recipe; `data` is the medium's stored form, None when .etude/ was
    cleared (remake it)."""

    id: str
    record: Mapping[str, Any]
    at: str
    data: bytes | None
    sha256: str  # of the data as first made


def put(root: Path, takes: Sequence[tuple[Mapping[str, Any], bytes]]) -> tuple[Take, ...]:
    """Store (record, data) pairs: the bytes first, then one 'proposed' event each. A take that is known is
    not logged again.

    The caller holds the lock. `record` must be JSON; its "parents" (take ids), if any, are repeated on the
    event.
    """
    known = {str(event["take"]): event for event in _first(log.read(root))}
    ids, events = [], []
    for record, data in takes:
        sha256 = hashlib.sha256(data).hexdigest()
        take_id = "t-" + hashlib.sha256(canonical(record) + sha256.encode()).hexdigest()[:12]
        ids.append(take_id)
        write_atomic(path_of(root, take_id), data)
        if take_id not in known:
            fields = {
                "take": take_id,
                "parents": list(record.get("parents") or ()),
                "sha256": sha256,
                "record": dict(record),
            }
            known[take_id] = fields
            events.append((PROPOSED, fields))
    for event in log.write(root, events):
        known[str(event["take"])] = event
    return tuple(_from_event(root, known[take_id], read=True) for take_id in ids)


def path_of(root: Path, take_id: str) -> Path:
    """Where the bytes of a take lie while they are kept."""
    return root / FOLDER / take_id[2:4] / take_id


def find(root: Path, ref: str) -> Take:
    """By id or the beginning of one, with or without 't-'. Raises TakeError when none or several fit."""
    events = {str(event["take"]): event for event in _first(log.read(root))}
    wanted = ref if ref.startswith("t-") else f"t-{ref}"
    fits = (
        [wanted]
        if wanted in events
        else [take_id for take_id in events if ref and take_id.startswith(wanted)]
    )
    if len(fits) != 1:
        what = f"{len(fits)} takes begin with {ref!r}" if fits else f"There is no take {ref!r}"
        raise TakeError(f"{what}.", "Give more of the id." if fits else "List them with: etude take ls")
    return _from_event(root, events[fits[0]], read=True)


def every(root: Path) -> tuple[Take, ...]:
    """All takes in the order proposed, without their bytes."""
    return tuple(_from_event(root, event, read=False) for event in _first(log.read(root)))


def some(root: Path, ids: Iterable[str]) -> dict[str, Take]:
    """Takes by their ids with their bytes, for which the log is read once."""
    events = {str(event["take"]): event for event in _first(log.read(root))}
    return {one: _from_event(root, events[one], read=True) for one in ids if one in events}


def _first(events: Iterable[Record]) -> list[Record]:
    found: dict[str, Record] = {}
    for event in events:
        if event["event"] == PROPOSED and "take" in event:
            found.setdefault(str(event["take"]), event)
    return list(found.values())


def _from_event(root: Path, event: Record, *, read: bool) -> Take:
    take_id, sha256 = str(event["take"]), str(event.get("sha256", ""))
    data = None
    if read:
        try:
            data = path_of(root, take_id).read_bytes()
        except OSError:
            data = None
        if data is not None and hashlib.sha256(data).hexdigest() != sha256:
            data = None  # damaged bytes are as good as none: the recipe remakes them
    return Take(take_id, dict(event.get("record") or {}), str(event["at"]), data, sha256)
