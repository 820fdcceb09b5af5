"""`learn`: from a collection to a model within a budget. What can be asked beside the budget is the table of
the family."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from etude.errors import ConsentError
from etude.store import lock
from etude.store.chosen import choose
from etude.store.files import check_name
from etude.workspace.collecting import few_held_out
from etude.workspace.core import Workspace

if TYPE_CHECKING:
    from etude.training.progress import Progress
    from etude.workspace.learning import Ready, Wanted


@dataclass(frozen=True)
class Plan:
    """What a run would be, for --dry-run. `seconds` are the network's share of the budget, None without a
    limit of time; `lasts_s`: of the whole run, and `kwh` (low, middle, high) what it would take of energy, an
    estimate, `money` what that costs at the tariff named; `notes`: what the model will not be able to say."""

    schema: ClassVar[str] = "etude.learn-plan/1"
    collection: str
    medium: str
    works: int
    held_out: tuple[str, ...]
    train_tokens: int
    size: str
    parameters: int
    epochs: float
    memory_mb: float
    seconds: float | None
    resumes: bool
    notes: tuple[str, ...] = ()
    lasts_s: float | None = None
    kwh: tuple[float, float, float] | None = None
    money: tuple[float, float, float] | None = None
    currency: str = ""


@dataclass(frozen=True)
class LearnedModel:
    """A model, its figures on held-out works (each with unit, n and interval), what it cost, why learning
    ended, and where its name stood for another model: how it compares with that one, and which of them the
    name stands for."""

    schema: ClassVar[str] = "etude.learn/1"
    id: str
    name: str
    collection: str
    medium: str
    ended: str
    steps: int
    figures: Mapping[str, Any]
    ledger: Mapping[str, Any]
    path: str
    card: str
    compared: str = ""

    @property
    def energy(self) -> str:
        """What it took, in words."""
        from etude.training.budget import watt_hours

        return watt_hours(tuple(self.ledger["kwh"]))

    @property
    def interrupted(self) -> bool:
        """Whether the person stopped it: the same command goes on."""
        return self.ended == "interrupted"


def learn(
    ws: Workspace,
    /,
    name: str,
    *,
    collection: str,
    budget: str | Sequence[str],
    tariff: float | None = None,
    seed: int = 0,
    held_out: Sequence[str] = (),
    by_maker: bool = False,
    from_scratch: bool = False,
    weights: str = "",
    family: str | None = None,
    on_outlook: Callable[[Sequence[str]], None] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] | None = None,
    began: float | None = None,
    **options: Any,
) -> LearnedModel:
    """Learn a model `name` from a collection. `budget`: '10m', '0.05kWh', '0.20EUR' (with `tariff`), or
    several, whichever ends first.

    `held_out`: works to keep out of everything, in the place of the collection's own held-out parts;
    `by_maker`: split by maker for this model; `weights`: balance what it is trained on by maker, an
    attribute, 'cluster', or 'KEY=VALUE:SHARE', in the place of the collection's weights; `from_scratch`:
    begin from nothing, whatever there is of this name; `family`: of generators, where several learn the
    medium; `began`: the monotonic time from which the budget counts, in the place of now. `options` are those
    of the family (`etude
    learn --help`); `on_outlook` hears what can be said before learning. When `stop()` turns true a usable
    model is made of what there is, and the same call goes on from it. Raises ConsentError, WorkError (too
    little to learn from), BudgetError (too short, or does not fit into memory).
    """
    from etude.training.progress import noted
    from etude.workspace.comparing import beside
    from etude.workspace.learning import hash_of, outlook_of, ready
    from etude.workspace.standing import gone

    said = _wanted(
        name, collection, budget, tariff, seed, held_out, by_maker, from_scratch, family, options, weights
    )
    said = said if began is None else replace(said, began=began)
    run, told = ready(ws, said), on_progress or (lambda progress: None)
    for note in run.notes:
        told(noted(note, run.course.budget.describe()))
    if on_outlook is not None:
        on_outlook(outlook_of(ws, run))
    with lock.hold(run.course.folder / "lock", wait_s=1.0):
        if from_scratch:
            run.family.forget(run.course.folder)
        ids = {lesson.work_id for lesson in run.course.lessons}

        def ended() -> bool:
            _refuse_withdrawn(run, gone(ws.project, ids))
            return stop is not None and stop()

        try:
            learned = run.family.learn(run.course, told, ended)
        finally:  # also where a work could not be read any more
            _refuse_withdrawn(run, gone(ws.project, ids))
        header = {**learned.header, "name": said.name, **run.about}
        card = learned.card + run.card
        model_id = f"{said.name}-{hash_of(learned.arrays)[:8]}"
        ledger, home = learned.ledger.to_json(), run.home
        said_so = {"collection": home.name, "ended": learned.ended, "ledger": ledger}
        found = beside(ws, said.name, model_id, header)
        saved = ws.project.save_model(
            model_id, header, learned.arrays, card, learned.files, ("learned", said_so)
        )
        if learned.ended != "interrupted":
            run.family.forget(run.course.folder)  # only now: a kill before this loses nothing
        if found is not None and not found.stays:
            with ws.project.lock():
                choose(ws.project.root, said.name, saved.id)
    return LearnedModel(
        saved.id,
        said.name,
        home.name,
        home.medium,
        learned.ended,
        learned.ledger.steps,
        dict(learned.header.get("figures") or {}),
        ledger,
        str(saved.path),
        card,
        found.sentence(said.name, saved.id) if found is not None else "",
    )


def _refuse_withdrawn(run: Ready, withdrawn: bool) -> None:
    """Keep nothing of a run whose works were withdrawn in the meantime. Raises ConsentError."""
    if withdrawn:
        run.family.forget(run.course.folder)
        raise ConsentError(
            "A work was withdrawn while it was trained on: nothing of this run is kept.",
            "Run the same command again; it trains without that work.",
        )


def plan(
    ws: Workspace,
    /,
    name: str,
    *,
    collection: str,
    budget: str | Sequence[str],
    tariff: float | None = None,
    seed: int = 0,
    held_out: Sequence[str] = (),
    by_maker: bool = False,
    weights: str = "",
    family: str | None = None,
    **options: Any,
) -> Plan:
    """What `learn` would do, without doing it. Raises what `learn` would raise before its first step."""
    from etude.training import checkpoint
    from etude.training.budget import Budget, expected
    from etude.training.machine import allowed_s, threads
    from etude.workspace.learning import outlook_of, ready

    run = ready(
        ws,
        _wanted(name, collection, budget, tariff, seed, held_out, by_maker, False, family, options, weights),
    )
    found, home = run.family.plan(run.course), run.home
    limits = Budget.parse([budget] if isinstance(budget, str) else list(budget), tariff)
    lasts = allowed_s(limits)
    kwh = None if lasts is None else expected(lasts, threads(), found.memory_mb)
    return Plan(
        home.name,
        home.medium,
        found.works,
        run.held_out,
        found.tokens,
        found.size,
        found.parameters,
        found.epochs,
        found.memory_mb,
        found.seconds,
        checkpoint.read(run.course.folder) is not None,
        (*run.notes, *outlook_of(ws, run), *few_held_out(home.medium, len(run.held_out))),
        lasts,
        kwh,
        None if kwh is None or tariff is None else (kwh[0] * tariff, kwh[1] * tariff, kwh[2] * tariff),
        limits.currency,
    )


def _wanted(
    name: str,
    collection: str,
    budget: str | Sequence[str],
    tariff: float | None,
    seed: int,
    held_out: Sequence[str],
    by_maker: bool,
    anew: bool,
    family: str | None,
    options: Mapping[str, Any],
    weights: str,
) -> Wanted:
    from etude.workspace.learning import Wanted

    limits = [budget] if isinstance(budget, str) else list(budget)
    return Wanted(
        check_name(name, "model"),
        collection,
        limits,
        tariff,
        seed,
        tuple(held_out),
        by_maker,
        anew,
        family,
        options,
        time.monotonic(),
        weights,
    )
