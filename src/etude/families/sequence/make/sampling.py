"""Making takes: from a request to contents, each by its own random numbers, so that a recipe gives the same bytes alone or in company.

A take begins at nothing, goes on from a content, fills a gap of a text, or is made around what is given of a score. Gaps of texts are
filled by drawing several fillings from the left and keeping one with the likelihood it gives to what follows (importance resampling). The
copy guard keeps verbatim spans out while drawing. Knows no project.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from etude import rng
from etude.config.sequence import MAKE
from etude.errors import ModelError, TakeError
from etude.families.sequence.critic import judge
from etude.families.sequence.decoder import STREAMS, Engine, Line
from etude.families.sequence.make import copy_guard as copies
from etude.families.sequence.make.block_resampling import ended, run_blocks
from etude.families.sequence.make.copy_guard import MusicGuard, Shelf, TextGuard
from etude.families.sequence.model import SequenceModel, Stream
from etude.media import MEDIA
from etude.media.contract import Content

Guard = TextGuard | MusicGuard


@dataclass(frozen=True)
class MakeRequest:
    """What is asked for. `units`: wanted length (None: as the model ends it, at most MAKE.longest); `borrow` 0 network only .. 1 memory only;
    `no_copy`: no span of so many words or notes of the collection (`shelf`: its works where they are at hand, else what the memory
    holds); `fill`: a gap (start, end) in `start`; `given`: what stays of a score; `drafts` of each block that the critic chooses
    among (1: it is not asked)."""

    n: int = 8
    seed: int = 0
    first_index: int = 0
    units: int | None = None
    temperature: float = MAKE.temperature
    borrow: float = MAKE.borrow
    no_copy: int | None = None
    shelf: Shelf = copies.EMPTY
    conditions: Mapping[str, str] = field(default_factory=dict)
    start: Content | None = None
    fill: tuple[int, int] | None = None
    given: Any = None
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
    _check(request)
    if model.critic is None and (request.rank or request.drafts > 1):
        raise ModelError(
            "this model has no critic to choose by",
            "learn it with a budget of 2m or more, or make without --rank and --drafts",
        )
    row = model.condition_row(request.conditions)
    guard = copies.guard(model, request.no_copy, request.shelf) if request.no_copy is not None else None
    if model.medium == "text" and request.fill is not None:
        return [
            _fill(model, request, row, guard, i)
            for i in range(request.first_index, request.first_index + request.n)
        ]
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


def _check(r: MakeRequest) -> None:
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
    if r.drafts > 1 and r.fill is not None:
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

    def watch(line: Line) -> None:
        if guard is not None:
            guard.watch(line)

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
    codec = model.codec
    units = r.units if r.units is not None or r.given is not None else _usual_length(model)
    cursor = codec.cursor(units=units, given=r.given if r.given is not None else _given(model, r.start))
    purpose = ("take", index) if not attempt else ("take", index, attempt)
    return Line(cursor, rng.for_(r.seed, *purpose), row, r.adapt)


def _given(model: SequenceModel, start: Content | None) -> Content | None:
    """The beginning to go on from; of a very long text only its end, which is all that the window and the memory look at."""
    if model.medium == "text" and isinstance(start, str) and len(start) > MAKE.longest_start:
        return start[-MAKE.longest_start :]
    return start


def _usual_length(model: SequenceModel) -> int:
    return MAKE.units_text if model.medium == "text" else MAKE.units_music


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
    if r.given is not None and all(line.given):
        raise TakeError(
            "all of the given score is kept: nothing is left to make",
            "keep fewer voices with --voices, or name --bars; other voices are made where the model has them, as one of chorales does",
        )
    content = _content(model, line)
    given = r.given if r.given is not None else _given(model, r.start)
    for attempt in range(1, MAKE.attempts):
        if guard is None or not guard.copies(content, given):
            break
        (line,) = _run(engine, r, row, guard, [(index, attempt)])
        content = _content(model, line)
    if guard is not None:
        content = guard.without(content, given)
    if model.medium == "text" and isinstance(r.start, str) and len(r.start) > MAKE.longest_start:
        content = r.start[: -MAKE.longest_start] + content
    drawn = [i for i, g in enumerate(line.given) if not g]
    return Made(
        index, content, tuple(line.tokens), tuple(line.nats[i] for i in drawn), tuple(line.memory[i] for i in drawn)
    )  # fmt: skip


def _content(model: SequenceModel, line: Line) -> Content:
    return (
        model.codec.decode([t for t in line.tokens if t not in (model.codec.bos, model.codec.eos)])
        if model.medium == "text"
        else _score(model, line)
    )


def _score(model: SequenceModel, line: Line) -> Content:
    made = getattr(line.cursor, "content", None)
    return made(line.tokens) if made is not None else model.codec.decode(line.tokens)


# ---- filling a gap of a text


def _fill(
    model: SequenceModel, r: MakeRequest, row: tuple[int, ...], guard: Guard | None, index: int
) -> Made:
    """Fillings drawn from the left; one is kept with probability proportional to the likelihood it gives to what follows the gap."""
    assert r.fill is not None and isinstance(r.start, str)
    left, right = r.start[: r.fill[0]], r.start[r.fill[1] :]
    units = r.units or max(8, r.fill[1] - r.fill[0])
    ask = MakeRequest(
        n=MAKE.fillings, units=units, temperature=r.temperature, borrow=r.borrow, no_copy=r.no_copy, shelf=r.shelf,
        conditions=r.conditions, start=left, adapt=True,
    )  # fmt: skip
    options: list[Made] = []
    for attempt in range(MAKE.attempts):
        seed = rng.seed_for(r.seed, "fill", index, *([attempt] if attempt else []))
        options = [
            o
            for o in make(model, replace(ask, seed=seed))
            if guard is None or not _across(guard, str(o.content), left, right)
        ]
        if options:
            break
    else:
        raise TakeError(
            f"every filling that was drawn makes, with the words beside the gap, a copy of {r.no_copy} words of the collection",
            "widen the gap, raise --temperature or --no-copy, or lower --borrow",
        )
    ahead = right[: MAKE.look_ahead]
    logs = []
    for o in options:
        whole = str(o.content)[-MAKE.look_ahead * 4 :]
        e = model.codec.encode(whole + ahead)
        cut = int(np.searchsorted(e.offsets, len(whole)))
        nats, _, _ = model.read(e, row, grow=False, stream=Stream(model, grow=False))
        logs.append(-float(nats[cut:-1].sum()))
    w = np.exp(np.array(logs) - max(logs))
    pick = int(rng.for_(r.seed, "filling", index).choice(len(w), p=w / w.sum()))
    chosen = options[pick]
    return Made(index, str(chosen.content) + right, chosen.tokens, chosen.nats, chosen.memory)


def _across(guard: Guard, filled: str, left: str, right: str) -> bool:
    """Whether the end of a filling and what follows the gap are together a copy."""
    return any(a < len(filled) for a, _ in guard.copies(filled + right, left))


__all__ = ["MEDIA", "Made", "MakeRequest", "make"]
