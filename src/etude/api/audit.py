"""`audit`: what a model is like, as figures, and as a page beside the model; `audited`: what was found
last."""

from __future__ import annotations

from etude.audit.report import Audit
from etude.config.audit import AUDIT
from etude.workspace.core import OnProgress, Workspace, silent


def audit(
    ws: Workspace,
    model: str,
    *,
    takes: int = AUDIT.takes,
    seconds: float = AUDIT.seconds,
    share: str = "",
    robust: str = "",
    on_progress: OnProgress | None = None,
) -> Audit:
    """Look at a model, and write `audit.json` and `audit.html` beside its card. Up to `takes` takes are made
    for it in `seconds`, and not kept. `share` (KEY=parity, KEY=VALUE:SHARE): as many more are made by this
    quota, to see what it changes and costs. `robust` (such as 30s): models are learned anew, each within this
    budget, to see how far wrong works and other seeds move it. Raises TakeError where none of its works is
    left to compare with, ModelError for a quota that the model cannot be asked for."""
    from etude.workspace import auditing  # torch: only where something is audited

    return auditing.written(
        ws, model, takes=takes, seconds=seconds, share=share, robust=robust, progress=on_progress or silent
    )


def audited(ws: Workspace, /, model: str) -> Audit:
    """The audit that was written last. Raises ModelError where there is none."""
    from etude.workspace import audits

    return audits.last(ws, model)
