"""The copy guard of texts: no run of n words of the collection, kept out while sampling.

After every n - 1 words that stand in the collection the words that follow them there are known; where the
next word begins, a token with which it would be such a word, or could still become it, is not allowed. Words
are compared in normal form, so that case and punctuation do not let a copy through. Knows no model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from etude.errors import TakeError
from etude.media.codec import Codec, Cursor
from etude.media.text.words import Words, distinct, word_hash, word_table, words

_MIX = np.uint64(0x9E3779B97F4A7C15)


class WordGuard:
    """All runs of n words of some texts, ready to be asked while a text grows."""

    def __init__(self, texts: Sequence[str], n: int) -> None:
        """Raises TakeError for n below 3: every pair of words is common property."""
        if n < 3:
            raise TakeError(
                f"copies of {n} words cannot be kept out: nearly every pair of words has been used",
                "use --no-copy 5 or more",
            )
        self.n = n
        self._word: dict[int, str] = {}
        keys, nexts = [], []
        for text in texts:
            self._word.update((word_hash(w), w) for w in distinct(text))
            h = word_table(text).hash
            if len(h) >= n:
                keys.append(_runs(h, n - 1)[: len(h) - n + 1])
                nexts.append(h[n - 1 :])
        k = np.concatenate(keys) if keys else np.zeros(0, np.uint64)
        v = np.concatenate(nexts) if nexts else np.zeros(0, np.uint64)
        order = np.argsort(k, kind="stable")
        self._keys, self._next = k[order], v[order]

    def following(self, last: Sequence[int]) -> set[str]:
        """The words that would complete a run after these n - 1 word hashes."""
        if len(last) < self.n - 1 or not len(self._keys):
            return set()
        key = _runs(np.array(last[-(self.n - 1) :], np.uint64), self.n - 1)[0]
        a, b = np.searchsorted(self._keys, key, "left"), np.searchsorted(self._keys, key, "right")
        return {self._word[int(x)] for x in self._next[a:b]}

    def copies(self, text: str, start: int = 0) -> list[tuple[int, int]]:
        """(start, end) in characters of every run of n words that stands in the collection and ends after
        `start`."""
        table: Words = word_table(text)
        h = table.hash
        if len(h) < self.n or not len(self._keys):
            return []
        keys = _runs(h, self.n - 1)[: len(h) - self.n + 1]
        first = np.minimum(np.searchsorted(self._keys, keys, "left"), len(self._keys) - 1)
        out = []
        for i in np.flatnonzero(self._keys[first] == keys):
            last = int(i) + self.n - 1
            if table.end[last] > start and self._word.get(int(h[last])) in self.following(
                [int(x) for x in h[i:last]]
            ):
                out.append((int(table.start[i]), int(table.end[last])))
        return out


def _runs(h: npt.NDArray[np.uint64], n: int) -> npt.NDArray[np.uint64]:
    """One hash for each run of n word hashes."""
    out = np.zeros(max(0, len(h) - n + 1), np.uint64)
    with np.errstate(over="ignore"):
        for i in range(n):
            out = (out ^ h[i : i + len(out)]) * _MIX
            out ^= out >> np.uint64(31)
    return out


class Spelling:
    """The tokens of a codec by the word they begin: `leading` after a space or mark, `bare` without."""

    def __init__(self, token_bytes: Sequence[bytes]) -> None:
        self.leading: dict[str, list[int]] = {}
        self.bare: dict[str, list[int]] = {}
        for token, data in enumerate(token_bytes):
            text = data.decode("utf-8", "ignore")
            found = words(text)
            if found:
                begun, _, word = found[-1]
                (self.leading if begun > 0 else self.bare).setdefault(word, []).append(token)


class TextWatch:
    """One text as it grows under a guard: which tokens must not come next."""

    TAIL = 600  # bytes looked back at, and for long runs so many a word
    A_WORD = 40

    def __init__(
        self, guard: WordGuard, spelling: Spelling, token_bytes: Sequence[bytes], start: bytes = b""
    ) -> None:
        self._guard, self._spelling, self._bytes = guard, spelling, token_bytes
        self._length = max(self.TAIL, self.A_WORD * guard.n)
        self._tail = start[-self._length :]

    def push(self, token: int) -> None:
        """Take a token."""
        self._tail = (self._tail + self._bytes[token])[-self._length :]

    def banned(self) -> list[int]:
        """Tokens with which the next word would be one that completes a copied run, or could still become
        it."""
        text = self._tail.decode("utf-8", "ignore")
        found = words(text)[-self._guard.n + 1 :]
        if len(found) < self._guard.n - 1:
            return []
        open_word = found[-1][1] == len(text)
        out: list[int] = []
        for word in self._guard.following([word_hash(w) for _, _, w in found]):
            for n in range(1, len(word) + 1):
                out += self._spelling.leading.get(word[:n], ())
                if not open_word:
                    out += self._spelling.bare.get(word[:n], ())
        return out


class TextGuard:
    """The `Guard` of texts: spans are characters."""

    def __init__(self, texts: Sequence[str], n: int, codec: Codec) -> None:
        """Raises TakeError for n below 3."""
        self.n, self._words = n, WordGuard(texts, n)
        self._bytes = [bytes(p) for p in codec.paths]
        self._spelling = Spelling(self._bytes)

    def watch(self, tokens: Sequence[int], cursor: Cursor) -> TextWatch:
        """Watch a text that stands after these tokens."""
        looked = max(TextWatch.TAIL, TextWatch.A_WORD * self.n)
        before = b"".join(self._bytes[t] for t in tokens[-looked:])
        return TextWatch(self._words, self._spelling, self._bytes, before)

    def copies(
        self, content: str, given: str | None = None, stays: Mapping[str, Any] | None = None
    ) -> list[tuple[int, int]]:
        """Copied spans that end after what was given."""
        return self._words.copies(content, _given(given, stays))

    def without(self, content: str, given: str | None = None, stays: Mapping[str, Any] | None = None) -> str:
        """The text cut off before its first copy, and never within what was given."""
        while found := self.copies(content, given, stays):
            content = content[: max(content.rfind(" ", 0, found[0][1]), _given(given, stays))]
        return content


def _given(given: str | None, stays: Mapping[str, Any] | None) -> int:
    """How many characters at the beginning a person gave."""
    gap = (stays or {}).get("fill")
    return int(gap[0]) if gap else len(given or "")
