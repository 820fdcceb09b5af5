"""The properties of SVG as tables: which are colours or lengths, what is inherited, and initial values."""

from __future__ import annotations

import re
from collections.abc import Mapping

_COLOURS = frozenset(("fill", "stroke", "color", "stop-color", "flood-color", "lighting-color"))


_LENGTHS = frozenset(
    (
        "x",
        "y",
        "width",
        "height",
        "cx",
        "cy",
        "r",
        "rx",
        "ry",
        "x1",
        "y1",
        "x2",
        "y2",
        "fx",
        "fy",
        "fr",
        "dx",
        "dy",
        "refX",
        "refY",
        "markerWidth",
        "markerHeight",
        "stroke-width",
        "stroke-dasharray",
        "stroke-dashoffset",
    )
)


_GEOMETRY: Mapping[str, frozenset[str]] = {  # which attribute a property of CSS stands for, in which elements
    **dict.fromkeys(("cx", "cy"), frozenset(("circle", "ellipse"))),
    "r": frozenset(("circle",)),
    **dict.fromkeys(("rx", "ry"), frozenset(("rect", "ellipse"))),
    **dict.fromkeys(("width", "height"), frozenset(("rect", "image"))),
    **dict.fromkeys(("x", "y"), frozenset(("rect", "image", "use"))),
    "d": frozenset(("path",)),
}


_PRESENTED = frozenset(
    (
        "clip-path",
        "clip-rule",
        "color",
        "color-interpolation",
        "color-interpolation-filters",
        "display",
        "fill",
        "fill-opacity",
        "fill-rule",
        "filter",
        "flood-color",
        "flood-opacity",
        "font-size",
        "image-rendering",
        "isolation",
        "lighting-color",
        "marker",
        "marker-end",
        "marker-mid",
        "marker-start",
        "mask",
        "mask-type",
        "mix-blend-mode",
        "opacity",
        "overflow",
        "paint-order",
        "shape-rendering",
        "stop-color",
        "stop-opacity",
        "stroke",
        "stroke-dasharray",
        "stroke-dashoffset",
        "stroke-linecap",
        "stroke-linejoin",
        "stroke-miterlimit",
        "stroke-opacity",
        "stroke-width",
        "transform",
        "transform-box",
        "transform-origin",
        "vector-effect",
        "visibility",
    )
)


_INHERITED = frozenset(
    (
        "clip-rule",
        "color",
        "color-interpolation",
        "color-interpolation-filters",
        "fill",
        "fill-opacity",
        "fill-rule",
        "font-size",
        "image-rendering",
        "marker",
        "marker-end",
        "marker-mid",
        "marker-start",
        "paint-order",
        "shape-rendering",
        "stroke",
        "stroke-dasharray",
        "stroke-dashoffset",
        "stroke-linecap",
        "stroke-linejoin",
        "stroke-miterlimit",
        "stroke-opacity",
        "stroke-width",
        "visibility",
    )
)


_CASED = {  # keywords that resvg knows in one spelling only, and CSS in any
    word.lower(): word
    for word in (
        "sRGB", "linearRGB", "optimizeSpeed", "optimizeQuality", "optimizeLegibility", "crispEdges",
        "geometricPrecision",
    )
}  # fmt: skip


_INITIAL = {
    "fill": "#000",
    "color": "#000",
    "stroke": "none",
    "stroke-width": "1",
    "fill-opacity": "1",
    "stroke-opacity": "1",
    "stroke-dasharray": "none",
    "visibility": "visible",
    "fill-rule": "nonzero",
    "font-size": "16",
}


_FONT_SIZES = {
    "xx-small": 9,
    "x-small": 10,
    "small": 13,
    "medium": 16,
    "large": 18,
    "x-large": 24,
    "xx-large": 32,
    "xxx-large": 48,
}


# What resvg does not understand: functions, units beyond those of SVG, units and words in capitals.
_ODD = re.compile(
    r"(?<![\w-])(?:var|calc|min|max|clamp|rgba?|hsla?|hwb|lab|lch|oklab|oklch|color|color-mix|light-dark)\(|"
    r"^\s*rebeccapurple\s*$|"  # resvg does not know this name
    r"\d(?:rem|ch|q|ic|cap|r?lh|[sld]?v(?:w|h|i|b|min|max))\b",
    re.I,
)


_CAPITALS = re.compile(r"\d(?:PX|PT|PC|MM|CM|IN|EM|EX|Px|Mm|Cm|Pt|In)\b|^\s*[A-Z]|^\s*[a-z]+[A-Z]")


_VARIABLE = re.compile(r"(?<![\w-])var\(", re.I)
