"""What did it cost? Time, processor time, memory and energy of learning and of one take, and which of the
project's models gives as much for less.

Energy is a range with the method that it was found by (field notes: estimates err by up to 40 %). A model is
called worse only where an interval over the same held-out works says so. Knows no model and no medium.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from etude.audit.report import Plot, Row, Section
from etude.stats.figure import Figure
from etude.stats.paired import LEAST_WORKS, paired
from etude.stats.plot import Curve, draw
from etude.training.budget import Ledger, duration, watt_hours


@dataclass(frozen=True)
class Rival:
    """A model of the project of the same medium: what it cost, and what each held-out work cost it (sum and
    units); `learned` are works of which it saw every part."""

    id: str
    kwh: float
    unit: str
    works: Mapping[str, Sequence[float]]
    learned: frozenset[str]


def cost(
    model: str,
    ledger: Mapping[str, Any],
    curve: Sequence[Sequence[float]],
    made: int,
    making: Ledger,
    rivals: Sequence[Rival],
) -> Section:
    """The section. `ledger` and `curve` (seconds, step, figure) as the model's header has them; `made` takes
    cost `making`."""
    rows = [*_learning(ledger), _take(made, making)]
    plots = list(_course(curve))
    beside, plot = _frontier(model, rivals)
    rows.append(beside)
    plots += [plot] if plot is not None else []
    energy = watt_hours(tuple(ledger["kwh"]))
    answer = f"Training took {duration(ledger['wall_s'])} and about {energy}. {beside.sentence}"
    return Section("Cost", "What did it cost?", "told", answer, tuple(rows), tuple(plots))


def _learning(ledger: Mapping[str, Any]) -> list[Row]:
    low, mid, high = ledger["kwh"]
    sessions = int(ledger.get("sessions", 1))
    steps = f"{int(ledger.get('steps', 0)):,} steps"
    steps += f" in {sessions} sessions" if sessions > 1 else ""
    return [
        Row(
            "Training",
            "told",
            f"{duration(ledger['wall_s'])} of time, {duration(ledger['cpu_s'])} of processor time, "
            f"{ledger['peak_mb']:,.0f} MB of memory at most; {steps}.",
        ),
        Row(
            "Energy of training",
            "told",
            f"About {watt_hours((low, mid, high))}, {ledger['method']}. The interval is that of the method, "
            "not of chance.",
            Figure(1000 * mid, 1000 * low, 1000 * high, 1, "Wh"),
        ),
    ]


def _take(made: int, making: Ledger) -> Row:
    if not made:
        return Row("One take", "unknown", "No take could be made in the time.")
    low, mid, high = (x / made for x in making.kwh)
    return Row(
        "One take",
        "told",
        f"{duration(making.wall_s / made)} and {duration(making.cpu_s / made)} of processor time, about "
        f"{watt_hours((low, mid, high))}: the mean of {made} takes made together on this machine, as busy "
        "as it was.",
        Figure(1e6 * mid, 1e6 * low, 1e6 * high, made, "mWh"),
    )


def _course(curve: Sequence[Sequence[float]]) -> tuple[Plot, ...]:
    """How the figure on held-out works fell while it was trained."""
    at = [(float(s), float(v)) for s, _, v in curve if np.isfinite(v)]
    if len(at) < 3:
        return ()
    seconds, values = (np.array(x) for x in zip(*at, strict=True))
    title = "What more time brought: the figure on works not learned from"
    svg = draw(
        [Curve("less is better", seconds, values)],
        title=title,
        across="seconds of training",
        up="figure",
        fmt="svg",
    )
    words = "Where the line is flat, more minutes bring nothing; where it rises, the model is memorising."
    return (Plot(title, words, svg.decode()),)


def _frontier(model: str, rivals: Sequence[Rival]) -> tuple[Row, Plot | None]:
    """The cheapest model that is not clearly worse than the best, on works that none of them learned from."""
    name = "Beside other models"
    mine = next((one for one in rivals if one.id == model), None)
    others = [one for one in rivals if mine is not None and one.unit == mine.unit and one.works]
    if mine is None or not mine.works or len(others) < 2:
        return Row(
            name, "told", "There is no other model to compare it with, measured on the same works."
        ), None
    seen = frozenset().union(*(one.learned for one in others))
    shared = frozenset.intersection(*(frozenset(one.works) for one in others)) - seen
    if len(shared) < LEAST_WORKS:
        said = f"{len(others)} models, and {len(shared)} works that none of them learned from: "
        said += f"{LEAST_WORKS} are needed."
        return Row(name, "unknown", said), None
    tables = {one.id: {work: one.works[work] for work in shared} for one in others}
    value = {
        i: sum(row[0] for row in table.values()) / sum(row[1] for row in table.values())
        for i, table in tables.items()
    }
    best = min(value, key=lambda i: (value[i], i))

    def as_good(one: Rival) -> bool:
        found = paired(tables[best], tables[one.id])
        return found is None or found.verdict != "worse"

    knee = min((one for one in others if as_good(one)), key=lambda one: (one.kwh, one.id))
    said = (
        f"Of {len(others)} models, {knee.id} is the cheapest that is not clearly worse than the best "
        f"({value[knee.id]:.3g} {mine.unit} for {1000 * knee.kwh:.3g} Wh on {len(shared)} works)."
    )
    if knee.id != model:
        said += f" This one: {value[model]:.3g} for {1000 * mine.kwh:.3g} Wh."
    ordered = sorted(others, key=lambda one: one.kwh)
    title = "The project's models: what they cost, and what they predict"
    svg = draw(
        [
            Curve(
                f"{mine.unit}, less is better",
                np.array([1e6 * one.kwh for one in ordered]),
                np.array([value[one.id] for one in ordered]),
            )
        ],
        title=title,
        across="energy of training, in mWh",
        up="figure",
        fmt="svg",
    )
    names = "; ".join(f"{one.id}: {value[one.id]:.3g} for {1000 * one.kwh:.3g} Wh" for one in ordered)
    return Row(name, "told", said), Plot(title, f"{names}.", svg.decode())
