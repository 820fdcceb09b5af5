"""Drawings in SVG into pixels: made harmless (`svg_safe`), styled (`svg_style`), measured (`svg_size`), drawn
by resvg (`svg_renderer`).

They are drawn at a size of our choice, transparent where nothing is drawn. Text is left out: letters would
look different on every machine. Knows nothing of the project folder.
"""

from __future__ import annotations

import gzip
import io
import zlib
from functools import partial

import numpy as np
from lxml import etree
from PIL import Image as Pil

from etude.config.media import IMAGE
from etude.errors import WorkError, clean
from etude.media.contract import Reading
from etude.media.guard import guarded
from etude.media.image import svg_lacks, svg_renderer, svg_safe, svg_size, svg_style
from etude.media.image.svg_renderer import HINT as _HINT
from etude.media.image.svg_renderer import Allowance
from etude.media.image.svg_size import Size
from etude.media.image.svg_tree import Element, name_of
from etude.media.pixels.arrays import UInt8, from_pil, reduced
from etude.media.pixels.raster import DAMAGE, said

_FINER = 3  # times as large is a drawing with patterns drawn


def looks_like(data: bytes) -> bool:
    """Whether the bytes begin as an SVG does (or a gzipped one)."""
    head = _unzipped(data, 65536) if data[:2] == b"\x1f\x8b" else data[:65536]
    return svg_safe.begins(head)


def read(data: bytes) -> Reading:
    """The drawing with its longer side at `IMAGE.svg_px` pixels, transparent where nothing is drawn. Raises
    WorkError."""
    with guarded("SVG", _HINT):
        return _read(data)


def _read(data: bytes) -> Reading:
    if data[:2] == b"\x1f\x8b":
        data = _unzipped(data, IMAGE.max_svg_bytes + 1)
    left = Allowance()
    root, size, notes = _prepared(data, left)
    pixels = _fitted(root, size, IMAGE.svg_px, left)
    if not _seen(pixels):
        gone = " and ".join(note.removeprefix("left out ").partition(":")[0] for note in notes)
        raise WorkError(
            f"Nothing is visible in this SVG{f'; left out: {gone}' if gone else ''}.",
            "Open it in a drawing program and export it as PNG.",
        )
    title = next((clean(" ".join((e.text or "").split()))[:200] for e in root if name_of(e) == "title"), "")
    meta = {"width_px": f"{size.width:g}", "height_px": f"{size.height:g}"}
    return Reading(pixels, title, "", tuple(notes), meta)


def _prepared(data: bytes, left: Allowance) -> tuple[Element, Size, list[str]]:
    """The drawing without anything harmful and without style sheets, its size, and what a person should
    know."""
    if len(data) > IMAGE.max_svg_bytes:
        raise WorkError(f"This drawing has more than {IMAGE.max_svg_bytes / 1e6:.0f} MB of SVG.", _HINT)
    root = svg_safe.parsed(data)
    notes = svg_safe.made_harmless(root, lambda inner: _nested(inner, left))
    box = svg_size.view_box(root)
    width, height = svg_size.stated(root)
    shown = (width or (box[2] if box else 0) or 300.0, height or (box[3] if box else 0) or 150.0)
    lost = svg_style.inlined(root, shown, (box[2], box[3]) if box and box[2] and box[3] else None)
    svg_safe.checked_again(root)
    size = svg_size.measured(root, partial(_drawn, left))
    seen = size.box or (0.0, 0.0, size.width, size.height)
    side = (
        max(size.width, size.height) if width or height else IMAGE.svg_px
    )  # the size at which it is looked at
    svg_lacks.supplied(
        root, min(size.width / seen[2], size.height / seen[3]) * side / max(size.width, size.height), seen
    )
    return (
        root,
        size,
        [*notes, *(note for note in (f"left out {what}" for what in lost) if note not in notes)],
    )


def _nested(data: bytes, left: Allowance) -> bytes | None:
    """A drawing within a drawing, as PNG; None for one that cannot be drawn, and beyond the first few."""
    if left.nested <= 0:
        return None
    others, left.nested = left.nested - 1, 0
    try:
        root, size, _ = _prepared(data, left)
        pixels = _fitted(root, size, 2 * IMAGE.svg_px, left)
    except WorkError:
        return None
    finally:
        left.nested = others
    if not _seen(pixels):
        return None
    out = io.BytesIO()
    Pil.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def _seen(pixels: UInt8) -> bool:
    return pixels.shape[2] == 3 or bool(pixels[..., 3].any())


def _fitted(root: Element, size: Size, side_px: int, left: Allowance) -> UInt8:
    """(H, W, 3 or 4) of the drawing with its longer side at `side_px`."""
    scale = side_px / max(size.width, size.height)
    w, h = (max(IMAGE.least_side_px, round(length * scale)) for length in (size.width, size.height))
    if size.box is None:
        root.set("viewBox", f"0 0 {size.width:g} {size.height:g}")
    elif size.box != svg_size.view_box(root):
        root.set("viewBox", " ".join(f"{number:.9g}" for number in size.box))
    if not any(name_of(element) == "pattern" for element in root.iter()):
        return from_pil(Pil.fromarray(_drawn(left, root, w, h)))
    # resvg draws the tile of a pattern in pixels, so that a turned or small one shows its seams
    large = _drawn(left, root, w * _FINER, h * _FINER)
    return reduced(Pil.fromarray(large), w, h)


def _drawn(left: Allowance, root: Element, width: int, height: int) -> UInt8:
    """(height, width, 4) as resvg draws it. Raises WorkError for what it cannot draw."""
    root.set("width", str(width))
    root.set("height", str(height))
    try:
        drawn = svg_renderer.draw(etree.tostring(root, encoding="utf-8"), left)
        return np.asarray(Pil.open(io.BytesIO(drawn), formats=("PNG",)).convert("RGBA"))
    except (*DAMAGE, RuntimeError) as error:
        raise WorkError(f"This SVG cannot be drawn: {said(error)}.", _HINT) from error


def _unzipped(data: bytes, most: int) -> bytes:
    """The first `most` bytes of a gzipped drawing; empty when it is damaged."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            return file.read(most)
    except (OSError, EOFError, zlib.error):
        return b""
