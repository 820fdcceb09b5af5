"""A label that everybody sees in a picture: the letters AI and, where there is room, what was done, in a
corner of every frame. After the visible label of the EU's Code of Practice on marking AI-made content (June
2026)."""

from __future__ import annotations

import numpy as np
from PIL import Image as Pil
from PIL import ImageDraw, ImageFont

from etude.media.pixels.arrays import UInt8

LEAST_PX, SHARE = 10, 0.045  # height of the letters: a share of the picture's side


def labelled(frames: UInt8, words: str) -> UInt8:
    """(F, H, W, C) with `words` (else their first one) in white on black in the lower left corner."""
    height, width = frames.shape[1:3]
    size = max(LEAST_PX, round(SHARE * min(height, width)))
    tile = _tile(words, size)
    for shorter in (words.split()[0], words.split()[0]):
        if tile.shape[1] <= width and tile.shape[0] <= height:
            break
        size = min(size, max(6, width // 3))
        tile = _tile(shorter, size)
    tile = tile[:height, :width]
    out = frames.copy()
    at = out[:, height - tile.shape[0] :, : tile.shape[1]]
    at[..., : min(3, frames.shape[-1])] = tile[None, ..., None]
    if frames.shape[-1] == 4:
        at[..., 3] = 255
    return out


def _tile(words: str, size: int) -> UInt8:
    """(h, w) the words as grey values."""
    font = ImageFont.load_default(size)
    left, top, right, bottom = (round(one) for one in font.getbbox(words))
    edge = max(2, size // 4)
    picture = Pil.new("L", (right - left + 2 * edge, bottom - top + 2 * edge), 0)
    ImageDraw.Draw(picture).text((edge - left, edge - top), words, fill=255, font=font)
    return np.asarray(picture)
