"""What takes of a new model are like beside works held out, in what their medium can measure of both without
a model.

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
from etude.media.contract import Content
from etude.training.deadline import left

AT_ONCE = 8  # takes
TRIED = 12  # takes of a part of the usual length show how long whole ones take


def drawn(model: SequenceModel, *, seed: int, until: float | None) -> list[Content]:
    """Takes, as many as the time allows; where not even the first ones would be made in time, none."""
    advised = dict(model.network.making)
    takes: list[Content] = []
    began, tried_s = time.monotonic(), 0.0
    if until is not None and LEARN.trait_takes:
        # the first take waits until the network is laid out and everything is compiled
        make(model, MakeRequest(n=1, seed=seed, rank=False, **{**advised, "units": 1}))
        began = time.monotonic()
        usual = int(advised.get("units") or sequence(model.medium).sizes.usual)
        short = {**advised, "units": max(1, usual // TRIED)}
        make(model, MakeRequest(n=AT_ONCE, seed=seed, rank=False, **short))
        tried_s = TRIED * (time.monotonic() - began)
    began = time.monotonic()
    while len(takes) < LEARN.trait_takes:
        batch_s = (time.monotonic() - began) * AT_ONCE / len(takes) if takes else tried_s
        if batch_s > left(until):
            break
        ask = MakeRequest(n=AT_ONCE, seed=seed, first_index=len(takes), rank=False, **advised)
        takes += [one.content for one in make(model, ask)]
    return takes


def traits(medium: str, held_out: Sequence[Piece], takes: Sequence[Content]) -> dict[str, Any]:
    """{'works': figures, 'takes': figures, 'n': takes}; {} where nothing can be measured."""
    works = sequence(medium).traits([p.part.content for p in held_out])
    if not works or not takes:
        return {}
    found = sequence(medium).traits(takes)
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
