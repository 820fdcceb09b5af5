"""Where a text being made stands: how long it is, whether it may end here, and what is given.

A take of about `units` characters ends at the first natural place (a line or a sentence end) at or after that
length, and at the latest `TEXT.overrun` beyond it. Knows tokens only by their bytes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import copy

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

    def fork(self) -> TextCursor:
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


# What ends a sentence, with the quotation marks, brackets and stress that close after it
_END = re.compile(
    rb"(?:[.!?]|\xe2\x80\xa6)(?:[\"')\]*_]|\xe2\x80[\x99\x9d]|\xc2\xbb)*(?=[ \t\r\n])|(?=\n[ \t\r]*\n)"
)
_NEVER_FIRST = b" \t\n\r,;:.!?)]}%"  # what no text begins with
_LOOKED_BACK = 1 << 13  # bytes in which the last sentence end is looked for


class ProseCursor(TextCursor):
    """A cursor that keeps words and sentences whole: a text of a wanted length begins with no blank, goes on
    from a blank that was given with the word after it, and ends after a sentence.

    That a sentence has ended is seen at the blank after it, so one token more is drawn than is kept. Where
    none ends in time the text is cut after the last line or word.
    """

    def __init__(
        self,
        token_bytes: Sequence[bytes],
        spelling: Utf8,
        eos: int,
        bos: int,
        units: int | None,
        given: Sequence[int],
        opened: npt.NDArray[np.bool_] | None = None,
    ) -> None:
        """`opened` (V,): the tokens that may be the first to be made."""
        super().__init__(token_bytes, spelling, eos, bos, units, given)
        self._opened = opened
        self._text = b""  # the last bytes made
        self._made = 0  # bytes
        self._first_end = -1  # where the first sentence ended once the text was long enough, in bytes made

    def allowed(self) -> npt.NDArray[np.bool_] | None:
        """Also not a blank at the beginning."""
        mask = super().allowed()
        if self._made or self._opened is None or self._pending or mask is None:
            return mask
        first = mask & self._opened
        return first if first.any() else mask

    def push(self, token: int) -> None:
        """Take the token and move on."""
        if self._at >= len(self._given) and token != self._eos:
            before = self._chars
            self._text = (self._text + self._bytes[token])[-_LOOKED_BACK:]
            self._made += len(self._bytes[token])
            super().push(token)
            if self._units is not None and self._first_end < 0 and self._chars > self._units:
                self._first_end = self._end_after(before)
            return
        super().push(token)

    def _end_after(self, before: int) -> int:
        """The first sentence end in the token that was pushed last or just before it; -1 where there is
        none."""
        last = max(0, len(self._text) - 64)
        for found in _END.finditer(self._text, last):
            at = self._made - len(self._text) + found.end()
            if self._count(found.end()) >= (self._units or 0):
                return at
        return -1

    def _count(self, until: int) -> int:
        """Characters made up to a place in the last bytes."""
        return self._chars - sum((b & 0xC0) != 0x80 for b in self._text[until:])

    @property
    def done(self) -> bool:
        """After the end of the work; after the first sentence that ends long enough; or `TEXT.overrun` too
        long."""
        if self._ended or self._first_end >= 0:
            return True
        if self._units is None or self._at < len(self._given) or self._pending:
            return False
        return self._chars >= (1 + TEXT.overrun_of_prose) * self._units

    def content(self, tokens: Sequence[int]) -> str:
        """The text of the tokens up to the end of a sentence."""
        data = b"".join(self._bytes[int(t)] for t in tokens)
        return data[: len(data) - self._left_out()].decode("utf-8", "replace")

    def _left_out(self) -> int:
        """Bytes after the last sentence, line or word that is whole."""
        if self._first_end >= 0:
            return self._made - self._first_end
        if self._ended or not self.done:
            return 0
        ends = [found.end() for found in _END.finditer(self._text + b"\n")]
        half = len(self._text) // 2
        for cut in (
            ends[-1] if ends else 0,
            self._text.rfind(b"\n"),
            max(map(self._text.rfind, (b" ", b"\n"))),
        ):
            if cut > half:
                return len(self._text) - min(cut, len(self._text))
        return 0


def may_open(token_bytes: Sequence[bytes], start: bytes = b"") -> npt.NDArray[np.bool_]:
    """(V,) the tokens that a text may begin with; with `start`, those that begin with it."""
    if start:
        return np.array([data.startswith(start) for data in token_bytes], np.bool_)
    return np.array([bool(data) and data[0] not in _NEVER_FIRST for data in token_bytes], np.bool_)
