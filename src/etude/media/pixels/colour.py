"""A decoded picture of any mode into 8-bit sRGB, with opacity where there is any: profiles, CMYK, 16 bits,
palettes.

Knows no file formats; what had to be guessed or mended is said in a warning.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import Image as Pil
from PIL import ImageCms

from etude.errors import WorkError
from etude.media.pixels.light import Light, bytes_to_srgb

_BENT = "its high dynamic range was tone-mapped to standard range"


def to_srgb(picture: Pil.Image, light: Light | None = None) -> tuple[Pil.Image, list[str]]:
    """The picture in RGB or RGBA, and what a person should know. Raises WorkError for values that no picture
    has.

    `light`: what its numbers mean where the file says so without a profile.
    """
    profile = picture.info.get("icc_profile")
    warnings: list[str] = []
    if picture.mode in ("I", "F") or picture.mode.startswith("I;"):
        picture = _eight_bits(picture)
    if ("transparency" in picture.info and picture.mode in ("1", "L", "P", "RGB")) or picture.mode in (
        "PA",
        "La",
        "RGBa",
    ):
        picture = picture.convert("RGBA")
    elif picture.mode in ("1", "P"):
        picture = picture.convert("RGB")
    if light is not None:
        return _by_light(picture, light), warnings + ([_BENT] if light.high_range else [])
    if profile:
        converted = _by_profile(picture, profile)
        if converted is not None:
            return converted, warnings
        warnings.append("its colour profile could not be used; its colours were not converted")
    if picture.mode == "CMYK":
        warnings.append("CMYK without a profile: colours are approximate")
    if picture.mode == "LA":
        return picture.convert("RGBA"), warnings
    return (picture if picture.mode in ("RGB", "RGBA") else picture.convert("RGB")), warnings


def _by_light(picture: Pil.Image, light: Light) -> Pil.Image:
    plain = picture.convert("RGBA" if picture.mode in ("LA", "RGBA") else "RGB")
    return Pil.fromarray(bytes_to_srgb(np.asarray(plain), light))


def _eight_bits(picture: Pil.Image) -> Pil.Image:
    """16 bits a pixel to 8, rounded."""
    values = np.asarray(picture)
    if values.min(initial=0) < 0 or values.max(initial=0) > 65535:
        raise WorkError(
            "Its pixels are not brightness values (negative, or above 65,535).",
            "Save it as an 8- or 16-bit picture.",
        )
    out = np.empty(values.shape, np.uint8)
    step = max(1, 1_000_000 // max(1, values.shape[1]))
    for row in range(0, len(values), step):
        out[row : row + step] = np.round(values[row : row + step].astype(np.float64) * (255.0 / 65535.0))
    made = Pil.fromarray(out)
    made.info = dict(picture.info)
    return made


def _by_profile(picture: Pil.Image, profile: bytes) -> Pil.Image | None:
    """Into sRGB by the picture's own profile; None where the profile is damaged or for another kind of
    colour."""
    opacity = picture.getchannel("A") if picture.mode in ("RGBA", "LA") else None
    plain = (
        picture.convert({"RGBA": "RGB", "LA": "L"}.get(picture.mode, picture.mode)) if opacity else picture
    )
    if plain.mode not in ("RGB", "L", "CMYK", "LAB"):
        return None
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(plain, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
    if converted is None:
        return None
    if opacity is not None:
        converted.putalpha(opacity)
    return converted
