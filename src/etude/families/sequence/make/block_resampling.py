"""Takes made block by block, the critic choosing: several drafts of a block go on from the same past, and one of them is kept.

A draft is kept with probability proportional to exp(f), f the critic's logit. Where f is log p_works / p_takes of a block given what stands
before it, blocks so kept are distributed as those of the works, the better the more drafts there are (importance resampling, Rubin 1987; with
a residual energy, Deng et al. 2020, arXiv 2004.11714). Knows no request, no guard and no project.

Letters: K drafts, T tokens, S side inputs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from etude.config.sequence import MAKE
from etude.families.sequence.critic import BEFORE, STRETCH, weigh
from etude.families.sequence.decoder import Engine, Line
from etude.families.sequence.model import SequenceModel

Chance = Callable[..., np.random.Generator]  # (purpose, *index) -> random numbers of one take
Watch = Callable[[Line], None]  # puts the guard on a line, if there is one


def ended(line: Line) -> bool:
    """Whether nothing more comes: the content is complete, or far too long."""
    return line.cursor.done or (len(line.tokens) > MAKE.most_tokens and not line.given[-1])


def run_blocks(
    engine: Engine, lines: Sequence[Line], chances: Sequence[Chance], drafts: int, watch: Watch
) -> list[Line]:
    """Make every line to its end, each block of STRETCH tokens chosen among `drafts`. The lines that come back are those that were kept."""
    out: list[Line] = []
    together = len(engine.slots) // drafts
    for a in range(0, len(lines), together):
        out += _together(engine, list(lines[a : a + together]), chances[a : a + together], drafts, watch)
    return out


def _together(
    engine: Engine, lines: list[Line], chances: Sequence[Chance], drafts: int, watch: Watch
) -> list[Line]:
    """As many lines as there are slots for. What one of them draws depends on its own chances only."""
    for line in lines:
        engine.open(line)
    block = 0
    while True:
        _take_given(engine, lines)
        going = [i for i, line in enumerate(lines) if not ended(line)]
        if not going:
            break
        forks = {i: _drafts(engine, lines[i], chances[i], block, drafts, watch) for i in going}
        until = {i: len(lines[i].tokens) + STRETCH for i in going}
        while open_ := [d for i in going for d in forks[i] if len(d.tokens) < until[i] and not ended(d)]:
            engine.step(open_)
        for i in going:
            log = log_weights(engine.model, forks[i], until[i] - STRETCH)
            w = np.exp(log - log.max())
            kept = forks[i][int(chances[i]("kept", block).choice(drafts, p=w / w.sum()))]
            for d in forks[i]:
                if d is not kept:
                    engine.close(d)
            lines[i] = kept
        block += 1
    for line in lines:
        engine.close(line)
    return lines


def _take_given(engine: Engine, lines: Sequence[Line]) -> None:
    """Tokens that are given are taken once, before the drafts part."""
    while given := [line for line in lines if not ended(line) and line.cursor.forced() is not None]:
        engine.step(given)


def _drafts(engine: Engine, line: Line, chance: Chance, block: int, drafts: int, watch: Watch) -> list[Line]:
    """The line itself and its twins, each with its own chances."""
    engine.settle(line, STRETCH)
    line.rng = chance("draft", block, 0)
    twins = [engine.fork(line, chance("draft", block, k)) for k in range(1, drafts)]
    for twin in twins:
        watch(twin)
    return [line, *twins]


def log_weights(model: SequenceModel, drafts: Sequence[Line], start: int) -> npt.NDArray[np.float64]:
    """(K,) for drafts that share their first `start` tokens; 0 for one that only ends.

    Drafts of one length are judged in one batch, so that nobody's company changes a bit of it.
    """
    assert model.critic is not None, "who asks for drafts has looked whether there is a critic"
    before = min(BEFORE, start)
    out = np.zeros(len(drafts))
    ends = [
        len(d.tokens) - (d.tokens[-1] == model.codec.eos) for d in drafts
    ]  # an end is nothing that the critic has learned to judge
    for end in set(ends) - {start}:
        which = [k for k, e in enumerate(ends) if e == end]
        tokens = np.array([drafts[k].tokens[start - before : end] for k in which], np.int64)
        side = np.array([drafts[k].sides[start - before : end] for k in which], np.int64)  # (K, T, S)
        out[which] = weigh(model.critic, model.network, tokens, side, before)
    return out
