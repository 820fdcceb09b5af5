"""The text codec: exact both ways, offsets in characters, a vocabulary by the rule, cursors that end well."""

from __future__ import annotations

import json
import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etude.errors import ModelError
from etude.media import codec_from_json
from etude.media.contract import Cursor
from etude.media.text import bpe
from tests.media import textfiles as files

CODEC = bpe.learn_codec([files.PROSE, files.VERSE * 5])
SMALL = bpe.learn_codec([files.PROSE], 300, dropout=0.2)
JOINED = bpe.learn_codec([files.PROSE], 300, joined=True)


def body(codec: bpe.BpeCodec, text: str) -> list[int]:
    tokens: list[int] = codec.encode(text).tokens[1:-1].tolist()
    return tokens


@given(st.text(max_size=400))
@settings(max_examples=200, deadline=None)
def test_any_text_comes_back_exactly(text: str) -> None:
    for codec in (CODEC, SMALL, JOINED):
        e = codec.encode(text)
        assert codec.decode(e.tokens.tolist()) == text
        assert e.offsets[0] == 0 and e.offsets[-1] == len(text) and (np.diff(e.offsets) >= 0).all()
        assert len(e.offsets) == len(e.tokens) + 1


@given(st.text(alphabet="ab \n\t.,'\u2019\u00e9\u4e2d\U0001f600_1", max_size=200), st.integers(0, 5))
@settings(max_examples=100, deadline=None)
def test_varied_texts_come_back_exactly(text: str, seed: int) -> None:
    e = SMALL.augment(text, np.random.default_rng(seed))
    assert SMALL.decode(e.tokens.tolist()) == text and e.offsets[-1] == len(text)


@given(st.lists(st.integers(0, CODEC.vocab - 1), max_size=50))
def test_any_tokens_decode_to_something(tokens: list[int]) -> None:
    CODEC.decode(tokens).encode("utf-8")


def test_offsets_point_at_characters() -> None:
    text = "caf\u00e9 \U0001f600 \u4e2d."
    e = CODEC.encode(text)
    for t in range(1, len(e.tokens) - 1):
        whole = CODEC.decode(e.tokens[: t + 1].tolist())
        complete = whole.rstrip("\ufffd")  # a character that is not finished does not count
        assert e.offsets[t + 1] == len(complete)


def test_dropout_gives_more_tokens_and_other_ones_each_time() -> None:
    plain = body(SMALL, files.PROSE)
    varied = [SMALL.augment(files.PROSE, np.random.default_rng(i)).tokens.tolist() for i in (1, 1, 2)]
    assert varied[0] == varied[1] != varied[2]
    assert len(varied[0]) > len(plain)
    assert (
        CODEC.augment(files.VERSE, np.random.default_rng(0)).tokens.tolist()
        == CODEC.encode(files.VERSE).tokens.tolist()
    )


def test_learning_is_the_same_each_time_and_keeps_every_byte() -> None:
    again = bpe.learn_codec([files.PROSE, files.VERSE * 5])
    assert again.to_json() == CODEC.to_json()
    assert CODEC.paths[:256] == tuple((b,) for b in range(256))
    assert CODEC.paths[CODEC.bos] == CODEC.paths[CODEC.eos] == ()
    assert CODEC.n_symbols == 256 and CODEC.vocab == len(CODEC.paths)
    assert max(map(len, CODEC.paths)) <= 16


