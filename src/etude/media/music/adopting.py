"""A codec that was learned from other works, for the works of a person: their usual metre and tempo, where
their pieces end, and how high their voices go. Knows no models."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from etude.errors import WorkError
from etude.media.codec import Codec
from etude.media.music import grid, grid_codec, tune_learning
from etude.media.music.event_codec import EventCodec
from etude.media.music.frame import usual_frame
from etude.media.music.grid_codec import GridCodec
from etude.media.music.score import Score
from etude.media.music.tune_codec import TuneCodec

MELODIES = 0.75  # of the works may be in several voices, where the codec reads their melodies


def adopted(codec: Codec, scores: Sequence[Score], of: str) -> Codec:
    """The codec with the frame of these scores. Raises WorkError where it has no place for most of them."""
    pieces = [s for s in scores if any(t.notes for t in s.tracks)]
    lost = [s for s in pieces if codec.homeless(s)]
    if isinstance(codec, GridCodec):
        usual = Counter(len(grid.lines(s)) for s in pieces).most_common(1)
        if usual and usual[0][0] != codec.voices:
            raise WorkError(
                f"{of} has pieces of {codec.voices} voices; most of these works have {usual[0][0]}.",
                "Leave out --start, or start from weights for such works: etude learn --help",
            )
    most = MELODIES if isinstance(codec, TuneCodec) else 0.5  # of a tune with a bass the melody is a tune
    if len(lost) > most * len(pieces):
        raise WorkError(
            f"{of} has no place for all voices of {len(lost)} of {len(pieces)} works.",
            "Leave out --start, or start from weights for such works: etude learn --help",
        )
    if isinstance(codec, GridCodec):
        return replace(codec, **usual_frame(pieces), **_reach(codec, pieces))
    if isinstance(codec, TuneCodec):
        return tune_learning.adopted(codec, pieces)
    return replace(codec, **usual_frame(pieces)) if isinstance(codec, EventCodec) else codec


def _reach(codec: GridCodec, pieces: Sequence[Score]) -> dict[str, Any]:
    """Ranges and ends of the codec's own works and of these."""
    cells = np.concatenate([codec.grid(s).pitch for s in pieces])
    ranges = []
    for (low, high), line in zip(codec.ranges, cells.T, strict=True):
        sung = line[line >= 0]
        ranges.append((min(low, int(sung.min())), max(high, int(sung.max()))) if len(sung) else (low, high))
    ends = {*codec.ends, *(grid_codec.end_of(s, len(codec.grid(s).pitch)) for s in pieces)}
    return {"ranges": tuple(ranges), "ends": tuple(sorted(ends))}
