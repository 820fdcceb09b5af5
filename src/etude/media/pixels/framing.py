"""From a picture of any shape to the square that a network sees: a choice that a person makes and can look
at.

`crop` keeps the middle and loses the longer ends; `pad` keeps everything and adds margins; `fit` keeps
everything and squeezes it. Transparency is laid on a ground, or kept as a fourth channel. Knows no files and
no models.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from PIL import ImageColor

from etude.errors import WorkError
from etude.media.pixels.arrays import UInt8, flattened, resized

HOW = ("crop", "pad", "fit")
KEEP = "keep"  # as a ground: transparency stays


@dataclass(frozen=True)
class Framing:
    """The square: its side, how a picture is brought into it, and the ground under transparency and in
    margins.

    `ground` is a colour that CSS knows ('white', '#f4f0e8'), or 'keep' for four channels.
    """

    side_px: int
    how: str = "crop"
    ground: str = "white"

    def __post_init__(self) -> None:
        """Raises WorkError for a choice that does not exist."""
        if self.how not in HOW:
            raise WorkError(f"Pictures cannot be framed by '{self.how}'.", f"Choose one of {', '.join(HOW)}.")
        if not 1 <= self.side_px <= 1024:
            raise WorkError(
                f"A side of {self.side_px} pixels is not valid.", "Usual sides are 32, 64, 128 and 256."
            )
        self.colour()

    @property
    def channels(self) -> int:
        """C: 3, or 4 where transparency is kept."""
        return 4 if self.ground == KEEP else 3

    def colour(self) -> tuple[int, int, int]:
        """The ground's sRGB. Raises WorkError for a colour that CSS does not know."""
        if self.ground == KEEP:
            return (0, 0, 0)
        try:
            return ImageColor.getrgb(self.ground)[:3]
        except ValueError as error:
            raise WorkError(
                f"'{self.ground}' is not a colour.", "Give white, black, '#f4f0e8', or keep."
            ) from error

    def words(self) -> str:
        """The choice in words, for sheets and model cards."""
        said = {"crop": "cropped to the middle", "pad": "with margins", "fit": "squeezed to a square"}[
            self.how
        ]
        return f"{self.side_px} x {self.side_px} pixels, {said}, " + (
            "transparency kept" if self.ground == KEEP else f"on {self.ground}"
        )

    def to_json(self) -> dict[str, Any]:
        """For a model's header."""
        return asdict(self)


def from_json(data: Mapping[str, Any]) -> Framing:
    """What `Framing.to_json` wrote."""
    return Framing(int(data["side_px"]), str(data["how"]), str(data["ground"]))


def frame(pixels: UInt8, framing: Framing) -> UInt8:
    """(side, side, C) of a picture (H, W, 3 or 4)."""
    side = framing.side_px
    height, width = pixels.shape[:2]
    if framing.how == "fit" or height == width:
        square = resized(pixels, side, side)
    elif framing.how == "crop":
        least = min(height, width)
        left, top = (width - least) / 2, (height - least) / 2
        square = resized(pixels, side, side, (left, top, left + least, top + least))
    else:
        square = _padded(pixels, side)
    if framing.channels == 3:
        return np.ascontiguousarray(flattened(square, framing.colour()))
    return (
        square
        if square.shape[2] == 4
        else np.concatenate([square, np.full((side, side, 1), 255, np.uint8)], 2)
    )


def _padded(pixels: UInt8, side: int) -> UInt8:
    """The whole picture in the middle of a transparent square."""
    height, width = pixels.shape[:2]
    scale = side / max(height, width)
    w, h = max(1, round(width * scale)), max(1, round(height * scale))
    small = resized(pixels, w, h)
    square = np.zeros((side, side, 4), np.uint8)
    left, top = (side - w) // 2, (side - h) // 2
    square[top : top + h, left : left + w, : small.shape[2]] = small
    if small.shape[2] == 3:
        square[top : top + h, left : left + w, 3] = 255
    return square


def frame_all(frames: UInt8, framing: Framing) -> UInt8:
    """(F, side, side, C) of frames (F, H, W, 3 or 4)."""
    return np.stack([frame(one, framing) for one in frames])
