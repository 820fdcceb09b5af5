"""How large a drawing is: its width and height, its viewBox, or what is drawn, in the order in which browsers
go by them.

A size that is relative to something outside (per cent, a window) counts as none. Where nothing tells the
size, the drawing is drawn small to see how far it reaches from its corner, which is what a window would show.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from etude.errors import WorkError
from etude.media.image.css import sheet
from etude.media.image.css.values import Lengths, length, of_outside
from etude.media.image.svg_tree import Element, name_of
from etude.media.pixels.arrays import UInt8

_HINT = "Give it a viewBox, or export it as PNG and add that."
_BOX = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?", re.I)
_NOTHING_SAID = (300.0, 150.0)  # as browsers take it
_LARGEST, _SIDE = 2.0**22, 256  # units that are looked at, pixels that they are drawn on
_Edges = tuple[float, float, float, float]  # left, top, right, bottom
Draw = Callable[[Element, int, int], UInt8]


@dataclass(frozen=True)
class Size:
    """Width and height in px; `box`: left, top, width and height of what they show, None where they are the
    same."""

    width: float
    height: float
    box: tuple[float, float, float, float] | None


def view_box(root: Element) -> tuple[float, float, float, float] | None:
    """The four numbers of the viewBox; None where there is none, or none that browsers take."""
    words = re.split(r"[\s,]+", (root.get("viewBox") or "").strip())
    if len(words) != 4 or not all(_BOX.fullmatch(word) for word in words):
        return None
    left, top, width, height = map(float, words)
    return (left, top, width, height) if width >= 0 and height >= 0 else None


def stated(root: Element) -> tuple[float | None, float | None]:
    """Width and height in px as far as they are absolute: in the style, else in the attributes."""
    em = length(_in_style(root, "font-size") or root.get("font-size") or "", Lengths()) or 16.0
    found = []
    for side in ("width", "height"):
        own = [_absolute(text, em) for text in (_in_style(root, side), root.get(side)) if text]
        found.append(next((value for value in own if value is not None), None))
    return found[0], found[1]


def measured(root: Element, draw: Draw) -> Size:
    """The size of a drawing. `draw(root, width, height)` gives its pixels. Raises WorkError for none, or an
    endless one."""
    width, height = stated(root)
    box = view_box(root)
    if box is not None and not (box[2] and box[3]):
        raise WorkError("This SVG has a viewBox without width or height: nothing of it is visible.", _HINT)
    if box is not None:
        if width is None or height is None:
            ratio = box[2] / box[3]
            width, height = (
                width or (height * ratio if height else box[2]),
                height or (width / ratio if width else box[3]),
            )
        size = Size(width, height, box)
    elif width is None or height is None:
        left, top, right, bottom = _reach(root, draw) or (0.0, 0.0, *_NOTHING_SAID)
        wide, high = width or right - left, height or bottom - top
        size = Size(wide, high, (left, top, wide, high))
    else:
        size = Size(width, height, None)
    if max(size.width, size.height) > 50 * min(size.width, size.height) or max(size.width, size.height) > 1e7:
        raise WorkError(
            f"The size of this SVG is not valid ({size.width:,.6g} x {size.height:,.6g} px).", _HINT
        )
    return size


def _absolute(text: str, em: float) -> float | None:
    """A length that nothing outside decides, above 0."""
    if of_outside(text):
        return None
    value = length(text, Lengths(em=em, rem=em))
    return value if value is not None and value > 0 else None


def _in_style(root: Element, name: str) -> str:
    return next((d.value for d in sheet.declarations(root.get("style") or "") if d.name == name), "")


def _reach(root: Element, draw: Draw) -> _Edges | None:
    """Left, top, right and bottom of what is drawn, from the corner (0, 0) where anything is seen from there;
    None for nothing."""
    probe = copy.deepcopy(root)
    for element in list(probe.iter()):  # what fills all there is says nothing of how much that is
        if (
            name_of(element) in ("rect", "image", "circle", "ellipse", "line", "use", "svg")
            and element is not probe
        ):
            if any(
                "%" in str(element.get(key))
                for key in ("x", "y", "width", "height", "cx", "cy", "r", "x2", "y2")
            ):
                element.set("display", "none")
    probe.attrib.pop("width", None)
    probe.attrib.pop("height", None)
    probe.set("preserveAspectRatio", "none")
    probe.set("overflow", "visible")

    def seen(left: float, top: float, wide: float, high: float) -> _Edges | None:
        probe.set("viewBox", f"{left:.9g} {top:.9g} {wide:.9g} {high:.9g}")
        opacity = draw(probe, _SIDE, _SIDE)[..., 3]
        rows, columns = np.flatnonzero(opacity.max(1)), np.flatnonzero(opacity.max(0))
        if not len(rows):
            return None
        x, y = wide / _SIDE, high / _SIDE
        return (
            left + columns[0] * x,
            top + rows[0] * y,
            left + (columns[-1] + 1) * x,
            top + (rows[-1] + 1) * y,
        )

    for corner in (0.0, -1.0):
        reach = _LARGEST
        while reach > 1e-3:
            found = seen(corner * reach, corner * reach, (1 - corner) * reach, (1 - corner) * reach)
            if found is not None and max(map(abs, found)) > reach / 64:
                return _refined(found, seen, corner == 0)
            reach /= 16
    return None


def _refined(
    found: _Edges, seen: Callable[[float, float, float, float], _Edges | None], from_zero: bool
) -> _Edges:
    """The same, to a ten-thousandth: seen again from nearer by, and each edge alone."""
    for _ in range(2):
        wide, high = (found[2] - found[0]) * 0.3, (found[3] - found[1]) * 0.3
        left, top = (0.0, 0.0) if from_zero else (found[0] - wide, found[1] - high)
        found = seen(left, top, found[2] + wide - left, found[3] + high - top) or found
    edges = list(found)
    x, y = (found[2] - found[0]) / _SIDE, (found[3] - found[1]) / _SIDE
    for at in (2, 3) if from_zero else range(4):
        if at % 2:
            near = seen(found[0] - x, found[at] - 3 * y, found[2] - found[0] + 2 * x, 6 * y)
        else:
            near = seen(found[at] - 3 * x, found[1] - y, 6 * x, found[3] - found[1] + 2 * y)
        edges[at] = near[at] if near else edges[at]
    least = max(edges[2] - edges[0], edges[3] - edges[1]) * 3e-4
    edges = [
        float(round(v)) if abs(round(v) - v) <= least else v for v in edges
    ]  # drawings are made in whole numbers
    return (0.0, 0.0, edges[2], edges[3]) if from_zero else (edges[0], edges[1], edges[2], edges[3])
