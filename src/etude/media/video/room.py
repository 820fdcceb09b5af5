"""How large the frames of a content may be, so that all of them fit; and smaller ones where more come than
the file said. Knows no files.

Letters: F frames, H W pixels, C channels.
"""

from __future__ import annotations

from collections.abc import Sequence

from etude.config.media import VIDEO
from etude.errors import WorkError
from etude.media.pixels.arrays import UInt8, resized


class Room:
    """Frames (H, W, C) of one clip as they are read, never more than a content holds."""

    def __init__(self, expected: int) -> None:
        """`expected`: how many frames the file says it has."""
        self.frames: list[UInt8] = []
        self._expected = max(1, expected)

    def fit(self, width: float, height: float) -> tuple[int, int]:
        """Width and height at which the frames fit, all being as large as this one."""
        return content_size(width, height, self._expected)

    def add(self, frame: UInt8) -> None:
        """Keep one more frame; all become smaller where they would not fit."""
        if self.frames and frame.shape[:2] != self.frames[0].shape[:2]:
            frame = resized(frame, self.frames[0].shape[1], self.frames[0].shape[0])
        self.frames.append(frame)
        if len(self.frames) > self._expected and _over(self.frames, len(self.frames)):
            self._expected = min(2 * len(self.frames), VIDEO.max_frames + 1)
            self.frames[:] = fitting(self.frames, self._expected)


def fitting(frames: Sequence[UInt8], count: int) -> list[UInt8]:
    """The frames so small that `count` of them fit into a content; as they are where they do."""
    if not _over(frames, count):
        return list(frames)
    height, width = frames[0].shape[:2]
    size = content_size(width, height, count)
    return [resized(frame, *size) for frame in frames]


def content_size(width: float, height: float, frames: int) -> tuple[int, int]:
    """Width and height of a content's frames, so that all of them fit."""
    scale = min(
        1.0, VIDEO.side_px / max(width, height), (VIDEO.content_px / (max(1, frames) * width * height)) ** 0.5
    )
    return max(1, round(width * scale)), max(1, round(height * scale))


def check(width: int, height: int, frames: int) -> None:
    """Raises WorkError for frames that are too large, too small or too many."""
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


def _over(frames: Sequence[UInt8], count: int) -> bool:
    """Whether so many are too many; by more than the rounding of their sides."""
    return bool(count * frames[0].shape[0] * frames[0].shape[1] > 1.05 * VIDEO.content_px)
