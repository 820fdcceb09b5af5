"""What every codec of texts has whose tokens are runs of bytes: decoding, cursors, and the memory's views.

Symbols are bytes, 0..255; symbol 256 (= `n_symbols`) is left free for the end of a token's path, as a tree of
symbols needs it. Knows nothing of how a text is divided into tokens.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np

from etude.config.media import BPE
from etude.media.codec import Encoded, Side, View
from etude.media.text.cursor import TextCursor
from etude.media.text.utf8 import Utf8
from etude.media.values import Costs, Int32


class ByteCodec:
    """A codec whose tokens are runs of bytes. `bos`, `eos` and what is never drawn have empty paths."""

    medium = "text"
    n_symbols = 256
    side_sizes: tuple[int, ...] = ()
    stride = 1
    costs = Costs("bits/character", 1 / math.log(2), "characters", "words and parts of words")
    exact = True
    sees_ahead = False
    views: tuple[View, ...] = tuple(View(tuple(range(1, n + 1))) for n in range(1, BPE.longest_view + 1))

    def __init__(self, paths: Sequence[tuple[int, ...]], bos: int, eos: int) -> None:
        """`paths`: the bytes of every token."""
        self.paths: tuple[tuple[int, ...], ...] = tuple(paths)
        self.bos, self.eos, self.vocab = bos, eos, len(paths)
        self._bytes = [bytes(p) for p in self.paths]
        self._spelling = Utf8(self._bytes)

    def encode(self, content: str) -> Encoded:
        """bos (not scored), the tokens of the text, eos."""
        raise NotImplementedError

    def copies(self, content: str) -> list[Encoded]:
        """The one copy that the memory counts: a text has no transpositions."""
        return [self.encode(content)]

    def decode(self, tokens: Sequence[int]) -> str:
        """The text of the tokens. Bytes that are no UTF-8 (a take cut inside a character) become U+FFFD."""
        return b"".join(self._bytes[int(t)] for t in tokens).decode("utf-8", "replace")

    def recall(self, tokens: Int32, side: Side) -> str:
        """The text that a memory kept."""
        return self.decode(tokens.tolist())

    def cursor(
        self, *, units: int | None = None, given: str | None = None, stays: Mapping[str, Any] | None = None
    ) -> TextCursor:
        """A cursor after bos, for a text of about `units` characters, after the text `given` (its tokens are
        forced), or with `fill` after what stands before that gap."""
        if given and stays and "fill" in stays:
            given = given[: stays["fill"][0]]
        forced = self.encode(given).tokens[1:-1].tolist() if given else []
        return TextCursor(self._bytes, self._spelling, self.eos, self.bos, units, forced)

    def walker(self, content: str) -> None:
        """None: a text has no side inputs."""

    def reread(
        self, content: str, given: str | None = None, stays: Mapping[str, Any] | None = None
    ) -> Encoded | None:
        """The text, tokens that lie in what was given not scored; None where it does not hold that."""
        e, whole, gap = self.encode(content), given or "", (stays or {}).get("fill")
        left, right = (len(whole), 0) if gap is None else (gap[0], len(whole) - gap[1])
        if not content.startswith(whole[:left]) or not content.endswith(whole[len(whole) - right :]):
            return None
        first, end = e.offsets[:-1], e.offsets[1:]
        known = (end <= left) | (first >= len(content) - right)
        return replace(e, scored=e.scored & ~(known & (end > first)))

    def homeless(self, content: str) -> tuple[str, ...]:
        """Nothing: every text has tokens."""
        return ()

    def frame(self, content: str) -> dict[str, Any]:
        """Nothing: the tokens say all."""
        return {}

    def framed(self, frame: Mapping[str, Any]) -> Self:
        """Itself."""
        return self

    def window_starts(self, side: Side) -> None:
        """None: a window of text begins anywhere."""

    def _encoded(self, parts: list[tuple[Int32, Int32]]) -> Encoded:
        """One Encoded from the pieces of a text, whose ends count from the start of each piece; bos before
        it, eos after it."""
        ends, at = [np.zeros(2, np.int32)], 0
        for _, piece in parts:
            ends.append(piece + np.int32(at))
            at += int(piece[-1]) if len(piece) else 0
        ends.append(np.full(1, at, np.int32))
        edges = [np.full(1, t, np.int32) for t in (self.bos, self.eos)]
        tokens = np.concatenate([edges[0], *(t for t, _ in parts), edges[1]])
        scored = np.ones(len(tokens), np.bool_)
        scored[0] = False
        return Encoded(tokens, np.zeros((len(tokens), 0), np.int16), scored, np.concatenate(ends))
