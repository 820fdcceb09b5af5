"""Files of pixels opened with limits: PNG, JPEG, WebP, GIF, TIFF, told apart by content.

Size in pixels is read from the header and refused before anything is unpacked. What pictures and clips read alike; knows neither.
"""

from __future__ import annotations

import io
import struct
import warnings as python_warnings

from PIL import Image as Pil

from etude.config.media import IMAGE
from etude.errors import WorkError

_KINDS: dict[str, tuple[str, ...]] = {
    "png": ("PNG",),
    "jpeg": ("JPEG", "MPO"),
    "webp": ("WEBP",),
    "gif": ("GIF",),
    "tiff": ("TIFF",),
}
# What Pillow raises for files that are cut short or damaged, and never for a mistake of ours.
DAMAGE = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    struct.error,
    OverflowError,
)


def kind(data: bytes) -> str | None:
    """'png', 'jpeg', 'webp', 'gif' or 'tiff' by content, else None."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return "gif"
    return "tiff" if data[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+") else None


def open_picture(data: bytes, found: str, least_side_px: int = IMAGE.least_side_px) -> Pil.Image:
    """Opened, not yet unpacked; only by the decoder of that kind. Raises WorkError when it is damaged or has too many pixels."""
    try:
        with python_warnings.catch_warnings():
            python_warnings.simplefilter(
                "ignore"
            )  # Pillow warns of large pictures; the limits below are ours
            picture = Pil.open(io.BytesIO(data), formats=_KINDS[found])
    except Pil.DecompressionBombError as error:
        raise WorkError(
            f"This picture has more than {2 * (Pil.MAX_IMAGE_PIXELS or 0) / 1e6:,.0f} megapixels; at most {IMAGE.max_pixels / 1e6:,.0f} are read.",
            "Save a smaller copy and add that.",
        ) from error
    except DAMAGE as error:
        raise WorkError(
            f"This {found.upper()} picture is damaged: {said(error)}.", "Export or download it again."
        ) from error
    check_size(*picture.size, least_side_px)
    return picture


def check_size(width: int, height: int, least_side_px: int = IMAGE.least_side_px) -> None:
    """Raises WorkError for too many or too few pixels."""
    if width * height > IMAGE.max_pixels:
        raise WorkError(
            f"This picture has {width:,} x {height:,} pixels ({width * height / 1e6:,.0f} megapixels); at most "
            f"{IMAGE.max_pixels / 1e6:,.0f} are read.",
            "Save a smaller copy and add that.",
        )
    if min(width, height) < least_side_px:
        raise WorkError(
            f"This picture has {width} x {height} pixels; there must be at least {least_side_px} each way.",
            "Leave it out, or add the original.",
        )


def said(error: BaseException) -> str:
    """What Pillow says, in one line without the address of an object."""
    text = " ".join(str(error).split()).rstrip(".")
    return "it cannot be decoded" if not text or "<_io" in text else text[:120]
