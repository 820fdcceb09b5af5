"""What is given of a piece, and what a model that goes from left to right may see of it ahead of time.

Cells (frame, voice) are known or to be made. For each cell to be made: what is known in its frame, what is
known next (at the next beat, or at the first known frame after the gap), and how far off that is. Knows no
tokens and no model.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from etude.config.media import CODEC
from etude.media.music.metre import Metre, metre
from etude.media.music.score import Score

Known = npt.NDArray[np.bool_]
Int32 = npt.NDArray[np.int32]
EDGES = np.array([2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96])  # frames; a finer count near the end of the gap
DISTANCES = len(EDGES) + 1


def metre_of(score: Score, frames: int) -> Metre:
    """The metre of the first `frames` frames of a score."""
    return metre(score.meters, score.pickup, frames)


def given(code: Int32, known: Known, m: Metre) -> tuple[Int32, Int32, Int32]:
    """What is given around each cell, all (F, V), 0 where nothing is.

    `code` (F, V) is what sounds, from 1. Returns what is known in the frame, what is known next of each
    voice, and for each cell to be made the bucket of its distance to the next known cell of its own voice.
    """
    frames, voices = code.shape
    here = np.where(known, code, 0)
    at = np.arange(frames)
    last = np.append(np.where(known, at[:, None], frames)[1:], np.full((1, voices), frames), axis=0)
    first = np.minimum.accumulate(last[::-1], axis=0)[::-1]  # (F, V) first known frame after each frame
    beat = np.minimum(
        at + m.beat[:frames] - m.pos[:frames] % m.beat[:frames], at + m.bar_len[:frames] - m.pos[:frames]
    )
    padded = np.vstack([here, np.zeros((1, voices), here.dtype)])
    on_beat = padded[np.minimum(beat, frames)]
    beyond = np.take_along_axis(padded, first, axis=0)
    ahead = np.where(on_beat > 0, on_beat, beyond)
    gap = np.searchsorted(EDGES, first - at[:, None], side="right") + 1
    distance = np.where(known | (first >= frames), 0, gap)
    return here, ahead.astype(np.int32), distance.astype(np.int32)


def known_cells(
    frames: int, voices: int, bar: Int32, keep: tuple[int, ...], fill: tuple[int, int] | None
) -> Known:
    """(F, V) known cells: the voices `keep` throughout, and all voices outside the bars fill[0]..fill[1] (end
    excluded)."""
    known = np.zeros((frames, voices), bool)
    if fill is not None:
        known |= ((bar[:frames] < fill[0]) | (bar[:frames] >= fill[1]))[:, None]
    known[:, list(keep)] = True
    return known


def random_known(voices: int, bar: Int32, rng: np.random.Generator) -> Known:
    """Known cells for learning: in two of five cases some voices (often the highest alone), in two some bars,
    in one both (one voice: always bars).

    Gaps alternate with known bars, so that one piece teaches several gaps.
    """
    frames = len(bar)
    kind = 1.0 if voices == 1 else rng.random()
    known = np.zeros((frames, voices), bool)
    if kind < 0.6:
        top = rng.random() < CODEC.melody_share
        known[:, 0 if top else rng.permutation(voices)[: rng.integers(1, voices)]] = True
    if kind >= 0.4 and frames:
        bars = int(bar[-1]) + 1
        kept = np.zeros(bars, bool)
        at = int(rng.integers(0, CODEC.longest_known + 1))
        kept[:at] = True
        while at < bars:
            at += int(rng.integers(1, CODEC.longest_gap + 1))
            rest = int(rng.integers(1, CODEC.longest_known + 1))
            kept[at : at + rest] = True
            at += rest
        known |= kept[bar][:, None]
    return known
