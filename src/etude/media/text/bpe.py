"""Text as tokens: byte-level pair encoding learned from the collection itself, every byte always in the
vocabulary.

So any text can be encoded and comes back exactly. Splitting into words is deterministic (a leading space
belongs to its word, runs of newlines stand alone); pairs are merged inside words only, in the order they were
learned. Knows nothing of files or models. Papers: Sennrich et al. 2016 (arXiv 1508.07909); dropout of merges:
Provilkov et al. 2020 (arXiv 1910.13267).

Tokens 0..255 are the bytes, then one token for each merge, then `bos` and `eos`, whose paths are empty.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from etude.config.media import BPE
from etude.errors import ModelError
from etude.media.codec import Encoded
from etude.media.text.byte_codec import ByteCodec
from etude.media.values import Int32

# Letters keep their combining marks and inner apostrophes ("o'er", "don't"): Python's \w leaves marks out, so
# the usual blocks are named.
_MARK = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0903"
    "\u093a-\u094f\u0981-\u0983\u09bc-\u09cd\u0b82-\u0bcd\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u200d"
)
# Bounded, so that a run of a million letters cannot cost a million squared.
_LETTERS = rf"[^\W\d_]{{1,32}}(?:[{_MARK}]{{1,8}}[^\W\d_]{{0,8}}){{0,8}}"
_WORDS = (
    r"\n{{1,8}}| ?{letters}(?:['\u2019]{letters}){{0,2}}| ?\d| ?[^\s\w]{{1,16}}{ends}| ?_{{1,16}}"
    r"|[^\S\n]{{1,32}}(?=\n|\Z)|[^\S\n]{{1,32}}(?= )|[^\S\n]|."
)
_APART = re.compile(_WORDS.format(letters=_LETTERS, ends=""), re.S)
_JOINED = re.compile(
    _WORDS.format(letters=_LETTERS, ends=r"\n{0,2}"), re.S
)  # ",\n" is one word, as in tiktoken's cl100k
_CUT = re.compile(r"(?<=[^\W\d_])(?=\s)")  # a word always ends between a letter and white space
_CHUNK = 1 << 20  # characters split into words at a time: bounds the memory of the word list


def split_words(text: str, joined: bool = False) -> Iterator[list[str]]:
    """The words of `text`, in lists of about a million characters; put together they are the text."""
    pattern = _JOINED if joined else _APART
    start = 0
    while start < len(text):
        found = _CUT.search(text, start + _CHUNK) if len(text) - start > _CHUNK else None
        end = found.start() if found else len(text)
        yield pattern.findall(text[start:end])
        start = end


class BpeCodec(ByteCodec):
    """The codec of one collection of texts; immutable but for its cache of words."""

    def __init__(self, merges: Sequence[tuple[int, int]], dropout: float = 0.0, joined: bool = False) -> None:
        """`merges`: pairs of earlier tokens, in order; `dropout`: the chance that `augment` skips a merge;
        `joined`: line ends belong to the punctuation before them."""
        self.merges = tuple((int(a), int(b)) for a, b in merges)
        self.dropout = dropout
        self.joined = joined
        paths: list[tuple[int, ...]] = [(b,) for b in range(256)]
        for a, b in self.merges:
            if not (0 <= a < len(paths) and 0 <= b < len(paths)):
                raise ModelError(
                    "The codec of this model joins tokens that it does not have.",
                    "The file is damaged: learn again.",
                )
            paths.append(paths[a] + paths[b])
        super().__init__((*paths, (), ()), len(paths), len(paths) + 1)
        self._rank = {pair: 256 + i for i, pair in enumerate(self.merges)}
        self._ids: dict[str, tuple[int, ...]] = {}

    def encode(self, content: str) -> Encoded:
        """bos (not scored), the tokens of the text, eos. Token t covers characters offsets[t]..offsets[t+1];
        one that ends inside a character covers up to it, and the token that completes it covers it."""
        if len(self._ids) > BPE.cached_words:
            self._ids.clear()
        parts = [self._gather(words) for words in split_words(content, self.joined)]
        return self._encoded(parts)

    def augment(self, content: str, rng: np.random.Generator) -> Encoded:
        """The text with each merge skipped with chance `dropout`, anew for each occurrence; plain `encode`
        where it is 0."""
        if self.dropout <= 0:
            return self.encode(content)
        parts: list[tuple[Int32, Int32]] = []
        for words in split_words(content, self.joined):
            ids: list[int] = []
            ends: list[int] = []
            at = 0
            for word in words:
                tokens = merge_word(word.encode("utf-8", "replace"), self._rank, self.dropout, rng)
                ids += tokens
                ends += [at + e for e in self._ends(word, tokens)]
                at += len(word)
            parts.append((np.array(ids, np.int32), np.array(ends, np.int32)))
        return self._encoded(parts)

    def to_json(self) -> dict[str, Any]:
        """All that the codec is, for the header of a model."""
        return {
            "kind": "bpe",
            "version": 1,
            "merges": [list(pair) for pair in self.merges],
            "dropout": self.dropout,
            "joined": self.joined,
        }

    def _gather(self, words: list[str]) -> tuple[Int32, Int32]:
        """Tokens and their ends in characters of a list of words: each distinct word is merged once, the rest
        is indexing."""
        index: dict[str, int] = {}
        code = np.array([index.setdefault(w, len(index)) for w in words], np.int64)
        tokens = [self._word(w) for w in index]
        count = np.array([len(t) for t in tokens], np.int64)
        first = np.concatenate([[0], np.cumsum(count)])
        flat = np.fromiter((t for ids in tokens for t in ids), np.int32, int(first[-1]))
        inner = np.fromiter(
            (e for w, ids in zip(index, tokens, strict=True) for e in self._ends(w, ids)),
            np.int32,
            int(first[-1]),
        )
        length = np.array([len(w) for w in index], np.int64)
        start = np.cumsum(length[code]) - length[code]  # (words,) where each word begins in the text
        n = count[code]
        within = np.arange(int(n.sum())) - np.repeat(np.cumsum(n) - n, n)
        pick = np.repeat(first[code], n) + within
        return flat[pick], (np.repeat(start, n) + inner[pick]).astype(np.int32)

    def _word(self, word: str) -> tuple[int, ...]:
        ids = self._ids.get(word)
        if ids is None:
            ids = self._ids[word] = tuple(merge_word(word.encode("utf-8", "replace"), self._rank))
        return ids

    def _ends(self, word: str, tokens: Sequence[int]) -> list[int]:
        """How many characters of the word are complete after each of its tokens."""
        ends: list[int] = []
        at = 0
        for t in tokens:
            at += len(self.paths[t])
            ends.append(at)
        if len(word) == at:
            return ends
        done = np.cumsum(
            [len(c.encode("utf-8", "replace")) for c in word]
        )  # (characters,) bytes complete after each
        return [int(e) for e in np.searchsorted(done, ends, side="right")]


def from_json(data: Mapping[str, Any]) -> BpeCodec:
    """The codec that `to_json` wrote. Raises ModelError where a part is missing or newer than this
    version."""
    try:
        if data["kind"] != "bpe" or int(data["version"]) != 1:
            raise ModelError(
                f"This model's text codec is '{data['kind']}' version {data['version']}; "
                "this version of Etude reads 'bpe' version 1.",
                "Install a newer version of Etude: pip install -U etude",
            )
        return BpeCodec(
            [(int(a), int(b)) for a, b in data["merges"]], float(data["dropout"]), bool(data["joined"])
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"This model's text codec cannot be read ({error}).", "The file is damaged: learn again."
        ) from error


def merge_word(
    data: bytes,
    rank: Mapping[tuple[int, int], int],
    dropout: float = 0.0,
    rng: np.random.Generator | None = None,
) -> list[int]:
    """The tokens of one word: the earliest-learned pair is joined first, leftmost first, until none is
    left."""
    ids = list(data)
    none = 1 << 30
    ranks = [rank.get(pair, none) for pair in pairwise(ids)]
    while ranks:
        if rng is None:
            best = min(ranks)
        else:
            best = min((r for r in ranks if r < none and rng.random() >= dropout), default=none)
        if best == none:
            break
        i = ranks.index(best)
        ids[i : i + 2] = [best]
        del ranks[i]
        if i > 0:
            ranks[i - 1] = rank.get((ids[i - 1], best), none)
        if i < len(ranks):
            ranks[i] = rank.get((best, ids[i + 1]), none)
    return ids


def learn_codec(
    texts: Sequence[str], vocab: int | None = None, dropout: float = 0.0, joined: bool = BPE.joined
) -> BpeCodec:
    """Learn the codec of a collection. `vocab`: tokens in all (bos and eos too); None: by the rule of
    `choose_vocab`."""
    counts: Counter[str] = Counter()
    for text in texts:
        for words in split_words(text, joined):
            counts.update(words)
    most = vocab if vocab is not None else BPE.vocabularies[-1]
    merges = _learn_merges(counts, max(0, most - 258))
    if vocab is None:
        merges = merges[: choose_vocab(counts, merges) - 258]
    return BpeCodec(merges, dropout, joined)


def choose_vocab(counts: Mapping[str, int], merges: Sequence[tuple[int, int]]) -> int:
    """The largest vocabulary whose tokens still occur often enough on average to be learned
    (`BPE.occurrences`).

    Merges are nested (a smaller vocabulary is a prefix of a larger one), so one learning serves all sizes.
    """
    common = sorted(counts, key=lambda w: (-counts[w], w))[: BPE.sampled_words]
    share = sum(len(w) * counts[w] for w in common) / max(1, sum(len(w) * n for w, n in counts.items()))
    for size in reversed(BPE.vocabularies):
        if size - 258 > len(merges):
            continue
        rank = {pair: 256 + i for i, pair in enumerate(merges[: size - 258])}
        tokens = sum(len(merge_word(w.encode("utf-8", "replace"), rank)) * counts[w] for w in common)
        if tokens / share / size >= BPE.occurrences:
            return size
    return BPE.vocabularies[0]


def _learn_merges(counts: Mapping[str, int], n: int) -> list[tuple[int, int]]:
    """Up to `n` merges, learned by `tokenizers` from the counted words (thinned evenly where there are very
    many)."""
    from tokenizers import (
        Tokenizer,
        models,
        pre_tokenizers,
        trainers,
    )  # 30 ms to load: only where something is learned

    if n == 0 or not counts:
        return []
    scale = min(1.0, BPE.learned_words / sum(counts.values()))
    words = sorted(counts)
    stream = (w for w in words for _ in range(round(counts[w] * scale)))
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=256 + n,
        initial_alphabet=alphabet,
        min_frequency=2,
        max_token_length=BPE.longest_token,
        show_progress=False,
    )
    tokenizer.train_from_iterator(stream, trainer)
    return _byte_merges(tokenizer.to_str())


def _byte_merges(state: str) -> list[tuple[int, int]]:
    """The merges of a `tokenizers` byte-level model as pairs of our token numbers."""
    shown = {c: b for b, c in byte_characters().items()}
    number: dict[str, int] = dict(shown)
    merges: list[tuple[int, int]] = []
    for left, right in json.loads(state)["model"]["merges"]:
        merges.append((number[left], number[right]))
        number.setdefault(left + right, 255 + len(merges))
    return merges


def byte_characters() -> dict[int, str]:
    """GPT-2's printable stand-in for each byte, in which `tokenizers` writes its tokens."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    table = {b: chr(b) for b in plain}
    for i, b in enumerate(b for b in range(256) if b not in table):
        table[b] = chr(256 + i)
    return table
