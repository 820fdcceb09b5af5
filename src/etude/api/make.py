"""`make`, `branch`, `remake`: takes from a model by recipes that give the same bytes again.

What a person asked for becomes a recipe first, and the take is made from the recipe alone, so that making, branching and
remaking are one thing. Takes that share a recipe but for the index are made together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

import numpy as np
import numpy.typing as npt

from etude import __version__
from etude.api.sliders import Wanted, framed, is_picture_model, sample_apart, usual_choice
from etude.api.sliders import content_of as picture_content
from etude.api.sliders import controls as picture_controls
from etude.api.sliders import measured as picture_measured
from etude.api.sliders import sample as sample_pictures
from etude.api.takes import TakeInfo, act_name, desk, info, readable
from etude.config.pictures import EXPLORE
from etude.config.sequence import MAKE
from etude.config.trust import TRACE
from etude.errors import EtudeError, ModelError, TakeError
from etude.media import MEDIA, is_pictorial
from etude.store.arrays import read_arrays, write_arrays
from etude.store.files import write_atomic
from etude.store.models import ModelInfo
from etude.store.project import Project
from etude.takes.history import may
from etude.takes.recipe import CLOSE, Recipe, compare, differences, versions
from etude.workspace.asked import check, drafts_of, gap_of, only, spelt
from etude.workspace.contents import Source, find, follow, made_above, remember, take_data
from etude.workspace.seeds import next_seed

if TYPE_CHECKING:
    from etude.families.pictures.make.request import MadePicture
    from etude.families.sequence.make.copy_guard import Shelf
    from etude.families.sequence.make.sampling import Made, MakeRequest
    from etude.families.sequence.model import SequenceModel

Near = Callable[
    [npt.NDArray[np.uint8]], float
]  # the p-value of frames (F, H, W, C): how seldom an unseen work is as near to a work


@dataclass(frozen=True)
class MadeTakes:
    """New takes of one recipe, in the order made (the best first when the critic ranked them). `left_out`: how many drafts `no_copy` left out."""

    schema: ClassVar[str] = "etude.make/1"
    model: str
    seed: int
    takes: tuple[TakeInfo, ...]
    left_out: int = 0


@dataclass(frozen=True)
class Remade:
    """A take made again: bit-equal, close or different; `likeness` 0..1; the first unit that differs; why."""

    schema: ClassVar[str] = "etude.remake/1"
    take: str
    verdict: str
    likeness: float
    first_difference: int | None
    reasons: tuple[str, ...]


def open_model(project: Project, ref: str) -> SequenceModel:
    """A sequence model ready to make, score and trace. Opened models are kept, since opening one costs seconds. Raises ModelError for
    one that makes pictures."""
    found = project.model(ref)
    if is_picture_model(found):
        raise ModelError(
            f"Model '{found.id}' makes {found.medium}: it foresees no text and no notes.",
            "Name another: etude models",
        )
    return _opened(str(project.root), found.id, found.hash)


@lru_cache(maxsize=2)
def _opened(root: str, model_id: str, _hash: str) -> SequenceModel:
    from etude.families.sequence.model import SequenceModel

    project = Project.open(root)
    header, arrays = project.load_model(model_id)
    model = SequenceModel.from_arrays(header, arrays)
    path = project.cache_dir("memory") / f"{model_id}.safetensors"
    with suppress(EtudeError):  # a damaged or unwritable cache costs seconds, not the take
        kept = read_arrays(path)
        if kept is not None and kept[0].get("model") == _hash and kept[0].get("version") == __version__:
            model.use_counts(kept[1])
        else:
            counts = model.counted()
            if sum(a.nbytes for a in counts.values()) <= MAKE.most_cached_bytes:
                write_arrays(path, {"model": _hash, "version": __version__}, counts)
    return model


def make(
    project: Project,
    /,
    model: str,
    *,
    n: int = 8,
    seed: int | None = None,
    source: str | Path | None = None,
    fill: tuple[int, int] | None = None,
    voices: Sequence[str] = (),
    bars: tuple[int, int] | None = None,
    like: Mapping[str, str] | None = None,
    length: int | None = None,
    temperature: float | None = None,
    borrow: float | None = None,
    no_copy: int | None = None,
    adapt: bool = False,
    rank: bool | None = None,
    drafts: int | None = None,
    on_progress: Callable[[int, int, str], None] | None = None,
    **of_pictures: Any,
) -> MadeTakes:
    """Make `n` takes. `source`: a file, take, piece or work to go on from, or to fill: `fill` (characters start, end) in a text,
    `bars` (first, last, counted from 1) in music, `voices` of it that stay while the others are made ("all": every one).

    `rank`: whether the critic chooses, among `drafts` of each block and then among the takes; None: where the model's held-out test said that it helps.
    `seed` is the next unused one when not given. `no_copy`: no run of so many words or notes as it stands in a work; of pictures any number says that takes which a
    trace would flag are left out and others made (`on_progress`: done, of how many, what is compared). Of pictures and clips `source` is what a take begins with, and `of_pictures` are the
    fields of `exploring.Wanted`: steps, guidance, eta, strength, vary, region, mask, mix, shares, breed, series, slide, choose. Raises ModelError or
    TakeError when the request does not fit the model.
    """
    wanted = Wanted(**of_pictures)
    found = project.model(model)
    given = find(project, source) if source is not None else None
    if is_picture_model(found):
        of_sequences = {
            "fill": fill,
            "voices": voices,
            "bars": bars,
            "length": length,
            "temperature": temperature,
            "borrow": borrow,
        }
        of_sequences |= {"adapt": adapt, "rank": rank, "drafts": drafts}
        only(
            found,
            [
                name
                for name, value in of_sequences.items()
                if value is not None and value is not False and value != [] and value != ()
            ],
        )
        if no_copy is not None and wanted.series:
            raise TakeError(
                "Each step of a series has its place; none can be left out.",
                "Leave --no-copy or --series out.",
            )
        return _make_pictures(
            project, found, given, n, seed, like or {}, wanted, None, no_copy is not None, on_progress
        )
    only(found, wanted.said())
    check(found.medium, given, fill, voices, bars)
    asked = {"temperature": temperature, "borrow": borrow, "no_copy": no_copy, "rank": rank, "units": length}
    controls: dict[str, Any] = {key: value for key, value in asked.items() if value is not None}
    controls |= {"adapt": True} if adapt else {}
    controls |= drafts_of(found.header, rank, drafts, fill)
    manner = spelt(project, found, like or {})
    controls |= {"like": manner} if manner else {}
    if given is not None:
        controls |= gap_of(given, fill, voices, bars)
    with project.lock():
        recipe = Recipe(
            found.medium,
            model=found.id,
            model_sha256=found.weights_sha256,
            seed=next_seed(project, found.weights_sha256) if seed is None else seed,
            controls=controls,
            source=remember(project, given) if given else {},
            parents=(given.take,) if given and given.take else (),
            made_with=versions(),
        )
    return _propose(project, recipe, n)


def loop(
    project: Project,
    model: str,
    *,
    n: int = 1,
    seconds: float = 3.0,
    rate: float = 16.0,
    waves: int = 2,
    calm: float = 0.5,
    through: Sequence[str | Path] = (),
    seed: int | None = None,
    like: Mapping[str, str] | None = None,
    steps: int | None = None,
    guidance: float | None = None,
    eta: float | None = None,
    slide: Mapping[str, float] | None = None,
) -> MadeTakes:
    """Clips without an end, of a model of pictures: its noise goes round on a closed path of whole-number frequencies up to `waves`
    (`calm` 0..1: how far the slow ones outweigh the quick), or round through takes, pieces, works or files (`through`)."""
    found = project.model(model)
    if not is_picture_model(found) or found.medium != "image":
        raise ModelError(
            f"Model '{found.id}' makes {found.medium}: loops come from models of pictures.",
            "List them: etude models",
        )
    frames = round(seconds * rate)
    if not 2 <= frames <= EXPLORE.most_frames:
        raise TakeError(
            f"{seconds:g} s at {rate:g} frames a second are {frames:,} frames.",
            f"At most {EXPLORE.most_frames}, at least 2.",
        )
    if len(through) == 1:
        raise TakeError("A loop through one picture does not move.", "Name two or more with --through.")
    control = {"frames": frames, "rate": rate, "waves": waves, "calm": calm}
    wanted = Wanted(steps=steps, guidance=guidance, eta=eta, slide=slide, mix=through)
    return _make_pictures(project, found, None, n, seed, like or {}, wanted, control)


def _make_pictures(
    project: Project,
    found: ModelInfo,
    given: Source | None,
    n: int,
    seed: int | None,
    like: Mapping[str, str],
    wanted: Wanted,
    closed: Mapping[str, Any] | None,
    no_copy: bool = False,
    on_progress: Callable[[int, int, str], None] | None = None,
) -> MadeTakes:
    """Takes of a picture model; `closed` makes them loops."""
    start = framed(found, given) if given is not None else None
    asked_like = spelt(project, found, like)
    with project.lock():
        asked = picture_controls(project, found, start, wanted, n)
        asked |= {"like": asked_like} if asked_like else {}
        asked |= {"loop": dict(closed)} if closed else {}
        parents = [ref["take"] for ref in asked.get("mix", []) if "take" in ref]
        recipe = Recipe(
            "video" if closed else found.medium,
            model=found.id,
            model_sha256=found.weights_sha256,
            seed=next_seed(project, found.weights_sha256) if seed is None else seed,
            controls=asked,
            source=remember(project, start) if start else {},
            parents=(start.take,) if start and start.take else tuple(parents),
            made_with=versions(),
        )
    near = (
        _nearness(project, found, on_progress) if no_copy else None
    )  # the request fits: now works are compared, outside the lock
    return _propose(project, recipe, n, usual_choice(found, recipe, wanted.choose), near)


def _nearness(
    project: Project, found: ModelInfo, on_progress: Callable[[int, int, str], None] | None = None
) -> Near:
    from etude.api.trace import nearness

    return nearness(project, found, on_progress)


def branch(
    project: Project,
    /,
    ref: str,
    *,
    n: int = 4,
    at: int | None = None,
    seed: int | None = None,
    no_copy: bool | None = None,
    on_progress: Callable[[int, int, str], None] | None = None,
    **changed: float,
) -> MadeTakes:
    """New takes from a take: from its first `at` units on, or by the same recipe with another seed; `changed`: other controls. `no_copy`:
    of pictures, whether near copies are left out; None: as the take was made."""
    found, _ = take_data(project, ref)
    may(desk(project), "branched", found.id)
    old = Recipe.from_json(found.record)
    origin = made_above(project, found)
    made = Recipe.from_json(origin.record)
    known = {"temperature", "borrow"}
    if is_pictorial(MEDIA[old.medium]):
        known = set() if "loop" in made.controls else {"vary"}
    only(project.model(made.model), [name for name in changed if name not in known])
    fresh = next_seed(project, made.model_sha256) if seed is None else seed
    controls = {**made.controls, **changed}
    new = replace(made, seed=fresh, index=0, controls=controls, parents=(found.id,), made_with=versions())
    if at is not None and is_pictorial(MEDIA[old.medium]):
        raise TakeError(
            "A picture has no place to go on from.", f"Leave --at out: etude take branch {found.id}"
        )
    if at is not None:
        medium = MEDIA[old.medium]
        units = medium.size(follow(project, {"take": found.id}))
        if at >= units:
            raise TakeError(
                f"Take {found.id} has {units:,} {medium.unit}; it cannot be gone on from {at}.",
                f"Give --at below {units}.",
            )
        gone = {key: value for key, value in controls.items() if key not in ("fill", "keep", "bars")}
        new = replace(new, source={"take": found.id, "medium": old.medium, "until": at}, controls=gone)
    elif is_pictorial(MEDIA[old.medium]) and "loop" not in made.controls:
        gone = {
            key: value
            for key, value in controls.items()
            if key not in ("strength", "region", "mask", "mix", "breed", "series", "shares", "slide", "eta")
        }
        new = replace(
            new, source={"take": found.id, "medium": old.medium}, controls={"vary": EXPLORE.vary, **gone}
        )
    elif is_pictorial(MEDIA[old.medium]) and old.kind == "edited":
        raise TakeError(
            "A loop that you edited cannot be branched: a loop is made from noise alone.",
            f"Branch what it was made as: etude take branch {origin.id}",
        )
    elif is_pictorial(MEDIA[old.medium]) and "mix" in controls:
        new = replace(new, index=1)  # the first is the way through the parents themselves, whatever the seed
    elif old.kind == "edited":
        new = replace(new, source={"take": found.id, "medium": old.medium})
    if no_copy is not None and (not is_pictorial(MEDIA[old.medium]) or "loop" in made.controls):
        raise TakeError(
            "A loop is not compared with works while it is made."
            if is_pictorial(MEDIA[old.medium])
            else "A branch of a text or of music is guarded as its take was.",
            "Leave --no-copy and --copy out.",
        )
    guarded = "near" in (origin.record.get("measured") or {}) if no_copy is None else no_copy
    done = _propose(
        project, new, n, near=_nearness(project, project.model(made.model), on_progress) if guarded else None
    )
    project.log("branched", act=act_name(), take=found.id, into=[take.id for take in done.takes], until=at)
    return done


def make_again(project: Project, recipe: Recipe) -> bytes:
    """The bytes that this recipe gives now. Raises ModelError when its model is gone, TakeError when there is nothing to make."""
    if recipe.kind != "made":
        raise TakeError(
            "This take was edited by a person: there is no recipe that makes it.",
            f"Remake what it came from: {recipe.parents[0]}",
        )
    if is_pictorial(MEDIA[recipe.medium]):
        return MEDIA[recipe.medium].store(picture_content(recipe, sample_pictures(project, recipe, 1)[0]))
    made = _made(project, recipe, 1)[0]
    return MEDIA[recipe.medium].store(made.content)


def remake(project: Project, ref: str, *, out: str | Path | None = None) -> Remade:
    """Make a take (or the take of a piece) again from its recipe, and compare."""
    try:
        take = project.take(ref)
    except TakeError:
        take = project.take(str(project.piece(ref).record.get("take", "")))
    recipe = Recipe.from_json(take.record)
    again = make_again(project, recipe)
    medium = MEDIA[recipe.medium]
    if out is not None:
        path = Path(out).expanduser()
        fmt = path.suffix.lower().removeprefix(".") or medium.formats[0]
        write_atomic(path, medium.write(medium.load(again), fmt))
    if hashlib.sha256(again).hexdigest() == take.sha256:
        return Remade(take.id, "bit-equal", 1.0, None, ())
    why = differences(recipe, project.model(recipe.model).weights_sha256, versions())
    before = take.data or b""
    if not before:
        lost = "the bytes on record were cleared: only their hash can be compared"
        return Remade(take.id, "different", 0.0, None, (lost, *why))
    if is_pictorial(medium):
        lines = [_units(medium.load(one)) for one in (before, again)]
        same = [a == b for a, b in zip(*lines, strict=False)]
        likeness = sum(same) / max(1, *map(len, lines))
        verdict = "close" if likeness >= CLOSE else "different"
        return Remade(take.id, verdict, likeness, same.index(False) if False in same else len(same), why)
    found = compare(before, again, _units(medium.load(before)), _units(medium.load(again)), why)
    return Remade(take.id, found.verdict, found.likeness, found.first_difference, found.reasons)


def _units(content: Any) -> Sequence[Any]:
    """What is compared one by one: characters, notes, lines of pixels."""
    if isinstance(content, str):
        return content
    if hasattr(content, "flat") and callable(content.flat):
        return cast("Sequence[Any]", content.flat())
    frames = getattr(content, "frames", content)
    return [line.tobytes() for line in frames.reshape(-1, frames.shape[-2] * frames.shape[-1])]


def _apart(
    project: Project, recipe: Recipe, n: int, choose: int, near: Near
) -> tuple[list[MadePicture], int]:
    """Pictures of a recipe that are no near copies, and how many drafts were left out. Raises TakeError where all are."""
    pictures, left_out = sample_apart(project, recipe, n, choose, near)
    if not pictures:
        begins = bool(recipe.source or "mix" in recipe.controls)
        raise TakeError(
            f"All {left_out} drafts lie nearer to a work than {100 * (1 - TRACE.alpha):.0f} % of unseen works do: "
            + (
                "what they begin with is near one, or the model knows it by heart."
                if begins
                else "this model knows its works by heart."
            ),
            "Make them without --no-copy (a branch: with --copy), and look at what they are near to: etude trace TAKE"
            if begins
            else "Learn it from more works, or for a shorter time; or leave --no-copy out.",
        )
    return pictures, left_out


def _propose(
    project: Project, recipe: Recipe, n: int, choose: int = 1, near: Near | None = None
) -> MadeTakes:
    """Make, store and log `n` takes of one recipe, of pictures chosen from `choose` times as many drafts and no near copies where `near` says what is one."""
    kind = MEDIA[recipe.medium]
    rows, left_out = [], 0
    if is_pictorial(kind):
        pictures, left_out = (
            (sample_pictures(project, recipe, n, choose), 0)
            if near is None
            else _apart(project, recipe, n, choose, near)
        )
        for picture in pictures:
            record = replace(recipe, index=picture.index).to_json() | {
                "measured": picture_measured(recipe, picture)
            }
            rows.append((record, kind.store(picture_content(recipe, picture))))
    else:
        for one in _made(project, recipe, n):
            record = replace(recipe, index=one.index).to_json() | {
                "measured": _measured(kind.size(one.content), one)
            }
            rows.append((record, kind.store(one.content)))
    stored = project.put_takes(rows)
    states = desk(project)
    shown = [
        info(take, states, readable(recipe.medium, data))
        for take, (_, data) in zip(stored, rows, strict=True)
    ]
    return MadeTakes(recipe.model, recipe.seed, tuple(shown), left_out)


def _measured(units: int, made: Made) -> dict[str, Any]:
    """What the model says of its own take: surprise a unit, share of the memory, the critic's answer."""
    nats = float(sum(made.nats))
    return {
        "units": units,
        "nats_per_unit": round(nats / max(1, units), 4),
        "memory_share": round(float(made.memory_share), 4),
        **({"critic": round(float(made.critic), 4)} if made.critic is not None else {}),
    }


