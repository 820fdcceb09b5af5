"""What the numbers of a picture mean as light, and the way from there to sRGB: curves, primaries, high dynamic range.

Curves and primaries are named by the codes of ITU-T H.273, as in video, AVIF and PNG. Of high dynamic range (PQ after SMPTE ST 2084, HLG after
ITU-R BT.2100) 203 cd/m2 is taken for white, as BT.2408 has it; what is brighter is bent under white. Knows no file formats.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float = npt.NDArray[np.float32]
Points = tuple[float, float, float, float, float, float, float, float]  # x and y of white, red, green, blue
SRGB: Points = (0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
_PRIMARIES: dict[int, Points] = {
    1: SRGB,
    4: (0.310, 0.316, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08),
    9: (0.3127, 0.3290, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046),
    11: (0.314, 0.351, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    12: (0.3127, 0.3290, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
}
PQ, HLG, LINEAR = 16, 18, 8
_WHITE_NITS, _HLG_NITS = 203.0, 1000.0
_KNEE = 0.75  # of white: from here on what is brighter is bent
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


@dataclass(frozen=True)
class Light:
    """`curve`: a code of H.273 for how light is written, or `power`: the exponent that makes light of a number; and the primaries."""

    curve: int = 13
    primaries: Points = SRGB
    power: float = 0.0

    @property
    def high_range(self) -> bool:
        """Whether there is more than white."""
        return not self.power and self.curve in (PQ, HLG)

    @property
    def usual(self) -> bool:
        """Whether there is nothing to do."""
        near = max(abs(a - b) for a, b in zip(self.primaries, SRGB)) < 0.003
        return near and not self.power and self.curve in (0, 2, 13)


def named(primaries: int, curve: int) -> Light:
    """By the two codes; what is not known is taken for sRGB."""
    return Light(curve, _PRIMARIES.get(primaries, SRGB))


def to_srgb(rgb: Float, light: Light) -> Float:
    """(..., 3) 0..1 as written into (..., 3) 0..1 in sRGB."""
    linear = _linear(np.clip(rgb, 0, 1).astype(np.float32), light)
    if max(abs(a - b) for a, b in zip(light.primaries, SRGB)) >= 0.003:
        way = np.linalg.inv(_to_xyz(SRGB)) @ _to_xyz(light.primaries)
        linear = linear @ way.T.astype(np.float32)
    if light.high_range:
        linear = _bent(linear)
    linear = np.clip(linear, 0, 1)
    out = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * np.power(linear, 1 / 2.4) - 0.055)
    return np.asarray(out, np.float32)


def bytes_to_srgb(pixels: npt.NDArray[np.uint8], light: Light) -> npt.NDArray[np.uint8]:
    """(H, W, 3 or 4) the same for bytes; opacity stays."""
    if light.usual:
        return pixels
    out = pixels.copy()
    step = max(1, 1_000_000 // max(1, pixels.shape[1]))
    for row in range(0, len(pixels), step):
        part = pixels[row : row + step, :, :3].astype(np.float32) / np.float32(255)
        out[row : row + step, :, :3] = np.round(np.asarray(to_srgb(part, light)) * 255).astype(np.uint8)
    return out


def _linear(v: Float, light: Light) -> Float:
    """Light, 1 for white."""
    if light.power:
        return np.asarray(np.power(v, light.power), np.float32)
    if light.curve == LINEAR:
        return v
    if light.curve == PQ:
        m1, m2, c1, c2, c3 = 0.1593017578125, 78.84375, 0.8359375, 18.8515625, 18.6875
        root = np.power(v, 1 / m2)
        nits = 10_000 * np.power(np.maximum(root - c1, 0) / (c2 - c3 * root), 1 / m1)
        return np.asarray(nits / _WHITE_NITS, np.float32)
    if light.curve == HLG:
        a, b, c = 0.17883277, 0.28466892, 0.55991073
        scene = np.where(v <= 0.5, v * v / 3, (np.exp((v - c) / a) + b) / 12)
        bright = scene @ np.array([0.2627, 0.6780, 0.0593], np.float32)
        nits = _HLG_NITS * scene * np.power(np.maximum(bright, 1e-6), 0.2)[..., None]
        return np.asarray(nits / _WHITE_NITS, np.float32)
    powers = {1: 2.4, 4: 2.2, 5: 2.8, 6: 2.4, 14: 2.4, 15: 2.4, 17: 2.6}  # 2.4: as screens show it (BT.1886)
    if light.curve in powers:
        return np.asarray(np.power(v, powers[light.curve]), np.float32)
    return np.asarray(np.where(v <= 0.04045, v / 12.92, np.power((v + 0.055) / 1.055, 2.4)), np.float32)


def _bent(linear: Float) -> Float:
    """What is near or above white bent under it, in its own hue."""
    most = np.maximum(linear.max(-1, keepdims=True), 1e-6)
    over = np.maximum(most - _KNEE, 0)
    wanted = np.where(most > _KNEE, _KNEE + (1 - _KNEE) * (1 - np.exp(-over / (1 - _KNEE))), most)
    return np.asarray(linear * (wanted / most), np.float32)


def _to_xyz(points: Points) -> npt.NDArray[np.float64]:
    """The matrix from light of these primaries to XYZ under D65 (Bradford's way from their own white)."""
    xy = np.array(points, np.float64).reshape(4, 2)
    xyz = np.stack([xy[:, 0] / xy[:, 1], np.ones(4), (1 - xy[:, 0] - xy[:, 1]) / xy[:, 1]])
    shares = np.linalg.solve(xyz[:, 1:], xyz[:, 0])
    matrix = xyz[:, 1:] * shares
    white = np.array([SRGB[0] / SRGB[1], 1.0, (1 - SRGB[0] - SRGB[1]) / SRGB[1]])
    cones = np.diag((_BRADFORD @ white) / (_BRADFORD @ xyz[:, 0]))
    return np.asarray(np.linalg.inv(_BRADFORD) @ cones @ _BRADFORD @ matrix)
