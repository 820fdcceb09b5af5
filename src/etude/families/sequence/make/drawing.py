"""Takes drawn token by token, each by its own random numbers, so that a recipe gives the same bytes whatever
else is made with it.

The copy guard keeps verbatim spans out while drawing; a take through which one got, or which has not what was
asked for, is drawn again. Knows no project.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import cast

import numpy as np
import numpy.typing as npt

from etude import rng
from etude.config.sequence import MAKE
from etude.errors import TakeError
from etude.families.sequence import marking
from etude.families.sequence.decoder import SLOTS, Decoder, Sequence
from etude.families.sequence.make.block_resampling import ended, run_blocks
from etude.families.sequence.make.copy_guard import put_on
from etude.families.sequence.make.request import Made, MakeRequest, start_of
from etude.families.sequence.model import SequenceModel
from etude.media import sequence as medium_of
from etude.media.codec import Obeying, Settling, Trimmed
from etude.media.contract import Content, Guard, TakeCursor

MOST_LIFT = 60.0  # added to the memory's logits it leaves nothing to the network


def lift_of(borrow: float) -> float:
    """What the control `borrow` adds to the memory's logits: its log-odds; 0.5 leaves the gate as fitted."""
    if borrow <= 0.0:
        return -MOST_LIFT
    return MOST_LIFT if borrow >= 1.0 else math.log(borrow / (1.0 - borrow))


def draw_takes(model: SequenceModel, r: MakeRequest, row: tuple[int, ...], guard: Guard | None) -> list[Made]:
    """The takes of a request that goes on from its start. Raises TakeError where a copy cannot be kept out.

    `row` are the conditions. Takes come in the order of their index, or as the critic ranks them.
    """
    out: list[Made] = []
    with Decoder(model, temperature=r.temperature, min_p=r.min_p, lift=lift_of(r.borrow)) as decoder:
        for a in range(0, r.n, SLOTS):
            indices = range(r.first_index + a, r.first_index + min(a + SLOTS, r.n))
            sequences = _drawn(decoder, r, row, guard, [(i, 0) for i in indices])
            for i, sequence in zip(indices, sequences, strict=True):
                out.append(_finished(decoder, r, row, guard, i, sequence))
    return _ranked(model, r, row, out)


def run(decoder: Decoder, sequences: Iterable[Sequence]) -> None:
    """Make every sequence to its end."""
    every = list(sequences)
    for sequence in every:
        decoder.open(sequence)
    going = [sequence for sequence in every if not sequence.cursor.done]
    while going:
        decoder.step(going)
        for sequence in going:
            if ended(sequence):
                decoder.close(sequence)
        going = [sequence for sequence in going if sequence.slot >= 0]
    for sequence in every:
        if sequence.slot >= 0:
            decoder.close(sequence)


def _drawn(
    decoder: Decoder,
    r: MakeRequest,
    row: tuple[int, ...],
    guard: Guard | None,
    which: list[tuple[int, int]],
) -> list[Sequence]:
    """The sequences of these takes (index, attempt), made to their ends."""
    watch = partial(put_on, guard, r.unrepeated)
    sequences = [_begun(decoder.model, r, row, index, attempt) for index, attempt in which]
    for sequence in sequences:
        watch(sequence)
    if r.drafts > 1:
        chances = [partial(_chance, r.seed, *who) for who in which]
        return run_blocks(decoder, sequences, list(chances), r.drafts, watch)
    run(decoder, sequences)
    return sequences


def _chance(seed: int, index: int, attempt: int, purpose: str, *at: int) -> np.random.Generator:
    """Random numbers of one take for one purpose."""
    return rng.for_(seed, purpose, index, attempt, *at)


def _begun(model: SequenceModel, r: MakeRequest, row: tuple[int, ...], index: int, attempt: int) -> Sequence:
    """A sequence of the request, standing at its beginning."""
    units = r.units if r.units is not None or r.stays else medium_of(model.medium).sizes.usual
    start = start_of(model, r)[1]
    chance = partial(rng.for_, r.seed, "frame", index)
    if isinstance(model.codec, Settling) and not r.stays:
        codec = model.settled(r.settings, r.units, start, chance)
    else:  # what is gone on from has a frame of its own
        codec = model.codec if start is not None else model.framed(chance)
    cursor = codec.cursor(units=units, given=start, stays=r.stays or None)
    purpose = ("take", index) if not attempt else ("take", index, attempt)
    opening = _openings(model, r) if r.opens and r.start is None else None
    mark = marking.begun(codec, r.mark, r.seed, index)
    return Sequence(cursor, rng.for_(r.seed, *purpose), row, r.adapt, opening=opening, mark=mark)


def _openings(model: SequenceModel, r: MakeRequest) -> npt.NDArray[np.bool_]:
    """(V,) the tokens with which a take may begin."""
    if not r.openings:
        return model.openings
    out = np.zeros(model.codec.vocab, np.bool_)
    out[list(r.openings)] = True
    return out


def _finished(
    decoder: Decoder,
    r: MakeRequest,
    row: tuple[int, ...],
    guard: Guard | None,
    index: int,
    sequence: Sequence,
) -> Made:
    """The finished take.

    Where a copy got through (nothing else was allowed at one place), or where it has not what was asked for,
    it is drawn again; a copy is cut or refused as a last resort.
    """
    if r.stays and all(sequence.given):
        raise TakeError(
            "all of the given score is kept: nothing is left to make",
            "keep fewer voices with --voices, or name --bars; new voices are added only by a model "
            "that knows them, such as one of chorales",
        )
    content = _content(sequence)
    unread, given = start_of(decoder.model, r)
    for attempt in range(1, MAKE.attempts):
        copied = guard is not None and guard.copies(content, given, r.stays or None)
        if not copied and (not isinstance(sequence.cursor, Obeying) or sequence.cursor.obeys(content)):
            break
        (sequence,) = _drawn(decoder, r, row, guard, [(index, attempt)])
        content = _content(sequence)
    if guard is not None:
        content = guard.without(content, given, r.stays or None)
    if unread is not None:
        content = medium_of(decoder.model.medium).join(unread, content)
    drawn = [i for i, was_given in enumerate(sequence.given) if not was_given]
    nats, memory = (tuple(x[i] for i in drawn) for x in (sequence.nats, sequence.memory))
    return Made(index, content, tuple(sequence.tokens), nats, memory)


def _content(sequence: Sequence) -> Content:
    """What was made. The sequence of a take stands at the cursor of one."""
    cursor = cast(TakeCursor, sequence.cursor)
    surplus = cursor.surplus if isinstance(cursor, Trimmed) else 0
    return cursor.content(sequence.tokens[: len(sequence.tokens) - surplus])


def _ranked(model: SequenceModel, r: MakeRequest, row: tuple[int, ...], takes: list[Made]) -> list[Made]:
    """The takes with the critic's answers, the likeliest to be a work first, where ranking is asked for or
    was found to help."""
    wanted = r.rank if r.rank is not None else bool((model.header.get("critic") or {}).get("used"))
    if not wanted or not model.has_critic:
        return takes
    from etude.families.sequence.critic import mean_logit  # laziness: it needs PyTorch

    critic = model.critic
    assert critic is not None
    judged = []
    for take in takes:
        e = model.codec.encode(take.content)
        side = model.with_conditions(e.side, row)
        judged.append(replace(take, critic=mean_logit(critic, model.network, e.tokens, side)))
    return sorted(judged, key=lambda t: (-(t.critic if t.critic is not None else -1e9), t.index))
