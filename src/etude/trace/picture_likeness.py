"""Which works a picture is like, as a whole and region by region, and whether more so than an unseen work
would be.

The whole picture is compared as `pictures/nearest_works.py` does. Regions of one work are not independent
of each other, so the map of regions is a guide for the eye and the p-value of the whole picture is the
claim. A likeness says nothing of influence. Knows no project.

Letters: N works, P regions, D features, H W pixels, C channels.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from etude.config.trust import TRACE
from etude.errors import ProjectError
from etude.families.pictures import random_features
from etude.families.pictures.model import to_float
from etude.families.pictures.nearest_works import WHOLE, ReferenceSet, along, axes
from etude.stats.conformal import p_value
from etude.stats.evenly import evenly
from etude.trace.picture_record import Region
from etude.trace.record import Neighbour, Resembles

UInt8 = npt.NDArray[np.uint8]
Float32 = npt.NDArray[np.float32]
PART = 24  # directions kept of the features of a region


@dataclass(frozen=True)
class PictureIndex:
    """What pictures are compared with: the works learned from as features, what is ordinary, and how features
    are measured.

    `whole` (N, WHOLE) and `part` (M, PART) of unit length; `owner` (M,) the work of a region, `cell` (M,) its
    place; `frame` (N,) which frame of its work a picture is; `usual` (H,) and `usual_part` (K,) the greatest
    similarities of held-out works, of clips over `looked` (H,) frames of each, and of their regions;
    `held_out` works.
    """

    works: tuple[str, ...]
    whole: Float32
    part: Float32
    owner: npt.NDArray[np.int32]
    cell: npt.NDArray[np.int32]
    frame: npt.NDArray[np.int32]
    usual: Float32
    usual_part: Float32
    held_out: int
    looked: npt.NDArray[np.int32]
    axes: tuple[
        Float32, Float32, Float32, Float32
    ]  # mean and directions of whole and part, directions over their deviation

    @property
    def shelf(self) -> ReferenceSet:
        """What whole pictures are compared with."""
        return ReferenceSet(self.whole, self.axes[0], self.axes[1], self.usual, self.looked)

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Plain arrays for the store's cache."""
        named = dict(zip(("whole_mean", "whole_axes", "part_mean", "part_axes"), self.axes, strict=True))
        return {
            "works": np.frombuffer("\n".join(self.works).encode(), dtype=np.uint8),
            "whole": self.whole,
            "part": self.part,
            "owner": self.owner,
            "cell": self.cell,
            "frame": self.frame,
            "usual": self.usual,
            "usual_part": self.usual_part,
            "held_out": np.array([self.held_out], np.int64),
            "looked": self.looked,
            **named,
        }

    @staticmethod
    def from_arrays(a: Mapping[str, npt.NDArray[Any]]) -> PictureIndex:
        """What `to_arrays` gave. Raises ProjectError where it does not fit together."""
        try:
            works = tuple(np.asarray(a["works"], np.uint8).tobytes().decode().split("\n"))
            axes = (a["whole_mean"], a["whole_axes"], a["part_mean"], a["part_axes"])
            found = PictureIndex(
                works,
                a["whole"],
                a["part"],
                a["owner"],
                a["cell"],
                a["frame"],
                a["usual"],
                a["usual_part"],
                int(a["held_out"][0]),
                a["looked"],
                axes,
            )
        except KeyError as error:
            raise ProjectError(
                f"The cached features are damaged: {error} is missing.", "Rebuild them with: etude repair"
            ) from error
        if (
            len(works) != len(found.whole)
            or len(found.owner) != len(found.part)
            or len(found.looked) != len(found.usual)
        ):
            raise ProjectError(
                "The cached features are damaged: their lengths differ.", "Rebuild them with: etude repair"
            )
        return found


