"""Named arrays and a JSON header as one safetensors file: weights, checkpoints, caches. No pickle.

Knows nothing of models or projects.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import safetensors
import safetensors.numpy

from etude.errors import ModelError
from etude.store.files import write_atomic

_KEY = "etude"


def pack(header: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> bytes:
    """Header and arrays as bytes; the same input gives the same bytes."""
    meta = {_KEY: json.dumps(header, sort_keys=True, ensure_ascii=False, allow_nan=False)}
    # safetensors writes the memory as it lies: a transposed view would come back as another array.
    return safetensors.numpy.save(
        {name: np.asarray(array, order="C") for name, array in arrays.items()}, metadata=meta
    )


def unpack(data: bytes, where: str) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
    """Header and arrays of `data`; `where` names the file in errors. Raises ModelError when they are cut
    short or damaged."""
    try:
        arrays = safetensors.numpy.load(data)
        (length,) = struct.unpack_from("<Q", data)
        meta = json.loads(data[8 : 8 + length]).get("__metadata__", {})
        header = json.loads(meta.get(_KEY, "{}"))
    except (safetensors.SafetensorError, ValueError, struct.error) as error:
        raise ModelError(
            f"{where} is damaged or cut short: {error}.", "Take it from a backup, or make it again."
        ) from error
    return header, arrays


def write_arrays(path: Path, header: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """Write atomically. Raises ProjectError when the disk is full."""
    write_atomic(path, pack(header, arrays))


def read_arrays(path: Path) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]] | None:
    """Header and arrays of a file, or None when there is none. Raises ModelError when it is damaged."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    return unpack(data, str(path))


def read_header(path: Path) -> dict[str, Any]:
    """The header alone, however large the arrays are; {} where there is none that can be read."""
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            meta = json.loads(file.read(min(length, 100_000_000))).get("__metadata__", {})
        header = json.loads(meta.get(_KEY, "{}"))
    except (OSError, ValueError, struct.error):
        return {}
    return header if isinstance(header, dict) else {}
