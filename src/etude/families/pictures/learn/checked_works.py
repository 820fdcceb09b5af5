"""The works of a run as a dataset, refused where nothing can be learned from them. Reads no file."""

from __future__ import annotations

from typing import Any

import numpy as np

from etude.config.pictures import PICTURES
from etude.errors import WorkError
from etude.families.pictures.learn import dataset
from etude.families.pictures.learn.dataset import Dataset
from etude.families.pictures.learn.plan import PictureRequest
from etude.media.pixels.framing import KEEP, Framing

_UNSEEN = 8  # of 255: what differs less from its ground is not seen


def _dataset(request: PictureRequest) -> Dataset:
    train = sum(one.role == "train" for one in request.shown)
    if train < PICTURES.least:
        raise WorkError(
            f"too little to train on: {_counted(train, request.medium)} (at least {PICTURES.least} are "
            "needed)",
            "add more works with `etude add`, or choose a collection with more in it"
            + ("; one clip is not enough" if request.medium == "video" and train == 1 else ""),
        )
    found = dataset.gather(request.medium, request.shown)
    if all(
        np.array_equal(one, found.train.pixels[0]) for one in found.train.pixels
    ):  # stops at the first that differs
        _refuse_ground(found, request.framing, train)
        raise WorkError(
            f"all {train} works look the same, so there is nothing to learn", "add works that differ"
        )
    if int(found.train.pixels[0].max()) - int(found.train.pixels[0].min()) <= 2 * _UNSEEN:
        _refuse_ground(found, request.framing, train)
    return found


def _refuse_ground(found: Dataset, framing: dict[str, Any], train: int) -> None:
    """Raises WorkError where no work can be told from the ground that its transparency was laid on."""
    ground = Framing(**framing).colour()
    if framing["ground"] != KEEP and all(
        np.abs(one.astype(np.int16) - ground).max() <= _UNSEEN for one in found.train.pixels
    ):
        other = "white" if sum(ground) < 384 else "black"
        raise WorkError(
            f"all {train} works look the same on a {framing['ground']} background: the drawings have that "
            "colour",
            f"choose another background (--ground {other}), keep the transparency (--ground {KEEP}), or add "
            "works that differ",
        )


def _counted(n: int, medium: str) -> str:
    word = "work" if medium == "image" else "clip"
    return f"{n} {word}{'s' * (n != 1)}"
