"""A course as the learning of pictures reads it: each work read, framed and let go, so that a shelf of
photographs fits into memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from etude.config.pictures import PICTURES
from etude.errors import WorkError
from etude.families.contract import Course, Lesson
from etude.families.controls import settled
from etude.families.pictures.controls import OPTIONS
from etude.families.pictures.learn.dataset import Shown
from etude.families.pictures.learn.plan import SIDES, PictureRequest, choose_side
from etude.media import pictorial
from etude.media.contract import PictureMedium
from etude.media.pixels.framing import Framing, frame_all
from etude.media.pixels.windows import windows
from etude.stats.evenly import evenly
from etude.training import checkpoint

UInt8 = npt.NDArray[np.uint8]
SAMPLED = 24  # works whose size is looked at before a side is chosen


def look(options: Mapping[str, Any]) -> list[Any]:
    """How works are seen: side (None: by budget and works), framing, ground, mirrored copies, frames of a
    clip. It decides a run."""
    side = options.get("side")
    return [
        None if side is None else int(side),
        options.get("how") or "crop",
        options.get("ground") or "white",
        options.get("mirror") is not False,
        int(options.get("frames") or PICTURES.frames),
    ]


def request(course: Course) -> PictureRequest:
    """Everything that the loop needs. Raises WorkError for a choice of framing that does not exist."""
    said = settled(OPTIONS, course.options, what=f"learning {course.medium}")
    medium = pictorial(course.medium)
    side, how, ground, mirror, frames = look(course.options)
    begun = None if course.anew else checkpoint.read(course.folder)
    begun_px = int(begun[1]["plan"]["net"]["side_px"]) if begun else None  # a run that goes on keeps its side
    side = side or begun_px or choose_side(course.budget, _typical_px(medium, course.lessons))
    if side not in SIDES:
        raise WorkError(
            f"Pictures cannot be learned at {side} pixels.", f"Choose one of {', '.join(map(str, SIDES))}."
        )
    framing = Framing(side, how, ground)
    shown, rates = [], []
    for lesson, start, role, some, rate in _windows(medium, course.lessons, frames):
        pixels = frame_all(some, framing)
        shown.append(Shown(lesson.work_id, start, role, pixels, lesson.maker, lesson.attrs, lesson.weight))
        rates.append(rate)
    begin = course.start
    return PictureRequest(
        course.medium,
        shown,
        framing.to_json(),
        course.budget,
        course.folder,
        float(np.median(rates)) if rates else 0.0,
        str(said.get("size", "auto")),
        course.seed,
        course.options.get("critic") is not False,
        mirror,
        eyes="eyes" in said,
        began=course.began,
        begin_with=begin.load() if begin else None,
        begin_conditions=begin.conditions if begin else None,
        started_from=begin.about if begin else None,
    )


def _typical_px(medium: PictureMedium, lessons: Sequence[Lesson]) -> int:
    """The median of the longer sides of some works, evenly from among them."""
    some = [lessons[int(i)] for i in evenly(len(lessons), SAMPLED)]
    return int(np.median([max(medium.frames(lesson.read()).shape[1:3]) for lesson in some]))


def _windows(
    medium: PictureMedium, lessons: Sequence[Lesson], count: int
) -> Iterator[tuple[Lesson, int, str, UInt8, float]]:
    """Every part of every work as frames (F, H, W, C): its start, its role, and the rate at which the frames
    were taken."""
    for lesson in lessons:
        if not lesson.parts:
            continue
        content = lesson.read()
        frames, rate = medium.frames(content), medium.rate(content)
        for start, end, role in lesson.parts:
            if rate == 0.0:
                yield lesson, start, role, frames, 0.0
                continue
            cut = frames[start:end]
            for some, slower in windows(cut, count, whole=len(cut) == len(frames)):
                yield lesson, start, role, some, rate * slower
