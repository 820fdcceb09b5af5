"""`models` and `score`: what a model is, and how well it predicts a file that it may never have seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from etude.errors import ModelError
from etude.families.manner import conditions, stands_on
from etude.store.chosen import choose
from etude.store.files import write_atomic
from etude.store.models import ModelInfo
from etude.workspace.core import Workspace
from etude.workspace.scoring import Score, score
from etude.workspace.standing import Standings

__all__ = ["Score", "model", "model_bill", "model_restore", "model_rm", "model_use", "models", "score"]


@dataclass(frozen=True)
class ModelRow:
    """A model in one line. `held_out`: its figure on held-out works, with the unit. `newest`: what its name
    stands for, which is the newest until another was chosen; `ended`: why learning ended ('interrupted': the
    same command goes on from it); `concern`: works that it learned from and that were withdrawn, removed, or
    may not be trained on any more, in words; `low`, `high` and `n`: the interval of the figure and what it
    was measured on; `seconds` and `wh` (low, middle, high): what training took; `base`: what it stands on."""

    id: str
    name: str
    medium: str
    collection: str
    held_out: float | None
    unit: str
    bytes: int
    created: str
    newest: bool
    ended: str
    concern: str = ""
    low: float | None = None
    high: float | None = None
    n: int = 0
    seconds: float = 0.0
    wh: tuple[float, ...] = ()
    base: str = ""


@dataclass(frozen=True)
class ModelList:
    """Models, oldest first."""

    schema: ClassVar[str] = "etude.models/1"
    models: tuple[ModelRow, ...]


@dataclass(frozen=True)
class ModelShown:
    """A model: its row, its card as Markdown, and what it can be asked for (`--like`)."""

    schema: ClassVar[str] = "etude.model/1"
    model: ModelRow
    hash: str
    weights_sha256: str
    path: str
    conditions: Mapping[str, Sequence[str]]
    card: str


@dataclass(frozen=True)
class ModelChosen:
    """The model that a name stands for from now on."""

    schema: ClassVar[str] = "etude.model-chosen/1"
    id: str
    name: str


@dataclass(frozen=True)
class ModelGone:
    """A model that went to the trash, and how many takes and pieces name it."""

    schema: ClassVar[str] = "etude.model-removed/1"
    id: str
    takes: int
    pieces: int


@dataclass(frozen=True)
class ModelBack:
    """A model that came back from the trash."""

    schema: ClassVar[str] = "etude.model-restored/1"
    id: str
    path: str


def models(ws: Workspace, /) -> ModelList:
    """Every model that can be read."""
    project = ws.project
    known = project.models()
    stands = {name: project.model(name).id for name in {found.name for found in known}}
    standings = Standings(project)
    return ModelList(
        tuple(_row(found, stands[found.name] == found.id, standings.of(found).words) for found in known)
    )


def _row(found: ModelInfo, newest: bool, concern: str) -> ModelRow:
    header = found.header
    figure = dict(header.get("held_out") or {})
    value = figure.get("value")
    return ModelRow(
        found.id,
        found.name,
        found.medium,
        str(header.get("collection", "")),
        None if value is None else float(value),
        str(figure.get("unit", "")),
        found.bytes,
        found.created,
        newest,
        str(header.get("ended", "")),
        concern,
        figure.get("low"),
        figure.get("high"),
        int(figure.get("n") or 0),
        float((header.get("ledger") or {}).get("wall_s") or 0.0),
        tuple(1000.0 * float(x) for x in (header.get("ledger") or {}).get("kwh") or ()),
        str((header.get("base") or {}).get("name") or stands_on(header)),
    )


def model(ws: Workspace, /, ref: str) -> ModelShown:
    """One model by id, name or the beginning of an id."""
    project = ws.project
    found = project.model(ref)
    try:
        card = (found.path / "card.md").read_text(encoding="utf-8")
    except OSError:
        card = ""
    newest = project.model(found.name).id == found.id
    return ModelShown(
        _row(found, newest, Standings(project).of(found).words),
        found.hash,
        found.weights_sha256,
        str(found.path),
        conditions(found.header),
        card,
    )


def model_bill(ws: Workspace, /, ref: str, *, out: str | Path | None = None) -> bytes:
    """The bill of materials of a model (CycloneDX 1.7, JSON). `out`: a file to write it to as well."""
    from etude.workspace.documenting import model_bill as bill

    data = bill(ws.project, ws.project.model(ref))
    if out is not None:
        write_atomic(Path(out).expanduser(), data)
    return data


def model_use(ws: Workspace, /, ref: str) -> ModelChosen:
    """Let the name of this model stand for it, and not for a newer or older one."""
    found = ws.project.model(ref)
    with ws.project.act("models use"):
        choose(ws.project.root, found.name, found.id)
        ws.project.log("model-chosen", name=found.name, model=found.id)
    return ModelChosen(found.id, found.name)


def model_rm(ws: Workspace, /, ref: str) -> ModelGone:
    """Move a model to the trash. Its takes and pieces stay, but cannot be remade without it."""
    project = ws.project
    with project.act("models rm"):
        found = project.model(ref)
        used = [take.id for take in project.takes() if take.record.get("model") == found.id]
        kept = [
            piece.id
            for piece in project.pieces()
            if (piece.record.get("recipe") or {}).get("model") == found.id
        ]
        slot = project.trash(found.path)
        project.log("model-removed", model=found.id, slot=project.slot_name(slot))
    return ModelGone(found.id, len(used), len(kept))


def model_restore(ws: Workspace, /, ref: str) -> ModelBack:
    """Bring a model back from the trash: by id, by name (the one removed last), or by the beginning of an id.

    Raises ModelError naming what is there.
    """
    project = ws.project
    with project.act("models restore"):
        slots: dict[str, Path] = {}
        for event in project.events():
            if event["event"] == "model-removed" and event.get("slot"):
                slots.pop(str(event["model"]), None)  # so that the one removed last comes last
                slots[str(event["model"])] = project.slot(str(event["slot"]))
        there = [model_id for model_id, slot in slots.items() if (slot / model_id).is_dir()]
        fits = [one for one in there if one == ref] or [
            one for one in there if one.rpartition("-")[0] == ref
        ][-1:]
        fits = fits or [one for one in there if ref and one.startswith(ref)]
        if len(fits) != 1:
            has = ", ".join(there) or "none"
            raise ModelError(
                f"{len(fits) or 'No'} models in the trash fit '{ref}' (there: {has}).",
                "Give the id: etude models restore ID",
            )
        path = project.restore(slots[fits[0]])
        project.log("model-restored", model=fits[0])
    return ModelBack(fits[0], str(path))
