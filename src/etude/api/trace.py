"""`trace`: what a take, a piece or any file owes to the works of a collection."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from etude.config.trust import INFLUENCE
from etude.workspace.core import OnProgress, Workspace, silent

if TYPE_CHECKING:
    from etude.trace.influence import TraceTest
    from etude.workspace.tracing import AnyTrace


def trace(
    ws: Workspace,
    ref: str | Path,
    *,
    model: str | None = None,
    collection: str | None = None,
    minimum: int | None = None,
    on_progress: Callable[[int, int, str], None] | None = None,
) -> AnyTrace:
    """The trace of a take, piece, work or file. A take is traced by the model that made it; for anything else
    `model` or `collection` may be named, else the newest model of its medium is taken. `minimum`: the
    shortest verbatim run listed. `on_progress` (done, of how many, what): what the first trace by a
    collection opens may take a while. Raises TakeError when there is nothing to trace by."""
    from etude.workspace import tracing  # torch: only where something is traced

    return tracing.trace(ws, ref, model, collection, minimum, on_progress or silent)


def trace_test(
    ws: Workspace,
    model: str,
    *,
    by: str = "",
    halves: int = INFLUENCE.halves,
    budget: str = INFLUENCE.budget,
    on_progress: OnProgress | None = None,
) -> TraceTest:
    """Test on a model whether attribution foretells what learning without some of its works changes, and keep
    what came beside it: `trace` speaks of influence only where this was passed. So many `halves` of its
    groups of works (`by` maker, or an attribute) are learned from, each within `budget`. A test that was
    stopped goes on. Raises TakeError where there are too few groups, BudgetError where nothing can be learned
    in the budget."""
    from etude.workspace import trace_test as testing  # torch, as above

    return testing.test(ws, model, by=by, halves=halves, budget=budget, progress=on_progress or silent)


def trace_html(ws: Workspace, found: AnyTrace, *, sound: bool = True, ref: str | Path | None = None) -> bytes:
    """The trace as one self-contained page; with `sound` music can be heard on it, which makes it some
    megabytes large. `ref`: what was traced, where it is a file."""
    from etude.workspace import tracing  # torch, as above

    return tracing.page_of(ws, found, ref or found.id, sound=sound, progress=silent)
