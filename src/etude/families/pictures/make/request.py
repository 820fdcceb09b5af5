"""What is asked of a picture model, and what comes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

UInt8 = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Loop:
    """A closed path: so many frames at a rate, with frequencies up to `waves`; `calm` 0..1: how far the slow
    ones outweigh the quick."""

    frames: int
    rate: float
    waves: int = 2
    calm: float = 0.5


@dataclass(frozen=True)
class PictureRequest:
    """What is asked for. `steps`: 1 is one pass, more are steps of two passes each, None as usual; `eta`: how
    much of the noise each pass makes anew, None as usual, said: by the flow alone, 0: midpoint steps along
    the field; `start`: framed pixels (F, H, W, C) that a take begins with, `strength` 0 (as it is) .. 1 (all
    new) of the way; `keep` (H, W) bool: where the start stays; `vary`: how far a take's noise is turned from
    the start's, 0..1; `parents`: framed pixels to mix by `shares`, or to `breed` from, or to go past in a
    `series` of so many even steps, of which a take's index says which; `slide`: direction -> standard
    deviations; `loop`: a clip on a closed path; `size`: the side of takes that are enlarged, None: as
    the network makes them; `palette`: 'works', only colours that works have; `full` (F, S, S, C) the start
    at that size, where some of it stays; `choose`: drafts for each take that is returned, of which those
    that differ most, and that the critic likes, are kept."""

    n: int = 8
    seed: int = 0
    first_index: int = 0
    conditions: Mapping[str, str] = field(default_factory=dict)
    steps: int | None = None
    guidance: float = 1.0
    eta: float | None = None
    start: UInt8 | None = None
    strength: float = 0.6
    keep: npt.NDArray[np.bool_] | None = None
    vary: float | None = None
    parents: Sequence[UInt8] = ()
    shares: Sequence[float] = ()
    breed: bool = False
    series: int | None = None
    slide: Mapping[int, float] = field(default_factory=dict)
    loop: Loop | None = None
    size: int | None = None
    palette: str = ""
    full: UInt8 | None = None
    choose: int = 1


@dataclass(frozen=True)
class MadePicture:
    """One take: its frames (F, H, W, C), the critic's answer where there is a critic, the conditions that it
    was made with, drawn ones included, and the p-value of its nearness to works where that was asked for."""

    index: int
    frames: UInt8
    rate: float
    critic: float | None
    manner: Mapping[str, str] = field(default_factory=dict)
    near: float | None = None
