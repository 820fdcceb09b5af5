"""Events: exact round trips on the learned grid, grammar that always decodes, gaps and accompaniments,
transposition."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etude.errors import ModelError, WorkError
from etude.media.music import event_codec as events
from etude.media.music.bars import bars
from etude.media.music.copy_guard import MotifGuard
from etude.media.music.event_cursor import EventCursor
from etude.media.music.given_score import Given
from etude.media.music.metre import bar_lines
from etude.media.music.motifs import melody, ngrams
from etude.media.music.score import Note, Score, Track


@st.composite
def scores(draw: st.DrawFn) -> Score:
    tracks = []
    for i in range(draw(st.integers(1, 3))):
        drum = draw(st.booleans())
        note = st.builds(
            Note,
            st.integers(0, 400),
            st.integers(35, 50) if drum else st.integers(40, 90),
            st.integers(1, 200),
            st.integers(1, 127),
        )
        notes = draw(st.lists(note, min_size=1, max_size=15))
        tracks.append(Track(tuple(sorted(notes)), f"t{i}", 0 if drum else draw(st.integers(0, 127)), drum))
    meters = draw(
        st.sampled_from(
            [((0, 4, 4),), ((0, 3, 4), (168, 6, 8)), ((0, 2, 2), (100, 5, 8)), ((0, 7, 8),), ((0, 1, 16),)]
        )
    )
    return Score(tuple(tracks), meters, ((0, 90.0),), (), draw(st.sampled_from([0, 24, 12, 7])))


def band(seed: int = 0, n_bars: int = 8) -> Score:
    rng = np.random.default_rng(seed)
    tune = tuple(Note(24 * i, int(rng.integers(60, 66)), 24) for i in range(4 * n_bars))
    chords = tuple(
        Note(48 * i, p + int(rng.integers(0, 3)), 48) for i in range(2 * n_bars) for p in (40, 44, 47)
    )
    drums = tuple(Note(12 * i, 36 + 6 * (i % 2), 6) for i in range(8 * n_bars))
    return Score(
        (
            Track(tune, "tune", 73),
            Track(tuple(sorted(set(chords))), "chords", 0),
            Track(drums, "drums", 0, True),
        )
    )


@settings(max_examples=100, deadline=None)
@given(scores())
def test_decode_is_the_inverse_of_encode(score: Score) -> None:
    codec = events.learn_codec([score])
    encoded = codec.encode(score)
    plain = codec.arrange(score)
    again = codec.encode(plain)
    assert np.array_equal(again.tokens, encoded.tokens) and np.array_equal(again.side, encoded.side)
    assert codec.decode(again.tokens.tolist(), like=score) == plain
    assert (encoded.side.max(axis=0) < np.array(codec.side_sizes)).all()
    assert (
        encoded.offsets[0] == 0
        and encoded.offsets[-1] == len(score.flat())
        and (np.diff(encoded.offsets) >= 0).all()
    )
    flat = plain.flat()
    named = [t for t, token in enumerate(again.tokens.tolist()) if codec.kind[token][0] in ("pitch", "drum")]
    assert [again.offsets[t] for t in named] == list(range(len(flat)))
    for t, (_, note) in zip(named, flat, strict=True):
        kind, value = codec.kind[again.tokens[t]]
        assert note.pitch == (codec.low + value if kind == "pitch" else codec.drums[value])


def test_a_score_of_usual_values_is_kept_exactly() -> None:
    score = band()
    codec = events.learn_codec([score])
    made = codec.arrange(score)
    assert made == score


@settings(max_examples=60, deadline=None)
@given(scores())
def test_a_cursor_walks_as_encode_writes(score: Score) -> None:
    codec = events.learn_codec([score])
    encoded = codec.encode(score)
    for whole in (True, False):
        cursor = EventCursor(codec, None, Given(score, fill_bars=(99, 99), onward=whole))
        for token, row in zip(encoded.tokens[1:].tolist(), encoded.side[1:].tolist(), strict=True):
            assert list(cursor.side()) == row
            if token != codec.eos or not whole:
                assert cursor.allowed()[token] and cursor.forced() == token
            cursor.push(token)
        assert cursor.done


@settings(max_examples=40, deadline=None)
@given(scores(), st.integers(0, 1000))
def test_everything_that_the_grammar_allows_decodes(score: Score, seed: int) -> None:
    codec = events.learn_codec([score])
    rng, tokens = np.random.default_rng(seed), [codec.bos]
    cursor = codec.cursor(units=20)
    for _ in range(400):
        if cursor.done:
            break
        assert cursor.forced() is None
        mask = cursor.allowed()
        assert mask.any() and not mask[codec.bos]
        token = int(rng.choice(np.flatnonzero(mask)))
        tokens.append(token)
        cursor.push(token)
    made = codec.decode(tokens)
    notes = sum(codec.kind[t][0] in ("pitch", "drum") for t in tokens)
    assert len(made.flat()) == notes
    assert cursor.done


def fill(codec: events.EventCodec, given_: Given, seed: int, guard: MotifGuard | None = None) -> Score:
    rng, tokens = np.random.default_rng(seed), []
    cursor = EventCursor(codec, None, given_)
    while not cursor.done:
        mask = cursor.allowed().copy()
        banned = guard.banned(codec, cursor) if guard and cursor.forced() is None else None
        if banned is not None and (mask & ~banned).any():
            mask &= ~banned
        token = int(rng.choice(np.flatnonzero(mask)))
        tokens.append(token)
        cursor.push(token)
    return cursor.content(tokens)


def test_bars_and_tracks_that_are_given_are_kept() -> None:
    score = band()
    codec = events.learn_codec([score, band(1)])
    for seed in range(5):
        made = fill(codec, Given(score, fill_bars=(2, 4)), seed)
        for old, new in zip(score.tracks, made.tracks, strict=True):
            outside = [n for n in old.notes if not 2 * 96 <= n.onset < 4 * 96]
            assert [n for n in new.notes if not 2 * 96 <= n.onset < 4 * 96] == outside
        assert made != score
        under = fill(codec, Given(score, keep_tracks=(0, 2)), seed)
        assert (
            under.tracks[0].notes == score.tracks[0].notes and under.tracks[2].notes == score.tracks[2].notes
        )
        assert under.tracks[1].notes and under.tracks[1].notes != score.tracks[1].notes
        both = fill(codec, Given(score, keep_tracks=(0,), fill_bars=(6, 8)), seed)
        assert both.tracks[0].notes == score.tracks[0].notes
        assert [n for n in both.tracks[1].notes if n.onset < 6 * 96] == [
            n for n in score.tracks[1].notes if n.onset < 6 * 96
        ]


def test_a_beginning_is_gone_on_with() -> None:
    score = band(0, 2)
    codec = events.learn_codec([score, band(1)])
    rng, tokens, cursor = np.random.default_rng(0), [], codec.cursor(units=30, given=score)
    while not cursor.done:
        forced = cursor.forced()
        token = int(rng.choice(np.flatnonzero(cursor.allowed()))) if forced is None else forced
        tokens.append(token)
        cursor.push(token)
    made = codec.decode(tokens, like=score)
    assert len(made.flat()) >= len(score.flat()) + 25
    for old, new in zip(score.tracks, made.tracks, strict=True):
        assert set(old.notes) <= set(new.notes)


def test_nothing_made_under_the_guard_is_a_copy() -> None:
    works = [band(s, 40) for s in range(3)]
    codec = events.learn_codec(works)
    codec = replace(
        codec, ranges=tuple((36, 50) if p == 0 else (55, 69) for p in codec.instruments)
    )  # room to get away
    guard = MotifGuard(works, 4)
    known = set(np.concatenate([ngrams(w, 4)[0] for w in works]).tolist())
    for seed in range(3):
        given_ = Given(band(10 + seed, 12), keep_tracks=(2,))
        free, held = fill(codec, given_, seed), fill(codec, given_, seed, guard)
        hashes, voice, _ = ngrams(held, 4)
        assert not known & set(hashes.tolist()), "a span of the collection was made"
        assert known & set(ngrams(free, 4)[0].tolist())
        assert len(set(voice.tolist())) == len(melody(held))


def test_transposition_moves_pitches_and_leaves_drums() -> None:
    pieces = [band(s) for s in range(3)]
    codec = events.learn_codec(pieces)
    copies = codec.copies(pieces[0])
    assert np.array_equal(copies[0].tokens, codec.encode(pieces[0]).tokens)
    down, up = codec.room(pieces[0])
    assert len(copies) == up - down + 1
    for copy in copies:
        made = codec.decode(copy.tokens.tolist())
        assert made.tracks[2].notes == pieces[0].tracks[2].notes
        for track, (low, high) in zip(
            made.tracks[:2], [codec.ranges[codec.instruments.index(p)] for p in (73, 0)], strict=True
        ):
            assert all(low <= n.pitch <= high for n in track.notes)
    shift = np.array([codec.encode(pieces[0], s).tokens for s in range(down, up + 1)])
    assert {c.tokens.tobytes() for c in copies} == {row.tobytes() for row in shift}


def test_bars_are_those_of_the_medium() -> None:
    for meters, pickup in ((((0, 4, 4),), 0), (((0, 3, 4), (168, 6, 8)), 24), (((0, 7, 8), (50, 4, 4)), 0)):
        score = Score((Track((Note(900, 60, 1),)),), meters, pickup=pickup)
        for bar, (start, end, _) in zip(bars(score), bar_lines(meters, pickup), strict=False):
            assert (bar.start, bar.end) == (start, end)


def test_odd_scores() -> None:
    codec = events.learn_codec([band()])
    assert codec.decode(codec.encode(Score(())).tokens.tolist()).tracks == ()
    with pytest.raises(WorkError, match="has pitches 5 to 5"):
        codec.encode(Score((Track((Note(0, 5, 24),)),)))
    with pytest.raises(WorkError):
        codec.cursor(given=Score((Track((Note(0, 5, 24),)),)))
    with pytest.raises(WorkError, match="no piece"):
        events.learn_codec([Score((Track(()),))])
    many = Score(tuple(Track((Note(0, 60, 24),), program=i) for i in range(20)))
    assert len(codec.arrange(many).tracks) == codec.tracks == 3
    drums = events.learn_codec([Score((band().tracks[2],))])
    assert drums.arrange(band()).tracks == (band().tracks[2],)
    assert (
        codec.decode([codec.first["pitch"], codec.bar, codec.first["track"] + 2, codec.first["pitch"]]).tracks
        == ()
    )


def test_the_codec_survives_json() -> None:
    codec = events.learn_codec([band()])
    assert events.from_json(json.loads(json.dumps(codec.to_json()))) == codec
    with pytest.raises(ModelError):
        events.from_json({"kind": "events", "ranges": 3})


def test_a_thousand_pieces_take_seconds() -> None:
    pieces = [band(s, 16) for s in range(20)]
    codec = events.learn_codec(pieces)
    began = time.perf_counter()
    for score in pieces * 5:
        codec.copies(score)
    assert time.perf_counter() - began < 3  # 100 pieces in every key; about 0.3 on an idle machine


def test_varied_copies_are_the_same_for_the_same_seed() -> None:
    pieces = [band(s) for s in range(3)]
    codec = events.learn_codec(pieces)
    codec = replace(codec, ranges=tuple((low - 2, high + 2) for low, high in codec.ranges))
    a = [codec.augment(pieces[0], np.random.default_rng(i)).tokens.tobytes() for i in range(20)]
    assert a == [codec.augment(band(0), np.random.default_rng(i)).tokens.tobytes() for i in range(20)]
    assert set(a) <= {c.tokens.tobytes() for c in codec.copies(pieces[0])} and len(set(a)) > 1
