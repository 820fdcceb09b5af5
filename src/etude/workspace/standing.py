"""What became of the works that a model learned from: withdrawn, taken out of the project, or no longer
allowed.

Derived from the works and the log as they are now, so that a consent that changes marks every model at once,
and one that comes back clears it. Nothing is written into models for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from etude.curate import consent
from etude.store.models import ModelInfo
from etude.store.project import Project
from etude.store.works import Work

EVENT = "withdrawn"


@dataclass(frozen=True)
class Concern:
    """Of the works that a model learned from: those that were withdrawn, those that are not in the project
    any more, and those that may not be trained on now, each with the first reason."""

    withdrawn: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    reason: str = ""
    of: int = 0
    cost: str = ""

    def __bool__(self) -> bool:
        return bool(self.withdrawn or self.removed or self.refused)

    @property
    def words(self) -> str:
        """One or two sentences for people; empty where nothing is the matter."""
        said = []
        if self.withdrawn:
            said.append(f"{_many(self.withdrawn, self.of)} withdrawn")
        if self.removed:
            said.append(f"{_many(self.removed, self.of)} removed from the project")
        if self.refused:
            said.append(f"{_many(self.refused, self.of)} no longer allowed ({self.reason})")
        if not said:
            return ""
        return f"Of the works it learned from, {'; '.join(said)}. {self.cost}".strip()


def _many(works: Sequence[str], of: int) -> str:
    return f"{len(works):,} of {of:,} {'is' if len(works) == 1 else 'are'}"


class Standings:
    """The concerns of many models: works and log are read once."""

    def __init__(self, project: Project) -> None:
        self._works: Mapping[str, Work] = {work.id: work for work in project.works()}
        self._withdrawn = withdrawn(project) - self._works.keys()

    def of(self, model: ModelInfo) -> Concern:
        """The concern of a model."""
        return self.of_header(model.header)

    def of_header(self, header: Mapping[str, Any]) -> Concern:
        """The same by a model's header."""
        learned = learned_from(header)
        gone = [work for work in learned if work not in self._works]
        here = [self._works[work] for work in learned if work in self._works]
        refused = consent.refusals(here)
        return Concern(
            tuple(work for work in gone if work in self._withdrawn),
            tuple(work for work in gone if work not in self._withdrawn),
            tuple(one.work_id for one in refused),
            refused[0].reason if refused else "",
            len(learned),
            relearning(header),
        )


def concern(project: Project, model: ModelInfo) -> Concern:
    """The concern of one model."""
    return Standings(project).of(model)


def learned_from(header: Mapping[str, Any]) -> tuple[str, ...]:
    """The works that a model has seen; those held out it was only measured on."""
    works = dict(header.get("works") or {})
    return tuple(dict.fromkeys(str(work) for role in ("train", "critic") for work in works.get(role, ())))


def withdrawn(project: Project) -> set[str]:
    """The ids of all works that were ever withdrawn."""
    return {str(i) for e in project.events() if e["event"] == EVENT for i in e.get("works") or ()}


def gone(project: Project, works: set[str]) -> bool:
    """Whether one of these works was withdrawn by now. Quick while all of them are there."""
    missing = works - {work.id for work in project.works()}
    return bool(missing) and bool(missing & withdrawn(project))


def relearning(header: Mapping[str, Any]) -> str:
    """What learning it again would cost, by what it cost: 'Learning it took 10 min and ...'."""
    from etude.training.budget import watt_hours  # psutil: not for those who only list models

    ledger = dict(header.get("ledger") or {})
    seconds = float(ledger.get("wall_s") or 0)
    if not seconds:
        return ""
    time = f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"
    kwh = ledger.get("kwh")
    energy = f" and {watt_hours(tuple(kwh))}" if kwh else ""
    return f"Learning it took {time}{energy}."
