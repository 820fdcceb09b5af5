"""How voices move beside each other: rests, crossings, parallel fifths and octaves. Of works and of takes.

Knows grids of pitches (F frames, V voices from high to low, -1: silent); knows no codec and no model.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from etude.config.media import CODEC

Int32 = npt.NDArray[np.int32]


def longest_rest(lines: Sequence[Int32]) -> int:
    """The longest rest, in frames, within a line of nearly all of these pieces (their first and last rest
    apart)."""
    found = [_rest(line) for line in lines]
    return int(np.ceil(np.quantile(found, CODEC.rest_quantile))) if found else 0


def _rest(line: Int32) -> int:
    sung = np.flatnonzero(line >= 0)
    return int(np.diff(sung).max(initial=1)) - 1 if len(sung) else 0


def crossed(grids: Sequence[Int32]) -> float:
    """The share of the frames in which neighbouring voices sound together, that have the lower one above."""
    both = over = 0
    for pitch in grids:
        upper, lower = pitch[:, :-1], pitch[:, 1:]
        sound = (upper >= 0) & (lower >= 0)
        both += int(sound.sum())
        over += int((sound & (lower > upper)).sum())
    return over / max(1, both)
