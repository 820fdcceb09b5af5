"""The colours of the works, and takes in no others.

Colours are counted where works are flat: what lies between two colours at an edge is no colour of the works.
Knows no files.

Letters: N pictures, F frames, H W pixels, P colours.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image as Pil

from etude.config.pictures import PALETTE
from etude.stats.evenly import evenly

UInt8 = npt.NDArray[np.uint8]


def palette_of(pixels: UInt8) -> list[list[int]]:
    """(P, 3) colours of works (N, F, H, W, C) as they are framed, the commonest first; what is transparent
    has none."""
    some = pixels[evenly(len(pixels), PALETTE.works)][:, 0]
    colours, inside = some[:, 1:-1, 1:-1, :3].astype(np.int16), some.astype(np.int16)
    flat = np.ones(colours.shape[:3], bool)
    for down, across in ((0, 1), (2, 1), (1, 0), (1, 2)):
        high, wide = colours.shape[1:3]
        beside = inside[:, down : down + high, across : across + wide, :3]
        flat &= np.abs(beside - colours).max(-1) <= PALETTE.even
    if some.shape[-1] == 4:
        flat &= some[:, 1:-1, 1:-1, 3] > 127
    found = colours[flat].astype(np.uint8)
    if not len(found):
        return []
    found = found[evenly(len(found), PALETTE.places)]
    drawn = Pil.fromarray(found[None], "RGB").quantize(
        PALETTE.colours, Pil.Quantize.MEDIANCUT, kmeans=PALETTE.rounds
    )
    table = np.array((drawn.getpalette() or [])[: 3 * PALETTE.colours], np.uint8).reshape(-1, 3)
    often = np.bincount(np.asarray(drawn).ravel(), minlength=len(table))
    order = [int(i) for i in np.argsort(-often, kind="stable") if often[i]]
    return [[int(v) for v in table[i]] for i in order]


def in_palette(pixels: UInt8, palette: Sequence[Sequence[int]]) -> UInt8:
    """(..., C) every colour as the nearest of the palette; opacity stays, and what is transparent is left
    alone."""
    table = np.array(palette, np.int32)
    every, where = np.unique(pixels[..., :3].reshape(-1, 3), axis=0, return_inverse=True)
    nearest = np.concatenate(
        [
            ((some[:, None].astype(np.int32) - table[None]) ** 2 @ np.array(PALETTE.weights)).argmin(1)
            for some in np.array_split(every, 1 + len(every) // 8192)
        ]
    )
    out = pixels.copy()
    snapped = table[nearest][where.reshape(-1)].astype(np.uint8).reshape(*pixels.shape[:-1], 3)
    seen = pixels[..., 3:] > 0 if pixels.shape[-1] == 4 else np.ones((1,) * pixels.ndim, bool)
    out[..., :3] = np.where(seen, snapped, pixels[..., :3])
    return out
