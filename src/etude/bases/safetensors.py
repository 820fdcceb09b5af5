"""The header of a safetensors file, checked against the file: every byte of the weights belongs to one
tensor.

Weights are not read. Layout: the safetensors format (length, JSON, bytes), which allows neither holes nor
overlaps.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from etude.bases.reading import opened, parse_object, refuse, size_of
from etude.bases.tensors import Tensor
from etude.config.bases import BASES
from etude.errors import clean

FLOATS = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2}
_OTHERS = {"I64": 8, "U64": 8, "I32": 4, "U32": 4, "I16": 2, "U16": 2, "I8": 1, "U8": 1, "BOOL": 1}


def read(path: Path) -> tuple[Tensor, ...]:
    """The tensors of a file, shapes outermost first. Raises ModelError for a header that lies."""
    with opened(path) as file:
        size = size_of(file)
        if size < 8:
            raise refuse(path, f"it has {size} bytes, and its header needs 8", "Fetch or copy it again.")
        length = int.from_bytes(file.read(8), "little")
        if length > BASES.max_header_bytes:
            raise refuse(
                path,
                f"it declares a header of {length:,} bytes, and at most {BASES.max_header_bytes:,} are read",
            )
        if 8 + length > size:
            raise refuse(
                path,
                f"it is truncated: its header should end at byte {8 + length:,}, and the file has {size:,}",
                "Fetch or copy it again.",
            )
        said = parse_object(file.read(length), path, "header")
    said.pop("__metadata__", None)
    if len(said) > BASES.max_tensors:
        raise refuse(path, f"it declares {len(said):,} tensors, and at most {BASES.max_tensors:,} are read")
    tensors = sorted((_tensor(path, name, row, 8 + length) for name, row in said.items()), key=_order)
    end = 8 + length
    for tensor in tensors:
        if tensor.start != end:
            raise refuse(
                path,
                f"its header lies: tensor {clean(tensor.name, 80)} begins at byte {tensor.start:,}, "
                f"and the one before ends at {end:,}",
            )
        end += tensor.bytes
    if end > size:
        raise refuse(
            path,
            f"it is truncated: its tensors end at byte {end:,}, and the file has {size:,}",
            "Fetch or copy it again.",
        )
    if end < size:
        raise refuse(path, f"its header lies: its tensors end at byte {end:,}, and the file has {size:,}")
    return tuple(tensors)


def _order(tensor: Tensor) -> tuple[int, int]:
    return tensor.start, tensor.bytes


def _tensor(path: Path, name: str, row: Any, base: int) -> Tensor:
    """A row of the header. Raises ModelError where type, shape and place do not fit together."""
    shown = clean(name, 80)
    row = row if isinstance(row, dict) else {}
    kind, shape, place = row.get("dtype"), row.get("shape"), row.get("data_offsets")
    if not (_counts(shape) and len(shape) <= 8 and _counts(place) and len(place) == 2):
        raise refuse(path, f"its header lies: tensor {shown} has no shape and place that can be read")
    if not isinstance(kind, str) or (kind not in FLOATS and kind not in _OTHERS):
        raise refuse(path, f"tensor {shown} is of type {clean(str(kind), 20)}, which is not read as a base")
    size = math.prod(shape) * (FLOATS.get(kind) or _OTHERS[kind])
    start, end = place
    if end - start != size:
        raise refuse(
            path,
            f"its header lies: tensor {shown} of {kind} {clean(str(shape), 40)} needs {size:,} bytes, "
            f"and {end - start:,} are given to it",
        )
    return Tensor(name, tuple(shape), kind, base + start, size)


def _counts(value: Any) -> bool:
    """A list of counts."""
    return isinstance(value, list) and all(
        isinstance(one, int) and not isinstance(one, bool) and 0 <= one < 1 << 48 for one in value
    )
