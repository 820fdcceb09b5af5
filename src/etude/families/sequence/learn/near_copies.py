"""How many takes of a new model hold a long run of a work that it was trained on, word for word or note for
note, beside the same count for passages of works held out.

The run is as long as the one that `--no-copy` forbids. Passages are as long as the takes are. Knows no
medium.

Letters: n takes, h passages.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from etude.config.sequence import MAKE
from etude.config.trust import TRACE
from etude.families.sequence.learn.dataset import Corpus, Piece
from etude.media import sequence
from etude.media.contract import Content
from etude.stats.evenly import evenly
from etude.stats.figure import wilson
from etude.training.deadline import left

NAME = "near copies"
_TRIED = 0.05  # of the works, by which it is known how long reading all of them takes


def near_copies(
    corpus: Corpus,
    takes: Sequence[Content],
    *,
    until: float | None,
) -> dict[str, Any] | None:
    """The share of takes (n,) that hold such a run, with Wilson's 90 % interval, and that of passages held
    out (h,) as `chance`; None with too few of either, or where there is no time."""
    medium, n = sequence(corpus.medium), MAKE.no_copy
    passages = _passages(medium, corpus.held_out, takes)
    if len(takes) < MAKE.least_compared or len(passages) < TRACE.held_out_needed:
        return None
    works = [p.part.content for p in corpus.train]
    some = [works[i] for i in evenly(len(works), max(1, round(_TRIED * len(works))))]
    began = time.monotonic()
    medium.guard(some, n, corpus.codec)
    sizes = sum(map(medium.size, some)), sum(map(medium.size, works))
    if (time.monotonic() - began) * sizes[1] / max(1, sizes[0]) > 0.7 * left(until):
        return None
    guard = medium.guard(works, n, corpus.codec)
    of_takes, of_passages = ([bool(guard.copies(one)) for one in some] for some in (takes, passages))
    share, chance = float(np.mean(of_takes)), float(np.mean(of_passages))
    middle, half = wilson(share, len(takes))
    low, high = max(0.0, middle - half), min(1.0, middle + half)
    unit = f"share of takes (of {len(passages)} passages held out {chance:.2g})"
    return {"value": share, "low": low, "high": high, "n": len(takes), "unit": unit, "chance": chance}


def _passages(medium: Any, held_out: Sequence[Piece], takes: Sequence[Content]) -> list[Content]:
    """At most TRACE.held_out_pictures passages of works held out, as long as takes usually are."""
    size = max(1, int(np.median([medium.size(one) for one in takes]))) if takes else 1
    found: list[tuple[Content, int]] = []
    for p in held_out:
        whole = medium.size(p.part.content)
        found += [(p.part.content, at) for at in range(0, max(1, whole - size // 2), size)]
    some = [found[i] for i in evenly(len(found), TRACE.held_out_pictures)]
    return [medium.cut(one, at, min(at + size, medium.size(one))) for one, at in some]


def lines(near: dict[str, Any] | None, runs: str) -> list[str]:
    """For the card."""
    if near is None:
        return ["", "Near-copies were not counted: there was no time, or too little is held out."]
    many = near["low"] > near["chance"]
    out = [
        "",
        f"Near-copies: {100 * near['value']:.0f} of 100 takes hold {MAKE.no_copy} or more {runs} in a row of "
        f"a work that it was trained on ({100 * near['low']:.0f} to {100 * near['high']:.0f}, on "
        f"{near['n']} takes); of passages as long from works held out {100 * near['chance']:.0f} of 100 do.",
    ]
    return (
        [*out, "", "Use --no-copy, and check the trace of each take before you publish it."] if many else out
    )
