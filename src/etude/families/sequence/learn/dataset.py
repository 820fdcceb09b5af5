"""The collection as learning sees it: one codec, the tokens of every part with its conditions, and the
memory's segments.

Knows works only by id, maker and attributes; reads no file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from etude.errors import WorkError
from etude.families.conditions import Condition, condition_values, conditions_of
from etude.families.sequence.records import Segment
from etude.media import sequence
from etude.media.contract import Codec, Content, Encoded


@dataclass(frozen=True)
class Part:
    """A contiguous part of a work with its role in the split; `start` is its first unit in the whole work."""

    work_id: str
    start: int
    role: str  # train, critic or held-out
    content: Content
    maker: str = ""
    title: str = ""
    attrs: Mapping[str, str] = field(default_factory=dict)
    weight: float = 1.0


@dataclass(frozen=True)
class Piece:
    """One encoded part: its tokens with the conditions' columns already beside the codec's (T, S)."""

    part: Part
    encoded: Encoded
    side: npt.NDArray[np.int16]
    row: tuple[int, ...]


@dataclass(frozen=True)
class Corpus:
    """Everything a run learns from and is measured on."""

    medium: str
    codec: Codec
    conditions: tuple[Condition, ...]
    train: tuple[Piece, ...]
    critic: tuple[Piece, ...]
    held_out: tuple[Piece, ...]

    @property
    def side_sizes(self) -> tuple[int, ...]:
        """Number of values of each side column: the codec's, then one a condition."""
        return tuple(self.codec.side_sizes) + tuple(len(c.values) + 1 for c in self.conditions)

    @property
    def train_tokens(self) -> int:
        """Tokens of all pieces that are learned from."""
        return sum(len(p.encoded.tokens) for p in self.train)


def gather(medium: str, parts: Sequence[Part], *, least: int, codec: Codec | None = None) -> Corpus:
    """Encode all parts, with a codec learned from them unless one is given.

    `least` units must be there to learn from. Raises WorkError that says how much is there and how much is
    needed.
    """
    m = sequence(medium)
    train = [p for p in parts if p.role == "train"]
    have = sum(m.size(p.content) for p in train)
    if have < least:
        raise WorkError(
            f"too little to train on: {have:,} {m.unit} in {len(train)} works "
            f"(at least {least:,} are needed)",
            "add more works with `etude add`, or choose a collection with more in it",
        )
    codec = codec or m.learn_codec([p.content for p in train])
    conditions = conditions_of((p.maker, p.attrs) for p in train)

    def pieces(role: str) -> tuple[Piece, ...]:
        out = []
        for p in parts:
            if p.role == role and m.size(p.content):
                e = codec.encode(p.content)
                row = condition_values(conditions, p.maker, p.attrs)
                out.append(Piece(p, e, with_row(e.side, row), row))
        return tuple(out)

    return Corpus(medium, codec, conditions, pieces("train"), pieces("critic"), pieces("held-out"))


def begins(medium: str, content: Content, e: Encoded) -> npt.NDArray[np.int64]:
    """The tokens of an encoded content at which it, or a paragraph of it, begins."""
    cuts = np.concatenate([[0], np.asarray(sequence(medium).boundaries(content), np.int64)])
    at = np.searchsorted(e.offsets[1:-1], cuts) + 1
    inside = at < len(e.tokens) - 1
    at, cuts = at[inside], cuts[inside]
    return np.unique(at[e.offsets[at] == cuts])


def with_row(side: npt.NDArray[np.int16], row: Sequence[int]) -> npt.NDArray[np.int16]:
    """The codec's columns and the conditions' (T, S)."""
    return np.concatenate(
        [side, np.broadcast_to(np.array(row, np.int16).reshape(1, -1), (len(side), len(row)))], 1
    )


def remembered(corpus: Corpus, pieces: Sequence[Piece]) -> tuple[list[Segment], dict[str, npt.NDArray[Any]]]:
    """What the memory keeps of these pieces: segments, and the arrays tokens (T,), side (T, S') and offsets
    (T + 1 a segment)."""
    segments: list[Segment] = []
    tokens, sides, offsets = [], [], []
    at = 0
    wide = _memory_columns(corpus.codec)
    for p in pieces:
        for i, e in enumerate(corpus.codec.copies(p.part.content)):
            side = with_row(e.side, p.row)[:, :wide] if wide else np.zeros((len(e.tokens), 1), np.int16)
            tokens.append(e.tokens)
            sides.append(side)
            offsets.append(e.offsets[:-1])
            segments.append(Segment(p.part.work_id, p.part.start, i, at, at + len(e.tokens)))
            at += len(e.tokens)
    return segments, {
        "tokens": np.concatenate(tokens) if tokens else np.zeros(0, np.int32),
        "side": np.concatenate(sides) if sides else np.zeros((0, 1), np.int16),
        "offsets": np.concatenate(offsets) if offsets else np.zeros(0, np.int32),
    }


def _memory_columns(codec: Codec) -> int:
    """How many of the first side columns the memory's views read."""
    return max((c + 1 for v in codec.views for c in v.side), default=0)
