"""Damaged pictures and clips: whatever is done to a file, it is read or refused in one plain sentence, soon
and in little room.

The mutations are drawn from a numbered generator, so that a failure is found again by its number. They run
for some seconds a format; `ETUDE_FUZZ=2000` asks for so many of each, however long they take.
"""

from __future__ import annotations

import copy
import os
import random
import struct
import time
import zlib
from collections.abc import Callable
from functools import cache, partial

import numpy as np
import pytest
from lxml import etree
from PIL import Image as Pil

from etude.errors import EtudeError
from etude.media import MEDIA
from etude.media.contract import Reading
from etude.media.video.medium import MEDIUM as VIDEO
from tests.fuzz.spent import Spent
from tests.media import picturefiles as files
from tests.media.tiff_files import tiff

ROUNDS = int(os.environ.get("ETUDE_FUZZ", "0"))  # 0: as many as fit into SECONDS
SECONDS = 5.0
LONGEST_S, MOST_BYTES = 5.0, 1 << 30
NUMBERS = (
    0,
    1,
    2,
    7,
    8,
    127,
    128,
    255,
    256,
    32767,
    65535,
    65536,
    1 << 24,
    0x7FFFFFFF,
    0x80000000,
    0xFFFFFFFF,
)
STYLE = """<style>:root{--a:#dc1414;--b:calc(2px*3)} \
.x > rect:nth-child(2n+1){fill:color-mix(in oklch,var(--a),blue 30%)}
@media screen and (min-width:1px){g{transform:rotate(10deg) scale(.5);transform-origin:50% 50%}}
@layer a{path{stroke:oklch(.6 .1 20)}}
circle{cx:50%;r:var(--b,4);clip-path:inset(10% round 2px)}</style>"""
DRAWING = files.svg(
    STYLE + '<defs><g id="g"><rect width="9" height="9" fill="var(--c,red)"/></g><linearGradient id="l" '
    'color-interpolation="linearRGB">'
    '<stop stop-color="red"/><stop offset="1" stop-color="hsl(120deg 50% 50% / '
    '.5)"/></linearGradient></defs><g class="x"><rect width="30"'
    ' height="30"/><use href="#g" style="--c:teal" x="20"/></g><circle fill="url(#l)"/><path d="M10 10c5-20 '
    '40 20 50 10a9 9 0 0 1 9 9z"'
    ' pathLength="9" stroke-dasharray="2 1" vector-effect="non-scaling-stroke"/><svg x="1em" '
    'width="50%"><text>x</text></svg>',
    'viewBox="0 0 100 100" width="20mm" style="background:#eef"',
)
SIZELESS = (
    b'<svg xmlns="http://www.w3.org/2000/svg"><rect x="3" y="4" width="50%" height="7"/><circle cx="60" '
    b'cy="40" r="9"/></svg>'
)
SCRAPS = [
    *(
        b"var(--a)",
        b"var(--a,var(--b))",
        b"--a:var(--a);",
        b"calc(",
        b")",
        b"{",
        b"}",
        b";",
        b"#",
        b"'",
        b'"',
        b"/*",
        b"*/",
        b"\\",
        b"url(#g)",
    ),
    *(
        b"@media(",
        b"@layer a{",
        b":is(",
        b":not(",
        b":has(*)",
        b"*",
        b"~",
        b">",
        b",",
        b"!important",
        b"nth-child(n)",
        b"1e39",
        b"-1",
        b"NaN",
    ),
    *(
        b"<use href='#g'/>",
        b"<g>",
        b"</g>",
        b"<svg>",
        b"<style>*{fill:red}</style>",
        b"&amp;",
        b"\0",
        b"\x1b[31m",
        "\u202e".encode(),
        b"%",
        b"vw",
    ),
    *(
        b"path('M0 0",
        b"color-mix(in oklab,",
        b"rgb(from red r g b)",
        b"none",
        b"inherit",
        b"0",
        b"99999999",
        b"transform='scale(1e9)'",
    ),
]


