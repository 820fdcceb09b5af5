"""Readers' measures of takes: what a person who reads them would notice, each beside the same of works.

Words that neither the collection nor a list knows, runs of four words that come again, how long sentences
are, how much is spoken, and how well a plain classifier tells takes from works. None of them says that a text
is good. Knows no models.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from etude import rng
from etude.media.text.words import words
from etude.stats.classifier import hashed, told_apart

RUN = 4  # words
_SENTENCE = re.compile(r"[.!?\u2026]+[\"'\u2019\u201d)]*(?=\s|$)")
_SPOKEN = re.compile(r"\u201c[^\u201d]*\u201d|\"[^\"]*\"")
_LETTERS = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Readers:
    """Of several texts: shares are of words, `repeated` of runs of four; `told_apart` is an AUC against works
    held out, NaN where there are too few."""

    texts: int
    words: int
    unknown: float
    repeated: float
    sentence: float
    spoken: float
    told_apart: float

    def to_json(self) -> dict[str, Any]:
        """For tables."""
        return asdict(self)


def readers(
    texts: Sequence[str], known: Collection[str], works: Sequence[str] = (), seed: int = 0
) -> Readers:
    """The measures of texts. `known`: words in normal form; `works`: excerpts about as long, from works that
    nothing was learned from."""
    found = [[word for _, _, word in words(text)] for text in texts]
    total = max(1, sum(map(len, found)))
    runs = sum(max(0, len(one) - RUN + 1) for one in found)
    again = sum(_again(one) for one in found)
    strange = sum(1 for one in found for word in one if _LETTERS.fullmatch(word) and word not in known)
    ends = sum(max(1, len(_SENTENCE.findall(text))) for text in texts)
    spoken = sum(len(words(part)) for text in texts for part in _SPOKEN.findall(text))
    apart = told_apart([hashed(_grams(t)) for t in texts], [hashed(_grams(w)) for w in works], seed)
    return Readers(
        len(texts), total, strange / total, again / max(1, runs), total / max(1, ends), spoken / total, apart
    )


def _again(found: Sequence[str]) -> int:
    seen: set[tuple[str, ...]] = set()
    again = 0
    for i in range(len(found) - RUN + 1):
        run = tuple(found[i : i + RUN])
        again += run in seen
        seen.add(run)
    return again


def _grams(text: str) -> Iterator[str]:
    """Words, pairs of words with their marks, and three letters in a row."""
    tokens = re.findall(r"\w+|[^\w\s]", text.lower())
    yield from tokens
    yield from (f"{a} {b}" for a, b in pairwise(tokens))
    plain = " ".join(text.lower().split())
    yield from (plain[i : i + 3] for i in range(len(plain) - 2))


def excerpts(works: Sequence[str], count: int, length: int, seed: int = 0) -> list[str]:
    """So many excerpts of about `length` words, each from where a paragraph begins, works in turn."""
    out: list[str] = []
    for i in range(count if works else 0):
        work = works[i % len(works)]
        starts = [0, *(m.end() for m in re.finditer(r"\n\s*\n|\n", work))]
        fits = [s for s in starts if len(work) - s >= 6 * length] or [0]
        begin = fits[int(rng.for_(seed, "excerpt", i).integers(len(fits)))]
        ends = [m.end() for m in re.finditer(r"\S+", work[begin : begin + 20 * length])]
        cut = work[begin : begin + ends[min(length, len(ends)) - 1]] if ends else ""
        last = [m.end() for m in _SENTENCE.finditer(cut)]
        out.append(cut[: last[-1]] if last and 2 * last[-1] > len(cut) else cut)
    return out


def whole_words(pieces: Sequence[bytes]) -> set[str]:
    """The whole words among the tokens of a tokenizer, in normal form: a word list that comes with a base."""
    plain = (piece[1:].decode("utf-8", "ignore") for piece in pieces if piece[:1] == b" ")
    return {word.casefold() for word in plain if _LETTERS.fullmatch(word)}


def words_of(works: Sequence[str]) -> set[str]:
    """The words of a collection, in normal form."""
    return {word for work in works for _, _, word in words(work)}
