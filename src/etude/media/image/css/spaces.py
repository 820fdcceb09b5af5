"""Colour spaces of CSS and the ways between them, by the matrices and formulas of CSS Color 4 (section 18 and
appendix).

A point has three parts in its own space's units: rgb 0..255, hsl and hwb in degrees and per cent, lab 0..100,
the others 0..1. A part may be missing (`none`). Knows no syntax.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

Three = tuple[float, float, float]
Parts = tuple[float | None, float | None, float | None]
_Matrix = tuple[Three, Three, Three]
# Light of each set of primaries to XYZ (D65, or D50 for ProPhoto), and the matrices of Oklab.
_TO_XYZ: dict[str, _Matrix] = {
    "srgb": (
        (0.4123907993, 0.3575843394, 0.1804807884),
        (0.2126390059, 0.7151686788, 0.0721923154),
        (0.0193308187, 0.1191947798, 0.9505321522),
    ),
    "display-p3": (
        (0.4865709486, 0.2656676932, 0.1982172852),
        (0.2289745641, 0.6917385218, 0.0792869141),
        (0.0, 0.0451133819, 1.0439443689),
    ),
    "a98-rgb": (
        (0.5766690429, 0.1855582379, 0.1882286462),
        (0.2973449753, 0.6273635663, 0.0752914585),
        (0.0270313614, 0.0706888525, 0.9913375368),
    ),
    "rec2020": (
        (0.6369580483, 0.1446169036, 0.1688809752),
        (0.2627002120, 0.6779980715, 0.0593017165),
        (0.0, 0.0280726930, 1.0609850577),
    ),
    "prophoto-rgb": (
        (0.7977666449, 0.1351812974, 0.0313477341),
        (0.2880748288, 0.7118352342, 0.0000899369),
        (0.0, 0.0, 0.8251046025),
    ),
}
_D50_TO_D65: _Matrix = (
    (0.9554734215, -0.0230984550, 0.0632592432),
    (-0.0283697093, 1.0099953980, 0.0210413812),
    (0.0123140151, -0.0205076493, 1.3303659366),
)
_XYZ_TO_LMS: _Matrix = (
    (0.8190224379967030, 0.3619062600528904, -0.1288737815209879),
    (0.0329836539323885, 0.9292868615863434, 0.0361446663506424),
    (0.0481771893596242, 0.2642395317527308, 0.6335478284694309),
)
_LMS_TO_LAB: _Matrix = (
    (0.2104542683093140, 0.7936177747023054, -0.0040720430116193),
    (1.9779985324311684, -2.4285922420485799, 0.4505937096174110),
    (0.0259040424655478, 0.7827717124575296, -0.8086757549230774),
)
_D50 = (0.3457 / 0.3585, 1.0, (1.0 - 0.3457 - 0.3585) / 0.3585)
_ALPHA, _BETA = 1.09929682680944, 0.018053968510807  # of ITU-R BT.2020
_POLAR = {"hsl": 0, "hwb": 0, "lch": 2, "oklch": 2}  # which part is the hue
NAMED = (
    "srgb",
    "srgb-linear",
    "display-p3",
    "a98-rgb",
    "prophoto-rgb",
    "rec2020",
    "xyz",
    "xyz-d65",
    "xyz-d50",
    "rgb",
    "hsl",
    "hwb",
    "lab",
    "lch",
    "oklab",
    "oklch",
)


@dataclass(frozen=True)
class Point:
    """A colour in a space; a part that is None is missing."""

    space: str
    parts: Parts
    opacity: float


def to_srgb(space: str, parts: Parts) -> Three:
    """Red, green and blue, 1 for full; outside 0..1 where sRGB ends."""
    a, b, c = (0.0 if part is None else part for part in parts)
    if space == "rgb":
        return a / 255, b / 255, c / 255
    if space == "srgb":
        return a, b, c
    if space == "hsl":
        return _from_hsl(a, b / 100, c / 100)
    if space == "hwb":
        white, black = b / 100, c / 100
        if white + black >= 1:
            return (white / (white + black),) * 3
        red, green, blue = _from_hsl(a, 1.0, 0.5)
        red, green, blue = (v * (1 - white - black) + white for v in (red, green, blue))
        return red, green, blue
    return _encoded(_times(_inverse(_TO_XYZ["srgb"]), _to_xyz(space, (a, b, c))))


def from_srgb(space: str, rgb: Three) -> Three:
    """The parts of a colour in a space."""
    if space == "rgb":
        return tuple(255 * v for v in rgb)  # type: ignore[return-value]
    if space == "srgb":
        return rgb
    if space in ("hsl", "hwb"):
        hue, saturation, light = _to_hsl(rgb)
        return (
            (hue, saturation * 100, light * 100)
            if space == "hsl"
            else (hue, min(rgb) * 100, (1 - max(rgb)) * 100)
        )
    linear: Three = tuple(_linear(v) for v in rgb)  # type: ignore[assignment]
    return _from_xyz(space, _times(_TO_XYZ["srgb"], linear))


def between(
    space: str, way: str, one: tuple[float, ...], two: tuple[float, ...], share: float, opacity: float
) -> Point:
    """The colour that lies `share` of the way from one to two, in a space; opacity weighs the parts (CSS
    Color 4, section 12)."""
    hue_at = _POLAR.get(space)
    ends = []
    for colour in (one, two):
        parts: list[float | None] = list(from_srgb(space, (colour[0], colour[1], colour[2])))
        chroma = parts[1] or 0.0
        if hue_at is not None and (
            abs(chroma) < (4e-6 if space == "oklch" else 1e-3 if space != "hwb" else -1)
            or (space == "hwb" and max(colour[:3]) - min(colour[:3]) < 1e-6)
        ):
            parts[hue_at] = None  # grey has no hue
        ends.append(parts)
    for i in range(3):
        if ends[0][i] is None:
            ends[0][i] = ends[1][i]
        elif ends[1][i] is None:
            ends[1][i] = ends[0][i]
    alpha = one[3] * (1 - share) + two[3] * share
    found: list[float | None] = []
    for i in range(3):
        a, b = ends[0][i] or 0.0, ends[1][i] or 0.0
        if i == hue_at:
            found.append(_turned(a, b, way, share))
        else:
            found.append((a * one[3] * (1 - share) + b * two[3] * share) / alpha if alpha else 0.0)
    return Point(space, (found[0], found[1], found[2]), alpha * opacity)


def _turned(a: float, b: float, way: str, share: float) -> float:
    step = (b - a) % 360
    if (
        (way == "shorter" and step > 180)
        or (way == "longer" and 0 < step < 180)
        or (way == "decreasing" and step > 0)
    ):
        step -= 360
    return (a + step * share) % 360


def _to_xyz(space: str, parts: Three) -> Three:
    a, b, c = parts
    if space in ("lch", "oklch"):
        return _to_xyz(space[:-2] + "ab", (a, b * math.cos(math.radians(c)), b * math.sin(math.radians(c))))
    if space == "lab":
        y = (a + 16) / 116
        x, z = b / 500 + y, y - c / 200
        cut, k = 6 / 29, 24389 / 27
        xyz = (
            x**3 if x > cut else (116 * x - 16) / k,
            y**3 if a > 8 else a / k,
            z**3 if z > cut else (116 * z - 16) / k,
        )
        return _times(_D50_TO_D65, (xyz[0] * _D50[0], xyz[1], xyz[2] * _D50[2]))
    if space == "oklab":
        lms = _times(_inverse(_LMS_TO_LAB), parts)
        return _times(_inverse(_XYZ_TO_LMS), (lms[0] ** 3, lms[1] ** 3, lms[2] ** 3))
    if space in ("xyz", "xyz-d65"):
        return parts
    if space == "xyz-d50":
        return _times(_D50_TO_D65, parts)
    light: Three = tuple(_light(space, v) for v in parts)  # type: ignore[assignment]
    xyz = _times(_TO_XYZ["srgb" if space == "srgb-linear" else space], light)
    return _times(_D50_TO_D65, xyz) if space == "prophoto-rgb" else xyz


def _from_xyz(space: str, xyz: Three) -> Three:
    if space in ("lch", "oklch"):
        light, a, b = _from_xyz(space[:-2] + "ab", xyz)
        return light, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360
    if space == "oklab":
        lms = _times(_XYZ_TO_LMS, xyz)
        return _times(_LMS_TO_LAB, (math.cbrt(lms[0]), math.cbrt(lms[1]), math.cbrt(lms[2])))
    if space == "lab":
        d50 = _times(_inverse(_D50_TO_D65), xyz)
        f = [
            math.cbrt(v) if v > 216 / 24389 else (24389 / 27 * v + 16) / 116
            for v in (d50[0] / _D50[0], d50[1], d50[2] / _D50[2])
        ]
        return 116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])
    if space in ("xyz", "xyz-d65"):
        return xyz
    if space == "xyz-d50":
        return _times(_inverse(_D50_TO_D65), xyz)
    own = _times(_inverse(_D50_TO_D65), xyz) if space == "prophoto-rgb" else xyz
    red, green, blue = _times(_inverse(_TO_XYZ["srgb" if space == "srgb-linear" else space]), own)
    return _curve(space, red), _curve(space, green), _curve(space, blue)


def _light(space: str, value: float) -> float:
    """What a space's number is in light; negative ones mirrored."""
    size = abs(value)
    if space == "srgb-linear":
        return value
    if space == "a98-rgb":
        size **= 563 / 256
    elif space == "prophoto-rgb":
        size = size**1.8 if size > 16 / 512 else size / 16
    elif space == "rec2020":
        size = size / 4.5 if size < 4.5 * _BETA else ((size + _ALPHA - 1) / _ALPHA) ** (1 / 0.45)
    else:
        size = _linear(size)
    return math.copysign(size, value)


