"""What a PNG or an AVIF says of its colours without a profile: `cICP`, `sRGB`, `gAMA` and `cHRM`, or the `nclx` box.

A profile that the file holds comes before all of it, but for `cICP`. After PNG (third edition), section 4.3. Knows no pixels.
"""

from __future__ import annotations

import struct

import numpy as np

from etude.media.pixels.light import SRGB, Light, Points, named

_LOOKED_AT = 4096  # chunks, at most: what tells of colour stands before the pixels


def stated(data: bytes, kind: str) -> Light | None:
    """What the file says, None where it says nothing that differs from sRGB."""
    light = _of_png(data) if kind == "png" else _of_avif(data) if kind == "avif" else None
    return None if light is None or light.usual else light


def _of_png(data: bytes) -> Light | None:
    found: dict[bytes, bytes] = {}
    at = 8
    for _ in range(_LOOKED_AT):
        if at + 8 > len(data):
            break
        length, name = struct.unpack_from(">I4s", data, at)
        if name in (b"IDAT", b"IEND"):
            break
        if length <= 64 or name == b"iCCP":
            found[name] = data[at + 8 : at + 8 + min(length, 64)]
        at += 12 + length
    if len(found.get(b"cICP", b"")) == 4:
        primaries, curve, matrix, full = found[b"cICP"]
        return named(primaries, curve) if matrix == 0 and full else None
    if b"sRGB" in found or b"iCCP" in found or len(found.get(b"gAMA", b"")) != 4:
        return None
    gamma = struct.unpack(">I", found[b"gAMA"])[0] / 100_000
    if not 0.05 <= gamma <= 20:
        return None
    points = _points(found.get(b"cHRM", b""))
    plain = abs(gamma - 1 / 2.2) < 0.005 and Light(primaries=points).usual
    return Light(primaries=points, power=0.0 if plain else 1 / gamma)


def _points(body: bytes) -> Points:
    """The primaries of `cHRM`; those of sRGB where there are none, or none that span any colours."""
    if len(body) != 32:
        return SRGB
    x = [number / 100_000 for number in struct.unpack(">8I", body)]
    corners = np.array([[x[2], x[4], x[6]], [x[3], x[5], x[7]], [1, 1, 1]])
    if min(x[1::2]) < 0.001 or max(x) > 1 or abs(float(np.linalg.det(corners))) < 1e-3:
        return SRGB
    return (x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7])


def _of_avif(data: bytes) -> Light | None:
    """The first `colr` box that names codes; one with a profile is read by the decoder."""
    at = data[:65536].find(b"colrnclx")
    if at < 0 or len(data) < at + 14 or b"colrprof" in data[:65536] or b"colrrICC" in data[:65536]:
        return None
    primaries, curve = struct.unpack_from(">HH", data, at + 8)
    known = primaries in (9, 11, 12) or curve in (8, 16, 18)
    return named(primaries, 13 if curve in (1, 6, 14, 15) else curve) if known else None
