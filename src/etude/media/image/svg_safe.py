"""Drawings made harmless: parsed without entities, network or DTDs; what runs, loads or points outside is
taken out.

resvg runs no scripts and opens no network, but it opens files that a drawing names, and expands what it is
given. Letters are left out: they would look different on every machine. Knows no styles beyond the addresses
in them.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from lxml import etree

from etude.config.media import IMAGE
from etude.errors import WorkError
from etude.media.image import svg_cost
from etude.media.image.svg_tree import Element, href, name_of, set_href
from etude.media.pixels import raster

_ACTIVE = {
    "script",
    "foreignobject",
    "iframe",
    "audio",
    "video",
    "handler",
    "listener",
    "animate",
    "animatetransform",
    "set",
    "animatemotion",
    "animatecolor",
    "discard",
    "embed",
    "object",
    "link",
    "cursor",
}
_TEXT = {"text", "tref", "textpath", "tspan"}
_URL = re.compile(
    r"url\(\s*(['\"]?)(?!\s*['\"]?#)[^)]*\)|@import[^;]*;?|(?:-webkit-)?image-set\([^)]*\)|expression\([^)]*"
    r"\)",
    re.I,
)
_ENTITY = re.compile(rb"<!ENTITY\s+(%?\s*[\w:.-]+)\s+(?:(SYSTEM|PUBLIC)\b|\"([^\"]*)\"|'([^']*)')", re.S)
_START = re.compile(rb"<(?:[\w.-]+:)?svg[\s>/]", re.I)
_DECLARED = re.compile(rb"<\?xml\b[^>]*?encoding\s*=\s*[\"']([\w.:-]+)[\"'][^>]*\?>")
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_OUTSIDE = "links to external files"
_SPACES = {"xlink": "http://www.w3.org/1999/xlink", "svg": "http://www.w3.org/2000/svg"}


def begins(head: bytes) -> bool:
    """Whether a file that begins like this is a drawing."""
    return _START.search(_utf8(head)) is not None


def parsed(data: bytes) -> Element:
    """The drawing as a tree. Entities are refused, but for the short plain ones that drawing programs write.
    Raises WorkError."""
    data = _utf8(data)
    for name, outside, *given in _ENTITY.findall(data):
        value = b"".join(given)
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
        resolve_entities="internal",
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(_with_spaces(data), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise WorkError(f"This SVG is damaged ({raster.said(error)}).", "Export it again.") from error
    if root is None or name_of(root) != "svg":
        raise WorkError("This file holds no SVG drawing.", "Export it again.")
    return root


def _utf8(data: bytes) -> bytes:
    """The drawing in UTF-8, so that what is looked for is found in whatever letters it was written."""
    declared = _DECLARED.match(data)
    encoding = next(
        (name for mark, name in _MARKS if data.startswith(mark)),
        declared[1].decode() if declared else "utf-8",
    )
    if encoding.lower().replace("_", "-") in ("utf-8", "utf8", "us-ascii", "ascii"):
        return data.removeprefix(b"\xef\xbb\xbf")
    try:
        text = data.decode(encoding, "replace")
    except LookupError as error:
        raise WorkError(
            f"This SVG declares the encoding '{encoding[:40]}', which is unknown.",
            "Save it in UTF-8.",
        ) from error
    return re.sub(r"^\ufeff?<\?xml\b[^>]*\?>", "", text).removeprefix("\ufeff").encode()


def _with_spaces(data: bytes) -> bytes:
    """With the usual prefixes declared where a drawing, cut out of a page, uses them without."""
    head = re.search(rb"<(?:\w+:)?svg\b", data)
    if head is None:
        return data
    missing = b"".join(
        f' xmlns:{prefix}="{address}"'.encode()
        for prefix, address in _SPACES.items()
        if f"{prefix}:".encode() in data and f"xmlns:{prefix}".encode() not in data
    )
    return data[: head.end()] + missing + data[head.end() :] if missing else data


def made_harmless(root: Element, draw_nested: Callable[[bytes], bytes | None]) -> list[str]:
    """Take out what runs, loads or points outside, and check what multiplies. Returns what a person should
    know.

    `draw_nested`: a drawing within it (SVG) as PNG, or None where it cannot be drawn.
    """
    gone: dict[str, int] = {}
    elements = list(root.iter())
    if len(elements) > IMAGE.max_svg_elements:
        raise WorkError(
            f"This drawing has {len(elements):,} elements; at most {IMAGE.max_svg_elements:,} are drawn.",
            "Export it as PNG.",
        )
    for element in elements:
        name = name_of(element).lower()
        if name == "switch":
            _choose(element)
        if name in _ACTIVE or name in _TEXT or not isinstance(element.tag, str):
            parent = element.getparent()
            if parent is not None:
                parent.remove(element)
                what = "text" if name in _TEXT else "scripts and animation"
                gone[what] = gone.get(what, 0) + 1
            continue
        if name == "style" and element.text:
            element.text = _URL.sub("none", element.text)
        _without_links(element, name, gone, draw_nested)
    svg_cost.check(list(root.iter()))
    notes = [f"left out {what}" for what in gone]
    return [note + ": convert it to paths to keep it" if note == "left out text" else note for note in notes]


def checked_again(root: Element) -> None:
    """Once styles are worked in: nothing outside is named, and nothing multiplies, however it was put
    together."""
    for element in root.iter():
        for key, value in element.attrib.items():
            if _URL.search(str(value)) and not str(key).endswith("href"):
                element.attrib[key] = _URL.sub("none", str(value))
    svg_cost.check(list(root.iter()))


def _without_links(
    element: Element, name: str, gone: dict[str, int], draw_nested: Callable[[bytes], bytes | None]
) -> None:
    for key in list(element.attrib):
        value = str(element.attrib[key])
        local = etree.QName(key).localname.lower()
        if local.startswith("on") or local == "base":
            del element.attrib[key]
        elif local in ("href", "src"):
            if name == "a":
                del element.attrib[key]
            elif not _inside(element, value, name, draw_nested):
                element.attrib.pop(key, None)
                gone[_OUTSIDE] = gone.get(_OUTSIDE, 0) + 1
        elif _URL.search(value):
            element.attrib[key] = _URL.sub("none", value)
            gone[_OUTSIDE] = gone.get(_OUTSIDE, 0) + 1


def _choose(switch: Element) -> None:
    """Of what a `switch` offers, leave the first that a browser in English would take."""
    taken = False
    for child in list(switch):
        name = name_of(child).lower()
        languages = [one.strip().lower() for one in child.get("systemLanguage", "en").split(",")]
        fits = not (child.get("requiredExtensions") or "").strip() and any(
            one.split("-")[0] == "en" for one in languages
        )
        if taken or not fits or name == "foreignobject":
            switch.remove(child)
        else:
            taken = True
            child.attrib.pop("systemLanguage", None)


def _inside(element: Element, value: str, name: str, draw_nested: Callable[[bytes], bytes | None]) -> bool:
    """Whether a link stays in the drawing: to one of its elements, or a picture held in it, within our
    limits."""
    value = value.strip()
    if value.startswith("#"):
        return True
    head, _, body = value.partition(",")
    if name not in ("image", "feimage") or not head.lower().startswith("data:"):
        return False
    try:
        data = (
            base64.b64decode("".join(unquote_to_bytes(body).decode("latin-1").split()) + "==")
            if head.lower().endswith(";base64")
            else unquote_to_bytes(body)
        )
        found = raster.kind(data)
        if found is None and "svg" in head.lower():
            drawn = draw_nested(data)
            if drawn is not None:
                set_href(element, "data:image/png;base64," + base64.b64encode(drawn).decode())
            return drawn is not None
        if found not in ("png", "jpeg", "gif", "webp"):
            return False
        raster.open_picture(data, found, least_side_px=1)
    except (binascii.Error, ValueError, WorkError):
        return False
    if href(element) == value and not head.lower().endswith(";base64"):
        set_href(element, "data:image/png;base64," + base64.b64encode(data).decode())
    return True
