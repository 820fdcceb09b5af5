"""Named arrays and a JSON header as one safetensors file: weights, checkpoints, caches. No pickle.

Knows nothing of models or projects.
"""

from __future__ import annotations

import json
import math
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
_KINDS = {"F32": "<f4", "F64": "<f8", "U8": "u1", "U16": "<u2", "I32": "<i4", "I64": "<i8"}


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


def map_arrays(path: Path) -> dict[str, npt.NDArray[Any]] | None:
    """The arrays of a large file, read from disk as they are used and never written back; None when there is
    no file. Raises ModelError when it is damaged."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            if length > size:
                raise ValueError("its header is cut short")
            table = json.loads(file.read(length))
        out = {}
        for name, entry in table.items():
            if name == "__metadata__":
                continue
            start, end = entry["data_offsets"]
            kind, shape = np.dtype(_KINDS[entry["dtype"]]), tuple(entry["shape"])
            if 8 + length + end > size or end - start != kind.itemsize * math.prod(shape):
                raise ValueError("it is cut short")
            # mode c: what compiled code is given must be writable; a change would stay in this process
            mapped = (
                np.memmap(path, kind, "c", 8 + length + start, shape or (1,))
                if end > start
                else np.zeros(shape)
            )
            out[name] = np.asarray(mapped, kind).reshape(shape)
        return out
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, struct.error) as error:
        raise ModelError(f"{path} is damaged: {error}.", "It is made again.") from error
