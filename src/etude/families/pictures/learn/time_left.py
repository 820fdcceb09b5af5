"""What is left of a run's time for what follows the flow: enlargement, figures, eyes, sliders, and the files
of the model. The clock runs from the start of the command, so that a machine that became busy takes figures
away and not the person's time.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from etude.families.pictures.learn.plan import PictureRequest, _enlarge_s, _eyes_s, _judging_s

_SAVING_S, _SAVING = 1.0, 3.0  # for the files of the model: seconds, and times that a checkpoint took
States = Sequence[tuple[Any, Mapping[str, Any]] | None]  # that earlier sessions of the run left


def for_enlarging(request: PictureRequest, limit: float, began: float, states: States) -> float:
    """Seconds for the enlargement, those of earlier sessions among them: its share, or what there is."""
    left = began + limit - _spent(states) - time.monotonic() - _judging_s(limit) - _eyes_s(request, limit)
    return max(1.0, min(_enlarge_s(request, limit), _spent(states[-1:]) + left))


def for_figures(
    request: PictureRequest, limit: float, began: float, states: States, saving_s: float, *, asked: bool
) -> tuple[float, float]:
    """Until when, by the monotonic clock, everything but the files must be done, and before that the figures.
    `saving_s`: what a checkpoint took; `asked`: the person asked for the end, and has time for figures."""
    judging_s, eyes_s = _judging_s(limit), _eyes_s(request, limit)
    now = time.monotonic()
    until = began + limit - _spent(states) - max(_SAVING_S, _SAVING * saving_s)
    if asked:
        until = now + judging_s + eyes_s
    elif any(states):  # a run that goes on may have used its time up before
        until = max(until, now + 0.5 * (judging_s + eyes_s))
    return until, until - eyes_s - 0.2 * judging_s  # eyes and sliders come after


def _spent(states: States) -> float:
    """What earlier sessions spent."""
    return sum(float(state[1]["spent_s"]) for state in states if state)
