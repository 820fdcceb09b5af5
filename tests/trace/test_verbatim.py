"""Verbatim spans of real words and notes: the right places, whatever case, punctuation, key and tempo."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etude.errors import ProjectError, WorkError
from etude.media import sequence
from etude.media.music.score import Note, Score, Track
from etude.media.text.runs import quote
from etude.trace.verbatim import VerbatimIndex, build_index, search

TEXT, MUSIC = sequence("text"), sequence("music")
WORKS = {
    "w-a": "I dwell in Possibility,\nA fairer house than prose,\n"
    "More numerous of windows,\nSuperior for doors.",
    "w-b": "She said: a fairer house than prose is what I dwell in.",
}


def test_case_punctuation_and_line_breaks_do_not_count() -> None:
    index = build_index("text", WORKS.items())
    piece = "Tonight a FAIRER -- house, than\n prose! more numerous of doors"
    found = search(index, TEXT, piece, WORKS.__getitem__, minimum=3)
    (first,) = found.spans
    assert (first.length, first.works, first.times) == (8, 1, 1)
    assert first.text == "a FAIRER -- house, than\n prose! more numerous of"
    (place,) = first.places
    assert (
        (place.work, place.place) == ("w-a", "line 2")
        and place.quote[1].startswith("A fairer house")
        and place.quote[1].endswith("numerous of")
    )
    assert found.total == 10 and found.longest == 8


def test_places_are_exact_and_rarity_counts_works() -> None:
    index = build_index("text", WORKS.items())
    (span,) = search(index, TEXT, "a fairer house than prose", WORKS.__getitem__).spans
    assert (span.works, span.times) == (2, 2)
    for place in span.places:
        assert WORKS[place.work][place.start : place.end].lower() == "a fairer house than prose"


words = st.lists(st.sampled_from(["a", "b", "c"]), max_size=18)


@settings(max_examples=60, deadline=None)
@given(st.lists(words, min_size=1, max_size=3), words)
def test_spans_are_those_of_brute_force(works: list[list[str]], piece: list[str]) -> None:
    contents = {f"w-{i}": " ".join(w) for i, w in enumerate(works)}
    found = search(
        build_index("text", contents.items()),
        TEXT,
        " ".join(piece),
        contents.__getitem__,
        minimum=2,
        limit=99,
    )
    padded = [f" {c} " for c in contents.values()]
    matching = [
        (a, b)
        for a in range(len(piece))
        for b in range(a + 1, len(piece) + 1)
        if any(f" {' '.join(piece[a:b])} " in c for c in padded)
    ]
    maximal = [s for s in matching if not any(o != s and o[0] <= s[0] and s[1] <= o[1] for o in matching)]
    expected = sorted((2 * a, 2 * b - 1) for a, b in maximal if b - a >= 2)
    assert sorted(s.ranges[0] for s in found.spans) == expected
    assert found.longest == max((b - a for a, b in maximal), default=0)
    for span in found.spans:
        for place in span.places:
            assert contents[place.work][place.start : place.end] == span.text


def test_arrays_keep_the_index() -> None:
    index = build_index("text", WORKS.items())
    again = VerbatimIndex.from_arrays(index.to_arrays())
    piece = "a fairer house than prose"
    assert search(again, TEXT, piece, WORKS.__getitem__) == search(index, TEXT, piece, WORKS.__getitem__)
    with pytest.raises(ProjectError, match="format 9"):
        VerbatimIndex.from_arrays({**index.to_arrays(), "names": np.frombuffer(b"9\ntext", np.uint8)})


def test_quotation_is_cut_at_white_space() -> None:
    text = "alpha " * 100 + "THE SPAN" + " omega" * 100
    before, middle, after = quote(text, 600, 608)
    assert (
        middle == "THE SPAN"
        and before.startswith("…alpha")
        and after.endswith("omega…")
        and len(before) < 170
    )


def test_nothing_in_common_and_nothing_at_all() -> None:
    index = build_index("text", WORKS.items())
    for piece in ("", "—!?", "zebra quagga"):
        found = search(index, TEXT, piece, WORKS.__getitem__)
        assert found.spans == () and found.longest == 0 and found.covered == 0
    assert search(build_index("text", []), TEXT, "a b", WORKS.__getitem__).spans == ()


def test_a_medium_without_words_is_refused() -> None:
    with pytest.raises(WorkError, match="not learned as tokens"):
        build_index("image", [])


def melody(pitches: list[int], times: list[int]) -> Track:
    onsets = np.concatenate([[0], np.cumsum(times)[:-1]])
    return Track(tuple(Note(int(o), p, d) for o, p, d in zip(onsets, pitches, times, strict=True)), "air")


PITCHES, TIMES = (
    [60, 62, 64, 65, 67, 65, 64, 62, 60, 67, 72, 71],
    [24, 12, 12, 24, 24, 12, 12, 24, 48, 24, 24, 48],
)


@pytest.mark.parametrize(("shift", "stretch"), [(0, 1), (5, 1), (-7, 2), (3, 3)])
def test_a_melody_is_found_in_another_key_and_tempo(shift: int, stretch: int) -> None:
    work = Score((melody([50, 50, 51, *PITCHES, 40], [12, 36, 12, *TIMES, 6]), melody([40] * 6, [96] * 6)))
    piece = Score((melody([p + shift for p in PITCHES], [t * stretch for t in TIMES]),))
    (span,) = search(build_index("music", [("w-m", work)]), MUSIC, piece, {"w-m": work}.__getitem__).spans
    assert span.length == len(PITCHES) and span.ranges == ((0, 12),) and span.here == "bar 1"
    (place,) = span.places
    assert [p for _, p, _ in place.notes] == PITCHES


def test_another_rhythm_is_another_melody() -> None:
    work, piece = Score((melody(PITCHES, TIMES),)), Score((melody(PITCHES, [24] * 12),))
    assert search(build_index("music", [("w-m", work)]), MUSIC, piece, {"w-m": work}.__getitem__).spans == ()


def test_chords_have_an_upper_and_a_lower_line_and_drums_none() -> None:
    air = melody(PITCHES, TIMES)
    chords = replace(
        air,
        notes=tuple(
            sorted([*air.notes, *(replace(n, pitch=n.pitch - 12 - i % 3) for i, n in enumerate(air.notes))])
        ),
    )
    assert len(MUSIC.streams(Score((chords,)))) == 2
    assert len(MUSIC.streams(Score((air,)))) == 1
    assert MUSIC.streams(Score((replace(air, drum=True),))) == []
    assert len(MUSIC.streams(Score((melody([60], [24]),)))[0].symbols) == 0
