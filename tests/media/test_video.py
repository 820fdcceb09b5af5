"""Reading and writing clips: every container, times, turns, shots, and every bad file."""

from __future__ import annotations

import io
import time
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pil

from etude.config.media import VIDEO
from etude.errors import WorkError
from etude.media import MEDIA, for_file
from etude.media.contract import Reading
from etude.media.pixels import contact_sheet as sheet
from etude.media.video import shots
from etude.media.video.clip import Clip
from etude.media.video.frame_rate import constant
from etude.media.video.medium import MEDIUM as VIDEO_MEDIUM
from etude.media.video.medium import loops
from tests.media import picturefiles as files

CLIP = files.moving()


def read(data: bytes, suffix: str = ".mp4") -> Reading:
    return VIDEO_MEDIUM.read(data, suffix=suffix)


def error(one: Clip, other: Clip) -> float:
    return float(np.abs(one.frames[..., :3].astype(int) - other.frames[..., :3]).mean())


@pytest.mark.parametrize("fmt", ["mp4", "webm", "gif", "webp"])
def test_what_is_written_is_read(fmt: str) -> None:
    data = VIDEO_MEDIUM.write(CLIP, fmt)
    assert data == VIDEO_MEDIUM.write(CLIP, fmt)
    reading = read(data, f".{fmt}")
    assert reading.content.frames.shape == CLIP.frames.shape and reading.warnings == ()
    assert reading.content.rate == pytest.approx(12, rel=0.005)
    assert error(reading.content, CLIP) < 6
    assert for_file(f"a.{fmt}", data) is MEDIA["video"]


def test_webp_loses_nothing_not_even_transparency() -> None:
    clip = files.moving(alpha=True)
    back = read(VIDEO_MEDIUM.write(clip, "webp"), ".webp").content
    seen = clip.frames[..., 3:] > 0
    assert np.array_equal(back.frames[..., 3], clip.frames[..., 3]) and np.array_equal(
        back.frames * seen, clip.frames * seen
    )


def test_pngs_in_a_zip() -> None:
    with zipfile.ZipFile(io.BytesIO(VIDEO_MEDIUM.write(CLIP, "zip"))) as archive:
        assert archive.namelist()[0] == "00001.png" and len(archive.namelist()) == 12
        assert np.array_equal(np.asarray(Pil.open(io.BytesIO(archive.read("00003.png")))), CLIP.frames[2])


def test_odd_sides_can_be_written() -> None:
    odd = Clip(CLIP.frames[:, :47, :45], 12.0)
    assert read(VIDEO_MEDIUM.write(odd, "mp4")).content.frames.shape == (12, 48, 46, 3)


@pytest.mark.parametrize("fmt, codec", [("mov", "mpeg4"), ("matroska", "libx264"), ("webm", "libvpx")])
def test_other_containers_and_codecs(fmt: str, codec: str) -> None:
    assert read(files.coded(CLIP, fmt, codec), f".{fmt}").content.frames.shape == CLIP.frames.shape


def test_a_turned_clip_stands_upright() -> None:
    wide = Clip(CLIP.frames[:, 8:40], 12.0)
    data = files.coded(wide)  # once: x264 with its defaults does not always give the same bytes
    straight, turned = read(data).content, read(files.turned(data)).content
    assert turned.frames.shape[1:3] == (48, 32)
    assert error(Clip(np.rot90(straight.frames, -1, (1, 2)), 12.0), turned) < 1


def test_frames_held_longer_are_repeated() -> None:
    times = [0, 10, 20, 50, 60, 70, 80, 90, 100, 110, 120, 130]
    clip = read(files.coded(CLIP, times=times)).content
    assert clip.rate == pytest.approx(10, rel=0.01) and len(clip.frames) == 14
    assert np.array_equal(clip.frames[2], clip.frames[4]) and not np.array_equal(
        clip.frames[4], clip.frames[5]
    )


def test_a_wavering_rate_is_sampled_with_a_word_about_it() -> None:
    times = [0, 3, 11, 13, 30, 31, 47, 52, 80, 83, 91, 120]
    reading = read(files.coded(CLIP, times=times))
    assert any("varies" in note for note in reading.warnings)
    assert reading.content.seconds == pytest.approx(1.25, abs=0.2)


def test_a_telephone_that_wavers_by_a_millisecond_is_constant() -> None:
    rng = np.random.default_rng(3)
    starts = np.arange(300) / 30 + rng.uniform(-0.002, 0.002, 300)
    grid = constant(np.sort(starts), 10.0)
    assert grid.exact and grid.rate == 30 and len(grid.order) == 300


@given(st.lists(st.integers(2, 50), min_size=1, max_size=40))
def test_any_times_make_a_grid(lengths: list[int]) -> None:
    ends = np.cumsum(lengths) / 100
    grid = constant(np.concatenate([[0.0], ends[:-1]]), float(ends[-1]))
    assert 0 < grid.rate <= VIDEO.max_rate * 1.001 and len(grid.order) >= 1
    assert (np.diff(grid.order) >= 0).all() and grid.order[0] >= 0 and grid.order[-1] <= len(lengths) - 1
    assert len(grid.order) / grid.rate == pytest.approx(ends[-1], abs=1 / grid.rate)
    if grid.exact:
        assert set(grid.order) == set(range(len(lengths)))


