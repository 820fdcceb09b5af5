"""`models` and `score`: what a model is, and how well it foresees a file that it may never have seen."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from etude.api.make import open_model
from etude.errors import ModelError, TakeError
from etude.stats import plot as plots
from etude.store.files import write_atomic
from etude.store.models import ModelInfo
from etude.store.project import Project
from etude.workspace.asked import conditions
from etude.workspace.contents import find

PLOT_WINDOW = 200  # the running mean of the plot takes this part of the file: fine enough to see a stanza, calm enough to read
CELLS = "voice cells of a 16th"
PLACES = 400  # values of the curve in --json: enough to draw it


@dataclass(frozen=True)
class ModelRow:
    """A model in one line. `held_out`: its figure on held-out works, with the unit. `newest`: what its name stands for; `ended`: why
    learning ended ('interrupted': the same command goes on from it)."""

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
class TextScore:
    """How well a model foresees a text: bits a character, the memory frozen or growing with the text. Less is better."""

    schema: ClassVar[str] = "etude.score/1"
    model: str
    file: str
    medium: str
    characters: int
    tokens: int
    bits_per_character_frozen: float
    bits_per_character_growing: float
    memory_share_frozen: float
    memory_share_growing: float
    curve: Curve


@dataclass(frozen=True)
class MusicScore:
    """How well a model foresees a piece of music: nats a note, the memory frozen or growing with the piece. Less is better.

    `unit` says what a note is here, `units` how many there are: of voices on a grid each cell counts as one, rests and held
    notes too, as in the literature; otherwise each note does.
    """

    schema: ClassVar[str] = "etude.score/1"
    model: str
    file: str
    medium: str
    notes: int
    tokens: int
    unit: str
    units: int
    nats_per_note_frozen: float
    nats_per_note_growing: float
    memory_share_frozen: float
    memory_share_growing: float
    curve: Curve


def models(project: Project) -> ModelList:
    """Every model that can be read."""
    known = project.models()
    newest = {found.name: found.id for found in known}
    return ModelList(tuple(_row(found, newest[found.name] == found.id) for found in known))


def _row(found: ModelInfo, newest: bool) -> ModelRow:
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
    )


def model(project: Project, ref: str) -> ModelShown:
    """One model by id, name or the beginning of an id."""
    found = project.model(ref)
    try:
        card = (found.path / "card.md").read_text(encoding="utf-8")
    except OSError:
        card = ""
    newest = project.model(found.name).id == found.id
    return ModelShown(
        _row(found, newest), found.hash, found.weights_sha256, str(found.path), conditions(found.header), card
    )


def model_rm(project: Project, ref: str) -> ModelGone:
    """Move a model to the trash. Its takes and pieces stay, but cannot be remade without it."""
    with project.lock():
        found = project.model(ref)
        used = [take.id for take in project.takes() if take.record.get("model") == found.id]
        kept = [
            piece.id
            for piece in project.pieces()
            if (piece.record.get("recipe") or {}).get("model") == found.id
        ]
        slot = project.trash(found.path)
        project.log("model-removed", model=found.id, slot=str(slot))
    return ModelGone(found.id, len(used), len(kept))


def model_restore(project: Project, ref: str) -> ModelBack:
    """Bring a model back from the trash: by id, by name (the one removed last), or by the beginning of an id.

    Raises ModelError naming what is there.
    """
    with project.lock():
        slots: dict[str, Path] = {}
        for event in project.events():
            if event["event"] == "model-removed" and event.get("slot"):
                slots.pop(str(event["model"]), None)  # so that the one removed last comes last
                slots[str(event["model"])] = Path(str(event["slot"]))
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


def score(
    project: Project, model: str, file: str | Path, *, plot: str | Path | None = None
) -> TextScore | MusicScore:
    """Score a file (or take, piece, work) under a model: nothing of it is seen before it is scored. `plot`: a .png or .svg to write.

    Raises ModelError when the model makes another medium, TakeError for a plot of another kind or an empty file.
    """
    found = project.model(model)
    source = find(project, file)
    if source.medium != found.medium:
        raise ModelError(
            f"{file} is {source.medium}, and model '{found.id}' knows {found.medium}.", "See: etude models"
        )
    if plot is not None and Path(plot).suffix.lower() not in (".png", ".svg"):
        raise TakeError(f"A plot cannot be written as '{Path(plot).suffix}'.", "Name a .png or .svg file.")
    ready = open_model(project, found.id)
    frozen = ready.score(source.content, growing=False, conditions={})
    growing = ready.score(source.content, growing=True, conditions={})
    text = source.medium == "text"
    size = len(source.content) if text else len(source.content.flat())
    if not size:
        raise TakeError(f"{file} holds nothing to score.", "Give a file with some text or notes.")
    codec = ready.codec
    scale, unit = (
        (1 / math.log(2), "characters")
        if text
        else (1.0, CELLS if codec.to_json()["kind"] == "frames" else "notes")
    )
    if unit == CELLS:
        cells = frozen.scored & (frozen.tokens != codec.eos)
        lines = [one.nats[cells] for one in (frozen, growing)]
    else:
        lines = [_by_unit(one.nats, one.offsets, size) * scale for one in (frozen, growing)]
    if plot is not None:
        _plot(Path(plot).expanduser(), lines, source.title, unit)
    units = len(lines[0])
    a, b = (float(np.sum(one.nats)) * scale / units for one in (frozen, growing))
    mine, grown = (float(np.mean(one.memory)) if len(one.memory) else 0.0 for one in (frozen, growing))
    name, tokens, curve = str(file), len(frozen.nats), _curve(lines)
    if text:
        return TextScore(found.id, name, source.medium, size, tokens, a, b, mine, grown, curve)
    return MusicScore(found.id, name, source.medium, size, tokens, unit, units, a, b, mine, grown, curve)


def _by_unit(
    nats: npt.NDArray[np.floating], offsets: npt.NDArray[np.integer], units: int
) -> npt.NDArray[np.float64]:
    """(units,) nats of each character or note: a token's nats spread over what it covers, those of a token that covers nothing
    (a bar line, the end) given to the unit at which it stands."""
    out = np.zeros(units)
    for value, start, end in zip(nats.tolist(), offsets[:-1].tolist(), offsets[1:].tolist(), strict=True):
        if end > start:
            out[start:end] += value / (end - start)
        elif units:
            out[min(start, units - 1)] += value
    return out


def _curve(lines: list[npt.NDArray[np.float64]]) -> Curve:
    units = len(lines[0])
    window = max(1, units // PLOT_WINDOW)
    at = np.unique(np.linspace(0, units - 1, min(units, PLACES)).astype(int))
    frozen, growing = (plots.smooth(line, window)[at] for line in lines)
    return Curve(
        tuple(at.tolist()), tuple(np.round(frozen, 4).tolist()), tuple(np.round(growing, 4).tolist())
    )


def _plot(path: Path, lines: list[npt.NDArray[np.float64]], title: str, unit: str) -> None:
    units = len(lines[0])
    window = max(8, units // PLOT_WINDOW)
    at = np.arange(units, dtype=np.float64)
    curves = [
        plots.Curve(name, at, plots.smooth(line, window))
        for name, line in zip(("memory frozen", "memory growing"), lines, strict=True)
    ]
    up, across = "bits per character" if unit == "characters" else "nats per note", unit
    heading = f"{title}: low where the model foresees it"
    write_atomic(
        path,
        plots.draw(
            curves, title=heading, across=f"{across} (mean over {window})", up=up, fmt=path.suffix.lower()[1:]
        ),
    )
