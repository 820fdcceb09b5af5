"""What a medium must be able to do, so that everything else can stay blind to media.

A medium turns files into contents and contents into files, cuts long works at natural places, and gives what similarity and
traces need: `Medium`. Beyond that there are two families. A sequence medium (text, music) has shingles, and a codec: contents to
integer tokens and back. A picture medium (image, video) has signatures, and contents as frames of pixels. Nothing here knows
torch, the project folder or the models. `media/check.py` is the public conformance suite for this contract.

Letters: T tokens, S side inputs, V tokens in the vocabulary, D feature width; F frames, H W pixels, C channels, K rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

import numpy as np
import numpy.typing as npt

Content = Any  # str, media.score.Score, pixels (H, W, C), media.clip.Clip: opaque outside the medium
Int32 = npt.NDArray[np.int32]
UInt8 = npt.NDArray[np.uint8]
UInt64 = npt.NDArray[np.uint64]
Float32 = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Reading:
    """A file that was read: its content, what the file says of itself, and what had to be mended or left out."""

    content: Content
    title: str = ""
    maker: str = ""
    warnings: tuple[str, ...] = ()
    meta: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Encoded:
    """One content as tokens.

    `tokens` (T,) int32; `side` (T, S) int16: what is known of each token *before* it is drawn (voice, place in the bar, given
    voices), 0 where unknown; `scored` (T,) bool: False where the token is given and must not count; `offsets` (T + 1,) int32:
    token t covers units offsets[t]..offsets[t+1] of the content (characters for text; for music the index of the note in the
    order of `Score.flat()`, equal ends where a token names no note of its own).
    """

    tokens: Int32
    side: npt.NDArray[np.int16]
    scored: npt.NDArray[np.bool_]
    offsets: Int32


@dataclass(frozen=True)
class View:
    """A context in which the memory counts: symbols at these distances back, together with these side columns."""

    back: tuple[int, ...]
    side: tuple[int, ...] = ()


class Cursor(Protocol):
    """Where a take being made stands: what is known of the next token, what it may be, and when to stop."""

    def side(self) -> tuple[int, ...]:
        """Side inputs (S values) of the next token."""

    def allowed(self) -> npt.NDArray[np.bool_] | None:
        """Which tokens (V,) may come next; None when all may."""

    def forced(self) -> int | None:
        """The next token where it is given (a kept voice, a kept bar), else None."""

    def push(self, token: int) -> None:
        """Take the token and move on."""

    def fork(self) -> Self:
        """A twin at the same place, which goes its own way from here."""

    @property
    def done(self) -> bool:
        """True once the content is complete."""


class Codec(Protocol):
    """Contents as tokens, learned or chosen for one collection and stored with the model (JSON, `to_json`)."""

    @property
    def medium(self) -> str: ...

    @property
    def vocab(self) -> int:
        """V, with `bos` and `eos` inside."""

    @property
    def bos(self) -> int: ...

    @property
    def eos(self) -> int: ...

    @property
    def side_sizes(self) -> tuple[int, ...]:
        """Number of values of each side column; () for text."""

    @property
    def paths(self) -> Sequence[tuple[int, ...]]:
        """Token -> its symbols (text: bytes; music: the token itself)."""

    @property
    def n_symbols(self) -> int:
        """Symbols are 0..n_symbols-1."""

    @property
    def views(self) -> tuple[View, ...]:
        """The contexts the memory counts in, widest last."""

    def encode(self, content: Content) -> Encoded: ...

    def augment(self, content: Content, rng: np.random.Generator) -> Encoded:
        """A varied copy for learning (transposed in range, some voices given, BPE dropout); plain `encode` where none."""

    def copies(self, content: Content) -> list[Encoded]:
        """Every copy the memory should count (all transpositions in range); the plain one first."""

    def decode(self, tokens: Sequence[int]) -> Content: ...

    def cursor(self, *, units: int | None = None, given: Any = None) -> Cursor:
        """A cursor for a new content of about `units` units, or around what is `given`."""

    def to_json(self) -> dict[str, Any]: ...


class Medium(Protocol):
    """What every medium has: files in and out, natural cuts, features for similarity, previews, words for people.

    One that finds several works in one file (tunes of a book) also has `split(data, suffix) -> list[bytes]`.
    """

    @property
    def name(self) -> str: ...

    @property
    def unit(self) -> str:
        """'characters', 'notes', 'pictures', 'frames'."""

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Lower case, with the dot: what `add` looks at in a folder."""

    @property
    def formats(self) -> tuple[str, ...]:
        """What `write` can make, the default first."""

    def sniff(self, data: bytes, suffix: str) -> bool:
        """Whether the bytes (not only the suffix) can be of this medium."""

    def read(self, data: bytes, *, suffix: str) -> Reading:
        """Read a file within limits. Raises WorkError with one clear sentence; never executes, fetches or follows anything."""

    def write(self, content: Content, fmt: str) -> bytes: ...

    def store(self, content: Content) -> bytes:
        """A lossless form (UTF-8, JSON, pixels as they are) for takes and caches: the same bytes for the same content."""

    def load(self, data: bytes) -> Content: ...

    def size(self, content: Content) -> int:
        """Units in the content."""

    def cut(self, content: Content, start: int, end: int) -> Content:
        """The contiguous part start..end, in units (music: moved to whole bars)."""

    def boundaries(self, content: Content) -> Sequence[int]:
        """Units at which the content may be divided (paragraphs, lines; bars; shots), ascending, without 0 and size."""

    def features(self, content: Content) -> Float32:
        """(D,) features for `resembles`, L2-normalised, computed without any learned network."""

    def previews(self, content: Content) -> dict[str, Callable[[], bytes]]:
        """File suffix -> maker of that file (text: none; music: .png roll, .svg score, .wav, .musicxml; image: .png)."""

    def describe(self, content: Content) -> str:
        """One line for people and screen readers."""

    def place(self, content: Content, offset: int) -> str:
        """Where a unit lies, in words: 'line 12', 'bar 3, soprano', 'frame 8 (0:00.3)'."""


class SequenceMedium(Medium, Protocol):
    """A medium whose works are learned as tokens: you continue and fill in."""

    def shingles(self, content: Content) -> UInt64:
        """Hashed shingles for near-duplicates: normalised words; transposition-invariant notes."""

    def learn_codec(self, contents: Sequence[Content]) -> Codec:
        """The codec of a collection."""


class PictureMedium(Medium, Protocol):
    """A medium whose works are learned as pixels: you explore and morph. Pixels are uint8 sRGB, C = 3, or 4 with opacity."""

    def signature(self, content: Content) -> Float32:
        """(K, 2, S) for near-copies, whole and trimmed, one row for each moment looked at: see `media/likeness.py`."""

    def frames(self, content: Content) -> UInt8:
        """(F, H, W, C): every frame; a picture is one."""

    def rate(self, content: Content) -> float:
        """Frames a second; 0 for a picture."""

    def from_frames(self, frames: UInt8, rate: float) -> Content:
        """A content of frames (F, H, W, C); `rate` in frames a second, which a picture does not mind."""
