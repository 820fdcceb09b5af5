"""From a collection to a course: works checked for consent and divided, read when the family asks for them.

The state of a run lies in .etude/jobs/ under a key of everything that decides it but the budget, so that the
same command goes on where it stopped, and a larger budget goes on from there too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from shlex import quote
from typing import Any

import numpy as np
import numpy.typing as npt

from etude.curate import consent
from etude.curate.outlook import outlook
from etude.errors import ProjectError, WorkError
from etude.families import family_for
from etude.families.contract import Family
from etude.families.controls import settled
from etude.families.course import Course, Lesson, Start
from etude.media import MEDIA
from etude.store.checkpoints import begun
from etude.store.collections import Collection, Part
from etude.store.project import Project
from etude.store.works import Work
from etude.training.budget import Budget
from etude.training.foreseen import Foreseen
from etude.workspace import measures
from etude.workspace.core import Workspace
from etude.workspace.going_on import Onward, onward
from etude.workspace.split import divided
from etude.workspace.starting_weights import proposal, starting
from etude.workspace.weighing import Weighing, weigh

_COMPARED, _PATIENT_S = 1_000, 120.0  # more works are not compared with each other in a shorter budget


@dataclass(frozen=True)
class Wanted:
    """What a person asked to learn. `options` are the family's own."""

    name: str
    collection: str
    budget: Sequence[str]
    tariff: float | None
    seed: int
    held_out: tuple[str, ...]
    by_maker: bool
    anew: bool
    family: str | None
    options: Mapping[str, Any]
    began: float
    weights: str = ""  # what works are balanced by, for this model alone


@dataclass(frozen=True)
class Ready:
    """A course with what its model's header will say of where it came from."""

    family: Family
    course: Course
    home: Collection
    parts: tuple[Part, ...]
    notes: tuple[str, ...] = ()  # what a person may want to change before anything is learned
    weighing: Weighing | None = None

    @property
    def held_out(self) -> tuple[str, ...]:
        """The works that are held out."""
        return tuple(dict.fromkeys(part.work_id for part in self.parts if part.role == "held-out"))

    @property
    def about(self) -> dict[str, Any]:
        """For the header."""
        return {
            "collection": self.home.name,
            "shelf": list(self.home.works()),
            "parts": [[part.work_id, part.start, part.end, part.role] for part in self.parts],
            **({"weighting": self.weighing.to_json()} if self.weighing else {}),
        }

    @property
    def card(self) -> str:
        """What the card says of it beside the family's own lines."""
        return self.weighing.card if self.weighing else ""


def ready(ws: Workspace, wanted: Wanted) -> Ready:
    """Everything that learning needs, once nothing stands in the way. Raises ConsentError, WorkError,
    ModelError, BudgetError."""
    project = ws.project
    allowed = Budget.parse(list(wanted.budget), wanted.tariff)
    Foreseen(allowed, wanted.began).add(0.0, "starting the program")
    home = project.collection(wanted.collection)
    works = _works(project, home)
    named = [project.work(ref).id for ref in wanted.held_out]
    consent.check([work for work in works if work.id not in named], home.name)
    parts = _parts(project, home, works, named, wanted.by_maker)
    family = family_for(home.medium, wanted.family)
    options = {key: value for key, value in wanted.options.items() if value is not None}
    settled(family.options, options, what=f"learning {home.medium}")
    begins = next((row.name for row in family.options if row.kind == "model" and row.name in options), None)

    weighing = weigh(ws, home.medium, works, parts, wanted.weights) if wanted.weights else None

    def key(said: Mapping[str, Any], start: Start | None) -> str:
        more = family.decides(said, start) + (("weights", wanted.weights) if wanted.weights else ())
        return _key(wanted, home, works, parts, str(said.get("size", "auto")), more)

    if begins:
        where = Onward(options, starting(project, str(options.pop(begins)), family))
    elif wanted.anew:
        where = Onward(options)
    else:
        where = onward(
            project, wanted.name, home, parts, family, options, lambda *run: begun(project.run_dir(key(*run)))
        )
    lessons = _lessons(ws, home, works, parts, weighing.weights if weighing else {})
    course = Course(
        home.medium,
        lessons,
        allowed,
        project.run_dir(key(where.options, where.start)),
        wanted.seed,
        where.options,
        where.start,
        wanted.began,
        wanted.anew,
    )
    chosen = {name for row in family.options for name in row.excludes if row.name in where.options}
    free = where.start is None and not any(
        row.kind == "model" and row.name in chosen for row in family.options
    )
    proposed = proposal(home.medium, len(works)) if free else ""
    notes = tuple(note for note in (where.note, proposed, weighing.words if weighing else "") if note)
    return Ready(family, course, home, parts, notes, weighing)


