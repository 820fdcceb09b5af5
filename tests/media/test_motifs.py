"""Motifs: what transposition and tempo do not change, keys, features, and a copy guard that a brute-force
search agrees with."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from etude.errors import TakeError
from etude.media.music import grid_codec as frames
from etude.media.music import motifs
from etude.media.music.copy_guard import MotifGuard
from etude.media.music.given_score import Given
from etude.media.music.grid_cursor import GridCursor
from etude.media.music.score import STEP, Note, Score, Track


def walk(seed: int, notes: int = 60, voices: int = 2, span: int = 5) -> Score:
    """Voices that wander over few pitches in few rhythms, so that spans often come back."""
    rng = np.random.default_rng(seed)
    tracks = []
    for v in range(voices):
        at, line = 0, []
        for _ in range(notes):
            length = int(rng.choice([1, 2, 2])) * 2 * STEP
            line.append(Note(at, 72 - 12 * v + int(rng.integers(0, span)), length))
            at += length
        tracks.append(Track(tuple(line), f"Voice {v + 1}"))
    return Score(tuple(tracks))


def moved(score: Score, semitones: int, stretch: int) -> Score:
    return Score(
        tuple(
            replace(
                t,
                notes=tuple(
                    Note(n.onset * stretch, n.pitch + semitones, n.duration * stretch) for n in t.notes
                ),
            )
            for t in score.tracks
        )
    )


def brute_spans(score: Score, n: int) -> dict[tuple[object, ...], list[list[int]]]:
    """Every n-note span of every line, in plain Python: invariant -> lists of the flat indices of its
    notes."""
    spans: dict[tuple[object, ...], list[list[int]]] = {}
    flat = score.flat()
    for track in range(len(score.tracks)):
        for pick in (max, min):
            line: dict[int, tuple[int, int]] = {}
            for index, (owner, note) in enumerate(flat):
                if owner == track:
                    here = (note.pitch, index)
                    line[note.onset] = pick(line.get(note.onset, here), here)
            notes = [(onset, *line[onset]) for onset in sorted(line)]
            for i in range(len(notes) - n + 1):
                part = notes[i : i + n]
                steps = tuple(b[1] - a[1] for a, b in pairwise(part))
                gaps = [b[0] - a[0] for a, b in pairwise(part)]
                ratios = tuple(round(8 * math.log2(b / a)) for a, b in pairwise(gaps))
                spans.setdefault((steps, ratios), []).append([p[2] for p in part])
    return spans


def test_spans_do_not_change_with_key_or_tempo() -> None:
    score = walk(0)
    for other in (moved(score, 5, 1), moved(score, -3, 2), moved(score, 0, 3)):
        assert np.array_equal(motifs.ngrams(score, 8)[0], motifs.ngrams(other, 8)[0])
        assert np.array_equal(motifs.shingles(score), motifs.shingles(other))
    assert not np.intersect1d(motifs.ngrams(score, 8)[0], motifs.ngrams(walk(99, span=12), 8)[0]).size


def test_ngrams_agree_with_brute_force() -> None:
    score = walk(1)
    hashes, voice, first = motifs.ngrams(score, 5)
    expected = brute_spans(score, 5)
    assert len(set(hashes.tolist())) == len(expected)
    firsts = sorted({p[0] for places in expected.values() for p in places})
    assert sorted(first.tolist()) == firsts
    assert set(voice.tolist()) == {0, 1}


def test_lines_of_chords_are_their_top_and_their_bottom() -> None:
    chords = Track(tuple(Note(24 * i, p + i, 24) for i in range(5) for p in (60, 64, 67)))
    drums = Track((Note(0, 36, 6),), drum=True)
    score = Score((drums, chords))
    low, top = motifs.melody(score)
    flat = score.flat()
    assert [flat[i][1].pitch for i in top.notes] == [67, 68, 69, 70, 71] == top.pitch.tolist()
    assert [flat[i][1].pitch for i in low.notes] == [60, 61, 62, 63, 64]
    assert len(motifs.melody(walk(0))) == 2


def test_small_and_odd_scores_have_shingles_and_features() -> None:
    odd = [
        Score(()),
        Score((Track(()),)),
        Score((Track((Note(0, 60, 24),)),)),
        Score((Track(tuple(Note(6 * i, 36 + i % 3, 6) for i in range(20)), drum=True),)),
        Score((Track((Note(0, 0, 1), Note(0, 127, 1))),)),
    ]
    for score in odd:
        vector = motifs.features(score)
        assert vector.shape == (512,) and np.isfinite(vector).all()
        assert motifs.shingles(score).dtype == np.uint64
    assert len(motifs.shingles(odd[3])) > 0
    assert motifs.key(odd[0]) == (0, False)


def test_key_is_found_and_moves_along() -> None:
    scale = [0, 2, 4, 5, 7, 9, 11, 12, 7, 4, 0, 0]
    for tonic in range(12):
        major = Score((Track(tuple(Note(24 * i, 60 + tonic + p, 24) for i, p in enumerate(scale))),))
        assert motifs.key(major) == (tonic, False)
    minor = Score(
        (
            Track(
                tuple(Note(24 * i, 57 + p, 24) for i, p in enumerate([0, 2, 3, 5, 7, 8, 11, 12, 7, 3, 0, 0]))
            ),
        )
    )
    assert motifs.key(minor) == (9, True)


def test_features_are_nearer_for_the_same_piece_in_another_key() -> None:
    a, b = walk(0, span=7), walk(1, span=12)
    same = float(motifs.features(a) @ motifs.features(moved(a, 3, 1)))
    other = float(motifs.features(a) @ motifs.features(b))
    assert same > 0.95 > other + 0.1
    assert abs(float(np.linalg.norm(motifs.features(a))) - 1) < 1e-5


def sample(codec: frames.GridCodec, guard: MotifGuard | None, seed: int, given: Given | None = None) -> Score:
    rng, tokens = np.random.default_rng(seed), []
    cursor = GridCursor(codec, None if given else 300, given)
    while not cursor.done:
        token = cursor.forced()
        if token is None:
            mask = cursor.allowed().copy()
            banned = guard.banned(codec, cursor) if guard else None
            if banned is not None:
                mask &= ~banned
            mask[codec.rest] = False
            choice = np.flatnonzero(mask)
            token = int(rng.choice(choice)) if len(choice) else codec.rest
        tokens.append(token)
        cursor.push(token)
    return codec.decode(tokens)


def copied(score: Score, works: Sequence[Score], n: int) -> list[list[int]]:
    known = {span for work in works for span in brute_spans(work, n)}
    return [place for span, places in brute_spans(score, n).items() if span in known for place in places]


@pytest.mark.parametrize("ties", ["hold", "repeat", "sustain"])
def test_nothing_made_under_the_guard_is_a_copy(ties: str) -> None:
    works = [walk(s, notes=400, span=3) for s in range(3)]
    codec = frames.learn_codec(works, ties=ties)
    n = 4
    guard = MotifGuard(works, n)
    free = sum(len(copied(sample(codec, None, s), works, n)) for s in range(2))
    assert free > 20
    for seed in range(3):
        assert copied(sample(codec, guard, seed), works, n) == []


def test_given_notes_are_exempt_and_made_ones_are_not() -> None:
    works = [walk(s, notes=200, span=3) for s in range(2)]
    codec = frames.learn_codec(works)
    guard = MotifGuard(works, 5)
    made = sample(codec, guard, 0, Given(works[0], keep_tracks=(0,), fill_bars=None))
    places = copied(made, works, 5)
    flat = made.flat()
    assert places and all(flat[place[-1]][0] == 0 for place in places)
    gap = sample(codec, guard, 1, Given(works[0], fill_bars=(2, 4)))
    inside = [p for p in copied(gap, works, 5) if 2 * 96 <= gap.flat()[p[-1]][1].onset < 4 * 96]
    assert inside == []


def test_the_guard_is_fast_and_refuses_the_impossible() -> None:
    works = [walk(s, notes=400, span=4) for s in range(20)]
    began = time.perf_counter()
    guard = MotifGuard(works, 8)
    assert time.perf_counter() - began < 2
    codec = frames.learn_codec(works)
    cursor, tokens = codec.cursor(), codec.encode(works[0]).tokens.tolist()
    spent, calls = 0.0, 0
    for token in tokens[1:-1]:
        began = time.perf_counter()
        guard.banned(codec, cursor)
        spent += time.perf_counter() - began
        calls += 1
        cursor.push(token)
    assert spent / calls < 200e-6  # about 10 on an idle machine; room for a busy one
    with pytest.raises(TakeError):
        MotifGuard(works, 2)
