"""What takes of a new model are like beside works held out, in what their medium can measure of both without a
model.

Takes are drawn as anybody would draw them first: no wish, the usual temperature, no critic. Knows no medium.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from etude.config.sequence import LEARN
from etude.families.sequence.learn.dataset import Piece
from etude.families.sequence.make.request import MakeRequest
from etude.families.sequence.make.sampling import make
from etude.families.sequence.model import SequenceModel
from etude.media import sequence

AT_ONCE = 8  # takes


def traits(
    model: SequenceModel, held_out: Sequence[Piece], *, seed: int, seconds: float | None
) -> dict[str, Any]:
    """{'works': figures, 'takes': figures, 'n': takes}; {} where nothing can be measured, or within `seconds`
    no takes are made."""
    began = time.monotonic()
    medium = sequence(model.medium)
    works = medium.traits([p.part.content for p in held_out])
    if not works:
        return {}
    takes: list[Any] = []
    while len(takes) < LEARN.trait_takes:
        gone = time.monotonic() - began
        if seconds is not None and gone * (len(takes) + AT_ONCE) / max(1, len(takes)) > seconds:
            break
        ask = MakeRequest(n=AT_ONCE, seed=seed, first_index=len(takes), rank=False)
        takes += [one.content for one in make(model, ask)]
    if not takes:
        return {}
    found = medium.traits(takes)
    return {
        "works": {name: figure.to_json() for name, figure in works.items()},
        "takes": {name: figure.to_json() for name, figure in found.items()},
        "n": len(takes),
    }


def lines(found: dict[str, Any]) -> list[str]:
    """The section of the card."""
    if not found:
        return []
    out = [
        "",
        "## What takes are like",
        "",
        f"| | {found['n']} takes | works held out |",
        "|---|---|---|",
    ]
    for name, of_works in found["works"].items():
        if name in found["takes"]:
            out.append(f"| {name} | {_said(found['takes'][name])} | {_said(of_works)} |")
    return [*out, "", "Means with 90 % intervals; both are measured by the notes alone, without the model."]


def _said(figure: dict[str, Any]) -> str:
    return f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f})"
