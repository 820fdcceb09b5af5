"""Contact sheets: many pictures on one, as a network will see them, and the frames of a clip in a row. Knows
only pixels."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence

import numpy as np
from PIL import Image as Pil
from PIL import ImageDraw, ImageFont

from etude.config.media import IMAGE
from etude.media.pixels.arrays import UInt8, resized, to_pil
from etude.media.pixels.framing import Framing, frame

_PAPER, _INK, _GAP, _HEAD = "#f3f4f7", "#22242a", 6, 30
_CHECKS = ((255, 255, 255), (222, 225, 231))  # what lies behind transparency


def sheet(pictures: Sequence[UInt8], framing: Framing, title: str, marks: Sequence[str] = ()) -> bytes:
    """A PNG of the framed pictures, row by row, every pixel a square of whole pixels. `marks`: a word under
    each, where given."""
    tiles = [_tile(frame(picture, framing)) for picture in pictures]
    return _arranged(tiles, max(1, int(np.ceil(len(tiles) ** 0.5))), title, marks)


def clip_sheet(
    clips: Sequence[UInt8], framing: Framing, title: str, marks: Sequence[str] = (), columns: int = 8
) -> bytes:
    """A PNG with one clip (F, H, W, C) a row: `columns` of its frames, framed."""
    tiles = [_tile(frame(clip[i], framing)) for clip in clips for i in _spread(len(clip), columns)]
    return _arranged(
        tiles, columns, title, [word for mark in marks for word in (mark, *[""] * (columns - 1))]
    )


def grid(pictures: Sequence[UInt8], columns: int, title: str, marks: Sequence[str] = ()) -> bytes:
    """A PNG of pictures (H, W, C) as they are, so many in a row."""
    return _arranged([_tile(picture) for picture in pictures], columns, title, marks)


def moving(clips: Sequence[UInt8], rates: Sequence[float], columns: int, title: str) -> UInt8:
    """Clips (F, H, W, C) side by side, each playing at its own rate (frames/s): (F, height, width, 3) at the
    largest rate for as long as the longest; shorter ones begin again, and pictures (rate 0) stay."""
    rate = max(rates)
    steps = [one / rate if rate else 1.0 for one in rates]
    many = max(math.ceil(len(clip) / step) if step else 1 for clip, step in zip(clips, steps, strict=True))
    pages = [
        _page(
            [_tile(clip[int(i * step) % len(clip)]) for clip, step in zip(clips, steps, strict=True)],
            columns,
            title,
            (),
        )
        for i in range(many)
    ]
    return np.stack([np.asarray(page) for page in pages])


def strip(frames: UInt8, columns: int = 8) -> bytes:
    """A PNG of `columns` frames in a row, in their own shape."""
    height, width = frames.shape[1:3]
    scale = min(1.0, 160 / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return _arranged(
        [_tile(resized(frames[i], *size)) for i in _spread(len(frames), columns)], columns, "", ()
    )


def plain(pixels: UInt8) -> bytes:
    """A picture (H, W, C) as PNG, small and without anything else."""
    out = io.BytesIO()
    to_pil(pixels).save(out, "PNG", optimize=True)
    return out.getvalue()


def _spread(count: int, columns: int) -> list[int]:
    """The first frame to the last, `columns` of them."""
    return [round(i * (count - 1) / max(1, columns - 1)) for i in range(columns)]


def _tile(pixels: UInt8) -> Pil.Image:
    """Enlarged by a whole number, on a chequered ground where it is transparent."""
    times = max(1, -(-IMAGE.sheet_px // max(pixels.shape[:2])))
    large = to_pil(pixels).resize((pixels.shape[1] * times, pixels.shape[0] * times), Pil.Resampling.NEAREST)
    if large.mode == "RGB":
        return large
    across, down = np.meshgrid(np.arange(large.width) // 8, np.arange(large.height) // 8)
    ground = Pil.fromarray(np.array(_CHECKS, np.uint8)[(across + down) % 2])
    ground.paste(large, mask=large.getchannel("A"))
    return ground


def _arranged(tiles: Sequence[Pil.Image], columns: int, title: str, marks: Sequence[str]) -> bytes:
    out = io.BytesIO()
    _page(tiles, columns, title, marks).save(out, "PNG", optimize=True)
    return out.getvalue()


def _page(tiles: Sequence[Pil.Image], columns: int, title: str, marks: Sequence[str]) -> Pil.Image:
    width, height = max(t.width for t in tiles), max(t.height for t in tiles)
    below = 14 if any(marks) else 0
    columns = min(columns, len(tiles))
    rows = -(-len(tiles) // columns)
    head = _HEAD if title else _GAP
    page_width = max(_GAP + columns * (width + _GAP), 240 if title else 0)
    page = Pil.new("RGB", (page_width, head + rows * (height + below + _GAP)), _PAPER)
    pen = ImageDraw.Draw(page)
    font = ImageFont.load_default(13)
    small = ImageFont.load_default(10)
    if title:
        pen.text((_GAP + 1, 8), _fitting(pen, title, font, page_width - 2 * _GAP), fill=_INK, font=font)
    for number, tile in enumerate(tiles):
        x = _GAP + (number % columns) * (width + _GAP)
        y = head + (number // columns) * (height + below + _GAP)
        page.paste(tile, (x, y))
        if number < len(marks) and marks[number]:
            pen.text((x, y + height), _fitting(pen, marks[number], small, width), fill=_INK, font=small)
    return page


def _fitting(
    pen: ImageDraw.ImageDraw, text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int
) -> str:
    """As much of the text as there is room for."""
    if pen.textlength(text, font=font) <= width:
        return text
    while text and pen.textlength(text + "…", font=font) > width:
        text = text[:-1]
    return text + "…"
