"""The front of a GGUF file: key-values and the table of tensors, read within limits and checked against the
file's size. Weights are not read, and no text in the file is ever run.

The Python package `gguf` maps the whole file and keeps every array; this reader keeps a few short values and
the lengths of arrays, and arrays only for who asks. Layout: the GGUF specification of ggml, versions 2 and 3;
type sizes as in ggml.c.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from etude.bases.reading import opened, refuse, size_of
from etude.bases.tensors import Tensor
from etude.config.bases import BASES
from etude.errors import ModelError, clean

MAGIC = b"GGUF"
_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_TEXT, _ARRAY = 8, 9
# GGML type: its name, weights a block, bytes a block
_TYPES = {
    0: ("F32", 1, 4),
    1: ("F16", 1, 2),
    2: ("Q4_0", 32, 18),
    3: ("Q4_1", 32, 20),
    6: ("Q5_0", 32, 22),
    7: ("Q5_1", 32, 24),
    8: ("Q8_0", 32, 34),
    10: ("Q2_K", 256, 84),
    11: ("Q3_K", 256, 110),
    12: ("Q4_K", 256, 144),
    13: ("Q5_K", 256, 176),
    14: ("Q6_K", 256, 210),
    16: ("IQ2_XXS", 256, 66),
    17: ("IQ2_XS", 256, 74),
    18: ("IQ3_XXS", 256, 98),
    19: ("IQ1_S", 256, 50),
    20: ("IQ4_NL", 32, 18),
    21: ("IQ3_S", 256, 110),
    22: ("IQ2_S", 256, 82),
    23: ("IQ4_XS", 256, 136),
    29: ("IQ1_M", 256, 56),
    30: ("BF16", 1, 2),
    34: ("TQ1_0", 256, 54),
    35: ("TQ2_0", 256, 66),
    39: ("MXFP4", 32, 17),
}


@dataclass(frozen=True)
class Front:
    """What stands before the weights. `texts` and `numbers` are short values by key, `lengths` of arrays
    and of texts too long to keep, `arrays` those that were asked for. Shapes have the innermost dimension
    first, as GGML writes them.
    """

    texts: dict[str, str]
    numbers: dict[str, float]
    lengths: dict[str, int]
    tensors: tuple[Tensor, ...]
    bytes: int  # of the file
    arrays: dict[str, list[Any]] = field(default_factory=dict)


class _Reader:
    """Reads on from where it is, and refuses what goes beyond the file or a limit before it reads it."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self.file, self.path, self.size, self.at = file, path, size_of(file), 0

    def room(self, count: int, what: str) -> None:
        """Raises ModelError unless `count` more bytes are there and within the limit of the metadata."""
        if count > self.size - self.at:
            raise refuse(
                self.path,
                f"it is truncated: {what} should end at byte {self.at + count:,}, "
                f"and the file has {self.size:,}",
                "Fetch or copy it again.",
            )
        if self.at + count > BASES.max_metadata_bytes:
            raise refuse(
                self.path,
                f"its metadata goes on beyond {BASES.max_metadata_bytes:,} bytes, the most that is read "
                f"({what} alone would end at byte {self.at + count:,})",
            )

    def take(self, count: int, what: str) -> bytes:
        self.room(count, what)
        data = self.file.read(count)
        if len(data) < count:
            raise refuse(self.path, f"it is truncated within {what}", "Fetch or copy it again.")
        self.at += count
        return data

    def skip(self, count: int, what: str) -> None:
        self.room(count, what)
        self.file.seek(count, 1)
        self.at += count

    def texts(self, count: int, what: str) -> list[bytes]:
        """So many texts. A tokenizer has 100,000: only what goes wrong is looked at closely."""
        read, end, found = self.file.read, min(self.size, BASES.max_metadata_bytes), []
        for _ in range(count):
            length = int.from_bytes(read(8), "little")
            if self.at + 8 + length > end or length > BASES.max_text_bytes:
                self.file.seek(self.at)
                found.append(
                    self.take(self.limited("Q", BASES.max_text_bytes, f"bytes of a text in {what}"), what)
                )
                continue
            found.append(read(length))
            self.at += 8 + length
        return found

    def number(self, form: str, what: str) -> Any:
        return struct.unpack("<" + form, self.take(struct.calcsize("<" + form), what))[0]

    def limited(self, form: str, most: int, what: str) -> int:
        """A count. Raises ModelError for more than `most`."""
        found = int(self.number(form, what))
        if found > most:
            raise refuse(self.path, f"it declares {found:,} as {what}, and at most {most:,} are read")
        return found

    def text(self, most: int, what: str) -> str:
        """A short text. Raises ModelError for a longer one and for one that is not UTF-8."""
        try:
            return self.take(self.limited("Q", most, f"bytes of {what}"), what).decode()
        except UnicodeDecodeError as error:
            raise refuse(self.path, f"{what} is not UTF-8") from error


