"""What a model cost, and the cheapest model that is not clearly worse."""

from __future__ import annotations

from typing import Any

from etude.audit.cost import Rival, cost
from etude.audit.report import Section
from etude.rng import for_
from etude.training.budget import Ledger

LEDGER: dict[str, Any] = {
    "wall_s": 125.0,
    "cpu_s": 240.0,
    "peak_mb": 900.0,
    "kwh": (0.0001, 0.0002, 0.0004),
    "method": "estimated",
    "steps": 60,
    "sessions": 1,
}
MAKING = Ledger(8.0, 4.0, 500.0, (4e-6, 8e-6, 16e-6), "estimated")


def rival(name: str, kwh: float, figure: float, works: int = 12) -> Rival:
    g = for_(3, f"rival {name}")
    return Rival(
        name,
        kwh,
        "bits/character",
        {f"w-{i}": [100 * (figure + 0.05 * float(g.standard_normal())), 100.0] for i in range(works)},
        frozenset({"w-t"}),
    )


def found(*rivals: Rival, made: int = 4) -> Section:
    return cost("cheap-1", LEDGER, [(0, 1, 3.0), (10, 2, 2.5), (20, 3, 2.4)], made, MAKING, rivals)


def last(section: Section) -> str:
    return section.rows[-1].sentence


def test_learning_and_one_take_are_stated_with_their_range() -> None:
    section = found(rival("cheap-1", 0.0002, 2.0))
    said = [row.sentence for row in section.rows]
    assert "2 min 5 s of time, 4 min of processor time, 900 MB" in said[0]
    figure = section.rows[1].figure
    assert figure is not None and (figure.low, figure.value, figure.high) == (0.1, 0.2, 0.4)
    assert said[2].startswith("2.0 s and 1.0 s of processor time") or said[2].startswith("2 s and 1 s")
    assert "no other model" in said[3] and len(section.plots) == 1
    assert found(made=0).rows[2].verdict == "unknown"


def test_the_knee_is_the_cheapest_that_is_not_clearly_worse() -> None:
    near = found(rival("cheap-1", 0.0002, 2.0), rival("dear-1", 0.0009, 1.9999))
    assert "cheap-1 is the cheapest" in last(near)
    worse = found(rival("cheap-1", 0.0002, 3.0), rival("dear-1", 0.0009, 2.0))
    assert "dear-1 is the cheapest" in last(worse) and "This one: 2.99 for 0.2 Wh" in last(worse)
    assert len(worse.plots) == 2 and "dear-1: 1.99" in worse.plots[1].words


def test_models_without_works_in_common_are_not_compared() -> None:
    few = found(rival("cheap-1", 0.0002, 2.0, works=4), rival("dear-1", 0.0009, 1.9, works=4))
    assert "4 works that none of them learned from" in last(few)
    other = rival("dear-1", 0.0009, 1.9)
    learned = Rival(other.id, other.kwh, other.unit, other.works, frozenset(other.works))
    assert "0 works that none of them" in last(found(rival("cheap-1", 0.0002, 2.0), learned))
