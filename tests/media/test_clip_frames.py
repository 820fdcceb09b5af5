"""Clips are shown as FFmpeg shows them: transparent, turned, mirrored, stretched, and in every light; and
each bad one is refused."""

from __future__ import annotations

import shutil
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from etude.errors import WorkError
from etude.media import MEDIA, for_file
from etude.media.video.clip import Clip
from etude.media.video.frames import quarter, turned
from etude.media.video.medium import MEDIUM as VIDEO
from tests.media import picturefiles as files

COLOURS = {"tl": (220, 20, 20), "tr": (20, 180, 20), "bl": (20, 20, 220), "br": (240, 240, 240)}


def quarters(frames: int = 4, width: int = 64, height: int = 48) -> Clip:
    """Four colours in the corners, and something that moves in the middle."""
    out = np.zeros((frames, height, width, 3), np.uint8)
    out[:, : height // 2, : width // 2], out[:, : height // 2, width // 2 :] = COLOURS["tl"], COLOURS["tr"]
    out[:, height // 2 :, : width // 2], out[:, height // 2 :, width // 2 :] = COLOURS["bl"], COLOURS["br"]
    for i in range(frames):
        out[i, height // 2 - 3 : height // 2 + 3, 20 + 4 * i : 26 + 4 * i] = (250, 200, 0)
    return Clip(out, 12.0)


CLIP = quarters()
PLAIN = files.coded(CLIP)


def read(data: bytes, suffix: str = ".mp4") -> np.ndarray:
    frames: np.ndarray = VIDEO.read(data, suffix=suffix).content.frames
    return frames


def corners(frames: np.ndarray) -> list[str]:
    """Which colours stand in the four corners, by name."""
    height, width = frames.shape[1:3]
    found = []
    for y in (height // 6, -height // 6):
        for x in (width // 6, -width // 6):
            away = {
                key: np.abs(frames[0, y, x, :3].astype(int) - colour).max() for key, colour in COLOURS.items()
            }
            name = min(away, key=away.__getitem__)
            found.append(name if away[name] < 25 else "?")
    return found


def clear(frames: int = 4) -> Clip:
    """The same, with its right half transparent and a quarter half so."""
    pixels = np.concatenate([CLIP.frames[:frames], np.full((frames, 48, 64, 1), 255, np.uint8)], 3)
    pixels[:, :, 32:, 3], pixels[:, :, 16:32, 3] = 0, 128
    return Clip(pixels, 12.0)


MATRICES = {
    "straight": ((1, 0, 0, 1), "tl tr bl br"), "quarter": ((0, 1, -1, 0), "bl tl br tr"),
    "half": ((-1, 0, 0, -1), "br bl tr tl"), "three quarters": ((0, -1, 1, 0), "tr br tl bl"),
    "mirror": ((-1, 0, 0, 1), "tr tl br bl"), "on its head": ((1, 0, 0, -1), "bl br tl tr"),
    "over the corner": ((0, 1, 1, 0), "tl bl tr br"), "over the other": ((0, -1, -1, 0), "br tr bl tl"),
    "twice as large": ((2, 0, 0, 2), "tl tr bl br"), "empty": ((0, 0, 0, 0), "tl tr bl br"),
}  # fmt: skip


@pytest.mark.parametrize("name", MATRICES)
def test_every_display_matrix_of_right_angles(name: str) -> None:
    matrix, wanted = MATRICES[name]
    frames = read(files.placed(PLAIN, *matrix))
    assert corners(frames) == wanted.split()
    assert frames.shape[1:3] == ((64, 48) if matrix[1] else (48, 64))


def test_other_angles_are_turned_within_the_frame() -> None:
    frames = read(files.placed(PLAIN, 0.7071, 0.7071, -0.7071, 0.7071))
    assert frames.shape[1:3] == (48, 64) and not frames[0, 0, 0].any()
    assert quarter(0.9999, 0.01, -0.01, 0.9999) == (1, 0, 0, 1) and quarter(0.9, 0.4, -0.4, 0.9) is None


def test_turning_moves_pixels_where_the_matrix_says() -> None:
    picture = np.arange(12, dtype=np.uint8).reshape(3, 4, 1)
    assert np.array_equal(turned(picture, (0, 1, -1, 0)), np.rot90(picture, -1))
    assert np.array_equal(turned(picture, (0, -1, 1, 0)), np.rot90(picture))
    assert np.array_equal(turned(picture, (-1, 0, 0, 1)), picture[:, ::-1])
    assert np.array_equal(turned(picture, (0, 1, 1, 0)), picture.transpose(1, 0, 2))


def written(clip: Clip, fmt: str, codec: str, layout: str, **said: Any) -> bytes:
    """A file by PyAV, with these things said of its colours and its shape."""
    import io

    out = io.BytesIO()
    with av.open(out, "w", format=fmt) as file:
        stream = file.add_stream(
            codec, rate=Fraction(clip.rate).limit_denominator(1001), options=said.pop("options", {})
        )
        assert isinstance(stream, av.VideoStream)
        stream.height, stream.width = clip.frames.shape[1:3]
        stream.pix_fmt = layout
        for key, value in said.items():
            setattr(stream.codec_context, key, value)
        for frame in clip.frames:
            given = "rgb48le" if frame.dtype == np.uint16 else "rgba" if frame.shape[2] == 4 else "rgb24"
            file.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format=given)))
        file.mux(stream.encode())
    return out.getvalue()


@pytest.mark.parametrize(
    ("fmt", "codec", "layout", "suffix"),
    [("mov", "qtrle", "argb", ".mov"), ("mov", "png", "rgba", ".mov"), ("mov", "prores_ks", "yuva444p10le",
    ".mov"), ("matroska", "ffv1", "yuva444p", ".mkv")],
)  # fmt: skip
def test_transparency_of_movies(fmt: str, codec: str, layout: str, suffix: str) -> None:
    frames = read(written(clear(), fmt, codec, layout), suffix)
    assert frames.shape == (4, 48, 64, 4)
    assert not frames[:, :, 34:, 3].any() and np.abs(frames[:, :, 18:30, 3].astype(int) - 128).max() <= 3
    assert (frames[:, :, :14, 3] >= 253).all() and not frames[:, :, 40:].any()


@pytest.mark.parametrize("codec", ["libvpx-vp9", "libvpx"])
def test_transparency_of_webm(codec: str) -> None:
    frames = read(files.clear_webm(clear(), codec), ".webm")
    assert frames.shape == (4, 48, 64, 4)
    assert frames[:, :, 36:, 3].mean() < 6 and abs(frames[:, :, 20:28, 3].mean() - 128) < 8
    whole = clear()
    whole.frames[..., 3] = 255
    assert read(files.clear_webm(whole, codec), ".webm").shape[3] == 3  # nothing is transparent in it


def test_avi_is_read() -> None:
    for codec, layout in (("mjpeg", "yuvj420p"), ("mpeg4", "yuv420p"), ("rawvideo", "bgr24")):
        data = written(CLIP, "avi", codec, layout)
        assert for_file("a.avi", data) is MEDIA["video"] and corners(read(data, ".avi")) == [
            "tl",
            "tr",
            "bl",
            "br",
        ], codec


def test_pixels_that_are_not_square_are_stretched() -> None:
    data = written(CLIP, "mp4", "libx264", "yuv420p", sample_aspect_ratio=Fraction(2, 1))
    assert read(data).shape[1:3] == (48, 128)


def light_of(rgb: np.ndarray) -> np.ndarray:
    values = rgb / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def as_pq(light: np.ndarray) -> np.ndarray:
    power = (light * 203 / 10_000) ** 0.1593017578125
    return ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375


def as_hlg(light: np.ndarray) -> np.ndarray:
    display = light * 203 / 1000
    bright = display @ np.array([0.2627, 0.6780, 0.0593])
    scene = display * np.maximum(bright, 1e-9)[..., None] ** (-0.2 / 1.2)
    signal: np.ndarray = np.where(
        scene <= 1 / 12,
        np.sqrt(3 * scene),
        0.17883277 * np.log(np.maximum(12 * scene - 0.28466892, 1e-9)) + 0.55991073,
    )
    return signal


LIGHTS = {"PQ": (16, as_pq), "HLG": (18, as_hlg), "linear": (8, lambda light: light)}


@pytest.mark.parametrize("name", LIGHTS)
def test_light_is_shown_as_srgb(name: str) -> None:
    code, curve = LIGHTS[name]
    deep = np.round(np.clip(curve(light_of(CLIP.frames)), 0, 1) * 65535).astype(np.uint16)
    data = written(Clip(deep, 12.0), "matroska", "ffv1", "gbrp16le", color_trc=code, color_primaries=1)
    reading = VIDEO.read(data, suffix=".mkv")
    off = np.abs(reading.content.frames.astype(int) - CLIP.frames)
    bright = CLIP.frames.max(-1) > 235  # is bent a little, towards white more than below it
    assert off[~bright].max() <= 3 and off.max() <= (12 if name != "linear" else 3)
    assert any("dynamic range" in note for note in reading.warnings) == (name != "linear")


def test_one_frame_names_the_way_out() -> None:
    with pytest.raises(WorkError, match="nothing moves") as refused:
        read(files.coded(Clip(CLIP.frames[:1], 12.0)))
    assert "PNG" in refused.value.hint
    with pytest.raises(WorkError, match="nothing that moves") as refused:
        read(files.saved(files.drawing(), "GIF"), ".gif")
    assert "picture" in refused.value.hint


def test_a_gif_of_a_huge_frame_is_refused() -> None:
    data = bytearray(VIDEO.write(CLIP, "gif"))
    control = data.rindex(b"\x21\xf9\x04")  # of the last frame, which says next how large it is
    assert data[control + 8] == 0x2C
    data[control + 13 : control + 17] = b"\xff\xff\xff\xff"
    for medium in (VIDEO, MEDIA["image"]):
        try:
            assert medium.read(bytes(data), suffix=".gif").content is not None
        except WorkError as error:
            assert "\n" not in error.message and error.hint


def test_whatever_a_decoder_raises_is_a_reason_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    from etude.media.image import files as imagefiles
    from etude.media.video import files as clipfiles

    class Odd(Exception):
        pass

    def broken(*_: object) -> None:
        raise Odd("line one\nline \x1b[31mtwo")

    monkeypatch.setattr(clipfiles, "decoded", broken)
    monkeypatch.setattr(imagefiles, "_opened", broken)
    for medium, data, suffix in (
        (VIDEO, PLAIN, ".mp4"),
        (MEDIA["image"], files.saved(files.drawing(), "PNG"), ".png"),
    ):
        with pytest.raises(WorkError, match="line one line two") as refused:
            medium.read(data, suffix=suffix)
        assert refused.value.message.isprintable() and refused.value.hint


@pytest.fixture(scope="module")
def ffmpeg() -> str:
    return shutil.which("ffmpeg") or pytest.skip("no ffmpeg on this machine (Debian: apt-get install ffmpeg)")


def seen_by(
    ffmpeg: str, folder: Path, data: bytes, suffix: str, like: np.ndarray, *before: str
) -> np.ndarray:
    """The frames (F, H, W, 4) as FFmpeg's own program shows them, at the size of `like`."""
    given = folder / f"clip{suffix}"
    given.write_bytes(data)
    height, width = like.shape[1:3]
    scale = f"scale={width}:{height}:flags=area"
    command = [
        ffmpeg,
        "-v",
        "error",
        *before,
        "-i",
        str(given),
        "-vf",
        scale,
        "-fps_mode",
        "passthrough",
        "-f",
        "rawvideo",
        "-pix_fmt",
        "rgba",
        "-",
    ]
    out = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout
    return np.frombuffer(out, np.uint8).reshape(-1, height, width, 4)


SEEN = {
    **{f"matrix {name}": (files.placed(PLAIN, *matrix), ".mp4", ()) for name, (matrix,
    _) in MATRICES.items()},
    "WebM that is clear": (files.clear_webm(clear()), ".webm", ("-c:v", "libvpx-vp9")),
    "VP8 that is clear": (files.clear_webm(clear(), "libvpx"), ".webm", ("-c:v", "libvpx")),
    "ProRes that is clear": (written(clear(), "mov", "prores_ks", "yuva444p10le"), ".mov", ()),
    "animation that is clear": (written(clear(), "mov", "qtrle", "argb"), ".mov", ()),
    "AVI": (written(CLIP, "avi", "mjpeg", "yuvj420p"), ".avi", ()),
    "BT.709": (written(CLIP, "mp4", "libx264", "yuv420p", colorspace=1, color_trc=1, color_primaries=1),
    ".mp4", ()),
    "full range": (written(CLIP, "mp4", "libx264", "yuvj420p"), ".mp4", ()),
    "4:4:4": (written(CLIP, "mp4", "libx264", "yuv444p"), ".mp4", ()),
    "MPEG-4": (files.coded(CLIP, "mov", "mpeg4"), ".mov", ()),
    "Matroska": (files.coded(CLIP, "matroska", "libx264"), ".mkv", ()),
    "VP9": (files.coded(CLIP, "webm", "libvpx-vp9"), ".webm", ()),
}  # fmt: skip


@pytest.mark.parametrize("name", SEEN)
def test_as_ffmpeg_shows_it(ffmpeg: str, tmp_path: Path, name: str) -> None:
    data, suffix, before = SEEN[name]
    ours = read(data, suffix)
    theirs = seen_by(ffmpeg, tmp_path, data, suffix, ours, *before)
    if ours.shape[3] == 3:
        ours = np.concatenate([ours, np.full((*ours.shape[:3], 1), 255, np.uint8)], 3)
    assert len(ours) == len(theirs)
    weighed = [
        np.concatenate([one[..., :3] * (one[..., 3:] / 255.0), one[..., 3:]], 3) for one in (ours, theirs)
    ]
    assert np.abs(weighed[0] - weighed[1]).mean() < 1.5
