"""Where a file sounds like the model: a line of surprise along the file, as SVG or PNG.

The drawing is laid out once as shapes in pixels and then written by one of two small back ends, so that both
pictures agree. Knows no model: positions and values come in as arrays.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

import numpy as np
import numpy.typing as npt

WIDTH_PX, HEIGHT_PX = 960, 360
LEFT_PX, RIGHT_PX, TOP_PX, BOTTOM_PX = 64, 24, 48, 56
INK, FAINT = "#1f2328", "#c9ced6"
COLOURS = (
    "#0b6e99",
    "#b4532a",
)  # blue and burnt orange differ in lightness too, for eyes that do not tell hues apart

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """One line: values at positions (units of the file)."""

    name: str
    positions: Values
    values: Values


@dataclass(frozen=True)
class _Text:
    x: float
    y: float
    text: str
    anchor: str  # start, middle or end
    colour: str = INK


@dataclass(frozen=True)
class _Line:
    points: tuple[tuple[float, float], ...]
    colour: str
    width: float


def smooth(values: npt.NDArray[np.floating], window: int) -> Values:
    """Centred running mean over `window` values, with shorter windows at both ends."""
    total = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    index = np.arange(len(values))
    low = np.maximum(0, index - window // 2)
    high = np.minimum(len(values), index + (window + 1) // 2)
    return np.asarray((total[high] - total[low]) / np.maximum(1, high - low), dtype=np.float64)


def draw(curves: Sequence[Curve], *, title: str, across: str, up: str, fmt: str) -> bytes:
    """The plot as `svg` or `png` bytes."""
    shapes = _shapes(curves, title, across, up)
    return _svg(shapes, title) if fmt == "svg" else _png(shapes)


def _shapes(curves: Sequence[Curve], title: str, across: str, up: str) -> list[_Text | _Line]:
    last = max((float(curve.positions[-1]) for curve in curves if len(curve.positions)), default=1.0) or 1.0
    top = (
        max((float(np.max(curve.values)) for curve in curves if len(curve.values)), default=1.0) * 1.05 or 1.0
    )
    right, floor = WIDTH_PX - RIGHT_PX, HEIGHT_PX - BOTTOM_PX

    def at(x: float, y: float) -> tuple[float, float]:
        return LEFT_PX + x / last * (right - LEFT_PX), floor - y / top * (floor - TOP_PX)

    shapes: list[_Text | _Line] = [_Text(LEFT_PX, 24, title, "start")]
    for value in np.linspace(0, top, 5):
        _, y = at(0, float(value))
        shapes.append(_Line(((LEFT_PX, y), (right, y)), FAINT, 1))
        shapes.append(_Text(LEFT_PX - 8, y + 4, f"{value:.1f}", "end"))
    for value in np.linspace(0, last, 6):
        x, _ = at(float(value), 0)
        shapes.append(_Text(x, floor + 18, f"{value:,.0f}", "middle"))
    shapes.append(_Text((LEFT_PX + right) / 2, HEIGHT_PX - 12, across, "middle"))
    shapes.append(_Text(right, 24, up, "end"))
    for number, (curve, colour) in enumerate(zip(curves, COLOURS, strict=False)):
        step = max(1, len(curve.values) // (2 * WIDTH_PX))  # more points than this cannot be seen
        points = tuple(
            at(float(x), float(y)) for x, y in zip(curve.positions[::step], curve.values[::step], strict=True)
        )
        shapes.append(_Line(points, colour, 2 if number == 0 else 1))
        shapes.append(_Line(((LEFT_PX + 260 * number, 38), (LEFT_PX + 260 * number + 18, 38)), colour, 3))
        shapes.append(_Text(LEFT_PX + 260 * number + 24, 42, curve.name, "start", colour))
    return shapes


def _svg(shapes: Sequence[_Text | _Line], title: str) -> bytes:
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH_PX} {HEIGHT_PX}" role="img" '
        'font-family="sans-serif" font-size="13">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH_PX}" height="{HEIGHT_PX}" fill="#fff"/>',
    ]
    for shape in shapes:
        if isinstance(shape, _Text):
            out.append(
                f'<text x="{shape.x:.1f}" y="{shape.y:.1f}" text-anchor="{shape.anchor}" '
                f'fill="{shape.colour}">{escape(shape.text)}</text>'
            )
        else:
            points = " ".join(f"{x:.1f},{y:.1f}" for x, y in shape.points)
            out.append(
                f'<polyline points="{points}" fill="none" stroke="{shape.colour}" '
                f'stroke-width="{shape.width}"/>'
            )
    return "\n".join([*out, "</svg>\n"]).encode()


def _png(shapes: Sequence[_Text | _Line]) -> bytes:
    from PIL import Image, ImageDraw, ImageFont

    picture = Image.new("RGB", (WIDTH_PX, HEIGHT_PX), "#fff")
    canvas = ImageDraw.Draw(picture)
    font = ImageFont.load_default(13)
    anchors = {"start": "ls", "middle": "ms", "end": "rs"}
    for shape in shapes:
        if isinstance(shape, _Text):
            canvas.text(
                (shape.x, shape.y), shape.text, fill=shape.colour, font=font, anchor=anchors[shape.anchor]
            )
        elif len(shape.points) > 1:
            canvas.line(shape.points, fill=shape.colour, width=round(shape.width))
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()
