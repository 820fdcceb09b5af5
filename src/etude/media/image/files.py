"""Files of pixels into pictures: told apart by content, opened by the decoder of that kind alone, with
limits.

Size in pixels is read from the header and refused before anything is unpacked. Orientation is applied,
colours become sRGB, and what is larger than Etude works with is reduced (a JPEG already while it is decoded).
Knows nothing of the project folder.
"""

from __future__ import annotations

import io
import warnings as python_warnings

from PIL import Image as Pil
from PIL import ImageOps, UnidentifiedImageError

from etude.config.media import IMAGE
from etude.errors import WorkError, clean
from etude.media.contract import Reading
from etude.media.guard import guarded
from etude.media.image import psd, tiff, tiff_pages
from etude.media.image.stated_light import stated
from etude.media.pixels.arrays import within
from etude.media.pixels.colour import to_srgb
from etude.media.pixels.kinds import DECODERS, SUFFIXES, name
from etude.media.pixels.raster import AGAIN, DAMAGE, SMALLER, check_size, damaged, open_picture

__all__ = ["SUFFIXES", "read"]


def read(data: bytes, found: str) -> Reading:
    """The picture in a file of that kind, of several the first. Raises WorkError."""
    with python_warnings.catch_warnings(), guarded(f"{name(found)} picture", AGAIN):
        python_warnings.simplefilter("ignore")  # what matters Pillow raises; the rest is about tags
        return _read(data, found)


def _read(data: bytes, found: str) -> Reading:
    notes: list[str] = []
    try:
        picture, pages = _opened(data, found, notes)
        width, height = picture.size
        if found == "jpeg" and picture.mode in ("RGB", "L", "YCbCr"):
            picture.draft(
                picture.mode, (IMAGE.side_px, IMAGE.side_px)
            )  # decodes at a half, a quarter or an eighth
        picture.load()
        title, maker = _texts(picture)
        ImageOps.exif_transpose(picture, in_place=True)  # no second copy of all its pixels
        picture, mended = to_srgb(picture, stated(data, found))
        pixels = within(picture, IMAGE.side_px)
    except MemoryError as error:
        raise WorkError("There is not enough memory for this picture.", SMALLER) from error
    except Pil.DecompressionBombError as error:
        raise WorkError(
            "This picture would decompress to far more than its size.", "Leave it out."
        ) from error
    except DAMAGE as error:
        raise damaged(found, error) from error
    if pages > 1 and found not in ("jpeg", "ico"):  # in a JPEG the others are previews and depth
        notes.insert(0, f"first of {pages:,} {'pages' if found == 'tiff' else 'frames'} only")
    if min(width, height) < IMAGE.small_side_px:
        notes.append(f"only {width} x {height} pixels: it will be enlarged")
    meta = {"width_px": str(width), "height_px": str(height)}
    return Reading(pixels, title, maker, (*notes, *mended), meta)


def _opened(data: bytes, found: str, notes: list[str]) -> tuple[Pil.Image, int]:
    """The picture, and of how many it is the first."""
    if found == "tiff":
        return _tiff(data, notes)
    if found == "psd":
        psd.check(data)
    picture = open_picture(data, found)
    return picture, 1 if found == "psd" else int(getattr(picture, "n_frames", 1))


def _tiff(data: bytes, notes: list[str]) -> tuple[Pil.Image, int]:
    """The first page that is no small version of another, and how many such there are."""
    every = tiff_pages.pages(data)
    number = next((i for i, page in enumerate(every) if not page.aside), 0)
    page = every[number]
    check_size(page.width, page.height)
    count = sum(not other.aside for other in every)
    if not tiff.beyond_pillow(page):
        try:
            opened = Pil.open(io.BytesIO(data), formats=DECODERS["tiff"])
            if number:
                opened.seek(number)
            return opened, count
        except UnidentifiedImageError:
            pass  # sound, and of a kind that Pillow does not know
    picture, guessed = tiff.read(data, page)
    notes += guessed
    picture.getexif().update({0x0112: page.orientation, 0x013B: page.artist})
    return picture, count


def _texts(picture: Pil.Image) -> tuple[str, str]:
    """Title and artist, where the file names them: PNG texts, or EXIF."""
    exif = picture.getexif()
    title = picture.info.get("Title") or ""
    maker = picture.info.get("Author") or exif.get(0x013B) or ""  # 0x013B: Artist
    return _line(title), _line(maker)


def _line(text: object) -> str:
    return clean(" ".join(text.replace("\0", " ").split()))[:200] if isinstance(text, str) else ""