def test_shots_are_found_and_parts_join() -> None:
    clip = Clip(np.concatenate([files.moving(hue=hue).frames for hue in (0, 4, 9)]), 12.0)
    assert VIDEO_MEDIUM.boundaries(clip) == [12, 24]
    assert [len(VIDEO_MEDIUM.cut(clip, a, b).frames) for a, b in ((0, 12), (12, 24), (24, 36))] == [
        12,
        12,
        12,
    ]
    assert shots.cuts(CLIP.frames, 12.0) == []
    flash = CLIP.frames.copy()
    flash[6] = 255
    assert len(shots.cuts(flash, 12.0)) <= 1  # a flash is no two shots


def test_loops_are_told() -> None:
    assert loops(CLIP) and "a loop" in VIDEO_MEDIUM.describe(CLIP)
    assert not loops(Clip(CLIP.frames[:5], 12.0))


def test_long_clips_have_smaller_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from etude.media.video import room

    monkeypatch.setattr(room, "VIDEO", replace(VIDEO, content_px=12 * 24 * 24))
    assert read(files.coded(CLIP)).content.frames.shape == (12, 24, 24, 3)


def test_too_many_frames_are_refused_from_the_header() -> None:
    clip = Clip(np.zeros((20_000, 16, 16, 3), np.uint8), 60.0)
    data = files.coded(clip, codec="mpeg4", times=list(range(0, 40_000, 2)))
    start = time.process_time()
    with pytest.raises(WorkError, match="20,000 frames; at most 18,000"):
        read(data)
    assert time.process_time() - start < 2


def test_a_gif_of_100_000_frames_is_refused() -> None:
    head = b"GIF89a" + bytes([8, 0, 8, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255])
    one = b"\x21\xf9\x04\x00\x05\x00\x00\x00,\x00\x00\x00\x00\x08\x00\x08\x00\x00\x02\x03\x8c\x0f\x05\x00"
    with pytest.raises(WorkError, match="100,000 frames"):
        read(head + one * 100_000 + b";", ".gif")


WEBM = files.coded(CLIP, "webm", "libvpx-vp9")
BAD = {
    "empty": (b"", "empty"),
    "only sound": (files.only_sound(), "no pictures"),
    "no frames": (WEBM[: WEBM.index(b"\x1f\x43\xb6\x75")], "damaged|no frames"),  # a track, and no cluster
    "one frame": (files.coded(Clip(CLIP.frames[:1], 12.0)), "1 frame"),
    "a GIF cut short": (VIDEO_MEDIUM.write(CLIP, "gif")[:-400], "damaged"),
    "a WebP cut short": (VIDEO_MEDIUM.write(CLIP, "webp")[:-400], "damaged"),
    "words": (b"words and words" * 99, "nothing that moves"),
    "a playlist": (b"#EXTM3U\nfile:///etc/passwd\n", "nothing that moves"),
    "a list of files": (b"ffconcat version 1.0\nfile /etc/passwd\n", "nothing that moves"),
    "a head alone": (files.coded(CLIP)[:60], "damaged"),
    "a still picture": (files.saved(files.drawing(), "WEBP"), "nothing that moves"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_clips_are_refused_in_one_sentence(name: str) -> None:
    data, word = BAD[name]
    with pytest.raises(WorkError, match=word) as refused:
        read(data)
    assert "\n" not in refused.value.message and refused.value.hint


def test_clips_that_resemble_each_other_are_found() -> None:
    from etude.curate.lookalikes import find

    clips = {f"w-{hue}": files.moving(60, hue=hue) for hue in range(4)}
    clips["copy"] = read(VIDEO_MEDIUM.write(clips["w-2"], "gif"), ".gif").content
    clips["part"] = VIDEO_MEDIUM.cut(clips["w-1"], 0, 24)
    groups = find({key: VIDEO_MEDIUM.signature(clip) for key, clip in clips.items()})
    assert {frozenset(group.ids) for group in groups} == {
        frozenset({"w-2", "copy"}),
        frozenset({"w-1", "part"}),
    }


def test_strips_and_sheets_are_pictures() -> None:
    from etude.media.pixels.framing import Framing

    strip = Pil.open(io.BytesIO(VIDEO_MEDIUM.previews(CLIP)[".png"]()))
    assert strip.width > 7 * 96
    drawn = Pil.open(io.BytesIO(sheet.sheet([CLIP.frames[0]] * 5, Framing(32), "five", ["a"] * 5)))
    assert drawn.width >= 3 * 96 and drawn.height >= 2 * 96


def test_places_are_frames_and_seconds() -> None:
    assert VIDEO_MEDIUM.place(CLIP, 6) == "frame 7 (0:00.5)"
