"""Small files that ask for much: they are refused, or made smaller, before the room is taken."""

from __future__ import annotations

import struct
from dataclasses import replace

import numpy as np
import pytest

from etude.config.media import VIDEO
from etude.errors import WorkError
from etude.media.contract import Reading
from etude.media.video import room
from etude.media.video.medium import MEDIUM
from tests.fuzz.spent import Spent
from tests.media import picturefiles as files

CLIP = files.moving(4, 32, 10.0)
PLAIN = files.coded(CLIP)
MOST_BYTES = 300_000_000  # what a clip of any length may take while it is read, and somewhat more


def read(data: bytes, suffix: str) -> Reading:
    """Read in little room, or refused in it."""
    spent = Spent()
    try:
        return MEDIUM.read(data, suffix=suffix)
    finally:
        assert spent.room_bytes < MOST_BYTES and spent.seconds < 5


def said(data: bytes, name: bytes, at: int, *numbers: int) -> bytes:
    """The file with other numbers in the last table of that name, so many bytes behind the name."""
    place = data.rindex(name) + at
    return data[:place] + struct.pack(f">{len(numbers)}I", *numbers) + data[place + 4 * len(numbers) :]


@pytest.mark.parametrize("count", [1_000_001, 40_000_000, 80_000_000])
def test_a_table_of_samples_of_one_size_is_bounded(count: int) -> None:
    data = said(said(PLAIN, b"stsz", 8, 1, count), b"stsc", 16, count)
    with pytest.raises(WorkError, match=f"list {count:,} samples; at most 1,000,000"):
        read(data, ".mp4")


def test_a_run_of_samples_in_a_fragment_is_bounded() -> None:
    data = files.with_sound(CLIP, "mp4", fragments=True)
    assert len(read(data, ".mp4").content.frames) == 4
    with pytest.raises(WorkError, match="list 40,000,000 samples"):
        read(said(data, b"trun", 4, 0, 40_000_000), ".mp4")


def test_edits_times_samples_are_bounded() -> None:
    data = said(said(PLAIN, b"stsz", 8, 1, 900_000), b"elst", 8, 1_000)
    with pytest.raises(WorkError, match="1,000 edits"):
        read(data, ".mp4")


def test_sound_takes_no_room_whatever_its_tables_say() -> None:
    data = files.with_sound(CLIP)
    frames = read(data, ".mov").content.frames
    assert len(frames) == 4
    lying = said(data, b"stsz", 8, 2, 80_000_000)  # of the sound, which stands last
    assert np.array_equal(read(lying, ".mov").content.frames, frames)


def test_tables_that_are_packed_are_named() -> None:
    with pytest.raises(WorkError, match="compressed"):
        read(PLAIN.replace(b"udta", b"cmvd"), ".mp4")


@pytest.mark.parametrize("stream", [0, 1])  # of the pictures, of their opacity
def test_a_frame_that_grows_beyond_all_bounds_is_refused(stream: int) -> None:
    data = bytearray(files.clear_webm(files.moving(4, 32, 10.0, alpha=True)))
    at = -1
    for _ in range(1 + stream):
        at = data.index(b"\x49\x83\x42", at + 1)  # of VP9, before the size of a whole frame
    assert data[at + 3 : at + 7] == b"\0\x01\xf0\x01"
    data[at + 3 : at + 8] = b"\x03\xff\xf3\xff" + bytes([0xF0 | data[at + 7] & 15])  # 16,384 each way
    with pytest.raises(WorkError, match="cut short after 0 frames: a frame is damaged or has more than"):
        read(bytes(data), ".webm")


def test_opacity_of_another_size_is_refused() -> None:
    data = bytearray(files.clear_webm(files.moving(4, 32, 10.0, alpha=True)))
    at = data.index(b"\x49\x83\x42", data.index(b"\x49\x83\x42") + 1)
    data[at + 3 : at + 8] = b"\0\x03\xf0\x03" + bytes([0xF0 | data[at + 7] & 15])  # 64 each way
    with pytest.raises(WorkError, match=r"transparency of this clip has 64 x 64 pixels|cut short"):
        read(bytes(data), ".webm")


def test_a_frame_that_is_held_long_makes_all_smaller() -> None:
    pictures = [files.drawing(256, hue) for hue in range(4)]
    data = files.saved(
        pictures[0], "GIF", save_all=True, append_images=pictures[1:], duration=[50, 50, 70, 500_000]
    )
    frames = read(data, ".gif").content.frames
    assert len(frames) == 8336 and frames[..., 0].size <= 1.05 * VIDEO.content_px


def test_frames_beyond_what_the_file_said_make_all_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "VIDEO", replace(VIDEO, content_px=12 * 24 * 24))
    kept = room.Room(1)
    for frame in files.moving(12, 48, 10.0).frames:
        kept.add(frame)
        assert len(kept.frames) * kept.frames[0][..., 0].size <= 1.05 * 12 * 24 * 24
    assert len({frame.shape for frame in kept.frames}) == 1 and len(kept.frames) == 12


def test_a_large_picture_is_reduced_in_little_room() -> None:
    from etude.media import MEDIA

    picture = files.drawing(96, 3, alpha=True).resize((3_000, 3_000), 0).quantize(64)
    data = files.saved(picture, "PNG", compress_level=1)
    spent = Spent()
    assert MEDIA["image"].read(data, suffix=".png").content.shape == (1024, 1024, 4)
    assert spent.room_bytes < 12 * 9_000_000  # with palette, colours, colours weighed by opacity: 1 + 4 + 4
