"""Making takes: from a request to contents, each by its own random numbers, so that a recipe gives the same bytes alone or in company.

A take begins at nothing, goes on from a content, or is made around what stays of one. Where a codec cannot see ahead, gaps are filled by
drawing several fillings from the left and keeping one with the likelihood it gives to what follows (importance resampling). The
copy guard keeps verbatim spans out while drawing. Knows no project.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, cast

import numpy as np

from etude import rng
from etude.config.sequence import MAKE
from etude.errors import ModelError, TakeError
from etude.families.sequence.critic import judge
from etude.families.sequence.decoder import STREAMS, Engine, Line
from etude.families.sequence.make.block_resampling import ended, run_blocks
from etude.families.sequence.make.copy_guard import guard_of, put_on
from etude.families.sequence.model import SequenceModel, Stream
from etude.media import sequence
from etude.media.contract import Content, Guard, TakeCursor


@dataclass(frozen=True)
class MakeRequest:
    """What is asked for. `units`: wanted length (None: as the model ends it, at most MAKE.longest); `borrow` 0 network only .. 1 memory only;
    `no_copy`: no span of so many words or notes of the collection (`guard`: the guard of its works where they are at hand, else what the
    memory holds is guarded); `stays`: which part of `start` stays while the rest is made, as the medium's controls say it, else it is gone
    on from; `drafts` of each block that the critic chooses among (1: it is not asked)."""

    n: int = 8
    seed: int = 0
    first_index: int = 0
    units: int | None = None
    temperature: float = MAKE.temperature
    borrow: float = MAKE.borrow
    no_copy: int | None = None
    guard: Guard | None = None
    conditions: Mapping[str, str] = field(default_factory=dict)
    start: Content | None = None
    stays: Mapping[str, Any] = field(default_factory=dict)
    adapt: bool = False
    rank: bool | None = None
    drafts: int = 1


@dataclass(frozen=True)
class Made:
    """One take: its content, and for each token drawn its cost and the memory's share of it; the critic's answer where it was asked."""

    index: int
    content: Content
    tokens: tuple[int, ...]
    nats: tuple[float, ...]
    memory: tuple[float, ...]
    critic: float | None = None

    @property
    def memory_share(self) -> float:
        return float(np.mean(self.memory)) if self.memory else 0.0


def make(model: SequenceModel, request: MakeRequest) -> list[Made]:
    """Make the takes of a request. Raises TakeError or ModelError where request and model do not fit."""
    _check(model, request)
    if model.critic is None and (request.rank or request.drafts > 1):
        raise ModelError(
            "this model has no critic to choose by",
            "learn it with a budget of 2m or more, or make without --rank and --drafts",
        )
    row = model.condition_row(request.conditions)
    guard = request.guard
    if guard is None and request.no_copy is not None:
        guard = guard_of(model, request.no_copy, {})
    if (gap := _gap(model, request)) is not None:
        which = range(request.first_index, request.first_index + request.n)
        return [_fill(model, request, gap, row, guard, i) for i in which]
    out: list[Made] = []
    with Engine(model, heat=request.temperature, lift=lift_of(request.borrow)) as engine:
        for a in range(0, request.n, STREAMS):
            index = range(request.first_index + a, request.first_index + min(a + STREAMS, request.n))
            lines = _run(engine, request, row, guard, [(i, 0) for i in index])
            out += [
                _made(model, request, row, guard, engine, i, line)
                for i, line in zip(index, lines, strict=True)
            ]
    return _ranked(model, request, out)


def _ranked(model: SequenceModel, r: MakeRequest, takes: list[Made]) -> list[Made]:
    """The takes with the critic's answer, the likeliest to be a work first, where it is asked or was found to help."""
    wanted = r.rank if r.rank is not None else bool((model.header.get("critic") or {}).get("used"))
    if not wanted or model.critic is None:
        return takes
    row = model.condition_row(r.conditions)
    judged = []
    for t in takes:
        e = model.codec.encode(t.content)
        judged.append(
            replace(
                t, critic=judge(model.critic, model.network, e.tokens, model.with_conditions(e.side, row))
            )
        )
    return sorted(judged, key=lambda t: (-(t.critic if t.critic is not None else -1e9), t.index))


