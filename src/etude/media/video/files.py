"""Files that move into clips: MP4, MOV, WebM and AVI through PyAV (FFmpeg), GIF and animated WebP through
Pillow.

The container is told by content and opened by its one demuxer, without any protocol, so that a file cannot
name another file or an address; only well-known codecs are decoded. Sizes are refused from headers where they
say so, and counted while decoding where they do not. Frames are turned upright, made square-pixelled and
reduced while they are read; sound is left out.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import av
import numpy as np
from PIL import Image as Pil

from etude.config.media import VIDEO
from etude.errors import WorkError
from etude.media.contract import Reading
from etude.media.guard import guarded
from etude.media.pixels import raster
from etude.media.pixels.arrays import UInt8, from_pil, resized
from etude.media.pixels.kinds import still_brand
from etude.media.pixels.raster import said
from etude.media.video.clip import Clip
from etude.media.video.frame_rate import constant
from etude.media.video.frames import Shown, decoder

_DEMUXERS = {"mov": "mov", "webm": "matroska", "avi": "avi"}
_CODECS = (
    "h264",
    "hevc",
    "vp8",
    "vp9",
    "av1",
    "libdav1d",
    "mpeg4",
    "mjpeg",
    "prores",
    "png",
    "qtrle",
    "mpeg2video",
    "libvpx",
    "libvpx-vp9",
    "msmpeg4v3",
    "dvvideo",
    "ffv1",
    "rawvideo",
)
_HINT = "Export it again, for instance as MP4 (H.264)."
_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")
Timed = tuple[list[UInt8], list[float], float]  # frames, when each starts, when the last ends


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
    return found if found in ("gif", "webp") and _pictures(data, found) > 1 else None


def is_still(data: bytes) -> bool:
    """Whether the file is one picture, which can be opened."""
    found = raster.kind(data)
    return found is not None and _pictures(data, found) == 1


def _pictures(data: bytes, found: str) -> int:
    """How many pictures a file of that kind holds; 0 for one that is damaged."""
    try:
        return int(getattr(raster.open_picture(data, found), "n_frames", 1))
    except (WorkError, Pil.DecompressionBombError, *raster.DAMAGE):
        return 0


def read(data: bytes, found: str) -> Reading:
    """The clip in a file of that kind. Raises WorkError in one sentence."""
    with guarded("clip", _HINT):
        return _read(data, found)


def _read(data: bytes, found: str) -> Reading:
    notes: list[str] = []
    try:
        frames, starts, end = (
            _pillow(data, found) if found in ("gif", "webp") else _ffmpeg(data, found, notes)
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
        raise WorkError(f"This clip is damaged or of an unknown kind: {said(error)}.", _HINT) from error
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
    still = np.stack(frames)
    clip = Clip(still if np.array_equal(grid.order, np.arange(len(still))) else still[grid.order], grid.rate)
    meta = {"frames": str(len(clip.frames)), "rate": f"{clip.rate:g}", "given_frames": str(len(frames))}
    return Reading(clip, "", "", tuple(notes), meta)


def _content_size(width: float, height: float, frames: int) -> tuple[int, int]:
    """Width and height of a content's frames, so that all of them fit."""
    scale = min(
        1.0, VIDEO.side_px / max(width, height), (VIDEO.content_px / (max(1, frames) * width * height)) ** 0.5
    )
    return max(1, round(width * scale)), max(1, round(height * scale))


def _check(width: int, height: int, frames: int) -> None:
    if width * height > VIDEO.max_pixels:
        raise WorkError(
            f"The frames of this clip have {width:,} x {height:,} pixels; at most "
            f"{VIDEO.max_pixels / 1e6:.0f} megapixels are read.",
            "Save a smaller copy and add that.",
        )
    if min(width, height) < 4:
        raise WorkError(
            f"The frames of this clip have {width} x {height} pixels; there must be at least 4 each way.",
            "Leave it out.",
        )
    if frames > VIDEO.max_frames:
        raise WorkError(
            f"This clip has {frames:,} frames; at most {VIDEO.max_frames:,} are read.",
            "Cut it into shorter clips and add those.",
        )


