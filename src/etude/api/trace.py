"""`trace`: what a take, a piece or any file owes to the works of a collection.

Brings together what a trace needs of a project: the works, the index of their words or notes, the banks of passages to compare
with, and the model's own shares. What of these is opened once and kept lies in `opened`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from shlex import quote

import numpy as np
import numpy.typing as npt

from etude.config.trust import TRACE
from etude.errors import EtudeError, ModelError, ProjectError, TakeError
from etude.media import MEDIA, is_pictorial
from etude.media.pixels.framing import Framing, frame, from_json
from etude.store.collections import Collection
from etude.store.models import ModelInfo
from etude.store.project import Project
from etude.takes.recipe import Recipe
from etude.trace import picture_record
from etude.trace.borrowed import Scored
from etude.trace.compose import compose
from etude.trace.critic_map import Rows, doubted
from etude.trace.likeness import part_size
from etude.trace.page import picture as pages
from etude.trace.picture_record import PictureTrace
from etude.trace.record import Trace, WorkRef
from etude.workspace import evidence as opened
from etude.workspace.contents import Source, find, first_made


def trace(
    project: Project,
    ref: str | Path,
    *,
    model: str | None = None,
    collection: str | None = None,
    minimum: int | None = None,
    on_progress: Callable[[int, int, str], None] | None = None,
) -> Trace | PictureTrace:
    """The trace of a take, piece, work or file. A take is traced by the model that made it; for anything else `model` or
    `collection` may be named, else the newest model of its medium is taken. `on_progress` (done, of how many, what): what the first trace by a
    collection opens may take a while. Raises TakeError when there is nothing to trace by."""
    with opened.telling(on_progress):
        return _trace(project, ref, model, collection, minimum)


def _trace(
    project: Project, ref: str | Path, model: str | None, collection: str | None, minimum: int | None
) -> Trace | PictureTrace:
    source = find(project, ref)
    if is_pictorial(MEDIA[source.medium]):
        return _of_pictures(project, ref, source, model, collection).trace
    recipe = Recipe.from_json(project.take(source.take).record) if source.take else None
    used = _model(project, source, recipe, model, collection)
    home = (
        project.collection(collection or _home(used))
        if collection or used
        else _any_collection(project, source)
    )
    if home.medium != source.medium:
        raise TakeError(
            f"'{ref}' is {source.medium}, and collection '{home.name}' holds {home.medium}.",
            "Name another with --collection or --model.",
        )
    medium, root, present = MEDIA[source.medium], str(project.root), _present(project, home)
    size, split = part_size(medium.size(source.content)), _parts(home, used)
    parts = [_of_role(split, role, present) for role in ("train", "held-out")]
    train, held_out, usual = opened.banks(root, home.medium, parts[0], parts[1], size)
    known = {work.id: work for work in project.works()}
    return compose(
        medium,
        source.content,
        id=source.take or str(ref),
        title=source.title,
        works=[WorkRef(w.id, w.title, w.maker, w.licence) for w in (known[i] for i in present)],
        index=opened.index(root, home.medium, tuple(present)),
        content_of=opened.contents(root),
        scored=_scored(project, used, source, recipe),
        train=train,
        held_out=held_out,
        usual=usual,
        model=used.id if used else "",
        collection=home.name,
        made=recipe is not None and recipe.kind == "made",
        minimum=minimum,
    )


def trace_html(
    found: Trace | PictureTrace,
    *,
    sound: bool = True,
    project: Project | None = None,
    ref: str | Path | None = None,
) -> bytes:
    """The trace as one self-contained page; with `sound` music can be heard on it, which makes it some megabytes large. The page of a
    picture shows works beside it, so that it needs the project and what was traced."""
    if isinstance(found, PictureTrace):
        if project is None:
            raise TakeError(
                "The page of a picture's trace shows works, which are in the project.", "Name the project."
            )
        again = _of_pictures(
            project, ref or found.id, find(project, ref or found.id), found.model or None, found.collection
        )
        return pages.render(found, again.pixels, again.pixels_of).encode()
    from etude.trace.page.page import render

    wave = None
    if sound and found.medium == "music":
        medium = MEDIA["music"]
        with suppress(EtudeError):
            wave = medium.previews(medium.load(found.content.encode()))[".wav"]()
    return render(found, audio_wav=wave).encode()


TraceFound = Trace | PictureTrace


@dataclass(frozen=True)
class _Pictured:
    """The trace of a picture, the picture as the model sees it, and works in the same way."""

    trace: PictureTrace
    pixels: npt.NDArray[np.uint8]
    pixels_of: Callable[[str, int], npt.NDArray[np.uint8]]  # a work, a frame of it


def _of_pictures(
    project: Project, ref: str | Path, source: Source, model: str | None, collection: str | None
) -> _Pictured:
    from etude.trace import picture_likeness as likenesses

    recipe = Recipe.from_json(project.take(source.take).record) if source.take else None
    used = _model(project, source, recipe, model, collection)
    home = (
        project.collection(collection or _home(used))
        if collection or used
        else _any_collection(project, source)
    )
    if not is_pictorial(MEDIA[home.medium]):
        raise TakeError(
            f"'{ref}' is {source.medium}, and collection '{home.name}' holds {home.medium}.",
            "Name another with --collection or --model.",
        )
    square = (
        from_json(used.header["framing"])
        if used and "framing" in used.header
        else Framing(TRACE.side_px, "pad")
    )
    present = _present(project, home)
    split = _parts(home, used)
    train, held_out = (_of_role(split, role, present) for role in ("train", "held-out"))
    if not train:
        raise TakeError(
            "None of the works that were learned from is in the project any more.",
            "Name another with --collection.",
        )
    gallery = opened.gallery(str(project.root), home.medium, train, held_out, square, _window(used, home))
    kind = MEDIA[source.medium]
    assert is_pictorial(kind)
    every = kind.frames(source.content)
    at = _compared(every)
    looked = [frame(every[int(i)], square) for i in at]
    compared = [likenesses.compare(gallery, pixels) for pixels in looked]
    first = max(
        range(len(at)), key=lambda i: compared[i][0].nearest[0].similarity if compared[i][0].nearest else 0.0
    )
    like, regions = compared[first]
    if like.p is not None and len(at) > 1:  # the nearest of several frames
        p, needed = gallery.shelf.unusual(looked), gallery.shelf.needed(like.alpha, len(at))
        enough = len(gallery.usual) >= needed  # a clip beside pictures: of many frames one is near by chance
        like = replace(
            like, p=p if enough else None, flagged=enough and p <= like.alpha, needed=max(like.needed, needed)
        )
    made = project.take(source.take).record if source.take else {}
    asked = (made.get("controls") or {}).get("like") or {}
    drawn = (made.get("measured") or {}).get(
        "manner"
    ) or {}  # what was not asked for and drawn as some work has it
    doubts = _doubts(project, used, home, {**drawn, **asked}, every, held_out, square, int(at[first]))
    known = {work.id: work for work in project.works()}
    named = dict.fromkeys([n.work for n in like.nearest] + [r.work for r in regions])
    works = {i: WorkRef(i, known[i].title, known[i].maker, known[i].licence) for i in named if i in known}
    found = PictureTrace(
        source.take or str(ref), source.title, source.medium, used.id if used else "", home.name, tuple(works.values()), like, regions,
        int(at[first]), len(every), tuple(c[0].p for c in compared), picture_record.summary(like, works, regions, doubts),
        picture_record.notes(clips=home.medium == "video"), doubts,
    )  # fmt: skip

    def pixels_of(work_id: str, at: int) -> npt.NDArray[np.uint8]:
        medium = MEDIA[known[work_id].medium]
        assert is_pictorial(medium)
        frames = medium.frames(opened.contents(str(project.root))(work_id))
        return frame(frames[min(at, len(frames) - 1)], square)

    return _Pictured(found, looked[first], pixels_of)


def _window(used: ModelInfo | None, home: Collection) -> int:
    """How many frames of a clip the model sees at once; 0 for pictures, and where no model says."""
    return (
        int(used.header["net"]["frames"])
        if used is not None and home.medium == "video" and "net" in used.header
        else 0
    )


def _compared(every: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """Which frames of a picture or clip are compared."""
    from etude.stats.evenly import spread

    return spread(len(every), TRACE.frames_compared)


_WITHOUT = "Make them without --no-copy (a branch: with --copy), and look at the works beside each take: etude trace TAKE"


def nearness(
    project: Project, found: ModelInfo, on_progress: Callable[[int, int, str], None] | None = None
) -> Callable[[npt.NDArray[np.uint8]], float]:
    """The p-value that a trace by this picture model gives to frames (F, H, W, C). Raises TakeError where too few works are held out to say."""
    home = project.collection(_home(found))
    present, split, square = _present(project, home), _parts(home, found), from_json(found.header["framing"])
    train, held_out = (_of_role(split, role, present) for role in ("train", "held-out"))
    if not train:
        raise TakeError("None of the works that were learned from is in the project any more.", _WITHOUT)
    unseen, needed = len({work for work, *_ in held_out}), TRACE.held_out_needed
    few = "Too few works are held out to say which takes are near to one"
    if unseen < needed:
        raise TakeError(f"{few}: {unseen} of {needed}.", _WITHOUT)
    with opened.telling(on_progress):
        shelf = opened.gallery(
            str(project.root), home.medium, train, held_out, square, _window(found, home)
        ).shelf
    looked = min(TRACE.frames_compared, max(1, _window(found, home)))
    if len(shelf.usual) < (
        needed := shelf.needed(TRACE.alpha, looked)
    ):  # many of them are shorter than takes
        raise TakeError(f"{few}: {len(shelf.usual)} of {needed}.", _WITHOUT)

    def unusual(frames: npt.NDArray[np.uint8]) -> float:
        return shelf.unusual([frame(frames[int(i)], square) for i in _compared(frames)])

    return unusual


def _doubts(
    project: Project,
    used: ModelInfo | None,
    home: Collection,
    like: Mapping[str, str],
    every: npt.NDArray[np.uint8],
    held_out: opened.Parts,
    square: Framing,
    at: int,
) -> Rows | None:
    """Where the model's critic, told what it was made as (`like`), doubts frame `at` of a picture or of a clip as long as the model's; None where it cannot say."""
    if (
        used is None
        or used.header.get("family") != "pictures"
        or _home(used) != home.name
        or len(every) != int(used.header["net"]["frames"])
    ):
        return None  # works that another model's split holds out may be what this one learned from
    measured = opened.doubts(project, used, held_out)
    if measured is None:
        return None
    judge, usual = measured
    logits = judge(np.stack([frame(one, square) for one in every]), like)
    return doubted(logits[at], usual)


def _model(
    project: Project, source: Source, recipe: Recipe | None, named: str | None, collection: str | None
) -> ModelInfo | None:
    """The model whose shares are shown; None when the person asked for a collection only, or there is none."""
    if named:
        return project.model(named)
    if recipe is not None and (recipe := first_made(project, recipe)).model:
        with suppress(ModelError):
            return project.model(recipe.model)
    fits = [
        m
        for m in project.models()
        if m.medium == source.medium and (collection is None or _home(m) == collection)
    ]
    return fits[-1] if fits else None


def _home(model: ModelInfo | None) -> str:
    return str(model.header.get("collection", "")) if model else ""


def _any_collection(project: Project, source: Source) -> Collection:
    fits = [known for known in project.collections() if known.medium == source.medium and known.entries]
    if not fits:
        raise TakeError(
            f"There is no collection of {source.medium} to trace by.",
            "Add works first: etude add PATH... --collection NAME",
        )
    if len(fits) > 1:
        names = ", ".join(known.name for known in fits)
        raise TakeError(
            f"There are {len(fits)} collections of {source.medium}: {names}.", "Name one with --collection."
        )
    return fits[0]


def _present(project: Project, home: Collection) -> list[str]:
    """The collection's works that are in the project. Raises ProjectError when there is none."""
    known = {work.id for work in project.works()}
    ids = [work_id for work_id in home.works() if work_id in known]
    if not ids:
        raise ProjectError(
            f"Collection '{home.name}' is empty.",
            f"Add works: etude add PATH... --collection {quote(home.name)}",
        )
    return ids


