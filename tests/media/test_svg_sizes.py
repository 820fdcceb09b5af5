"""A drawing is as large as it says, in every way of saying it; where it says nothing, as far as it
reaches."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etude.errors import WorkError
from etude.media.image.medium import MEDIUM as IMAGE
from tests.media.picturefiles import svg

QUARTERS = (
    '<rect width="256" height="256" fill="#dc1414"/><rect x="256" width="256" height="256" fill="#14b414"/>'
    '<rect y="256" width="256" height="256" fill="#1414dc"/><circle cx="384" cy="384" r="100" fill="#fa0"/>'
    '<path d="M0 511h512v1H0z" fill="#fa0"/>'
)
CORNERS = {
    (0.2, 0.2): (220, 20, 20),
    (0.8, 0.2): (20, 180, 20),
    (0.2, 0.8): (20, 20, 220),
    (0.8, 0.8): (255, 170, 0),
}


def read(data: bytes) -> np.ndarray:
    pixels: np.ndarray = IMAGE.read(data, suffix=".svg").content
    return pixels


def shows_all(pixels: np.ndarray) -> bool:
    height, width = pixels.shape[:2]
    return all(
        np.abs(pixels[int(height * y), int(width * x)][:3].astype(int) - colour).max() <= 3
        for (x, y), colour in CORNERS.items()
    )


@pytest.mark.parametrize(
    "head",
    [ "", 'width="512"', 'height="512"', 'width="100%" height="100%"', 'width="50vw" height="50vh"',
    'width="auto"', 'width="32em" height="32em"', 'width="32rem" height="512px"',
    'width="64ex" height="64ex"', 'width="5.3333in" height="384pt"', 'width="135.467mm" height="13.5467cm"',
    'width="541.867Q" height="32pc"', 'width="calc(500px + 12px)" height="512"', 'viewBox="0 0 512 512"',
    'viewBox="0,0,512,512"', 'viewBox="0 0 512 512" width="1em" height="1em"', 'viewBox="0 0 512px 512px"',
    'viewBox="0 0 512 512" width="100%" height="100"', 'viewBox="0 0 512 512" width="0" height="0"',
    'style="width:512px;height:512px"', 'viewBox="0 0 512 512" style="width:50%"',
    'font-size="20" width="25.6em" height="25.6em"', 'viewBox="none" width="512" height="512"',
    'viewBox="0 0 512 512" width="{{w}}" height="{{h}}"', 'viewBox="0 0 512" width="512px" height="512PX"',
    'x="9" y="9"', ],
)  # fmt: skip
def test_the_whole_drawing_is_seen(head: str) -> None:
    assert shows_all(read(svg(QUARTERS, head)))


@pytest.mark.parametrize(
    ("head", "ratio"),
    [
        ('width="512" height="256" viewBox="0 0 512 512" preserveAspectRatio="none"', 2.0),
        ('width="512" height="256" viewBox="0 0 512 512"', 2.0),
        ('width="40mm" height="1in" viewBox="0 0 9 9"', 40 / 25.4),
        ('width="300" viewBox="0 0 200 100"', 2.0),
        ('height="10em" viewBox="0 0 100 200"', 0.5),
        ('width="100%" height="300" viewBox="0 0 300 100"', 3.0),
        ('style="width:300px" viewBox="0 0 300 100"', 3.0),
        ('viewBox="0 0 30 10" width="200" height="200" style="width:90px;height:30px"', 3.0),
    ],
)
def test_width_to_height(head: str, ratio: float) -> None:
    height, width = read(svg(QUARTERS, head)).shape[:2]
    assert width / height == pytest.approx(ratio, rel=0.02)


def test_stretching_follows_preserve_aspect_ratio() -> None:
    bar = '<rect width="100" height="100" fill="red"/>'
    wide = 'width="200" height="100" viewBox="0 0 100 100"'
    stretched = read(svg(bar, f'{wide} preserveAspectRatio="none"'))
    middle = read(svg(bar, wide))
    left = read(svg(bar, f'{wide} preserveAspectRatio="xMinYMid"'))
    assert stretched.shape == (128, 256, 3)
    assert not middle[64, 10].any() and middle[64, 128].any() and not middle[64, 245].any()
    assert left[64, 10].any() and not left[64, 245].any()


def test_what_lies_beyond_the_corner_is_not_shown_where_anything_else_is() -> None:
    pixels = read(svg('<rect x="-50" y="-50" width="150" height="100" fill="red"/>', ""))
    assert pixels.shape == (128, 256, 3)  # 100 x 50 of it
    only = read(svg('<rect x="-150" y="-90" width="100" height="50" fill="red"/>', ""))
    assert only.shape == (128, 256, 3)


def test_grounds_in_per_cent_do_not_decide_the_size() -> None:
    body = '<rect width="100%" height="100%" fill="blue"/><rect width="300" height="100" fill="red"/>'
    pixels = read(svg(body, ""))
    assert pixels.shape[:2] == (85, 256) and tuple(pixels[40, 128][:3]) == (255, 0, 0)
    assert read(svg('<rect width="100%" height="100%" fill="blue"/>', "")).shape[:2] == (128, 256)


@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from([0.01, 1, 30, 4000]))
@settings(max_examples=12)  # each is drawn some ten times
def test_how_far_a_drawing_reaches(width: int, height: int, unit: float) -> None:
    body = f'<rect width="{width * unit}" height="{height * unit}" fill="red"/>'
    try:
        meta = IMAGE.read(svg(body, ""), suffix=".svg").meta
    except WorkError:
        assert max(width, height) > 50 * min(width, height)
        return
    assert float(meta["width_px"]) == pytest.approx(width * unit, rel=0.01)
    assert float(meta["height_px"]) == pytest.approx(height * unit, rel=0.01)


@pytest.mark.parametrize("head", ['viewBox="0 0 0 10"', 'viewBox="0 0 1 1000"', 'width="1e9" height="1e9"'])
def test_no_size_that_makes_sense(head: str) -> None:
    with pytest.raises(WorkError, match=r"size|width or height"):
        read(svg(QUARTERS, head))
