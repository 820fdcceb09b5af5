"""The trace of a take, a piece or any file: what it owes to the works of a collection.

Brings together what a trace needs of a project: the works, the index of their words or notes, the banks or
reference sets to compare with, and what the model itself knows. Which of the two traces is made follows from
what a medium's works are recognised by.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from etude.config.trust import TRACE
from etude.errors import ModelError, TakeError
from etude.families import family_of, roles
from etude.families.contract import Evidence
from etude.families.given_away import GivenAway
from etude.media import MEDIA, pictorial, readable
from etude.media.contract import Content, Medium
from etude.media.pixels.framing import frame
from etude.store.collections import Collection
from etude.store.models import ModelInfo
from etude.store.project import Project
from etude.takes.recipe import Recipe
from etude.takes.source import Source
from etude.trace import picture_likeness, picture_record
from etude.trace.compose import compose
from etude.trace.critic_map import Rows, doubted
from etude.trace.likeness import part_size
from etude.trace.page import page, picture
from etude.trace.picture_record import PictureTrace
from etude.trace.record import Trace, WorkRef
from etude.workspace.contents import find, first_made
from etude.workspace.core import OnProgress, Parts, Workspace, silent
from etude.workspace.evidence import banks, references
from etude.workspace.generators import generator
from etude.workspace.host import host
from etude.workspace.influences import influenced
from etude.workspace.nearness import compared, sight, square_of, window_of
from etude.workspace.split import home_of, of_role, present
from etude.workspace.standing import concern
from etude.workspace.verbatim_index import index

AnyTrace = Trace | PictureTrace
_TITLES = 8  # of works that a note names


@dataclass(frozen=True)
class Asked:
    """What is traced, by what: the content, the recipe and record of the take that it is, the model whose
    knowledge is used, the collection, its works that are there."""

    ref: str
    source: Source
    recipe: Recipe | None
    record: Mapping[str, Any]
    model: ModelInfo | None
    home: Collection
    works: tuple[str, ...]
    minimum: int | None
    progress: OnProgress

    def parts(self, role: str) -> Parts:
        """The parts of one role."""
        return of_role(self.home, self.model, role, self.works)


def trace(
    ws: Workspace,
    ref: str | Path,
    model: str | None,
    collection: str | None,
    minimum: int | None,
    progress: OnProgress,
) -> AnyTrace:
    """The trace of a content. Raises TakeError where there is nothing to trace by."""
    asked = _asked(ws, ref, model, collection, minimum, progress)
    found = _TRACES[MEDIA[asked.source.medium].marks_kind](ws, asked)
    if asked.model is not None:
        found = _influenced(ws, asked, asked.model, found)
        if words := concern(ws.project, asked.model).words:
            found = replace(found, summary=f"{found.summary}\n{words}")
    return found.shown_by(lambda: page_of(ws, found, ref, sound=False, progress=silent))


def _influenced(ws: Workspace, asked: Asked, model: ModelInfo, found: AnyTrace) -> AnyTrace:
    """With what the model's own test allows to be said of influence."""
    content = asked.source.content
    if asked.source.medium != model.medium or not MEDIA[model.medium].size(content):
        return found
    groups, words = influenced(ws, model, content, asked.progress)
    return replace(found, influenced=groups, summary=f"{found.summary}\n{words}") if words else found


def page_of(ws: Workspace, found: AnyTrace, ref: str | Path, *, sound: bool, progress: OnProgress) -> bytes:
    """A trace as one self-contained page; with `sound` it can be heard, where its medium sounds."""
    return _PAGES[type(found)](ws, found, ref, sound, progress)


def _asked(
    ws: Workspace,
    ref: str | Path,
    named: str | None,
    collection: str | None,
    minimum: int | None,
    progress: OnProgress,
) -> Asked:
    project, source = ws.project, find(ws, ref)
    record = project.take(source.take).record if source.take else {}
    recipe = Recipe.from_json(record) if source.take else None
    model = _model(project, source, recipe, named, collection)
    by = collection or home_of(model)
    home = project.collection(by) if by else _any_collection(project, source)
    if home.medium != source.medium and not (_by_signature(home.medium) and _by_signature(source.medium)):
        raise TakeError(
            f"'{ref}' is {source.medium}, and collection '{home.name}' holds {home.medium}.",
            "Name another with --collection or --model.",
        )
    there = tuple(present(project, home))
    return Asked(str(ref), source, recipe, record, model, home, there, minimum, progress)


