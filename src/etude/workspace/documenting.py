"""The documents of a collection and of a model, gathered from the project."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from etude.curate import bom, documents
from etude.curate.documents import COLUMNS, Row
from etude.store.log import now
from etude.store.models import ModelInfo
from etude.store.project import Project
from etude.version import VERSION
from etude.workspace.core import Workspace
from etude.workspace.curating import Looked
from etude.workspace.standing import concern, learned_from


def files(ws: Workspace, looked: Looked) -> dict[str, bytes]:
    """File name -> bytes: croissant.json, works.csv, datasheet.md, training-data.md."""
    found, made = looked.report, now()
    rows = _rows(ws.project, found.collection, [work.id for work in looked.works])
    data = documents.table(rows)
    used = [
        model.created
        for model in ws.project.models()
        if set(learned_from(model.header)) & {work.id for work in looked.works}
    ]
    return {
        "croissant.json": documents.croissant(found, rows, data, made),
        "works.csv": data,
        "datasheet.md": documents.datasheet(found, rows, made).encode(),
        "training-data.md": documents.summary(found, rows, made, min(used, default="")).encode(),
    }


def _rows(project: Project, name: str, ids: Sequence[str]) -> list[Row]:
    home, known = project.collection(name), {work.id: work for work in project.works()}
    weights = {entry.work_id: entry.weight for entry in home.entries}
    roles: dict[str, set[str]] = {}
    for part in home.parts:
        roles.setdefault(part.work_id, set()).add(part.role)
    out = []
    for work_id in ids:
        work = known[work_id]
        own = roles.get(work_id, set())
        role = "divided" if len(own) > 1 else next(iter(own), "")
        cells = {name: str(getattr(work, name, "")) for name in COLUMNS}
        out.append(Row({**cells, "role": role, "weight": f"{weights[work_id]:g}"}, work.attrs))
    return out


def model_bill(project: Project, model: ModelInfo) -> bytes:
    """The bill of materials of a model."""
    known = {work.id: (work.licence, work.consent) for work in project.works()}
    counts = Counter(known.get(work, ("unknown", "gone")) for work in learned_from(model.header))
    works = [(licence, consent, str(n)) for (licence, consent), n in sorted(counts.items())]
    about = {
        "id": model.id,
        "hash": model.hash,
        "weights_sha256": model.weights_sha256,
        "created": model.created,
        "medium": model.medium,
    }
    return bom.bill(model.header, about, works, concern(project, model).words, VERSION)
