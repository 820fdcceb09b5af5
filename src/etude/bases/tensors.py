"""Tensors as headers state them: name, shape, type and place."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Tensor:
    """A row of a table of tensors; the order of `shape` is the file's."""

    name: str
    shape: tuple[int, ...]
    kind: str
    start: int  # in the file
    bytes: int

    @property
    def numbers(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)


def main_kind(tensors: Iterable[Tensor]) -> str:
    """The type that most bytes are of: Q4_1, BF16."""
    counted: Counter[str] = Counter()
    for tensor in tensors:
        counted[tensor.kind] += tensor.bytes
    return counted.most_common(1)[0][0] if counted else ""
