"""Files that move into clips: MP4, MOV, WebM and AVI through PyAV (`coded.py`), GIF and animated WebP through
Pillow.

The kind is told by content. Sizes are refused from headers where they say so, and counted while decoding
where they do not. Frames are turned upright, made square-pixelled and reduced while they are read; sound is
left out.
"""

from __future__ import annotations

import av
import numpy as np
from PIL import Image as Pil

from etude.config.media import VIDEO
from etude.errors import WorkError
from etude.media.contract import Reading
from etude.media.guard import guarded
from etude.media.pixels import raster
from etude.media.pixels.arrays import UInt8, reduced
from etude.media.pixels.kinds import still_brand
from etude.media.pixels.raster import said
from etude.media.video.clip import Clip
from etude.media.video.coded import HINT, Timed, decoded
from etude.media.video.frame_rate import constant
from etude.media.video.room import check, content_size, fitting

_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")


def kind(data: bytes) -> str | None:
    """'mov' (also MP4), 'webm' (also Matroska) or 'avi' by content; 'gif' or 'webp' where they move; else
    None."""
    if data[4:8] in _BOXES:
        return None if still_brand(data) else "mov"
    if data[:4] == b"\x1a\x45\xdf\xa3":
        return "webm"
    if data[:4] == b"RIFF" and data[8:12] == b"AVI ":
        return "avi"
    found = raster.kind(data)
    return found if found in ("gif", "webp") and _moves(data, found) else None


def is_still(data: bytes) -> bool:
    """Whether the file is one picture, which can be opened."""
    found = raster.kind(data)
    return found is not None and _moves(data, found) is False


def _moves(data: bytes, found: str) -> bool | None:
    """Whether a file of that kind holds more than one picture; None for one that is damaged. (To count them
    takes long.)"""
    try:
        return bool(getattr(raster.open_picture(data, found), "is_animated", False))
    except (WorkError, Pil.DecompressionBombError, *raster.DAMAGE):
        return None


def read(data: bytes, found: str) -> Reading:
    """The clip in a file of that kind. Raises WorkError in one sentence."""
    with guarded("clip", HINT):
        return _read(data, found)


def _read(data: bytes, found: str) -> Reading:
    notes: list[str] = []
    try:
        frames, starts, end = (
            _pillow(data, found) if found in ("gif", "webp") else decoded(data, found, notes)
        )
    except MemoryError as error:
        raise WorkError(
            "There is not enough memory for this clip.", "Cut it into shorter clips, or save it smaller."
        ) from error
    except Pil.DecompressionBombError as error:
        raise WorkError(
            f"A frame of this {found.upper()} would unpack to far more than {VIDEO.max_pixels / 1e6:.0f} "
            "megapixels, which are read.",
            "Leave it out, or export it again.",
        ) from error
    except (av.FFmpegError, *raster.DAMAGE, RuntimeError) as error:
        raise WorkError(f"This clip is damaged or of an unknown kind: {said(error)}.", HINT) from error
    if len(frames) < 2:
        raise WorkError(
            f"This clip has {len(frames)} frame{'s' * (len(frames) != 1)}: nothing moves.",
            "Save that frame as PNG, and add it as a picture.",
        )
    grid = constant(np.array(starts), end)
    if not grid.exact:
        notes.append(f"its frame rate varies; it was sampled at {grid.rate:g} frames a second")
    if any(frame.shape != frames[0].shape for frame in frames):  # some transparent, some not
        frames = [_with_opacity(frame) for frame in frames]
    kept = fitting(frames, len(grid.order))  # one that is held long is many frames
    clip = Clip(np.stack([kept[step] for step in grid.order]), grid.rate)
    meta = {"frames": str(len(clip.frames)), "rate": f"{clip.rate:g}", "given_frames": str(len(frames))}
    return Reading(clip, "", "", tuple(notes), meta)


def _pillow(data: bytes, found: str) -> Timed:
    picture = raster.open_picture(data, found)
    count = int(getattr(picture, "n_frames", 1))
    check(*picture.size, count)
    size = content_size(*picture.size, count)
    frames: list[UInt8] = []
    starts = [0.0]
    for number in range(count):
        picture.seek(number)
        check(*picture.size, 1)
        picture.load()
        frames.append(reduced(picture.convert("RGBA"), *size))
        shown_ms = float(picture.info.get("duration") or 0)
        starts.append(
            starts[-1] + (shown_ms if shown_ms >= 11 else 100.0) / 1000
        )  # as browsers take 0 and 10 ms
    return frames, starts[:-1], starts[-1]


def _with_opacity(frame: UInt8) -> UInt8:
    return frame if frame.shape[2] == 4 else np.asarray(Pil.fromarray(frame).convert("RGBA"))
