"""`curate`: what a collection is made of, what is lacking, and what is proposed; weights and split are
changed where the person says so, works never."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from etude.errors import ProjectError
from etude.store.files import write_atomic
from etude.workspace.core import Workspace, silent

if TYPE_CHECKING:
    from etude.curate.report import Curated


def curate(
    ws: Workspace,
    /,
    collection: str,
    *,
    targets: Sequence[str] = (),
    balance: str = "",
    where: Mapping[str, str] | None = None,
    apply: bool = False,
    only: Sequence[str] = (),
    html: str | Path | None = None,
    documents: str | Path | None = None,
    on_progress: Callable[[int, int, str], None] | None = None,
) -> Curated:
    """Look at a collection: near-duplicates, coverage, a map, licences and reservations, and what to do.

    `targets`: 'maker=parity', 'gender=woman:0.5'; none is assumed. `balance`: an attribute, or 'cluster', to
    propose weights by. `where`: only works with these attributes (nothing can be applied then). `apply`: take
    the proposed weights and split, or `only` the proposals of these kinds (split, twins, balance); the works
    stay as they are, and `curate_undo` takes it back. `html`: a
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
    from etude.workspace import applying

    if unknown := [kind for kind in only if kind not in applying.KINDS]:
        raise ProjectError(
            f"'{unknown[0]}' is no kind of proposal that can be taken.",
            f"There are: {', '.join(applying.KINDS)}",
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
    return applying.apply(ws.project, looked, balance, targets, only)


def curate_undo(ws: Workspace, /, collection: str) -> tuple[str, ...]:
    """Take back the last `--apply`: weights and split are what they were, for the works that are still there.
    Raises ProjectError where nothing was applied."""
    from etude.workspace import applying

    return applying.undo(ws.project, collection)