def read(path: Path, *, arrays: bool = False) -> Front:
    """The front of this file, with its arrays where they are asked for. Raises ModelError for one that is
    damaged, that lies, or that is beyond a limit.
    """
    with opened(path) as file:
        reader = _Reader(file, path)
        if file.read(4) != MAGIC:
            raise refuse(path, "it does not begin as a GGUF file does")
        reader.at = 4
        version = reader.number("I", "its version")
        if version not in (2, 3):
            swapped = version & 0xFFFF == 0
            said = "it is for big-endian machines" if swapped else f"it is GGUF version {version}"
            raise refuse(path, f"{said}, and versions 2 and 3 for little-endian ones are read")
        tensors = reader.limited("Q", BASES.max_tensors, "its number of tensors")
        keys = reader.limited("Q", BASES.max_metadata_keys, "its number of key-values")
        front = Front({}, {}, {}, (), reader.size)
        seen: set[str] = set()
        for _ in range(keys):
            key = reader.text(BASES.max_key_bytes, "a key")
            if key in seen:
                raise refuse(path, f"its key {clean(key, 80)} stands twice")
            seen.add(key)
            _value(reader, key, front, arrays)
        rows = [_row(reader) for _ in range(tensors)]
        return Front(
            front.texts,
            front.numbers,
            front.lengths,
            _placed(reader, rows, front.numbers),
            front.bytes,
            front.arrays,
        )


def _value(reader: _Reader, key: str, front: Front, arrays: bool) -> None:
    """One value: kept where it is a number or a short text, or an array that is asked for; else passed
    over."""
    kind, shown = reader.number("I", "a type"), clean(key, 80)
    if kind in _SCALARS:
        front.numbers[key] = reader.number(_SCALARS[kind], shown)
    elif kind == _TEXT:
        length = reader.limited("Q", BASES.max_text_bytes, f"bytes of {shown}")
        if length <= BASES.max_kept_bytes:
            front.texts[key] = reader.take(length, shown).decode(errors="replace")
        else:
            front.lengths[key] = length
            reader.skip(length, shown)
    elif kind == _ARRAY:
        inner = reader.number("I", "a type")
        count = reader.limited("Q", BASES.max_array, f"length of {shown}")
        front.lengths[key] = count
        if inner in _SCALARS:
            data = reader.take(count * struct.calcsize("<" + _SCALARS[inner]), shown)
            if arrays:
                front.arrays[key] = list(struct.unpack(f"<{count}{_SCALARS[inner]}", data))
        elif inner == _TEXT:
            texts = reader.texts(count, shown)
            if arrays:
                front.arrays[key] = [text.decode(errors="replace") for text in texts]
        else:
            raise refuse(reader.path, f"{shown} is an array of type {inner}, which no base has")
    else:
        raise refuse(reader.path, f"{shown} is of type {kind}, which GGUF does not have")


def _row(reader: _Reader) -> tuple[str, tuple[int, ...], int, int]:
    """Name, shape, type and offset of a tensor."""
    name = reader.text(BASES.max_key_bytes, "the name of a tensor")
    dimensions = reader.limited("I", BASES.max_dimensions, "dimensions of a tensor")
    shape = tuple(reader.number("Q", "a dimension") for _ in range(dimensions))
    return name, shape, reader.number("I", "a type"), reader.number("Q", "an offset")


def _placed(
    reader: _Reader, rows: list[tuple[str, tuple[int, ...], int, int]], numbers: dict[str, float]
) -> tuple[Tensor, ...]:
    """The tensors with their places. Raises ModelError where they overlap or lie beyond the end."""
    path, aligned = reader.path, numbers.get("general.alignment", 32)
    if not isinstance(aligned, int) or not 1 <= aligned <= BASES.max_alignment or aligned & (aligned - 1):
        raise refuse(path, f"its alignment of {aligned} is no power of two up to {BASES.max_alignment:,}")
    base = -(-reader.at // aligned) * aligned
    found = []
    for name, shape, kind, offset in rows:
        if kind not in _TYPES:
            raise refuse(
                path, f"tensor {clean(name, 80)} is of type {kind}, which this version does not know"
            )
        title, block, size = _TYPES[kind]
        row = shape[0] if shape else 1
        if row % block or 0 in shape:
            raise refuse(path, f"tensor {clean(name, 80)} of {title} has rows of {row:,}")
        found.append(Tensor(name, shape, title, base + offset, math.prod(shape) // block * size))
    end, names = base, set()
    for tensor in sorted(found, key=lambda one: one.start):
        if tensor.name in names or tensor.start < end:
            raise refuse(path, f"its table of tensors lies: {clean(tensor.name, 80)} overlaps another")
        names.add(tensor.name)
        end = tensor.start + tensor.bytes
        if end > reader.size:
            raise _short(path, tensor, end, reader.size)
    return tuple(found)


def _short(path: Path, tensor: Tensor, end: int, size: int) -> ModelError:
    return refuse(
        path,
        f"it is truncated: tensor {clean(tensor.name, 80)} should end at byte {end:,}, "
        f"and the file has {size:,}",
        "Fetch or copy it again.",
    )
