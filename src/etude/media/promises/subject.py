"""What the conformance suite of media looks at: a medium with example files and their contents, and how its
complaints are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np

from etude.media.contract import Codec, Content, Medium, PictureMedium, SequenceMedium


@dataclass(frozen=True)
class Check:
    """One promise: its name, and what spoke against it (nothing: kept)."""

    name: str
    complaints: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether the promise is kept."""
        return not self.complaints


@dataclass(frozen=True)
class Subject:
    """What a check looks at: a medium, example files as (bytes, suffix), and their contents."""

    medium: Medium
    files: Sequence[tuple[bytes, str]]
    contents: Sequence[Content]

    @property
    def sequence(self) -> SequenceMedium:
        """The medium, of which the caller knows that it is one of tokens."""
        return cast(SequenceMedium, self.medium)

    @property
    def pictorial(self) -> PictureMedium:
        """The medium, of which the caller knows that it is one of pixels."""
        return cast(PictureMedium, self.medium)

    def codec(self) -> Codec:
        """The codec learned from the examples."""
        return self.sequence.learn_codec(self.contents)


Promise = Callable[[Subject], Iterator[str]]


def same(one: Content, other: Content) -> bool:
    """Equal; arrays in every element."""
    return np.array_equal(one, other) if isinstance(one, np.ndarray) else bool(one == other)


def is_line(text: object) -> bool:
    """Whether it is one line of words."""
    return isinstance(text, str) and bool(text.strip()) and "\n" not in text
