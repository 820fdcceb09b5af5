"""Frames: exact round trips, side inputs that agree between encoding and making, what is given, masks, and
real chorales."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etude.errors import ModelError, WorkError
from etude.media.music import given as gaps
from etude.media.music import grid
from etude.media.music import grid_codec as frames
from etude.media.music.metre import metre
from etude.media.music.score import STEP, Note, Score, Track

CHORALES = Path(__file__).parents[3] / "shared" / "bench-data" / "jsb-chorales-16th.json"
TIES = ("hold", "repeat", "sustain")


@st.composite
def voice_scores(draw: st.DrawFn, voices: int = 3) -> Score:
    tracks = []
    for v in range(voices):
        notes, at = [], 0
        for _ in range(draw(st.integers(1, 12))):
            at += draw(st.integers(0, 3))
            length = draw(st.integers(1, 6))
            notes.append(Note(at * STEP, 76 - 9 * v + draw(st.integers(-4, 4)), length * STEP))
            at += length
        tracks.append(Track(tuple(notes), f"Voice {v + 1}"))
    meter = draw(st.sampled_from([(4, 4), (3, 4), (6, 8), (2, 2), (5, 8)]))
    pickup = draw(st.sampled_from([0, 24, 12]))
    return Score(tuple(tracks), ((0, *meter),), ((0, 90.0),), (), pickup)


def chorale(seed: int = 0, bars: int = 6, voices: int = 4) -> Score:
    rng = np.random.default_rng(seed)
    tracks = []
    for v in range(voices):
        notes, at = [], 0
        while at < bars * 16:
            length = min(int(rng.choice([2, 4, 4, 8])), bars * 16 - at)
            notes.append(Note(at * STEP, int(72 - 8 * v + rng.integers(-4, 5)), length * STEP))
            at += length
        tracks.append(Track(tuple(notes), grid.voice_names(voices)[v]))
    return Score(tuple(tracks))


@settings(max_examples=60, deadline=None)
@given(voice_scores(), st.sampled_from(TIES))
def test_decode_is_the_inverse_of_encode(score: Score, ties: str) -> None:
    codec = frames.learn_codec([score], ties=ties)
    encoded = codec.encode(score)
    plain = codec.arrange(score)
    assert codec.decode(encoded.tokens.tolist(), like=score) == plain
    if ties != "repeat":
        assert [t.notes for t in plain.tracks] == [t.notes for t in score.tracks]
    again = codec.encode(plain)
    assert np.array_equal(again.tokens, encoded.tokens)
    assert encoded.offsets[0] == 0 and encoded.offsets[-1] == len(score.flat())
    assert (np.diff(encoded.offsets) >= 0).all()
    flat = plain.flat()
    for t, token in enumerate(again.tokens.tolist()):
        begins = codec.token_pitch[token][1] and again.offsets[t + 1] > again.offsets[t]
        if begins:
            assert flat[again.offsets[t]][1].pitch == codec.token_pitch[token][0]


@settings(max_examples=30, deadline=None)
@given(voice_scores(), st.sampled_from(TIES))
def test_a_cursor_walks_as_encode_writes(score: Score, ties: str) -> None:
    codec = frames.learn_codec([score], ties=ties)
    encoded = codec.encode(score)
    cursor = codec.cursor(given=score)
    for token, row in zip(encoded.tokens[1:].tolist(), encoded.side[1:].tolist(), strict=True):
        assert list(cursor.side()) == row
        assert token == codec.eos or (cursor.allowed()[token] and cursor.forced() == token)
        cursor.push(token)
    assert cursor.done


def test_nothing_given_is_all_zero_and_bos_has_no_side() -> None:
    codec = frames.learn_codec([chorale()])
    encoded = codec.encode(chorale())
    assert encoded.tokens[0] == codec.bos and not encoded.side[0].any() and not encoded.scored[0]
    assert not encoded.side[:, 4:-1].any()  # the last is the key, which every piece has
    assert len(set(encoded.side[1:, -1].tolist())) == 1
    assert encoded.scored[1:].all()
    assert (encoded.side.max(axis=0) < np.array(codec.side_sizes)).all()
    assert encoded.side[1:6, 0].tolist() == [1, 2, 3, 4, 1]


def test_given_cells_are_seen_ahead_and_not_scored() -> None:
    score = chorale()
    codec = frames.learn_codec([score])
    g = codec.grid(score)
    known = gaps.known_cells(len(g.pitch), 4, g.metre.bar, (0,), (2, 4))
    encoded = codec.encode(score, known)
    assert encoded.scored[1:-1].sum() == 2 * 16 * 3
    at = 1 + (2 * 16) * 4 + 1  # the alto in the first frame of the gap
    row = encoded.side[at]
    code = g.pitch - codec.low + 2
    assert row[5] == code[32, 0] and row[6] == 0
    assert row[9] == code[36, 0]  # the soprano on the next beat
    assert row[10] == code[64, 1]  # the alto after the gap
    assert row[4] == 1 + np.searchsorted(gaps.EDGES, 32, side="right")
    assert encoded.side[1:, 4][encoded.scored[1:]].min() > 0


def test_filling_a_gap_keeps_everything_else() -> None:
    score, rng = chorale(3), np.random.default_rng(0)
    for ties in TIES:
        codec = frames.learn_codec([score, chorale(4)], ties=ties)
        wanted = codec.grid(score)
        known = gaps.known_cells(len(wanted.pitch), 4, wanted.metre.bar, (1,), (2, 4))
        expected = codec.encode(score, known)
        cursor = codec.cursor(given=score, stays={"keep": [1], "bars": [2, 4]})
        tokens: list[int] = []
        while not cursor.done:
            assert list(cursor.side()) == expected.side[len(tokens) + 1].tolist()
            token = cursor.forced()
            if token is None:
                token = int(rng.choice(np.flatnonzero(cursor.allowed())))
            tokens.append(token)
            cursor.push(token)
        found, spelt = cursor.content(tokens), codec.decode(tokens, like=score)
        assert found.tracks[1] == score.tracks[1]  # as it was given
        assert [t for v, t in enumerate(found.tracks) if v != 1] == [
            t for v, t in enumerate(spelt.tracks) if v != 1
        ]
        made = codec.grid(found)
        assert made.pitch.shape == wanted.pitch.shape
        assert (made.pitch[known] == wanted.pitch[known]).all()
        assert (made.pitch[~known] != wanted.pitch[~known]).any()


def test_a_free_piece_ends_at_a_bar_line_near_the_wanted_length() -> None:
    codec = frames.learn_codec([chorale(s) for s in range(3)])
    for seed in range(5):
        rng, cursor, tokens = np.random.default_rng(seed), codec.cursor(units=60), []
        while not cursor.done:
            token = cursor.forced()
            tokens.append(int(rng.choice(np.flatnonzero(cursor.allowed()))) if token is None else token)
            cursor.push(tokens[-1])
        score = codec.decode(tokens)
        assert 0.8 * 60 <= len(score.flat()) <= 60 + 4 * 16
        assert (len(tokens) - 1) % (4 * 16) == 0
        for track, (low, high) in zip(score.tracks, codec.ranges, strict=True):
            assert all(low <= n.pitch <= high for n in track.notes)


def test_transpositions_stay_in_the_range_of_each_voice() -> None:
    pieces = [chorale(s) for s in range(4)]
    codec = frames.learn_codec(pieces)
    for score in pieces:
        copies = codec.copies(score)
        assert np.array_equal(copies[0].tokens, codec.encode(score).tokens)
        assert (
            len({c.tokens.tobytes() for c in copies})
            == len(copies)
            == codec.room(score)[1] - codec.room(score)[0] + 1
        )
        for copy in copies:
            for track, (low, high) in zip(
                codec.decode(copy.tokens.tolist()).tracks, codec.ranges, strict=True
            ):
                assert all(low <= n.pitch <= high for n in track.notes)


def test_varied_copies_are_the_same_for_the_same_seed_and_often_free() -> None:
    score = chorale()
    codec = frames.learn_codec([score, chorale(1)])
    a = [codec.augment(score, np.random.default_rng(i)) for i in range(200)]
    b = [codec.augment(score, np.random.default_rng(i)) for i in range(200)]
    assert all(
        np.array_equal(x.tokens, y.tokens) and np.array_equal(x.side, y.side)
        for x, y in zip(a, b, strict=True)
    )
    free = sum(e.scored[1:].all() for e in a)
    assert 70 <= free <= 130


def test_fewer_voices_and_other_orders_find_their_place() -> None:
    score = chorale()
    codec = frames.learn_codec([score, chorale(1)])
    bass = Score((Track(score.tracks[3].notes, "cello"),))
    assert (codec.grid(bass).pitch[:, :3] == -1).all()
    shuffled = Score(tuple(Track(score.tracks[i].notes, f"t{i}") for i in (2, 0, 3, 1)))
    assert codec.arrange(shuffled).tracks == codec.arrange(score).tracks


def test_off_grid_notes_are_rounded_and_overlaps_cut() -> None:
    notes = (Note(1, 60, 30), Note(23, 62, 3), Note(24, 64, 24))
    codec = frames.learn_codec([Score((Track(notes),))])
    made = codec.arrange(Score((Track(notes),)))
    assert made.tracks[0].notes == (Note(0, 60, 24), Note(24, 64, 24))
    assert codec.encode(Score((Track(notes),))).offsets[-1] == 3


def test_a_pitch_out_of_range_is_one_clear_sentence() -> None:
    codec = frames.learn_codec([chorale()])
    low = Score((Track((Note(0, 5, 24),)),))
    with pytest.raises(WorkError, match="has pitches 5 to 5"):
        codec.encode(low)
    with pytest.raises(WorkError, match="given notes have pitches 5 to 5"):
        codec.cursor(given=low)
    with pytest.raises(WorkError, match="no piece"):
        frames.learn_codec([Score(())])


def test_the_codec_survives_json() -> None:
    codec = frames.learn_codec([chorale()], ties="sustain")
    assert frames.from_json(json.loads(json.dumps(codec.to_json()))) == codec
    with pytest.raises(ModelError):
        frames.from_json({"kind": "frames", "names": ["a"]})


def test_metre_counts_a_pickup_from_the_end_of_its_bar() -> None:
    m = metre(((0, 3, 4), (24 + 72 * 2, 6, 8)), 24, 44)
    assert m.pos[:6].tolist() == [8, 9, 10, 11, 0, 1]
    assert m.bar[:5].tolist() == [0, 0, 0, 0, 1]
    assert m.pos[28] == 0 and m.bar[28] == 3 and m.beat[28] == 6 and m.bar_len[28] == 12


def test_a_hymn_on_one_track_is_split_and_keeps_the_places_of_its_notes() -> None:
    rng = np.random.default_rng(0)
    chords = [(24 * i, p + int(rng.integers(0, 4)), 24) for i in range(16) for p in (45, 55, 62, 70)]
    hymn = Score((Track(tuple(sorted(Note(*c) for c in chords)), "hymn"),))
    codec = frames.learn_codec([hymn])
    assert codec.voices == 4
    encoded = codec.encode(hymn)
    assert encoded.offsets[-1] == 64
    assert sorted(codec.decode(encoded.tokens.tolist()).flat(), key=lambda x: (x[1].onset, x[1].pitch)) == [
        (3 - i % 4, n) for i, (_, n) in enumerate(hymn.flat())
    ]
    kept = codec.cursor(given=hymn, stays={"keep": [0]})
    for t in encoded.tokens[1:].tolist():
        assert kept.forced() == t
        kept.push(t)


@pytest.mark.skipif(not CHORALES.exists(), reason="the benchmark chorales are not on this machine")
def test_chorales_go_round_and_count_their_cells() -> None:
    data = json.loads(CHORALES.read_text())
    pieces = {part: [grid.score_from_grid(g) for g in data[part]] for part in data}
    for ties in TIES:
        codec = frames.learn_codec(pieces["train"], ties=ties)
        for part, rows in data.items():
            for cells, score in list(zip(rows, pieces[part], strict=True))[::3]:
                encoded = codec.encode(score)
                cell = (encoded.tokens != codec.bos) & (encoded.tokens != codec.eos)
                assert cell.sum() == 4 * len(cells)
                assert np.array_equal(
                    codec.grid(codec.decode(encoded.tokens.tolist())).pitch, np.array(cells)
                )


def test_a_note_without_a_cell_of_its_own_counts_towards_its_neighbour() -> None:
    notes = (Note(0, 60, 6), Note(1, 62, 24), Note(24, 64, 24), Note(25, 65, 3))
    score = Score((Track(notes),))
    offsets = frames.learn_codec([score]).encode(score).offsets
    assert offsets[0] == 0 and offsets[-1] == 4 and set(offsets.tolist()) == {0, 2, 4}
