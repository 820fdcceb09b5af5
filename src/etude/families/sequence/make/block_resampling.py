"""Takes made block by block: several drafts of a block go on from the same past, and the critic chooses one
of them.

A draft is kept with probability proportional to exp(f), f the critic's logit. Where f is log p_works /
p_takes of a block given what stands before it, blocks so kept are distributed as those of the works, the
better the more drafts there are (importance resampling, Rubin 1987; with a residual energy, Deng et al. 2020,
arXiv 2004.11714). Knows no request, no guard and no project.

Letters: K drafts, T tokens, S side inputs.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from etude.config.sequence import MAKE
from etude.families.sequence.decoder import Decoder, Sequence
from etude.families.sequence.model import SequenceModel
from etude.families.sequence.records import BEFORE, STRETCH

Chance = Callable[..., np.random.Generator]  # (purpose, *index) -> random numbers of one take
Watch = Callable[[Sequence], None]  # puts the guard on a sequence, if there is one


def ended(sequence: Sequence) -> bool:
    """Whether nothing more comes: the content is complete, or far too long."""
    too_long = len(sequence.tokens) > MAKE.most_tokens and not sequence.given[-1]
    return sequence.cursor.done or too_long


def run_blocks(
    decoder: Decoder, sequences: list[Sequence], chances: list[Chance], drafts: int, watch: Watch
) -> list[Sequence]:
    """Make every sequence to its end, each block of STRETCH tokens chosen among `drafts`.

    What comes back are those that were kept.
    """
    out: list[Sequence] = []
    together = decoder.slots // drafts
    for a in range(0, len(sequences), together):
        out += _together(decoder, sequences[a : a + together], chances[a : a + together], drafts, watch)
    return out


def _together(
    decoder: Decoder, sequences: list[Sequence], chances: list[Chance], drafts: int, watch: Watch
) -> list[Sequence]:
    """As many sequences as there are slots for.

    What one of them draws depends on its own random numbers only.
    """
    for sequence in sequences:
        decoder.open(sequence)
    block = 0
    while True:
        _take_given(decoder, sequences)
        going = [i for i, sequence in enumerate(sequences) if not ended(sequence)]
        if not going:
            break
        forks = {i: _drafts(decoder, sequences[i], chances[i], block, drafts, watch) for i in going}
        until = {i: len(sequences[i].tokens) + STRETCH for i in going}
        while growing := [d for i in going for d in forks[i] if len(d.tokens) < until[i] and not ended(d)]:
            decoder.step(growing)
        for i in going:
            log = log_weights(decoder.model, forks[i], until[i] - STRETCH)
            w = np.exp(log - log.max())
            kept = forks[i][int(chances[i]("kept", block).choice(drafts, p=w / w.sum()))]
            for draft in forks[i]:
                if draft is not kept:
                    decoder.close(draft)
            sequences[i] = kept
        block += 1
    for sequence in sequences:
        decoder.close(sequence)
    return sequences


def _take_given(decoder: Decoder, sequences: list[Sequence]) -> None:
    """Tokens that are given are taken once, before the drafts part."""
    while given := [s for s in sequences if not ended(s) and s.cursor.forced() is not None]:
        decoder.step(given)


def _drafts(
    decoder: Decoder, sequence: Sequence, chance: Chance, block: int, drafts: int, watch: Watch
) -> list[Sequence]:
    """The sequence itself and its twins, each with its own random numbers."""
    decoder.settle(sequence, STRETCH)
    sequence.rng = chance("draft", block, 0)
    sequence.mark.loosen()  # drafts would begin alike
    twins = [decoder.fork(sequence, chance("draft", block, k)) for k in range(1, drafts)]
    for twin in twins:
        watch(twin)
    return [sequence, *twins]


def log_weights(model: SequenceModel, drafts: list[Sequence], start: int) -> npt.NDArray[np.float64]:
    """(K,) for drafts that share their first `start` tokens; 0 for one that only ends.

    Drafts of one length are judged in one batch, which holds drafts of one take only, so that its bits depend
    on no other take.
    """
    from etude.families.sequence.critic import weigh  # laziness: it needs PyTorch

    critic = model.critic
    assert critic is not None, "drafts need a critic; the request was checked"
    before = min(BEFORE, start)
    out = np.zeros(len(drafts))
    # an end is nothing that the critic has learned to judge
    ends = [len(d.tokens) - (d.tokens[-1] == model.codec.eos) for d in drafts]
    for end in set(ends) - {start}:
        which = [k for k, e in enumerate(ends) if e == end]
        tokens = np.array([drafts[k].tokens[start - before : end] for k in which], np.int64)
        side = np.array([drafts[k].sides[start - before : end] for k in which], np.int64)  # (K, T, S)
        out[which] = weigh(critic, model.network, tokens, side, before)
    return out