def _by_signature(medium: str) -> bool:
    """Whether its works are recognised by a signature: such media can be compared with each other, a picture
    with frames of clips."""
    return MEDIA[medium].marks_kind == "signature"


def _model(
    project: Project, source: Source, recipe: Recipe | None, named: str | None, collection: str | None
) -> ModelInfo | None:
    """The model whose knowledge is used; None when the person asked for a collection only, or there is
    none."""
    if named:
        return project.model(named)
    if recipe is not None and (recipe := first_made(project, recipe)).model:
        with suppress(ModelError):
            return project.model(recipe.model)
    fits = [
        one
        for one in project.models()
        if one.medium == source.medium and (collection is None or home_of(one) == collection)
    ]
    return fits[-1] if fits else None


def _any_collection(project: Project, source: Source) -> Collection:
    fits = [known for known in project.collections() if known.medium == source.medium and known.entries]
    if not fits:
        raise TakeError(
            f"There is no collection of {source.medium} to compare with.",
            "Add works first: etude add PATH... --collection NAME",
        )
    if len(fits) > 1:
        names = ", ".join(known.name for known in fits)
        raise TakeError(
            f"There are {len(fits)} collections of {source.medium}: {names}.", "Name one with --collection."
        )
    return fits[0]


def _evidence(ws: Workspace, asked: Asked) -> Evidence:
    """What the model knows of the content; nothing of contents of another medium. Works that another model's
    split holds out may be what this one learned from, so that they are named only where the model is of this
    collection."""
    model = asked.model
    if model is None or model.medium != asked.source.medium:
        return Evidence()
    held_out = asked.parts("held-out") if home_of(model) == asked.home.name else ()
    opened = generator(ws, model, asked.progress)
    return opened.evidence(
        asked.source.content, asked.recipe, asked.record, held_out, host(ws, asked.progress)
    )


def _refs(project: Project, ids: tuple[str, ...]) -> dict[str, WorkRef]:
    known = {work.id: work for work in project.works()}
    return {i: WorkRef(i, w.title, w.maker, w.licence) for i in ids if (w := known.get(i)) is not None}


# ---- passages


def _of_passages(ws: Workspace, asked: Asked) -> Trace:
    source, home = asked.source, asked.home
    medium, progress = MEDIA[source.medium], asked.progress
    size = part_size(medium.size(source.content))
    known = _evidence(ws, asked)
    train, held_out, usual = banks(
        ws, home.medium, asked.parts("train"), asked.parts("held-out"), size, progress
    )
    found = compose(
        medium,
        source.content,
        id=source.take or asked.ref,
        title=source.title,
        works=list(_refs(ws.project, asked.works).values()),
        index=index(ws, home.medium, asked.works, progress),
        content_of=ws.contents,
        scored=known.shares,
        base=known.base,
        train=train,
        held_out=held_out,
        usual=usual,
        model=asked.model.id if asked.model else "",
        collection=home.name,
        made=asked.recipe is not None and asked.recipe.kind == "made",
        minimum=asked.minimum,
    )
    found = replace(found, notes=(*found.notes, *_set_aside(asked.model, found.works)))
    if (away := known.away) is None:
        return found
    return replace(found, given_away=away, summary=f"{found.summary}\n{_away(medium, source.content, away)}")


def _away(medium: Medium, content: Content, away: GivenAway) -> str:
    """What gave a content away to the critic, in words."""
    part = readable(medium, medium.cut(content, away.start, away.end))
    quote = " ".join(part.split())
    short = quote[: TRACE.quoted] + (" …" if len(quote) > TRACE.quoted else "")
    place = f"“{short}” ({medium.place(content, away.start)})"
    tested = (
        f"without it the critic's answer rises by {away.rise:.2f}, without one of {away.others} other "
        f"stretches by {away.usual:.2f} on average"
    )
    if not away.holds:
        return f"The critic names no stretch that gives it away: of {place}, {tested}."
    return f"What gives it away to the critic is {place}: {tested}."