@cache
def seeds(kind: str) -> tuple[bytes, ...]:
    """A few small sound files of a kind."""
    plain, clear = files.drawing(32), files.drawing(32, 3, alpha=True)
    ramp = np.linspace(0, 1, 32 * 32, dtype=np.float32).reshape(32, 32)
    moving = files.moving(4, 32, 10.0)
    if kind == "png":
        deep = Pil.fromarray((ramp * 65535).astype(np.uint16))
        moves = files.saved(plain, "PNG", save_all=True, append_images=[clear.convert("RGB")])
        return (
            files.saved(clear, "PNG"),
            files.saved(plain.quantize(8), "PNG", transparency=2),
            files.saved(deep, "PNG"),
            moves,
        )
    if kind == "gif":
        return VIDEO.write(moving, "gif"), files.saved(clear, "GIF"), files.saved(plain, "GIF", interlace=1)
    if kind == "webp":
        return (
            VIDEO.write(moving, "webp"),
            files.saved(clear, "WEBP"),
            files.saved(plain, "WEBP", lossless=True),
        )
    if kind == "jpeg":
        exif = Pil.Exif()
        exif[0x0112], exif[0x013B] = 6, "A"
        return (
            files.saved(plain, "JPEG", exif=exif),
            files.saved(plain.convert("CMYK"), "JPEG"),
            files.saved(plain, "JPEG", progressive=True),
        )
    if kind == "tiff":
        rgb = np.stack([ramp] * 3, -1)
        return (
            files.saved(plain, "TIFF", compression="tiff_lzw"),
            tiff(rgb, compression=8, predictor=3),
            tiff(ramp, order=">"),
            tiff((rgb * 65535).astype(np.uint16), planar=True, tile=(16, 16), compression=8, predictor=2),
            tiff((np.dstack([rgb, ramp]) * 65535).astype(np.uint16), extra=(1,), big=True),
            files.saved(clear, "TIFF"),
        )
    if kind == "svg":
        return DRAWING, SIZELESS
    if kind == "other":
        return tuple(files.saved(plain, fmt) for fmt in ("BMP", "AVIF", "JPEG2000", "PPM", "ICO", "QOI"))
    if kind == "mp4":
        return (
            files.coded(moving),
            files.turned(files.coded(moving, codec="mpeg4")),
            files.with_sound(moving),
            files.with_sound(moving, "mp4", fragments=True),
            files.coded(moving, "avi", "mpeg4"),
        )
    veiled = files.moving(4, 32, 10.0, alpha=True)
    return (
        files.coded(moving, "webm", "libvpx-vp9"),
        files.clear_webm(veiled),
        files.clear_webm(veiled, "libvpx"),
        files.coded(moving, "matroska", "ffv1"),
    )


def mutated(data: bytes, other: bytes, draw: random.Random, scraps: list[bytes]) -> bytes:
    """One to thirty small damages: bits, numbers, parts lost, doubled, put in from another file."""
    out = bytearray(data)
    for _ in range(draw.choice((1, 1, 2, 3, 8, 30))):
        at = draw.randrange(len(out) + 1)
        end = min(len(out), at + draw.choice((1, 2, 4, 16, 100)))
        what = draw.randrange(8)
        if what == 0 and at < len(out):
            out[at] ^= 1 << draw.randrange(8)
        elif what == 1:
            width = draw.choice(("B", "H", "I"))
            number = draw.choice(NUMBERS) & ((1 << 8 * struct.calcsize(width)) - 1)
            out[at : at + struct.calcsize(width)] = struct.pack(draw.choice("<>") + width, number)
        elif what == 2:
            del out[at:end]
        elif what == 3:
            out[at:at] = out[at:end] * draw.choice((1, 2, 50))
        elif what == 4:
            start = draw.randrange(len(other) + 1)
            out[at:end] = other[start : start + draw.choice((1, 8, 64, 500))]
        elif what == 5 and draw.random() < 0.2:
            del out[at:]
        elif scraps:
            out[at:at] = draw.choice(scraps) * draw.choice((1, 1, 1, 2, 200))
        else:
            out[at:at] = draw.randbytes(draw.choice((1, 4, 40)))
    return bytes(out[:1_000_000])


