"""`learn`: from a collection to a model within a budget.

Works are checked for consent, read and cut by their split here; the loop below knows no project. The state of a run lies in
.etude/jobs/ under a key of everything that decides it but the budget, so that the same command goes on where it stopped, and a
larger budget goes on from there too.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from shlex import quote
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from etude.api.collections import divided
from etude.curate import consent
from etude.errors import ModelError, ProjectError, WorkError
from etude.media import MEDIA, is_sequence
from etude.store import lock
from etude.store.collections import Collection, Part
from etude.store.files import check_name
from etude.store.project import Project
from etude.store.works import Work
from etude.workspace.picture_dataset import Look, pictorial
from etude.workspace.picture_dataset import request as picture_request
from etude.workspace.starting_weights import beginning

if TYPE_CHECKING:
    from pathlib import Path

    from etude.families.pictures.learn.plan import PictureRequest
    from etude.families.sequence.learn.run import LearnRequest
    from etude.training.learned import Learned
    from etude.training.progress import Progress


@dataclass(frozen=True)
class Plan:
    """What a run would be, for --dry-run. `seconds` are the network's share of the budget, None without a limit of time."""

    schema: ClassVar[str] = "etude.learn-plan/1"
    collection: str
    medium: str
    works: int
    held_out: tuple[str, ...]
    train_tokens: int
    size: str
    parameters: int
    epochs: float
    memory_mb: float
    seconds: float | None
    resumes: bool


@dataclass(frozen=True)
class LearnedModel:
    """A model, its figures on held-out works (each with unit, n and interval), what it cost, and why learning ended."""

    schema: ClassVar[str] = "etude.learn/1"
    id: str
    name: str
    collection: str
    medium: str
    ended: str
    steps: int
    figures: Mapping[str, Any]
    ledger: Mapping[str, Any]
    path: str
    card: str

    @property
    def energy(self) -> str:
        """What it took, in words."""
        from etude.training.budget import watt_hours

        return watt_hours(tuple(self.ledger["kwh"]))

    @property
    def interrupted(self) -> bool:
        """Whether the person stopped it: the same command goes on."""
        return self.ended == "interrupted"


