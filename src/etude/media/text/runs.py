"""What a trace asks of a text: its words as symbols, and passages with what stands around them.

A word is what `words` says it is, so that case, punctuation, line breaks and the form of the apostrophe do
not count, and the copy guard agrees with the trace. Knows no works and no index.
"""

from __future__ import annotations

import numpy as np

from etude.config.trust import TRACE
from etude.media.text.words import word_table
from etude.media.values import RunWords, Stream

RUNS = RunWords("words", "word for word", TRACE.verbatim_words, "Case and punctuation do not count")


def stream(text: str) -> Stream:
    """The words of a text, with the characters they cover."""
    table = word_table(text)
    starts = table.start.astype(np.int32)
    return Stream(table.hash, starts, table.end.astype(np.int32), starts)


def quote(text: str, start: int, end: int) -> tuple[str, str, str]:
    """The passage with what stands before and after it, cut at white space."""
    start += len(text[start:end]) - len(text[start:end].lstrip())
    end = max(start, end - (len(text[start:end]) - len(text[start:end].rstrip())))
    before = _context(
        text[max(0, start - TRACE.context_characters) : start][::-1], start <= TRACE.context_characters
    )
    after = _context(text[end : end + TRACE.context_characters], end + TRACE.context_characters >= len(text))
    return before[::-1], text[start:end], after


def _context(text: str, whole: bool) -> str:
    """What is read away from a passage, as far as `context_lines`, cut at white space with an ellipsis unless
    it is whole."""
    lines = text.split("\n")
    kept = "\n".join(lines[: TRACE.context_lines])
    if len(lines) > TRACE.context_lines:
        return kept
    if whole:
        return text
    cut = next((i for i in range(len(kept) - 1, -1, -1) if kept[i].isspace()), -1)
    return kept[: max(cut, 0)] + "…"
