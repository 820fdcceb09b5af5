"""The main colours of a picture by name, for people who hear what others see. Knows only pixels."""

from __future__ import annotations

import numpy as np

from etude.media.values import UInt8

_NAMES = (
    ("black", (0, 0, 0)), ("white", (255, 255, 255)), ("grey", (128, 128, 128)), ("red", (200, 40, 40)),
    ("orange", (240, 150, 40)), ("yellow", (250, 220, 70)), ("green", (80, 170, 80)),
    ("blue", (60, 110, 200)), ("light blue", (150, 200, 240)), ("purple", (140, 80, 170)),
    ("pink", (245, 160, 190)), ("brown", (130, 85, 50)), ("beige", (225, 200, 165)),
)  # fmt: skip


def main_colours(pixels: UInt8) -> str:
    """The one or two colours that cover most of what is not transparent, by name."""
    flat = pixels[:: max(1, pixels.shape[0] // 64), :: max(1, pixels.shape[1] // 64)].reshape(
        -1, pixels.shape[2]
    )
    seen = flat[flat[:, 3] > 127] if pixels.shape[2] == 4 else flat
    if not len(seen):
        return "nothing"
    table = np.array([rgb for _, rgb in _NAMES], np.float32)
    nearest = ((seen[:, None, :3].astype(np.float32) - table[None]) ** 2).sum(-1).argmin(1)
    counts = np.bincount(nearest, minlength=len(_NAMES))
    order = np.argsort(-counts, kind="stable")[:2]
    return " and ".join(_NAMES[i][0] for i in order if counts[i] >= 0.15 * len(seen)) or _NAMES[order[0]][0]
