"""Readers' measures of texts, and the classifier that tells takes from works."""

from __future__ import annotations

import math

import numpy as np

from etude import rng
from etude.media.text.readers import excerpts, readers, whole_words, words_of
from etude.stats.classifier import FOLDS, auc, hashed, told_apart

WORK = 'The boat went out. "Wait," he called, "wait for me!" Nobody said a word.\n\nThe lamp was lit at ten.'


def test_the_measures_count_what_a_reader_sees() -> None:
    found = readers([WORK], words_of([WORK]))
    assert found.words == 20 and found.unknown == 0.0 and found.repeated == 0.0
    assert abs(found.spoken - 4 / 20) < 1e-9
    assert abs(found.sentence - 20 / 4) < 1.5
    strange = readers(["The bloat went out, the bloat went out."], words_of([WORK]))
    assert abs(strange.unknown - 2 / 8) < 1e-9  # a word that nobody knows, twice
    assert strange.repeated == 1 / 5  # of five runs of four words one comes again
    assert math.isnan(strange.told_apart)  # too few to say


def test_a_word_list_is_what_a_tokenizer_writes_whole() -> None:
    assert whole_words([b" Boat", b"boat", b" boat's", b" 12", b" na\xc3\xafve"]) == {"boat", "na\u00efve"}


def _texts(seed: int, words: str, n: int) -> list[np.ndarray[tuple[int], np.dtype[np.float64]]]:
    g = rng.for_(seed, "texts")
    return [hashed(g.choice(words.split(), 60).tolist()) for _ in range(n)]


def test_the_classifier_finds_a_difference_and_none_where_there_is_none() -> None:
    usual, other = "lamp boat tide rope oar mast", "lamp boat tide rope oar engine"
    assert told_apart(_texts(1, usual, 30), _texts(2, other, 30)) > 0.95
    assert 0.25 < told_apart(_texts(1, usual, 40), _texts(2, usual, 40)) < 0.75
    assert math.isnan(told_apart(_texts(1, usual, FOLDS - 1), _texts(2, usual, 40)))
    assert auc(np.array([1.0, 0.0]), np.array([0.0, 0.0])) == 0.75  # ties count half


def test_excerpts_begin_where_paragraphs_begin_and_end_with_sentences() -> None:
    works = [" ".join(f"Sentence {i} has five words." for i in range(80)) + "\n\n" + WORK] * 2
    found = excerpts(works, 4, 30)
    assert len(found) == 4 and all(one.endswith((".", '!"')) for one in found)
    assert all(one.startswith(("Sentence 0", "The ")) for one in found)
    assert excerpts([], 4, 30) == []
