"""A course as the learning of pictures reads it: each work read, framed and let go, so that a shelf of
photographs fits into memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from etude.config.media import IMAGE
from etude.config.pictures import ENLARGE, PICTURES
from etude.errors import WorkError
from etude.families.controls import settled
from etude.families.course import Course, Lesson
from etude.families.pictures.controls import OPTIONS
from etude.families.pictures.enlarged_sizes import usual_factor
from etude.families.pictures.learn import large_works
from etude.families.pictures.learn.dataset import Shown
from etude.families.pictures.learn.plan import SIDES, PictureRequest, choose_side
from etude.media import pictorial
from etude.media.contract import PictureMedium
from etude.media.pixels.framing import KEEP, Framing, frame, frame_all
from etude.media.pixels.windows import windows
from etude.stats.evenly import evenly
from etude.training import checkpoint
from etude.training.foreseen import Foreseen
from etude.training.machine import allowed_s

UInt8 = npt.NDArray[np.uint8]
SAMPLED = 24  # works whose size is looked at before a side is chosen


def look(options: Mapping[str, Any]) -> list[Any]:
    """How works are seen: side (None: by budget and works), framing, ground, mirrored copies, frames of a
    clip; how many times takes are enlarged, where that was said. It decides a run."""
    side, enlarge = options.get("side"), options.get("enlarge")
    return [
        None if side is None else int(side),
        options.get("how") or "crop",
        options.get("ground") or "white",
        options.get("mirror") is not False,
        int(options.get("frames") or PICTURES.frames),
        *([] if enlarge is None else [f"enlarge {enlarge}"]),
    ]


def request(course: Course) -> PictureRequest:
    """Everything that the loop needs. Raises WorkError for a choice of framing that does not exist."""
    said = settled(OPTIONS, course.options, what=f"learning {course.medium}")
    medium = pictorial(course.medium)
    side, how, ground, mirror, frames, *_ = look(course.options)
    begun = None if course.anew else checkpoint.read(course.folder)
    begun_px = int(begun[1]["plan"]["net"]["side_px"]) if begun else None  # a run that goes on keeps its side
    sizes = _Sizes(medium, course.lessons)
    typical = sizes.median(max) if not (side or begun_px) else 0
    side = side or begun_px or _start_side(course, typical) or choose_side(course.budget, typical)
    if side not in SIDES:
        raise WorkError(
            f"Pictures cannot be learned at {side} pixels.", f"Choose one of {', '.join(map(str, SIDES))}."
        )
    framing = Framing(side, how, ground)
    factor, asked = _factor(course, medium, side, how, sizes)
    said_ground = bool(course.options.get("ground"))
    square = Framing(side * factor, how, ground if said_ground else KEEP)
    roles = [role for lesson in course.lessons for _, _, role in lesson.parts]
    kept = large_works.wanted(roles, square.side_px, square.channels) if factor > 1 else set()
    shown: list[Shown] = []
    rates: list[float] = []
    large: dict[int, UInt8] = {}
    ahead = Foreseen(course.budget, course.began) if begun is None else None
    for number, lesson, start, role, some_frames, rate in _windows(medium, course.lessons, frames):
        if ahead is not None:
            ahead.check(number, len(course.lessons), f"reading {len(course.lessons):,} works")
        if len(shown) in kept and _size(some_frames.shape[1:3], how) >= square.side_px:
            large[len(shown)] = frame(some_frames[0], square)
        pixels = frame_all(some_frames, framing)
        shown.append(Shown(lesson.work_id, start, role, pixels, lesson.maker, lesson.attrs, lesson.weight))
        rates.append(rate)
    enough = sum(shown[i].role == "train" for i in large)
    if factor > 1 and enough < PICTURES.least:
        if asked:
            raise _few(enough, roles.count("train"), square.side_px)
        factor, large = 1, {}
    if not said_ground and not large_works.transparent(large):
        large = large_works.flat(large, framing.colour())
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
        enlarge=factor,
        large=large,
        began=course.began,
        begin_with=begin.load() if begin else None,
        begin_conditions=begin.conditions if begin else None,
        started_from=begin.about if begin else None,
    )


def _start_side(course: Course, typical_px: int) -> int | None:
    """The side of the weights to start from, where works of this size fill it and they were learned at more
    than the budget alone would buy: what they know of it need not be learned again."""
    net = (course.start.header if course.start else {}).get("net") or {}
    side = int(net.get("side_px") or 0)
    usual = choose_side(course.budget, typical_px)
    return side if usual < side <= 1.5 * typical_px else None


def _size(shape: tuple[int, ...], how: str) -> int:
    """How many pixels of a work there are along the side of its square."""
    return min(shape) if how == "crop" else max(shape)


class _Sizes:
    """The sizes of some works, evenly from among all; read when they are first asked for."""

    def __init__(self, medium: PictureMedium, lessons: Sequence[Lesson]) -> None:
        self._medium, self._lessons = medium, lessons
        self._found: list[tuple[int, ...]] | None = None

    def median(self, of: Callable[[tuple[int, ...]], int]) -> int:
        """The median of what `of` gives for height and width."""
        if self._found is None:
            some = (self._lessons[int(i)] for i in evenly(len(self._lessons), SAMPLED))
            self._found = [self._medium.frames(lesson.read()).shape[1:3] for lesson in some]
        return int(np.median([of(shape) for shape in self._found]))


def _factor(course: Course, medium: PictureMedium, side: int, how: str, sizes: _Sizes) -> tuple[int, bool]:
    """How many times takes are to be enlarged: as was said (True), as a run that goes on began, else by works
    and budget. Raises WorkError for clips, and where the result would be too large."""
    asked = int(course.options.get("enlarge") or 0)
    if asked > 1 and medium.moves:
        raise WorkError(
            f"A model of {medium.name} is not enlarged: frames enlarged one by one would not hold still.",
            "Leave --enlarge out.",
        )
    if asked > 1 and side * asked > IMAGE.side_px:
        raise WorkError(
            f"{asked} times {side} pixels are {side * asked:,}, and works are kept with at most "
            f"{IMAGE.side_px:,}.",
            "Choose a smaller --enlarge or --side.",
        )
    if asked or medium.moves:
        return max(1, asked), True
    begun = None if course.anew else checkpoint.read(course.folder / "enlarge")
    if begun is not None:
        return int(begun[1]["factor"]), False
    limit = allowed_s(course.budget)
    if limit is None or limit < ENLARGE.begun_least_s:
        return 1, False
    known = (course.start.header.get("enlarge") or {}) if course.start else {}
    if limit < ENLARGE.least_s and not known:
        return 1, False
    factor = usual_factor(side, sizes.median(min if how == "crop" else max))
    return factor if limit >= ENLARGE.least_s or factor == known.get("factor") else 1, False


def _few(large: int, of: int, side_px: int) -> WorkError:
    """Too few works are large enough to learn an enlargement from."""
    return WorkError(
        f"Of {of} works to learn from, {large} have {side_px} pixels or more; {PICTURES.least} are needed to "
        "learn to enlarge to that size.",
        "Add larger works, choose a smaller --enlarge or --side, or say --enlarge 1.",
    )


def _windows(
    medium: PictureMedium, lessons: Sequence[Lesson], count: int
) -> Iterator[tuple[int, Lesson, int, str, UInt8, float]]:
    """Every part of every work as frames (F, H, W, C): the work's number from 1, its start, its role, and the
    rate at which the frames were taken."""
    for number, lesson in enumerate(lessons, 1):
        if not lesson.parts:
            continue
        content = lesson.read()
        frames, rate = medium.frames(content), medium.rate(content)
        for start, end, role in lesson.parts:
            if rate == 0.0:
                yield number, lesson, start, role, frames, 0.0
                continue
            cut = frames[start:end]
            for some, slower in windows(cut, count, whole=len(cut) == len(frames)):
                yield number, lesson, start, role, some, rate * slower
