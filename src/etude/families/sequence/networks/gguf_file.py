"""One GGUF file: its metadata, and its tensors as float32, read by us and within limits.

The format is a table of keys, a table of tensors, and their data (GGUF version 2 and 3). Quantised tensors
are read by the library `gguf`; nothing of a file is ever run, chat templates are not even looked at. Knows no
architecture.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from etude.errors import ModelError

MOST_METADATA = 256 << 20  # bytes of both tables: tokenizers of 256,000 tokens with their merges take 20 MB
_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
_PLAIN: dict[int, np.dtype[Any]] = {
    0: np.dtype("<f4"),
    1: np.dtype("<f2"),
    30: np.dtype("<u2"),
}  # F32, F16, BF16
_BF16 = 30


@dataclass(frozen=True)
class Stored:
    """Where a tensor lies: its shape as the file says it (fastest axis first), its type, its offset."""

    shape: tuple[int, ...]
    kind: int
    offset: int


class GgufFile:
    """A GGUF file that is open for reading. Raises ModelError where it is damaged or not one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.metadata: dict[str, Any] = {}
        self.tensors: dict[str, Stored] = {}
        try:
            self._data = np.memmap(path, np.uint8, "r")
        except (OSError, ValueError) as error:
            raise ModelError(f"{path.name} cannot be read ({error})", "name a GGUF file") from error
        self._bytes = memoryview(cast(Any, self._data))[:MOST_METADATA]
        try:
            self._read_tables()
        except (struct.error, IndexError, KeyError, UnicodeDecodeError, OverflowError) as error:
            raise self._damaged("its tables cannot be read") from error

    def tensor(self, name: str) -> npt.NDArray[np.float32]:
        """A tensor as float32, slowest axis first. Raises ModelError where it is missing or cut off."""
        if name not in self.tensors:
            raise ModelError(
                f"{self.path.name} lacks the tensor '{name}'", "it is of another architecture, or incomplete"
            )
        stored = self.tensors[name]
        shape = stored.shape[::-1]
        count = int(np.prod(shape, dtype=np.int64))
        block, size = self._block(stored.kind)
        if count % block or (shape and shape[-1] % block):
            raise self._damaged(f"the tensor '{name}' has a size that its type cannot have")
        start, length = self._start + stored.offset, count // block * size
        if start + length > len(self._data):
            raise self._damaged(
                f"the tensor '{name}' ends at byte {start + length:,} of a file of {len(self._data):,}"
            )
        raw = self._data[start : start + length]
        if stored.kind in _PLAIN:
            plain = raw.view(_PLAIN[stored.kind])
            if stored.kind == _BF16:
                plain = (plain.astype(np.uint32) << 16).view(np.float32)
            return np.asarray(plain, np.float32).reshape(shape)
        quants, kinds, _ = _library()
        rows = raw.reshape(-1, shape[-1] // block * size)
        out = quants.dequantize(rows, kinds(stored.kind))
        return np.asarray(out, np.float32).reshape(shape)

    def _block(self, kind: int) -> tuple[int, int]:
        """Numbers of one block of a type, and its bytes."""
        if kind in _PLAIN:
            return 1, _PLAIN[kind].itemsize
        _, kinds, sizes = _library()
        try:
            block, size = sizes[kinds(kind)]
        except (KeyError, ValueError):
            raise ModelError(
                f"{self.path.name} is quantised in a way that is not known here (type {kind})",
                "take the same model in Q8_0, Q4_K_M or BF16",
            ) from None
        return int(block), int(size)

    def _damaged(self, what: str) -> ModelError:
        return ModelError(
            f"{self.path.name} is no whole GGUF file: {what}", "fetch it again, or name another file"
        )

    @cached_property
    def _start(self) -> int:
        """Where the data of the tensors begin."""
        align = int(self.metadata.get("general.alignment", 32))
        if not 0 < align <= 1 << 16:
            raise self._damaged(f"its alignment is {align}")
        return -(-self._at // align) * align

    # ---- the tables

    def _read_tables(self) -> None:
        self._at = 0
        if bytes(self._bytes[:4]) != b"GGUF":
            raise self._damaged("it does not begin with GGUF")
        self._at = 4
        version = self._number("I")
        if version not in (2, 3):
            raise self._damaged(f"it is of version {version}, and 2 and 3 are read")
        tensors, keys = self._number("Q"), self._number("Q")
        if tensors > 100_000 or keys > 100_000:
            raise self._damaged(f"it claims {tensors:,} tensors and {keys:,} keys")
        for _ in range(keys):
            key = self._text()
            self.metadata[key] = self._value(self._number("I"))
        for _ in range(tensors):
            name = self._text()
            axes = self._number("I")
            if axes > 4:
                raise self._damaged(f"the tensor '{name}' has {axes} axes")
            shape = tuple(self._number("Q") for _ in range(axes))
            self.tensors[name] = Stored(shape, self._number("I"), self._number("Q"))

    def _number(self, code: str) -> Any:
        (value,) = struct.unpack_from("<" + code, self._bytes, self._at)
        self._at += struct.calcsize("<" + code)
        return value

    def _text(self) -> str:
        n = self._number("Q")
        if n > len(self._bytes) - self._at:
            raise self._damaged(
                f"it claims a text of {n:,} bytes, and {len(self._bytes) - self._at:,} follow"
            )
        data = bytes(self._bytes[self._at : self._at + n])
        self._at += n
        return data.decode("utf-8", "replace")

    def _value(self, kind: int, depth: int = 0) -> Any:
        if kind == _STRING:
            return self._text()
        if kind != _ARRAY:
            return self._number(_NUMBERS[kind])
        of, n = self._number("I"), self._number("Q")
        if n > len(self._bytes) - self._at or depth > 2:
            raise self._damaged(f"it claims a list of {n:,} values")
        if of in _NUMBERS:
            dtype = np.dtype(_NUMBERS[of]).newbyteorder("<")
            values = np.frombuffer(self._bytes, dtype, n, self._at).tolist()
            self._at += n * dtype.itemsize
            return values
        return [self._value(of, depth + 1) for _ in range(n)]


def _library() -> tuple[Any, Any, Any]:
    """The library that reads quantised tensors. Raises ModelError with the command where it is missing."""
    try:
        from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, quants
    except ImportError as error:
        raise ModelError(
            "Quantised GGUF files are read by the library gguf, which is not installed.",
            "Install it with: pip install 'etude[base]'",
        ) from error
    return quants, GGMLQuantizationType, GGML_QUANT_SIZES
