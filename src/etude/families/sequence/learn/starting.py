"""Learning that begins with other weights: those of a model, or of a starter that comes with Etude.

The codec and the shape of the network are theirs, since their tables mean those tokens. What they knew of
makers and attributes goes to those of the same name; other values begin as nobody in particular. Their memory
stays behind: the new model remembers its own works only. Knows no project.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from etude.errors import ModelError, WorkError
from etude.families.conditions import Condition
from etude.families.course import Arrays, Start
from etude.families.sequence import networks
from etude.families.sequence.learn.dataset import Part
from etude.families.sequence.networks.bfloat16 import widen
from etude.media import codec_from_json, sequence
from etude.media.contract import Codec

SIDES = "sides."  # the tables of side inputs: the codec's, then one a condition


@dataclass(frozen=True)
class Begin:
    """What a run begins with. `about` is what the header will say of it, `net` the shape of its network."""

    about: Mapping[str, Any]
    codec: Codec
    net: Mapping[str, Any]
    conditions: tuple[Condition, ...]
    load: Callable[[], Arrays]


def begin_of(start: Start, medium: str, parts: Sequence[Part]) -> Begin:
    """What a start is for these works. Raises ModelError where its weights are of another kind or medium, and
    WorkError where they do not read these works."""
    header, name = start.header, str(start.about["model"])
    if header.get("medium") != medium:
        raise ModelError(
            f"{name} is for {header.get('medium')}; these works are {medium}.", "List models: etude models"
        )
    if networks.kind_of(header["net"]).name != networks.USUAL:
        raise ModelError(
            f"{name} stands on a base, and learning cannot start from an adapter.",
            "Learn with --on and the base's name instead of --start.",
        )
    contents = [part.content for part in parts if part.role == "train"]
    codec = sequence(medium).adopted(codec_from_json(header["codec"]), contents, name)
    for part in parts:
        try:
            codec.encode(part.content)
        except WorkError as error:
            raise WorkError(
                f"{part.title or part.work_id} does not fit {name}: {error.message}",
                "Take it out of the collection, or learn without --start.",
            ) from error
    return Begin(start.about, codec, header["net"], tuple(start.conditions or ()), start.load)


def state(begin: Begin, conditions: Sequence[Condition]) -> dict[str, Tensor]:
    """The network's weights to begin with, its tables of conditions those of this run."""
    arrays = {k.removeprefix("net."): v for k, v in begin.load().items() if k.startswith("net.")}
    whole = {k: widen(v) if v.dtype == np.uint16 else np.asarray(v, np.float32) for k, v in arrays.items()}
    own = len(begin.codec.side_sizes)
    known = {c.key: (c.values, whole.pop(_table(own + i))) for i, c in enumerate(begin.conditions)}
    width = int(begin.net["width"])
    for i, c in enumerate(conditions):
        table = np.zeros((len(c.values) + 1, width), np.float32)
        values, rows = known.get(c.key, ((), table))
        for row, value in enumerate(c.values, 1):
            if value in values:
                table[row] = rows[1 + values.index(value)]
        whole[_table(own + i)] = table
    return {name: torch.from_numpy(np.array(array, np.float32)) for name, array in whole.items()}


def _table(number: int) -> str:
    return f"{SIDES}{number}.weight"
