"""From a collection of pictures or clips to what the network sees: each work read, framed and let go, so that a shelf of photographs fits.

Clips become windows of one number of frames. A loop that is longer than that is taken whole, at fewer frames a second, so that it stays
a loop; anything else keeps its rate and is cut into windows that do not overlap.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from etude.config.pictures import PICTURES
from etude.errors import WorkError
from etude.media import MEDIA, is_pictorial
from etude.media.contract import PictureMedium
from etude.media.pixels.framing import Framing, frame_all
from etude.media.video.clip import closes
from etude.store.collections import Collection, Part
from etude.store.project import Project
from etude.store.works import Work

if TYPE_CHECKING:
    from etude.families.pictures.learn.plan import PictureRequest
    from etude.training.budget import Budget

UInt8 = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Look:
    """How works are to be seen: the side in pixels (None: by budget and works), crop, pad or fit, the ground, whether mirrored copies
    may be learned from, and how many frames a clip has."""

    side: int | None = None
    how: str = "crop"
    ground: str = "white"
    mirror: bool = True
    frames: int = PICTURES.frames

    def to_json(self) -> list[Any]:
        """What decides a run."""
        return [self.side, self.how, self.ground, self.mirror, self.frames]


def pictorial(name: str) -> PictureMedium:
    """The picture medium of this name. Raises WorkError for the others."""
    medium = MEDIA[name]
    if not is_pictorial(medium):
        raise WorkError(
            f"{name.capitalize()} has no pixels to frame.",
            "Leave out --side, --framing, --ground, --frames, --mirror, --start and --eyes.",
        )
    return medium


def request(
    project: Project,
    home: Collection,
    works: Sequence[Work],
    parts: Sequence[Part],
    budget: Budget,
    look: Look,
    *,
    folder: Any,
    size: str,
    seed: int,
    refine: bool,
    anew: bool = False,
) -> PictureRequest:
    """Everything the loop needs; `anew`: whatever an earlier run left in `folder`. Raises WorkError for a choice of framing that does not exist."""
    from etude.families.pictures.learn.plan import SIDES, PictureRequest, choose_side
    from etude.training import checkpoint

    medium = pictorial(home.medium)
    begun = (
        None if anew else checkpoint.read(folder)
    )  # a run that goes on keeps its side, whatever the budget is now
    begun_px = int(begun[1]["plan"]["net"]["side_px"]) if begun else None
    side = look.side or begun_px or choose_side(budget, _typical_px(project, medium, works))
    if side not in SIDES:
        raise WorkError(
            f"Pictures cannot be learned at {side} pixels.", f"Choose one of {', '.join(map(str, SIDES))}."
        )
    framing = Framing(side, look.how, look.ground)
    shown, rates = [], []
    for part, work, weight, frames, rate in _windows(project, medium, home, works, parts, look.frames):
        shown.append(_shown(part, work, weight, frame_all(frames, framing)))
        rates.append(rate)
    return PictureRequest(
        home.medium, shown, framing.to_json(), budget, folder, float(np.median(rates)) if rates else 0.0, size, seed, refine, look.mirror
    )  # fmt: skip


def _shown(part: Part, work: Work, weight: float, frames: UInt8) -> Any:
    from etude.families.pictures.learn.dataset import Shown

    return Shown(work.id, part.start, part.role, frames, work.maker, work.attrs, weight)


def _typical_px(project: Project, medium: PictureMedium, works: Sequence[Work]) -> int:
    """The median of the longer sides of some works, evenly from among them."""
    at = np.unique(np.linspace(0, len(works) - 1, min(len(works), 24)).astype(int))
    sides = []
    for i in at:
        work = works[int(i)]
        frames = medium.frames(medium.read(project.work_bytes(work.id), suffix=work.suffix).content)
        sides.append(max(frames.shape[1:3]))
    return int(np.median(sides))


def _windows(
    project: Project,
    medium: PictureMedium,
    home: Collection,
    works: Sequence[Work],
    parts: Sequence[Part],
    count: int,
) -> Iterator[tuple[Part, Work, float, UInt8, float]]:
    """Every part of every work as frames (F, H, W, C) with the rate at which they were taken."""
    weights: Mapping[str, float] = {entry.work_id: entry.weight for entry in home.entries}
    by_work: dict[str, list[Part]] = {}
    for part in parts:
        by_work.setdefault(part.work_id, []).append(part)
    for work in works:
        mine = by_work.get(work.id)
        if not mine:
            continue
        content = medium.read(project.work_bytes(work.id), suffix=work.suffix).content
        frames, rate = medium.frames(content), medium.rate(content)
        for part in mine:
            if rate == 0.0:
                yield part, work, weights[work.id], frames, 0.0
                continue
            cut = frames[part.start : part.end]
            whole = len(cut) == len(frames)
            for some, slower in windows(cut, count, whole=whole):
                yield part, work, weights[work.id], some, rate * slower


def windows(frames: UInt8, count: int, *, whole: bool) -> Iterator[tuple[UInt8, float]]:
    """Windows of `count` frames (F, H, W, C), each with the share of the rate that it keeps: a loop that is there whole in one, at a lower
    rate; other clips in windows one after the other; of shorter ones, frames are held."""
    return ((frames[at], share) for at, share in windows_at(frames, count, whole=whole))


def windows_at(frames: UInt8, count: int, *, whole: bool) -> Iterator[tuple[npt.NDArray[np.int64], float]]:
    """Which frames each window holds, and its share of the rate."""
    n = len(frames)
    if n < count or (whole and closes(frames)):
        yield np.floor(np.arange(count) * n / count).astype(np.int64), count / n
        return
    for start in range(0, n - count + 1, count):
        yield np.arange(start, start + count), 1.0