def _set_aside(model: ModelInfo | None, mentioned: Sequence[WorkRef]) -> Iterator[str]:
    """Which of the works that a trace mentions the model was not trained on."""
    if model is None:
        return
    aside = family_of(model.header).aside
    for done, ids in roles.of(model.header.get("works") or {}, aside).items():
        titles = [work.title for work in mentioned if work.id in ids]
        if done != roles.TRAINED and titles:
            shown = ", ".join(titles[:_TITLES]) + (
                f" and {len(titles) - _TITLES} more" * (len(titles) > _TITLES)
            )
            yield f"{done.capitalize()}: {shown}."


def _page_of_passages(ws: Workspace, found: Any, ref: str | Path, sound: bool, progress: OnProgress) -> bytes:
    medium = MEDIA[found.medium]
    wave = medium.sound(medium.load(found.content.encode())) if sound else None
    return page.render(found, audio_wav=wave).encode()


# ---- pictures


@dataclass(frozen=True)
class _Pictured:
    """The trace of a picture, the picture as the model sees it, and works in the same way."""

    trace: PictureTrace
    pixels: npt.NDArray[np.uint8]
    pixels_of: Callable[[str, int], npt.NDArray[np.uint8]]  # a work, a frame of it


def _pictured(ws: Workspace, asked: Asked) -> _Pictured:
    source, home, progress = asked.source, asked.home, asked.progress
    seen = sight(asked.model)
    square = square_of(seen)
    train, held_out = asked.parts("train"), asked.parts("held-out")
    if not train:
        raise TakeError(
            "None of the works that the model was trained on is in the project any more.",
            "Name another with --collection.",
        )
    pictures = references(ws, home.medium, train, held_out, square, window_of(seen, home.medium), progress)
    every = pictorial(source.medium).frames(source.content)
    at = compared(every)
    looked = [frame(every[int(i)], square) for i in at]
    likenesses = [picture_likeness.compare(pictures, pixels) for pixels in looked]
    first = max(
        range(len(at)),
        key=lambda i: likenesses[i][0].nearest[0].similarity if likenesses[i][0].nearest else 0.0,
    )
    like, regions = likenesses[first]
    if like.p is not None and len(at) > 1:  # the nearest of several frames
        p, needed = (
            pictures.shelf.unusual(looked),
            pictures.shelf.needed(like.alpha, len(at)),
        )
        enough = len(pictures.usual) >= needed  # a clip beside pictures: of many frames one is near by chance
        like = replace(
            like, p=p if enough else None, flagged=enough and p <= like.alpha, needed=max(like.needed, needed)
        )
    doubts = _doubts(ws, asked, int(at[first]))
    named = tuple(dict.fromkeys([n.work for n in like.nearest] + [r.work for r in regions]))
    works = _refs(ws.project, named)
    trace = PictureTrace(
        source.take or asked.ref,
        source.title,
        source.medium,
        asked.model.id if asked.model else "",
        home.name,
        tuple(works.values()),
        like,
        regions,
        int(at[first]),
        len(every),
        tuple(one[0].p for one in likenesses),
        picture_record.summary(like, works, regions, doubts),
        picture_record.notes(clips=pictorial(home.medium).moves),
        doubts,
    )

    def pixels_of(work_id: str, number: int) -> npt.NDArray[np.uint8]:
        frames = pictorial(ws.project.work(work_id).medium).frames(ws.contents(work_id))
        return frame(frames[min(number, len(frames) - 1)], square)

    return _Pictured(trace, looked[first], pixels_of)


def _doubts(ws: Workspace, asked: Asked, at: int) -> Rows | None:
    """Where the model's critic doubts frame `at`; None where it cannot say."""
    doubts = _evidence(ws, asked).doubts
    return doubted(doubts.frames[at], doubts.held_out) if doubts is not None else None


def _of_pictures(ws: Workspace, asked: Asked) -> PictureTrace:
    return _pictured(ws, asked).trace


def _page_of_pictures(ws: Workspace, found: Any, ref: str | Path, sound: bool, progress: OnProgress) -> bytes:
    again = _pictured(ws, _asked(ws, ref, found.model or None, found.collection, None, progress))
    return picture.render(found, again.pixels, again.pixels_of).encode()


_TRACES: Mapping[str, Callable[[Workspace, Asked], AnyTrace]] = {
    "shingles": _of_passages,
    "signature": _of_pictures,
}
_PAGES: Mapping[type, Callable[[Workspace, Any, str | Path, bool, OnProgress], bytes]] = {
    Trace: _page_of_passages,
    PictureTrace: _page_of_pictures,
}
