"""How takes on a base begin, and how long they are: paragraphs as beginnings, lengths in words."""

from __future__ import annotations

import json

import numpy as np

from etude.families.sequence.learn import card
from etude.families.sequence.learn.batches import Batches
from etude.families.sequence.learn.dataset import begins
from etude.media.text.tokenizer_codec import from_json
from tests.families.sequence import small_bases, small_models


def test_windows_that_begin_with_a_paragraph_are_begun_as_works() -> None:
    corpus = small_models.corpus("text")
    every = Batches(corpus, window=24, batch=8, seed=1, openings=1.0).next()
    none = Batches(corpus, window=24, batch=8, seed=1).next()
    some = Batches(corpus, window=24, batch=8, seed=1, openings=0.5)
    bos = corpus.codec.bos
    assert (every.x[:, 0] == bos).sum() >= 6  # but for windows at the very end
    assert (none.x[:, 0] == bos).sum() < (every.x[:, 0] == bos).sum()
    share = np.mean([(some.next().x[:, 0] == bos).mean() for _ in range(20)])
    assert 0.3 < share < 0.8
    again = Batches(corpus, window=24, batch=8, seed=1, openings=1.0).next()
    assert (again.x == every.x).all()
    firsts = {
        int(p.encoded.tokens[at])
        for p in corpus.train
        for at in begins(corpus.medium, p.part.content, p.encoded)
    }
    assert {int(y[0]) for x, y in zip(every.x, every.y, strict=True) if x[0] == bos} <= firsts


def test_paragraphs_begin_where_their_tokens_do() -> None:
    codec = small_models.corpus("text").codec
    text = "One day.\n\nThe next day,\nand another.\n\nLast."
    e = codec.encode(text)
    found = begins("text", text, e)
    assert [text[int(e.offsets[t]) :][:3] for t in found] == ["One", "The", "Las"]


def test_a_length_may_count_words_and_ends_with_a_sentence() -> None:
    table = {"tokenizer": json.loads(small_bases.tokenizer().to_str()), "rows": 330, "bos": 0, "eos": 2}
    words = from_json({"kind": "tokenizer", "version": 1, "counts": "words", **table})
    characters = from_json({"kind": "tokenizer", "version": 1, **table})
    assert words.to_json()["counts"] == "words" and "counts" not in characters.to_json()
    text = "The lamp was lit. Nobody said a word. The boat went out."
    for codec, units, made in ((words, 5, 8), (characters, 20, 8), (words, 4, 4)):
        cursor, tokens = codec.cursor(units=units), list[int]()
        for token in codec.encode(text).tokens[1:-1].tolist():
            if cursor.done:
                break
            cursor.push(token)
            tokens.append(token)
        assert cursor.done and cursor.content(tokens) == " ".join(text.split()[:made])


def test_a_card_says_which_part_of_a_large_collection_was_seen() -> None:
    said = card.part_seen(0.02, 10_000_000)
    assert said.startswith(" It has seen about 200,000 of 10,000,000 tokens") and "at random" in said
    assert card.part_seen(1.0, 10_000_000) == ""
