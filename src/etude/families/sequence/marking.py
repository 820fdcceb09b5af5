"""The mark that a take gets while it is drawn: what the kernel needs of the symbols before, and how a content
is read for it again. What the mark is: `stats/watermark.py`.

The first symbols of a take, and of every draft that the critic chooses among, are drawn without it: takes and
drafts would begin alike. Knows no medium."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from etude import rng
from etude.media.codec import Codec
from etude.media.contract import Content
from etude.stats import watermark

ON, KEY, FILLED, FREE, COUNT = range(5)  # of `state`
FREE_BYTES, FREE_TOKENS = 12, 4  # drawn without a mark at a beginning
ROOM = 1 << 10  # contexts that are remembered to begin with; a power of two


@dataclass
class Mark:
    """Where one take stands. `state` (5,): whether it is marked, its key, how many of the last symbols are
    known, how many are still drawn freely, how many contexts are in `seen`; `recent` (W,) the last symbols;
    `seen` a table of contexts by hash, 0 where it is free."""

    state: npt.NDArray[np.uint64]
    recent: npt.NDArray[np.uint64]
    seen: npt.NDArray[np.uint64]
    free: int = 0

    @property
    def arrays(self) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
        """As the kernel takes them."""
        return self.state, self.recent, self.seen

    def push(self, symbols: Sequence[int]) -> None:
        """Symbols that were given."""
        for symbol in symbols:
            self.recent[:-1] = self.recent[1:]
            self.recent[-1] = symbol
        self.state[FILLED] = min(len(self.recent), int(self.state[FILLED]) + len(symbols))

    def reserve(self, more: int) -> None:
        """Make room for so many contexts more."""
        if 2 * (int(self.state[COUNT]) + more) <= len(self.seen):
            return
        old = self.seen[self.seen != 0]
        size = len(self.seen)
        while 2 * (len(old) + more) > size:
            size *= 2
        self.seen = np.zeros(size, np.uint64)
        for one in old.tolist():
            at = one & (size - 1)
            while self.seen[at]:
                at = (at + 1) & (size - 1)
            self.seen[at] = one

    def fork(self) -> Mark:
        """A twin."""
        return replace(self, state=self.state.copy(), recent=self.recent.copy(), seen=self.seen.copy())

    def loosen(self) -> None:
        """Draw the next symbols without a mark."""
        self.state[FREE] = self.free


def none() -> Mark:
    """Of a take without a mark."""
    return Mark(np.zeros(5, np.uint64), np.zeros(1, np.uint64), np.zeros(2, np.uint64))


def begun(codec: Codec, key: str, seed: int, index: int) -> Mark:
    """The mark of the take of this seed and index, at its beginning."""
    if not key:
        return none()
    nonce = int(rng.for_(seed, "mark", index).integers(watermark.NONCES))
    state = np.array([1, watermark.keyed(key, nonce), 0, 0, 0], np.uint64)
    free = FREE_BYTES if of_bytes(codec) else FREE_TOKENS
    mark = Mark(state, np.zeros(width_of(codec), np.uint64), np.zeros(ROOM, np.uint64), free)
    mark.loosen()
    return mark


def of_bytes(codec: Codec) -> bool:
    """Whether tokens are runs of several symbols, such as bytes, rather than one each."""
    return max(len(path) for path in codec.paths) > 1


def width_of(codec: Codec) -> int:
    """W, the symbols of a context."""
    return watermark.BYTES if of_bytes(codec) else watermark.TOKENS


def symbols_of(codec: Codec, content: Content) -> list[int]:
    """What a content says, symbol by symbol, as it is drawn."""
    return [symbol for token in codec.encode(content).tokens.tolist() for symbol in codec.paths[token]]
