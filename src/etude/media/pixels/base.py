"""What pictures and clips have in common as media: signatures, what a person kept and changed, sheets,
enlarging.

A medium of pixels derives from `PixelMedium` and says what its frames are. Knows no file format and no model.

Letters: F frames, H W pixels, C channels.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np

from etude.config.pictures import JUDGE
from etude.config.store import TAKES
from etude.errors import TakeError
from etude.media.base import BaseMedium
from etude.media.change import first_difference
from etude.media.pixels.enlarge import SCALES, enlarge
from etude.media.values import Change, Content, Float32, Gap, Kept, Look, Marks, UInt8

REGION = Gap(
    "region",
    "region",
    "region",
    "L,T,R,B",
    "Redraw this region; keep the rest. Left, top, right, bottom in percent.",
    "picture around a region",
)
MASK = Gap(
    "mask",
    "mask",
    "content",
    "PICTURE",
    "Redraw what is white in this picture; keep what is black.",
    "picture around a region",
)


class PixelMedium(BaseMedium, ABC):
    """The shared half of the `PictureMedium` contract; has no state."""

    family = "pictures"
    marks_kind: Literal["shingles", "signature"] = "signature"
    desk = "wall"
    held_out_needed = (JUDGE.least_works, "--no-copy and near-copy figures")
    scales: tuple[int, ...] = SCALES
    gaps: tuple[Gap, ...] = (REGION, MASK)
    given_whole = "picture"
    still = "image"
    moving = "video"

    @abstractmethod
    def frames(self, content: Content) -> UInt8:
        """(F, H, W, C): every frame."""

    @abstractmethod
    def rate(self, content: Content) -> float:
        """Frames a second; 0 where nothing moves."""

    @abstractmethod
    def from_frames(self, frames: UInt8, rate: float) -> Content:
        """A content of frames (F, H, W, C)."""

    @abstractmethod
    def signature(self, content: Content) -> Float32:
        """(K, 2, S): see `pixels.signature`."""

    def marks(self, content: Content) -> Marks:
        """The signature in half precision."""
        return self.signature(content).astype(np.float16)

    def descriptors(self, content: Content) -> Mapping[str, float]:
        """Light, colour, edges, and motion where it moves; see `descriptors.described`."""
        from etude.media.pixels import descriptors

        return descriptors.described(self.frames(content))

    def weight(self, content: Content) -> int:
        """Bytes of its pixels."""
        return self.frames(content).nbytes

    def look(self, content: Content) -> Look:
        """Itself."""
        return Look(self.frames(content), self.rate(content))

    def enlarged(self, content: Content, times: int, upscaler: str) -> Content:
        """`times` as wide and high. Raises WorkError for another factor or upscaler."""
        return self.from_frames(enlarge(self.frames(content), times, upscaler), self.rate(content))

    def labelled(self, content: Content, words: str) -> Content:
        """With the words in a corner of every frame."""
        from etude.media.pixels.label import labelled

        return self.from_frames(labelled(self.frames(content), words), self.rate(content))

    def part(self, content: Content, gap: Gap, value: Any, called: str) -> Any:
        """A region as four numbers. Raises TakeError for one that does not lie in the picture. A mask stays
        what it is."""
        if gap.form != "region":
            return value
        left, top, right, bottom = value
        if not (0 <= left < right <= 100 and 0 <= top < bottom <= 100):
            raise TakeError(
                f"The region {left:g},{top:g},{right:g},{bottom:g} does not lie in the picture.",
                "Give left,top,right,bottom in percent, for example 25,25,75,75.",
            )
        return [float(v) for v in value]

    def kept(self, given: Content, made: Content, controls: Mapping[str, Any]) -> Kept | None:
        """The pixels outside a region or a mask (its content) that was made anew; all of them where nothing
        was moved; else None."""
        total = int(np.prod(self.frames(made).shape[:-1]))
        if "mask" in controls:
            stay = round(total * float((controls["mask"][..., :3].mean(-1) < 128).mean()))
        elif region := controls.get("region"):
            left, top, right, bottom = (float(v) / 100 for v in region)
            stay = round(total * (1.0 - (right - left) * (bottom - top)))
        elif controls.get("strength") == 0:
            stay = total
        else:
            return None
        return Kept(min(stay, total), total, "pixels")

    def changed(self, before: Content, after: Content) -> Change:
        """The pixels that a person can see to be others."""
        a, b = self.frames(before), self.frames(after)
        total = int(np.prod(b.shape[:-1]))
        if a.shape != b.shape:
            return Change(0, total, int(np.prod(a.shape[:-1])), "pixels")
        added = int((np.abs(a.astype(np.int16) - b).max(-1) > TAKES.seen).sum())
        return Change(total - added, added, added, "pixels")

    def likeness(self, before: Content, after: Content) -> tuple[float, int]:
        """The share of equal rows of pixels in their places, and the first row that differs."""
        a, b = (self.parts(content) for content in (before, after))
        same = sum(x == y for x, y in zip(a, b, strict=False))
        return same / max(1, len(a), len(b)), first_difference(a, b)

    def parts(self, content: Content) -> list[bytes]:
        """Rows of pixels, frame by frame."""
        frames = self.frames(content)
        return [row.tobytes() for row in frames.reshape(-1, frames.shape[-2] * frames.shape[-1])]
