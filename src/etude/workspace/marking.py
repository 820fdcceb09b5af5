"""Which words of a text stand in the works, fast enough for somebody who is typing."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from etude.errors import TakeError, WorkError
from etude.media import MEDIA, sequence
from etude.media.contract import Content, SequenceMedium
from etude.store.collections import Collection
from etude.store.models import ModelInfo
from etude.trace.marks import Mark, Tint, marked, tinted
from etude.trace.verbatim import VerbatimIndex
from etude.workspace.contents import find
from etude.workspace.core import OnProgress, Workspace, silent
from etude.workspace.split import home_of, present
from etude.workspace.verbatim_index import index

_WORD = re.compile(r"\S+")


@dataclass(frozen=True)
class Marks:
    """The runs of a content that stand in the works of a collection (at least `least` words or notes, as
    `unit` says), and with `voice` each word by what the model says of it; `base`: what that stands on."""

    schema: ClassVar[str] = "etude.marks/1"
    medium: str
    collection: str
    unit: str
    least: int
    borrowed: tuple[Mark, ...]
    model: str = ""
    voice: tuple[Tint, ...] = ()
    has_voice: bool = False


@dataclass(frozen=True)
class Passage:
    """A part of a work, with what stands around it."""

    schema: ClassVar[str] = "etude.passage/1"
    work: str
    title: str
    maker: str
    place: str
    before: str
    words: str
    after: str


def marks(
    ws: Workspace,
    /,
    source: str | Path | None = None,
    *,
    text: str | None = None,
    model: str | None = None,
    collection: str | None = None,
    minimum: int | None = None,
    voice: bool = False,
    on_progress: Callable[[int, int, str], None] | None = None,
) -> Marks:
    """What of a file, take, piece or work, or of a `text`, stands in the works of `collection` (else of the
    collection that `model` was learned from), in runs of at least `minimum`. `voice`: also what the model
    says of each word, which opens it. Raises TakeError where there is nothing to compare with."""
    given = find(ws, source) if source is not None else None
    if given is None and text is None:
        raise TakeError("There is nothing to mark.", "Name a file, a take, a piece or a work.")
    compared = given.medium if given else ""
    key = ("marks", model, collection, compared, _stamps(ws))
    kind, called, works = ws.indexes.get(key, lambda: _against(ws, model, collection, compared, on_progress))
    if given is not None and given.medium != kind:
        raise TakeError(
            f"'{source}' is {given.medium}, and collection '{called}' holds {kind}.",
            "Name another with --collection or --model.",
        )
    medium = sequence(kind)
    content = given.content if given is not None else medium.load((text or "").encode())
    runs = marked(works, medium, content, minimum)
    least, unit = minimum or medium.runs.least, medium.runs.unit
    if not voice:
        return Marks(kind, called, unit, least, runs)
    if model is None:
        raise TakeError("No model was named whose voice is meant.", "Name it with --model.")
    found = ws.project.model(model)
    tints = _voice(ws, found, medium, content)
    moved = any(one.voice is not None for one in tints)
    return Marks(kind, called, unit, least, runs, found.id, tints, moved)


def passage(ws: Workspace, /, work: str, start: int, end: int) -> Passage:
    """The units `start`..`end` of a work. Raises WorkError where there is no such work or part."""
    found = ws.project.work(work)
    medium, content = MEDIA[found.medium], ws.contents(found.id)
    if not 0 <= start < end <= medium.size(content):
        raise WorkError(
            f"Work {found.id} has {medium.size(content):,} {medium.unit}; there is no part {start}:{end}.",
            "Give START:END within it.",
        )
    quote = sequence(found.medium).excerpt(content, [(start, end)]).quote
    return Passage(found.id, found.title, found.maker, medium.place(content, start), *quote)


def _against(
    ws: Workspace, model: str | None, collection: str | None, medium: str, on_progress: OnProgress | None
) -> tuple[str, str, VerbatimIndex]:
    """What is compared with: the medium and name of a collection, and the index of its works."""
    home = _home(ws, ws.project.model(model) if model else None, collection, medium)
    works = tuple(present(ws.project, home))
    return home.medium, home.name, index(ws, home.medium, works, on_progress or silent)


def _stamps(ws: Workspace) -> tuple[tuple[str, int, int], ...]:
    """When works, collections and models changed last: what was looked up before that is looked up anew."""
    root = ws.project.root
    paths = [root / "works.jsonl", root / "models", *sorted((root / "collections").glob("*.json"))]
    there = [(path.name, path.stat()) for path in paths if path.exists()]
    return tuple((name, status.st_mtime_ns, status.st_size) for name, status in there)


def _home(ws: Workspace, model: ModelInfo | None, collection: str | None, medium: str) -> Collection:
    project = ws.project
    if collection or model:
        return project.collection(collection or home_of(model))
    fits = [one for one in project.collections() if one.entries and medium in ("", one.medium)]
    fits = [one for one in fits if MEDIA[one.medium].marks_kind == "shingles"]
    if len(fits) != 1:
        raise TakeError(
            f"{len(fits)} collections could be compared with.", "Name one with --collection or --model."
        )
    return fits[0]


def _voice(ws: Workspace, model: ModelInfo, medium: SequenceMedium, content: Content) -> tuple[Tint, ...]:
    from etude.workspace.generators import generator  # torch: only where a model is asked
    from etude.workspace.host import host

    size = medium.size(content)
    if not size:
        return ()
    shares = generator(ws, model, silent).evidence(content, None, {}, (), host(ws)).shares
    words = medium.text(content)
    spans = [(i, i + 1) for i in range(size)] if words is None else [m.span() for m in _WORD.finditer(words)]
    return () if shares is None else tinted(shares, spans)
