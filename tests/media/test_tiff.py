"""TIFF beyond eight bits: every number, layout, packing and colour gives the same picture; what is not read
is named and not damaged."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pil
from PIL import ImageCms

from etude.errors import WorkError
from etude.media.image import tiff_pages
from etude.media.image.medium import MEDIUM as IMAGE
from tests.media.tiff_files import Order, tiff

H, W = 24, 32
ORDERS: tuple[Order, ...] = ("<", ">")
ROWS, COLUMNS = np.mgrid[0:H, 0:W]
RAMP = COLUMNS / (W - 1)
RGB = np.stack([RAMP, ROWS / (H - 1), 1 - RAMP], -1)
OPACITY = np.clip(ROWS / (H - 1) + 0.25, 0, 1)
INK = np.dstack([1 - RGB, np.zeros((H, W))])


def read(data: bytes) -> np.ndarray:
    pixels: np.ndarray = IMAGE.read(data, suffix=".tif").content
    return pixels


def whole(values: np.ndarray, bits: int) -> np.ndarray:
    counts: np.ndarray = np.round(values * (2**bits - 1)).astype(f"u{bits // 8}")
    return counts


def same(pixels: np.ndarray, wanted: np.ndarray, off: int = 1) -> bool:
    target = np.round(np.clip(wanted, 0, 1) * 255)
    target = np.dstack([target] * 3) if target.ndim == 2 else target
    if target.shape[2] == 4 and pixels.shape[2] == 3:
        pixels = np.dstack([pixels, np.full(pixels.shape[:2], 255)])
    return pixels.shape == target.shape and bool(np.abs(pixels - target).max() <= off)


@pytest.mark.parametrize("bits", [8, 16, 32])
@pytest.mark.parametrize(
    "way",
    [{}, {"order": ">"}, {"planar": True}, {"compression": 8, "predictor": 2}, {"compression": 5,
    "predictor": 2}, {"compression": 32773}, {"tile": (16, 16), "compression": 8}, {"big": True},
    {"rows": 7}, {"planar": True, "tile": (32, 16), "compression": 5}],
)  # fmt: skip
def test_whole_numbers_in_every_layout(bits: int, way: dict[str, Any]) -> None:
    assert same(read(tiff(whole(RGB, bits), **way)), RGB)


@pytest.mark.parametrize("bits", [16, 32, 64])
@pytest.mark.parametrize(
    "way",
    [{}, {"order": ">"}, {"compression": 8, "predictor": 3}, {"compression": 5, "predictor": 3,
    "order": ">"}, {"planar": True, "tile": (16, 16), "compression": 8, "predictor": 3}, {"rows": 5,
    "compression": 8}],
)  # fmt: skip
def test_floats_in_every_layout(bits: int, way: dict[str, Any]) -> None:
    assert same(read(tiff(RGB.astype(f"f{bits // 8}"), **way)), RGB)
    assert same(read(tiff(RAMP.astype(f"f{bits // 8}"), **way)), RAMP)


@pytest.mark.parametrize("bits", [16, 32])
def test_colours_and_opacity(bits: int) -> None:
    clear = np.dstack([RGB, OPACITY])
    assert same(read(tiff(whole(clear, bits), extra=(2,))), clear)
    assert same(read(tiff(whole(clear, bits), extra=(0,))), RGB)  # nobody says that it is opacity
    weighed = np.dstack([RGB * OPACITY[..., None], OPACITY])
    assert same(read(tiff(whole(weighed, bits), extra=(1,))), clear)
    assert same(
        read(tiff(whole(np.dstack([RAMP, OPACITY]), bits), extra=(2,))),
        np.dstack([RAMP, RAMP, RAMP, OPACITY]),
    )
    assert same(read(tiff(whole(np.dstack([clear, RAMP]), bits), extra=(2, 0))), clear)
    assert same(read(tiff(whole(1 - RAMP, bits), photometric=0)), RAMP)
    assert same(read(tiff(whole(INK, bits), photometric=5)), RGB)
    assert same(read(tiff(whole(np.dstack([INK, OPACITY]), bits), photometric=5, extra=(2,))), clear)
    assert same(read(tiff(weighed.astype(np.float32), extra=(1,))), clear)


@pytest.mark.parametrize("bits", [1, 2, 4, 6, 10, 12, 14])
def test_numbers_of_odd_widths(bits: int) -> None:
    levels = 2**bits - 1
    grey, colours = np.round(RAMP * levels), np.round(RGB * levels)
    assert same(read(tiff(grey.astype(np.uint16), bits=bits)), grey / levels)
    if bits > 1:
        assert same(read(tiff(colours.astype(np.uint16), bits=bits)), colours / levels)


def test_palettes() -> None:
    table = np.zeros((3, 256), int)
    table[0], table[1] = np.arange(256) * 257, 65535 - np.arange(256) * 257
    tags = {320: (3, table.ravel().tolist())}
    indices = (COLUMNS * 8).astype(np.uint8)
    wanted = np.dstack([indices / 255, 1 - indices / 255, indices * 0.0])
    assert same(read(tiff(indices, photometric=3, tags=tags)), wanted)
    both = np.dstack([indices, np.round(OPACITY * 255).astype(np.uint8)])
    assert same(read(tiff(both, photometric=3, extra=(2,), tags=tags)), np.dstack([wanted, OPACITY]))


def test_lab_of_eight_and_sixteen_bits_agree() -> None:
    eight = read(tiff(np.dstack([whole(RAMP, 8), *[np.zeros((H, W), np.uint8)] * 2]), photometric=8))
    sixteen = read(tiff(np.dstack([whole(RAMP, 16), *[np.zeros((H, W), np.uint16)] * 2]), photometric=8))
    assert np.abs(eight.astype(int) - sixteen).max() <= 3
    assert (
        np.ptp(sixteen[0, :, 0].astype(int)) > 250 and np.abs(np.diff(sixteen.astype(int), axis=2)).max() <= 2
    )


WHITE = {
    "a little above white": (RAMP * 1.05 - 0.02, np.clip(RAMP * 1.05 - 0.02, 0, 1), "were clipped"),
    "bright lights": (np.where(COLUMNS > 28, 40.0, RAMP), np.where(COLUMNS > 28, 1.0, RAMP), "were clipped"),
    "0 to 255": (RAMP * 255, RAMP, "white was assumed to be 255"),
    "0 to 65,535": (RAMP * 65535, RAMP, "white was assumed to be 65,535"),
    "half black": (np.full((H, W), 0.5), np.full((H, W), 0.5), ""),
    "one that is no number": (np.where(COLUMNS + ROWS == 0, np.nan, RAMP), RAMP, "not numbers: 1 of"),
}  # fmt: skip


@pytest.mark.parametrize("name", WHITE)
def test_what_is_white_among_floats(name: str) -> None:
    values, wanted, word = WHITE[name]
    reading = IMAGE.read(tiff(values.astype(np.float32)), suffix=".tif")
    assert same(reading.content, wanted)
    assert any(word in note for note in reading.warnings) if word else not reading.warnings


def test_a_stated_range_is_followed() -> None:
    stated = {340: (11, [0.0]), 341: (11, [1000.0])}
    assert same(read(tiff((RAMP * 1000).astype(np.float32), tags=stated)), RAMP)


@pytest.mark.parametrize("full", [255, 65535, 2**31 - 1])
def test_what_is_white_among_32_bits(full: int) -> None:
    assert same(read(tiff((RAMP * full).astype(np.int32))), RAMP)


@pytest.mark.parametrize("values", [RAMP * 100 - 50, np.full((H, W), np.nan), RAMP * 1e7])
def test_what_is_no_brightness(values: np.ndarray) -> None:
    with pytest.raises(WorkError, match="not brightness values"):
        read(tiff(values.astype(np.float32)))


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("kind", ["u1", "u2", "f4"])
def test_orientation(turn: int, kind: str) -> None:
    values = RGB.astype(kind) if kind == "f4" else whole(RGB, 8 * int(kind[1]))
    exif = Pil.Exif()
    exif[0x0112] = turn
    out = io.BytesIO()
    Pil.fromarray(whole(RGB, 8)).save(out, "PNG", exif=exif)
    wanted = IMAGE.read(out.getvalue(), suffix=".png").content
    found = read(tiff(values, tags={274: (3, [turn])}))
    assert found.shape == wanted.shape and np.abs(found.astype(int) - wanted).max() <= 1


def test_profiles_hold_for_deep_ones_too() -> None:
    grey = np.full((H, W, 3), 0.5)
    lab = list(ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes())
    assert any(
        "profile" in note
        for note in IMAGE.read(tiff(grey.astype(np.float32), tags={34675: (7, lab)}), suffix=".tif").warnings
    )
    srgb = list(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    assert same(read(tiff(grey.astype(np.float32), tags={34675: (7, srgb)})), grey, off=2)


def test_the_main_page_is_read_and_small_versions_are_not_counted() -> None:
    big, small = Pil.fromarray(whole(RGB, 8)), Pil.new("RGB", (8, 8), "red")
    out = io.BytesIO()
    small.save(out, "TIFF", save_all=True, append_images=[big], tiffinfo={254: 1})
    data = out.getvalue()
    assert [page.aside for page in tiff_pages.pages(data)] == [True, True]  # Pillow marks both
    assert IMAGE.read(data, suffix=".tif").content.shape == (8, 8, 3)
    out = io.BytesIO()
    big.save(out, "TIFF", save_all=True, append_images=[small, small])
    assert "first of 3 pages only" in IMAGE.read(out.getvalue(), suffix=".tif").warnings


UNREAD: dict[str, tuple[dict[str, Any], np.ndarray]] = {
    "a camera's raw pixels": ({"photometric": 32803}, whole(RAMP, 16)),
    "LogL": ({"photometric": 32844}, whole(RAMP, 16)), "complex numbers": ({"fmt": 6}, whole(RAMP, 32)),
    "JPEG XL": ({"tags": {259: (3, [50002])}}, whole(RGB, 16)),
    "colours of kind 99": ({"photometric": 99}, whole(RAMP, 16)),
}  # fmt: skip


@pytest.mark.parametrize("words", UNREAD)
def test_kinds_that_are_not_read_are_named(words: str) -> None:
    way, values = UNREAD[words]
    with pytest.raises(WorkError, match="which are not read") as refused:
        read(tiff(values, **way))
    assert words in refused.value.message and "damaged" not in refused.value.message and refused.value.hint


@pytest.mark.parametrize(
    "way", [{}, {"compression": 8}, {"compression": 5, "predictor": 3}, {"tile": (16, 16)}]
)
def test_what_is_cut_short_is_damaged(way: dict[str, Any]) -> None:
    data = tiff(RGB.astype(np.float32), **way)
    for left in (len(data) // 2, len(data) - 9, 300, 40, 9):
        with pytest.raises(WorkError, match="damaged") as refused:
            read(data[:left])
        assert "\n" not in refused.value.message and refused.value.hint


def test_too_many_pixels_are_refused_before_any_is_read() -> None:
    data = tiff(RAMP.astype(np.float32), tags={256: (4, [60_000]), 257: (4, [60_000])})
    with pytest.raises(WorkError, match="megapixels"):
        read(data)


@given(
    st.sampled_from(["u1", "u2", "u4", "f2", "f4", "f8"]), st.sampled_from([1, 2, 3, 4]),
    st.sampled_from([1, 5, 8, 32773]), st.sampled_from(ORDERS), st.booleans(), st.booleans(),
    st.sampled_from([None, (16, 16), (32, 16)]), st.integers(1, 24), st.booleans(),
)  # fmt: skip
@settings(max_examples=60)
def test_any_combination_is_read_alike(
    kind: str,
    samples: int,
    compression: int,
    order: Order,
    planar: bool,
    big: bool,
    tile: tuple[int, int] | None,
    rows: int,
    differing: bool,
) -> None:
    values = np.dstack([RGB, OPACITY])[..., :samples]
    values = values if samples != 2 else np.dstack([RAMP, OPACITY])
    numbers = values.astype(kind) if kind[0] == "f" else whole(values, 8 * int(kind[1]))
    predictor = (3 if kind[0] == "f" else 2) if differing and compression in (5, 8) and kind != "f2" else 1
    extra = (2,) if samples in (2, 4) else ()
    data = tiff(numbers, compression=compression, order=order, planar=planar, big=big, tile=tile, rows=rows,
                predictor=predictor, extra=extra)  # fmt: skip
    wanted = values[..., 0] if samples == 1 else np.dstack([RAMP] * 3 + [OPACITY]) if samples == 2 else values
    assert same(read(data), wanted)
