"""The medium of text: contents, cuts, places, words, shingles and features."""

from __future__ import annotations

import time
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etude.errors import WorkError
from etude.media import MEDIA, for_file
from etude.media.contract import Medium
from etude.media.text import words
from tests.media import textfiles as files

TEXT = MEDIA["text"]


def test_the_medium_follows_the_contract() -> None:
    medium: Medium = TEXT
    assert medium.name == "text" and medium.unit == "characters"
    assert ".epub" in medium.suffixes and medium.formats[0] == "md"


def test_files_find_their_medium() -> None:
    assert for_file("a/poem.TXT", b"words") is TEXT
    assert for_file("poem.epub", files.book()) is TEXT
    assert for_file("poem.txt", b"\x89PNG\r\n") is TEXT  # its `read` then says what is wrong
    assert for_file("program.exe", b"MZ") is None
    assert set(MEDIA) == {"text", "music", "image", "video"}


@given(st.text(min_size=1, max_size=300))
@settings(max_examples=100, deadline=None)
def test_written_texts_are_read_again(text: str) -> None:
    try:
        content = TEXT.read(text.encode(), suffix=".txt").content
    except WorkError:
        return
    for fmt in TEXT.formats:
        again = TEXT.read(TEXT.write(content, fmt), suffix=".txt").content
        assert again == content
    assert TEXT.load(TEXT.store(content)) == content


def test_markdown_of_verse_keeps_its_lines() -> None:
    data = TEXT.write(files.VERSE, "md").decode()
    assert data.startswith("The sea is calm to-night.  \n")
    assert TEXT.read(data.encode(), suffix=".md").content == files.VERSE
    assert "  \n" not in TEXT.write(files.PROSE, "md").decode()
    with pytest.raises(WorkError):
        TEXT.write(files.VERSE, "pdf")


@given(st.text(alphabet="ab. \n", max_size=6000))
@settings(max_examples=30, deadline=None)
def test_boundaries_divide_without_loss(text: str) -> None:
    cuts = [0, *TEXT.boundaries(text), len(text)]
    assert cuts == sorted(set(cuts)) or not text
    assert "".join(TEXT.cut(text, a, b) for a, b in pairwise(cuts)) == text


def test_boundaries_are_paragraphs_then_lines_then_sentences() -> None:
    assert TEXT.boundaries("one\ntwo\n\nthree\n") == (9,)
    verse = "a line of verse\n" * 300
    assert len(TEXT.boundaries(verse)) == 299
    prose = "A sentence stands here. " * 300
    assert TEXT.boundaries(prose)[0] == 24
    assert TEXT.boundaries("x" * 9000) == ()


def test_places_are_lines_and_headings() -> None:
    text = "Preface\n\nCHAPTER II.\n\nIt rained.\n\n# After\n\nIt was dry.\n"
    assert TEXT.place(text, 0) == "line 1"
    assert TEXT.place(text, text.index("rained")) == "line 5, CHAPTER II"
    assert TEXT.place(text, text.index("dry")) == "line 9, After"


def test_descriptions_name_size_and_beginning() -> None:
    assert (
        TEXT.describe("Only one word\n") == "Text of 3 words in 1 line, beginning \u201cOnly one word\u201d"
    )
    assert "\n" not in TEXT.describe(files.PROSE)
    assert TEXT.previews(files.PROSE) == {}


def test_words_are_normalised_and_placed() -> None:
    text = "\u201cDon\u2019t GO,\u201d she said: \u4e2d\u6587 na\u00efve_x 42"
    found = words.words(text)
    assert [w for _, _, w in found] == [
        "don't",
        "go",
        "she",
        "said",
        "\u4e2d",
        "\u6587",
        "na\u00efve",
        "x",
        "42",
    ]
    assert all(words.normal(text[a:b]) == w for a, b, w in found)


@given(st.text(alphabet="aB'\u2019 .\n_\u4e2d\u00e9\u01309-", max_size=200))
@settings(max_examples=200, deadline=None)
def test_the_table_of_words_agrees_with_the_list(text: str) -> None:
    found, table = words.words(text), words.word_table(text)
    assert [(a, b) for a, b, _ in found] == list(zip(table.start.tolist(), table.end.tolist(), strict=True))
    assert [words.word_hash(w) for _, _, w in found] == table.hash.tolist()
    assert np.array_equal(words.ngram_hashes(found, 3), words.ngram_hashes(table.hash, 3))


def test_runs_of_words_are_equal_where_the_words_are() -> None:
    a = words.ngram_hashes(words.words("One two, THREE four five six"), 4)
    b = words.ngram_hashes(words.words("(zero) one two three... four seven"), 4)
    assert len(a) == 3 and a[0] == b[1] and len(np.intersect1d(a, b)) == 1
    assert len(words.ngram_hashes(words.words("too short"), 4)) == 0
    assert len(words.ngram_hashes(words.words("a b c"), 0)) == 0


def test_shingles_find_copies_and_not_others() -> None:
    one = TEXT.marks(files.PROSE)
    copy = TEXT.marks(files.PROSE.upper().replace("nobody", "no one"))
    other = TEXT.marks(files.VERSE)
    assert len(np.intersect1d(one, copy)) > 0.7 * len(one)
    assert len(np.intersect1d(one, other)) == 0
    assert len(TEXT.marks("two words")) == 1 and len(TEXT.marks("...")) == 0


def test_features_know_a_hand() -> None:
    from etude.samples import poets

    parts, makers = [], []
    for path, about in poets():
        text = path.read_text(encoding="utf-8")
        for start in range(0, min(len(text), 60_000) - 7_000, 7_000):
            parts.append(TEXT.features(text[start : start + 7_000]))
            makers.append(about["maker"])
    f, who = np.stack(parts), np.array(makers)
    near = f @ f.T
    np.fill_diagonal(near, -1)
    right = float(np.mean(who[near.argmax(1)] == who))
    assert right > 0.8  # by chance: about 0.1


def test_features_of_odd_texts_are_finite() -> None:
    for text in ("", "a", "\u4e2d\u6587", "!!!", " ", "the"):
        f = TEXT.features(text)
        assert np.isfinite(f).all() and np.linalg.norm(f) < 1.001


def test_long_texts_are_quick() -> None:
    text = files.PROSE * 3000  # 4.4 MB
    start = time.perf_counter()
    TEXT.features(text)
    TEXT.marks(text)
    TEXT.boundaries(text)
    assert time.perf_counter() - start < 15  # 2 s on an idle core
