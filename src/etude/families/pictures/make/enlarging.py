"""Takes at their full size: the small picture through the learned enlargement, with what was given put back.

A take is enlarged from its bytes, one picture at a time, so that it depends on nothing else. Knows no
project.

Letters: F frames, C channels, H W pixels, f times as large.
"""

from __future__ import annotations

import numpy as np
from torch import Tensor

from etude.errors import ModelError, TakeError
from etude.families.pictures.make.request import PictureRequest, UInt8
from etude.families.pictures.model import PictureModel, to_pixels
from etude.families.pictures.palette import in_palette


def check_size(model: PictureModel, r: PictureRequest) -> None:
    """Raises where takes of this size cannot be made."""
    if r.size is None:
        return
    side, large = model.config.side_px, model.enlargement
    if large is None:
        raise ModelError(
            f"this model has learned no enlargement: its takes have {side} pixels",
            "leave --size out, or learn it with --enlarge 4",
        )
    if r.size != side * large.config.factor:
        raise TakeError(
            f"takes of this model have {side} or {side * large.config.factor} pixels, not {r.size}",
            "say --size small or --size full",
        )
    if model.config.frames > 1 or r.loop is not None:
        raise TakeError(
            "clips and loops are not enlarged: frames enlarged one by one would not hold still",
            "leave --size out",
        )


def finished(model: PictureModel, r: PictureRequest, x: Tensor) -> UInt8:
    """(F, H, W, C) the pixels of a take (F, C, h, w): enlarged where that was asked for, and where a start
    stays, the start's own."""
    small = to_pixels(x)
    if r.size is None or model.enlargement is None:
        return _coloured(model, r, small)
    large = _coloured(model, r, model.enlargement.enlarged(small))
    stays = _stays(r, model.enlargement.config.factor)
    if r.full is not None and stays is not None:
        large[:, stays] = r.full[:, stays]
    return large


def _coloured(model: PictureModel, r: PictureRequest, pixels: UInt8) -> UInt8:
    return (
        in_palette(pixels, model.header["palette"]) if r.palette and model.header.get("palette") else pixels
    )


def _stays(r: PictureRequest, factor: int) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]] | None:
    """(H, W) where the start stays at the full size; None where all of it may change."""
    if r.vary is not None or r.full is None:
        return None
    if r.keep is not None:
        out: np.ndarray[tuple[int, int], np.dtype[np.bool_]] = r.keep.repeat(factor, 0).repeat(factor, 1)
        return out
    return np.ones(r.full.shape[1:3], bool) if r.strength <= 0.0 else None
