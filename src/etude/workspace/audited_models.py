"""What models say of themselves in their headers, as an audit compares them."""

from __future__ import annotations

from etude.audit.cost import Rival
from etude.audit.quality import Predicts, halves_differ
from etude.config.audit import AUDIT
from etude.stats.figure import Figure
from etude.store.models import ModelInfo
from etude.workspace.core import Workspace


def predicts(model: ModelInfo, fit: tuple[Figure, Figure] | None) -> Predicts | None:
    """What held-out works cost the model, and by how much halves of them differ."""
    if fit is None or fit[1].value <= 0:
        return None
    works = (model.header.get("compared") or {}).get("works") or {}
    return Predicts(fit[1], halves_differ(works, fit[1].unit, seed=AUDIT.seed))


def rivals(ws: Workspace, model: ModelInfo) -> list[Rival]:
    """Models of the same medium, with what each held-out work cost them."""
    out = []
    for one in ws.project.models():
        if one.medium == model.medium and "ledger" in one.header:
            about, rows = one.header.get("compared") or {}, one.header.get("parts") or ()
            unseen = {str(row[0]) for row in rows if row[3] == "held-out"}
            learned = frozenset(str(row[0]) for row in rows) - unseen
            kwh = float(one.header["ledger"]["kwh"][1])
            out.append(Rival(one.id, kwh, str(about.get("unit", "")), about.get("works") or {}, learned))
    return out