def _curve(space: str, light: float) -> float:
    """The other way round."""
    size = abs(light)
    if space == "srgb-linear":
        return light
    if space == "a98-rgb":
        size **= 256 / 563
    elif space == "prophoto-rgb":
        size = size ** (1 / 1.8) if size >= 1 / 512 else 16 * size
    elif space == "rec2020":
        size = 4.5 * size if size < _BETA else _ALPHA * size**0.45 - (_ALPHA - 1)
    else:
        size = _gamma(size)
    return math.copysign(size, light)


def _linear(value: float) -> float:
    size = abs(value)
    return math.copysign(size / 12.92 if size <= 0.04045 else ((size + 0.055) / 1.055) ** 2.4, value)


def _gamma(light: float) -> float:
    size = abs(light)
    return math.copysign(12.92 * size if size <= 0.0031308 else 1.055 * size ** (1 / 2.4) - 0.055, light)


def _encoded(light: Three) -> Three:
    return _gamma(light[0]), _gamma(light[1]), _gamma(light[2])


def _from_hsl(hue: float, saturation: float, light: float) -> Three:
    def channel(n: int) -> float:
        k = (n + hue / 30) % 12
        return light - saturation * min(light, 1 - light) * max(-1.0, min(k - 3, 9 - k, 1.0))

    return channel(0), channel(8), channel(4)


def _to_hsl(rgb: Three) -> Three:
    high, low = max(rgb), min(rgb)
    light, span = (high + low) / 2, high - low
    if span < 1e-9:
        return 0.0, 0.0, light
    saturation = span / (1 - abs(2 * light - 1)) if 0 < light < 1 else 0.0
    red, green, blue = rgb
    hue = (
        (green - blue) / span % 6
        if high == red
        else (blue - red) / span + 2
        if high == green
        else (red - green) / span + 4
    )
    return hue * 60 % 360, saturation, light


def _times(matrix: _Matrix, v: Three) -> Three:
    x, y, z = (row[0] * v[0] + row[1] * v[1] + row[2] * v[2] for row in matrix)
    return x, y, z


def _inverse(m: _Matrix) -> _Matrix:
    """Of three by three, by cofactors."""
    (a, b, c), (d, e, f), (g, h, i) = m
    whole = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    return (
        ((e * i - f * h) / whole, (c * h - b * i) / whole, (b * f - c * e) / whole),
        ((f * g - d * i) / whole, (a * i - c * g) / whole, (c * d - a * f) / whole),
        ((d * h - e * g) / whole, (b * g - a * h) / whole, (a * e - b * d) / whole),
    )
