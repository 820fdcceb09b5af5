"""A work is withdrawn: out of the works, collections, memories, caches and the trash at once, and for good.
What learned from it is named, with what learning again would cost; pieces that owe to it, with how much.

Everything that the truth consists of changes in one act of the store, so that a crash leaves all or nothing
of it. Caches go after it; should a crash come between, `finish` does the rest. The log keeps the hash of the
bytes, and no other word of the work.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, ClassVar

from etude.errors import EtudeError, WorkError
from etude.families import family_of
from etude.media import MEDIA
from etude.media.contract import Content
from etude.store import models, purge, takes
from etude.store.lines import Record
from etude.store.models import ModelInfo
from etude.store.project import Project
from etude.store.works import Work
from etude.workspace import audits
from etude.workspace.collecting import leave
from etude.workspace.core import OnProgress, Workspace
from etude.workspace.extraction import Extraction, extracted
from etude.workspace.generators import generator
from etude.workspace.owing import Owing, holds, owing
from etude.workspace.standing import EVENT, learned_from, relearning

DONE = "withdrawal-finished"


@dataclass(frozen=True)
class Withdrawn:
    """A work that was taken out, by what was said of it and by the hash of its bytes; `only`: it was the only
    work of its maker here."""

    id: str
    sha256: str
    title: str
    maker: str
    collections: tuple[str, ...]
    only: bool


@dataclass(frozen=True)
class Learner:
    """A model that learned from withdrawn works (`works` of them). `memory`: it kept them word for word, and
    does no more; `cost`: of learning it; `before` and `after`: how much it recites of them, and what a model
    learned without them does, where there is one (`relearned`)."""

    id: str
    works: int
    memory: bool
    cost: str
    before: Extraction | None = None
    after: Extraction | None = None
    deleted: bool = False
    relearned: str = ""
    again: Extraction | None = None
    compared: str = ""


@dataclass(frozen=True)
class Withdrawal:
    """All that happened, or with `dry_run` would happen. `takes`: cleared, since they held the works word for
    word; `lines`: of the log that said something of them; `alive`: runs of learning that were going on, whose
    models will not be kept."""

    schema: ClassVar[str] = "etude.withdrawal/1"
    at: str
    works: tuple[Withdrawn, ...]
    models: tuple[Learner, ...]
    pieces: tuple[Owing, ...]
    takes: tuple[str, ...]
    lines: int = 0
    trash: int = 0
    alive: int = 0
    dry_run: bool = False
    reason: str = ""
    empty: tuple[str, ...] = ()
    receipt: str = ""
    fingerprint: str = ""
    notes: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Found:
    """What a withdrawal would touch, looked up before anything changes. `contents`: of the works that can be
    read."""

    works: tuple[Work, ...]
    contents: Mapping[str, Content]
    models: tuple[ModelInfo, ...]
    learners: tuple[Learner, ...]
    pieces: tuple[Owing, ...]
    takes: tuple[str, ...]
    report: Withdrawal


def chosen(project: Project, refs: Sequence[str], maker: str | None) -> tuple[Work, ...]:
    """The works that are meant. Raises WorkError where there is none, also for one that was withdrawn
    already."""
    found: dict[str, Work] = {}
    for ref in refs:
        try:
            found[project.work(ref).id] = project.work(ref)
        except WorkError as error:
            when = _when(project, ref)
            if when:
                raise WorkError(
                    f"{ref} was withdrawn already, on {when[:10]}.",
                    "Nothing of it is here. See: etude works ls",
                ) from None
            raise error
    if maker is not None:
        name = " ".join(maker.split()).casefold()
        found |= {work.id: work for work in project.works() if work.maker.casefold() == name}
    if not found:
        known = sorted({work.maker for work in project.works() if work.maker})
        raise WorkError(
            f"No work is by '{maker}' (makers here: {', '.join(known[:8]) or 'none'})."
            if maker is not None
            else "No work is named.",
            "Name works, or say --maker NAME: etude withdraw WORK",
        )
    return tuple(found.values())


def _when(project: Project, ref: str) -> str:
    for event in project.events():
        if event["event"] == EVENT and len(ref) > 3:
            names = [*event.get("works", ()), *event.get("sha256", ())]
            if any(str(name).startswith(ref) for name in names):
                return str(event["at"])
    return ""


def look(ws: Workspace, works: Sequence[Work], at: str, progress: OnProgress, *, test: bool = True) -> Found:
    """Everything that withdrawing these works would touch. `test`: also how much models recite of them."""
    project, ids = ws.project, {work.id for work in works}
    contents: dict[str, Content] = {}
    for work in works:
        with suppress(EtudeError):  # one that cannot be read is withdrawn all the same
            contents[work.id] = ws.contents.read(work.id)
    learned = tuple(model for model in project.models() if ids & set(learned_from(model.header)))
    learners = tuple(
        Learner(
            model.id,
            len(ids & set(learned_from(model.header))),
            _remembers(model, ids),
            relearning(model.header),
            recites(ws, model, works, contents, progress) if test else None,
        )
        for model in learned
    )
    homes = project.collections()
    makers = [work.maker for work in project.works() if work.id not in ids]
    out = tuple(
        Withdrawn(
            work.id,
            work.sha256,
            work.title,
            work.maker,
            tuple(home.name for home in homes if work.id in home.works()),
            bool(work.maker) and work.maker not in makers,
        )
        for work in works
    )
    empty = tuple(home.name for home in homes if home.entries and set(home.works()) <= ids)
    pieces = owing(ws, works, contents, {model.id for model in learned}, progress)
    cleared = _takes(ws, works, contents)
    report = Withdrawal(at, out, learners, pieces, cleared, dry_run=True, empty=empty)
    return Found(tuple(works), contents, learned, learners, pieces, cleared, report)


def _remembers(model: ModelInfo, ids: set[str]) -> bool:
    segments = {str(row[0]) for row in model.header.get("segments") or ()}
    return bool(ids & (segments | set(model.header.get("known") or {})))


def recites(
    ws: Workspace,
    model: ModelInfo,
    works: Sequence[Work],
    contents: Mapping[str, Content],
    progress: OnProgress,
) -> Extraction | None:
    """How much a model recites of the works that it learned from: of the one that it recites most."""
    found = []
    learned = [work for work in works if work.id in contents]
    for i, work in enumerate(learned):
        progress(i, len(learned), f"testing what {model.id} recites")
        with suppress(EtudeError):
            one = extracted(generator(ws, model), MEDIA[work.medium], contents[work.id])
            found += [one] if one is not None else []
    return max(found, key=lambda one: (one.most, one.median), default=None)


def _takes(ws: Workspace, works: Sequence[Work], contents: Mapping[str, Content]) -> tuple[str, ...]:
    """The takes whose bytes hold something of the works: those that began with them, or hold long runs."""
    project, ids = ws.project, {work.id for work in works}
    found = []
    for take in project.takes():
        source = take.record.get("source") or {}
        controls = take.record.get("controls") or {}
        named = {str(source.get("work", ""))} | {
            str(ref.get("work", ""))
            for value in controls.values()
            if isinstance(value, list)
            for ref in value
            if isinstance(ref, dict)
        }
        if named & ids:
            found.append(take.id)
            continue
        path = takes.path_of(project.root, take.id)
        medium = str(take.record.get("medium", ""))
        if medium in MEDIA and path.exists():
            with suppress(EtudeError, OSError):
                if holds(MEDIA[medium], MEDIA[medium].load(path.read_bytes()), works, contents):
                    found.append(take.id)
    return tuple(found)


def withdraw(ws: Workspace, found: Found, reason: str, *, delete_models: bool) -> tuple[int, purge.Purged]:
    """Do it. Under no lock; raises ProjectError where the project is in use. Returns the lines of the log
    that changed, and what was deleted beside."""
    project, ids = ws.project, {work.id for work in found.works}
    files = {work.file for work in found.works}
    with project.act("withdraw"):
        gone = [work.id for work in found.works if work.id not in {known.id for known in project.works()}]
        if gone:
            raise WorkError(f"{gone[0]} is not in the project any more.", "See: etude works ls")
        for home in project.collections():
            if ids & set(home.works()):
                leave(project, home.name, sorted(ids))
        for model in found.models:
            if delete_models:
                project.trash(model.path)
                continue
            header, arrays = project.load_model(model.id)
            new = family_of(header).without(header, arrays, ids)
            if new is not None:
                models.rewrite(model, *new)
        for work in found.works:
            project.remove_work(work.id)
        changed = purge.lines(project.root, ids, _given(found))
        project.log(
            EVENT,
            works=sorted(ids),
            sha256=[work.sha256 for work in found.works],
            models=[model.id for model in found.models],
            deleted=delete_models,
            reason=reason,
        )
    deleted = [model.id for model in found.models] if delete_models else []
    return changed, finish(ws, ids, files, found.takes, deleted)


def finish(
    ws: Workspace, ids: set[str], files: set[str], cleared: Sequence[str], deleted: Sequence[str] = ()
) -> purge.Purged:
    """Delete what can be made again and may hold something of the works; doing it twice does no harm."""
    from dataclasses import replace

    project = ws.project
    with project.lock():
        for take in cleared:
            takes.path_of(project.root, take).unlink(missing_ok=True)
        trashed = purge.trashed(project.root, ids, {*files, *deleted})
        audits.forget(model for model in project.models() if ids & set(learned_from(model.header)))
        done = replace(purge.caches(project.root, ids), trash=trashed)
        project.log(DONE, works=sorted(ids))
    fresh = Workspace(project, ws._resolve)
    for name in ("contents", "generators", "opened", "indexes", "banks", "references"):
        setattr(ws, name, getattr(fresh, name))  # what was opened holds the works too
    return done


def unfinished(project: Project) -> set[str]:
    """Works that were withdrawn by a process that died before the caches were gone."""
    ids: set[str] = set()
    for event in project.events():
        if event["event"] == EVENT:
            ids |= {str(i) for i in event.get("works") or ()}
        elif event["event"] == DONE:
            ids -= {str(i) for i in event.get("works") or ()}
    return ids


def _given(found: Found) -> Any:
    """Whether content that was written to the log holds something of the works."""

    def says(event: Record) -> bool:
        medium = MEDIA.get(str(event.get("medium", "")))
        if medium is None:
            return False
        text = str(event["content"])
        data = base64.b64decode(text) if event.get("encoding") == "base64" else text.encode()
        with suppress(EtudeError):
            return holds(medium, medium.load(data), found.works, found.contents)
        return False

    return says
