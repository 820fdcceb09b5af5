"""Learning that goes on from a finished model of the same name: the same command again, with more minutes, or
with works added since.

It goes on only where that is honest: from a model of the same collection, whose works are all still there and
still to learn from, and with what was asked then. Else the run begins from nothing, and says why. Knows no
network: what a run keeps of a model is its family's business.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from etude.errors import ModelError
from etude.families import family_of
from etude.families.contract import Family
from etude.families.course import Start
from etude.families.starts import WENT_ON
from etude.store.collections import Collection, Part
from etude.store.models import ModelInfo
from etude.store.project import Project
from etude.workspace.starting_weights import starting

Options = Mapping[str, Any]
Begun = Callable[[Options, Start | None], bool]  # whether the state of such a run lies there


@dataclass(frozen=True)
class Onward:
    """Where a run begins: its options, the weights to start from (None: nothing), and a sentence for the
    person."""

    options: Options
    start: Start | None = None
    note: str = ""


def onward(
    project: Project,
    name: str,
    home: Collection,
    parts: Sequence[Part],
    family: Family,
    options: Options,
    begun: Begun,
) -> Onward:
    """Where the run `name` goes on: an interrupted run of its own first, then the model that the name stands
    for, then from nothing."""
    if begun(options, None):
        return Onward(options)
    own = [model for model in project.models() if model.name == name and model.medium == home.medium]
    if not own:
        return Onward(options)
    cut = _interrupted(project, own[-1], parts, family, options, home)
    if cut is not None and begun(cut.options, cut.start):
        return cut
    earlier = project.model(name)
    why = _why_not(earlier, home, parts, family, options)
    if why:
        return Onward(options, None, f"Training from scratch: {why}.")
    return _from(project, earlier, family, options)


def _from(project: Project, earlier: ModelInfo, family: Family, options: Options) -> Onward:
    kept = family.kept(earlier.header)
    start = starting(project, earlier.id, family)
    about = {**_first(start.about), WENT_ON: True, "steps": _steps(earlier.header)}
    how = f"Continuing from {earlier.id}; to train from scratch instead: --from-scratch"
    taken = {key: value for key, value in (kept or {}).items() if value not in ("", None)}
    return Onward({**taken, **options}, replace(start, about=about), how)


def _interrupted(
    project: Project,
    last: ModelInfo,
    parts: Sequence[Part],
    family: Family,
    options: Options,
    home: Collection,
) -> Onward | None:
    """A run that went on from a model, and was stopped: it goes on from where it stopped, not from the model
    that it left."""
    before = last.header.get("started_from") or {}
    if last.header.get("ended") != "interrupted" or not before.get(WENT_ON):
        return None
    try:
        earlier = project.model(str(before.get("model")))
    except ModelError:
        return None
    if earlier.weights_sha256 != before.get("weights_sha256"):
        return None
    if _why_not(earlier, home, parts, family, options):
        return None
    return replace(_from(project, earlier, family, options), note="")


def _why_not(
    model: ModelInfo, home: Collection, parts: Sequence[Part], family: Family, options: Options
) -> str:
    """Why a run cannot go on from this model, as half a sentence; '' where it can."""
    header = model.header
    if family_of(header).kind != family.kind:
        return f"{model.id} is of another kind"
    if header.get("collection") != home.name:
        return f"{model.id} was trained on '{header.get('collection')}'"
    kept = family.kept(header)
    if kept is None:
        return f"training cannot continue from {model.id}"
    for key, value in kept.items():
        said = options.get(key)
        if said not in (None, "auto", value) and str(said) != str(value):
            return f"{model.id} has {key} {value}, not {said}" if value else f"{model.id} has no {key} {said}"
    learned = {(str(w), int(a), int(b)) for w, a, b, role in header.get("parts") or () if role == "train"}
    there = {(part.work_id, part.start, part.end) for part in parts if part.role == "train"}
    gone = {work for work, _, _ in learned - there}
    if gone:
        works = "1 work" if len(gone) == 1 else f"{len(gone):,} works"
        return f"{model.id} was trained on {works} that this run is not to learn from"
    return "" if learned else f"{model.id} does not say what it was trained on"


def _steps(header: Mapping[str, Any]) -> int:
    """Steps of the model with those that it went on from."""
    before = header.get("started_from") or {}
    return int(header.get("steps") or 0) + (int(before.get("steps") or 0) if before.get(WENT_ON) else 0)


def _first(about: Mapping[str, Any]) -> dict[str, Any]:
    """What is said of the weights, without earlier models of the same name and works in between."""
    out = dict(about)
    while (before := out.get("started_from")) and before.get(WENT_ON):
        out.pop("started_from")
        if before.get("started_from"):
            out["started_from"] = before["started_from"]
    return out
