"""What a family learns from, and what a run of learning would be."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from etude.media.contract import Content

if TYPE_CHECKING:
    from etude.training.budget import Budget

Arrays = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Lesson:
    """A work that is learned from, or held out: its parts by role, and `read`, which gives its whole content
    when it is asked for."""

    work_id: str
    title: str
    maker: str
    attrs: Mapping[str, str]
    weight: float
    parts: tuple[tuple[int, int, str], ...]  # start, end (units), role: train, critic or held-out
    read: Callable[[], Content]


@dataclass(frozen=True)
class Start:
    """Weights that learning begins with: what the new header says of them, how they are read, what they can
    be asked for, and their own header."""

    about: Mapping[str, Any]
    load: Callable[[], Arrays]
    conditions: tuple[Any, ...] | None = None
    header: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Course:
    """What to learn from, and within which limits. `options`: the family's own that were said; `folder` keeps
    the state of the run, so that the same course with it goes on; `began`: the monotonic time from which the
    budget counts; `anew`: an earlier state is ignored."""

    medium: str
    lessons: Sequence[Lesson]
    budget: Budget
    folder: Path
    seed: int = 0
    options: Mapping[str, Any] = field(default_factory=dict)
    start: Start | None = None
    began: float | None = None
    anew: bool = False


@dataclass(frozen=True)
class Outlook:
    """What a run would be, without running it. `size` is said in words; `seconds` are the network's share of
    the budget, None without a limit of time; `epochs` counts passes over the works; `tokens` is 0 where works
    are not tokens."""

    works: int
    tokens: int
    size: str
    parameters: int
    epochs: float
    memory_mb: float
    seconds: float | None
