"""Pictures as arrays: resized, laid on a ground, kept as bytes. A picture is uint8 (H, W, C), C = 3 (sRGB) or
4 (with opacity).

Colours under full transparency are not kept: they are what a person cannot see. Knows no file format but its
own, which is plain: a line of JSON and the bytes of the array, the same for the same pixels whatever library
wrote them.

Letters: F frames, H W pixels, C channels.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image as Pil

from etude.errors import WorkError

UInt8 = npt.NDArray[np.uint8]
_MAGIC = b"ETUDE-PIXELS 1 "


def to_pil(pixels: UInt8) -> Pil.Image:
    """(H, W, C) as a Pillow picture, RGB or RGBA."""
    return Pil.fromarray(np.ascontiguousarray(pixels))


def from_pil(picture: Pil.Image) -> UInt8:
    """A Pillow picture in RGB or RGBA as (H, W, C); without its fourth channel where nothing is
    transparent."""
    pixels = np.array(picture, dtype=np.uint8)
    if pixels.shape[2] == 4:
        if pixels[..., 3].min() == 255:
            return np.ascontiguousarray(pixels[..., :3])
        pixels[pixels[..., 3] == 0] = 0
    return pixels


def resized(
    pixels: UInt8, width: int, height: int, box: tuple[float, float, float, float] | None = None
) -> UInt8:
    """(height, width, C) of the picture, or of the `box` (left, top, right, bottom) in it. Lanczos; opacity
    weighs the colours."""
    if box is None and pixels.shape[:2] == (height, width):
        return pixels
    return _scaled(to_pil(pixels), width, height, box)


def reduced(picture: Pil.Image, width: int, height: int) -> UInt8:
    """(height, width, C) of a large Pillow picture in RGB or RGBA, without a copy of all its pixels as an
    array."""
    if picture.mode == "RGBA" and picture.getchannel("A").getextrema()[0] == 255:
        picture = picture.convert("RGB")
    return from_pil(picture) if picture.size == (width, height) else _scaled(picture, width, height)


def within(picture: Pil.Image, side_px: int) -> UInt8:
    """(H, W, C) of a Pillow picture with a longer side of at most `side_px`; smaller ones as they are."""
    scale = min(1.0, side_px / max(picture.size))
    return reduced(picture, max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))


def _scaled(
    picture: Pil.Image, width: int, height: int, box: tuple[float, float, float, float] | None = None
) -> UInt8:
    if picture.mode == "RGB":
        return np.asarray(picture.resize((width, height), Pil.Resampling.LANCZOS, box, reducing_gap=3.0))
    weighed = picture.convert("RGBa").resize((width, height), Pil.Resampling.LANCZOS, box, reducing_gap=3.0)
    out = np.array(weighed.convert("RGBA"))
    out[out[..., 3] == 0] = 0
    return out


def flattened(pixels: UInt8, ground: tuple[int, int, int] = (255, 255, 255)) -> UInt8:
    """(..., H, W, 3): the picture laid on a ground of one colour."""
    if pixels.shape[-1] == 3:
        return pixels
    opacity = pixels[..., 3:].astype(np.uint32)
    mixed = pixels[..., :3] * opacity + np.array(ground, np.uint32) * (255 - opacity)
    return ((mixed + 127) // 255).astype(np.uint8)


def pack(pixels: UInt8, about: dict[str, Any]) -> bytes:
    """Any uint8 array with what is said of it, as bytes."""
    head = json.dumps({**about, "shape": list(pixels.shape)}, sort_keys=True, separators=(",", ":"))
    return _MAGIC + head.encode() + b"\n" + np.ascontiguousarray(pixels).tobytes()


def unpack(data: bytes, dimensions: int) -> tuple[UInt8, dict[str, Any]]:
    """What `pack` wrote. Raises WorkError for anything else."""
    head, _, body = data.partition(b"\n")
    try:
        if not head.startswith(_MAGIC):
            raise ValueError("it does not begin as one")
        about = json.loads(head[len(_MAGIC) :])
        shape = tuple(int(n) for n in about.pop("shape"))
        if len(shape) != dimensions or min(shape) < 1 or shape[-1] not in (3, 4):
            raise ValueError(f"a shape of {shape}")
        pixels = np.frombuffer(body, np.uint8).reshape(shape).copy()
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise WorkError(f"A stored picture is damaged ({error}).", "etude repair") from error
    return pixels, about
