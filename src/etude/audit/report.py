"""What `etude audit` found: sections of rows, each row a sentence for people with the figure that it stands
on.

A figure has n, an interval and, where one can be had, a noise floor: the same figure between works and works.
Where there are too few, a row says so and has no figure. Knows no model and no medium.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

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
class Nearest:
    """A take of the audit and the work that it was learned from and is nearest to: `like` as the medium
    measures it, the part `start` to `end` of the work and where that is in words. `words` are those of the
    take and `passage` those of the part, shortened, or a line about them; `picture` is a data URI of the
    take, empty where it is read."""

    take: int
    like: float
    work: str
    title: str
    maker: str
    start: int
    end: int
    place: str
    words: str
    passage: str
    picture: str = ""


@dataclass(frozen=True)
class Audit:
    """A model, looked at. `takes` were made for it and not kept; `held_out`: works that it never saw;
    `nearest`: the takes nearest to a work, nearest first; `at`: when, in UTC."""

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
    nearest: tuple[Nearest, ...] = ()
    at: str = ""


def restored(data: Mapping[str, Any]) -> Audit:
    """An audit from its JSON. Raises KeyError or TypeError for anything else."""
    sections = tuple(
        Section(
            **{
                **section,
                "rows": tuple(
                    Row(**{**row, "figure": _figure(row["figure"]), "floor": _figure(row["floor"])})
                    for row in section["rows"]
                ),
                "plots": tuple(Plot(**plot) for plot in section["plots"]),
            }
        )
        for section in data["sections"]
    )
    rest = {key: value for key, value in data.items() if key != "schema"}
    nearest = tuple(Nearest(**one) for one in data.get("nearest") or ())
    return Audit(**{**rest, "sections": sections, "nearest": nearest})


def _figure(said: Mapping[str, Any] | None) -> Figure | None:
    return None if said is None else Figure(**said)


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
    unit = f" {what}" if what else ""
    return f"{figure.value:.3g} ({figure.low:.3g} to {figure.high:.3g}){unit}, n = {figure.n:,}"


def worst(rows: tuple[Row, ...]) -> Verdict:
    """What a section comes to: a concern if any row is one, good if any row is, else what is left."""
    found = {row.verdict for row in rows}
    order: tuple[Verdict, ...] = ("concern", "good", "unknown", "told")
    return next((one for one in order if one in found), "unknown")
