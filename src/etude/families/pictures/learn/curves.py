"""How learning went, as plots that lie beside the model: the loss on works not learned from, and what
refinement's instruments showed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from etude.stats import plot

_INSTRUMENTS = (("spread of takes", "spread"), ("critic's lead", "lead"))


def curves(header: Mapping[str, Any]) -> dict[str, bytes]:
    """File name -> SVG, from a model's header; none where there are fewer than two evaluations."""
    out = {}
    evaluations = [row for row in header.get("curve") or [] if np.isfinite(row[2])]
    if len(evaluations) > 1:
        seconds, _, values = (np.array(column, float) for column in zip(*evaluations, strict=True))
        line = plot.Curve("validation set", seconds, values)
        out["learning.svg"] = plot.draw(
            [line], title="Flow loss", across="seconds", up="squared error", fmt="svg"
        )
    shown = ((header.get("refining") or {}).get("instruments")) or []
    if len(shown) > 1:
        at = np.array([one["seconds"] for one in shown], float)
        lines = [
            plot.Curve(name, at, np.array([one[key] for one in shown], float)) for name, key in _INSTRUMENTS
        ]
        title = "Adversarial training: spread of takes (1: as works), lead of the critic (0: chance)"
        out["refining.svg"] = plot.draw(lines, title=title, across="seconds", up="", fmt="svg")
    return out
