"""`models` and `score`: what a model is, and how well it predicts a file that it may never have seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from etude.errors import ModelError, TakeError
from etude.families.contract import Lines
from etude.families.manner import conditions
from etude.stats import plot as plots
from etude.stats.evenly import evenly
from etude.store.chosen import choose
from etude.store.files import write_atomic
from etude.store.models import ModelInfo
from etude.workspace.contents import find
from etude.workspace.core import Workspace
from etude.workspace.generators import generator
from etude.workspace.standing import Standings

# The running mean of the plot takes this part of the file: fine enough to see a stanza, calm enough to read.
PLOT_WINDOW = 200
PLACES = 400  # values of the curve in --json: enough to draw it


@dataclass(frozen=True)
class ModelRow:
    """A model in one line. `held_out`: its figure on held-out works, with the unit. `newest`: what its name
    stands for, which is the newest until another was chosen; `ended`: why learning ended ('interrupted': the
    same command goes on from it); `concern`: works that it learned from and that were withdrawn, removed, or
    may not be trained on any more, in words."""

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


@dataclass(frozen=True)
class Curve:
    """The figure along the file: `at` units from its start, mean over a window around it."""

    at: tuple[int, ...]
    frozen: tuple[float, ...]
    growing: tuple[float, ...]


@dataclass(frozen=True)
class Score:
    """How well a model predicts a content: a figure per unit with the memory frozen, or growing with the
    content. Less is better.

    `figure` says what it is ('bits per character', 'nats per note'); `units` how many were counted and `unit`
    what they are: of voices on a grid each cell counts as one, rests and held notes too, as in the
    literature. `size` is the content's own. `voice` is by how much of the figure a unit became likelier than
    by the base alone, on average and along the curve; None where the model stands on no base.
    """

    schema: ClassVar[str] = "etude.score/2"
    model: str
    file: str
    medium: str
    size: int
    tokens: int
    figure: str
    unit: str
    units: int
    frozen: float
    growing: float
    memory_share_frozen: float
    memory_share_growing: float
    curve: Curve
    voice: float | None = None
    voice_curve: tuple[float, ...] | None = None


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


def score(ws: Workspace, /, model: str, file: str | Path, *, plot: str | Path | None = None) -> Score:
    """Score a file (or take, piece, work) under a model: nothing of it is seen before it is scored. `plot`: a
    .png or .svg to write.

    Raises ModelError when the model makes another medium or predicts nothing, TakeError for a plot of another
    kind or an empty file.
    """
    found = ws.project.model(model)
    source = find(ws, file)
    if source.medium != found.medium:
        raise ModelError(
            f"{file} is {source.medium}, and model '{found.id}' knows {found.medium}.", "See: etude models"
        )
    if plot is not None and Path(plot).suffix.lower() not in (".png", ".svg"):
        raise TakeError(f"A plot cannot be written as '{Path(plot).suffix}'.", "Name a .png or .svg file.")
    lines = generator(ws, found).score(source.content)
    if plot is not None:
        _plot(Path(plot).expanduser(), lines, source.title)
    return Score(
        found.id,
        str(file),
        source.medium,
        lines.size,
        lines.tokens,
        f"{lines.measure} per {lines.unit}",
        lines.counted,
        len(lines.frozen),
        lines.total_frozen,
        lines.total_growing,
        lines.memory_frozen,
        lines.memory_growing,
        _curve(lines),
        None if lines.voice is None else float(np.mean(lines.voice)),
        None if lines.voice is None else _along(lines, lines.voice),
    )


def _curve(lines: Lines) -> Curve:
    at = evenly(len(lines.frozen), PLACES)
    return Curve(tuple(at.tolist()), _along(lines, lines.frozen), _along(lines, lines.growing))


def _along(lines: Lines, values: npt.NDArray[np.float64]) -> tuple[float, ...]:
    """The values at the places of the curve, mean over a window around each."""
    units = len(lines.frozen)
    smooth = plots.smooth(values, max(1, units // PLOT_WINDOW))[evenly(units, PLACES)]
    return tuple(np.round(smooth, 4).tolist())


def _plot(path: Path, lines: Lines, title: str) -> None:
    units = len(lines.frozen)
    window = max(8, units // PLOT_WINDOW)
    at = np.arange(units, dtype=np.float64)
    rows = [("memory frozen", lines.frozen), ("memory growing", lines.growing)]
    if lines.voice is not None:
        rows.append(("voice: likelier than by the base", lines.voice))
    curves = [plots.Curve(name, at, plots.smooth(line, window)) for name, line in rows]
    drawn = plots.draw(
        curves,
        title=f"{title}: low where the model predicts it well",
        across=f"{lines.counted} (mean over {window})",
        up=f"{lines.measure} per {lines.unit}",
        fmt=path.suffix.lower()[1:],
    )
    write_atomic(path, drawn)
