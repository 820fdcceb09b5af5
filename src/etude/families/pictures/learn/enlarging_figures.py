"""The test of a learned enlargement on works that it has not seen, beside Lanczos of the same small pictures.

Works as they are, and works that the flow has made anew in part, which are nearer to what takes are. Knows no
files.

Letters: N works.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from etude import rng
from etude.config.pictures import ENLARGE
from etude.families.pictures.enlargement import Enlargement, weighed
from etude.families.pictures.learn.large_works import LargeRoom
from etude.families.pictures.learn.redrawn_works import redraw
from etude.families.pictures.model import PictureModel
from etude.media.pixels.arrays import flattened, resized
from etude.stats.evenly import evenly

UInt8 = npt.NDArray[np.uint8]
UNIT = "mean absolute difference of pixels, 0 to 255"


@dataclass(frozen=True)
class Beside:
    """Mean distance to `n` works of the learned enlargement and of Lanczos, and by how much the learned one
    is nearer with a 90 % interval over works."""

    n: int
    learned: float
    lanczos: float
    nearer: float
    low: float
    high: float


@dataclass(frozen=True)
class Tested:
    """Works as they are, works made anew in part by the flow (None: no time), and whether takes are enlarged
    where nothing is said."""

    plain: Beside | None
    redrawn: Beside | None

    @property
    def used(self) -> bool:
        """Whether it is nearer to works than Lanczos is, beyond chance."""
        return self.plain is not None and self.plain.low > 0.0

    def figures(self) -> dict[str, Any]:
        """By how much it is nearer to held-out works than Lanczos, by name."""
        if (t := self.plain) is None:
            return {}
        unit = "grey levels nearer to works than Lanczos"
        return {"enlargement": {"value": t.nearer, "low": t.low, "high": t.high, "n": t.n, "unit": unit}}

    def to_json(self) -> dict[str, Any]:
        return {
            "plain": asdict(self.plain) if self.plain else None,
            "redrawn": asdict(self.redrawn) if self.redrawn else None,
            "used": self.used,
            "unit": UNIT,
        }


def measure(
    enlargement: Enlargement, model: PictureModel, room: LargeRoom, seed: int, until: float | None
) -> Tested:
    """Both, as the time allows. With fewer than ENLARGE.least_tested works nothing is said."""
    if len(room) < ENLARGE.least_tested:
        return Tested(None, None)
    began = time.monotonic()
    _distances(enlargement, room.small[:1], room.large[:1])
    each = time.monotonic() - began
    most = len(room)
    if until is not None:
        most = max(ENLARGE.least_tested, min(most, int(0.4 * max(0.0, until - began) / max(each, 1e-6))))
    at = evenly(len(room), most)
    plain = _beside(*_distances(enlargement, room.small[at], room.large[at]), seed)
    took = time.monotonic() - began
    if until is not None and time.monotonic() + 2 * took > until:
        return Tested(plain, None)
    made = redraw(model, room, at, seed, "redrawn-test")
    if made is None:
        return Tested(plain, None)
    return Tested(plain, _beside(*_distances(enlargement, made.pixels, room.large[made.work]), seed))


def _distances(
    enlargement: Enlargement, small: UInt8, large: UInt8
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """(N,) of the learned enlargement, and of Lanczos."""
    side, ground = large.shape[1], enlargement.config.ground
    lanczos = np.stack([resized(one, side, side) for one in small])
    return distances(enlargement.enlarged(small), large, ground), distances(lanczos, large, ground)


def distances(made: UInt8, works: UInt8, ground: tuple[int, ...]) -> npt.NDArray[np.float64]:
    """(N,) mean absolute differences, 0 to 255: of what is seen on the ground where there is one, else with
    opacity."""
    pairs = zip(made, works, strict=True)
    if ground:
        on = (ground[0], ground[1], ground[2])
        pairs = ((flattened(a, on), flattened(b, on)) for a, b in pairs)  # type: ignore[assignment]
    return np.array([127.5 * float((weighed(a[None]) - weighed(b[None])).abs().mean()) for a, b in pairs])


def _beside(learned: npt.NDArray[np.float64], lanczos: npt.NDArray[np.float64], seed: int) -> Beside:
    nearer = lanczos - learned
    g = rng.for_(seed, "enlarge-test")
    draws = nearer[g.integers(0, len(nearer), (1000, len(nearer)))].mean(1)
    low, high = (float(q) for q in np.quantile(draws, [0.05, 0.95]))
    return Beside(len(nearer), float(learned.mean()), float(lanczos.mean()), float(nearer.mean()), low, high)
