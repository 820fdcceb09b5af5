"""Filling a gap where the codec cannot see what follows it: several fillings are drawn from the left, and one
of them is kept.

A filling is kept with probability proportional to the likelihood it gives to what follows (importance
resampling, as in block_resampling.py). Knows no project.

Letters: N fillings.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from etude import rng
from etude.config.sequence import MAKE
from etude.errors import TakeError
from etude.families.sequence.make.drawing import draw_takes
from etude.families.sequence.make.request import Made, MakeRequest
from etude.families.sequence.model import SequenceModel
from etude.media import sequence as medium_of
from etude.media.contract import Content, Guard

LEAST_UNITS = 8  # of a filling, where nobody named a length and the gap is shorter
BEFORE = 4  # times what follows the gap is what stands before it read again, to see how well the two fit


def fill(
    model: SequenceModel,
    r: MakeRequest,
    gap: tuple[int, int],
    row: tuple[int, ...],
    guard: Guard | None,
    index: int,
) -> Made:
    """The take of this index: `start` with the units of `gap` made anew.

    Raises TakeError where every filling makes a copy.
    """
    medium = medium_of(model.medium)
    left = medium.cut(r.start, 0, gap[0])
    right = medium.cut(r.start, gap[1], medium.size(r.start))
    units = r.units or max(LEAST_UNITS, gap[1] - gap[0])
    ask = MakeRequest(
        n=MAKE.fillings,
        units=units,
        temperature=r.temperature,
        borrow=r.borrow,
        min_p=r.min_p,
        unrepeated=r.unrepeated,
        no_copy=r.no_copy,
        guard=guard,
        conditions=r.conditions,
        start=left,
        adapt=True,
    )
    fillings = _fillings(model, r, ask, row, guard, left, right, index)
    log = _log_likelihoods(model, row, fillings, right)  # (N,)
    w = np.exp(log - log.max())
    pick = int(rng.for_(r.seed, "filling", index).choice(len(w), p=w / w.sum()))
    chosen = fillings[pick]
    return Made(index, medium.join(chosen.content, right), chosen.tokens, chosen.nats, chosen.memory)


def _fillings(
    model: SequenceModel,
    r: MakeRequest,
    ask: MakeRequest,
    row: tuple[int, ...],
    guard: Guard | None,
    left: Content,
    right: Content,
    index: int,
) -> list[Made]:
    """The left part with fillings that are no copy together with the right one."""
    for attempt in range(MAKE.attempts):
        seed = rng.seed_for(r.seed, "fill", index, *([attempt] if attempt else []))
        made = draw_takes(model, replace(ask, seed=seed), row, guard)
        fits = [
            take for take in made if guard is None or not _across(model, guard, take.content, left, right)
        ]
        if fits:
            return fits
    raise TakeError(
        f"every draft for the gap, with the words around it, copies {r.no_copy} or more consecutive words of "
        "the collection",
        "widen the gap, raise --temperature or --no-copy, or lower --borrow",
    )


def _log_likelihoods(
    model: SequenceModel, row: tuple[int, ...], fillings: list[Made], right: Content
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """(N,) log-likelihood of what follows the gap after each filling."""
    medium = medium_of(model.medium)
    ahead = medium.cut(right, 0, min(MAKE.look_ahead, medium.size(right)))
    logs = []
    for take in fillings:
        length = medium.size(take.content)
        before = medium.cut(take.content, max(0, length - MAKE.look_ahead * BEFORE), length)
        e = model.codec.encode(medium.join(before, ahead))
        edge = int(np.searchsorted(e.offsets, medium.size(before)))
        nats, _, _ = model.read(e, row, grow=False)
        logs.append(-float(nats[edge:-1].sum()))
    return np.array(logs)


def _across(model: SequenceModel, guard: Guard, filled: Content, left: Content, right: Content) -> bool:
    """Whether the end of a filling and what follows the gap are together a copy."""
    medium = medium_of(model.medium)
    return any(a < medium.size(filled) for a, _ in guard.copies(medium.join(filled, right), left))
