"""From the shares that the generator used itself to what a person can read: per token, per passage and per
work.

Nothing is estimated here. The mixture drew every token from p = (1 - w) p_network + w p_memory, so the
posterior share of each place of the memory is a number that it had; this file checks that the shares of each
token sum to 1, sums them over works and joins neighbours. It takes what any family
says of a content (`Shares`) and knows no model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from etude.config.trust import TRACE
from etude.errors import ModelError
from etude.families.contract import Shares
from etude.trace.record import Borrowed, Passage, Source, TokenShare, WorkShare

Quoter = Callable[
    [str, int, int], tuple[str, tuple[str, str, str]]
]  # (work, start, end) -> place in words, quotation
TOLERANCE = 1e-4  # the shares of one token may miss 1 by float32 rounding, not by more


def borrowed(scored: Shares, *, quote: Quoter | None = None) -> Borrowed:
    """The borrowed part of a trace. `quote(work, start, end)` gives a place in words and its quotation, for
    passages.

    Raises ModelError when the shares of a token do not sum to 1: then the record would claim an exactness
    that it lacks.
    """
    tokens = tuple(
        _token(scored, t) for t in np.flatnonzero(scored.scored).tolist()
    )  # what a person gave was drawn from nowhere
    count = max(len(tokens), 1)
    sums: dict[str, float] = {}
    for token in tokens:
        for place in token.places:
            sums[place.work] = sums.get(place.work, 0.0) + place.share
    works = tuple(
        WorkShare(work, total / count, total)
        for work, total in sorted(sums.items(), key=lambda item: (-item[1], item[0]))
    )
    found = passages(tokens)
    if quote is not None:
        found = tuple(_quoted(passage, quote) for passage in found)
        tokens = tuple(_placed(token, quote) for token in tokens)
    memory = sum(t.memory for t in tokens) / count
    return Borrowed(tokens, found, works, memory, sum(t.rest for t in tokens) / count)


def _token(scored: Shares, t: int) -> TokenShare:
    memory, rest = float(scored.memory[t]), float(scored.rest[t])
    every = [Source(p.work_id, int(p.start), int(p.end), float(p.share)) for p in scored.places[t]]
    total = sum(p.share for p in every) + rest
    out_of_range = (
        not -TOLERANCE <= memory <= 1 + TOLERANCE
        or rest < -TOLERANCE
        or any(p.share < -TOLERANCE for p in every)
    )
    if out_of_range or abs(total - memory) > TOLERANCE:
        message = (
            f"The shares of token {t + 1} do not sum to 1: places and rest give {total:.6f}, the memory "
            f"{memory:.6f}."
        )
        raise ModelError(message, "The model and this version do not agree; learn it again with: etude learn")
    every.sort(key=lambda p: (-p.share, p.work, p.start))
    return TokenShare(
        int(scored.offsets[t]), int(scored.offsets[t + 1]), float(scored.nats[t]), total, tuple(every), rest
    )


def passages(tokens: Sequence[TokenShare]) -> tuple[Passage, ...]:
    """Runs of tokens that follow one work in its own order, strongest first: the places of neighbours follow
    each other.

    A run may skip `gap_tokens` tokens of other origin; shorter runs than `passage_tokens` are not passages.
    """
    still: dict[str, list[list[tuple[int, Source]]]] = {}  # open runs by work
    closed: list[list[tuple[int, Source]]] = []
    for t, token in enumerate(tokens):
        for work in {place.work for place in token.places}:
            runs = still.get(work, [])
            gone = [run for run in runs if t - run[-1][0] > TRACE.gap_tokens + 1]
            closed += gone
            still[work] = [run for run in runs if t - run[-1][0] <= TRACE.gap_tokens + 1] if gone else runs
        begun = []
        ends = {(place.work, run[-1][1].end): run for place in token.places for run in still[place.work]}
        for place in token.places:
            run = _continued(ends, still[place.work], place, token, tokens)
            if run is not None and run[-1][0] < t:
                run.append((t, place))
            elif run is None:
                begun.append([(t, place)])
        for run in begun:
            still[run[0][1].work].append(run)
    closed += [run for runs in still.values() for run in runs]
    found = [_passage(run, tokens) for run in closed if len(run) >= TRACE.passage_tokens]
    found = [p for p in found if p.share >= TRACE.passage_share]
    found.sort(key=lambda p: (-p.share * p.tokens, p.start, p.work, p.work_start))
    return tuple(_without_echoes(found)[: TRACE.passages_shown])


def _continued(
    ends: Mapping[tuple[str, int], list[tuple[int, Source]]],
    runs: Sequence[list[tuple[int, Source]]],
    place: Source,
    token: TokenShare,
    tokens: Sequence[TokenShare],
) -> list[tuple[int, Source]] | None:
    """The run that this place goes on: it begins where the run's last place ended, give or take what was
    skipped in the piece."""
    exact = ends.get((place.work, place.start))
    if exact is not None:
        return exact
    for run in runs:
        last_t, last = run[-1]
        skipped = token.start - tokens[last_t].end
        if skipped > 0 and 0 <= place.start - last.end <= 2 * skipped:
            return run
    return None


def _passage(run: Sequence[tuple[int, Source]], tokens: Sequence[TokenShare]) -> Passage:
    first, last = run[0], run[-1]
    width = last[0] - first[0] + 1
    share = sum(place.share for _, place in run) / width
    return Passage(
        tokens[first[0]].start, tokens[last[0]].end, first[1].work, first[1].start, last[1].end, width, share
    )


def _without_echoes(found: Sequence[Passage]) -> list[Passage]:
    """Drop a passage that lies in a stronger one of the same work: the same words stand there several
    times."""
    kept: list[Passage] = []
    for passage in found:
        if not any(
            k.work == passage.work and k.start <= passage.start and passage.end <= k.end for k in kept
        ):
            kept.append(passage)
    return kept


def _quoted(passage: Passage, quote: Quoter) -> Passage:
    place, words = quote(passage.work, passage.work_start, passage.work_end)
    return replace(passage, place=place, quote=words)


def _placed(token: TokenShare, quote: Quoter) -> TokenShare:
    """The token with its strongest place put in words, where that place gave enough to speak of."""
    if not token.places or token.places[0].share < TRACE.place_share:
        return token
    first, *others = token.places
    return replace(
        token, places=(replace(first, place=quote(first.work, first.start, first.end)[0]), *others)
    )
