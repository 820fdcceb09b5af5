"""Small corpora, learned in a second or two, for the tests of models, learning and making."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from etude import samples
from etude.config.sequence import LEARN
from etude.families.sequence import gate as gates
from etude.families.sequence import memory, symbol_tree
from etude.families.sequence.learn import evaluation, loop, plan, run, time_plan
from etude.families.sequence.learn.dataset import Corpus, Part, gather
from etude.families.sequence.learn.run import LearnRequest, learn
from etude.families.sequence.model import SequenceModel
from etude.families.sequence.networks import transformer_plan as plan_of_transformers
from etude.media.contract import View
from etude.media.music.score import Note, Score, Track
from etude.media.text import bpe
from etude.training import run_state
from etude.training.budget import Budget
from etude.training.learned import Learned
from etude.training.progress import Progress
from tests.families.pictures.small_pictures import settings

_FIT = gates.fit


@lru_cache
def poem_parts() -> tuple[Part, ...]:
    """Three poets, 14 KB each to learn from and 2 KB each for the critic and held out."""
    parts = []
    for path, about in samples.poets()[:3]:
        text = path.read_text(encoding="utf-8")
        for role, a, b in (
            ("train", 0, 7000),
            ("train", 7000, 14000),
            ("critic", 14000, 16000),
            ("held-out", 16000, 18000),
        ):
            parts.append(
                Part(path.stem, a, role, text[a:b], about["maker"], path.stem, {"period": about["period"]})
            )
    return tuple(parts)


def tune(seed: int, bars: int = 8) -> Score:
    """Two voices on the grid of 16ths in 4/4."""
    g = np.random.Generator(np.random.Philox(seed))
    scale = [0, 2, 4, 5, 7, 9, 11, 12]
    high, low, at = [], [], 0
    while at < 96 * bars:
        length = int(g.choice([12, 24, 24, 48]))
        high.append(Note(at, 64 + scale[int(g.integers(8))], min(length, 96 * bars - at)))
        at += length
    for i in range(2 * bars):
        low.append(Note(48 * i, 45 + scale[int(g.integers(6))], 48))
    return Score((Track(tuple(high), "melody"), Track(tuple(low), "bass")), title=f"Tune {seed}")


@lru_cache
def tune_parts() -> tuple[Part, ...]:
    roles = ["train"] * 12 + ["critic"] * 2 + ["held-out"] * 2
    return tuple(
        Part(f"tune-{i}", 0, role, tune(i), ("A", "B")[i % 2], f"Tune {i}") for i, role in enumerate(roles)
    )


@lru_cache
def corpus(medium: str) -> Corpus:
    return gather(medium, poem_parts() if medium == "text" else tune_parts(), least=1)


@contextmanager
def quick(**changes: Any) -> Iterator[None]:
    """Learning with small batches and little to fit and measure on, in an arithmetic that does not hang on a
    stop-watch."""
    small = replace(
        LEARN,
        **{
            "batch": 4,
            "gate_tokens": 1200,
            "figure_tokens": 1200,
            "evaluation_tokens": 500,
            "evaluations": 3,
            **changes,
        },
    )
    modules = (evaluation, loop, plan_of_transformers, run_state, run, time_plan)
    with ExitStack() as stack:
        for module in modules:
            stack.enter_context(patch.object(module, "LEARN", small))
        stack.enter_context(patch.object(gates, "fit", partial(_FIT, steps=60)))
        stack.enter_context(patch.object(plan, "speed", lambda bfloat16: 1e10))
        yield


@contextmanager
def brief() -> Iterator[None]:
    """As `tests.families.pictures.small_pictures.brief`: little to fit the gate on, little to measure, no
    takes for the card."""
    with settings(LEARN, gate_tokens=600, figure_tokens=600, trait_takes=0):
        yield


def request(
    medium: str, folder: Path, steps: int = 30, parts: Sequence[Part] | None = None, **more: Any
) -> LearnRequest:
    found = parts if parts is not None else poem_parts() if medium == "text" else tune_parts()
    return LearnRequest(medium, found, Budget(steps=steps), folder, **{"size": "xs", "critic": False, **more})


def learned_in(
    folder: Path, medium: str = "text", steps: int = 30, stop_at: int | None = None, **changes: Any
) -> Learned:
    """Learn there; `stop_at`: the person stops after so many steps of this session."""
    seen: list[int] = []

    def note(p: Progress) -> None:
        if p.stage == "learning":
            seen.append(p.step)

    with quick(**changes):
        return learn(
            request(medium, folder, steps), note, lambda: stop_at is not None and len(seen) >= stop_at
        )


@lru_cache
def learned(medium: str) -> Learned:
    """The one small model of the medium."""
    with tempfile.TemporaryDirectory() as folder:
        return learned_in(Path(folder), medium, steps=60 if medium == "text" else 80)


@lru_cache
def model(medium: str) -> SequenceModel:
    made = learned(medium)
    return SequenceModel.from_arrays(made.header, made.arrays)


@lru_cache
def text_tree() -> tuple[bpe.BpeCodec, symbol_tree.Tree]:
    codec = bpe.learn_codec([p.content for p in poem_parts()[:2]], 400)
    return codec, symbol_tree.of_codec(codec)


def music_memory(views: Sequence[View], vocab: int = 12) -> memory.Memory:
    """A memory of tokens that are their own symbols."""
    tree = symbol_tree.build([(v,) for v in range(vocab)], vocab, drawn=[v != 0 for v in range(vocab)])
    return memory.Memory(tree, views, symbols=64)