def _ffmpeg(data: bytes, found: str, notes: list[str]) -> Timed:
    with av.open(io.BytesIO(data), format=_DEMUXERS[found], options={"protocol_whitelist": ""}) as file:
        if not file.streams.video:
            raise WorkError(
                "This file holds no pictures, only sound or nothing.", "Add a file with a video track."
            )
        stream = file.streams.video[0]
        codec = stream.codec_context
        name = getattr(
            codec, "name", "something unknown"
        )  # PyAV has no context for a codec that FFmpeg does not know
        if name not in _CODECS:
            raise WorkError(f"This clip is coded as {name}, which is not read.", _HINT)
        if len(file.streams.video) > 1:
            notes.append("the first of several video tracks")
        counted = int(stream.frames) or _expected(stream, file)
        _check(codec.width or 4, codec.height or 4, counted)
        stream.thread_type = "AUTO"
        frames, times, end = _decoded(file, stream, counted, notes)
    if not frames:
        raise WorkError("This clip has no frames that can be decoded.", _HINT)
    order = sorted(range(len(times)), key=times.__getitem__)
    kept = [order[0]] + [b for a, b in pairwise(order) if times[b] > times[a]]
    usual = (times[order[-1]] - times[order[0]]) / max(1, len(kept) - 1)
    return [frames[i] for i in kept], [times[i] for i in kept], max(end, times[order[-1]] + 0.5 * usual)


def _expected(stream: Any, file: Any) -> int:
    """Frames by length and rate, where the file does not count them; 0 where it says nothing that can be
    believed."""
    seconds = float(stream.duration * stream.time_base) if stream.duration else (file.duration or 0) / 1e6
    rate = float(stream.average_rate or 0)
    return round(seconds * rate) if 0 < rate <= 1000 and seconds < 1e7 else 0


def _decoded(file: Any, stream: Any, expected: int, notes: list[str]) -> Timed:
    """Every frame, upright and reduced, with its time."""
    frames: list[UInt8] = []
    times: list[float] = []
    end = 0.0
    usual = 1 / float(stream.average_rate) if stream.average_rate else 1 / 24
    shown = Shown(lambda w, h: _content_size(w, h, expected or VIDEO.max_frames // 4), notes)
    for number, decoded in enumerate(_until_damage(file, stream, frames, notes)):
        if number >= VIDEO.max_frames:
            _check(decoded.width, decoded.height, number + 1)
        _check(decoded.width, decoded.height, 1)
        frames.append(shown.pixels(decoded, stream.sample_aspect_ratio))
        start = float(decoded.time) if decoded.time is not None else (times[-1] + usual if times else 0.0)
        times.append(start)
        length = (
            float(decoded.duration * decoded.time_base) if decoded.duration and decoded.time_base else usual
        )
        end = max(end, start + length)
    return frames, times, end


def _until_damage(file: Any, stream: Any, so_far: list[UInt8], notes: list[str]) -> Iterator[Any]:
    """Frames up to the end. A clip that breaks off is refused: what is missing would be missed without a
    word."""
    own = decoder(stream, notes)
    try:
        if own is None:
            yield from file.decode(stream)
        else:
            for packet in file.demux(stream):
                yield from own.decode(packet)
    except av.FFmpegError as error:
        raise WorkError(
            f"This clip is cut short after {len(so_far):,} frames: {said(error)}.", _HINT
        ) from error


def _pillow(data: bytes, found: str) -> Timed:
    picture = raster.open_picture(data, found)
    count = int(getattr(picture, "n_frames", 1))
    _check(*picture.size, count)
    size = _content_size(*picture.size, count)
    frames: list[UInt8] = []
    starts = [0.0]
    for number in range(count):
        picture.seek(number)
        _check(*picture.size, 1)
        picture.load()
        rgba = from_pil(picture.convert("RGBA"))
        frames.append(resized(rgba, *size) if (rgba.shape[1], rgba.shape[0]) != size else rgba)
        shown_ms = float(picture.info.get("duration") or 0)
        starts.append(
            starts[-1] + (shown_ms if shown_ms >= 11 else 100.0) / 1000
        )  # as browsers take 0 and 10 ms
    return frames, starts[:-1], starts[-1]


def _with_opacity(frame: UInt8) -> UInt8:
    return frame if frame.shape[2] == 4 else np.asarray(Pil.fromarray(frame).convert("RGBA"))
