"""A look of a content as a small picture or loop that a page can show. Knows no medium."""

from __future__ import annotations

import base64
import io

import numpy as np

from etude.config.studio import STUDIO
from etude.media.values import Look

TYPES = {".png": "image/png", ".webp": "image/webp"}


def encoded(look: Look) -> tuple[bytes, str]:
    """Frames as a still or a loop, at most `tile_px` on the longer side; small pictures stay as they are."""
    from PIL import Image

    frames = [Image.fromarray(np.ascontiguousarray(frame)) for frame in look.frames]
    longer = max(frames[0].size)
    if longer > STUDIO.tile_px:
        size = tuple(max(1, round(side * STUDIO.tile_px / longer)) for side in frames[0].size)
        frames = [frame.resize(size, Image.Resampling.LANCZOS) for frame in frames]  # type: ignore[arg-type]
    out = io.BytesIO()
    if len(frames) == 1:
        frames[0].save(out, "PNG")
        return out.getvalue(), ".png"
    pause = round(1000 / (look.rate or 12.0))
    frames[0].save(
        out, "WEBP", save_all=True, append_images=frames[1:], duration=pause, loop=0, quality=85, method=3
    )
    return out.getvalue(), ".webp"


def url(look: Look) -> str:
    """The same as a data URL."""
    data, suffix = encoded(look)
    return f"data:{TYPES[suffix]};base64,{base64.b64encode(data).decode()}"
