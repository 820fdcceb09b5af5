"""`history` and `lineage`: what was done in a project, and where a take came from and went."""

from __future__ import annotations

from collections.abc import Sequence

from etude.workspace.core import Workspace
from etude.workspace.lineage import Lineage
from etude.workspace.remembering import History

LAST = 200  # lines, unless somebody says otherwise


def history(
    ws: Workspace, /, words: str = "", *, kinds: Sequence[str] = (), last: int = LAST, skip: int = 0
) -> History:
    """What was done, the newest first: lines that hold every one of the `words`, in their sentence, their
    note or the text of their takes. `kinds`: made, decided, works, models, signed. Acts that can be undone or
    done again say so; `undo` does it. Raises TakeError for a kind that is none."""
    from etude.workspace import remembering

    return remembering.history(ws, words, kinds, last, skip)


def lineage(ws: Workspace, /, ref: str) -> Lineage:
    """What a take came from, back to the works, and what came of it. Raises TakeError for no take."""
    from etude.workspace import lineage as of

    return of.lineage(ws.project, ref)
