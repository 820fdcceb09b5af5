"""A scored file as a curve along it: at some places for records, and drawn."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from etude.families.contract import Lines
from etude.stats import plot as plots
from etude.stats.evenly import evenly
from etude.store.files import write_atomic

# The running mean of the plot takes this part of the file: fine enough to see a stanza, calm enough to read.
PLOT_WINDOW = 200
PLACES = 400  # values of the curve in --json: enough to draw it


@dataclass(frozen=True)
class Curve:
    """The figure along the file: `at` units from its start, mean over a window around it."""

    at: tuple[int, ...]
    frozen: tuple[float, ...]
    growing: tuple[float, ...]


def curve_of(lines: Lines) -> Curve:
    """Both figures along the file."""
    at = evenly(len(lines.frozen), PLACES)
    return Curve(tuple(at.tolist()), along(lines, lines.frozen), along(lines, lines.growing))


def along(lines: Lines, values: npt.NDArray[np.float64]) -> tuple[float, ...]:
    """The values at the places of the curve, mean over a window around each."""
    units = len(lines.frozen)
    smooth = plots.smooth(values, max(1, units // PLOT_WINDOW))[evenly(units, PLACES)]
    return tuple(np.round(smooth, 4).tolist())


def plot_of(path: Path, lines: Lines, title: str) -> None:
    """Draw them as .png or .svg."""
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
