"""What can be counted in a text without a model: lengths of words, sentences and lines, how often words and
pairs of words come again.

How often words come again grows with a text's length: texts are compared that are about equally long.
"""

from __future__ import annotations

import re
from itertools import pairwise

from etude.media.text.words import normal, word_table

_SENTENCE = re.compile(r"[.!?\u2026\u3002\uff01\uff1f]+[\"'\u201d\u2019)\]]*(?=\s|$)")
LEAST = 20  # words, below which nothing is counted


def described(text: str) -> dict[str, float]:
    """By names in words; empty for fewer than `LEAST` words."""
    table = word_table(text)
    n = len(table.hash)
    if n < LEAST:
        return {}
    spans = zip(table.start.tolist(), table.end.tolist(), strict=True)
    words = [normal(text[start:end]) for start, end in spans]
    pairs = list(pairwise(words))
    lines = [line for line in text.split("\n") if line.strip()]
    marks = sum(not (c.isalnum() or c.isspace()) for c in text)
    return {
        "letters in a word": sum(map(len, words)) / n,
        "words in a sentence": n / max(1, len(_SENTENCE.findall(text))),
        "words in a line": n / max(1, len(lines)),
        "punctuation marks in 100 words": 100.0 * marks / n,
        "words in 100 that came before in the text": 100.0 * (1.0 - len(set(words)) / n),
        "pairs of words in 100 that came before in the text": 100.0 * (1.0 - len(set(pairs)) / len(pairs)),
    }
