"""How near frames are to the works that a model learned from, as a p-value beside works held out. Calibrated
for whole pictures and clips."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from etude.config.trust import TRACE
from etude.errors import TakeError
from etude.families import family_of
from etude.families.contract import Sight
from etude.media import pictorial
from etude.media.pixels.framing import Framing, frame, from_json
from etude.stats.evenly import evenly
from etude.store.models import ModelInfo
from etude.workspace.core import OnProgress, Workspace
from etude.workspace.evidence import references
from etude.workspace.split import home_of, of_role, present

_WITHOUT = (
    "Leave --no-copy out (for a branch, use --copy), and compare each take with its nearest works: etude "
    "trace TAKE"
)
_FEW = "Too few works are held out for --no-copy"


def sight(model: ModelInfo | None) -> Sight | None:
    """How the model sees pictures; None without a model, or for one that sees none."""
    return family_of(model.header).sight(model.header) if model is not None else None


def square_of(seen: Sight | None) -> Framing:
    """The square that works are compared in."""
    return from_json(seen.framing) if seen is not None else Framing(TRACE.side_px, "pad")


def window_of(seen: Sight | None, medium: str) -> int:
    """How many frames of a clip the model sees at once; 0 for stills, and where no model says."""
    return seen.frames if seen is not None and pictorial(medium).moves else 0


def compared(every: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """Which frames of a picture or clip are compared."""
    return evenly(len(every), TRACE.frames_compared)


def unusual(
    ws: Workspace, model: ModelInfo, progress: OnProgress
) -> Callable[[npt.NDArray[np.uint8]], float]:
    """The p-value that a trace by this model gives to frames (F, H, W, C). Raises TakeError where too few
    works are held out to say."""
    home = ws.project.collection(home_of(model))
    seen = sight(model)
    there, square, window = present(ws.project, home), square_of(seen), window_of(seen, home.medium)
    train, held_out = (of_role(home, model, role, there) for role in ("train", "held-out"))
    if not train:
        raise TakeError(
            "None of the works that the model was trained on is in the project any more.", _WITHOUT
        )
    unseen, needed = len({work for work, *_ in held_out}), TRACE.held_out_needed
    if unseen < needed:
        raise TakeError(f"{_FEW}: {unseen} of {needed}.", _WITHOUT)
    shelf = references(ws, home.medium, train, held_out, square, window, progress).shelf
    looked = min(TRACE.frames_compared, max(1, window))
    if len(shelf.usual) < (
        needed := shelf.needed(TRACE.alpha, looked)
    ):  # many of them are shorter than takes
        raise TakeError(f"{_FEW}: {len(shelf.usual)} of {needed}.", _WITHOUT)
    return lambda frames: shelf.unusual([frame(frames[int(i)], square) for i in compared(frames)])
