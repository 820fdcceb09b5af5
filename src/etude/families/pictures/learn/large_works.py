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
from etude.media.pixels.arrays import flattened
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

    @property
    def tested(self) -> LargeRoom:
        """What the test is on: works held out, and where those are too few the validation works as well, from
        which nothing was learned either."""
        if len(self.held_out) >= ENLARGE.least_tested or self.validation is self.held_out:
            return self.held_out
        a, b = self.held_out, self.validation
        if not len(a):
            return b
        return LargeRoom(
            np.concatenate([a.small, b.small]),
            np.concatenate([a.large, b.large]),
            np.concatenate([a.rows, b.rows]),
            np.concatenate([a.weights, b.weights]),
        )


def wanted(roles: Sequence[str], side_px: int, channels: int) -> set[int]:
    """Which of the works of these roles are kept large."""
    by_bytes = max(1, int(ENLARGE.works_bytes / (side_px * side_px * channels)))
    most = {"train": by_bytes, "critic": ENLARGE.validation_works, "held-out": ENLARGE.tested}
    out: set[int] = set()
    for role, count in most.items():
        own = [i for i, one in enumerate(roles) if one == role]
        out |= {own[int(k)] for k in evenly(len(own), count)}
    return out


def gather(found: Dataset, shown: Sequence[Shown], large: Mapping[int, UInt8]) -> LargeWorks:
    """The works that are kept large, by role. `large`: (S, S, C) by their place in `shown`."""

    channels = next((one.shape[-1] for one in large.values()), found.train.pixels.shape[-1])

    def room(role: str, of: Room) -> LargeRoom:
        own = [i for i, one in enumerate(shown) if one.role == role]
        kept = [k for k, i in enumerate(own) if i in large]
        some = [large[own[k]] for k in kept]
        return LargeRoom(
            of.pixels[kept, 0],
            np.stack(some) if some else np.zeros((0, 1, 1, channels), np.uint8),
            of.rows[kept],
            of.weights[kept],
        )

    held_out = room("held-out", found.held_out)
    critic = room("critic", found.critic)
    return LargeWorks(room("train", found.train), critic if len(critic) else held_out, held_out)


def transparent(large: Mapping[int, UInt8]) -> bool:
    """Whether most of these works (S, S, 4) show something through."""
    through = [bool((one[..., 3] < 128).mean() > ENLARGE.seen_through) for one in large.values()]
    return bool(through) and sum(through) >= ENLARGE.most_transparent * len(through)


def flat(large: Mapping[int, UInt8], colour: tuple[int, int, int]) -> dict[int, UInt8]:
    """The same works on a ground."""
    return {i: flattened(one, colour) for i, one in large.items()}
