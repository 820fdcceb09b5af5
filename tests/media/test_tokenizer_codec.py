"""The codec over a base's tokenizer: exact, whatever the text, and cursors that keep words and sentences
whole."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from etude.config.media import TEXT
from etude.errors import ModelError, WorkError
from etude.media.check import SEQUENCE_CHECKS, Subject
from etude.media.codec import Codec
from etude.media.text import bpe, prose_cursor
from etude.media.text.medium import MEDIUM
from etude.media.text.prose_cursor import ProseCursor
from etude.media.text.tokenizer_codec import TokenizerCodec, from_json
from tests.families.sequence import small_bases
from tests.media.languages import SENTENCES
from tests.media.test_check import EXAMPLES

WORDS = " ".join(SENTENCES.values())


def of_bytes(rows: int = 700) -> TokenizerCodec:
    table = json.loads(small_bases.tokenizer(600, [WORDS]).to_str())
    table["normalizer"] = {"type": "NFC"}  # as Qwen has it: it would change a text
    return TokenizerCodec(table, rows, 0, 2)


def of_pieces() -> TokenizerCodec:
    return TokenizerCodec(json.loads(small_bases.sentencepiece_like([WORDS]).to_str()), 900, 1, 2)


CODECS = {"bytes": of_bytes, "pieces": of_pieces}


class OnBase(Subject):
    """The medium of text with a base's codec."""

    def codec(self) -> Codec:
        return CODECS[self.which]()

    which = "bytes"


@pytest.mark.parametrize("which", CODECS)
def test_it_keeps_the_promises_of_a_codec(which: str) -> None:
    data = EXAMPLES["text"][:2]
    subject = OnBase(MEDIUM, data, [MEDIUM.read(d, suffix=x).content for d, x in data])
    subject.which = which
    complaints = {check.__name__: list(check(subject)) for check in SEQUENCE_CHECKS}
    assert {name: found for name, found in complaints.items() if found} == {}


@pytest.mark.parametrize("which", CODECS)
def test_every_text_comes_back(which: str) -> None:
    codec = CODECS[which]()
    for text in (
        *SENTENCES.values(),
        "cafe\u0301 e\u0301te\u0301",  # no composed letters
        "  two blanks,\ttab \n\n\n and a line  ",
        "<|endoftext|><s></s><|im_end|> are letters here",
        "\U0001f469\u200d\U0001f680 \u65e5\u672c\u8a9e \u0000 \r\n",
        "",
    ):
        e = codec.encode(text)
        assert codec.decode(e.tokens.tolist()) == text
        assert e.tokens[0] == codec.bos and e.tokens[-1] == codec.eos and e.offsets[-1] == len(text)
        assert not set(e.tokens[1:-1].tolist()) & {codec.bos, codec.eos}
        for a, token in zip(e.offsets, e.tokens):
            piece = codec.decode([int(token)])
            assert "\ufffd" in piece or text[a:].startswith(piece)
    again = from_json(json.loads(json.dumps(codec.to_json())))
    assert again.digest == codec.digest
    assert np.array_equal(again.encode(WORDS).tokens, codec.encode(WORDS).tokens)


def test_what_it_cannot_spell_is_refused() -> None:
    table = json.loads(small_bases.sentencepiece_like([WORDS]).to_str())
    with pytest.raises(WorkError, match=r"cannot spell this text: it loses something at character 4"):
        of_pieces().encode("one \u2581 two")  # the sign that such tokenizers write for a blank
    del table["model"]["vocab"]["<0x07>"]
    with pytest.raises(WorkError, match="loses something at character 5"):
        TokenizerCodec(table, 900, 1, 2).encode("a bel\x07l")
    for spoilt in ({}, {"model": {"type": "Unigram"}}, {"model": {"vocab": 3, "merges": 0}}):
        with pytest.raises(ModelError):
            from_json({"kind": "tokenizer", "version": 1, "tokenizer": spoilt, "rows": 9, "bos": 0, "eos": 1})
    with pytest.raises(ModelError, match="version 2"):
        from_json({"kind": "tokenizer", "version": 2})


