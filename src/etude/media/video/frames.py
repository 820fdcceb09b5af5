"""A decoded frame of FFmpeg as upright, square-pixelled, reduced sRGB: transparency, display matrix, curves
of light.

The display matrix is followed, as FFmpeg itself does. High dynamic range (PQ, HLG), linear light and wide
primaries become sRGB (`light.py`); other curves are shown as they are, as players do. Knows no containers.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from av.video.reformatter import Interpolation, VideoReformatter
from PIL import Image as Pil

from etude.media.pixels.arrays import UInt8, reduced, to_pil
from etude.media.pixels.light import HLG, LINEAR, PQ, Light, bytes_to_srgb, named, to_srgb

_STRAIGHT = (1, 0, 0, 1)
_WIDE = (9, 11, 12)  # primaries of BT.2020 and P3
Fit = Callable[[float, float], tuple[int, int]]  # width and height of a content's frames


@dataclass
class Shown:
    """How the frames of one clip are shown: settled by the first, the same for all. `notes`: what a person
    should know."""

    fit: Fit
    notes: list[str]
    size: tuple[int, int] | None = None
    turn: tuple[int, int, int, int] = _STRAIGHT
    askew: float = 0.0  # degrees clockwise, where it is no quarter turn
    light: Light | None = None
    scaler: Any = field(default_factory=VideoReformatter)  # a frame's own is made anew for every frame

    def pixels(self, frame: Any, aspect: Fraction | None, opacity: UInt8 | None = None) -> UInt8:
        """(H, W, 3), or 4 where something is transparent, of a frame and the opacity beside it."""
        if self.size is None:
            ratio = float(aspect or Fraction(1))
            self.size = self.fit(frame.width * (ratio if 0.1 < ratio < 10 else 1.0), frame.height)
            self.turn, self.askew = self._turned(frame)
            self.light = self._light(frame)
        picture = self._reduced(frame, opacity, *self.size)
        if self.askew:  # within its own frame, black where nothing is, as FFmpeg has it
            ground = (0, 0, 0) if picture.shape[2] == 3 else (0, 0, 0, 255)
            return np.array(to_pil(picture).rotate(-self.askew, Pil.Resampling.BILINEAR, fillcolor=ground))
        return np.ascontiguousarray(turned(picture, self.turn))

    def _reduced(self, frame: Any, opacity: UInt8 | None, width: int, height: int) -> UInt8:
        # Opacity weighs the colours, which FFmpeg's own scaling does not do.
        if opacity is not None or has_alpha(frame.format):
            whole = self.scaler.reformat(frame, format="rgba").to_ndarray()
            if opacity is not None:
                whole[..., 3] = opacity
            return reduced(to_pil(self._lit(whole)), width, height)
        if self.light is not None:
            deep = self.scaler.reformat(
                frame,
                width=width,
                height=height,
                format="rgb48le",
                interpolation=Interpolation.AREA,
            ).to_ndarray()
            return np.round(to_srgb(deep.astype(np.float32) / 65535, self.light) * 255).astype(np.uint8)
        plain = self.scaler.reformat(
            frame, width=width, height=height, format="rgb24", interpolation=Interpolation.AREA
        )
        return np.asarray(plain.to_ndarray())

    def _lit(self, rgba: UInt8) -> UInt8:
        if self.light is None:
            return rgba
        return bytes_to_srgb(rgba, self.light)

    def _turned(self, frame: Any) -> tuple[tuple[int, int, int, int], float]:
        found = next((bytes(side) for side in frame.side_data if side.type.name == "DISPLAYMATRIX"), b"")
        if len(found) < 36:
            return _STRAIGHT, 0.0
        a, b, _, c, d = (value / 65536 for value in struct.unpack("=5i", found[:20]))
        turn = quarter(a, b, c, d)
        return (_STRAIGHT, math.degrees(math.atan2(b, a))) if turn is None else (turn, 0.0)

    def _light(self, frame: Any) -> Light | None:
        curve, primaries = int(frame.color_trc), int(frame.color_primaries)
        if curve in (PQ, HLG):
            self.notes.append("its high dynamic range was tone-mapped to standard range")
            return named(primaries, curve)
        if curve == LINEAR:
            return named(primaries, curve)
        return named(primaries, 13) if primaries in _WIDE else None


def has_alpha(layout: Any) -> bool:
    """Whether a layout of pixels has opacity."""
    return any(component.is_alpha for component in layout.components)


def quarter(a: float, b: float, c: float, d: float) -> tuple[int, int, int, int] | None:
    """The quarter turn (with or without a mirror) that a display matrix is; None for another angle."""
    most = max(map(abs, (a, b, c, d)))
    if most < 1e-4:
        return _STRAIGHT
    straight = abs(a) + abs(d) >= abs(b) + abs(c)
    if (abs(b) + abs(c) if straight else abs(a) + abs(d)) > 0.035 * most:  # more than a degree
        return None
    sign = [1 if value >= 0 else -1 for value in (a, b, c, d)]
    return (sign[0], 0, 0, sign[3]) if straight else (0, sign[1], sign[2], 0)


def turned(picture: UInt8, turn: tuple[int, int, int, int]) -> UInt8:
    """A picture (H, W, C) by a display matrix: what stands at (x, y) is shown at (a x + c y, b x + d y)."""
    a, b, c, d = turn
    if b or c:
        picture, a, d = picture.transpose(1, 0, 2), c, b
    return picture[:: d or 1, :: a or 1]
