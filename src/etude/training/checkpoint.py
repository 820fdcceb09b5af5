"""The state of a run as one file: arrays as safetensors, the rest as JSON in its metadata.

It is written whole or not at all, so a kill loses at most what came after the last one. Where the file lies
is `store.checkpoints`' business. Knows nothing of what the arrays mean.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from etude.store import checkpoints

State = tuple[dict[str, npt.NDArray[Any]], dict[str, Any]]


def write(folder: Path, arrays: Mapping[str, npt.NDArray[Any]], state: Mapping[str, Any]) -> None:
    """Replace the state of the run in `folder`.

    Raises ProjectError when the disk is full or the folder may not be written.
    """
    # Not ascontiguousarray: it would turn the optimiser's scalars (no axes) into vectors of one.
    data = save({k: np.asarray(v, order="C") for k, v in arrays.items()}, {"state": json.dumps(state)})
    checkpoints.write(folder, data)


def read(folder: Path) -> State | None:
    """Arrays and state as they were last written; None where nothing can be read, and the run begins anew."""
    try:
        with safe_open(checkpoints.file_of(folder), "numpy") as f:
            state = json.loads(f.metadata()["state"])
            return {k: f.get_tensor(k) for k in f.keys()}, state  # noqa: SIM118  safe_open is no mapping
    except (OSError, SafetensorError, KeyError, TypeError, json.JSONDecodeError):
        return None


def forget(folder: Path) -> None:
    """Remove the state of a finished run."""
    checkpoints.remove(folder)
