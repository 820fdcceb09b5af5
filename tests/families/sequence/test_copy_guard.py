"""No take has a span of the collection that the trace's own search finds: across parts, of held-out works,
and in music of events."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from etude import samples
from etude.errors import TakeError
from etude.families.sequence.learn.dataset import Part
from etude.families.sequence.learn.run import learn
from etude.families.sequence.make.copy_guard import guard_of, remembered
from etude.families.sequence.make.request import Made, MakeRequest
from etude.families.sequence.make.sampling import make
from etude.families.sequence.model import SequenceModel
from etude.media import MEDIA, sequence
from etude.media.contract import Content
from etude.media.music.copy_guard import MotifGuard
from etude.media.music.score import Note, Score, Track
from etude.trace.verbatim import build_index, search
from tests.families.sequence import small_models as small


@lru_cache
def tunes() -> tuple[Score, ...]:
    """Real tunes, each with a broken chord in triplets beside it, which is on no grid of 16ths."""
    out = []
    for path, _ in samples.tunes()[:14]:
        tune = MEDIA["music"].read(path.read_bytes(), suffix=path.suffix).content
        chords = [
            Note(at + 8 * i, p, 40 - 8 * i)
            for at in range(0, tune.end, 48)
            for i, p in enumerate((48 + at // 48 % 3, 55, 60))
        ]
        out.append(replace(tune, tracks=(tune.tracks[0], Track(tuple(chords), "guitar", 24))))
    return tuple(out)


def learned(parts: Sequence[Part], medium: str, steps: int) -> SequenceModel:
    with tempfile.TemporaryDirectory() as folder, small.quick():
        made = learn(small.request(medium, Path(folder), steps, parts), lambda _: None, lambda: False)
    return SequenceModel.from_arrays(made.header, made.arrays)


@lru_cache
def events() -> SequenceModel:
    """A model of real tunes as events."""
    roles = ["train"] * 10 + ["critic"] * 2 + ["held-out"] * 2
    parts = [
        Part(f"tune-{i}", 0, role, score, "A", f"Tune {i}")
        for i, (role, score) in enumerate(zip(roles, tunes(), strict=True))
    ]
    model = learned(parts, "music", 60)
    assert model.codec.to_json()["kind"] == "events"
    return model


def longest(medium: str, works: Mapping[str, Content], made: Content) -> int:
    """The longest verbatim run of a take in the works, as the trace finds it."""
    return search(
        build_index(medium, works.items()), sequence(medium), made, works.__getitem__, minimum=3
    ).longest


def takes(model: SequenceModel, **ask: Any) -> list[Made]:
    return make(model, MakeRequest(**{"n": 8, "temperature": 0.6, "borrow": 1.0, **ask}))


# ---- texts


@pytest.mark.parametrize("n,seed", [(3, 1), (4, 2)])
def test_the_trace_finds_no_longer_span_in_a_text(n: int, seed: int) -> None:
    works = {path.stem: path.read_text(encoding="utf-8")[:18000] for path, _ in samples.poets()[:3]}
    free = [longest("text", works, t.content) for t in takes(small.model("text"), units=300, seed=seed)]
    assert max(free) >= n  # so that the guard has something to do
    guard = guard_of(small.model("text"), n, works)
    for t in takes(small.model("text"), units=300, seed=seed, no_copy=n, guard=guard):
        assert longest("text", works, t.content) < n
        assert len(t.content) > 40


def test_a_span_across_the_border_of_two_parts_of_one_work_is_seen() -> None:
    model = small.model("text")
    first, second = small.poem_parts()[:2]
    assert (first.work_id, first.start + len(first.content)) == (second.work_id, second.start)
    across = first.content[-60:] + second.content[:60]
    edge = 60
    found = guard_of(model, 5, {}).copies(across)
    assert any(a < edge - 5 and b > edge + 5 for a, b in found)
    held_out = small.poem_parts()[3]
    assert "".join(t for w, t in remembered(model) if w == first.work_id).endswith(
        small.poem_parts()[2].content
    )
    assert held_out.content not in "".join(t for _, t in remembered(model))


def test_parts_that_do_not_follow_each_other_are_not_joined() -> None:
    model = small.model("text")
    third = model.memory.segments[1]
    apart = SequenceModel.from_arrays(*model.to_arrays())
    apart.memory.segments = tuple(s for s in apart.memory.segments if s != third)
    by_work = [w for w, _ in remembered(apart)]
    assert by_work.count(third.work_id) == 2


def test_held_out_works_are_guarded_where_they_are_at_hand() -> None:
    model, held_out = small.model("text"), small.poem_parts()[3]
    line = held_out.content[400:520]
    assert not guard_of(model, 6, {}).copies(line)
    assert guard_of(model, 6, {"x": held_out.content}).copies(line)
    unseen = tunes()[12]
    assert guard_of(events(), 8, {"x": unseen}).copies(unseen)


def test_music_in_parts_is_joined_at_the_bar_line() -> None:
    medium, whole = MEDIA["music"], tunes()[0]
    at = medium.boundaries(whole)[len(medium.boundaries(whole)) // 2]
    pieces = [(0, medium.cut(whole, 0, at)), (at, medium.cut(whole, at, medium.size(whole)))]
    parts = [Part("w", a, "train", content, "A") for a, content in pieces]
    model = learned(
        [*parts, *(Part(f"t{i}", 0, "train", s, "A") for i, s in enumerate(tunes()[1:4]))], "music", 1
    )
    (joined,) = [content for work, content in remembered(model) if work == "w"]
    assert [n.pitch for n in sorted(joined.tracks[0].notes)] == [
        n.pitch for n in sorted(whole.tracks[0].notes)
    ]
    copied = guard_of(model, 6, {}).copies(whole)
    border = sorted(n.onset for n in whole.tracks[0].notes)
    assert len(copied) >= len(border) - 6  # every span of the melody, those across the border too


# ---- music as events


@pytest.mark.parametrize("n,seed", [(5, 1), (6, 2), (7, 3)])
def test_the_trace_finds_no_longer_span_in_music_of_events(n: int, seed: int) -> None:
    works = {f"tune-{i}": score for i, score in enumerate(tunes())}
    free = [longest("music", works, t.content) for t in takes(events(), units=60, seed=seed)]
    assert max(free) >= n
    made, guard = 0, guard_of(events(), n, works)
    for index in range(8):
        try:
            (t,) = takes(events(), n=1, first_index=index, units=60, seed=seed, no_copy=n, guard=guard)
        except TakeError as error:
            assert f"{n} notes" in error.message and "--seed" in error.hint
            continue
        assert longest("music", works, t.content) < n
        made += sum(len(x.notes) for x in t.content.tracks) > 0
    assert made >= 4


def test_what_got_through_is_cut_at_a_bar_line_or_refused() -> None:
    score = tunes()[0]
    guard = sequence("music").guard([score], 8, events().codec)
    fresh = Score((Track(tuple(Note(24 * i, 60 + i * i * i % 11, 24) for i in range(32))),), score.meters)
    assert not guard.copies(fresh)
    late = replace(
        fresh,
        tracks=(
            Track(
                fresh.tracks[0].notes
                + tuple(Note(n.onset + 768, n.pitch, n.duration) for n in score.tracks[0].notes)
            ),
        ),
    )
    assert guard.copies(late)
    cut = guard.without(late)
    assert not guard.copies(cut) and cut.tracks[0].notes[:32] == fresh.tracks[0].notes
    with pytest.raises(TakeError, match="8 notes"):
        guard.without(score)
    assert not guard.copies(score, score)  # what was given is not judged
    with pytest.raises(TakeError, match="8 notes"):
        guard.without(late, fresh, {"keep": [0]})  # a voice must be as long as what it goes with


def test_copies_of_music_are_found_in_any_key_and_at_any_tempo() -> None:
    score = tunes()[1]
    guard = MotifGuard([score], 6)
    moved = tuple(Note(2 * n.onset, n.pitch + 5, n.duration) for n in score.tracks[0].notes)
    assert guard.copies(Score((Track(moved),)))
    assert not guard.copies(Score((Track(moved[:5]),)))


# ---- nothing left to make


def test_a_score_of_which_all_is_kept_is_refused() -> None:
    alone = replace(tunes()[3], tracks=tunes()[3].tracks[:1])
    for start, stays in (
        (alone, {"keep": [0]}),
        (tunes()[3], {"keep": [0, 1]}),
        (tunes()[3], {"keep": [0, 1], "bars": [1, 3]}),
    ):
        with pytest.raises(TakeError, match="nothing is left to make"):
            takes(events(), n=1, start=start, stays=stays)
    (t,) = takes(events(), n=1, start=alone, stays={"bars": [1, 3]})
    assert t.content.tracks[0].notes
    chosen = small.tune(91)
    with pytest.raises(TakeError, match="nothing is left to make"):
        make(small.model("music"), MakeRequest(n=1, start=chosen, stays={"keep": [0, 1]}))
