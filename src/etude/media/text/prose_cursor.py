"""A cursor that keeps words and sentences whole, for takes of networks that write whole sentences.

A text of a wanted length begins as texts begin, goes on from a blank that was given with the word after it,
and ends with the first sentence that ends long enough; an open quotation is closed. Where no sentence ends in
time, only what ends the word and the sentence may come. Knows tokens only by their bytes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from etude.config.media import TEXT
from etude.media.text.cursor import TextCursor
from etude.media.text.utf8 import Utf8

Mask = npt.NDArray[np.bool_]
# A stop that ends a sentence, with what closes after it
_END = re.compile(rb"(?P<stop>[.!?]|\xe2\x80\xa6)(?P<closed>(?:[\"')\]*_]|\xe2\x80[\x99\x9d]|\xc2\xbb)*)\s*$")
# What a full stop may follow without ending anything: a digit, one letter, a title
_SHORT = re.compile(rb"(?:\d|\b[A-Za-z]|\b(?:Mr|Mrs|Ms|Dr|St|Prof|Jr|Sr|vs|No|Mt|Capt|Col|Gen|Lt|Sgt|Rev))$")
_NEVER_FIRST = b" \t\n\r,;:.!?)]}%"  # what no text begins with
_QUOTES = ((b'"', b'"'), ("\u201c".encode(), "\u201d".encode()))
_LOOKED_BACK = 1 << 12  # bytes in which the last paragraph is looked for


class Openings:
    """The tokens of a codec by what they begin or end, looked up once."""

    def __init__(self, token_bytes: Sequence[bytes]) -> None:
        def those(fits: object) -> Mask:
            assert callable(fits)
            return np.array([bool(data) and bool(fits(data)) for data in token_bytes], np.bool_)

        self.first = those(lambda data: data[0] not in _NEVER_FIRST)
        self.blank = those(lambda data: data[:1] == b" ")
        # what ends a word or a sentence: further letters, and stops
        self.ending = those(lambda data: data[0] in b"'-.!?" or data[:1].isalpha() or data[0] >= 0x80)
        # of a mark that closes a quotation, by what is left to write of it
        rests = {closed[i:] for _, closed in _QUOTES for i in range(len(closed))}
        self.closing = {rest: those(rest.startswith) for rest in rests}


class ProseCursor(TextCursor):
    """The cursor of a base's codec. Given tokens are forced first and do not count towards the length."""

    def __init__(
        self,
        token_bytes: Sequence[bytes],
        spelling: Utf8,
        eos: int,
        bos: int,
        units: int | None,
        given: Sequence[int],
        openings: Openings,
        opened: Mask | None = None,
    ) -> None:
        """`opened` (V,): the tokens that may be the first to be made."""
        super().__init__(token_bytes, spelling, eos, bos, units, given)
        self._openings, self._opened = openings, opened
        self._text = b"".join(token_bytes[t] for t in given)[-_LOOKED_BACK:]

    def allowed(self) -> Mask | None:
        """Also what the beginning, an open quotation, or a text that is long enough asks for."""
        mask = super().allowed()
        wanted = self._wanted()
        if mask is None or wanted is None:
            return mask
        narrowed = mask & wanted
        return narrowed if narrowed.any() else mask

    def _wanted(self) -> Mask | None:
        """The tokens that should come next; None where all may."""
        if not self._chars:
            return self._opened
        if self._units is None or self._chars < self._units:
            return None
        if self._sentence_ended() and (closed := self._open_quote()):
            left = closed[len(self._pending) :] if closed.startswith(self._pending) else b""
            return self._openings.closing.get(left)
        if self._pending:
            return None
        return self._openings.ending if self._chars >= (1 + TEXT.overrun_of_prose) * self._units else None

    def push(self, token: int) -> None:
        """Take the token and move on."""
        if self._at >= len(self._given) and token != self._eos:
            self._text = (self._text + self._bytes[token])[-_LOOKED_BACK:]
        super().push(token)

    @property
    def done(self) -> bool:
        """After the end of the work; after a sentence or a paragraph that ends long enough; or far too
        long."""
        if self._ended:
            return True
        if self._units is None or self._at < len(self._given) or self._chars < self._units or self._pending:
            return False
        if self._chars >= (1 + TEXT.latest_end_of_prose) * self._units or self._text.endswith(b"\n\n"):
            return True
        return self._sentence_ended() and not self._open_quote()

    def _sentence_ended(self) -> bool:
        last = self._text[-64 - len(self._pending) : len(self._text) - len(self._pending)]
        found = _END.search(last)
        if found is None:
            return False
        before = last[: found.start()]
        return found["stop"] != b"." or bool(found["closed"]) or _SHORT.search(before) is None

    def _open_quote(self) -> bytes:
        """What closes the quotation that is open in this paragraph; nothing where none is."""
        paragraph = self._text.rpartition(b"\n\n")[2]
        for opens, closes in _QUOTES:
            n = paragraph.count(opens)
            if n % 2 if opens == closes else n > paragraph.count(closes):
                return closes
        return b""
