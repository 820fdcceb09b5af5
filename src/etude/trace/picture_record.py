"""The trace of a picture as data."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from etude.config.trust import TRACE
from etude.trace.critic_map import Rows, weakest
from etude.trace.display import Displayed
from etude.trace.influence import Influenced
from etude.trace.record import Resembles, WorkRef

SCHEMA = "etude.picture-trace/1"


@dataclass(frozen=True)
class Region:
    """A region of the picture and the region of a work that is most like it; rows and columns of an 8 x 8
    grid from the upper left."""

    row: int
    column: int
    work: str
    work_row: int
    work_column: int
    work_frame: int
    mirrored: bool
    similarity: float
    p: float | None


@dataclass(frozen=True)
class PictureTrace(Displayed):
    """`resembles`: nearest works with the p-value of the whole; `regions`: most like first; `frame`: of a
    clip the frame that is most like a work, of `frames`; `per_frame` the p-values of the frames that were
    looked at; `doubts`: rows of the grid with the p-values of what the critic finds unlike a work, None where
    the model has no critic or too few works are held out."""

    id: str
    title: str
    medium: str
    model: str
    collection: str
    works: tuple[WorkRef, ...]
    resembles: Resembles
    regions: tuple[Region, ...]
    frame: int
    frames: int
    per_frame: tuple[float | None, ...]
    summary: str
    notes: tuple[str, ...]
    doubts: Rows | None = None
    influenced: Influenced | None = None  # only where the model's own test was passed
    borrowed: None = None
    verbatim: None = None

    def work(self, work_id: str) -> WorkRef:
        """The named work; one with its id as title where the trace does not know it."""
        return next((w for w in self.works if w.id == work_id), WorkRef(work_id, work_id))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, schema etude.picture-trace/1."""
        plain = asdict(self)
        return {
            "schema": SCHEMA,
            "grid": TRACE.grid,
            **{k: v for k, v in plain.items() if k not in ("borrowed", "verbatim")},
        }

    def dumps(self) -> str:
        """The JSON as text."""
        return json.dumps(self.to_json(), ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def heat(found: PictureTrace) -> list[list[float | None]]:
    """Rows of the grid: the p-value of each region, None where the picture is empty or nothing can be
    said."""
    rows: list[list[float | None]] = [[None] * TRACE.grid for _ in range(TRACE.grid)]
    for region in found.regions:
        rows[region.row][region.column] = region.p
    return rows


def summary(
    like: Resembles, works: Mapping[str, WorkRef], regions: Sequence[Region], doubts: Rows | None = None
) -> str:
    """What a person should know first."""
    if not like.nearest:
        return "There are no works to compare with."
    return "\n".join(
        [_likeness(like, works, regions), *([] if doubts is None else [_doubt(doubts, like.alpha)])]
    )


def _doubt(doubts: Rows, alpha: float) -> str:
    known = [p for row in doubts for p in row]
    row, column, p = weakest(doubts)
    near = (
        f"The critic flags {sum(one <= alpha for one in known)} of {len(known)} regions as unlike works "
        f"({100 * alpha:.0f} in 100 are expected by chance)"
    )
    return f"{near}, most strongly row {row + 1}, column {column + 1} (p = {p:.3f})."


def _likeness(like: Resembles, works: Mapping[str, WorkRef], regions: Sequence[Region]) -> str:
    first = works[like.nearest[0].work]
    name = f"“{first.title}”" + (f" by {first.maker}" if first.says_maker else "")
    if like.p is None:
        verdict = (
            f"Too few works are held out to say whether that is unusual ({like.held_out_works} of "
            f"{like.needed} needed)."
        )
    elif like.flagged:
        verdict = (
            f"Only {100 * like.p:.1f} % of held-out works are as close to a training work (p = "
            f"{like.p:.3f}): compare the two before you publish it."
        )
    else:
        verdict = (
            f"{100 * like.p:.0f} % of held-out works are at least as close to a training work (p = "
            f"{like.p:.2f}): nothing unusual."
        )
    known = [region.p for region in regions if region.p is not None]
    if not known:
        return f"It is most like {name}.\n{verdict}"
    near = sum(p <= like.alpha for p in known)
    parts = (
        f"{near} of {len(regions)} regions that are not empty are unusually close to a region of some work"
    )
    return (
        f"It is most like {name}.\n{verdict}\n{parts} ({100 * like.alpha:.0f} in 100 are expected by chance)."
    )


def notes(*, clips: bool = False) -> tuple[str, ...]:
    """What the claims rest on, beside pictures or beside clips."""
    calibrated = (
        "Resembles is calibrated: a picture no closer to the works than held-out works are is flagged with a "
        "probability of at most alpha. It does not say that the picture came from the work."
    )
    return (
        calibrated + (" A clip counts by its nearest frame, as each clip held out does." if clips else ""),
        "For each region, the map shows how rarely a region of a held-out work is as close to any work. "
        "Neighbouring regions are not independent, so the map is only a guide for the eye.",
        "The critic's map, where a model has one, compares each region with the same place in held-out "
        "works. A small critic judges grain, edges and colours better than meaning.",
        "A picture model has no memory of works, so nothing is borrowed exactly, and no work has a share in "
        "a picture.",
    )
