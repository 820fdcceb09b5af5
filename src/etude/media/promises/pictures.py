"""Promises of a picture medium: contents as frames of pixels."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from etude.media import MEDIA
from etude.media.pixels.arrays import flattened
from etude.media.promises.subject import Promise, Subject, same


def frames_go_out_and_in(s: Subject) -> Iterator[str]:
    """`frames` are uint8 (F, H, W, 3 or 4), at a rate where they move; `from_frames` makes an equal content
    of them."""
    for i, content in enumerate(s.contents):
        frames, rate = s.pictorial.frames(content), s.pictorial.rate(content)
        if frames.dtype != np.uint8 or frames.ndim != 4 or frames.shape[3] not in (3, 4):
            yield f"example {i}: frames are {frames.dtype} {frames.shape}"
        if not np.isfinite(rate) or (rate > 0) != s.pictorial.moves or (rate == 0 and len(frames) != 1):
            how = "moves" if s.pictorial.moves else "is still"
            yield f"example {i}: {len(frames)} frames at {rate} a second of a medium that {how}"
        if s.pictorial.moves and len(frames) != s.medium.size(content):
            yield f"example {i}: {len(frames)} frames of {s.medium.size(content)} {s.medium.unit}"
        if not same(s.pictorial.from_frames(frames, rate), content):
            yield f"example {i}: its frames do not make an equal content"


def frames_have_a_medium(s: Subject) -> Iterator[str]:
    """One frame and several are contents of picture media that are there; of its own frames this one is."""
    for name in (s.pictorial.still, s.pictorial.moving):
        if name not in MEDIA or MEDIA[name].family != s.medium.family:
            yield f"'{name}' is no medium of the family {s.medium.family}"
    if s.medium.name not in (s.pictorial.still, s.pictorial.moving):
        theirs = f"{s.pictorial.still} or {s.pictorial.moving}"
        yield f"its own frames belong to {theirs}, and not to {s.medium.name}"


def the_first_format_is_clean(s: Subject) -> Iterator[str]:
    """Written in the default format and read, a content has its pixels, but for compression: a mean error
    below 3 %."""
    fmt = s.medium.formats[0]
    for i, content in enumerate(s.contents):
        there = s.pictorial.frames(content)
        back = s.pictorial.frames(s.medium.read(s.medium.write(content, fmt), suffix=f".{fmt}").content)
        if len(there) != len(back):
            yield f"example {i} has {len(back)} frames after {fmt}, not {len(there)}"
            continue
        height, width = min(there.shape[1], back.shape[1]), min(there.shape[2], back.shape[2])
        one, two = (flattened(x[:, :height, :width]).astype(np.float32) for x in (there, back))
        if (error := float(np.abs(one - two).mean())) > 0.03 * 255:
            yield f"example {i}: {fmt} changes its pixels by {error:.1f} of 255 on average"


PICTURES: tuple[Promise, ...] = (frames_go_out_and_in, frames_have_a_medium, the_first_format_is_clean)
