"""Records of a sequence model: segments, places, scores, and the trail of decisions.

Letters: T tokens, D decisions, C components, H symbols, S side inputs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

STRETCH, BEFORE = 64, 64  # tokens that a critic judges, and those read before them
OF_BASE = {"kind": "of the base"}  # what headers say of a codec that lies with the base


@dataclass(frozen=True)
class Segment:
    """One run of tokens in the memory: which work it is of, where its first unit lies in that work, and its
    token range.

    `copy` > 0 marks a transposed copy of the plain segment (copy 0) before it: same tokens, other pitches.
    """

    work_id: str
    unit: int
    copy: int
    start: int
    end: int


@dataclass(frozen=True)
class Known:
    """What a model knows of a work in its memory: its condition row, and the frame of a take in its manner
    (see `Codec.frame`)."""

    row: tuple[int, ...]
    frame: Mapping[str, Any]


@dataclass(frozen=True)
class Place:
    """Where a share of one token came from: units start..end of a work."""

    work_id: str
    start: int
    end: int
    share: float


@dataclass(frozen=True)
class Scored:
    """A content under the model. All arrays are by token (T,); `offsets` (T + 1,) in the content's units.

    `nats` cost of each token (0 where it is not scored), `memory` the memory's posterior share; `places` the
    places that the share came from, largest first; `rest` what lies in further places. network + memory = 1,
    memory = sum of shares + rest. `voice`: by how many nats the works moved the network towards each token,
    log p with the adapter less log p of the base alone; None where it stands on no base, or nobody asked.
    """

    tokens: npt.NDArray[np.int32]
    offsets: npt.NDArray[np.int32]
    nats: npt.NDArray[np.float64]
    scored: npt.NDArray[np.bool_]
    memory: npt.NDArray[np.float64]
    places: tuple[tuple[Place, ...], ...]
    rest: npt.NDArray[np.float64]
    voice: npt.NDArray[np.float64] | None = None


@dataclass(frozen=True)
class Trail:
    """The decisions behind a scored content, for finding places: token (D,), where (D, 4) and post (D, C) as
    `mixing.walk` writes them; hist (H,) the symbols, and side (T, S) the side inputs of the content."""

    token: npt.NDArray[np.int32]
    where: npt.NDArray[np.int64]
    post: npt.NDArray[np.float32]
    hist: npt.NDArray[np.uint16]
    side: npt.NDArray[np.int16]
