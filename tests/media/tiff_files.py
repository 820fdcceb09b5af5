"""TIFF files of every kind, built byte by byte, so that what is in them is known without another library."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

_CODES = {1: "B", 3: "H", 4: "I", 11: "f", 12: "d", 16: "Q"}
Tags = Mapping[int, tuple[int, Sequence[float]]]
Order = Literal["<", ">"]


def tiff(
    pixels: np.ndarray,
    *,
    photometric: int | None = None,
    extra: tuple[int, ...] = (),
    planar: bool = False,
    compression: int = 1,
    predictor: int = 1,
    tile: tuple[int, int] | None = None,
    rows: int | None = None,
    order: Order = "<",
    big: bool = False,
    bits: int | None = None,
    fmt: int | None = None,
    tags: Tags | None = None,
) -> bytes:
    """A TIFF of (H, W) or (H, W, S) numbers. `compression`: 1 none, 5 LZW, 8 Deflate, 32773 PackBits; `bits`:
    numbers of so many bits, packed; `order`: '<' or '>'; `big`: BigTIFF; `tags`: further ones, as tag ->
    (type, values)."""
    given = pixels[..., None] if pixels.ndim == 2 else pixels
    height, width, samples = given.shape
    colour = photometric if photometric is not None else (2 if samples - len(extra) >= 3 else 1)
    planes = [given[..., i : i + 1] for i in range(samples)] if planar else [given]
    blocks = [
        _packed(_predicted(block, predictor, order, bits), compression)
        for plane in planes
        for block in (_tiles(plane, tile) if tile else _strips(plane, rows or height))
    ]
    every: dict[int, tuple[int, Sequence[float]]] = {
        256: (4, [width]),
        257: (4, [height]),
        258: (3, [bits or given.itemsize * 8] * samples),
        259: (3, [compression]),
        262: (3, [colour]),
        277: (3, [samples]),
        284: (3, [2 if planar else 1]),
        317: (3, [predictor]),
        339: (3, [fmt or {"u": 1, "i": 2, "f": 3}[given.dtype.kind]] * samples),
    }
    if extra:
        every[338] = (3, list(extra))
    every |= {322: (4, [tile[0]]), 323: (4, [tile[1]])} if tile else {278: (4, [rows or height])}
    every |= tags or {}
    return _file(every, blocks, tiled=tile is not None, order=order, big=big)


def _strips(plane: np.ndarray, rows: int) -> list[np.ndarray]:
    return [plane[top : top + rows] for top in range(0, len(plane), rows)]


def _tiles(plane: np.ndarray, tile: tuple[int, int]) -> list[np.ndarray]:
    wide, high = tile
    height, width = plane.shape[:2]
    padded = np.pad(plane, ((0, -height % high), (0, -width % wide), (0, 0)), mode="edge")
    return [
        padded[top : top + high, left : left + wide]
        for top in range(0, padded.shape[0], high)
        for left in range(0, padded.shape[1], wide)
    ]


def _predicted(block: np.ndarray, predictor: int, order: Order, bits: int | None) -> bytes:
    height, width, samples = block.shape
    if bits:
        shifts = np.arange(bits - 1, -1, -1)
        loose = (block.reshape(height, -1, 1).astype(np.uint32) >> shifts) & 1
        return np.packbits(loose.reshape(height, -1).astype(np.uint8), axis=1).tobytes()
    if predictor == 2:
        whole = block.view(f"u{block.itemsize}").copy()
        whole[:, 1:] -= block.view(f"u{block.itemsize}")[:, :-1]
        return whole.astype(whole.dtype.newbyteorder(order)).tobytes()
    if predictor == 3:
        octets = np.ascontiguousarray(block.astype(block.dtype.newbyteorder(">"))).view(np.uint8)
        planes = (
            octets.reshape(height, width * samples, block.itemsize).transpose(0, 2, 1).reshape(height, -1)
        )
        steps = planes.copy()
        steps[:, samples:] -= planes[:, :-samples]
        return steps.tobytes()
    return block.astype(block.dtype.newbyteorder(order)).tobytes()


def _packed(data: bytes, compression: int) -> bytes:
    if compression == 8:
        return zlib.compress(data)
    if compression == 5:
        return _lzw(data)
    if compression == 32773:
        parts = [data[i : i + 128] for i in range(0, len(data), 128)]
        return b"".join(bytes([len(part) - 1]) + part for part in parts)
    return data


def _lzw(data: bytes) -> bytes:
    """TIFF 6.0, section 13."""
    text, width = "", 9
    known = {bytes([i]): i for i in range(256)}
    following, run = 258, b""
    codes = [f"{256:09b}"]
    for value in data:
        longer = run + bytes([value])
        if longer in known:
            run = longer
            continue
        codes.append(f"{known[run]:0{width}b}")
        known[longer] = following
        following += 1
        width = 12 if following >= 2048 else 11 if following >= 1024 else 10 if following >= 512 else 9
        if following == 4094:
            codes.append(f"{256:0{width}b}")
            known = {bytes([i]): i for i in range(256)}
            following, width = 258, 9
        run = bytes([value])
    codes += [f"{known[run]:0{width}b}"] if run else []
    codes.append(f"{257:0{width}b}")
    text = "".join(codes)
    text += "0" * (-len(text) % 8)
    return int(text, 2).to_bytes(len(text) // 8, "big")


def _file(
    tags: dict[int, tuple[int, Sequence[float]]], blocks: list[bytes], *, tiled: bool, order: str, big: bool
) -> bytes:
    where, lengths = (324, 325) if tiled else (273, 279)
    wide = 16 if big else 4
    tags[lengths] = (wide, [len(block) for block in blocks])
    tags[where] = (wide, [0] * len(blocks))
    head, entry, inline = (16, 20, 8) if big else (8, 12, 4)
    after = head + (8 if big else 2) + entry * len(tags) + inline

    def bodies() -> dict[int, bytes]:
        return {
            tag: bytes(int(v) for v in values)
            if kind == 7
            else struct.pack(order + _CODES[kind] * len(values), *values)
            for tag, (kind, values) in sorted(tags.items())
        }

    data_at = after + sum(len(body) for body in bodies().values() if len(body) > inline)
    starts = np.cumsum([0, *(len(block) for block in blocks)]) + data_at
    tags[where] = (wide, [int(start) for start in starts[:-1]])
    out, further = b"", b""
    for tag, body in bodies().items():
        kind = tags[tag][0]
        out += struct.pack(order + ("HHQ" if big else "HHI"), tag, kind, len(tags[tag][1]))
        if len(body) <= inline:
            out += body.ljust(inline, b"\0")
        else:
            out += struct.pack(order + ("Q" if big else "I"), after + len(further))
            further += body
    mark = b"II" if order == "<" else b"MM"
    start = struct.pack(order + "HHHQ", 43, 8, 0, 16) if big else struct.pack(order + "HI", 42, 8)
    count = struct.pack(order + ("Q" if big else "H"), len(tags))
    return mark + start + count + out + bytes(inline) + further + b"".join(blocks)
