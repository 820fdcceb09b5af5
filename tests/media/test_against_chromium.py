"""Pictures read here and shown by Chromium are the same: drawings in every way of CSS, pixels of every kind,
sizes, colours."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pil

from etude.media.image.medium import MEDIUM as IMAGE
from tests.media import drawings
from tests.media import picturefiles as files
from tests.media.browser import difference, natural_sizes, shown

MOST = 1.5  # mean difference of 255: edges are smoothed otherwise by two libraries
DRAWINGS = drawings.every()
SIZES = (
    'width="512" height="300"',
    'width="512" viewBox="0 0 200 100"',
    'height="512" viewBox="0 0 200 100"',
    'width="100%" height="300" viewBox="0 0 200 100"',
    'width="32em" height="16em"',
    'width="32rem" height="8rem"',
    'width="32ex" height="16ex"',
    'font-size="20" width="10em" height="5em"',
    'width="40q" height="20Q"',
    'width="calc(100px + 2em)" height="calc(50px*2)"',
    'width="auto" height="100" viewBox="0 0 200 100"',
    'viewBox="0,0,100,50" width="3in" height="2in"',
    'width=" 100 " height="80px "',
    'width="1e2" height="5E1px"',
    'width="+100" height=".5in"',
    'viewBox="none" width="100" height="40"',
    'viewBox="0 0 -10 10" width="100" height="40"',
    'width="210mm" height="297mm" viewBox="0 0 210 297"',
    'width="12pc" height="72pt"',
)


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def with_chunks(data: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG with further chunks after its head."""
    return data[:33] + b"".join(chunk(*one) for one in chunks) + data[33:]


def numbers(*values: float) -> bytes:
    return struct.pack(f">{len(values)}I", *(round(value * 100_000) for value in values))


def of_pixels() -> dict[str, tuple[bytes, str]]:
    """Name -> file and suffix."""
    wide, clear = (
        files.drawing(96).crop((0, 0, 96, 60)),
        files.drawing(96, 3, alpha=True).crop((0, 0, 96, 60)),
    )
    png = files.saved(wide, "PNG")
    found = {}
    for turn in range(1, 9):
        exif = Pil.Exif()
        exif[0x0112] = turn
        for fmt, suffix in (("PNG", ".png"), ("JPEG", ".jpg"), ("AVIF", ".avif")):
            found[f"{fmt} turned {turn}"] = files.saved(wide, fmt, exif=exif, quality=95), suffix
    for fmt, suffix, modes in (
        ("PNG", ".png", ("1", "L", "P", "LA", "RGB", "RGBA")),
        ("BMP", ".bmp", ("1", "L", "P", "RGB")),
        ("WEBP", ".webp", ("RGB", "RGBA")),
        ("GIF", ".gif", ("P",)),
        ("JPEG", ".jpg", ("L", "RGB", "CMYK")),
        ("AVIF", ".avif", ("RGB", "RGBA")),
    ):
        for mode in modes:
            picture = (clear if mode in ("LA", "RGBA") else wide).convert(mode)
            found[f"{fmt} {mode}"] = files.saved(picture, fmt, quality=95), suffix
    found["PNG of 16 bits"] = (
        files.saved(Pil.fromarray(np.asarray(wide.convert("L")).astype(np.uint16) * 257), "PNG"),
        ".png",
    )
    found["PNG with one clear colour"] = files.saved(wide, "PNG", transparency=wide.getpixel((0, 0))), ".png"
    found["GIF that is clear"] = files.saved(clear, "GIF"), ".gif"
    found["JPEG progressive"] = files.saved(wide, "JPEG", progressive=True, quality=95), ".jpg"
    found["icon"] = files.saved(wide.resize((48, 48)), "ICO", sizes=[(16, 16), (48, 48)]), ".ico"
    p3 = (0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06)
    for name, chunks in {
        "gamma 1": [(b"gAMA", numbers(1))],
        "gamma 0.55": [(b"gAMA", numbers(0.55556))],
        "usual gamma": [(b"gAMA", numbers(0.45455))],
        "gamma and sRGB": [(b"gAMA", numbers(1)), (b"sRGB", b"\0")],
        "P3 by numbers": [(b"gAMA", numbers(0.45455)), (b"cHRM", numbers(*p3))],
        "P3 by code": [(b"cICP", bytes([12, 13, 0, 1]))],
        "linear by code": [(b"cICP", bytes([1, 8, 0, 1]))],
        "BT.2020 by code": [(b"cICP", bytes([9, 1, 0, 1]))],
        "primaries alone": [(b"cHRM", numbers(*p3))],
    }.items():
        found[f"PNG of {name}"] = with_chunks(png, *chunks), ".png"
    return found


@pytest.fixture(scope="module")
def compared(
    chromium: str, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, tuple[float, list[int], list[int]]]:
    """Name -> how much the two differ (0 where both show nothing), and what each shows left of the middle."""
    every = {name: (data, ".svg") for name, data in DRAWINGS.items()} | of_pixels()
    ours = {name: IMAGE.read(data, suffix=suffix).content for name, (data, suffix) in every.items()}
    sizes = [(pixels.shape[1], pixels.shape[0]) for pixels in ours.values()]
    theirs = shown(chromium, tmp_path_factory.mktemp("shown"), list(every.values()), sizes)
    return {
        name: (
            difference(pixels, seen),
            pixels[len(pixels) // 2, pixels.shape[1] // 4].tolist(),
            seen[len(seen) // 2, seen.shape[1] // 4].tolist(),
        )
        for (name, pixels), seen in zip(ours.items(), theirs)
    }


@pytest.mark.parametrize("name", [*DRAWINGS, *of_pixels()])
def test_as_chromium_shows_it(compared: dict[str, tuple[float, list[int], list[int]]], name: str) -> None:
    apart, ours, chromiums = compared[name]
    assert apart <= MOST, f"ours shows {ours}, Chromium {chromiums}"


def test_drawings_have_the_sizes_that_chromium_gives_them(chromium: str, tmp_path: Path) -> None:
    every = [files.svg('<rect width="100" height="50" fill="red"/>', head) for head in SIZES]
    theirs = natural_sizes(chromium, tmp_path, [(data, ".svg") for data in every])
    for head, data, (w, h) in zip(SIZES, every, theirs):
        meta = IMAGE.read(data, suffix=".svg").meta
        ours = float(meta["width_px"]), float(meta["height_px"])
        assert ours[0] / ours[1] == pytest.approx(w / h, rel=0.02), head
        if "ex" not in head and "%" not in head:  # how high an x is, depends on the letters
            assert ours == pytest.approx((w, h), abs=1), head