def lift_of(borrow: float) -> float:
    """What the control adds to the memory's logits: its log-odds; 0.5 leaves the gate as fitted."""
    if borrow <= 0.0:
        return -60.0
    return 60.0 if borrow >= 1.0 else math.log(borrow / (1.0 - borrow))


def run(engine: Engine, lines: list[Line]) -> None:
    """Make every line to its end."""
    for line in lines:
        engine.open(line)
    going = [line for line in lines if not line.cursor.done]
    while going:
        engine.step(going)
        for line in going:
            if ended(line):
                engine.close(line)
        going = [line for line in going if line.slot >= 0]
    for line in lines:
        if line.slot >= 0:
            engine.close(line)


def _check(model: SequenceModel, r: MakeRequest) -> None:
    """Raises TakeError for a request that makes no sense."""
    if not 0.0 <= r.temperature <= MAKE.hottest:
        raise TakeError(
            f"a temperature of {r.temperature:g} makes no sense",
            f"give one between 0 (no chance at all) and {MAKE.hottest:g}; usual is 0.7 to 1.1",
        )
    if not 0.0 <= r.borrow <= 1.0:
        raise TakeError(
            f"borrow is {r.borrow:g}",
            "give a number from 0 (from the network alone) to 1 (from the memory wherever it knows)",
        )
    if not 1 <= r.drafts <= STREAMS:
        raise TakeError(
            f"{r.drafts} drafts of each block were asked for",
            f"ask for 1 (no choice) to {STREAMS}: --drafts {MAKE.drafts}",
        )
    if r.drafts > 1 and r.rank is False:
        raise TakeError(
            "drafts are chosen among by the critic, and --no-rank leaves it out",
            "leave out --no-rank or --drafts",
        )
    if r.drafts > 1 and _gap(model, r) is not None:
        raise TakeError(
            "a gap of a text is filled with one of many drafts already, by what follows it",
            "leave out --drafts",
        )
    if r.n < 1:
        raise TakeError(f"{r.n} takes were asked for", "ask for at least one: -n 1")
    if r.units is not None and not 1 <= r.units <= MAKE.longest:
        raise TakeError(
            f"a length of {r.units:,} was asked for; up to {MAKE.longest:,} can be made at once",
            "make it in parts: --from",
        )


def _run(
    engine: Engine,
    r: MakeRequest,
    row: tuple[int, ...],
    guard: Guard | None,
    which: Sequence[tuple[int, int]],
) -> list[Line]:
    """The lines of these takes (index, attempt), made to their ends."""

    watch = partial(put_on, guard)
    lines = [_line(engine.model, r, row, index, attempt) for index, attempt in which]
    for line in lines:
        watch(line)
    if r.drafts > 1:
        return run_blocks(engine, lines, [partial(_chance, r.seed, *who) for who in which], r.drafts, watch)
    run(engine, lines)
    return lines


def _chance(seed: int, index: int, attempt: int, purpose: str, *at: int) -> np.random.Generator:
    """Random numbers of one take for one purpose."""
    return rng.for_(seed, purpose, index, attempt, *at)


def _line(model: SequenceModel, r: MakeRequest, row: tuple[int, ...], index: int, attempt: int) -> Line:
    """A line of the request, standing at its beginning."""
    units = r.units if r.units is not None or r.stays else sequence(model.medium).sizes.usual
    cursor = model.codec.cursor(units=units, given=_read(model, r)[1], stays=r.stays or None)
    purpose = ("take", index) if not attempt else ("take", index, attempt)
    return Line(cursor, rng.for_(r.seed, *purpose), row, r.adapt)


def _read(model: SequenceModel, r: MakeRequest) -> tuple[Content | None, Content | None]:
    """The beginning in two: what the model does not look at, and what it goes on from. Of a very long one only the end is read, which is
    all that the window and the memory look at."""
    medium, most = sequence(model.medium), sequence(model.medium).sizes.longest_start
    if r.start is None or r.stays or most is None or (size := medium.size(r.start)) <= most:
        return None, r.start
    return medium.cut(r.start, 0, size - most), medium.cut(r.start, size - most, size)


