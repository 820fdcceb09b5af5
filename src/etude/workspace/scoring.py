"""How well a model predicts a content, as figures and as a curve along it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from etude.errors import ModelError, TakeError
from etude.families.contract import Lines
from etude.stats import plot as plots
from etude.stats.evenly import evenly
from etude.store.files import write_atomic
from etude.workspace.contents import find
from etude.workspace.core import Workspace
from etude.workspace.generators import generator

# The running mean of the plot takes this part of the file: fine enough to see a stanza, calm enough to read.
PLOT_WINDOW = 200
PLACES = 400  # values of the curve in --json: enough to draw it


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
