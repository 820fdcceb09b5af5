"""What a trace compares with beside the verbatim index: the banks of passages, the reference set of pictures.

Each is kept in .etude/ under a key of what it was built from, rebuilt where it is missing, stale or damaged,
and kept in the workspace too, so that a second trace neither reads nor builds anything. Knows nothing of
takes and pieces.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import numpy as np
import numpy.typing as npt

from etude.config.trust import TRACE
from etude.errors import ProjectError
from etude.media import MEDIA, pictorial
from etude.media.pixels.framing import Framing, frame
from etude.media.pixels.windows import windows_at
from etude.stats.evenly import evenly
from etude.trace.likeness import Bank, bank, ordinary
from etude.trace.picture_likeness import PictureIndex, build
from etude.workspace.core import Arrays, OnProgress, Parts, Workspace, with_progress


def banks(
    ws: Workspace, medium: str, train: Parts, held_out: Parts, size: int, progress: OnProgress
) -> tuple[Bank, Bank, npt.NDArray[Any]]:
    """Passages of `size` units learned from and held out, and what similarity is ordinary between them."""

    def build() -> tuple[Bank, Bank, npt.NDArray[Any]]:
        learned = _bank(ws, medium, "train", train, size, progress)
        unseen = _bank(ws, medium, "held-out", held_out, size, progress)
        key = f"{size} {train} {held_out}"
        usual = ws.arrays("ordinary", key, lambda: {"nearest": ordinary(learned, unseen)})["nearest"]
        return learned, unseen, np.asarray(usual)

    return ws.banks.get((medium, train, held_out, size), build)


def _bank(ws: Workspace, medium: str, role: str, parts: Parts, size: int, progress: OnProgress) -> Bank:
    def fresh() -> Arrays:
        every = (
            (w, ws.contents(w), start, end)
            for w, start, end in with_progress(parts, f"measuring {role} works", progress)
        )
        return bank(MEDIA[medium], every, size).to_arrays()

    return Bank.from_arrays(ws.arrays("bank", f"{role} {size} {list(parts)}", fresh))


def references(
    ws: Workspace,
    medium: str,
    train: Parts,
    held_out: Parts,
    square: Framing,
    window: int,
    progress: OnProgress,
) -> PictureIndex:
    """What a picture is compared with: the parts learned from and held out, framed as the model sees them; of
    clips some frames of each window of so many frames, held out of the first alone; 0: of each part."""
    kind = pictorial(medium)

    def shown(
        parts: Parts, what: str, most: int, windows: int | None
    ) -> Iterator[tuple[str, list[tuple[int, npt.NDArray[np.uint8]]]]]:
        for work, start, end in with_progress(parts, what, progress):
            every = kind.frames(ws.contents.read(work))
            cut = every[start:end]
            if not len(cut):
                continue
            seen = [np.arange(len(cut))]
            if window > 1:
                seen = [at for at, _ in windows_at(cut, window, whole=len(cut) == len(every))]
            for at in seen[:windows]:
                some = np.unique(at[evenly(len(at), most)])  # of short clips frames are held
                yield work, [(start + int(i), frame(cut[int(i)], square)) for i in some]

    def built() -> PictureIndex:
        learned = [
            (work, at, pixels)
            for work, some in shown(train, "reading training works", TRACE.frames_of_work, None)
            for at, pixels in some
        ]
        unseen = [
            (work, [pixels for _, pixels in some])
            for work, some in shown(held_out, "reading held-out works", TRACE.frames_compared, 1)
        ]
        return build(learned, unseen, progress=progress)

    def kept() -> PictureIndex:
        key = f"4 {square.to_json()} {window} {train} {held_out}"
        arrays = ws.arrays("gallery", key, lambda: built().to_arrays())
        with suppress(ProjectError):
            return PictureIndex.from_arrays(arrays)
        return built()

    return ws.references.get((medium, train, held_out, square, window), kept)
