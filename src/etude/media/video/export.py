"""Clips into files: MP4 and WebM through PyAV, GIF and WebP through Pillow, or a zip of numbered PNGs. Always
silent.

MP4 (H.264) and WebM (VP9) know no transparency here: it is laid on white. The same clip gives the same bytes
with the same versions of the libraries: one thread, no dates.
"""

from __future__ import annotations

import io
import zipfile
from fractions import Fraction

import av
import numpy as np
from PIL import Image as Pil

from etude.media.pixels.arrays import UInt8, flattened, to_pil
from etude.media.video.clip import Clip

# The same clip must give the same bytes. x264 weighs blocks by what later frames take from them (mbtree), and
# with its assembler that reads memory that was never written: of 40 runs among freed memory (48 x 48 pixels,
# PyAV 18.1, one thread), 17, 15 and 8 gave the same; without mbtree 100 of 100, for a quarter more bytes.
_CODECS = {
    "mp4": (
        "libx264",
        "yuv420p",
        {"crf": "16", "preset": "medium", "x264-params": "threads=1:trellis=0:mbtree=0"},
    ),
    "webm": ("libvpx-vp9", "yuv420p", {"crf": "20", "b": "0", "deadline": "good", "cpu-used": "2"}),
}
_COLOURS = 256


def coded(clip: Clip, fmt: str) -> bytes:
    """MP4 or WebM. Sides are made even, as these formats want, by repeating the last row or column."""
    codec, layout, options = _CODECS[fmt]
    frames = flattened(clip.frames)
    frames = np.pad(frames, ((0, 0), (0, frames.shape[1] % 2), (0, frames.shape[2] % 2), (0, 0)), mode="edge")
    out = io.BytesIO()
    with av.open(out, "w", format=fmt, options={"fflags": "+bitexact"}) as file:
        stream = file.add_stream(codec, rate=Fraction(clip.rate).limit_denominator(1001), options=options)
        assert isinstance(stream, av.VideoStream)
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = layout
        stream.codec_context.thread_count = 1
        stream.codec_context.flags |= av.codec.context.Flags.bitexact
        for frame in frames:
            file.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")))
        file.mux(stream.encode())
    return out.getvalue()


def gif(clip: Clip) -> bytes:
    """An endless GIF with one palette for all frames, so that plain grounds do not flicker. Its times are
    hundredths of a second."""
    palette = _palette(flattened(clip.frames))
    pictures = [
        to_pil(flattened(frame)).quantize(palette=palette, dither=Pil.Dither.NONE) for frame in clip.frames
    ]
    ends = np.round(np.arange(1, len(pictures) + 1) * 100 / clip.rate).astype(int)
    times = np.maximum(np.diff(ends, prepend=0), 2) * 10
    out = io.BytesIO()
    pictures[0].save(
        out, "GIF", save_all=True, append_images=pictures[1:], duration=times.tolist(), loop=0, optimize=False
    )
    return out.getvalue()


def webp(clip: Clip) -> bytes:
    """An endless WebP without loss, transparency kept. Its times are thousandths of a second."""
    pictures = [to_pil(frame) for frame in clip.frames]
    ends = np.round(np.arange(1, len(pictures) + 1) * 1000 / clip.rate).astype(int)
    times = np.diff(ends, prepend=0).tolist()
    out = io.BytesIO()
    pictures[0].save(
        out,
        "WEBP",
        save_all=True,
        append_images=pictures[1:],
        duration=times,
        loop=0,
        lossless=True,
        method=4,
        exact=True,
    )
    return out.getvalue()


def pngs(clip: Clip) -> bytes:
    """A zip of 00001.png, 00002.png ... for other programs."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as file:
        for number, frame in enumerate(clip.frames, 1):
            one = io.BytesIO()
            to_pil(frame).save(one, "PNG")
            file.writestr(zipfile.ZipInfo(f"{number:05d}.png"), one.getvalue())
    return out.getvalue()


def _palette(frames: UInt8) -> Pil.Image:
    """256 colours from up to 16 frames side by side."""
    chosen = frames[:: max(1, len(frames) // 16)][:16]
    return to_pil(np.concatenate(list(chosen), axis=1)).quantize(_COLOURS, Pil.Quantize.MEDIANCUT)