def _parts(home: Collection, used: ModelInfo | None) -> list[tuple[str, int, int, str]]:
    """The split that the model was learned by, which may have named works to hold out; else the collection's."""
    if used is not None and _home(used) == home.name and "parts" in used.header:
        return [
            (str(work), int(start), int(end), str(role)) for work, start, end, role in used.header["parts"]
        ]
    return [(part.work_id, part.start, part.end, part.role) for part in home.parts]


def _of_role(split: Sequence[tuple[str, int, int, str]], role: str, present: Sequence[str]) -> opened.Parts:
    known = set(present)
    return tuple((work, start, end) for work, start, end, its in split if its == role and work in known)


def _scored(project: Project, used: ModelInfo | None, source: Source, recipe: Recipe | None) -> Scored | None:
    if used is None:
        return None
    from etude.api.make import request
    from etude.families.sequence.make.conditioning import heard
    from etude.families.sequence.make.sampling import lift_of

    controls = dict(recipe.controls) if recipe else {}
    model, met = opened.model(project, used), None
    if recipe is not None and recipe.kind == "made" and recipe.source:
        met = heard(model.codec, source.content, request(project, recipe, 1))
    scored: Scored = model.score(
        source.content,
        encoded=met,
        growing=bool(controls.get("adapt", False)),
        conditions=dict(controls.get("like") or {}),
        borrow_lift=lift_of(float(controls.get("borrow", 0.5))),
        with_places=True,
    )
    return scored
