"""What a trace opens once: the works that were read, the index of their words or notes, the banks of passages, the model with its places.

Each is kept in .etude/ under a key of what it was built from, rebuilt when it is missing, stale or damaged, and kept in this process
too, so that a second trace neither reads nor builds anything. Knows nothing of takes and pieces.
"""

from __future__ import annotations

import gc
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from etude import __version__
from etude.api.make import open_model
from etude.config.trust import TRACE
from etude.errors import EtudeError, ModelError, ProjectError
from etude.media import MEDIA, is_pictorial
from etude.media.pixels.framing import Framing, frame
from etude.store.arrays import read_arrays, write_arrays
from etude.store.models import ModelInfo
from etude.store.project import Project
from etude.trace.likeness import Bank, bank, ordinary
from etude.trace.verbatim import VerbatimIndex, build_index

if TYPE_CHECKING:
    from etude.families.sequence.model import SequenceModel
    from etude.trace.picture_likeness import Gallery

Arrays = Mapping[str, npt.NDArray[Any]]
Parts = tuple[tuple[str, int, int], ...]  # work, start, end
Judge = Callable[[npt.NDArray[np.uint8], Mapping[str, str]], npt.NDArray[np.float32]]


Tell = Callable[[int, int, str], None]  # done, of how many, what
# what is opened is kept by its arguments, and this is none of them
_TELL: ContextVar[Tell | None] = ContextVar("tell", default=None)


@contextmanager
def telling(tell: Tell | None) -> Iterator[None]:
    """Within this, what is opened for the first time says how far it is."""
    before = _TELL.set(tell)
    try:
        yield
    finally:
        _TELL.reset(before)


def _told(parts: Sequence[Any], what: str) -> Iterator[Any]:
    """The parts one by one, telling."""
    tell = _TELL.get()
    for i, part in enumerate(parts):
        if tell is not None:
            tell(i, len(parts), what)
        yield part


