"""What if some works are wrong? What held-out works cost models that were learned anew, as this one was, from
works of which some are under another's name, or one of which floods the rest; beside what another seed alone
changes. And which works stand out, so that a curator should look at them. Knows no model and no medium."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from etude.audit.report import Row, Section, Verdict, worst
from etude.stats.figure import Figure
from etude.stats.groups_differ import t_quantile

LEAST_SEEDS = 4
STANDS_OUT = 3.5  # deviations by the median (Iglewicz and Hoaglin 1993), beyond which a work stands out


@dataclass(frozen=True)
class Tried:
    """Models that were learned anew: `seeds` what held-out works cost without any change, `kinds` the same
    for each share of works that were wrong in that way, in `unit` (less is better), each within `budget`."""

    seeds: Sequence[float]
    kinds: Mapping[str, Mapping[float, float]]
    unit: str
    budget: str


@dataclass(frozen=True)
class Standing:
    """A training work and what a unit of it costs the model that was trained on it."""

    title: str
    cost: float


def robustness(tried: Tried, works: Sequence[Standing]) -> Section:
    """The section."""
    rows = (_seeds(tried), *(_kind(tried, name, of) for name, of in tried.kinds.items()), _standing(works))
    verdict = worst(rows)
    moved = [row.name.lower() for row in rows[1:-1] if row.verdict == "concern"]
    if moved:
        answer = f"A few wrong works move it more than another seed does: {', '.join(moved)}."
    elif rows[0].verdict == "unknown":
        answer = "Too few models could be trained to tell."
    else:
        answer = "A few wrong works move it no more than another seed does, as far as short trainings say."
    return Section("Robustness", "What if some works are wrong?", verdict, answer, rows)


def _seeds(tried: Tried) -> Row:
    name = "Another seed"
    if len(tried.seeds) < LEAST_SEEDS:
        return Row(name, "unknown", f"{len(tried.seeds)} models were trained; {LEAST_SEEDS} are needed.")
    floor = _floor(tried)
    said = (
        f"{len(tried.seeds)} models, each trained within {tried.budget} with another seed: held-out works "
        f"cost them {floor.value:.4g} {tried.unit} (lower is better); one more would lie between "
        f"{floor.low:.4g} and {floor.high:.4g} in nine cases of ten."
    )
    return Row(name, "told", said, floor)


def _floor(tried: Tried) -> Figure:
    """Where one more seed would lie in nine cases of ten."""
    n, values = len(tried.seeds), np.array(tried.seeds, np.float64)
    spread = float(values.std(ddof=1)) * math.sqrt(1 + 1 / n) * t_quantile(0.95, n - 1)
    middle = float(values.mean())
    return Figure(middle, middle - spread, middle + spread, n, tried.unit)


def _kind(tried: Tried, name: str, of: Mapping[float, float]) -> Row:
    if not of or len(tried.seeds) < LEAST_SEEDS:
        return Row(name, "unknown", "It could not be tried: all its works are under one name, or too few.")
    floor = _floor(tried)
    listed = ", ".join(f"{100 * share:.0f} %: {value:.4g}" for share, value in sorted(of.items()))
    beyond = [share for share, value in sorted(of.items()) if value > floor.high]
    said = f"What held-out works cost with so many works wrong: {listed} {tried.unit}."
    verdict: Verdict = "concern" if beyond else "good"
    if beyond:
        said += f" From {100 * beyond[0]:.0f} % on that is worse than another seed explains."
    else:
        said += " Another seed changes as much."
    most = of[max(of)]
    half = (floor.high - floor.low) / 2
    return Row(name, verdict, said, Figure(most, most - half, most + half, 1, tried.unit), floor, "seeds")


def _standing(works: Sequence[Standing]) -> Row:
    """Works that cost far more than the others, though the model was trained on them."""
    name = "Works that stand out"
    if len(works) < 8:
        return Row(name, "unknown", f"{len(works)} works are too few to say which stands out.")
    costs = np.array([one.cost for one in works])
    middle = float(np.median(costs))
    far = 0.6745 * (costs - middle) / max(1e-9, float(np.median(np.abs(costs - middle))))
    found = [works[int(i)] for i in np.argsort(-far) if far[int(i)] > STANDS_OUT][:5]
    if not found:
        return Row(name, "good", f"None of {len(works)} training works costs it far more than the others do.")
    named = "; ".join(f"“{one.title}” ({one.cost:.3g})" for one in found)
    return Row(
        name,
        "told",
        f"Look at these works: they cost it far more than the others ({middle:.3g} a unit in the middle), as "
        f"works do that are damaged, of another kind or in another language: {named}.",
    )
