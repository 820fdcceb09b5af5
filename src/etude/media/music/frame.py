"""The frame of a piece: metre, pickup and tempo, which no token of it says. Of a collection, and of one
piece."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from etude.media.music.score import Score

METER, TEMPO = (4, 4), 100.0  # of a piece that says nothing


def usual_frame(pieces: Sequence[Score]) -> dict[str, Any]:
    """What most of the pieces have: the commonest metre and pickup, the median tempo."""
    return {
        "meter": Counter(_meter(s) for s in pieces).most_common(1)[0][0],
        "pickup": Counter(s.pickup for s in pieces).most_common(1)[0][0],
        "tempo": float(np.median([_tempo(s) for s in pieces])),
    }


def frame_of(piece: Score) -> dict[str, Any]:
    """What this one has at its beginning, as JSON."""
    return {"meter": list(_meter(piece)), "pickup": piece.pickup, "tempo": _tempo(piece)}


def framed(frame: Mapping[str, Any]) -> dict[str, Any]:
    """What `frame_of` gave, as fields of a codec."""
    beats, unit = frame["meter"]
    return {"meter": (int(beats), int(unit)), "pickup": int(frame["pickup"]), "tempo": float(frame["tempo"])}


def _meter(piece: Score) -> tuple[int, int]:
    return piece.meters[0][1:] if piece.meters else METER


def _tempo(piece: Score) -> float:
    return piece.tempos[0][1] if piece.tempos else TEMPO
