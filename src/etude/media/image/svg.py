"""Drawings in SVG into pixels: made harmless first, then drawn by resvg (through resvg-py).

resvg runs no scripts and opens no network, but it opens files that a drawing names, and expands what it is given. So the drawing is
parsed here without entities, network or DTDs, everything that runs, loads or points outside the drawing is taken out, sizes are
checked, and only then is it drawn, at a size of our choice. Text is left out: letters would look different on every machine.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import io
import re
import zlib

import resvg_py
from lxml import etree
from PIL import Image as Pil

from etude.config.media import IMAGE
from etude.errors import WorkError
from etude.media.contract import Reading
from etude.media.image import svg_cost as svgcost
from etude.media.image.files import DAMAGE, kind, open_picture
from etude.media.pixels.arrays import from_pil

_ACTIVE = {"script", "foreignobject", "iframe", "audio", "video", "handler", "listener", "animate", "animatetransform", "set",
           "animatemotion", "animatecolor", "discard", "embed", "object", "link", "cursor"}  # fmt: skip
_TEXT = {"text", "tref", "textpath", "tspan"}
_URL = re.compile(
    r"url\(\s*(['\"]?)(?!\s*['\"]?#)[^)]*\)|@import[^;]*;?|image-set\([^)]*\)|expression\([^)]*\)", re.I
)
_ENTITY = re.compile(rb"<!ENTITY\s+(%?\s*[\w:.-]+)\s+(?:(SYSTEM|PUBLIC)\b|\"([^\"]*)\"|'([^']*)')", re.S)
_UNITS = {"px": 1.0, "pt": 96 / 72, "pc": 16.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0}
_START = re.compile(rb"<(?:\w+:)?svg[\s>/]", re.I)


def looks_like(data: bytes) -> bool:
    """Whether the bytes begin as an SVG does (or a gzipped one)."""
    return bool(_START.search(data[:65536])) or (
        data[:2] == b"\x1f\x8b" and bool(_START.search(_unzipped(data, 65536)))
    )


def read(data: bytes) -> Reading:
    """The drawing with its longer side at `IMAGE.svg_px` pixels, transparent where nothing is drawn. Raises WorkError."""
    if data[:2] == b"\x1f\x8b":
        data = _unzipped(data, IMAGE.max_svg_bytes + 1)
    if len(data) > IMAGE.max_svg_bytes:
        raise WorkError(
            f"This drawing has more than {IMAGE.max_svg_bytes / 1e6:.0f} MB of SVG.",
            "Export it as PNG and add that.",
        )
    root = _parsed(data)
    notes = _made_harmless(root)
    title = next((" ".join((e.text or "").split())[:200] for e in root if _name(e) == "title"), "")
    width, height = _size(root)
    scale = IMAGE.svg_px / max(width, height)
    w, h = max(IMAGE.least_side_px, round(width * scale)), max(IMAGE.least_side_px, round(height * scale))
    root.set("width", str(w))
    root.set("height", str(h))
    if root.get("viewBox") is None:
        root.set("viewBox", f"0 0 {width:g} {height:g}")
    try:
        drawn = resvg_py.svg_to_bytes(
            svg_string=etree.tostring(root, encoding="unicode"), skip_system_fonts=True
        )
        picture = Pil.open(io.BytesIO(bytes(drawn)), formats=("PNG",)).convert("RGBA")
    except (*DAMAGE, RuntimeError) as error:
        raise WorkError(
            f"This SVG cannot be drawn: {' '.join(str(error).split())[:120]}.",
            "Export it as PNG and add that.",
        ) from error
    if picture.getchannel("A").getextrema() == (0, 0):
        raise WorkError(
            "Nothing can be seen in this SVG.", "Open it in a drawing program and export it as PNG."
        )
    return Reading(
        from_pil(picture), title, "", tuple(notes), {"width_px": f"{width:g}", "height_px": f"{height:g}"}
    )


def _unzipped(data: bytes, most: int) -> bytes:
    """The first `most` bytes of a gzipped drawing; empty when it is damaged."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            return file.read(most)
    except (OSError, EOFError, zlib.error):
        return b""


