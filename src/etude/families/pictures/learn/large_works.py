"""Works as the enlargement learns them: each small, as the flow sees it, and at the full size.

Only some are kept, evenly from among all, since large works fill the memory; those that are smaller than the
full size teach nothing and are left out. Knows works only by their order; reads no file.

Letters: M works, s and S the small and the large side, C channels, K conditions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from etude.config.pictures import ENLARGE
from etude.families.pictures.learn.dataset import Dataset, Room, Shown
from etude.stats.evenly import evenly

UInt8 = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class LargeRoom:
    """The works of one role: `small` (M, s, s, C), `large` (M, S, S, C), `rows` (M, K), how often each is
    drawn (M,)."""

    small: UInt8
    large: UInt8
    rows: npt.NDArray[np.int64]
    weights: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.large)


@dataclass(frozen=True)
class LargeWorks:
    """What is learned from, looked at while learning, and tested on."""

    train: LargeRoom
    validation: LargeRoom
    held_out: LargeRoom


def wanted(roles: Sequence[str], side_px: int, channels: int) -> set[int]:
    """Which of the works of these roles are kept large."""
    by_bytes = max(1, int(ENLARGE.works_bytes / (side_px * side_px * channels)))
    most = {"train": by_bytes, "critic": ENLARGE.looked_at, "held-out": ENLARGE.tested}
    out: set[int] = set()
    for role, count in most.items():
        own = [i for i, one in enumerate(roles) if one == role]
        out |= {own[int(k)] for k in evenly(len(own), count)}
    return out


def gather(found: Dataset, shown: Sequence[Shown], large: Mapping[int, UInt8]) -> LargeWorks:
    """The works that are kept large, by role. `large`: (S, S, C) by their place in `shown`."""

    def room(role: str, of: Room) -> LargeRoom:
        own = [i for i, one in enumerate(shown) if one.role == role]
        kept = [k for k, i in enumerate(own) if i in large]
        some = [large[own[k]] for k in kept]
        return LargeRoom(
            of.pixels[kept, 0],
            np.stack(some) if some else np.zeros((0, 1, 1, of.pixels.shape[-1]), np.uint8),
            of.rows[kept],
            of.weights[kept],
        )

    held_out = room("held-out", found.held_out)
    critic = room("critic", found.critic)
    return LargeWorks(room("train", found.train), critic if len(critic) else held_out, held_out)
