"""The opacity of a WebM: a second stream of VP8 or VP9 beside its packets, whose brightness it is.

FFmpeg's own decoders leave it out. Those of libvpx read it, but make room for a frame of any size that the
second stream names before anybody can look at it: 2 kB asked for 3 GB. So it is decoded here, by FFmpeg's own
decoder, with the limit of the pictures. After the WebM container guidelines, "Alpha channel". Knows no files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import av
import numpy as np

from etude.errors import WorkError
from etude.media.pixels.arrays import UInt8

_BESIDE = "matroska_block_additional"
_KIND = 8  # bytes that say what stands beside a packet: 1 for opacity


def stated(stream: Any) -> bool:
    """Whether the file says that a stream has opacity beside it."""
    return stream.metadata.get("alpha_mode") == "1" and stream.codec_context.name in ("vp8", "vp9")


def frames(file: Any, stream: Any, options: Mapping[str, str]) -> Iterator[tuple[Any, UInt8 | None]]:
    """Each frame and its opacity (H, W); None where a frame has none. Raises WorkError for another size."""
    stream.thread_type = "SLICE"  # each packet gives its frame at once, so that the two keep together
    second = av.CodecContext.create(stream.codec_context.name, "r")
    second.options = dict(options)
    second.thread_count = 1
    for packet in file.demux(stream):
        seen, beside = packet.decode(), _beside(packet)
        levels = second.decode(av.Packet(beside)) if beside else []
        for frame, level in zip(seen, [*levels[: len(seen)], *[None] * len(seen)]):
            yield frame, None if level is None else _plane(frame, level)


def _beside(packet: Any) -> bytes:
    if not packet.size or not packet.has_sidedata(_BESIDE):
        return b""
    found = bytes(packet.get_sidedata(_BESIDE))
    return found[_KIND:] if int.from_bytes(found[:_KIND], "big") == 1 else b""


def _plane(frame: Any, level: Any) -> UInt8:
    if (level.width, level.height) != (frame.width, frame.height):
        raise WorkError(
            f"The transparency of this clip has {level.width:,} x {level.height:,} pixels, and its pictures "
            f"have {frame.width:,} x {frame.height:,}.",
            "Export it again.",
        )
    plane, bits = level.planes[0], level.format.components[0].bits
    rows = np.frombuffer(plane, np.uint8)[: level.height * plane.line_size].reshape(level.height, -1)
    if bits > 8:
        rows = (rows.view(np.uint16) >> (bits - 8)).astype(np.uint8)
    return rows[:, : level.width]
