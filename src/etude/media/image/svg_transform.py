"""Transforms of CSS in a drawing, as the matrix that SVG knows: `transform`, `translate`, `rotate`, `scale` and where they turn about.

Three dimensions are not followed. After CSS Transforms 1 and 2. Knows no style sheets.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace

from etude.media.image.css.values import Lengths, angle, closing, length, split
from etude.media.image.svg_shapes import box_of
from etude.media.image.svg_tree import Element

PROPERTIES = frozenset(("transform", "transform-origin", "transform-box", "translate", "rotate", "scale"))
Matrix = tuple[float, float, float, float, float, float]
_STILL: Matrix = (1, 0, 0, 1, 0, 0)
_CALL = re.compile(r"([a-z]+[a-z0-9]*)\s*\(", re.I)
_PLACES = {"left": 0.0, "top": 0.0, "center": 0.5, "right": 1.0, "bottom": 1.0}


def apply(
    element: Element, properties: Mapping[str, str], lengths: Lengths, view: tuple[float, float]
) -> None:
    """Set the element's `transform` to what these properties come to, with what its attributes say where they are silent."""
    box = properties.get("transform-box", element.get("transform-box") or "view-box").strip().lower()
    around = box_of(element) if box in ("fill-box", "content-box", "border-box", "stroke-box") else None
    left, top, wide, high = around or (0.0, 0.0, *view)
    origin = properties.get("transform-origin", element.get("transform-origin") or "")
    x, y = _origin(origin, lengths, (wide, high))
    x, y = x + left, y + top
    moves = [_STILL]
    for name in ("translate", "rotate", "scale"):
        moves.append(_single(name, properties.get(name, ""), lengths, (wide, high)))
    if "transform" in properties:
        unitless = re.search(
            r"(?:translate|rotate|skew)\w*\((?:[^)]*,)?\s*[-+.\d]*[1-9][\d.]*\s*[,)]",
            properties["transform"],
            re.I,
        )
        moves.append(_STILL if unitless else matrix(properties["transform"], lengths, (wide, high)))
    else:
        moves.append(matrix(element.get("transform") or "", lengths, (wide, high)))
    whole: Matrix = (1, 0, 0, 1, x, y)
    for move in moves:
        whole = times(whole, move)
    whole = times(whole, (1, 0, 0, 1, -x, -y))
    element.attrib.pop("transform-origin", None)
    if all(math.isfinite(v) for v in whole):
        element.set("transform", "matrix(" + " ".join(f"{v:.9g}" for v in whole) + ")")


def times(a: Matrix, b: Matrix) -> Matrix:
    """First b, then a."""
    return (
        a[0] * b[0] + a[2] * b[1], a[1] * b[0] + a[3] * b[1], a[0] * b[2] + a[2] * b[3], a[1] * b[2] + a[3] * b[3],
        a[0] * b[4] + a[2] * b[5] + a[4], a[1] * b[4] + a[3] * b[5] + a[5],
    )  # fmt: skip


def matrix(text: str, lengths: Lengths | None = None, size: tuple[float, float] = (0, 0)) -> Matrix:
    """What a list of transforms comes to, in the words of CSS or of SVG; nothing for one that makes no sense."""
    lengths = lengths or Lengths()
    whole, at = _STILL, 0
    while (found := _CALL.search(text, at)) is not None:
        at = closing(text, found.end())
        inner = text[found.end() : at]
        arguments = split(inner) if "," in inner else split(" ".join(inner.split()), " ")
        try:
            step = _called(found[1].lower(), [a for a in arguments if a], lengths, size)
        except (ValueError, IndexError, OverflowError):
            return _STILL
        whole = times(whole, step)
    return whole


def _called(name: str, arguments: list[str], lengths: Lengths, size: tuple[float, float]) -> Matrix:
    def along(at: int, side: int) -> float:
        return (
            _number(length(arguments[at], replace(lengths, whole=size[side]))) if at < len(arguments) else 0.0
        )

    def plain(at: int, default: float | None = None) -> float:
        if at >= len(arguments) and default is not None:
            return default
        word = arguments[at]
        return float(word[:-1]) / 100 if word.endswith("%") else float(word)

    def turn(at: int) -> float:
        return math.radians(_number(angle(arguments[at]))) if at < len(arguments) else 0.0

    if name in ("translate", "translate3d"):
        return (1, 0, 0, 1, along(0, 0), along(1, 1))
    if name == "translatex":
        return (1, 0, 0, 1, along(0, 0), 0)
    if name == "translatey":
        return (1, 0, 0, 1, 0, along(0, 1))
    if name in ("scale", "scale3d"):
        return (plain(0), 0, 0, plain(1, plain(0)), 0, 0)
    if name == "scalex":
        return (plain(0), 0, 0, 1, 0, 0)
    if name == "scaley":
        return (1, 0, 0, plain(0), 0, 0)
    if name in ("rotate", "rotatez"):
        c, s = math.cos(turn(0)), math.sin(turn(0))
        step: Matrix = (c, s, -s, c, 0, 0)
        if len(arguments) == 3:  # about a point, as SVG has it
            x, y = float(arguments[1]), float(arguments[2])
            step = times(times((1, 0, 0, 1, x, y), step), (1, 0, 0, 1, -x, -y))
        return step
    if name == "skew":
        return (1, math.tan(turn(1)), math.tan(turn(0)), 1, 0, 0)
    if name == "skewx":
        return (1, 0, math.tan(turn(0)), 1, 0, 0)
    if name == "skewy":
        return (1, math.tan(turn(0)), 0, 1, 0, 0)
    if name == "matrix":
        a, b, c, d, e, f = (_number(length(one, lengths)) for one in arguments[:6])
        return (a, b, c, d, e, f)
    if name == "matrix3d":
        m = [float(one) for one in arguments]
        return (m[0], m[1], m[4], m[5], m[12], m[13])
    return _STILL


def _single(name: str, text: str, lengths: Lengths, size: tuple[float, float]) -> Matrix:
    """`translate`, `rotate` and `scale` as properties of their own."""
    words = text.split()
    if not words or words[0].lower() == "none":
        return _STILL
    try:
        return _called(name, words, lengths, size)
    except (ValueError, IndexError, OverflowError):
        return _STILL


def _origin(text: str, lengths: Lengths, size: tuple[float, float]) -> tuple[float, float]:
    words = text.lower().split()[:2]
    if not words:
        return 0.0, 0.0
    if words[0] in ("top", "bottom") or (len(words) > 1 and words[1] in ("left", "right")):
        words = [*words[1:2], words[0]] if len(words) > 1 else ["center", words[0]]
    words = words if len(words) > 1 else [words[0], "center"]
    found = []
    for word, whole in zip(words, size):
        value = _PLACES[word] * whole if word in _PLACES else length(word, replace(lengths, whole=whole))
        found.append(value or 0.0)
    return found[0], found[1]


def _number(value: float | None) -> float:
    if value is None:
        raise ValueError("no number")
    return value
