"""Drum patterns as tokens: one a step, and beside each its place in the bar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from etude.media.codec import Encoded, Side, View
from etude.media.values import Costs, Int32

SIGNS = ".kshoctr"  # rest, kick, snare, hat, open hat, clap, tom, rim
BAR = 16  # steps


@dataclass(frozen=True)
class Beat:
    """A pattern: its steps as signs, and a title that is no part of what is learned."""

    steps: str
    title: str = field(default="", compare=False)


class BeatCodec:
    """One token for each sign; there is nothing to learn of a collection."""

    medium = "beat"
    vocab, bos, eos = len(SIGNS) + 2, len(SIGNS), len(SIGNS) + 1
    n_symbols = vocab
    side_sizes = (BAR + 1,)
    paths: Sequence[tuple[int, ...]] = tuple((token,) for token in range(vocab))
    views = (View((1,), (0,)), View((1, 2), (0,)), View((1, 2, 3, 4)), View((16,), (0,)))
    stride = 1
    costs = Costs("nats/step", 1.0, "steps", "steps")
    exact, sees_ahead = True, False

    def encode(self, content: Beat) -> Encoded:
        """bos, a token for each step, eos."""
        body = [SIGNS.index(sign) for sign in content.steps]
        n = len(body) + 2
        side = np.zeros((n, 1), np.int16)
        side[1:, 0] = np.arange(n - 1) % BAR + 1
        ends = np.minimum(np.maximum(np.arange(n + 1) - 1, 0), len(body))
        tokens = np.array([self.bos, *body, self.eos], np.int32)
        return Encoded(tokens, side, np.arange(n) > 0, ends.astype(np.int32))

    def augment(self, content: Beat, rng: np.random.Generator) -> Encoded:
        """Unvaried."""
        return self.encode(content)

    def copies(self, content: Beat) -> list[Encoded]:
        """One."""
        return [self.encode(content)]

    def decode(self, tokens: Sequence[int]) -> Beat:
        """The steps."""
        return Beat("".join(SIGNS[t] for t in tokens if t < len(SIGNS)))

    def recall(self, tokens: Int32, side: Side) -> Beat:
        """The steps."""
        return self.decode(tokens.tolist())

    def cursor(
        self, *, units: int | None = None, given: Beat | None = None, stays: Mapping[str, Any] | None = None
    ) -> BeatCursor:
        """A cursor after bos, after what is given or what stands before its gap."""
        steps = given.steps[: (stays or {}).get("fill", (None,))[0]] if given is not None else ""
        return BeatCursor(self, units, [SIGNS.index(sign) for sign in steps])

    def walker(self, content: Beat) -> None:
        """None: the place in the bar is beside the tokens."""

    def reread(
        self, content: Beat, given: Beat | None = None, stays: Mapping[str, Any] | None = None
    ) -> Encoded | None:
        """Given steps are not scored."""
        e, whole, gap = self.encode(content), given.steps if given else "", (stays or {}).get("fill")
        left, right = (whole, "") if gap is None else (whole[: gap[0]], whole[gap[1] :])
        if not (content.steps.startswith(left) and content.steps.endswith(right)):
            return None
        at = e.offsets[:-1]
        known = (at < len(left)) | (at >= len(content.steps) - len(right))
        return replace(e, scored=e.scored & ~(known & (np.diff(e.offsets) > 0)))

    def homeless(self, content: Beat) -> tuple[str, ...]:
        """Nothing."""
        return ()

    def frame(self, content: Beat) -> dict[str, Any]:
        """Nothing."""
        return {}

    def framed(self, frame: Mapping[str, Any]) -> BeatCodec:
        """Itself."""
        return self

    def window_starts(self, side: Side) -> npt.NDArray[np.int64]:
        """Bar lines."""
        return np.flatnonzero(side[:, 0] == 1)

    def to_json(self) -> dict[str, Any]:
        """Its kind."""
        return {"kind": "beats"}


class BeatCursor:
    """Ends at a bar line, after so many steps where a length is wanted."""

    def __init__(self, codec: BeatCodec, units: int | None, given: list[int]) -> None:
        self.codec, self.units, self.given, self.at, self.done = codec, units, given, 0, False

    def side(self) -> tuple[int, ...]:
        """The place in the bar."""
        return (self.at % BAR + 1,)

    def allowed(self) -> npt.NDArray[np.bool_]:
        """Every step; the end at a bar line."""
        mask = np.ones(self.codec.vocab, bool)
        mask[[self.codec.bos, self.codec.eos]] = False, self._may_end()
        return mask

    def _may_end(self) -> bool:
        return (self.at > len(self.given) and self.at % BAR == 0) or (self.units is None and self.at > 0)

    def forced(self) -> int | None:
        """A given step; the end after enough of them."""
        if self.at < len(self.given):
            return self.given[self.at]
        enough = self.units is not None and self.at - len(self.given) >= self.units
        return self.codec.eos if enough and self._may_end() else None

    def push(self, token: int) -> None:
        """Take it."""
        self.done = token == self.codec.eos
        self.at += not self.done

    def fork(self) -> BeatCursor:
        """Nothing that is shared is changed."""
        return copy(self)

    def content(self, tokens: Sequence[int]) -> Beat:
        """The steps."""
        return self.codec.decode(tokens)