def _gap(model: SequenceModel, r: MakeRequest) -> tuple[int, int] | None:
    """The units of `start` that are to be made anew, where the codec cannot see what follows them."""
    if model.codec.sees_ahead:
        return None
    spans = (r.stays[gap.control] for gap in sequence(model.medium).gaps if gap.control in r.stays)
    return next(((int(a), int(b)) for a, b in spans), None)


def _made(
    model: SequenceModel,
    r: MakeRequest,
    row: tuple[int, ...],
    guard: Guard | None,
    engine: Engine,
    index: int,
    line: Line,
) -> Made:
    """The finished take; where a copy got through (nothing else was allowed at one place), it is drawn again, and as a last resort cut or refused."""
    if r.stays and all(line.given):
        raise TakeError(
            "all of the given score is kept: nothing is left to make",
            "keep fewer voices with --voices, or name --bars; other voices are made where the model has them, as one of chorales does",
        )
    content = _content(line)
    unread, given = _read(model, r)
    for attempt in range(1, MAKE.attempts):
        if guard is None or not guard.copies(content, given, r.stays or None):
            break
        (line,) = _run(engine, r, row, guard, [(index, attempt)])
        content = _content(line)
    if guard is not None:
        content = guard.without(content, given, r.stays or None)
    if unread is not None:
        content = sequence(model.medium).join(unread, content)
    drawn = [i for i, g in enumerate(line.given) if not g]
    return Made(
        index, content, tuple(line.tokens), tuple(line.nats[i] for i in drawn), tuple(line.memory[i] for i in drawn)
    )  # fmt: skip


def _content(line: Line) -> Content:
    """What was made. The line of a take stands at the cursor of one."""
    return cast(TakeCursor, line.cursor).content(line.tokens)


def _fill(
    model: SequenceModel,
    r: MakeRequest,
    gap: tuple[int, int],
    row: tuple[int, ...],
    guard: Guard | None,
    index: int,
) -> Made:
    """Fillings drawn from the left; one is kept with probability proportional to the likelihood it gives to what follows the gap."""
    medium = sequence(model.medium)
    size = medium.size(r.start)
    left, right = medium.cut(r.start, 0, gap[0]), medium.cut(r.start, gap[1], size)
    units = r.units or max(8, gap[1] - gap[0])
    ask = MakeRequest(
        n=MAKE.fillings,
        units=units,
        temperature=r.temperature,
        borrow=r.borrow,
        no_copy=r.no_copy,
        guard=guard,
        conditions=r.conditions,
        start=left,
        adapt=True,
    )
    options: list[Made] = []
    for attempt in range(MAKE.attempts):
        seed = rng.seed_for(r.seed, "fill", index, *([attempt] if attempt else []))
        options = [
            one
            for one in make(model, replace(ask, seed=seed))
            if guard is None or not _across(model, guard, one.content, left, right)
        ]
        if options:
            break
    else:
        raise TakeError(
            f"every filling that was drawn makes, with the words beside the gap, a copy of {r.no_copy} words of the collection",
            "widen the gap, raise --temperature or --no-copy, or lower --borrow",
        )
    ahead = medium.cut(right, 0, min(MAKE.look_ahead, medium.size(right)))
    logs = []
    for one in options:
        length = medium.size(one.content)
        whole = medium.cut(one.content, max(0, length - MAKE.look_ahead * 4), length)
        e = model.codec.encode(medium.join(whole, ahead))
        cut = int(np.searchsorted(e.offsets, medium.size(whole)))
        nats, _, _ = model.read(e, row, grow=False, stream=Stream(model, grow=False))
        logs.append(-float(nats[cut:-1].sum()))
    w = np.exp(np.array(logs) - max(logs))
    pick = int(rng.for_(r.seed, "filling", index).choice(len(w), p=w / w.sum()))
    chosen = options[pick]
    return Made(index, medium.join(chosen.content, right), chosen.tokens, chosen.nats, chosen.memory)


def _across(model: SequenceModel, guard: Guard, filled: Content, left: Content, right: Content) -> bool:
    """Whether the end of a filling and what follows the gap are together a copy."""
    medium = sequence(model.medium)
    return any(a < medium.size(filled) for a, _ in guard.copies(medium.join(filled, right), left))