def build(
    train: Sequence[tuple[str, int, UInt8]],
    held_out: Sequence[tuple[str, Sequence[UInt8]]],
    *,
    progress: Callable[[int, int, str], None] | None = None,
) -> PictureIndex:
    """An index of framed pictures: work, frame, pixels (H, W, C), at least one; and of works held out, each
    with the frames that are looked at, pictures of clips with one. `progress`: done, of how many, what."""
    works = tuple(work for work, _, _ in train)
    numbers = np.array([at for _, at, _ in train], np.int32)
    wholes, parts, full = [], [], []
    for i in range(0, len(train), 256):  # in numbers they take four times the memory
        x = to_float(np.stack([pixels for _, _, pixels in train[i : i + 256]]))
        wholes.append(random_features.features(x).astype(np.float32))
        some, filled = random_features.patches(x)
        parts.append(some)
        full.append(filled)
    whole, part, held = np.concatenate(wholes), np.concatenate(parts), np.concatenate(full)
    found = (*axes(whole, WHOLE), *axes(part[held][:: max(1, int(held.sum()) // 20_000)], PART))
    owner, cell = np.nonzero(held)
    index = PictureIndex(
        works,
        along(whole, found[0], found[1]),
        along(part[held], found[2], found[3]),
        owner.astype(np.int32),
        cell.astype(np.int32),
        numbers,
        np.zeros(0, np.float32),
        np.zeros(0, np.float32),
        0,
        np.zeros(0, np.int32),
        found,
    )
    each = max((len(frames) for _, frames in held_out), default=1)
    kept = [
        held_out[i]
        for i in evenly(len(held_out), max(TRACE.held_out_needed, TRACE.held_out_pictures // each))
    ]
    usual, usual_part = [], []
    for i, (_, frames) in enumerate(kept):
        if progress is not None:
            progress(i, len(kept), "comparing held-out works")
        usual.append(float(index.shelf.nearest(frames).max()))
        for pixels in frames:
            near, _, _ = _regions(index, pixels)
            usual_part.append(near[np.isfinite(near)])
    return replace(
        index,
        usual=np.array(usual, np.float32),
        usual_part=np.concatenate(usual_part).astype(np.float32) if usual_part else np.zeros(0, np.float32),
        held_out=len({work for work, _ in kept}),
        looked=np.array([len(frames) for _, frames in kept], np.int32),
    )


def _regions(
    index: PictureIndex, pixels: UInt8
) -> tuple[Float32, npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """For each of the 64 regions: the greatest similarity to any region of a work (-inf where it is empty),
    which, and whether mirrored."""
    pair = to_float(np.stack([np.ascontiguousarray(pixels), np.ascontiguousarray(pixels[:, ::-1])]))
    part, held = random_features.patches(pair)
    grid = np.arange(TRACE.grid**2).reshape(TRACE.grid, TRACE.grid)
    best = np.full(grid.size, -np.inf, np.float32)
    which = np.zeros(grid.size, np.int64)
    mirrored = np.zeros(grid.size, np.bool_)
    for turned, places in ((False, grid.ravel()), (True, grid[:, ::-1].ravel())):
        mine, full = part[int(turned)][places], held[int(turned)][places]
        if not full.any() or not len(index.part):
            continue
        y = along(mine[full], index.axes[2], index.axes[3])
        at = np.flatnonzero(full)
        near, who = np.full(len(y), -np.inf, np.float32), np.zeros(len(y), np.int64)
        for start in range(0, len(index.part), 65_536):
            s = y @ index.part[start : start + 65_536].T
            top = s.argmax(1)
            value = s[np.arange(len(y)), top]
            better = value > near
            near, who = np.where(better, value, near), np.where(better, top + start, who)
        better = near > best[at]
        best[at] = np.where(better, near, best[at])
        which[at] = np.where(better, who, which[at])
        mirrored[at] = np.where(better, turned, mirrored[at])
    return best, which, mirrored


def compare(
    index: PictureIndex, pixels: UInt8, *, alpha: float | None = None
) -> tuple[Resembles, tuple[Region, ...]]:
    """The nearest works of a framed picture (H, W, C) with a conformal p-value, and its regions, the most
    like first."""
    alpha = TRACE.alpha if alpha is None else alpha
    similarity = index.shelf.similar(pixels)
    nearest: dict[str, Neighbour] = {}
    for i in np.argsort(-similarity, kind="stable"):
        work = index.works[int(i)]
        nearest.setdefault(
            work,
            Neighbour(
                work,
                int(index.frame[int(i)]),
                int(index.frame[int(i)]) + 1,
                "",
                round(float(similarity[i]), 6),
            ),
        )
        if len(nearest) == TRACE.neighbours:
            break
    enough = index.held_out >= TRACE.held_out_needed
    p = index.shelf.p(float(similarity.max())) if enough else None
    whole = Resembles(
        tuple(nearest.values()),
        p,
        alpha,
        len(index.usual),
        index.held_out,
        TRACE.held_out_needed,
        p is not None and p <= alpha,
        1,
    )
    best, which, mirrored = _regions(index, pixels)
    side = TRACE.grid
    found = []
    for k in np.argsort(-best, kind="stable"):
        if not np.isfinite(best[k]):
            continue
        j = int(which[k])
        p = p_value(float(best[k]), index.usual_part) if enough else None
        found.append(
            Region(
                int(k) // side,
                int(k) % side,
                index.works[int(index.owner[j])],
                int(index.cell[j]) // side,
                int(index.cell[j]) % side,
                int(index.frame[index.owner[j]]),
                bool(mirrored[k]),
                round(float(best[k]), 6),
                p,
            )
        )
    return whole, tuple(found)
