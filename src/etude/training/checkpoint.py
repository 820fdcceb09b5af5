"""A run's state on disk: written whole or not at all, so that a kill loses at most what came after the last one.

Arrays as safetensors, the rest as JSON in its metadata: one file, one atomic replace. Knows nothing of what the arrays mean.
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

from etude.store.files import write_atomic

NAME = "state.safetensors"


def write(folder: Path, arrays: Mapping[str, npt.NDArray[Any]], state: Mapping[str, Any]) -> None:
    """Replace the run's state."""
    folder.mkdir(parents=True, exist_ok=True)
    # Not ascontiguousarray: it would turn the optimiser's scalars (no axes) into vectors of one.
    data = save({k: np.asarray(v, order="C") for k, v in arrays.items()}, {"state": json.dumps(state)})
    write_atomic(folder / NAME, data)


def read(folder: Path) -> tuple[dict[str, npt.NDArray[Any]], dict[str, Any]] | None:
    """The last state, None where there is none that can be read (a run then begins anew)."""
    try:
        with safe_open(folder / NAME, "numpy") as f:
            state = json.loads(f.metadata()["state"])
            return {k: f.get_tensor(k) for k in f.keys()}, state  # noqa: SIM118  safe_open is no mapping
    except (OSError, SafetensorError, KeyError, TypeError, json.JSONDecodeError):
        return None


def forget(folder: Path) -> None:
    """Remove the state of a finished run."""
    (folder / NAME).unlink(missing_ok=True)
