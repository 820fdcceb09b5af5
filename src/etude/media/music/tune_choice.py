"""The frame of the next take: drawn from works, so that metre, length and form fit each other, held to what a
person asked. Knows no tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from etude.errors import TakeError
from etude.media.music.bars import bar_ticks
from etude.media.music.tonic import MODES, parse_key
from etude.media.music.tune_frame import TuneFrame

PHRASE = 4  # bars: works of whole phrases are preferred, as others may be misprints
EIGHT = 8  # bars: what is gone on from is made as long as the next multiple, where nothing says more
IN = "in "  # before a key in recipes; those of takes that a key did not hold to its tonic lack it
NEAR = 0.15  # of the notes that were asked for: a work of so many more or fewer has the length that is meant


@dataclass(frozen=True)
class Asked:
    """What a person said of the frame; None where nothing."""

    bars: int | None = None
    meter: tuple[int, int] | None = None
    key: tuple[int, int] | None = None  # pitch class of the tonic, mode
    tempo: float | None = None
    units: int | None = None
    home: bool = (
        False  # whether the tune ends on the tonic asked for, and is drawn again where it is not heard
    )

    @classmethod
    def of(cls, asked: Mapping[str, Any], units: int | None) -> Asked:
        """From the controls of a recipe. Raises TakeError for a key that is none."""
        meter, key = asked.get("metre"), asked.get("key")
        home = str(key).startswith(IN)
        return cls(
            asked.get("length_bars"),
            (int(meter[0]), int(meter[1])) if meter else None,
            parse_key(str(key).removeprefix(IN)) if key else None,
            asked.get("tempo"),
            units,
            home,
        )


def choose(
    frames: Sequence[TuneFrame],
    asked: Asked,
    given: TuneFrame | None,
    meters: Sequence[tuple[int, int]],
    g: np.random.Generator,
) -> TuneFrame:
    """The frame of a take; `given` is that of what it goes on from. Raises TakeError."""
    chosen = [f for f in frames if f.regular] or list(frames)
    chosen = [f for f in chosen if f.bars % PHRASE == 0] or chosen
    if given is not None:
        chosen = [f for f in chosen if f.meter == given.meter] or chosen
        return _tempo(longer(given, asked, _picked(_longer(chosen, given), asked, g)), asked)
    chosen = _of_meter(chosen, asked, meters)
    chosen = _of_mode(chosen, asked)
    frame = _picked(chosen, asked, g)
    if asked.meter is not None and frame.meter != asked.meter:
        bars = frame.bars
        frame = replace(frame, meters=((0, *asked.meter),), pickup=0, plan=frame.plan[frame.pickup > 0 :])
        frame = resized(replace(frame, end=1), bars)
    if asked.key is not None:
        tonic = frame.tonic + (asked.key[0] - frame.tonic + 6) % 12 - 6
        final = frame.final if frame.mode == asked.key[1] and not asked.home else 0
        frame = replace(frame, tonic=min(96, max(24, tonic)), mode=asked.key[1], final=final)
    return _tempo(frame, asked)


def _of_meter(frames: list[TuneFrame], asked: Asked, meters: Sequence[tuple[int, int]]) -> list[TuneFrame]:
    """Those in the metre that was asked for. Raises TakeError where the model knows no such metre."""
    if asked.meter is None:
        return frames
    if asked.meter not in meters:
        beats, unit = asked.meter
        known = ", ".join(f"{a}/{b}" for a, b in meters)
        raise TakeError(f"No work of this model is in {beats}/{unit}.", f"It knows {known}.")
    return [f for f in frames if f.meter == asked.meter] or frames


def _of_mode(frames: list[TuneFrame], asked: Asked) -> list[TuneFrame]:
    """Those in the mode that was asked for, or in the one nearest to it that there is."""
    if asked.key is None:
        return frames
    for mode in sorted(range(len(MODES)), key=lambda m: abs(m - asked.key[1])):  # type: ignore[index]
        if found := [f for f in frames if f.mode == mode]:
            return [f for f in found if asked.home and not f.final] or found
    return frames


def _picked(frames: list[TuneFrame], asked: Asked, g: np.random.Generator) -> TuneFrame:
    """One of them, of the length that was asked for or made so."""
    if asked.bars is not None:
        off = [abs(f.bars - asked.bars) for f in frames]
        frame = _one([f for f, d in zip(frames, off, strict=True) if d == min(off)], g)
        return frame if frame.bars == asked.bars else resized(frame, asked.bars)
    if asked.units is not None:
        off = [abs(f.notes - asked.units) for f in frames]
        most = max(min(off), round(NEAR * asked.units))
        frame = _one([f for f, d in zip(frames, off, strict=True) if d <= most], g)
        if min(off) <= NEAR * asked.units:
            return frame
        return resized(frame, max(1, round(frame.bars * asked.units / max(1, frame.notes))))
    return _one(frames, g)


def _one(frames: Sequence[TuneFrame], g: np.random.Generator) -> TuneFrame:
    return frames[int(g.integers(len(frames)))]


def _tempo(frame: TuneFrame, asked: Asked) -> TuneFrame:
    return replace(frame, tempo=float(asked.tempo)) if asked.tempo is not None else frame


def resized(frame: TuneFrame, bars: int) -> TuneFrame:
    """The frame with so many bars of its first metre: the form goes on with varied returns of what there was,
    and the last bar makes up for the upbeat, where there is one."""
    upbeat = int(frame.pickup > 0)
    first = replace(frame, meters=frame.meters[:1])
    end = bars * bar_ticks(*frame.meter)
    plan = list(frame.plan[: upbeat + bars])
    whole = max(1, len(plan) - upbeat)
    while len(plan) < upbeat + bars:
        plan.append(-whole if len(plan) >= upbeat + whole and len(plan) > whole else 0)
    return replace(first, end=end, plan=tuple(plan))


def _longer(frames: list[TuneFrame], given: TuneFrame) -> list[TuneFrame]:
    """Those that are longer than what is given."""
    return [f for f in frames if f.bars > given.bars] or frames


def longer(given: TuneFrame, asked: Asked | None, like: TuneFrame | None) -> TuneFrame:
    """What is given, gone on from: as long as was asked, else as the work `like`, else up to the next eight
    bars; the form of what comes is the work's. Raises TakeError where it is that long already."""
    bars = asked.bars if asked else None
    missing = given.lines[-1].end - given.end
    if bars is not None and (bars < given.bars or (bars == given.bars and missing <= given.pickup)):
        raise TakeError(
            f"What is given has {given.bars} bars, and {bars} were asked for in all.",
            f"Ask for more: --bars {given.bars + EIGHT}",
        )
    if asked and bars is None and asked.units is not None:
        bars = given.bars + max(1, round(asked.units * given.bars / max(1, given.notes)))
    if bars is None and like is not None and like.bars > given.bars:
        bars = like.bars
    bars = bars or (given.bars // EIGHT + 1) * EIGHT
    last = given.meters[-1][1:]
    made = resized(replace(given, meters=((0, *last),)), bars)
    upbeat = int(given.pickup > 0)
    theirs = like.plan[like.pickup > 0 :] if like is not None else ()
    plan = list(given.plan[: len(given.lines)])
    for bar in range(len(plan), upbeat + bars):
        step = theirs[bar - upbeat] if bar - upbeat < len(theirs) else 0
        plan.append(step if abs(step) <= bar - upbeat else 0)
    end = max(made.end, given.end + 1)
    if len(given.meters) > 1:  # the bars of what is given stay as they are
        end = _end_of(given, upbeat + bars)
    final = like.final if like is not None and like.mode == given.mode else 0
    return replace(given, end=end, plan=tuple(plan[: upbeat + bars]), final=final)


def _end_of(frame: TuneFrame, bars: int) -> int:
    """The end of so many bars, an upbeat counted."""
    at = 0
    while True:
        at += 96 * 16
        lines = replace(frame, end=at).lines
        if len(lines) > bars:
            return lines[bars - 1].end