def push(cursor: ProseCursor, codec: Codec, *pieces: str) -> list[int]:
    tokens = []
    for piece in pieces:
        for token in codec.encode(piece).tokens[1:-1].tolist():
            if not cursor.done:
                cursor.push(token)
                tokens.append(token)
    return tokens


def made(units: int, *pieces: str, given: str | None = None) -> str:
    codec = of_bytes()
    cursor = codec.cursor(units=units, given=given)
    while (forced := cursor.forced()) is not None:
        cursor.push(forced)
    tokens = codec.encode(given).tokens[1:-1].tolist() if given else []
    tokens += push(cursor, codec, *pieces)
    return cursor.content(tokens[: len(tokens) - cursor.surplus])


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short texts are waited for as long in proportion as long ones."""
    monkeypatch.setattr(prose_cursor, "TEXT", replace(TEXT, longest_wait=0))


def test_takes_end_after_a_sentence() -> None:
    said = (
        "He waited",
        ".",
        " \u201cIs it late?\u201d",
        " asked Mr. Smith.",
        " Nobody knew.",
        "\n\n",
        "Then it rained.",
    )
    assert made(8, *said) == "He waited."
    assert made(16, *said) == "He waited. \u201cIs it late?\u201d"
    assert made(28, *said) == "He waited. \u201cIs it late?\u201d asked Mr. Smith."
    assert made(48, *said) == "He waited. \u201cIs it late?\u201d asked Mr. Smith. Nobody knew."
    assert made(14, "It was 3", ".", "14", " and more", ".") == "It was 3.14 and more."
    assert made(6, " and so", ".", given='"I know,"') == " and so.".join(['"I know,"', ""])


def ended(cursor: ProseCursor) -> bool:
    return bool(cursor.done)


def test_an_open_quotation_is_closed_and_a_long_sentence_ended() -> None:
    codec = of_bytes()
    cursor = codec.cursor(units=6)
    push(cursor, codec, "\u201cWait", ".")
    assert not ended(cursor)
    mask = cursor.allowed()
    assert mask is not None
    assert [bytes(codec.paths[t]) for t in np.flatnonzero(mask)] == [b"\xe2", b"\xe2\x80"]
    push(cursor, codec, "\u201d")
    assert ended(cursor)
    assert made(10, "He waited.", " On and on and on and on") == "He waited."
    assert made(10, "on and on and on and on").endswith("on and")
    cursor = codec.cursor(units=1000)
    push(cursor, codec, " /h" * 9)
    mask, again = cursor.allowed(), codec.encode(" /h").tokens[1]
    assert mask is not None and not mask[again] and mask.sum() > 100


def test_takes_begin_as_texts_begin() -> None:
    codec = of_bytes()
    mask = codec.cursor(units=100).allowed()
    free = codec.cursor().allowed()
    assert mask is not None and free is not None
    opening = [bytes(codec.paths[t]) for t in np.flatnonzero(mask)]
    assert opening and not any(data[:1] in b" \n\t,;.)" for data in opening)
    assert free.sum() > mask.sum()
    healed: Any = codec.cursor(units=100, given="They said ")
    while (forced := healed.forced()) is not None:
        healed.push(forced)
    after = healed.allowed()
    assert after is not None and all(codec.paths[t][0] == 32 for t in np.flatnonzero(after))


def test_the_guard_and_the_medium_know_it() -> None:
    codec = of_bytes()
    guard = MEDIUM.guard([WORDS], 4, codec)
    assert guard.copies(SENTENCES["de"]) and not guard.copies("nothing of this kind stands there")
    assert MEDIUM.codecs == ("bpe", "tokenizer")
    assert MEDIUM.codec(codec.to_json()).vocab == codec.vocab
    assert isinstance(MEDIUM.learn_codec([WORDS]), bpe.BpeCodec)


def test_rows_beyond_the_tokenizer_are_never_drawn(tmp_path: Path) -> None:
    from etude.families.sequence import symbol_tree

    codec = of_bytes(rows=750)
    tree = symbol_tree.of_codec(codec)
    assert codec.vocab == 750 and len(tree.order) < 610
    assert tree.rank[codec.eos] >= 0 and tree.rank[codec.bos] == tree.rank[1] == tree.rank[749] == -1
