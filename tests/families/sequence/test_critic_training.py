"""The critic: what it is taught on stands where works stand, also among events; and the test that decides on
its use says no where it should."""

from __future__ import annotations

import tempfile
import time
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from etude.config.sequence import LEARN
from etude.families.sequence.learn import critic_training as critics
from etude.families.sequence.learn.critic_training import learn_critic, verdict_of
from etude.families.sequence.learn.dataset import Corpus, Part, gather
from etude.families.sequence.learn.negatives import continued
from etude.families.sequence.learn.run import LearnRequest, learn
from etude.families.sequence.make.request import MakeRequest
from etude.families.sequence.make.sampling import make
from etude.families.sequence.model import SequenceModel
from etude.families.sequence.records import BEFORE, STRETCH
from etude.media.music.event_codec import EventCodec
from etude.media.music.score import Note, Score, Track
from etude.training.budget import Budget
from tests.families.sequence import small_models as small


def mixed(seed: int, bars: int = 60) -> Score:
    """A flute over chords of a guitar, in 4/4 or 3/4, with notes off the grid of 16ths."""
    g = np.random.Generator(np.random.Philox(seed))
    beats = 4 if seed % 2 else 3
    long = 24 * beats
    flute = [Note(8 * i, 72 + int(g.integers(8)), 8) for i in range(bars * long // 8) if g.random() < 0.5]
    chords = [Note(long * b, 48 + int(g.integers(4)) + step, long) for b in range(bars) for step in (0, 4, 7)]
    return Score(
        (Track(tuple(flute), "flute", 73), Track(tuple(sorted(chords)), "guitar", 24)),
        ((0, beats, 4),),
        title=f"Mixed {seed}",
    )


@lru_cache
def parts() -> tuple[Part, ...]:
    roles = ["train"] * 8 + ["critic"] * 3 + ["held-out"] * 3
    return tuple(
        Part(f"mixed-{i}", 0, role, mixed(i), ("A", "B")[i % 2], f"Mixed {i}") for i, role in enumerate(roles)
    )


@lru_cache
def corpus() -> Corpus:
    return gather("music", parts(), least=1)


@lru_cache
def model() -> SequenceModel:
    with tempfile.TemporaryDirectory() as folder, small.quick():
        ask = LearnRequest("music", parts(), Budget(steps=40), Path(folder), size="xs", critic=True)
        made = learn(ask, lambda _: None, lambda: False)
    return SequenceModel.from_arrays(made.header, made.arrays)


def test_a_mixed_shelf_has_a_critic_and_its_verdict() -> None:
    m = model()
    assert isinstance(m.codec, EventCodec) and m.critic is not None
    said = m.header["critic"]
    assert said["stretches"] >= critics.LEAST and "held-out stretches" in said["sentence"]
    (take,) = make(m, MakeRequest(n=1, units=40, rank=True, drafts=2, seed=4))
    assert take.critic is not None and take in make(
        m, MakeRequest(n=3, units=40, drafts=2, rank=True, seed=4)
    )
    assert sum(len(t.notes) for t in take.content.tracks) >= 30


def test_what_is_made_in_the_place_of_events_knows_where_it_stands() -> None:
    """Its side inputs are those of the piece that the made half belongs to, not those of the work that it
    replaces."""
    m = model()
    pieces = corpus().critic
    rows = critics._collect(m.codec, pieces, 40)
    assert len(rows) > 20
    tokens, sides = continued(m, rows, BEFORE, seed=3, temperature=1.0)
    assert tokens.shape == (len(rows), BEFORE + STRETCH) and sides.shape == (
        *tokens.shape,
        m.sides,
    )
    others = 0
    for w, t, s in zip(rows, tokens, sides, strict=True):
        assert (t[:BEFORE] == w.tokens[:BEFORE]).all() and (s[: BEFORE + 1] == w.side[: BEFORE + 1]).all()
        assert w.cursor is not None
        walker = w.cursor.fork()
        for token, side in zip(t.tolist(), s.tolist(), strict=True):
            allowed = walker.allowed()
            assert tuple(side[:5]) == walker.side() and allowed is not None and allowed[token]
            walker.push(token)
        assert m.codec.eos not in t and (s[:, 5:] == w.side[:, 5:]).all()
        others += (s != w.side).any()
    assert others > len(rows) / 2
    again, _ = continued(m, rows[:3], BEFORE, seed=3, temperature=1.0)
    assert (again == tokens[:3]).all()


def test_in_every_metre_the_walker_knows_what_the_work_knows() -> None:
    for piece in (*corpus().critic, *corpus().held_out):
        walker = corpus().codec.walker(piece.part.content)
        assert walker is not None
        for t in range(1, len(piece.encoded.tokens)):
            assert walker.side() == tuple(piece.encoded.side[t].tolist())
            walker.push(int(piece.encoded.tokens[t]))


@pytest.mark.parametrize("medium", ["text", "music"])
def test_elsewhere_side_inputs_are_the_works_own(medium: str) -> None:
    m = small.model(medium)
    rows = critics._collect(m.codec, small.corpus(medium).critic, 5)
    tokens, sides = continued(m, rows, BEFORE, seed=3, temperature=1.0)
    assert all(
        (s == w.side).all() and (t[:BEFORE] == w.tokens[:BEFORE]).all()
        for w, t, s in zip(rows, tokens, sides, strict=True)
    )


def test_too_few_stretches_say_nothing() -> None:
    found, verdict = learn_critic(model(), corpus().critic[:1], [], seed=0)
    assert found is None and not verdict.used and "fewer than 24 stretches" in verdict.sentence


def test_time_for_compiling_is_not_time_for_making(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first stretch may wait for a compiler; how many stretches can be afforded is told by the ones after
    it."""
    clock = [0.0]
    calls: list[int] = []

    def slow_at_first(*args: Any, **named: Any) -> Any:
        calls.append(len(args[1]))
        clock[0] += 100.0 if len(calls) == 1 else 0.1
        return continued(*args, **named)

    monkeypatch.setattr(critics, "continued", slow_at_first)
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(critics, "LEARN", replace(LEARN, critic_epochs=2))
    found, verdict = learn_critic(model(), corpus().critic, corpus().held_out, seed=0, seconds=2.0)
    assert found is not None and verdict.stretches >= critics.LEAST


def test_the_verdict_is_yes_only_for_a_gain_beyond_chance() -> None:
    g = np.random.Generator(np.random.Philox(1))
    same = verdict_of(g.normal(size=150), g.normal(size=150), 0)
    assert not same.used and abs(same.auc - 0.5) < 0.1
    apart = verdict_of(
        0.5 + g.normal(size=150), g.normal(size=150) - 0.5, 0
    )  # log-odds of two normals one apart
    assert apart.used and apart.gain == pytest.approx(0.5, abs=0.3)
    # A critic too sure of itself.
    loud = verdict_of(8 * (0.2 + g.normal(size=150)), 8 * g.normal(size=150), 0)
    assert not loud.used and loud.gain < 0