@pytest.mark.parametrize(("characters", "expected"), [(60_000, 512), (400_000, 512), (1_100_000, 1024)])
def test_the_vocabulary_grows_with_the_collection(characters: int, expected: int) -> None:
    rng = np.random.default_rng(0)
    letters = np.array(list("etaoinshrdlucmfw"))
    lexicon = ["".join(rng.choice(letters, n)) for n in rng.integers(2, 9, 8000)]
    picks = rng.zipf(1.3, characters // 4)
    text = " ".join(lexicon[i % len(lexicon)] for i in picks)[:characters]
    codec = bpe.learn_codec([text])
    assert codec.vocab == expected
    assert len(codec.encode(text).tokens) < len(text)


def test_tiny_and_empty_collections_still_give_a_codec() -> None:
    for texts in ([], [""], ["a"]):
        codec = bpe.learn_codec(texts)
        assert codec.vocab == 258 and codec.decode(codec.encode("any \u00e9").tokens.tolist()) == "any \u00e9"


def test_line_ends_stand_apart_unless_joined() -> None:
    text = files.PROSE
    newline = ord("\n")
    assert all(set(CODEC.paths[t]) == {newline} for t in body(CODEC, text) if newline in CODEC.paths[t])
    assert any(len(set(JOINED.paths[t])) > 1 for t in body(JOINED, text) if newline in JOINED.paths[t])


def test_json_holds_everything() -> None:
    data = json.loads(json.dumps(SMALL.to_json()))
    again = codec_from_json(data)
    assert again.to_json() == SMALL.to_json()
    assert again.encode(files.PROSE).tokens.tolist() == SMALL.encode(files.PROSE).tokens.tolist()


@pytest.mark.parametrize(
    "damage", [{"kind": "runes"}, {"version": 2}, {"merges": [[1, 9999]]}, {"merges": None}, {"dropout": "x"}]
)
def test_damaged_or_newer_codecs_are_refused(damage: dict[str, Any]) -> None:
    with pytest.raises(ModelError) as error:
        codec_from_json(SMALL.to_json() | damage)
    assert error.value.hint


def push(cursor: Cursor, text: str) -> int:
    pushed = 0
    for token in body(CODEC, text):
        if cursor.done:
            break
        cursor.push(token)
        pushed += len(CODEC.paths[token])
    return pushed


def test_a_cursor_ends_at_the_next_line_or_sentence() -> None:
    lines = "one two three four five six seven\n" * 10
    assert push(CODEC.cursor(units=60), lines) == 68  # the end of the second line
    sentences = "One two three four five six seven eight nine. " * 10
    assert push(CODEC.cursor(units=40), sentences) == 45


def test_a_cursor_stops_at_last_even_inside_a_sentence() -> None:
    assert 120 <= push(CODEC.cursor(units=100), "word " * 100) <= 125


def test_a_cursor_ends_with_the_work_but_not_far_too_early() -> None:
    cursor = CODEC.cursor(units=100)
    mask = cursor.allowed()
    assert mask is not None
    assert (
        not mask[CODEC.eos] and mask[0x20:0x7F].all() and mask[0xC3] and not mask[0x80]
    )  # what may begin a character
    push(cursor, "word " * 17)
    mask, goes_on = cursor.allowed(), not cursor.done
    assert mask is not None and mask[CODEC.eos] and goes_on
    cursor.push(CODEC.eos)
    assert cursor.done
    mask = CODEC.cursor().allowed()
    assert mask is not None and mask[CODEC.eos]


def test_a_cursor_forces_what_is_given_before_it_counts() -> None:
    cursor = CODEC.cursor(units=15, given=files.VERSE)
    forced = []
    while (token := cursor.forced()) is not None:
        assert not cursor.done
        forced.append(token)
        cursor.push(token)
    assert CODEC.decode(forced) == files.VERSE
    assert push(cursor, "A new line here\nand more") == 16


def test_hostile_runs_are_encoded_in_no_time() -> None:
    start = time.perf_counter()
    for text in (
        "a" * 300_000,
        "\n" * 300_000,
        " " * 300_000,
        "\u0301" * 300_000,
        "!" * 300_000,
        "\u4e2d\u6587" * 100_000,
    ):
        assert CODEC.decode(CODEC.encode(text).tokens.tolist()) == text
    assert time.perf_counter() - start < 20


def test_two_megabytes_in_a_second_or_two() -> None:
    text = (files.PROSE + files.VERSE) * 1200
    start = time.perf_counter()
    e = CODEC.encode(text)
    assert time.perf_counter() - start < 6  # 0.4 s on an idle core
    assert e.offsets[-1] == len(text)
