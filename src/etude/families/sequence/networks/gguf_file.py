"""One GGUF file: its metadata, and its tensors as float32.

Both tables are read and checked by `etude.bases.gguf`, within its limits. Quantised tensors are read by the
library `gguf`; nothing of a file is ever run, chat templates are not even looked at. Knows no architecture.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from etude.bases import gguf
from etude.errors import ModelError

_PLAIN: dict[str, np.dtype[Any]] = {
    "F32": np.dtype("<f4"),
    "F16": np.dtype("<f2"),
    "BF16": np.dtype("<u2"),
}


class GgufFile:
    """A GGUF file that is open for reading. Raises ModelError where it is damaged or not one."""

    def __init__(self, path: Path) -> None:
        front = gguf.read(path, arrays=True)
        self.path = path
        self.metadata: dict[str, Any] = {**front.texts, **front.numbers, **front.arrays}
        self.tensors = {tensor.name: tensor for tensor in front.tensors}
        self._data = np.memmap(path, np.uint8, "r")

    def tensor(self, name: str) -> npt.NDArray[np.float32]:
        """A tensor as float32, slowest axis first. Raises ModelError where it is missing."""
        if name not in self.tensors:
            raise ModelError(
                f"{self.path.name} lacks the tensor '{name}'", "it is of another architecture, or incomplete"
            )
        found = self.tensors[name]
        shape = found.shape[::-1]
        raw = self._data[found.start : found.start + found.bytes]
        if found.kind in _PLAIN:
            plain = raw.view(_PLAIN[found.kind])
            if found.kind == "BF16":
                plain = (plain.astype(np.uint32) << 16).view(np.float32)
            return np.asarray(plain, np.float32).reshape(shape)
        quants, kinds = _library()
        rows = raw.reshape(-1, found.bytes // (found.numbers // shape[-1]))
        try:
            out = quants.dequantize(rows, kinds[found.kind])
        except (KeyError, NotImplementedError):
            raise ModelError(
                f"{self.path.name} is quantised in a way that is not known here ({found.kind})",
                "take the same model in Q8_0, Q4_K_M or BF16",
            ) from None
        return np.asarray(out, np.float32).reshape(shape)


def _library() -> tuple[Any, Any]:
    """The library that reads quantised tensors. Raises ModelError with the command where it is missing."""
    try:
        from gguf import GGMLQuantizationType, quants
    except ImportError as error:
        raise ModelError(
            "Quantised GGUF files are read by the library gguf, which is not installed.",
            "Install it with: pip install 'etude[base]'",
        ) from error
    return quants, GGMLQuantizationType
