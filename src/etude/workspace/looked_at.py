"""Takes and works as an audit looks at them side by side: in one size, as the model sees them, with features
and what people count.

Pictures are brought into the model's square, so that a take is not told from a work by its number of pixels;
long works are cut into passages as long as takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from etude.audit.blends import Pool
from etude.audit.quality import Looked
from etude.config.audit import AUDIT
from etude.media import MEDIA, pictorial
from etude.media.contract import Content
from etude.media.pixels.framing import frame_all
from etude.stats.evenly import evenly
from etude.store.models import ModelInfo
from etude.trace.likeness import passages
from etude.workspace.core import OnProgress, Parts, Workspace, with_progress
from etude.workspace.nearness import sight, square_of

Arrays = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Views:
    """Takes, works learned from and works held out; and the works in one pool."""

    takes: Looked
    train: Looked
    held_out: Looked
    pool: Pool


def views(
    ws: Workspace,
    model: ModelInfo,
    train: Parts,
    held_out: Parts,
    contents: Sequence[Content],
    size: int,
    progress: OnProgress,
) -> Views:
    """Everything looked at; works from the cache where they were before. `size`: units of a take."""
    view = _VIEWS[MEDIA[model.medium].marks_kind](model)
    own = takes(model, contents)
    learned = _of_works(ws, model, "train", train, size, view, progress)
    unseen = _of_works(ws, model, "held-out", held_out, size, view, progress)
    every = [one for one in (learned, unseen) if len(one)]
    order = np.argsort([*learned.works, *unseen.works], kind="stable")
    features = np.concatenate([one.features for one in every]) if every else own.features[:0]
    roles = np.array([True] * len(learned) + [False] * len(unseen), np.bool_)
    works = [*learned.works, *unseen.works]
    pool = Pool(features[order], roles[order], [works[int(i)] for i in order])
    return Views(own, learned, unseen, pool)


def takes(model: ModelInfo, contents: Sequence[Content]) -> Looked:
    """Takes alone."""
    view = _VIEWS[MEDIA[model.medium].marks_kind](model)
    return _looked(model.medium, ((str(i), view(one)) for i, one in enumerate(contents)))


def _as_it_is(model: ModelInfo) -> Callable[[Content], Content]:
    return lambda content: content


def _as_framed(model: ModelInfo) -> Callable[[Content], Content]:
    medium, square = pictorial(model.medium), square_of(sight(model))
    return lambda content: medium.from_frames(frame_all(medium.frames(content), square), medium.rate(content))


_VIEWS: Mapping[str, Callable[[ModelInfo], Callable[[Content], Content]]] = {
    "shingles": _as_it_is,
    "signature": _as_framed,
}


def _of_works(
    ws: Workspace,
    model: ModelInfo,
    role: str,
    parts: Parts,
    size: int,
    view: Callable[[Content], Content],
    progress: OnProgress,
) -> Looked:
    medium = MEDIA[model.medium]
    some = tuple(parts[int(i)] for i in evenly(len(parts), AUDIT.features))

    def every() -> Iterator[tuple[str, Content]]:
        for work, start, end in with_progress(some, f"looking at {role} works", progress):
            content = ws.contents.read(work)
            spans = passages(medium, content, size, start, end)
            yield from ((work, view(medium.cut(content, a, b))) for a, b in spans)

    def built() -> Arrays:
        return _arrays(_looked(model.medium, every()))

    key = f"{model.id} {model.hash} {size} {list(some)}"
    found = _from_arrays(ws.arrays("looked-at", key, built))
    at = evenly(len(found), 2 * AUDIT.features).tolist()
    return Looked(found.features[at], [found.counted[i] for i in at], [found.works[i] for i in at])


def _looked(name: str, every: Iterator[tuple[str, Content]]) -> Looked:
    medium = MEDIA[name]
    works: list[str] = []
    rows, counted = [], []
    for work, content in every:
        works.append(work)
        rows.append(medium.features(content).astype(np.float64))
        counted.append(dict(medium.descriptors(content)))
    return Looked(np.stack(rows) if rows else np.zeros((0, 1)), counted, works)


def _arrays(of: Looked) -> Arrays:
    names = list(dict.fromkeys(name for one in of.counted for name in one))
    table = np.array([[one.get(name, np.nan) for name in names] for one in of.counted], np.float64)
    return {
        "features": of.features.astype(np.float32),
        "counted": table.reshape(len(of), len(names)),
        "names": _packed(names),
        "works": _packed(of.works),
    }


def _from_arrays(arrays: Arrays) -> Looked:
    names, table = _unpacked(arrays["names"]), arrays["counted"]
    counted = [
        {name: float(v) for name, v in zip(names, row, strict=True) if np.isfinite(v)} for row in table
    ]
    features = np.asarray(arrays["features"], np.float64)
    return Looked(features, counted, _unpacked(arrays["works"]))


def _packed(words: Sequence[str]) -> npt.NDArray[np.uint8]:
    return np.frombuffer("\n".join(words).encode(), np.uint8)


def _unpacked(packed: npt.NDArray[Any]) -> list[str]:
    text = np.asarray(packed, np.uint8).tobytes().decode()
    return text.split("\n") if text else []
