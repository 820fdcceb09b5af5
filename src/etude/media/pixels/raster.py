"""Files of pixels opened with limits, told apart by content; what pictures and clips read alike.

Size in pixels is read from the header and refused before anything is unpacked. Knows neither pictures nor
clips.
"""

from __future__ import annotations

import io
import re
import struct
import warnings as python_warnings

from PIL import Image as Pil

from etude.config.media import IMAGE
from etude.errors import WorkError
from etude.media.guard import reason
from etude.media.pixels.kinds import DECODERS, kind, name

__all__ = ["AGAIN", "DAMAGE", "SMALLER", "check_size", "damaged", "kind", "open_picture", "said"]

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
AGAIN = "Export or download it again."
SMALLER = "Save a smaller copy and add that."


def open_picture(data: bytes, found: str, least_side_px: int = IMAGE.least_side_px) -> Pil.Image:
    """Opened, not yet unpacked; only by the decoder of that kind. Raises WorkError when it is damaged or has
    too many pixels."""
    try:
        with python_warnings.catch_warnings():
            python_warnings.simplefilter(
                "ignore"
            )  # Pillow warns of large pictures; the limits below are ours
            picture = Pil.open(io.BytesIO(data), formats=DECODERS[found])
    except Pil.DecompressionBombError as error:
        raise WorkError(
            f"This picture has more than {2 * (Pil.MAX_IMAGE_PIXELS or 0) / 1e6:,.0f} megapixels; at most "
            f"{IMAGE.max_pixels / 1e6:,.0f} are read.",
            SMALLER,
        ) from error
    except DAMAGE as error:
        raise damaged(found, error) from error
    check_size(*picture.size, least_side_px)
    return picture


def check_size(width: int, height: int, least_side_px: int = IMAGE.least_side_px) -> None:
    """Raises WorkError for too many or too few pixels."""
    if width * height > IMAGE.max_pixels:
        raise WorkError(
            f"This picture has {width:,} x {height:,} pixels ({width * height / 1e6:,.0f} megapixels); at "
            f"most {IMAGE.max_pixels / 1e6:,.0f} are read.",
            SMALLER,
        )
    if min(width, height) < least_side_px:
        raise WorkError(
            f"This picture has {width} x {height} pixels; there must be at least {least_side_px} each way.",
            "Leave it out, or add the original.",
        )


def damaged(found: str, error: BaseException) -> WorkError:
    """What is said of a file that breaks a decoder."""
    return WorkError(f"This {name(found)} picture is damaged: {said(error)}.", AGAIN)


def said(error: BaseException) -> str:
    """What a decoder says, in one line without numbers of the system, names of its functions and addresses of
    objects."""
    text = re.sub(r"^\[Errno -?\d+\] |: '[^']*'( returned -?\d+)?$", "", reason(error))
    plain = (
        "<_io" not in text
        and "<none>" not in text
        and not text.startswith("its decoder")
        and not isinstance(error, KeyError)
    )
    return text[:120] if plain else "it cannot be decoded"
