"""Where a text being made stands: how long it is, whether it may end here, and what is given.

A take of about `units` characters ends at the first natural place (a line or a sentence end) at or after that
length, and at the latest `TEXT.overrun` beyond it. Knows tokens only by their bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Self

import numpy as np
import numpy.typing as npt

from etude.config.media import TEXT
from etude.media.text.utf8 import Utf8

_SENTENCE = (
    b".",
    b"!",
    b"?",
    b'."',
    b'!"',
    b'?"',
    b".'",
    "\u2026".encode(),
    ".\u201d".encode(),
    "!\u201d".encode(),
    "?\u201d".encode(),
)


class TextCursor:
    """The cursor of `ByteCodec`. Given tokens are forced first and do not count towards the length."""

    def __init__(
        self,
        token_bytes: Sequence[bytes],
        spelling: Utf8,
        eos: int,
        bos: int,
        units: int | None,
        given: Sequence[int],
    ) -> None:
        self._bytes, self._spelling = token_bytes, spelling
        self._eos = eos
        self._units = units
        self._given = given
        self._at = 0  # how many given tokens were pushed
        self._chars = 0
        self._tail = b""  # the last bytes made: enough to see a sentence end
        self._ended = False
        self._pending = b""  # of a character that is not complete
        self._last = spelling.mask(
            b""
        ).copy()  # where no character is open, with and without the end of the work
        self._last[bos] = False
        self._open = self._last.copy()
        self._open[eos] = False

    def side(self) -> tuple[int, ...]:
        """No side inputs: a text says nothing of a token before it is drawn."""
        return ()

    def allowed(self) -> npt.NDArray[np.bool_] | None:
        """What goes on with valid UTF-8; not the end of the work while a wanted length is far off
        (`TEXT.earliest_end`)."""
        if self._pending:
            return self._spelling.mask(self._pending)
        far = self._units is not None and self._chars < TEXT.earliest_end * self._units
        return self._open if far else self._last

    def forced(self) -> int | None:
        """The next given token, while there are any."""
        return self._given[self._at] if self._at < len(self._given) else None

    def push(self, token: int) -> None:
        """Take the token and move on."""
        if self._at < len(self._given):
            self._at += 1
            return
        if token == self._eos:
            self._ended = True
            return
        data = self._bytes[token]
        self._chars += sum((b & 0xC0) != 0x80 for b in data)  # bytes that begin a character
        self._tail = (self._tail + data)[-4:]
        self._pending = self._spelling.after(self._pending, data)

    def fork(self) -> Self:
        """A twin at the same place: nothing that the two share is ever changed."""
        return copy(self)

    def content(self, tokens: Sequence[int]) -> str:
        """The text of the tokens; bytes that are no UTF-8 become U+FFFD."""
        return b"".join(self._bytes[int(t)] for t in tokens).decode("utf-8", "replace")

    @property
    def done(self) -> bool:
        """After the end of the work; or long enough and at a natural end; or `TEXT.overrun` too long."""
        if self._ended:
            return True
        if self._units is None or self._at < len(self._given) or self._chars < self._units or self._pending:
            return False
        if self._chars >= (1 + TEXT.overrun) * self._units:
            return True
        return self._tail.endswith(b"\n") or self._tail.rstrip(b" ").endswith(_SENTENCE)