def learn(
    project: Project,
    name: str,
    *,
    collection: str,
    budget: str | Sequence[str],
    tariff: float | None = None,
    size: str = "auto",
    seed: int = 0,
    held_out: Sequence[str] = (),
    by_maker: bool = False,
    critic: bool = True,
    from_scratch: bool = False,
    side: int | None = None,
    how: str | None = None,
    ground: str | None = None,
    frames: int | None = None,
    mirror: bool | None = None,
    start: str | None = None,
    eyes: str | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> LearnedModel:
    """Learn a model `name` from a collection. `budget`: '10m', '0.05kWh', '0.20EUR' (with `tariff`), or several, whichever ends first.

    `held_out`: works to keep out of everything, in the place of the collection's own held-out parts; `by_maker`: split by maker
    for this model. Of pictures and clips: `side` in pixels, `how` they are framed (crop, pad, fit) on which `ground`, the `frames` of a
    clip, whether mirrored copies are learned from too (`mirror`), a model of pictures to `start` from, and whose
    `eyes` choose among drafts beside its own ('imagenet': a network of others, which the card then names). When `stop()` turns true a usable model is made of what there is, and
    the same call goes on from it. Raises ConsentError, WorkError (too little to learn from), BudgetError (too short, or does not fit
    into memory).
    """
    from etude.families.sequence.learn.run import LearnRequest

    began = time.monotonic()
    name = check_name(name, "model")
    asked = _Asked(
        tuple(held_out),
        by_maker,
        size,
        seed,
        critic,
        _look(side, how, ground, frames, mirror),
        start,
        from_scratch,
        _eyes(eyes),
    )
    request, home, parts = _request(project, name, collection, budget, tariff, asked)
    if not isinstance(request, LearnRequest):
        request = replace(request, began=began)  # reading and framing the works is of the budget too
    with lock.hold(request.folder / "lock", wait_s=1.0):
        if from_scratch:
            _forget(request.folder)
        learned = _run(request, on_progress or (lambda progress: None), stop or (lambda: False))
        model_id = f"{name}-{_hash(learned.arrays)[:8]}"
        header = {
            **learned.header,
            "name": name,
            "collection": home.name,
            "shelf": list(home.works()),
            "parts": [[part.work_id, part.start, part.end, part.role] for part in parts],
        }
        saved = project.save_model(model_id, header, learned.arrays, learned.card)
        if learned.ended != "interrupted":
            _forget(request.folder)  # only now: a kill before this loses nothing
        for file, data in {**learned.files, **_curves(learned.header)}.items():
            project.write_model_file(saved.id, file, data)
    ledger = learned.ledger.to_json()
    project.log(
        "learned", model=saved.id, collection=home.name, ended=learned.ended, hash=saved.hash, ledger=ledger
    )
    return LearnedModel(
        saved.id,
        name,
        home.name,
        home.medium,
        learned.ended,
        learned.ledger.steps,
        dict(learned.header.get("figures") or {}),
        ledger,
        str(saved.path),
        learned.card,
    )


def plan(
    project: Project,
    name: str,
    *,
    collection: str,
    budget: str | Sequence[str],
    tariff: float | None = None,
    size: str = "auto",
    seed: int = 0,
    held_out: Sequence[str] = (),
    by_maker: bool = False,
    side: int | None = None,
    how: str | None = None,
    ground: str | None = None,
    frames: int | None = None,
    mirror: bool | None = None,
    start: str | None = None,
    eyes: str | None = None,
) -> Plan:
    """What `learn` would do, without doing it. Raises what `learn` would raise before its first step."""
    from etude.families.sequence.learn.run import LearnRequest, outlook
    from etude.families.sequence.networks.transformer import count_parameters
    from etude.training import checkpoint

    name = check_name(name, "model")
    asked = _Asked(
        tuple(held_out),
        by_maker,
        size,
        seed,
        True,
        _look(side, how, ground, frames, mirror),
        start,
        eyes=_eyes(eyes),
    )
    request, home, parts = _request(project, name, collection, budget, tariff, asked)
    named = tuple(dict.fromkeys(part.work_id for part in parts if part.role == "held-out"))
    if not isinstance(request, LearnRequest):
        return _of_pictures(request, home, named)
    found = outlook(request)
    return Plan(
        home.name,
        home.medium,
        found.works,
        named,
        found.train_tokens,
        found.plan.size,
        count_parameters(found.plan.net),
        found.plan.epochs,
        found.plan.memory_mb,
        found.seconds_for_network,
        checkpoint.read(request.folder) is not None,
    )


@dataclass(frozen=True)
class _Asked:
    """What decides a run beside the works and the budget."""

    held_out: tuple[str, ...]
    by_maker: bool
    size: str
    seed: int
    critic: bool
    look: Look | None
    start: str | None = None
    anew: bool = False
    eyes: bool = False


def _eyes(name: str | None) -> bool:
    """Whether somebody else's eyes are to choose among drafts. Raises ModelError for eyes that there are not."""
    if name not in (None, "imagenet"):
        raise ModelError(f"There are no eyes '{name}'.", "Choose imagenet, or leave it out.")
    return name is not None


def _look(
    side: int | None, how: str | None, ground: str | None, frames: int | None, mirror: bool | None
) -> Look | None:
    """How pictures are to be seen, where anything was said of it."""
    said = {"side": side, "how": how, "ground": ground, "frames": frames, "mirror": mirror}
    given = {key: value for key, value in said.items() if value is not None}
    return Look(**given) if given else None  # type: ignore[arg-type]  # each has the type of its field


def _request(
    project: Project,
    name: str,
    collection: str,
    budget: str | Sequence[str],
    tariff: float | None,
    asked: _Asked,
) -> tuple[LearnRequest | PictureRequest, Collection, tuple[Part, ...]]:
    """Everything the loop needs, once nothing stands in the way."""
    from etude.training.budget import Budget

    allowed = Budget.parse([budget] if isinstance(budget, str) else list(budget), tariff)
    home = project.collection(collection)
    works = _works(project, home)
    named = [project.work(ref).id for ref in asked.held_out]
    consent.check([work for work in works if work.id not in named], home.name)
    parts = _parts(project, home, works, named, asked.by_maker)
    if is_sequence(MEDIA[home.medium]):
        from etude.families.sequence.learn.run import LearnRequest

        if asked.look is not None or asked.start is not None or asked.eyes:
            pictorial(home.medium)  # says that there is nothing to frame
        folder = project.run_dir(_key(name, home, works, parts, asked.size, asked.seed))
        cut = _cut(project, home, works, parts)
        return (
            LearnRequest(home.medium, cut, allowed, folder, asked.size, asked.seed, asked.critic),
            home,
            parts,
        )
    look = asked.look or Look()
    begin = None if asked.start is None else beginning(project, asked.start)
    more = [look.to_json(), *([begin.about["weights_sha256"]] if begin else [])]
    folder = project.run_dir(_key(name, home, works, parts, asked.size, asked.seed, *more))
    made = picture_request(
        project, home, works, parts, allowed, look, folder=folder, size=asked.size, seed=asked.seed, refine=asked.critic, anew=asked.anew
    )  # fmt: skip
    made = replace(made, eyes=asked.eyes)
    if begin is not None:
        made = replace(
            made, begin_with=begin.load(), begin_conditions=begin.conditions, started_from=begin.about
        )
    return made, home, parts


def _run(
    request: LearnRequest | PictureRequest, on_progress: Callable[[Progress], None], stop: Callable[[], bool]
) -> Learned:
    """The loop of the medium's family."""
    from etude.families.sequence.learn.run import LearnRequest, learn

    if isinstance(request, LearnRequest):
        return learn(request, on_progress, stop)
    from etude.families.pictures.learn import run as pictures

    return pictures.learn(request, on_progress, stop)


def _curves(header: Mapping[str, Any]) -> dict[str, bytes]:
    """How learning went, as plots that lie beside the model: the figure on unseen works, and what the refinement's instruments showed."""
    from etude.stats import plot

    out = {}
    looks = [row for row in header.get("curve") or [] if np.isfinite(row[2])]
    if len(looks) > 1 and header.get("family") == "pictures":
        seconds, _, values = (np.array(column, float) for column in zip(*looks, strict=True))
        line = plot.Curve("works not learned from", seconds, values)
        out["learning.svg"] = plot.draw(
            [line], title="Loss of the flow", across="seconds", up="squared error", fmt="svg"
        )
    shown = ((header.get("refining") or {}).get("instruments")) or []
    if len(shown) > 1:
        at = np.array([one["seconds"] for one in shown], float)
        lines = [
            plot.Curve(name, at, np.array([one[key] for one in shown], float)) for name, key in _INSTRUMENTS
        ]
        title = "Refinement: takes as varied as works (1), the critic's lead (0: it cannot tell)"
        out["refining.svg"] = plot.draw(lines, title=title, across="seconds", up="", fmt="svg")
    return out


_INSTRUMENTS = (("spread of takes", "spread"), ("critic's lead", "lead"))


def _forget(folder: Path) -> None:
    from etude.training import checkpoint

    for one in (folder, folder / "refine", folder / "refine" / "pairs"):
        checkpoint.forget(one)


def _of_pictures(request: PictureRequest, home: Collection, held_out: tuple[str, ...]) -> Plan:
    from etude.families.pictures.learn import run as pictures
    from etude.training import checkpoint

    found = pictures.outlook(request)
    side = found.plan.net.side_px
    return Plan(
        home.name, home.medium, found.works, held_out, 0, f"{found.size} at {side} pixels", found.parameters, found.passes, found.memory_mb,
        found.seconds, checkpoint.read(request.folder) is not None,
    )  # fmt: skip


def _works(project: Project, home: Collection) -> list[Work]:
    known = {work.id: work for work in project.works()}
    lost = [work_id for work_id in home.works() if work_id not in known]
    if lost:
        raise ProjectError(
            f"{len(lost)} works of collection '{home.name}' are not in the project any more: {', '.join(lost[:5])}.",
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
    """The collection's own split; or with named works, these held out and the collection's other held-out parts learned from."""
    if by_maker:
        return divided(project, works, replace(home, parts=()), by_maker=True, held_out=named).parts
    if not named:
        return home.parts
    freed = tuple(replace(part, role="train") if part.role == "held-out" else part for part in home.parts)
    made = divided(project, works, replace(home, parts=freed), by_maker=False, held_out=named).parts
    if any(part.role == "critic" for part in made):
        return made
    # Without the critic's works the loop would look at the held-out ones: named works are then left out altogether.
    return tuple(part for part in made if part.role != "held-out")


def _key(
    name: str,
    home: Collection,
    works: Sequence[Work],
    parts: Sequence[Part],
    size: str,
    seed: int,
    *more: Any,
) -> str:
    weights = {entry.work_id: entry.weight for entry in home.entries}
    rows = [[work.sha256, work.maker, dict(work.attrs), weights[work.id]] for work in works]
    cut = [[part.work_id, part.start, part.end, part.role] for part in parts]
    text = json.dumps([home.medium, rows, cut, size, seed, *more], sort_keys=True, ensure_ascii=False)
    return f"learn-{name}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def _cut(project: Project, home: Collection, works: Sequence[Work], parts: Sequence[Part]) -> list[Any]:
    """The parts with their contents, in the order of the works."""
    from etude.families.sequence.learn.dataset import Part as LearnPart

    medium = MEDIA[home.medium]
    weights = {entry.work_id: entry.weight for entry in home.entries}
    out = []
    for work in works:
        mine = [part for part in parts if part.work_id == work.id]
        if not mine:
            continue
        content = medium.read(project.work_bytes(work.id), suffix=work.suffix).content
        whole = medium.size(content)
        for part in mine:
            cut = (
                content if (part.start, part.end) == (0, whole) else medium.cut(content, part.start, part.end)
            )
            out.append(
                LearnPart(
                    work.id, part.start, part.role, cut, work.maker, work.title, work.attrs, weights[work.id]
                )
            )
    return out


def _hash(arrays: Mapping[str, npt.NDArray[Any]]) -> str:
    """A hash of the arrays: a model that learned more has another id than the one before it."""
    digest = hashlib.sha256()
    for name in sorted(arrays):
        digest.update(name.encode() + np.ascontiguousarray(arrays[name]).tobytes())
    return digest.hexdigest()
