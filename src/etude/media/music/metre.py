"""Where a frame lies in its bar: metre as numbers for side inputs and cuts.

A frame is a 16th (`STEP` ticks). Knows scores only by their metre list and pickup; knows no notes and no
codec.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from etude.media.music.bars import bar_ticks
from etude.media.music.score import STEP, TPQ

Int32 = npt.NDArray[np.int32]
BAR_CAP = 48  # longest bar that side inputs tell apart, in 16ths


@dataclass(frozen=True)
class Metre:
    """For each of F frames: `pos` in its bar, the bar's length `bar_len`, `beat` length (all in frames), and
    the `bar` number.

    A pickup is bar 0 and counts from the end of its bar, so that every downbeat has pos 0.
    """

    pos: Int32  # (F,)
    bar_len: Int32  # (F,)
    beat: Int32  # (F,)
    bar: Int32  # (F,)


def bar_frames(beats: int, unit: int) -> int:
    """Length of a bar in frames, at least one."""
    return max(1, round(beats * 4 * TPQ / unit / STEP))


def beat_frames(beats: int, unit: int) -> int:
    """Length of a felt beat in frames: compound metres (6/8, 9/8, 12/8) beat in dotted units."""
    if unit == 8 and beats > 3 and beats % 3 == 0:
        return 6
    return max(1, round(4 * TPQ / unit / STEP))


def metre(meters: Sequence[tuple[int, int, int]], pickup: int, n: int) -> Metre:
    """The metre of frames 0..n-1 under `meters` (tick, beats, unit) with a first bar of `pickup` ticks (0: a
    full one)."""
    changes = [(round(tick / STEP), beats, unit) for tick, beats, unit in meters] or [(0, 4, 4)]
    pos, bar_len, beat, bar = (np.zeros(n, np.int32) for _ in range(4))
    next_bar = 0
    for i, (start, beats, unit) in enumerate(changes):
        start = 0 if i == 0 else start
        stop = min(n, changes[i + 1][0]) if i + 1 < len(changes) else n
        if stop <= start:
            continue
        length = bar_frames(beats, unit)
        phase = -round(pickup / STEP) % length if i == 0 else 0
        at = np.arange(stop - start, dtype=np.int32) + phase
        pos[start:stop] = at % length
        bar[start:stop] = at // length + next_bar
        bar_len[start:stop] = length
        beat[start:stop] = beat_frames(beats, unit)
        next_bar = int(bar[stop - 1]) + 1
    return Metre(pos, bar_len, beat, bar)


def bar_lines(meters: Sequence[tuple[int, int, int]], pickup: int) -> Iterator[tuple[int, int, int]]:
    """Bars without end, as (start, end, length in full) in ticks; only a pickup is shorter than its full
    length.

    The same bars as `bars.bars`, which stops with the last note.
    """
    changes = list(meters) or [(0, 4, 4)]
    tick = i = 0
    while True:
        while i + 1 < len(changes) and changes[i + 1][0] <= tick:
            i += 1
        full = bar_ticks(*changes[i][1:])
        short = pickup if tick == 0 and pickup else full
        stop = min(tick + short, changes[i + 1][0]) if i + 1 < len(changes) else tick + short
        is_pickup = tick == 0 and 0 < pickup < full and stop == pickup
        yield tick, stop, full if is_pickup else stop - tick
        tick = stop
