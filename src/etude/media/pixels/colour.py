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


def to_srgb(picture: Pil.Image) -> tuple[Pil.Image, list[str]]:
    """The picture in RGB or RGBA, and what a person should know. Raises WorkError for values that no picture
    has."""
    profile = picture.info.get("icc_profile")
    warnings: list[str] = []
    if picture.mode in ("I", "F") or picture.mode.startswith("I;"):
        (picture, guessed), profile = _eight_bits(picture), None
        warnings += guessed
    if ("transparency" in picture.info and picture.mode in ("1", "L", "P", "RGB")) or picture.mode in (
        "PA",
        "La",
        "RGBa",
    ):
        picture = picture.convert("RGBA")
    elif picture.mode in ("1", "P"):
        picture = picture.convert("RGB")
    if profile:
        converted = _by_profile(picture, profile)
        if converted is not None:
            return converted, warnings
        warnings.append("its colour profile could not be used; its colours were taken as they are")
    if picture.mode == "CMYK":
        warnings.append("printing colours (CMYK) without a profile: colours are approximate")
    if picture.mode == "LA":
        return picture.convert("RGBA"), warnings
    return (picture if picture.mode in ("RGB", "RGBA") else picture.convert("RGB")), warnings


def _eight_bits(picture: Pil.Image) -> tuple[Pil.Image, list[str]]:
    """16 bits a pixel (or floats of 0..1, of 0..255 or of 16 bits, as their largest says) to 8, rounded; what
    was guessed."""
    values = np.asarray(picture).astype(np.float64)
    high = float(values.max(initial=0.0))
    if not np.isfinite(values).all() or values.min(initial=0.0) < 0 or high > 65535:
        raise WorkError(
            "Its pixels are no brightnesses (negative, above 65,535 or not numbers).",
            "Save it as an 8- or 16-bit picture.",
        )
    bytes_ = picture.mode == "F" and 1.0 < high <= 255.0
    scale = 1.0 if bytes_ else 255.0 if picture.mode == "F" and high <= 1.0 else 255.0 / 65535.0
    guessed = ["its brightness has no stated range; white was taken to be 255"] if bytes_ else []
    return Pil.fromarray(np.round(values * scale).astype(np.uint8)), guessed


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
