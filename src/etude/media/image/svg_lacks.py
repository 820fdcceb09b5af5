"""What resvg lacks, written in ways that it knows: shapes of CSS that clip, lines that keep their width, `pathLength`, linear ramps.

For drawings whose styles are worked in. Lines that keep their width are made as wide as the mean of both directions asks for.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from lxml import etree

from etude.media.image.css import colours, sheet, spaces
from etude.media.image.css.values import Lengths, closing, length, split
from etude.media.image.svg_shapes import Box, box_of, outline
from etude.media.image.svg_transform import matrix
from etude.media.image.svg_tree import Element, href, name_of

_SHAPE = re.compile(r"(circle|ellipse|inset|polygon|path|xywh|rect)\(", re.I)
_STEPS = 8  # colours put between two of a ramp in linear light
_BESIDES = {"left": 0.0, "top": 0.0, "center": 0.5, "right": 1.0, "bottom": 1.0}


@dataclass(frozen=True)
class _Line:
    """What an element has of its line from those around it: how much larger it is drawn, its width, its dashes."""

    scale: float = 1.0
    paint: str = "none"
    width: str = "1"
    dashes: str = "none"
    offset: str = "0"
    linear: bool = False


def supplied(root: Element, scale: float, box: Box) -> None:
    """Change a drawing in place. `scale`: px of its natural size for one of its units; `box`: what its viewBox shows."""
    words = etree.tostring(root, encoding="unicode")
    if not re.search(
        r"vector-effect|pathLength|linearRGB|clip-path\s*[:=]\s*[\"']?\s*[a-z-]+\(", words, re.I
    ):
        return
    made: list[Element] = []
    for element, line in list(_walk(root, _Line(scale=scale))):
        own = _own(element)
        if _SHAPE.match(own.get("clip-path", "")):
            own_box = box if element is root else _box(element, own["clip-path"], line, box)
            made += _clipped(element, own["clip-path"], own_box, f"etude-clip-{len(made) + 1}")
        if own.get("vector-effect", "").strip() == "non-scaling-stroke" and line.scale > 0:
            _scaled(element, line, 1 / line.scale)
        elif element.get("pathLength") and line.dashes != "none":
            total = sum(math.dist(a, b) for part in outline(element) for a, b in pairwise(part))
            said = length(element.get("pathLength") or "", Lengths())
            if said and total:
                _scaled(element, replace(line, width=""), total / said)
            del element.attrib["pathLength"]
        if name_of(element) in ("linearGradient", "radialGradient") and line.linear:
            _ramp(element)
    if made:
        store = etree.SubElement(root, _like(root, "defs"))
        store.extend(made)


def _walk(element: Element, around: _Line) -> Iterator[tuple[Element, _Line]]:
    own = _own(element)
    step = matrix(element.get("transform") or "")
    line = replace(
        around,
        scale=around.scale * math.sqrt(abs(step[0] * step[3] - step[1] * step[2])),
        paint=own.get("stroke", around.paint),
        width=own.get("stroke-width", around.width),
        dashes=own.get("stroke-dasharray", around.dashes),
        offset=own.get("stroke-dashoffset", around.offset),
        linear=own["color-interpolation"].lower() == "linearrgb"
        if "color-interpolation" in own
        else around.linear,
    )
    yield element, line
    for child in element:
        if isinstance(child.tag, str):
            yield from _walk(child, line)


def _box(element: Element, text: str, line: _Line, view: Box) -> Box | None:
    """The box that a shape of CSS goes by: the one it names, else the one around the element and its line."""
    word = text[closing(text, text.index("(") + 1) + 1 :].strip().lower()
    found = view if word == "view-box" else box_of(element)
    if (
        found is None
        or word in ("view-box", "fill-box", "content-box", "padding-box")
        or line.paint == "none"
    ):
        return found
    out = (length(line.width, Lengths()) or 0.0) / 2
    return found[0] - out, found[1] - out, found[2] + 2 * out, found[3] + 2 * out


def _own(element: Element) -> dict[str, str]:
    """Properties that the element itself states."""
    return {
        **{str(k): str(v) for k, v in element.attrib.items()},
        **{d.name: d.value for d in sheet.declarations(element.get("style") or "")},
    }


def _scaled(element: Element, line: _Line, by: float) -> None:
    """With width, dashes and their offset so many times as large."""
    said = {"stroke-width": line.width, "stroke-dasharray": line.dashes, "stroke-dashoffset": line.offset}
    said = {name: text for name, text in said.items() if text}
    style = [
        f"{d.name}:{d.value}" for d in sheet.declarations(element.get("style") or "") if d.name not in said
    ]
    for name, text in said.items():
        numbers = [length(word, Lengths()) for word in re.split(r"[\s,]+", text.strip()) if word]
        if numbers and all(number is not None for number in numbers):
            element.attrib.pop(name, None)
            style.append(f"{name}:" + " ".join(f"{float(number or 0) * by:.6g}" for number in numbers))
        else:
            style.append(f"{name}:{text}")
    element.set("style", ";".join(style))


def _clipped(element: Element, text: str, box: Box | None, name: str) -> list[Element]:
    """A clip path of SVG for a shape of CSS, and the element that uses it."""
    found = _SHAPE.match(text)
    shape = (
        None
        if found is None or box is None
        else _shape(found[1].lower(), text[found.end() : closing(text, found.end())], box)
    )
    style = [
        f"{d.name}:{d.value}" for d in sheet.declarations(element.get("style") or "") if d.name != "clip-path"
    ]
    element.attrib.pop("clip-path", None)
    made = []
    if shape is not None:
        tag, attributes = shape
        clip = etree.Element(_like(element, "clipPath"), {"id": name})
        etree.SubElement(clip, _like(element, tag), attributes)
        style.append(f"clip-path:url(#{name})")
        made.append(clip)
    element.set("style", ";".join(style))
    return made


def _shape(kind: str, text: str, box: Box) -> tuple[str, dict[str, str]] | None:
    """A shape of SVG in the element's own units: its name and its attributes. None for one that makes no sense."""
    left, top, wide, high = box

    def along(word: str, whole: float) -> float:
        value = length(word, Lengths(whole=whole))
        if value is None:
            raise ValueError(word)
        return value

    try:
        if kind in ("circle", "ellipse"):
            size, _, place = text.partition("at ") if "at " in text else (text, "", "")
            x, y = (
                _beside(word, whole)
                for word, whole in zip([*place.split(), "center", "center"], (wide, high))
            )
            near, far = min(x, y, wide - x, high - y), max(x, y, wide - x, high - y)
            words = size.split() or (["closest-side"] if kind == "circle" else ["closest-side"] * 2)
            if kind == "circle":
                radius = {"closest-side": near, "farthest-side": far}.get(words[0])
                radius = along(words[0], math.hypot(wide, high) / math.sqrt(2)) if radius is None else radius
                return "circle", _said(cx=left + x, cy=top + y, r=radius)
            radii = [
                {"closest-side": min(at, whole - at), "farthest-side": max(at, whole - at)}.get(word)
                if word in ("closest-side", "farthest-side")
                else along(word, whole)
                for word, at, whole in zip(words, (x, y), (wide, high))
            ]
            return "ellipse", _said(cx=left + x, cy=top + y, rx=radii[0] or 0.0, ry=radii[1] or 0.0)
        if kind == "inset":
            sides, _, corner = text.partition("round")
            words = sides.split()
            words = [
                words[i] for i in ((0, 0, 0, 0), (0, 1, 0, 1), (0, 1, 2, 1), (0, 1, 2, 3))[len(words) - 1]
            ]
            t, r, b, l = (along(word, high if i % 2 == 0 else wide) for i, word in enumerate(words))
            rounded = along(corner.split()[0], wide) if corner.split() else 0.0
            return "rect", _said(
                x=left + l, y=top + t, width=max(0.0, wide - l - r), height=max(0.0, high - t - b), rx=rounded
            )
        if kind == "xywh":
            x, y, w, h = (
                along(word, wide if i % 2 == 0 else high)
                for i, word in enumerate(text.split("round")[0].split())
            )
            return "rect", _said(x=left + x, y=top + y, width=w, height=h)
        if kind == "polygon":
            points = split(text)
            rule = points.pop(0) if points[0].lower() in ("nonzero", "evenodd") else "nonzero"
            pairs = [
                (along(x, wide) + left, along(y, high) + top) for x, y in (point.split() for point in points)
            ]
            return "polygon", {
                "points": " ".join(f"{x:.6g},{y:.6g}" for x, y in pairs),
                "clip-rule": rule.lower(),
            }
        if kind == "path":
            found = re.search(r"(?:(evenodd|nonzero)\s*,)?\s*[\"'](.*)[\"']", text, re.S)
            return None if found is None else (
                "path", {"d": found[2], "clip-rule": found[1] or "nonzero", "transform": f"translate({left:.6g} {top:.6g})"})  # fmt: skip
    except (ValueError, IndexError):
        return None
    return None


