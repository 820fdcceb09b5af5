"""What a codec of a sequence medium must be able to do: contents to tokens and back, cursors over what is
being made, a copy guard.

Knows no network and no project. `media/check.py` holds the conformance suite for it.

Letters: T tokens, S side inputs, V tokens in the vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self, runtime_checkable

import numpy as np
import numpy.typing as npt

from etude.media.values import Content, Costs, Int32

Span = tuple[int, int]
Bools = npt.NDArray[np.bool_]
Side = npt.NDArray[np.int16]


@dataclass(frozen=True)
class Encoded:
    """One content as tokens.

    `tokens` (T,) int32; `side` (T, S) int16: what is known of each token *before* it is drawn (voice, place
    in the bar, given voices), 0 where unknown; `scored` (T,) bool: False where the token is given and must
    not count; `offsets` (T + 1,) int32: token t covers units offsets[t]..offsets[t+1] of the content
    (characters for text; for music the index of the note in the order of `Score.flat()`, equal ends where a
    token names no note of its own).
    """

    tokens: Int32
    side: Side
    scored: Bools
    offsets: Int32


@dataclass(frozen=True)
class View:
    """A context in which the memory counts: symbols at these distances back, together with these side
    columns."""

    back: tuple[int, ...]
    side: tuple[int, ...] = ()


class Cursor(Protocol):
    """Where a take being made stands: what is known of the next token, what it may be, and when to stop."""

    def side(self) -> tuple[int, ...]:
        """Side inputs (S values) of the next token."""

    def allowed(self) -> Bools | None:
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


class TakeCursor(Cursor, Protocol):
    """A cursor over a whole content, which it can give once it is complete."""

    def content(self, tokens: Sequence[int]) -> Content:
        """The content of all tokens that were pushed (bos and eos may be among them), in the metre or manner
        of what was given."""


@runtime_checkable
class Trimmed(Protocol):
    """A cursor that may have been pushed more tokens than it wants to keep."""

    @property
    def surplus(self) -> int:
        """How many of the tokens pushed last are no part of the content."""


@runtime_checkable
class Obeying(Protocol):
    """A cursor that can tell whether what was made has what was asked for."""

    def obeys(self, content: Content) -> bool:
        """False for a content that is to be drawn again."""


class Codec(Protocol):
    """Contents as tokens, learned or chosen for one collection and stored with the model (JSON,
    `to_json`)."""

    @property
    def medium(self) -> str:
        """The name of its medium."""

    @property
    def vocab(self) -> int:
        """V, with `bos` and `eos` inside."""

    @property
    def bos(self) -> int:
        """The token before every content."""

    @property
    def eos(self) -> int:
        """The token after every content."""

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

    @property
    def stride(self) -> int:
        """Tokens after which the same voice goes on; 1 where there is one line."""

    @property
    def costs(self) -> Costs:
        """How the cost of contents is stated, and what tokens are called."""

    @property
    def exact(self) -> bool:
        """Whether `decode` gives back the very content that was encoded, and not only the same tokens."""

    @property
    def sees_ahead(self) -> bool:
        """Whether its cursors keep what a recipe's controls name (voices, bars). Where not, a gap is filled
        from the left."""

    def encode(self, content: Content) -> Encoded:
        """bos (not scored), the content, eos. Raises WorkError for what the codec has no tokens for."""

    def augment(self, content: Content, rng: np.random.Generator) -> Encoded:
        """A varied copy for learning (transposed in range, some voices given, BPE dropout); plain `encode`
        where none."""

    def copies(self, content: Content) -> list[Encoded]:
        """Every copy the memory should count (all transpositions in range); the plain one first."""

    def decode(self, tokens: Sequence[int]) -> Content:
        """The content of these tokens; bos and eos may be missing."""

    def recall(self, tokens: Int32, side: Side) -> Content:
        """The content of tokens that a memory kept with their side inputs, which may know more than the
        tokens (the metre)."""

    def cursor(
        self,
        *,
        units: int | None = None,
        given: Content | None = None,
        stays: Mapping[str, Any] | None = None,
    ) -> TakeCursor:
        """A cursor after bos, for a new content of about `units` units.

        With `given` it goes on from that content, or with `stays` (controls of a recipe) makes what they
        leave open. Raises WorkError for what the codec has no tokens for.
        """

    def walker(self, content: Content) -> Cursor | None:
        """A cursor at the beginning of a content, in its manner, where side inputs depend on what was drawn
        before; else None."""

    def reread(
        self, content: Content, given: Content | None = None, stays: Mapping[str, Any] | None = None
    ) -> Encoded | None:
        """A take as the generator met it: tokens that were given are not scored, and side inputs are those
        that each was drawn by.

        None where the content does not hold what was given.
        """

    def homeless(self, content: Content) -> tuple[str, ...]:
        """What of a given content has no place among its tokens and would be gone from a take, as a person
        calls it (of a score the voices); () where all has."""

    def frame(self, content: Content) -> dict[str, Any]:
        """What its tokens do not say and a take of its kind should have as well (JSON: metre, pickup, tempo);
        {} where tokens say all."""

    def framed(self, frame: Mapping[str, Any]) -> Codec:
        """The same codec, whose new contents have this frame in the place of the collection's usual one."""

    def window_starts(self, side: Side) -> npt.NDArray[np.int64] | None:
        """Where a window for learning best begins (token indices: bar lines), by the side inputs (T, S);
        None: anywhere."""

    def to_json(self) -> dict[str, Any]:
        """All that the codec is, with its `kind`, for the header of a model."""


@runtime_checkable
class Settling(Protocol):
    """A codec whose takes have a frame that is settled before their first token."""

    def settle(
        self,
        frames: Sequence[Mapping[str, Any]],
        asked: Mapping[str, Any],
        units: int | None,
        given: Content | None,
        chance: Callable[[], np.random.Generator],
    ) -> Codec:
        """The codec whose next take has the frame of one of the works with these `frames` (none: the usual
        one), held to the settings `asked` and to about `units` units, where they are named; with `given` that
        goes on from it. Raises TakeError for what no work of the model has."""


class Watch(Protocol):
    """One content that is being made under a guard."""

    def banned(self) -> Sequence[int] | Bools | None:
        """Tokens that must not come next, as ids or as a mask (V,); None where all may."""

    def push(self, token: int) -> None:
        """Take a token."""


class Guard(Protocol):
    """The copy guard of some works: no span of `n` words or notes of them stands in a take."""

    @property
    def n(self) -> int:
        """Words or notes of the shortest span that is a copy."""

    def watch(self, tokens: Sequence[int], cursor: Cursor) -> Watch:
        """Watch a content that stands at this cursor, after these tokens (bos first)."""

    def copies(
        self, content: Content, given: Content | None = None, stays: Mapping[str, Any] | None = None
    ) -> list[Span]:
        """Copied spans of a finished content that were not all given, in the order of their ends."""

    def without(
        self, content: Content, given: Content | None = None, stays: Mapping[str, Any] | None = None
    ) -> Content:
        """The content cut off before its first copy. Raises TakeError where too little is left, or where it
        may not be shorter."""
