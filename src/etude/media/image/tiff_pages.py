"""The pages of a TIFF file and what their tags say: sizes, bits, colours, where the pixels lie. After TIFF
6.0 and BigTIFF.

Reads tags only, within limits; the pixels are read by `tiff` or by Pillow. Knows nothing of colours.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from etude.errors import WorkError

_SIZES = {
    1: 1,
    2: 1,
    3: 2,
    4: 4,
    5: 8,
    6: 1,
    7: 1,
    8: 2,
    9: 4,
    10: 8,
    11: 4,
    12: 8,
    13: 4,
    16: 8,
    17: 8,
    18: 8,
}
_LETTERS = {
    1: "B",
    3: "H",
    4: "I",
    6: "b",
    8: "h",
    9: "i",
    11: "f",
    12: "d",
    13: "I",
    16: "Q",
    17: "q",
    18: "Q",
}
_MOST_PAGES, _MOST_TAGS = 10_000, 4_000
_KEPT = 64_000_000  # bytes of one tag, at most: the largest real ones are profiles and lists of strips
COMPRESSIONS = {
    1: "no packing",
    2: "CCITT",
    3: "CCITT fax 3",
    4: "CCITT fax 4",
    5: "LZW",
    6: "old JPEG",
    7: "JPEG",
    8: "Deflate",
    32773: "PackBits",
    32809: "ThunderScan",
    32946: "Deflate",
    34676: "SGI LogLuv",
    34677: "SGI LogLuv",
    34712: "JPEG 2000",
    34892: "lossy JPEG",
    34887: "LERC",
    34925: "LZMA",
    34933: "PNG",
    34934: "JPEG XR",
    50000: "Zstandard",
    50001: "WebP",
    50002: "JPEG XL",
    52546: "JPEG XL",
}
PHOTOMETRICS = {
    0: "grey",
    1: "grey",
    2: "RGB",
    3: "palette",
    4: "mask",
    5: "CMYK",
    6: "YCbCr",
    8: "Lab",
    9: "ICC Lab",
    10: "ITU Lab",
    32803: "a camera's raw pixels",
    32844: "LogL",
    32845: "LogLuv",
    34892: "a camera's linear raw pixels",
    51177: "depth",
}


@dataclass(frozen=True)
class Page:
    """One page. `formats`: 1 whole numbers, 2 signed ones, 3 floats. `blocks`: offset and length of each
    strip or tile."""

    order: str  # '<' or '>'
    width: int
    height: int
    bits: tuple[int, ...]
    formats: tuple[int, ...]
    photometric: int
    compression: int
    predictor: int
    planar: bool
    extra: tuple[
        int, ...
    ]  # what channels beyond the colours are: 1 weighed opacity, 2 opacity, else nothing known
    tile: tuple[int, int] | None
    rows: int  # of a strip
    blocks: tuple[tuple[int, int], ...]
    fill_order: int
    subfile: int
    orientation: int
    range: tuple[float, float] | None  # smallest and largest value, where stated
    palette: tuple[int, ...]
    profile: bytes
    artist: str
    subsampling: tuple[int, ...]

    @property
    def samples(self) -> int:
        """Channels."""
        return len(self.bits)

    @property
    def colours(self) -> int:
        """Channels that are colour."""
        return {2: 3, 5: 4, 6: 3, 8: 3, 9: 3, 10: 3, 32845: 3, 34892: 3}.get(self.photometric, 1)

    @property
    def aside(self) -> bool:
        """Whether it is a small version or a mask of another page."""
        return bool(self.subfile & 5)

    def words(self) -> str:
        """For a person: '3 channels of 32-bit floats (RGB, LZW)'."""
        kind = {
            1: "whole numbers",
            2: "signed numbers",
            3: "floats",
            5: "complex numbers",
            6: "complex numbers",
        }
        bits = "/".join(str(b) for b in dict.fromkeys(self.bits))
        numbers = kind.get(self.formats[0] if self.formats else 1, "numbers of an unknown type")
        colour = PHOTOMETRICS.get(self.photometric, f"colours of kind {self.photometric}")
        packed = COMPRESSIONS.get(self.compression, f"packed in way {self.compression}")
        return (
            f"{self.samples} channel{'s' * (self.samples != 1)} of {bits}-bit {numbers} ({colour}, {packed})"
        )


def pages(data: bytes) -> list[Page]:
    """Every page in its order. Raises WorkError where the file is damaged."""
    try:
        return _pages(data)
    except (struct.error, IndexError, ValueError, OverflowError, UnicodeError) as error:
        raise WorkError(
            "This TIFF picture is damaged: its list of contents cannot be read.",
            "Export or download it again.",
        ) from error


def _pages(data: bytes) -> list[Page]:
    order = "<" if data[:2] == b"II" else ">"
    big = struct.unpack_from(order + "H", data, 2)[0] == 43
    at = struct.unpack_from(order + ("Q" if big else "I"), data, 8 if big else 4)[0]
    found: list[Page] = []
    seen: set[int] = set()
    while at and at not in seen and len(found) < _MOST_PAGES:
        seen.add(at)
        try:
            tags, at = _tags(data, at, order, big)
            found.append(_page(tags, order))
        except (struct.error, IndexError, ValueError, OverflowError):
            if not found:
                raise
            break  # a later page is damaged: the first one stands
    if not found:
        raise ValueError("no page")
    return found


_Tags = dict[int, tuple[int | float, ...] | bytes]


def _tags(data: bytes, at: int, order: str, big: bool) -> tuple[_Tags, int]:
    """The tags of the page at this place, and where the next page is."""
    count = struct.unpack_from(order + ("Q" if big else "H"), data, at)[0]
    if count > _MOST_TAGS:
        raise ValueError("too many tags")
    at += 8 if big else 2
    tags: _Tags = {}
    for _ in range(count):
        tag, kind, n = struct.unpack_from(order + ("HHQ" if big else "HHI"), data, at)
        inline = at + (12 if big else 8)
        size = _SIZES.get(kind, 0) * n
        where = (
            inline
            if size <= (8 if big else 4)
            else struct.unpack_from(order + ("Q" if big else "I"), data, inline)[0]
        )
        if kind in _SIZES and 0 < size <= _KEPT and where + size <= len(data):
            raw = data[where : where + size]
            tags[tag] = (
                raw
                if kind in (2, 7)
                else struct.unpack(order + _LETTERS[kind] * n, raw)
                if kind in _LETTERS
                else ()
            )
        at += 20 if big else 12
    return tags, struct.unpack_from(order + ("Q" if big else "I"), data, at)[0] if at + (
        8 if big else 4
    ) <= len(data) else 0


def _page(tags: _Tags, order: str) -> Page:
    def many(tag: int, default: tuple[int, ...] = ()) -> tuple[int, ...]:
        value = tags.get(tag, default)
        return tuple(int(v) for v in value)

    def one(tag: int, default: int) -> int:
        value = many(tag)
        return value[0] if value else default

    width, height, samples = one(256, 0), one(257, 0), one(277, 1)
    if width < 1 or height < 1 or not 1 <= samples <= 64:
        raise ValueError("no size")
    bits = many(258, (1,)) or (1,)
    formats = tuple(1 if kind == 4 else kind for kind in many(339, (1,))) or (1,)  # 4: undefined
    tile = (one(322, 0), one(323, 0)) if 322 in tags else None
    offsets, lengths = (many(324), many(325)) if tile else (many(273), many(279))
    ranges = [tags.get(a) or tags.get(b) for a, b in ((340, 280), (341, 281))]
    low, high = (min(r) if r and not isinstance(r, bytes) else None for r in ranges)
    profile, artist = tags.get(34675, b""), tags.get(315, b"")
    return Page(
        order,
        width,
        height,
        bits=(bits * samples)[:samples] if len(bits) < samples else bits[:samples],
        formats=(formats * samples)[:samples] if len(formats) < samples else formats[:samples],
        photometric=one(262, 2 if samples > 2 else 1),
        compression=one(259, 1),
        predictor=one(317, 1),
        planar=one(284, 1) == 2,
        extra=many(338),
        tile=tile,
        rows=min(height, one(278, height) or height),
        blocks=tuple(zip(offsets, lengths)),
        fill_order=one(266, 1),
        subfile=one(254, 0),
        orientation=one(274, 1),
        range=(float(low), float(high)) if low is not None and high is not None and high > low else None,
        palette=many(320),
        profile=profile if isinstance(profile, bytes) else bytes(int(v) & 255 for v in profile),
        artist=artist.split(b"\0")[0].decode("utf-8", "replace") if isinstance(artist, bytes) else "",
        subsampling=many(530, (2, 2)),
    )
