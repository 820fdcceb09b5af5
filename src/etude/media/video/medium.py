"""The medium of short silent clips: a content is a `Clip`; a unit is a frame, and shots are where it may be
cut.

Reading is `files.py`, writing `export.py`, constant rates `frame_rate.py`, shots `shots.py`, what it shares
with pictures `pixels/base.py`. Knows nothing of models or of the project folder.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from etude.config.curate import SPLIT
from etude.config.media import IMAGE, VIDEO
from etude.errors import WorkError, clean
from etude.media.pixels import foreign
from etude.media.pixels.base import PixelMedium
from etude.media.pixels.palette import main_colours
from etude.media.values import Float32, Names, Reading, SheetStyle, UInt8
from etude.media.video import clip as clips
from etude.media.video.clip import Clip

_LOOKED_AT = 8  # frames whose features are averaged


class Video(PixelMedium):
    """The `PictureMedium` contract for clips; has no state."""

    name = "video"
    names = Names("frame", "frames", "clip", "shows")
    suffixes: tuple[str, ...] = (
        ".mp4",
        ".m4v",
        ".mov",
        ".qt",
        ".3gp",
        ".webm",
        ".mkv",
        ".avi",
        ".gif",
        ".webp",
    )
    formats: tuple[str, ...] = ("mp4", "webm", "gif", "webp", "zip")
    least_part = SPLIT.min_part_frames
    moves = True

    def sniff(self, data: bytes, suffix: str) -> bool:
        """Whether the bytes are a clip; a GIF or WebP only where it moves."""
        from etude.media.video import files

        return files.kind(data) is not None

    def read(self, data: bytes, *, suffix: str) -> Reading:
        """The clip in a file, upright, at a constant rate, reduced to what Etude works with. Raises
        WorkError."""
        if not data:
            raise WorkError("The file is empty (0 bytes).", "Export it again.")
        if len(data) > VIDEO.max_bytes:
            raise WorkError(
                f"This clip has {len(data) / 1e6:,.0f} MB; at most {VIDEO.max_bytes / 1e6:,.0f} MB are read.",
                "Cut it into shorter clips, or save it smaller.",
            )
        from etude.media.video import files

        foreign.refuse(data, suffix)
        found = files.kind(data)
        if found is None:
            still = files.is_still(data)
            raise WorkError(
                f"This file holds nothing that moves{'' if still else ', or is damaged'}.",
                f"{'Add it as a picture, or save' if still else 'Save'} it as MP4, MOV, WebM, AVI, or as a "
                "GIF "
                "or WebP that moves.",
            )
        return files.read(data, found)

    def write(self, content: Clip, fmt: str) -> bytes:
        """'mp4', 'webm', 'gif', 'webp' (no loss), or 'zip' of numbered PNGs. Raises WorkError for any other
        format."""
        from etude.media.video import export

        if fmt in ("mp4", "webm"):
            return export.coded(content, fmt)
        makers: dict[str, Callable[[Clip], bytes]] = {
            "gif": export.gif,
            "webp": export.webp,
            "zip": export.pngs,
        }
        if fmt not in makers:
            raise WorkError(
                f"A clip cannot be written as {clean(fmt, 20)}.", f"Choose one of {', '.join(self.formats)}."
            )
        return makers[fmt](content)

    def store(self, content: Clip) -> bytes:
        """The frames as they are, after one line that says how many and how fast."""
        return clips.store(content)

    def load(self, data: bytes) -> Clip:
        """What `store` wrote. Raises WorkError for anything else."""
        return clips.load(data)

    def size(self, content: Clip) -> int:
        """Frames."""
        return len(content.frames)

    def cut(self, content: Clip, start: int, end: int) -> Clip:
        """The frames start..end."""
        return Clip(content.frames[max(0, start) : max(0, end)], content.rate)

    def boundaries(self, content: Clip) -> Sequence[int]:
        """The first frame of each shot but the first."""
        from etude.media.video import shots

        return shots.cuts(content.frames, content.rate)

    def signature(self, content: Clip) -> Float32:
        """(K, 2, S): one row a second, at least two, at most `VIDEO.signature_rows`."""
        from etude.media.pixels import signature

        rows = int(np.clip(round(content.seconds), 2, VIDEO.signature_rows))
        return np.stack([signature.signature(content.frames[i]) for i in _spread(len(content.frames), rows)])

    def features(self, content: Clip) -> Float32:
        """(D,) the mean of the frames' features, and where in the picture things move."""
        from etude.media.pixels import signature

        at = _spread(len(content.frames), _LOOKED_AT)
        still = signature.normalised(np.mean([signature.features(content.frames[i]) for i in at], axis=0))
        some = content.frames[:: max(1, len(content.frames) // 64)]
        small = np.stack([signature.thumbnail(frame, 8)[..., 0] for frame in some])
        moves = np.abs(np.diff(small, axis=0)).mean(0).ravel() if len(small) > 1 else np.zeros(64)
        return signature.normalised(np.concatenate([still, 0.5 * signature.normalised(moves)]))

    def frames(self, content: Clip) -> UInt8:
        """(F, H, W, C)."""
        return content.frames

    def rate(self, content: Clip) -> float:
        """Frames a second."""
        return content.rate

    def from_frames(self, frames: UInt8, rate: float) -> Clip:
        """A clip of these frames (F, H, W, C)."""
        return Clip(np.ascontiguousarray(frames), rate)

    @property
    def sheet(self) -> SheetStyle:
        """Pictures and clips stand on one sheet; as a GIF the clips play."""
        return SheetStyle("pictures", ("png", "gif"), IMAGE.sheet_clips, tells=True)

    def previews(self, content: Clip) -> dict[str, Callable[[], bytes]]:
        """A strip of frames as PNG, and the clip as GIF, which every program shows."""
        from etude.media.pixels import contact_sheet

        return {
            ".png": lambda: contact_sheet.strip(content.frames),
            ".gif": lambda: self.write(content, "gif"),
        }

    def describe(self, content: Clip) -> str:
        """For example: 'Clip of 72 frames, 64 x 64 pixels, 3.0 s at 24 a second, 1 shot, a loop, mostly
        yellow and white'."""
        count, height, width = content.frames.shape[:3]
        n_shots = len(self.boundaries(content)) + 1
        loop = ", a loop" if n_shots == 1 and loops(content) else ""
        return (
            f"Clip of {self.names.count(count)}, {width} x {height} pixels, {content.seconds:.1f} s at "
            f"{round(content.rate, 2):g} a second, {n_shots} shot{'s' * (n_shots != 1)}{loop}, "
            f"mostly {main_colours(content.frames[0])}"
        )

    def place(self, content: Clip, offset: int) -> str:
        """'frame 13 (0:00.5)'."""
        at = offset / content.rate
        return f"frame {offset + 1:,} ({int(at // 60)}:{at % 60:04.1f})"


def loops(clip: Clip) -> bool:
    """Whether the step from the last frame to the first is no larger than the usual step."""
    if len(clip.frames) < 3:
        return False
    frames = (
        clip.frames.astype(np.int16)
        if clip.frames.size < 4_000_000
        else clip.frames[:, ::4, ::4].astype(np.int16)
    )
    steps = np.abs(np.diff(frames, axis=0)).mean((1, 2, 3))
    return bool(np.abs(frames[0] - frames[-1]).mean() <= max(np.median(steps), 0.1) and steps.max() > 0)


def _spread(count: int, wanted: int) -> list[int]:
    """Up to `wanted` places in 0..count, evenly, in the middle of equal stretches."""
    n = min(count, wanted)
    return [int((i + 0.5) * count / n) for i in range(n)]


MEDIUM = Video()