def _parsed(data: bytes) -> etree._Element:
    """The drawing as a tree. Entities are refused, but for the short plain ones that drawing programs write."""
    for name, outside, *values in _ENTITY.findall(data):
        value = b"".join(values)
        if (
            outside
            or name.startswith(b"%")
            or b"&" in value
            or b"%" in value
            or len(value) > IMAGE.max_entity
        ):
            raise WorkError(
                "This SVG defines XML entities that load files or multiply; it is not opened.",
                "Open it in a drawing program and save it as plain SVG or as PNG.",
            )
    if data.upper().count(b"<!ENTITY") != len(_ENTITY.findall(data)):
        raise WorkError(
            "This SVG defines XML entities in a way that cannot be checked.",
            "Save it as plain SVG or as PNG.",
        )
    parser = etree.XMLParser(
        resolve_entities="internal", no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise WorkError(
            f"This SVG is damaged ({' '.join(str(error).split())[:120]}).", "Export it again."
        ) from error
    if root is None or _name(root) != "svg":
        raise WorkError("This file holds no SVG drawing.", "Export it again.")
    return root


def _made_harmless(root: etree._Element) -> list[str]:
    """Take out what runs, loads or points outside, and check what multiplies. Returns what a person should know."""
    gone: dict[str, int] = {}
    elements = list(root.iter())
    if len(elements) > IMAGE.max_svg_elements:
        raise WorkError(
            f"This drawing has {len(elements):,} elements; at most {IMAGE.max_svg_elements:,} are drawn.",
            "Export it as PNG.",
        )
    if sum(_name(e).startswith("fe") and len(_name(e)) > 2 for e in elements) > IMAGE.max_svg_filters:
        raise WorkError("This drawing has too many filters.", "Export it as PNG and add that.")
    for element in elements:
        name = _name(element)
        if name in _ACTIVE or name in _TEXT or not isinstance(element.tag, str):
            parent = element.getparent()
            if parent is not None:
                _drop(element)
                what = "text" if name in _TEXT else "scripts and animation"
                gone[what] = gone.get(what, 0) + 1
            continue
        if name == "style" and element.text:
            element.text = _URL.sub("none", element.text)
        for key in list(element.attrib):
            value = str(element.attrib[key])
            local = etree.QName(key).localname.lower()
            if local.startswith("on") or local == "base":
                del element.attrib[key]
            elif local in ("href", "src"):
                if not _inside(value, name):
                    del element.attrib[key]
                    gone["links to files outside it"] = gone.get("links to files outside it", 0) + 1
            elif _URL.search(value):
                element.attrib[key] = _URL.sub("none", value)
                gone["links to files outside it"] = gone.get("links to files outside it", 0) + 1
    svgcost.check(list(root.iter()))
    notes = [f"left out {what}" for what in gone]
    return [note + ": turn it into paths to keep it" if note == "left out text" else note for note in notes]


def _inside(value: str, name: str) -> bool:
    """Whether a link stays in the drawing: to one of its elements, or a picture of pixels held in it, within our limits."""
    value = value.strip()
    if value.startswith("#"):
        return True
    head, _, body = value.partition(",")
    if (
        name not in ("image", "feimage")
        or not head.lower().startswith("data:")
        or not head.lower().endswith(";base64")
    ):
        return False
    try:
        data = base64.b64decode("".join(body.split()), validate=True)
        found = kind(data)
        if found not in ("png", "jpeg", "gif", "webp"):
            return False
        open_picture(data, found)
    except (binascii.Error, ValueError, WorkError):
        return False
    return True


def _size(root: etree._Element) -> tuple[float, float]:
    """Width and height in the drawing's own units, from its viewBox or its size. Raises WorkError for none or an endless one."""
    box = [
        float(n)
        for n in re.findall(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?", root.get("viewBox", ""), re.I)[:4]
    ]
    width, height = (
        (box[2], box[3]) if len(box) == 4 else (_length(root.get("width")), _length(root.get("height")))
    )
    if not (0 < width < 1e7 and 0 < height < 1e7):
        width = height = (
            100.0 if root.get("viewBox") is None else -1.0
        )  # as browsers take it where nothing is said
    if width <= 0 or max(width, height) > 50 * min(width, height):
        raise WorkError("This SVG has no size that makes sense.", "Export it as PNG and add that.")
    return width, height


def _length(text: str | None) -> float:
    """A length in px; CSS says how many of these the other units have."""
    found = re.match(r"\s*((?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)\s*(px|pt|pc|mm|cm|in)?\s*$", text or "", re.I)
    return float(found[1]) * _UNITS[(found[2] or "px").lower()] if found else -1.0


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname.lower() if isinstance(element.tag, str) else ""


def _drop(element: etree._Element) -> None:
    """Remove an element with all that is in it, keeping the text after it."""
    parent = element.getparent()
    assert parent is not None
    parent.remove(element)
