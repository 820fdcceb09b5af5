"""What `etude audit` found: sections of rows, each row a sentence for people with the figure that it stands
on.

A figure has n, an interval and, where one can be had, a noise floor: the same figure between works and works.
Where there are too few, a row says so and has no figure. Knows no model and no medium.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from etude.stats.figure import Figure

Verdict = Literal["good", "concern", "unknown", "told"]
WORDS: dict[Verdict, str] = {
    "good": "Nothing found",
    "concern": "Look at this",
    "unknown": "Cannot tell",
    "told": "For your information",
}


@dataclass(frozen=True)
class Row:
    """One finding. `floor` is the same figure where nothing is amiss, and `floor_is` says of what."""

    name: str
    verdict: Verdict
    sentence: str
    figure: Figure | None = None
    floor: Figure | None = None
    floor_is: str = ""


@dataclass(frozen=True)
class Plot:
    """A drawing of a section, as SVG, and a sentence for those who do not see it."""

    title: str
    words: str
    svg: str


@dataclass(frozen=True)
class Section:
    """One question, its answer in a sentence, and the rows that it stands on."""

    name: str
    question: str
    verdict: Verdict
    answer: str
    rows: tuple[Row, ...]
    plots: tuple[Plot, ...] = ()


@dataclass(frozen=True)
class Audit:
    """A model, looked at. `takes` were made for it and not kept; `held_out`: works that it never saw."""

    schema: ClassVar[str] = "etude.audit/1"
    model: str
    medium: str
    collection: str
    seed: int
    takes: int
    held_out: int
    seconds: float
    sections: tuple[Section, ...]
    page: str = ""


def percent(value: float) -> str:
    """A share in words: '12 %', and below 10 % with one digit more."""
    number = 100 * value
    return f"{number:.0f} %" if number >= 9.95 or number == 0 else f"{number:.1f} %"


def shown(figure: Figure) -> str:
    """A figure with its interval, n and unit, as a line under a sentence."""
    what = figure.unit
    if what.startswith("share of "):
        low, high = 100 * figure.low, 100 * figure.high
        return f"{percent(figure.value)} ({low:.0f} to {high:.0f}) of {figure.n:,} {what[9:]}"
    return f"{figure.value:.3g} ({figure.low:.3g} to {figure.high:.3g}) {what}, n = {figure.n:,}"


def worst(rows: tuple[Row, ...]) -> Verdict:
    """What a section comes to: a concern if any row is one, good if any row is, else what is left."""
    found = {row.verdict for row in rows}
    order: tuple[Verdict, ...] = ("concern", "good", "unknown", "told")
    return next((one for one in order if one in found), "unknown")
