"""`curate`: what a collection is made of, what is lacking, and what is proposed; weights and split are
changed where the person says so, works never."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from etude.errors import ProjectError
from etude.store.collections import Collection, Entry, Part
from etude.store.files import write_atomic
from etude.workspace.core import Workspace, silent

if TYPE_CHECKING:
    from etude.curate.report import Curated

EVENT = "curated"


def curate(
    ws: Workspace,
    /,
    collection: str,
    *,
    targets: Sequence[str] = (),
    balance: str = "",
    where: Mapping[str, str] | None = None,
    apply: bool = False,
    html: str | Path | None = None,
    documents: str | Path | None = None,
    on_progress: Callable[[int, int, str], None] | None = None,
) -> Curated:
    """Look at a collection: near-twins, coverage, a map, licences and reservations, and what to do.

    `targets`: 'maker=parity', 'gender=woman:0.5'; none is assumed. `balance`: an attribute, or 'cluster', to
    propose weights by. `where`: only works with these attributes (nothing can be applied then). `apply`: take
    the proposed weights and split; the works stay as they are, and `curate_undo` takes it back. `html`: a
    file for a page that shows it; `documents`: a folder for Croissant, a table of works, a datasheet and a
    training-data summary. Raises ProjectError for a target or attribute that no work has.
    """
    from etude.curate.coverage import targets_of
    from etude.workspace import curating

    if apply and where:
        raise ProjectError(
            "Weights and split belong to the whole collection, and --where looks at a part of it.",
            "Leave out --where, or --apply.",
        )
    progress = on_progress or silent
    looked = curating.look(
        ws, collection, targets=targets_of(targets), by=balance, where=where or {}, progress=progress
    )
    if html is not None:
        from etude.workspace.curating_page import page_of

        by = balance if balance not in ("", curating.CLUSTER) else ""
        write_atomic(Path(html).expanduser(), page_of(ws, looked, by))
    if documents is not None:
        from etude.workspace.documenting import files

        folder = Path(documents).expanduser()
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in files(ws, looked).items():
            write_atomic(folder / name, data)
    if not apply:
        return looked.report
    with ws.project.act("curate"):
        home = ws.project.collection(collection)
        if set(home.works()) != {work.id for work in looked.works}:
            raise ProjectError(
                f"Collection '{collection}' changed while it was looked at.", "Run the same command again."
            )
        new, done = curating.applied(home, looked)
        if new == home:
            return replace(looked.report, done=("Nothing had to be changed.",))
        ws.project.save_collection(new)
        ws.project.log(
            EVENT,
            collection=collection,
            balance=balance,
            targets=list(targets),
            weights={entry.work_id: entry.weight for entry in home.entries},
            roles=[[part.work_id, part.start, part.end, part.role] for part in home.parts],
        )
    return replace(looked.report, done=done)


def curate_undo(ws: Workspace, /, collection: str) -> tuple[str, ...]:
    """Take back the last `--apply`: weights and split are what they were, for the works that are still there.
    Raises ProjectError where nothing was applied."""
    with ws.project.act("curate --undo"):
        home = ws.project.collection(collection)
        events = [e for e in ws.project.events() if e["event"] == EVENT and e.get("collection") == collection]
        depth = 0
        for event in reversed(events):
            depth += 1 if event.get("undone") else -1
            if depth < 0:
                break
        else:
            raise ProjectError(
                f"Nothing of curate is applied to '{collection}'.",
                f"See what is proposed: etude curate {quote(collection)}",
            )
        before = _before(home, event)
        ws.project.save_collection(before)
        ws.project.log(EVENT, collection=collection, undone=True)
    n = sum(a != b for a, b in zip(before.entries, home.entries, strict=True))
    return (f"Undone: {n:,} works have their earlier weight, and the split is as before.",)


def _before(home: Collection, event: Mapping[str, object]) -> Collection:
    weights, rows = event["weights"], event["roles"]
    assert isinstance(weights, dict) and isinstance(rows, list)
    entries = tuple(Entry(e.work_id, float(weights.get(e.work_id, e.weight))) for e in home.entries)
    there = set(home.works())
    old: dict[str, list[Part]] = {}
    for work_id, start, end, role in rows:
        if work_id in there:
            old.setdefault(work_id, []).append(Part(work_id, start, end, role))
    parts = [part for work_id in old for part in old[work_id]]
    parts += [part for part in home.parts if part.work_id not in old]
    return replace(home, entries=entries, parts=tuple(parts))
