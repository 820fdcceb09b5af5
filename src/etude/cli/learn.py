"""`etude learn`: the request, the live line on stderr, and Ctrl-C that leaves a usable model."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from shlex import quote
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from etude.cli import show
from etude.cli.options import family_options, settle
from etude.cli.progress import Events, Line, wanted_as_json
from etude.cli.shell import Shell, verb
from etude.errors import clean

if TYPE_CHECKING:
    from etude.training.progress import Progress

SHOWN = 90  # characters of a take on the way


@verb(
    "learn",
    "etude learn verse --from verse --budget 10m",
    "etude learn verse --from verse --budget 1h --budget 0.05kWh      # whichever ends first",
    "etude learn verse --from verse --budget 0.20EUR --tariff 0.35",
    "etude learn faces --from drawings --budget 1h --side 64 --framing pad",
    "etude learn verse --from verse --budget 10m --dry-run",
)
@click.argument("name")
@click.option("--from", "collection", required=True, metavar="COLLECTION", help="The collection to train on.")
@click.option(
    "--budget",
    multiple=True,
    required=True,
    metavar="LIMIT",
    help="Time (10m, 1h30m), energy (0.05kWh) or money (0.20EUR).",
)
@click.option(
    "--tariff",
    type=click.FloatRange(min=0, min_open=True),
    metavar="PRICE",
    help="The price of one kWh; needed for a budget in money.",
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option(
    "--held-out",
    multiple=True,
    metavar="WORK",
    help="Hold out this work: nothing is trained on it; may be repeated.",
)
@click.option("--by-maker", is_flag=True, help="Hold out whole makers instead of some works of each.")
@click.option(
    "--weights",
    default="",
    metavar="KEY",
    help="Balance the training data by maker, an attribute or cluster: equally, or as KEY=VALUE:SHARE.",
)
@click.option(
    "--family", metavar="KIND", help="The family of generators, if several can train on the medium."
)
@family_options("options")
@click.option("--dry-run", is_flag=True, help="Show the plan, the memory and the time needed, and stop.")
@click.option("--from-scratch", is_flag=True, help="Train from scratch, even if a model of this name exists.")
def learn(shell: Shell, name: str, dry_run: bool, from_scratch: bool, **options: Any) -> None:
    """Train a model on a collection within a budget of time, energy or money. Ctrl-C leaves a usable model;
    the same command continues the run. If a model of this name is finished, the command trains it further,
    with more minutes or with works added since."""
    from etude import api

    ws = shell.workspace()
    options = settle("options", options)
    if dry_run:
        planned = api.plan(ws, name, **options)
        if shell.json:
            show.as_json(planned)
            return
        _show_plan(planned)
        return
    with _polite_stop(shell) as stopped, _ProgressLine() as line:
        done = api.learn(
            ws,
            name,
            from_scratch=from_scratch,
            on_outlook=lambda lines: None if shell.json else shell.say("\n".join(lines)),
            on_progress=line.progress,
            stop=lambda: bool(stopped),
            began=shell.began(),
            **options,
        )
    if shell.json:
        show.as_json(done)
    else:
        _show_learned(shell, done)
    if done.interrupted:
        shell.say("Stopped; the model is usable as it is. The same command continues the run.")
        click.get_current_context().exit(130)
    shell.suggest(f"etude make {quote(name)} -n 8   and   etude models info {quote(name)}")


def _show_plan(planned: Any) -> None:
    seconds = None if planned.seconds is None else show.clock(planned.seconds)
    show.facts(
        [
            ("collection", f"{planned.collection} ({show.count(planned.works, 'part')} to train on)"),
            ("held out", show.count(len(planned.held_out), "work")),
            ("training data", f"{planned.train_tokens:,} tokens" if planned.train_tokens else ""),
            ("size", f"{planned.size}, {planned.parameters:,} parameters"),
            ("passes", f"about {planned.epochs:.1f} over the works"),
            ("memory needed", f"about {planned.memory_mb:,.0f} MB"),
            ("time for the network", seconds),
            ("energy", _energy(planned)),
            ("earlier run", "will be continued" if planned.resumes else "none"),
            ("note", "\n".join(planned.notes)),
        ]
    )


def _energy(planned: Any) -> str:
    from etude.training.budget import watt_hours

    if planned.kwh is None:
        return ""
    said = f"about {watt_hours(planned.kwh)}, estimated"
    if planned.money is None:
        return said
    low, middle, high = planned.money
    return f"{said}; at this tariff {middle:.2g} ({low:.2g} to {high:.2g}) {planned.currency}".rstrip()


def _show_learned(shell: Shell, done: Any) -> None:
    click.echo(done.id)
    names = {
        "base": "base alone",
        "network": "network alone",
        "frozen": "with the memory",
        "growing": "with a memory that grows",
    }
    names |= {
        "flow loss": "prediction error",
        "kernel distance": "takes",
        "flow distance": "takes, flow alone",
        "one-pass distance": "takes, one pass",
        "enlargement": "enlargement, by",
    }
    names |= {"noise floor": "works (noise floor)", "coverage": "works with a take nearby"}
    for key, name in names.items():
        if key in done.figures:
            f = done.figures[key]
            kind = "takes" if "distance" in f["unit"] else f"held-out {show.units_of(done.medium)}"
            on = f"{f['n']:,} {kind}"
            shell.say(
                f"  {name:<26} {f['value']:.3f} {f['unit']} on {on} ({f['low']:.3f} to {f['high']:.3f})"
            )
    shell.say(f"  {done.steps:,} steps in {show.clock(done.ledger['wall_s'])}; {done.energy}")
    if done.ended not in ("budget", "interrupted"):
        shell.say(f"  ended: {done.ended}")
    if done.compared:
        shell.say(done.compared)


@contextmanager
def _polite_stop(shell: Shell) -> Iterator[list[int]]:
    """The first Ctrl-C (or a request to end) finishes the step and keeps the model; the second one stops at
    once."""
    stopped: list[int] = []

    def ask(number: int, frame: FrameType | None) -> None:
        if stopped:
            raise KeyboardInterrupt
        stopped.append(number)
        shell.say("\nStopping after this step, to leave a usable model. Press Ctrl-C again to stop at once.")

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _ProgressLine:
    """The live line: how far, what is spent, how good on unseen works, and what more time would buy."""

    def __init__(self) -> None:
        self.line = Line()
        self._stage = ""
        self._events = Events() if wanted_as_json() else None
        self._unseen: float | None = None

    def __enter__(self) -> _ProgressLine:
        return self

    def __exit__(self, *_: object) -> None:
        self.line.close()

    def progress(self, now: Progress) -> None:
        """Show the state; a new stage or a message is always shown."""
        if self._events is not None:
            new = now.stage != self._stage or now.unseen != self._unseen or bool(now.message or now.takes)
            self._stage, self._unseen = now.stage, now.unseen
            self._events.emit(force=new, **_as_event(now))
            return
        parts = [f"{now.stage:<9}"]
        if now.stage in ("learning", "pairing", "refining", "enlarging"):
            parts.append(f"{100 * now.share:3.0f} %  {show.clock(now.spent_s)} of {now.budget}")
            parts.append(f"pass {now.epoch:.1f}" if now.stage == "learning" else "")
        if now.unseen is not None:
            parts.append(f"held-out works {now.unseen:.3f} {now.unit}".rstrip())
        ahead = now.forecast
        if ahead is not None:
            parts.append(f"at {show.clock(ahead.at_s)}: {ahead.low:.3f} to {ahead.high:.3f}")
        parts.append(f"{1000 * now.ledger.kwh[1]:.2f} Wh")
        text = "  ".join(part for part in parts if part)
        if now.message:
            self.line.close()
            click.echo(now.message, err=True)
        if now.takes:
            self.line.close()
            click.echo(_heard(now), err=True)
        self.line.write(text, force=now.stage != self._stage)
        self._stage = now.stage


def _as_event(now: Progress) -> dict[str, Any]:
    """What another program is told of a run."""
    from etude.api import to_json

    said: dict[str, Any] = to_json(now)
    ledger, takes = said.pop("ledger"), said.pop("takes")
    return {**said, "kwh": ledger["kwh"], **({"takes": takes} if takes else {})}


def _heard(now: Progress) -> str:
    """The first of the takes by what was learned until now, in a line."""
    first = now.takes[0]
    words = " ".join(first.words.split()) or first.line
    return f"a take after {show.clock(now.spent_s)}, step {now.step:,}: {clean(words, SHOWN)}"
