"""Clips coded frame by frame, decoded by PyAV (FFmpeg) within limits: MP4, MOV, WebM, Matroska and AVI.

The container is opened by its one demuxer, without any protocol, so that a file cannot name another file or
an address; only well-known codecs are opened, even for a look. Sizes are refused from headers where they say
so, and before a frame is made where they change on the way. Knows no formats of pictures.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Mapping
from errno import EINVAL
from itertools import pairwise
from typing import Any

import av

from etude.config.media import VIDEO
from etude.errors import WorkError
from etude.media.pixels.arrays import UInt8
from etude.media.pixels.raster import said
from etude.media.video import mov_tables, opacity
from etude.media.video.frames import Shown
from etude.media.video.room import Room, check

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
    "msmpeg4v3",
    "dvvideo",
    "ffv1",
    "rawvideo",
)
HINT = "Export it again, for instance as MP4 (H.264)."
Timed = tuple[list[UInt8], list[float], float]  # frames, when each starts, when the last ends


def decoded(data: bytes, found: str, notes: list[str]) -> Timed:
    """The frames of a file of that kind. Raises WorkError, and what PyAV raises."""
    data = mov_tables.bounded(data) if found == "mov" else data
    allowed = {"protocol_whitelist": "", "codec_whitelist": ",".join(_CODECS)}
    with av.open(
        io.BytesIO(data), format=_DEMUXERS[found], options=allowed | _largest(VIDEO.max_pixels)
    ) as file:
        if not file.streams.video:
            raise WorkError(
                "This file holds no pictures, only sound or nothing.", "Add a file with a video track."
            )
        stream = file.streams.video[0]
        codec = stream.codec_context
        # PyAV has no context for a codec that FFmpeg does not know.
        name = getattr(codec, "name", "something unknown")
        if name not in _CODECS:
            raise WorkError(f"This clip is coded as {name}, which is not read.", HINT)
        if len(file.streams.video) > 1:
            notes.append("the first of several video tracks")
        counted = int(stream.frames) or _expected(stream, file)
        check(codec.width or 4, codec.height or 4, counted)
        largest = max(codec.width * codec.height, VIDEO.grown_px)
        codec.options = _largest(largest)
        codec.thread_count = max(1, min(os.cpu_count() or 1, VIDEO.threads_bytes // (3 * largest)))
        codec.thread_type = "AUTO"
        frames, times, end = _timed(file, stream, counted, notes, codec.options)
    if not frames:
        raise WorkError("This clip has no frames that can be decoded.", HINT)
    order = sorted(range(len(times)), key=times.__getitem__)
    kept = [order[0]] + [b for a, b in pairwise(order) if times[b] > times[a]]
    usual = (times[order[-1]] - times[order[0]]) / max(1, len(kept) - 1)
    return [frames[i] for i in kept], [times[i] for i in kept], max(end, times[order[-1]] + 0.5 * usual)


def _largest(pixels: int) -> dict[str, str]:
    """The option of FFmpeg's decoders by which they make no room for a larger frame."""
    return {"max_pixels": str(pixels)}


def _expected(stream: Any, file: Any) -> int:
    """Frames by length and rate, where the file does not count them; 0 where it says nothing that can be
    believed."""
    seconds = float(stream.duration * stream.time_base) if stream.duration else (file.duration or 0) / 1e6
    rate = float(stream.average_rate or 0)
    return round(seconds * rate) if 0 < rate <= 1000 and seconds < 1e7 else 0


def _timed(file: Any, stream: Any, expected: int, notes: list[str], options: Mapping[str, str]) -> Timed:
    """Every frame, upright and reduced, with its time."""
    times: list[float] = []
    end = 0.0
    usual = 1 / float(stream.average_rate) if stream.average_rate else 1 / 24
    room = Room(expected or VIDEO.max_frames // 4)
    shown = Shown(room.fit, notes)
    for number, (frame, levels) in enumerate(_until_damage(file, stream, room.frames, options)):
        check(frame.width, frame.height, number + 1 if number >= VIDEO.max_frames else 1)
        room.add(shown.pixels(frame, stream.sample_aspect_ratio, levels))
        start = float(frame.time) if frame.time is not None else (times[-1] + usual if times else 0.0)
        times.append(start)
        length = float(frame.duration * frame.time_base) if frame.duration and frame.time_base else usual
        end = max(end, start + length)
    return room.frames, times, end


def _until_damage(
    file: Any, stream: Any, so_far: list[UInt8], options: Mapping[str, str]
) -> Iterator[tuple[Any, UInt8 | None]]:
    """Frames up to the end, and the opacity beside each. A clip that breaks off is refused: what is missing
    would be missed without a word."""
    try:
        if opacity.stated(stream):
            yield from opacity.frames(file, stream, options)
        else:
            yield from ((frame, None) for frame in file.decode(stream))
    except av.FFmpegError as error:
        largest = int(options["max_pixels"]) / 1e6
        why = (
            f"a frame is damaged or has more than {largest:.0f} megapixels"
            if error.errno == EINVAL
            else said(error)
        )
        raise WorkError(f"This clip is cut short after {len(so_far):,} frames: {why}.", HINT) from error
