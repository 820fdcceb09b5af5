"""The medium of pictures: a content is uint8 (H, W, C), sRGB, C = 4 where something is transparent; one unit,
the picture.

Reading is `files.py` and `svg.py`, what it shares with clips `pixels/base.py`. A content has at most
`IMAGE.side_px` pixels on its longer side: more than any network learns, and a shelf of photographs fits the
memory one by one. Knows nothing of models or of the project folder.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import numpy as np

from etude.config.media import IMAGE
from etude.errors import WorkError, clean
from etude.media.image import files as imagefiles
from etude.media.pixels import foreign, raster
from etude.media.pixels.arrays import flattened, pack, to_pil, unpack
from etude.media.pixels.base import PixelMedium
from etude.media.pixels.palette import main_colours
from etude.media.values import Float32, Names, Reading, SheetStyle, UInt8

_SHAPES = ((0.8, "upright"), (1.25, "square"), (float("inf"), "wide"))


class Image(PixelMedium):
    """The `PictureMedium` contract for pictures; has no state."""

    name = "image"
    names = Names("picture", "pictures", "picture", "shows")
    suffixes: tuple[str, ...] = (*imagefiles.SUFFIXES, ".svg", ".svgz")
    formats: tuple[str, ...] = ("png", "webp", "jpg", "tiff")
    moves = False

    def sniff(self, data: bytes, suffix: str) -> bool:
        """Whether the bytes are a picture of a kind that is read; of moving ones the first frame is."""
        from etude.media.image import svg

        return raster.kind(data) is not None or (suffix in (".svg", ".svgz") and svg.looks_like(data))

    def read(self, data: bytes, *, suffix: str) -> Reading:
        """The picture in a file, upright, in sRGB, at most `IMAGE.side_px` wide and high. Raises WorkError in
        one sentence."""
        if not data:
            raise WorkError("The file is empty (0 bytes).", "Export it again.")
        if len(data) > IMAGE.max_bytes:
            raise WorkError(
                f"This picture has {len(data) / 1e6:,.0f} MB; "
                f"at most {IMAGE.max_bytes / 1e6:,.0f} MB are read.",
                "Save a smaller copy and add that.",
            )
        foreign.refuse(data, suffix)
        found = raster.kind(data)
        if found is not None:
            return imagefiles.read(data, found)
        from etude.media.image import svg

        if svg.looks_like(data):
            return svg.read(data)
        raise WorkError(
            "This file holds no picture that Etude reads.", "Save it as PNG, JPEG, WebP, GIF, TIFF or SVG."
        )

    def write(self, content: UInt8, fmt: str) -> bytes:
        """'png', 'webp' and 'tiff' without loss, 'jpg' on white. Raises WorkError for any other format."""
        out = io.BytesIO()
        if fmt == "png":
            to_pil(content).save(out, "PNG", optimize=True)
        elif fmt == "webp":
            to_pil(content).save(out, "WEBP", lossless=True, method=6, exact=True)
        elif fmt == "jpg":
            to_pil(flattened(content)).save(out, "JPEG", quality=95, subsampling=0)
        elif fmt == "tiff":
            to_pil(content).save(out, "TIFF", compression="tiff_adobe_deflate")
        else:
            raise WorkError(
                f"A picture cannot be written as {clean(fmt, 20)}.",
                f"Choose one of {', '.join(self.formats)}.",
            )
        return out.getvalue()

    def store(self, content: UInt8) -> bytes:
        """The pixels as they are, after one line that says how many."""
        return pack(content, {"kind": "image"})

    def load(self, data: bytes) -> UInt8:
        """What `store` wrote. Raises WorkError for anything else."""
        return unpack(data, 3)[0]

    def size(self, content: UInt8) -> int:
        """1: a picture is not divided."""
        return 1

    def cut(self, content: UInt8, start: int, end: int) -> UInt8:
        """The picture itself; there are no smaller parts."""
        return content

    def boundaries(self, content: UInt8) -> Sequence[int]:
        """None inside."""
        return ()

    def signature(self, content: UInt8) -> Float32:
        """(1, 2, S) for near-copies; see `pixels.signature`."""
        from etude.media.pixels import signature

        return signature.signature(content)[None]

    def features(self, content: UInt8) -> Float32:
        """(D,) see `pixels.signature`."""
        from etude.media.pixels import signature

        return signature.features(content)

    def frames(self, content: UInt8) -> UInt8:
        """(1, H, W, C)."""
        return content[None]

    def rate(self, content: UInt8) -> float:
        """0: nothing moves."""
        return 0.0

    def from_frames(self, frames: UInt8, rate: float) -> UInt8:
        """The first of the frames (F, H, W, C), which is the only one."""
        return np.ascontiguousarray(frames[0])

    @property
    def sheet(self) -> SheetStyle:
        """Pictures and clips stand on one sheet."""
        return SheetStyle("pictures", ("png",), IMAGE.sheet_works, tells=True)

    def previews(self, content: UInt8) -> dict[str, Callable[[], bytes]]:
        """The picture as PNG."""
        return {".png": lambda: self.write(content, "png")}

    def describe(self, content: UInt8) -> str:
        """For example: 'Square picture, 64 x 64 pixels, mostly yellow and black, with transparency'."""
        height, width = content.shape[:2]
        shape = next(name for most, name in _SHAPES if width / height <= most)
        see_through = ", with transparency" if content.shape[2] == 4 else ""
        colours = main_colours(content)
        return f"{shape.capitalize()} picture, {width} x {height} pixels, mostly {colours}{see_through}"

    def place(self, content: UInt8, offset: int) -> str:
        """A picture is one place."""
        return "the picture"


MEDIUM = Image()