def _said(**numbers: float) -> dict[str, str]:
    return {name: f"{number:.6g}" for name, number in numbers.items()}


def _beside(word: str, whole: float) -> float:
    if word in _BESIDES:
        return _BESIDES[word] * whole
    value = length(word, Lengths(whole=whole))
    if value is None:
        raise ValueError(word)
    return value


def _ramp(gradient: Element) -> None:
    """More colours between those of a ramp, so that it runs evenly in light."""
    stops = [e for e in gradient if name_of(e) == "stop"]
    if not stops and href(gradient):
        return
    places, last = [], 0.0
    for stop in stops:
        last = max(last, min(1.0, length(stop.get("offset") or "0", Lengths(whole=1.0)) or 0.0))
        places.append(last)
    for (one, a), (two, b) in zip(list(zip(stops, places)), list(zip(stops, places))[1:]):
        ends = []
        for stop in (one, two):
            own = _own(stop)
            colour = colours.parsed(own.get("stop-color", "#000")) or (0.0, 0.0, 0.0, 1.0)
            ends.append(
                (*colour[:3], colour[3] * (length(own.get("stop-opacity", "1"), Lengths(whole=1.0)) or 0.0))
            )
        at = list(gradient).index(two)
        for step in range(1, _STEPS):
            lights = [(*spaces.from_srgb("srgb-linear", (end[0], end[1], end[2])), end[3]) for end in ends]
            mixed = [p + (q - p) * step / _STEPS for p, q in zip(*lights)]
            colour = (*spaces.to_srgb("srgb-linear", (mixed[0], mixed[1], mixed[2])), mixed[3])
            more = etree.Element(
                _like(gradient, "stop"),
                {"offset": f"{a + (b - a) * step / _STEPS:.6g}", "stop-color": colours.as_hex(colour)},
            )
            gradient.insert(at, more)
            at += 1


def _like(element: Element, name: str) -> str:
    """A name in the namespace of an element."""
    space = str(element.tag).rpartition("}")[0]
    return f"{space}}}{name}" if space else name
