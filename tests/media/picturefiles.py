"""Pictures and clips made on the spot, good and bad, for the tests of reading them."""

from __future__ import annotations

import io
import struct
import zlib
from fractions import Fraction

import av
import numpy as np
from PIL import Image as Pil
from PIL import ImageDraw

from etude.media.video.clip import Clip
from etude.rng import for_

_EXACT = {"fflags": "+bitexact"}  # Matroska has names drawn by chance otherwise
_STEADY = {"x264-params": "mbtree=0"}  # without it x264 reads memory that was never written


def drawing(size: int = 96, hue: int = 0, alpha: bool = False) -> Pil.Image:
    """A picture with a large and small shapes in it; `hue` makes another one."""
    rng = for_(hue, "test drawing")
    picture = Pil.new("RGBA", (size, size), (0, 0, 0, 0) if alpha else (250, 248, 240, 255))
    pen = ImageDraw.Draw(picture)
    for _ in range(6):
        x, y = (int(v) for v in rng.integers(0, size - 20, 2))
        w, h = (int(v) for v in rng.integers(12, size // 2, 2))
        colour = tuple(int(v) for v in rng.integers(0, 255, 3))
        (pen.ellipse if rng.random() < 0.5 else pen.rectangle)((x, y, x + w, y + h), fill=(*colour, 255))
    return picture if alpha else picture.convert("RGB")


def saved(picture: Pil.Image, fmt: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, fmt, **options)
    return out.getvalue()


def png_of_size(width: int, height: int) -> bytes:
    """A PNG that says it is that large, and holds next to nothing."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


def svg(body: str, head: str = 'viewBox="0 0 100 100"', before: str = "") -> bytes:
    names = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f"{before}<svg {names} {head}>{body}</svg>".encode()


CIRCLE = '<circle cx="50" cy="50" r="40" fill="red"/>'


def moving(frames: int = 12, size: int = 48, rate: float = 12.0, hue: int = 0, alpha: bool = False) -> Clip:
    """A disc that goes round once on a ground."""
    out = []
    for i in range(frames):
        turn = 2 * np.pi * i / frames
        picture = drawing(size, hue, alpha).convert("RGBA")
        x, y = size / 2 + size / 4 * np.cos(turn), size / 2 + size / 4 * np.sin(turn)
        ImageDraw.Draw(picture).ellipse((x - 7, y - 7, x + 7, y + 7), fill=(255, 60, 200, 255))
        out.append(np.asarray(picture if alpha else picture.convert("RGB")))
    return Clip(np.stack(out), rate)


def coded(clip: Clip, fmt: str = "mp4", codec: str = "libx264", times: list[int] | None = None) -> bytes:
    """The clip by PyAV, with these times (in hundredths of a second) for its frames."""
    out = io.BytesIO()
    with av.open(out, "w", format=fmt, options=_EXACT) as file:
        stream = file.add_stream(codec, rate=Fraction(clip.rate).limit_denominator(1001), options=_STEADY)
        assert isinstance(stream, av.VideoStream)
        stream.height, stream.width = clip.frames.shape[1:3]
        stream.codec_context.thread_count = 1  # the same bytes on every machine
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, 100)
        for number, frame in enumerate(clip.frames):
            one = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame[..., :3]), format="rgb24")
            one.time_base = Fraction(1, 100)
            one.pts = times[number] if times else round(number * 100 / clip.rate)
            file.mux(stream.encode(one))
        file.mux(stream.encode())
    return out.getvalue()


def turned(data: bytes) -> bytes:
    """A quarter turn written into the track header of an MP4: the display matrix of a telephone held
    upright."""
    straight = struct.pack(">9i", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    at = data.index(straight, data.index(b"tkhd"))
    quarter = struct.pack(">9i", 0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000)
    return data[:at] + quarter + data[at + len(straight) :]


def only_sound() -> bytes:
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as file:
        stream = file.add_stream("aac", rate=44_100)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 44_100), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 44_100
        file.mux(stream.encode(frame))
        file.mux(stream.encode())
    return out.getvalue()


def clear_webm(clip: Clip, codec: str = "libvpx-vp9") -> bytes:
    """The clip (F, H, W, 4) as a WebM with transparency beside each frame."""
    out = io.BytesIO()
    with av.open(out, "w", format="webm", options=_EXACT) as file:
        stream = file.add_stream(
            codec,
            rate=Fraction(clip.rate).limit_denominator(1001),
            options={"crf": "8", "b": "0", "auto-alt-ref": "0"},
        )
        assert isinstance(stream, av.VideoStream)
        stream.height, stream.width = clip.frames.shape[1:3]
        stream.codec_context.thread_count = 1  # the same bytes on every machine
        stream.pix_fmt = "yuva420p"
        for frame in clip.frames:
            file.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgba")))
        file.mux(stream.encode())
    return out.getvalue()


def placed(data: bytes, a: float, b: float, c: float, d: float) -> bytes:
    """Another display matrix in the track header of an MP4: x' = a x + c y, y' = b x + d y."""
    straight = struct.pack(">9i", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    at = data.index(straight, data.index(b"tkhd"))
    a, b, c, d = (round(value * 0x10000) for value in (a, b, c, d))
    return data[:at] + struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 0x40000000) + data[at + len(straight) :]


def with_sound(clip: Clip, fmt: str = "mov", fragments: bool = False) -> bytes:
    """The clip with plain sound beside it, every number of which is a sample in the tables; or in fragments,
    and silent."""
    out = io.BytesIO()
    options = {"movflags": "frag_keyframe+empty_moov"} if fragments else {}
    with av.open(out, "w", format=fmt, options=_EXACT | options) as file:
        rate = Fraction(clip.rate).limit_denominator(1001)
        stream = file.add_stream("libx264", rate=rate, options=_STEADY)
        assert isinstance(stream, av.VideoStream)
        stream.height, stream.width = clip.frames.shape[1:3]
        stream.codec_context.thread_count = 1  # the same bytes on every machine
        stream.pix_fmt = "yuv420p"
        sound = None if fragments else file.add_stream("pcm_s16le", rate=44_100, layout="mono")
        for frame in clip.frames:
            file.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")))
        file.mux(stream.encode())
        if sound is not None:
            wave = av.AudioFrame.from_ndarray(np.zeros((1, 17_640), np.int16), format="s16", layout="mono")
            wave.sample_rate = 44_100
            file.mux(sound.encode(wave))
            file.mux(sound.encode())
    return out.getvalue()