def twisted(data: bytes, draw: random.Random) -> bytes:
    """A drawing that is still XML, with other values, rules and places of its elements."""
    root = etree.fromstring(data)
    for _ in range(draw.choice((1, 2, 4, 12))):
        elements = [element for element in root.iter() if isinstance(element.tag, str)]
        element, other = draw.choice(elements), draw.choice(elements)
        word = draw.choice(SCRAPS).decode("utf-8", "replace").replace("\0", "").replace("\x1b", "")
        what = draw.randrange(6)
        if what == 0 and element.attrib:
            key = draw.choice(list(element.attrib))
            old = element.get(key) or ""
            at = draw.randrange(len(old) + 1)
            element.set(
                key, old[:at] + word * draw.choice((1, 1, 3, 50)) + old[at + draw.choice((0, 0, 2, 9)) :]
            )
        elif what == 1:
            element.set(
                draw.choice([name for name in NAMES if name[0] != "-"]),
                draw.choice((word, *other.attrib.values())),
            )
        elif what == 2:
            element.set(
                "style",
                ";".join(
                    f"{draw.choice(NAMES)}:{draw.choice((word, *other.attrib.values()))}" for _ in range(3)
                ),
            )
        elif what == 3 and element.tag.endswith("style"):
            old = element.text or ""
            at = draw.randrange(len(old) + 1)
            element.text = old[:at] + word * draw.choice((1, 2, 40)) + old[at + draw.choice((0, 1, 5, 40)) :]
        elif what == 4 and other not in element.iterancestors() and other is not element:
            element.append(copy.deepcopy(other))
        elif what == 5 and element is not root:
            element.tag = draw.choice(elements).tag
    svg: bytes = etree.tostring(root)
    return svg


NAMES = (
    *(
        "fill",
        "stroke",
        "width",
        "height",
        "x",
        "cx",
        "r",
        "d",
        "transform",
        "transform-origin",
        "clip-path",
        "filter",
        "mask",
        "opacity",
    ),
    *(
        "stroke-width",
        "stroke-dasharray",
        "pathLength",
        "vector-effect",
        "viewBox",
        "preserveAspectRatio",
        "href",
        "id",
        "class",
        "color",
    ),
    *(
        "font-size",
        "--a",
        "--b",
        "background",
        "display",
        "marker",
        "offset",
        "gradientTransform",
        "points",
        "color-interpolation",
    ),
)


def mended(data: bytes) -> bytes:
    """A PNG with sums that are right again, so that more than its outermost layer is tried."""
    out, at = bytearray(data), 8
    while at + 12 <= len(out):
        length = int.from_bytes(out[at : at + 4], "big")
        if at + 12 + length > len(out):
            break
        out[at + 8 + length : at + 12 + length] = zlib.crc32(out[at + 4 : at + 8 + length]).to_bytes(4, "big")
        at += 12 + length
    return bytes(out)


def fault(read: Callable[[bytes], Reading], data: bytes) -> str:
    """What is wrong with how a file was taken; empty where nothing is."""
    spent = Spent()
    try:
        reading = read(data)
        said = [*reading.warnings, reading.title, reading.maker]
        if reading.content is None:
            return "nothing was read"
    except EtudeError as error:
        said = [error.message, error.hint]
        if len(error.message) < 12 or not any(letter.isalpha() for letter in error.message) or not error.hint:
            return f"refused without words: {error.message!r} {error.hint!r}"
    except BaseException as error:  # noqa: BLE001 - whatever else comes out is what is looked for
        return f"{type(error).__name__}: {error}"
    took, grown = spent.seconds, spent.room_bytes
    if any(not text.isprintable() for text in said):
        return f"signs that are not printable: {said!r}"
    if took > LONGEST_S:
        return f"{took:.1f} s"
    return f"{grown / 1e6:,.0f} MB" if grown > MOST_BYTES else ""


KINDS = {
    "png": ("image",),
    "gif": ("image", "video"),
    "webp": ("image", "video"),
    "jpeg": ("image",),
    "tiff": ("image",),
    "svg": ("image",),
    "other": ("image",),
    "mp4": ("video",),
    "webm": ("video",),
}


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_pictures_are_read_or_refused_in_a_sentence(kind: str) -> None:
    sound = seeds(kind)
    end = time.perf_counter() + SECONDS
    number = 0
    while number < ROUNDS if ROUNDS else time.perf_counter() < end:
        draw = random.Random(f"{kind}:{number}")
        data = mutated(draw.choice(sound), draw.choice(sound), draw, SCRAPS if kind == "svg" else [])
        data = mended(data) if kind == "png" and draw.random() < 0.8 else data
        data = twisted(draw.choice(sound), draw) if kind == "svg" and draw.random() < 0.7 else data
        for medium in KINDS[kind]:
            wrong = fault(partial(MEDIA[medium].read, suffix=f".{kind}"), data)
            assert not wrong, f"mutation {number} of {kind} as {medium}: {wrong}"
        number += 1
    assert number > 5
