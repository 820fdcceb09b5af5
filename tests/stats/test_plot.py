"""The plot: every point lies where its axes say, in both forms of the picture."""

from __future__ import annotations

import io
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from etude.stats.plot import COLOURS, HEIGHT_PX, WIDTH_PX, Curve, draw, smooth

SVG = "{http://www.w3.org/2000/svg}"


@given(st.lists(st.floats(-10, 10), max_size=30), st.integers(1, 12))
def test_a_running_mean_takes_what_there_is_of_its_window(values: list[float], window: int) -> None:
    found = smooth(np.array(values), window)
    for i, mean in enumerate(found):
        there = values[max(0, i - window // 2) : i + (window + 1) // 2]
        assert mean == pytest.approx(np.mean(there), abs=1e-9)
    assert len(found) == len(values)


def curve(name: str, values: list[float]) -> Curve:
    return Curve(name, np.arange(1.0, len(values) + 1), np.array(values))


def plotted(*curves: Curve) -> ElementTree.Element:
    svg = draw(curves, title="A & B <1>", across="position", up="bits", fmt="svg")
    return ElementTree.fromstring(svg)


def lines(svg: ElementTree.Element, colour: str) -> list[list[tuple[float, float]]]:
    found = [line for line in svg.iter(f"{SVG}polyline") if line.get("stroke") == colour]
    return [
        [(float(x), float(y)) for x, y in (p.split(",") for p in str(line.get("points")).split())]
        for line in found
    ]


def marks(svg: ElementTree.Element, anchor: str) -> dict[float, tuple[float, float]]:
    """The numbers beside an axis and where they stand."""
    found = {}
    for text in svg.iter(f"{SVG}text"):
        if text.get("text-anchor") == anchor and str(text.text).replace(".", "").replace(",", "").isdigit():
            found[float(str(text.text).replace(",", ""))] = (
                float(text.get("x", "")),
                float(text.get("y", "")),
            )
    return found


def test_points_lie_where_the_marks_of_the_axes_say() -> None:
    svg = plotted(curve("take", [0.0, 4.0, 2.0, 1.0]), curve("work", [1.0, 1.0, 3.0]))
    up = sorted(marks(svg, "end").items())
    along = sorted(marks(svg, "middle").items())
    assert len(up) == 5 and up[0][0] == 0 and up[-1][0] == pytest.approx(4.0 * 1.05, abs=0.05)
    assert along[0][0] == 0 and along[-1][0] == 4
    grid = lines(svg, "#c9ced6")
    assert [line[0][1] for line in grid] == pytest.approx([y - 4 for _, (_, y) in up], abs=0.1)
    assert all(line[0][0] == along[0][1][0] and line[1][0] == along[-1][1][0] for line in grid)
    unit_x = (along[-1][1][0] - along[0][1][0]) / 4
    unit_y = (grid[0][0][1] - grid[-1][0][1]) / (4.0 * 1.05)
    for number, values in enumerate(([0.0, 4.0, 2.0, 1.0], [1.0, 1.0, 3.0])):
        points = lines(svg, COLOURS[number])[0]
        wanted = [
            (along[0][1][0] + unit_x * (i + 1), grid[0][0][1] - unit_y * value)
            for i, value in enumerate(values)
        ]
        assert np.allclose(points, wanted, atol=0.11)


def test_titles_and_names_stand_beside_each_other_inside_the_picture() -> None:
    svg = plotted(curve("take", [1.0, 2.0]), curve("work", [2.0, 1.0]))
    texts = {str(text.text): text for text in svg.iter(f"{SVG}text")}
    assert str(next(svg.iter(f"{SVG}title")).text) == "A & B <1>" and "A & B <1>" in texts
    assert texts["take"].get("fill") == COLOURS[0] and texts["work"].get("fill") == COLOURS[1]
    for text in texts.values():
        assert 0 < float(text.get("x", "")) < WIDTH_PX and 0 < float(text.get("y", "")) < HEIGHT_PX
    for number, name in enumerate(("take", "work")):  # the key: a short line, then the name
        key = lines(svg, COLOURS[number])[1]
        assert 0 < float(texts[name].get("x", "")) - key[1][0] < 20 < 40 > key[1][0] - key[0][0] > 10
    assert texts["position"].get("text-anchor") == "middle" and texts["bits"].get("text-anchor") == "end"


def test_what_cannot_be_seen_is_not_drawn_and_nothing_at_all_can_be() -> None:
    many = plotted(curve("take", [1.0] * 100_000))
    assert WIDTH_PX < len(lines(many, COLOURS[0])[0]) < 4 * WIDTH_PX
    few = plotted(curve("take", [1.0] * 1000))
    assert len(lines(few, COLOURS[0])[0]) == 1000
    for nothing in ((), (curve("take", []),), (curve("take", [0.0, 0.0]),)):
        assert draw(nothing, title="", across="", up="", fmt="png") and plotted(*nothing) is not None


def test_the_png_shows_the_same_lines() -> None:
    curves = (curve("take", [4.0, 4.0, 4.0, 4.0]), curve("work", [2.0, 2.0, 2.0, 2.0]))
    svg = plotted(*curves)
    with Image.open(io.BytesIO(draw(curves, title="A", across="x", up="y", fmt="png"))) as picture:
        assert picture.size == (WIDTH_PX, HEIGHT_PX)
        for colour in COLOURS:
            (left, y), *_, (right, _) = lines(svg, colour)[0]
            near = {picture.getpixel((round((left + right) / 2), round(y) + d)) for d in (-1, 0, 1)}
            assert tuple(bytes.fromhex(colour[1:])) in near
        assert picture.getpixel((WIDTH_PX - 2, HEIGHT_PX // 2)) == (255, 255, 255)
        for box in ((60, 8, 80, 28), (30, 40, 60, 60), (60, 312, 90, 330), (880, 8, 940, 28)):  # words
            assert picture.convert("L").crop(box).getextrema()[0] < 120  # type: ignore[operator]
