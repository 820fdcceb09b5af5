"""`draft`: what a person is writing or scoring themselves, beside takes and with parts of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from etude.api.make import make
from etude.api.takes import PieceInfo, accept
from etude.workspace.core import Workspace
from etude.workspace.drafting import (
    DraftInfo,
    DraftTakes,
    draft,
    draft_new,
    draft_put,
    draft_rm,
    draft_undo,
    drafts,
    for_place,
    place_of,
)
from etude.workspace.drafts import as_take, opened

__all__ = [
    "DraftInfo",
    "draft",
    "draft_keep",
    "draft_make",
    "draft_new",
    "draft_put",
    "draft_rm",
    "draft_undo",
    "drafts",
]


def draft_make(
    ws: Workspace,
    /,
    name: str,
    model: str,
    *,
    at: int | None = None,
    until: int | None = None,
    n: int = 3,
    seed: int | None = None,
    like: Mapping[str, str] | None = None,
    on_progress: Callable[[int, int, str], None] | None = None,
    **controls: Any,
) -> DraftTakes:
    """Takes for a place of a draft: going on from character `at` (default: the end), or with `until` in the
    place of `at`..`until`, leading to what follows. What is not written in characters is given whole, and
    `controls` say what of it stays, as for `make`. The draft does not change. Raises TakeError or ModelError
    where it does not fit."""
    place = place_of(ws, name, at, until)
    asked = {**controls, **place.controls}
    made = make(ws, model, n=n, seed=seed, source=place.source, like=like, on_progress=on_progress, **asked)
    return for_place(ws, place, made)


def draft_keep(ws: Workspace, /, name: str, *, title: str = "", note: str = "") -> PieceInfo:
    """Keep a draft as a piece, with the takes in it as its lineage; the draft stays. Raises TakeError where
    no take is in it."""
    with ws.project.act("draft keep"):
        child = as_take(ws, opened(ws.project, name))
        return accept(ws, child.id, title=title, note=note)
