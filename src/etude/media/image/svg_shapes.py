"""Where a shape of a drawing lies and how long its outline is: rectangles, circles, lines, polygons, paths, groups.

Curves are followed in short straight steps. Widths of lines, clipping and links are not looked at. Knows no styles.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from itertools import pairwise

from etude.media.image.svg_tree import Element, name_of

Point = tuple[float, float]
Box = tuple[float, float, float, float]  # left, top, width, height
_STEPS = 16  # of a curve
_MOST = 200_000  # points of one path
_TOKEN = re.compile(r"([MmZzLlHhVvCcSsQqTtAa])|([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)")
_TAKES = {"m": 2, "l": 2, "h": 1, "v": 1, "c": 6, "s": 4, "q": 4, "t": 2, "a": 7, "z": 0}


def box_of(element: Element) -> Box | None:
    """The box around a shape, or around all shapes in a group (their own transforms left out); None for nothing."""
    lines = [line for part in element.iter() if isinstance(part.tag, str) for line in outline(part)]
    points = [point for line in lines for point in line]
    if not points:
        return None
    left, top = min(p[0] for p in points), min(p[1] for p in points)
    return left, top, max(p[0] for p in points) - left, max(p[1] for p in points) - top


def outline(element: Element) -> list[list[Point]]:
    """The outline of one shape as lines of points; nothing for what is no shape."""
    tag = name_of(element)
    number = {
        key: _number(element.get(key))
        for key in ("x", "y", "width", "height", "cx", "cy", "r", "rx", "ry", "x1", "y1", "x2", "y2")
    }
    if tag in ("rect", "image"):
        x, y, w, h = (number[key] for key in ("x", "y", "width", "height"))
        return [[(x, y), (x + w, y), (x + w, y + h), (x, y + h), (x, y)]]
    if tag in ("circle", "ellipse"):
        rx, ry = (number["r"],) * 2 if tag == "circle" else (number["rx"], number["ry"])
        turns = [2 * math.pi * i / 64 for i in range(65)]
        return [[(number["cx"] + rx * math.cos(t), number["cy"] + ry * math.sin(t)) for t in turns]]
    if tag == "line":
        return [[(number["x1"], number["y1"]), (number["x2"], number["y2"])]]
    if tag in ("polyline", "polygon"):
        values = [float(v) for _, v in _TOKEN.findall(element.get("points") or "") if v]
        points = list(zip(values[::2], values[1::2]))
        return [points + points[:1] if tag == "polygon" else points] if points else []
    return path(element.get("d") or "") if tag == "path" else []


def path(text: str) -> list[list[Point]]:
    """The lines of a path; what comes after an error in it is left out, as SVG says."""
    lines: list[list[Point]] = []
    at: Point = (0.0, 0.0)
    start, before, last = at, at, ""
    tokens = _TOKEN.findall(text[:2_000_000])
    place, command = 0, ""
    while place < len(tokens) and sum(map(len, lines[-1:])) < _MOST:
        letter, _ = tokens[place]
        if letter:
            command, place = letter, place + 1
        elif command.lower() in ("m", "z", ""):
            if command.lower() != "m":
                break
            command = "l" if command == "m" else "L"
        kind = command.lower()
        count = _TAKES[kind]
        numbers = [float(v) for _, v in tokens[place : place + count] if v]
        if len(numbers) < count or (not lines and kind != "m"):
            break
        place += count
        relative = command.islower()
        if kind == "z":
            lines[-1].append(start)
            at = start
        elif kind == "m":
            at = (at[0] + numbers[0], at[1] + numbers[1]) if relative else (numbers[0], numbers[1])
            start = at
            lines.append([at])
        else:
            if last == "z":
                lines.append([at])
            points, handle = _segment(kind, numbers, at, relative, before if last in _SMOOTH[kind] else at)
            lines[-1] += points
            at, before = points[-1], handle
        last = kind
    return lines


_SMOOTH = {"s": "cs", "t": "qt", "l": "", "h": "", "v": "", "c": "", "q": "", "a": ""}


def _segment(
    kind: str, numbers: Sequence[float], at: Point, relative: bool, before: Point
) -> tuple[list[Point], Point]:
    """The points of one segment after where it begins, and its last handle."""
    x0, y0 = at if relative else (0.0, 0.0)
    if kind == "h":
        return [(numbers[0] + x0, at[1])], at
    if kind == "v":
        return [(at[0], numbers[0] + y0)], at
    if kind == "a":
        end = (numbers[5] + x0, numbers[6] + y0)
        return _arc(at, numbers, end), end
    given = [(numbers[i] + x0, numbers[i + 1] + y0) for i in range(0, len(numbers), 2)]
    if kind == "l":
        return given, given[0]
    if kind in "st":
        given = [(2 * at[0] - before[0], 2 * at[1] - before[1]), *given]
    points = []
    for step in range(1, _STEPS + 1):
        t = step / _STEPS
        row = [at, *given]
        while len(row) > 1:  # de Casteljau
            row = [((1 - t) * a[0] + t * b[0], (1 - t) * a[1] + t * b[1]) for a, b in pairwise(row)]
        points.append(row[0])
    return points, given[-2]


def _arc(at: Point, numbers: Sequence[float], end: Point) -> list[Point]:
    """A part of an ellipse; SVG 1.1, appendix F.6."""
    rx, ry, turn = abs(numbers[0]), abs(numbers[1]), math.radians(numbers[2])
    if not rx or not ry or at == end:
        return [end]
    c, s = math.cos(turn), math.sin(turn)
    dx, dy = (at[0] - end[0]) / 2, (at[1] - end[1]) / 2
    x, y = c * dx + s * dy, c * dy - s * dx
    grown = max(1.0, math.sqrt((x / rx) ** 2 + (y / ry) ** 2))
    rx, ry = rx * grown, ry * grown
    root = math.sqrt(max(0.0, (rx * ry) ** 2 / ((rx * y) ** 2 + (ry * x) ** 2) - 1)) * (
        -1 if bool(numbers[3]) == bool(numbers[4]) else 1
    )
    cx, cy = root * rx * y / ry, -root * ry * x / rx
    first = math.atan2((y - cy) / ry, (x - cx) / rx)
    sweep = math.atan2((-y - cy) / ry, (-x - cx) / rx) - first
    if numbers[4] and sweep < 0:
        sweep += 2 * math.pi
    elif not numbers[4] and sweep > 0:
        sweep -= 2 * math.pi
    mx, my = (at[0] + end[0]) / 2, (at[1] + end[1]) / 2
    points = []
    for step in range(1, _STEPS + 1):
        t = first + sweep * step / _STEPS
        px, py = rx * math.cos(t) + cx, ry * math.sin(t) + cy
        points.append((c * px - s * py + mx, s * px + c * py + my))
    return [*points[:-1], end]


def _number(text: str | None) -> float:
    found = re.match(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)", text or "", re.I)
    return float(found[1]) if found else 0.0