class Contents:
    """The works of one project by id, each read once; of very many the ones used last are kept."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._kept: OrderedDict[str, tuple[Any, int]] = OrderedDict()  # content and its units
        self._units = 0

    def __call__(self, work_id: str) -> Any:
        if work_id in self._kept:
            self._kept.move_to_end(work_id)
            return self._kept[work_id][0]
        project = Project.open(self._root)
        work = project.work(work_id)
        medium = MEDIA[work.medium]
        content = medium.read(project.work_bytes(work_id), suffix=work.suffix).content
        pixels = getattr(content, "frames", content)
        units = pixels.nbytes if isinstance(pixels, np.ndarray) else medium.size(content)
        self._kept[work_id] = content, units
        self._units += units
        while self._units > TRACE.units_kept and len(self._kept) > 1:
            _, (_, gone) = self._kept.popitem(last=False)
            self._units -= gone
        return content


@lru_cache(maxsize=4)
def contents(root: str) -> Contents:
    """The works of the project in this folder."""
    return Contents(root)


@lru_cache(maxsize=4)
def index(root: str, medium: str, works: tuple[str, ...]) -> VerbatimIndex:
    """The index of these works for verbatim search."""
    read = contents(root)
    arrays = _cached(
        root,
        "index",
        " ".join(works),
        lambda: build_index(medium, ((i, read(i)) for i in _told(works, "indexed"))).to_arrays(),
    )
    with suppress(ProjectError):
        return VerbatimIndex.from_arrays(arrays)
    return build_index(medium, ((i, read(i)) for i in works))  # the cache was of another version


@lru_cache(maxsize=8)
def banks(
    root: str, medium: str, train: Parts, held_out: Parts, size: int
) -> tuple[Bank, Bank, npt.NDArray[Any]]:
    """Passages of `size` units learned from and held out, and what similarity is ordinary between them."""
    learned, unseen = (
        _bank(root, medium, role, parts, size) for role, parts in (("train", train), ("held-out", held_out))
    )
    key = f"{size} {train} {held_out}"
    usual = _cached(root, "ordinary", key, lambda: {"nearest": ordinary(learned, unseen)})["nearest"]
    return learned, unseen, np.asarray(usual)


def _bank(root: str, medium: str, role: str, parts: Parts, size: int) -> Bank:
    read = contents(root)
    every = ((work, read(work), start, end) for work, start, end in _told(parts, f"measured, {role}"))
    return Bank.from_arrays(
        _cached(
            root, "bank", f"{role} {size} {list(parts)}", lambda: bank(MEDIA[medium], every, size).to_arrays()
        )
    )


@lru_cache(maxsize=4)
def gallery(
    root: str, medium: str, train: Parts, held_out: Parts, square: Framing, window: int = 0
) -> Gallery:
    """What a picture is compared with: the parts learned from and held out, framed as the model sees them; of clips some frames of each window of so many
    frames, as the model sees them too, held out of the first alone; 0: of each part."""
    from etude.stats.evenly import spread
    from etude.trace.picture_likeness import Gallery, build
    from etude.workspace.picture_dataset import windows_at

    kind = MEDIA[medium]
    assert is_pictorial(kind)

    def shown(
        parts: Parts, what: str, most: int, windows: int | None
    ) -> Iterator[tuple[str, list[tuple[int, npt.NDArray[np.uint8]]]]]:
        project = Project.open(
            root
        )  # read one by one and let go: a shelf of photographs need not fit the memory
        for work_id, start, end in _told(parts, what):
            work = project.work(work_id)
            every = kind.frames(kind.read(project.work_bytes(work_id), suffix=work.suffix).content)
            cut = every[start:end]
            if not len(cut):
                continue
            seen = (
                [at for at, _ in windows_at(cut, window, whole=len(cut) == len(every))]
                if window > 1
                else [np.arange(len(cut))]
            )
            for at in seen[:windows]:
                some = np.unique(at[spread(len(at), most)])  # of short clips frames are held
                yield work_id, [(start + int(i), frame(cut[int(i)], square)) for i in some]

    def built() -> Gallery:
        learned = [
            (work, at, pixels)
            for work, some in shown(train, "looked at, learned from", TRACE.frames_of_work, None)
            for at, pixels in some
        ]
        unseen = [
            (work, [pixels for _, pixels in some])
            for work, some in shown(held_out, "looked at, held out", TRACE.frames_compared, 1)
        ]
        return build(learned, unseen, tell=_TELL.get())

    key = f"4 {square.to_json()} {window} {train} {held_out}"
    arrays = _cached(root, "gallery", key, lambda: built().to_arrays())
    with suppress(ProjectError):
        return Gallery.from_arrays(arrays)
    return built()


def doubts(
    project: Project, found: ModelInfo, held_out: Parts
) -> tuple[Judge, npt.NDArray[np.float32]] | None:
    """The critic of a picture model as a function of frames (F, H, W, C) and what they were asked for, its answers (F, h, w) in logits; and its
    answers (M, h, w) on works held out, of clips on their middle frames. None where the model has no critic or nothing is held out."""
    from etude.api.sliders import of_model, open_pictures
    from etude.families.conditions import condition_values
    from etude.families.pictures.make.ranking import critic_of, regions
    from etude.workspace.picture_dataset import windows

    opened = open_pictures(project, found.id)
    critic = critic_of(opened)
    if critic is None or not held_out:
        return None
    kind, square = of_model(found)
    known = {work.id: work for work in project.works()}

    def judge(frames: npt.NDArray[np.uint8], like: Mapping[str, str]) -> npt.NDArray[np.float32]:
        return regions(critic, frames, condition_values(opened.conditions, like.get("maker", ""), like))

    def build() -> Arrays:
        out = []
        some = np.unique(
            np.linspace(0, len(held_out) - 1, min(len(held_out), TRACE.held_out_doubted)).astype(int)
        )
        for work_id, start, end in _told([held_out[int(i)] for i in some], "shown to the critic"):
            work = known[work_id]
            every = kind.frames(kind.read(project.work_bytes(work_id), suffix=work.suffix).content)
            cut = every[start:end]
            if opened.config.frames > 1:  # of a longer clip its first window
                cut = next(
                    (some for some, _ in windows(cut, opened.config.frames, whole=len(cut) == len(every))),
                    cut[:0],
                )
            if len(cut):
                seen = judge(
                    np.stack([frame(one, square) for one in cut]), {**work.attrs, "maker": work.maker}
                )
                out.append(seen[len(seen) // 2])
        return {"usual": np.array(out, np.float32)}

    key = f"1 {found.hash} {held_out}"
    return judge, np.asarray(_cached(str(project.root), "doubts", key, build)["usual"])


def model(project: Project, found: ModelInfo) -> SequenceModel:
    """A model that finds places at once."""
    return _model(str(project.root), found.id, found.hash)


@lru_cache(maxsize=2)
def _model(root: str, model_id: str, model_hash: str) -> SequenceModel:
    project = Project.open(root)
    opened = open_model(project, model_id)
    path = project.cache_dir("memory") / f"{model_id}.places.safetensors"
    about, fits = {"model": model_hash, "version": __version__}, False
    with suppress(EtudeError):  # a damaged cache costs seconds, not the trace
        kept = read_arrays(path)
        if kept is not None and kept[0] == about:
            opened.use_sorted(kept[1])
            fits = True
    if not fits and (made := opened.sorted_history) is not None:
        with suppress(EtudeError):  # and so does one that cannot be written
            write_arrays(path, about, made._asdict())
    gc.collect()
    gc.freeze()  # a model stays: looking through all of it for garbage again would cost every third trace a tenth of a second
    return opened


def _cached(root: str, kind: str, key: str, build: Callable[[], Arrays]) -> Arrays:
    """Arrays from .etude/trace/, built and kept when they are not there or damaged."""
    path: Path = (
        Project.open(root).cache_dir("trace")
        / f"{kind}-{hashlib.sha256(key.encode()).hexdigest()[:16]}.safetensors"
    )
    with suppress(ModelError):
        found = read_arrays(path)
        if found is not None:
            return found[1]
    arrays = build()
    with suppress(EtudeError):
        write_arrays(path, {"kind": kind}, arrays)
    return arrays


__all__ = ["Contents", "banks", "contents", "index", "model"]
