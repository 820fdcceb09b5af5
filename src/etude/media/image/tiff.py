"""TIFF pictures that Pillow does not read, or reads wrongly: floats, 32 bits, odd bits, planes, weighed
opacity, further channels.

The numbers are read here; what is packed is unpacked by Pillow's own libtiff, to which every band of rows is
shown as plain bytes. What white is, is taken from the file where it says so, else from the numbers, and then
said.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from PIL import Image as Pil

from etude.config.media import IMAGE
from etude.errors import WorkError
from etude.media.image.tiff_pages import Page
from etude.media.pixels.arrays import UInt8
from etude.media.pixels.colour import to_srgb

Numbers = npt.NDArray[np.generic]
_UNPACKED = (1, 5, 8, 32773, 32946, 34925, 50000)
_BAND = 4_000_000  # numbers that are worked on at once
_HINT = "Save it as an 8- or 16-bit RGB TIFF, or as PNG."
_AGAIN = "Export or download it again."


@dataclass(frozen=True)
class White:
    """Which numbers are black and white, and what was guessed in finding them."""

    low: float
    high: float
    notes: tuple[str, ...] = ()


def beyond_pillow(page: Page) -> bool:
    """Whether this page is to be read here: its numbers are of a kind that Pillow refuses or mistakes."""
    deep = max(page.bits) > 8
    odd = len(set(page.bits)) > 1 or page.bits[0] not in (1, 2, 4, 8, 16)
    opacity = page.extra[:1] == (1,)
    return page.compression in _UNPACKED and (
        odd
        or (page.bits[0] < 8 and page.samples > 1)
        or (any(kind != 1 for kind in page.formats) and deep)
        or (
            deep and (page.planar or page.photometric in (0, 8) or opacity or page.samples - page.colours > 1)
        )
        or (page.colours == 1 and page.samples == 2 and (deep or opacity or page.planar))
        or (page.photometric == 5 and page.samples > 4)
        or (page.photometric == 6 and page.compression != 7 and page.subsampling == (1, 1))
    )


def read(data: bytes, page: Page) -> tuple[Pil.Image, list[str]]:
    """The page in L, LA, RGB, RGBA or CMYK, not yet turned, and what was guessed. Raises WorkError."""
    _refuse(page)
    if page.photometric not in (0, 1, 2, 3, 5, 6, 8) or any(kind not in (1, 2, 3) for kind in page.formats):
        raise unread(page)
    white = _white(data, page)
    opacity = page.samples > page.colours and page.extra[:1] in ((1,), (2,))
    channels = page.colours + opacity
    out = np.empty((page.height, page.width, channels), np.uint8)
    for top, band in _bands(data, page):
        out[top : top + len(band)] = _eight_bits(band[..., :channels], page, white, opacity)
    notes = list(white.notes)
    if page.photometric == 3:
        return _painted(out, page), notes
    return _picture(out, page, opacity, notes), notes


def unread(page: Page) -> WorkError:
    """For a kind of TIFF that is not read, which is no damage."""
    raw = page.photometric in (32803, 34892)
    return WorkError(
        f"This TIFF picture holds {page.words()}, which are not read.",
        "Develop it in a raw converter, such as darktable, and add the JPEG or TIFF." if raw else _HINT,
    )


def _refuse(page: Page) -> None:
    if (
        page.compression not in _UNPACKED
        or len(set(page.bits)) > 1
        or len(set(page.formats)) > 1
        or not 1 <= page.bits[0] <= 64
    ):
        raise unread(page)
    if page.formats[0] == 3 and page.bits[0] not in (16, 24, 32, 64):
        raise unread(page)
    if page.samples < page.colours or (page.bits[0] > 32 and page.formats[0] != 3):
        raise unread(page)
    if page.photometric == 3 and (page.bits[0] > 16 or len(page.palette) < 3 << page.bits[0]):
        raise unread(page)
    if page.predictor not in (1, 2, 3) or (page.predictor == 2 and page.bits[0] not in (8, 16, 32, 64)):
        raise unread(page)
    if page.width * page.height > IMAGE.max_pixels:
        raise AssertionError("checked before")


def _white(data: bytes, page: Page) -> White:
    """What black and white are, by the file, by its kind of number, or by what occurs in it."""
    bits, kind = page.bits[0], page.formats[0]
    if page.photometric in (3, 6, 8) or (kind == 1 and bits < 32):
        return White(0.0, float(2**bits - 1))
    low, high, above, positive, lost, below = np.inf, -np.inf, 0, 0, 0, 0
    for _, band in _bands(data, page):
        values = np.asarray(band[..., : page.colours], np.float64)
        fine = np.isfinite(values)
        lost += int(values.size - fine.sum())
        values = values[fine]
        if values.size:
            low, high = min(low, float(values.min())), max(high, float(values.max()))
        above += int((values > 1.0).sum())
        positive += int((values > 0).sum())
        below += int((values < 0).sum())
    count = page.width * page.height * page.colours
    notes: list[str] = []
    if lost:
        notes.append(f"not numbers: {lost:,} of its {count:,} values, which were set to black")
    if page.range is not None and page.range[0] >= 0 and kind == 3:
        return White(*page.range, tuple(notes))
    if kind == 3:
        white = 1.0 if high <= 2.0 or above < 0.5 * positive else 255.0 if high <= 256.0 else 65535.0
        if white > 1:
            notes.append(f"it states no range of brightness; white was assumed to be {white:,.0f}")
        elif high > 1.02:
            notes.append("values brighter than white were clipped")
    else:
        full = 2.0**bits - 1 if kind == 1 else 2.0 ** (bits - 1) - 1
        white = full if bits < 32 or high > 65535 else 65535.0 if high > 255 else 255.0
        if white != full or kind == 2:
            notes.append(f"it states no range of brightness; white was assumed to be {white:,.0f}")
    much = white * 1.6 if white > 1 else np.inf
    if lost > 0.25 * count or low < -0.5 * white or below > 0.25 * count or (high > much and kind == 3):
        raise WorkError(
            f"Its pixels are not brightness values ({low:,.6g} to "
            f"{high:,.6g}{', many of them not numbers' if lost > 0.25 * count else ''}).",
            "Save it as an 8- or 16-bit picture.",
        )
    return White(0.0, white, tuple(notes))


def _eight_bits(band: Numbers, page: Page, white: White, opacity: bool) -> UInt8:
    """0..255 of the numbers of a band, colours not weighed by opacity."""
    if page.photometric == 3 and page.bits[0] <= 8:
        return band.astype(np.uint8)
    values = np.nan_to_num(np.asarray(band, np.float64), nan=white.low, posinf=white.high, neginf=white.low)
    if page.photometric == 8:
        return _from_lab(values, page)
    light = (values - white.low) * (255.0 / (white.high - white.low))
    if opacity and page.extra[0] == 1:
        alpha = light[..., -1:]
        light[..., :-1] = np.where(alpha > 0, light[..., :-1] * 255 / np.where(alpha > 0, alpha, 255), 0)
    if page.photometric == 0:
        light[..., 0] = 255 - light[..., 0]
    if page.photometric == 6:
        y, cb, cr = light[..., 0], light[..., 1] - 128, light[..., 2] - 128
        light = np.stack([y + 1.402 * cr, y - 0.344136 * cb - 0.714136 * cr, y + 1.772 * cb], -1)
    return np.round(np.clip(light, 0, 255)).astype(np.uint8)


def _from_lab(values: npt.NDArray[np.float64], page: Page) -> UInt8:
    """CIE L*a*b* of whole numbers (TIFF 6.0, section 23) into sRGB, by way of XYZ under D50."""
    full = 2.0 ** page.bits[0] - 1
    half = 2.0 ** (page.bits[0] - 1)
    signed = np.where(values[..., 1:3] >= half, values[..., 1:3] - 2 * half, values[..., 1:3]) * 128 / half
    fy = (values[..., 0] / full * 100 + 16) / 116
    f = np.stack([fy + signed[..., 0] / 500, fy, fy - signed[..., 1] / 200], -1)
    xyz = np.where(f > 6 / 29, f**3, (f - 16 / 116) * 108 / 841) * np.array([0.9642, 1.0, 0.8251])
    to_rgb = np.array(
        [
            [3.1338561, -1.6168667, -0.4906146],
            [-0.9787684, 1.9161415, 0.0334540],
            [0.0719453, -0.2289914, 1.4052427],
        ]
    )
    light = np.clip(xyz @ to_rgb.T, 0, 1)
    curve = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    rgb: UInt8 = np.round(np.clip(curve, 0, 1) * 255).astype(np.uint8)
    if values.shape[-1] == 3:
        return rgb
    return np.concatenate([rgb, np.round(values[..., 3:] / full * 255).astype(np.uint8)], -1)


def _painted(indices: UInt8, page: Page) -> Pil.Image:
    table = np.array(page.palette, np.uint32).reshape(3, -1)
    table = (table >> 8 if table.max(initial=0) > 255 else table).astype(np.uint8)
    colours = table[:, indices[..., 0]].transpose(1, 2, 0)
    return Pil.fromarray(np.concatenate([colours, indices[..., 1:]], -1))


def _picture(pixels: UInt8, page: Page, opacity: bool, notes: list[str]) -> Pil.Image:
    if page.photometric != 5:
        picture = Pil.fromarray(np.ascontiguousarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels))
    else:
        picture = Pil.fromarray(np.ascontiguousarray(pixels[..., :4]), mode="CMYK")
    if page.profile:
        picture.info["icc_profile"] = page.profile
    if page.photometric == 5 and opacity:  # printing colours have no place for it
        picture, mended = to_srgb(picture)
        notes += mended
        picture.putalpha(Pil.fromarray(np.ascontiguousarray(pixels[..., 4])))
    return picture


def _bands(data: bytes, page: Page) -> Iterator[tuple[int, Numbers]]:
    """The first row of each band of few rows, and its numbers (rows, W, S)."""
    step = max(1, _BAND // (page.width * page.samples))
    for top, band in _blocks(data, _finer(page)):
        for row in range(0, len(band), step):
            yield top + row, band[row : row + step]


def _finer(page: Page) -> Page:
    """Where all rows lie unpacked in one strip, with strips of few rows."""
    row_bytes = -(-page.width * (1 if page.planar else page.samples) * page.bits[0] // 8)
    rows = max(1, 8 * _BAND // row_bytes)
    if page.compression != 1 or page.tile is not None or rows >= page.height or page.rows < page.height:
        return page
    if any(length < page.height * row_bytes for _, length in page.blocks):
        raise WorkError("This TIFF picture is damaged: it is cut short.", _AGAIN)
    tops = range(0, page.height, rows)
    blocks = [
        (at + top * row_bytes, min(rows, page.height - top) * row_bytes)
        for at, _ in page.blocks
        for top in tops
    ]
    return replace(page, rows=rows, blocks=tuple(blocks))


def _blocks(data: bytes, page: Page) -> Iterator[tuple[int, Numbers]]:
    """The first row of each row of blocks, and its numbers (rows, W, S)."""
    if page.tile is not None and not (16 <= page.tile[0] <= 65536 and 16 <= page.tile[1] <= 65536):
        raise unread(page)
    wide, high = page.tile or (page.width, page.rows)
    across, down = -(-page.width // wide), -(-page.height // high)
    planes, inside = (page.samples, 1) if page.planar else (1, page.samples)
    if len(page.blocks) < across * down * planes:
        raise WorkError("This TIFF picture is damaged: some of its parts are missing.", _AGAIN)
    row_bytes = -(-wide * inside * page.bits[0] // 8)
    if row_bytes * high * across * planes > IMAGE.max_band_bytes:
        raise WorkError(
            f"This TIFF picture is stored in one part of {row_bytes * high * across * planes / 1e6:,.0f} MB; "
            "at most "
            f"{IMAGE.max_band_bytes / 1e6:,.0f} MB are read at once.",
            _HINT,
        )
    for number in range(down):
        rows = min(high, page.height - number * high) if page.tile is None else high
        parts = []
        for plane in range(planes):
            first = (plane * down + number) * across
            raw = _unpacked(data, page, page.blocks[first : first + across], row_bytes, rows)
            parts.append(np.concatenate([_numbers(one, page, wide, inside) for one in raw], 1))
        band = parts[0] if planes == 1 else np.concatenate(parts, -1)
        yield number * high, band[: page.height - number * high, : page.width]


def _unpacked(
    data: bytes, page: Page, blocks: tuple[tuple[int, int], ...], row_bytes: int, rows: int
) -> list[UInt8]:
    """The bytes (rows, row_bytes) of each block."""
    found = []
    for offset, length in blocks:
        packed = data[offset : offset + length]
        if len(packed) < length or (page.compression == 1 and length < row_bytes * rows):
            raise WorkError("This TIFF picture is damaged: it is cut short.", _AGAIN)
        if page.compression == 1 and page.fill_order == 1:
            found.append(np.frombuffer(packed, np.uint8, row_bytes * rows).reshape(rows, row_bytes))
            continue
        shown = Pil.open(io.BytesIO(_as_bytes(packed, page, row_bytes, rows)), formats=("TIFF",))
        shown.load()
        found.append(np.asarray(shown))
    return found


def _as_bytes(packed: bytes, page: Page, row_bytes: int, rows: int) -> bytes:
    """A TIFF of its own that shows a packed block as grey bytes."""
    tags = (
        (256, 4, row_bytes),
        (257, 4, rows),
        (258, 3, 8),
        (259, 3, page.compression),
        (262, 3, 1),
        (266, 3, page.fill_order),
        (273, 4, 8 + 2 + 12 * 10 + 4),
        (277, 3, 1),
        (278, 4, rows),
        (279, 4, len(packed)),
    )
    entries = b"".join(
        struct.pack("<HHI", tag, kind, 1) + struct.pack("<I", value) for tag, kind, value in tags
    )
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + struct.pack("<I", 0) + packed


def _numbers(raw: UInt8, page: Page, wide: int, inside: int) -> Numbers:
    """The bytes (rows, row_bytes) as numbers (rows, wide, inside), what was predicted put back."""
    rows, bits = len(raw), page.bits[0]
    if page.predictor == 3:
        size = bits // 8
        summed = np.cumsum(raw.reshape(rows, -1, inside), 1, dtype=np.uint8).reshape(
            rows, size, wide * inside
        )
        raw = np.ascontiguousarray(summed.transpose(0, 2, 1)).reshape(rows, -1)
    order = ">" if page.predictor == 3 else page.order
    if bits % 8 or bits == 24:
        return _odd_bits(raw, bits, wide * inside, order, page.formats[0]).reshape(rows, wide, inside)
    if page.predictor == 2:
        whole = np.ascontiguousarray(raw).view(f"{order}u{bits // 8}").reshape(rows, wide, inside)
        return np.cumsum(whole, 1, dtype=f"u{bits // 8}").view(f"{'uif'[page.formats[0] - 1]}{bits // 8}")
    letter = "uif"[page.formats[0] - 1]
    return np.ascontiguousarray(raw).view(f"{order}{letter}{bits // 8}").reshape(rows, wide, inside)


def _odd_bits(raw: UInt8, bits: int, count: int, order: str, kind: int) -> Numbers:
    """Numbers of any width, most significant bit first; 24 bits as floats or as whole numbers in the file's
    order."""
    rows = len(raw)
    if bits == 24:
        triples = raw.reshape(rows, count, 3)
        triples = triples if order == "<" else triples[..., ::-1]
        wide = (
            np.concatenate([np.zeros((rows, count, 1), np.uint8), triples], -1)
            if kind == 3
            else np.concatenate([triples, np.zeros((rows, count, 1), np.uint8)], -1)
        )
        whole = np.ascontiguousarray(wide).view(np.dtype("<u4")).astype(np.uint32).reshape(rows, count)
        return _float_24((whole >> 8).astype(np.uint32)) if kind == 3 else whole
    out = np.empty((rows, count), np.uint32)
    weights = 1 << np.arange(bits - 1, -1, -1, dtype=np.uint64)
    for row in range(rows):
        one = np.unpackbits(raw[row])[: count * bits].reshape(count, bits)
        out[row] = (one * weights).sum(1).astype(np.uint32)
    if kind == 2:
        signed = out.astype(np.int64)
        return np.where(signed >> (bits - 1), signed - (1 << bits), signed)
    return out


def _float_24(whole: npt.NDArray[np.uint32]) -> npt.NDArray[np.float64]:
    """Floats of 24 bits (TIFF technical note 3): a sign, seven of exponent, sixteen of fraction."""
    sign, exponent, fraction = (
        whole >> 23,
        ((whole >> 16) & 127).astype(np.int64),
        (whole & 65535).astype(np.float64),
    )
    value = np.where(
        exponent == 0, np.ldexp(fraction / 65536, -62), np.ldexp(1 + fraction / 65536, exponent - 63)
    )
    value = np.where(exponent == 127, np.where(fraction > 0, np.nan, np.inf), value)
    return np.where(sign == 1, -value, value)