def _made(project: Project, recipe: Recipe, n: int) -> list[Made]:
    from etude.families.sequence.make.sampling import make as sample

    model = open_model(project, recipe.model)
    return sample(model, request(project, recipe, n))


def request(project: Project, recipe: Recipe, n: int) -> MakeRequest:
    """The recipe as the sampler reads it: contents in the place of references."""
    from etude.families.sequence.make.copy_guard import EMPTY
    from etude.families.sequence.make.sampling import MakeRequest

    controls = dict(recipe.controls)
    conditions = controls.pop("like", {})
    content = follow(project, recipe.source)
    if content is not None and "until" in recipe.source:
        content = MEDIA[recipe.medium].cut(content, 0, int(recipe.source["until"]))
    given: Any = None
    fill = controls.pop("fill", None)
    keep, bars = controls.pop("keep", None), controls.pop("bars", None)
    if recipe.medium == "music" and (keep is not None or bars is not None):
        from etude.media.music.grid_cursor import Given

        given, content = Given(content, tuple(keep or ()), tuple(bars) if bars else None), None
    return MakeRequest(
        n=n,
        seed=recipe.seed,
        first_index=recipe.index,
        conditions=conditions,
        start=content,
        fill=tuple(fill) if fill else None,
        given=given,
        shelf=_shelf(project, recipe) if controls.get("no_copy") is not None else EMPTY,
        **controls,
    )


def _shelf(project: Project, recipe: Recipe) -> Shelf:
    """Every work of the collection that the model was learned from, held-out ones too, for the copy guard: as the collection was then,
    so that the recipe gives the same take again when works have been added since."""
    from etude.families.sequence.make.copy_guard import Shelf

    header = project.model(recipe.model).header
    named = header.get("shelf") or [work for work, *_ in header.get("parts") or []]
    known = {work.id for work in project.works()}
    ids = tuple(work for work in dict.fromkeys(map(str, named)) if work in known)
    return Shelf(ids, _read(str(project.root), ids))


@lru_cache(maxsize=2)
def _read(root: str, works: tuple[str, ...]) -> tuple[Any, ...]:
    """Their contents, kept for the next take."""
    from etude.workspace.evidence import contents

    return tuple(contents(root)(work) for work in works)