def outlook_of(ws: Workspace, run: Ready) -> tuple[str, ...]:
    """What can be said before learning: of the collection, and of what the model will be unable to do."""
    medium = MEDIA[run.home.medium]
    known = {work.id: work for work in ws.project.works()}
    sizes: dict[str, int] = {}
    for part in run.parts:
        if part.role == "train":
            sizes[part.work_id] = sizes.get(part.work_id, 0) + part.end - part.start
    makers = {work_id: known[work_id].maker for work_id in sizes}
    twins: list[Sequence[str]] = []
    if len(sizes) <= _COMPARED or (run.course.budget.seconds or _PATIENT_S) >= _PATIENT_S:
        found = measures.of(ws.project, [known[work_id] for work_id in sizes])
        twins = [group.ids for group in measures.alike(found)]
    least, unable = run.family.expects(run.home.medium, run.course.options)
    said = outlook(sizes, makers, twins, medium.names.many, least)
    return (*said, unable) if unable else said


def _works(project: Project, home: Collection) -> list[Work]:
    known = {work.id: work for work in project.works()}
    lost = [work_id for work_id in home.works() if work_id not in known]
    if lost:
        raise ProjectError(
            f"{len(lost)} works of collection '{home.name}' are not in the project any more: "
            f"{', '.join(lost[:5])}.",
            f"Take them out with: etude collection rm {quote(home.name)} {lost[0]}",
        )
    if not home.entries:
        raise WorkError(
            f"Collection '{home.name}' is empty.",
            f"Add works: etude add PATH... --collection {quote(home.name)}",
        )
    return [known[work_id] for work_id in home.works()]


def _parts(
    project: Project, home: Collection, works: Sequence[Work], named: Sequence[str], by_maker: bool
) -> tuple[Part, ...]:
    """The collection's own split; or with named works, these held out and the collection's other held-out
    parts learned from."""
    if by_maker:
        return divided(project, works, replace(home, parts=()), by_maker=True, held_out=named).parts
    if not named:
        return home.parts
    freed = tuple(replace(part, role="train") if part.role == "held-out" else part for part in home.parts)
    made = divided(project, works, replace(home, parts=freed), by_maker=False, held_out=named).parts
    if any(part.role == "critic" for part in made):
        return made
    # Without the critic's works the loop would look at the held-out ones: named works are then left out
    # altogether.
    return tuple(part for part in made if part.role != "held-out")


def _key(
    wanted: Wanted,
    home: Collection,
    works: Sequence[Work],
    parts: Sequence[Part],
    size: str,
    more: Sequence[Any],
) -> str:
    weights = {entry.work_id: entry.weight for entry in home.entries}
    rows = [[work.sha256, work.maker, dict(work.attrs), weights[work.id]] for work in works]
    cut = [[part.work_id, part.start, part.end, part.role] for part in parts]
    text = json.dumps([home.medium, rows, cut, size, wanted.seed, *more], sort_keys=True, ensure_ascii=False)
    return f"learn-{wanted.name}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def _lessons(
    ws: Workspace,
    home: Collection,
    works: Sequence[Work],
    parts: Sequence[Part],
    weighed: Mapping[str, float],
) -> tuple[Lesson, ...]:
    """The works in order, each with its parts; a work is read when the family asks for it, and let go.
    `weighed`: weights in the place of the collection's."""
    weights = {entry.work_id: entry.weight for entry in home.entries} | dict(weighed)
    by_work: dict[str, list[tuple[int, int, str]]] = {}
    for part in parts:
        by_work.setdefault(part.work_id, []).append((part.start, part.end, part.role))
    return tuple(
        Lesson(
            work.id,
            work.title,
            work.maker,
            work.attrs,
            weights[work.id],
            tuple(by_work.get(work.id, ())),
            partial(ws.contents.read, work.id),
        )
        for work in works
    )


def hash_of(arrays: Mapping[str, npt.NDArray[Any]]) -> str:
    """A hash of the arrays: a model that learned more has another id than the one before it."""
    digest = hashlib.sha256()
    for name in sorted(arrays):
        digest.update(name.encode() + np.ascontiguousarray(arrays[name]).tobytes())
    return digest.hexdigest()
