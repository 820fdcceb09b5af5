"""A cursor that keeps words and sentences whole, for takes of networks that write whole sentences.

A text of a wanted length begins as texts begin, goes on from a blank that was given with the word after it,
and ends with the first sentence that ends long enough; an open quotation is closed. Where no sentence ends in
time, what came after the last one is left out. A run of tokens that has come several times in a row does not
come once more. Knows tokens only by their bytes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

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
_KEPT = 256  # tokens among which the end of a sentence, or a run that goes in circles, is looked for
_LONGEST_CIRCLE = 24  # tokens


class Openings:
    """The tokens of a codec by what they begin or end, looked up once."""

    def __init__(self, token_bytes: Sequence[bytes]) -> None:
        def those(fits: object) -> Mask:
            assert callable(fits)
            return np.array([bool(data) and bool(fits(data)) for data in token_bytes], np.bool_)

        self.first = those(lambda data: data[0] not in _NEVER_FIRST)
        self.blank = those(lambda data: data[:1] == b" ")
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
        *,
        by_words: bool = False,
    ) -> None:
        """`opened` (V,): the tokens that may be the first to be made; `by_words`: `units` counts words."""
        super().__init__(token_bytes, spelling, eos, bos, units, given)
        self._openings, self._opened = openings, opened
        self._text = b"".join(token_bytes[t] for t in given)[-_LOOKED_BACK:]
        self._made: tuple[int, ...] = ()  # the last tokens
        self._by_words = by_words

    def allowed(self) -> Mask | None:
        """Also what the beginning, an open quotation, or a text that is long enough asks for."""
        mask = super().allowed()
        wanted, again = self._wanted(), self._circle()
        if mask is None or (wanted is None and again is None):
            return mask
        narrowed = mask.copy() if wanted is None else mask & wanted
        if again is not None:
            narrowed[again] = False
        return narrowed if narrowed.any() else mask

    def _circle(self) -> int | None:
        """The token with which the last run of tokens would begin once more, where it has come too often in a
        row."""
        for period in range(1, _LONGEST_CIRCLE + 1):
            times = 6 if period == 1 else 4 if period < 4 else 3
            last = self._made[-period * times :]
            if len(last) == period * times and last == last[:period] * times:
                return last[0]
        return None

    def _wanted(self) -> Mask | None:
        """The tokens that should come next; None where all may."""
        if not self._chars:
            return self._opened
        if self._units is None or self._chars < self._units:
            return None
        if self._sentence_ended() and (closed := self._open_quote()):
            left = closed[len(self._pending) :] if closed.startswith(self._pending) else b""
            return self._openings.closing.get(left)
        return None

    def push(self, token: int) -> None:
        """Take the token and move on."""
        if self._at >= len(self._given) and token != self._eos:
            before, made = self._text[-1:], self._bytes[token]
            self._text = (self._text + made)[-_LOOKED_BACK:]
            self._made = (*self._made, token)[-_KEPT:]
            chars = self._chars
            super().push(token)
            if self._by_words:
                self._chars = chars + _words_begun(before, made)
            return
        super().push(token)

    @property
    def done(self) -> bool:
        """After the end of the work; after a sentence or a paragraph that ends long enough; or far too
        long."""
        if self._ended:
            return True
        if self._units is None or self._at < len(self._given) or self._chars < self._units or self._pending:
            return False
        return self._too_long() or self._text.endswith(b"\n\n") or self._whole()

    @property
    def surplus(self) -> int:
        """How many of the last tokens are left out where no sentence has ended in time: what follows the last
        sentence, else the last word, which may be cut."""
        if (
            self._ended
            or self._units is None
            or self._text.endswith(b"\n\n")
            or self._whole()
            or not self.done
        ):
            return 0
        text, words = self._text, 0
        for k, token in enumerate(reversed(self._made), 1):
            data = self._bytes[token]
            text = text[: len(text) - len(data)]
            if not words and data[:1] in (b" ", b"\n"):
                words = k
            if _sentence_ended(text):
                return k if 2 * k <= len(self._made) else words
        return words

    def _too_long(self) -> bool:
        if self._units is None:
            return False
        wait = TEXT.longest_wait / (TEXT.characters_a_word if self._by_words else 1)
        return self._chars >= self._units + max(TEXT.overrun_of_prose * self._units, wait)

    def _whole(self) -> bool:
        """Whether a sentence has just ended, outside of any quotation."""
        return self._sentence_ended() and not self._open_quote()

    def _sentence_ended(self) -> bool:
        return _sentence_ended(self._text[: len(self._text) - len(self._pending)])

    def _open_quote(self) -> bytes:
        """What closes the quotation that is open in this paragraph; nothing where none is."""
        paragraph = self._text.rpartition(b"\n\n")[2]
        for opens, closes in _QUOTES:
            n = paragraph.count(opens)
            if n % 2 if opens == closes else n > paragraph.count(closes):
                return closes
        return b""


def _words_begun(before: bytes, made: bytes) -> int:
    """How many words begin in what was made, after the last byte before it."""
    whole = (before or b" ") + made
    return sum(a in b" \t\n" and b not in b" \t\n" for a, b in pairwise(whole))


def _sentence_ended(text: bytes) -> bool:
    last = text[-64:]
    found = _END.search(last)
    if found is None:
        return False
    before = last[: found.start()]
    return found["stop"] != b"." or bool(found["closed"]) or _SHORT.search(before) is None
