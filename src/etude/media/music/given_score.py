"""What is kept of a score while a take is made around it or goes on from it. Knows no codec and no cursor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from etude.media.music.score import Score


@dataclass(frozen=True)
class Given:
    """What is kept of a score while a take is made.

    `onward`: all of it is the beginning, and the take goes on. Otherwise the take is as long as the score:
    the tracks (by index) in `keep_tracks` are kept throughout, and with `fill_bars` (first, end) everything
    outside these bars is kept. Bars are counted from 0, a pickup being bar 0. `wanted`: the voices that are
    to be made, by name; else all others.
    """

    score: Score
    keep_tracks: tuple[int, ...] = ()
    fill_bars: tuple[int, int] | None = None
    onward: bool = False
    wanted: tuple[str, ...] = ()


def given_of(score: Score | None, stays: Mapping[str, Any] | None) -> Given | None:
    """A score and the controls of a recipe as one value: `keep`, tracks that stay and names of voices to
    make; `bars`, first and end. Without controls it is a beginning."""
    if score is None:
        return None
    keep, bars = (stays or {}).get("keep"), (stays or {}).get("bars")
    if keep is None and bars is None:
        return Given(score, onward=True)
    tracks = tuple(one for one in keep or () if isinstance(one, int))
    names = tuple(one for one in keep or () if isinstance(one, str))
    return Given(score, tracks, (int(bars[0]), int(bars[1])) if bars else None, wanted=names)
