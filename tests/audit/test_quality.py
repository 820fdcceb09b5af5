"""How good takes are: said where they can be told from works, not where they cannot, and not at all from too
few."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from etude.audit.quality import Looked, Predicts, density, halves_differ, quality
from etude.audit.report import Row, Section
from etude.config.audit import AUDIT
from etude.rng import for_
from etude.stats.figure import Figure
from tests.audit.simulated import Floats, World, world
from tests.families.pictures.small_pictures import settings

UNSEEN = Figure(2.1, 2.0, 2.2, 120, "bits/character")


def looked(features: Floats, seed: int, words: float = 10.0, works: int = 0) -> Looked:
    g = for_(seed, "quality test")
    counted: list[Mapping[str, float]] = [
        {"words in a sentence": float(v)} for v in g.normal(words, 2.0, len(features))
    ]
    return Looked(features, counted, [str(i % (works or len(features))) for i in range(len(features))])


def found(one: World, words: float = 10.0, seed: int = 0) -> Section:
    with settings(AUDIT, relabelled=200):
        return quality(
            looked(one.takes, 2 * seed + 1, words),
            looked(one.train, 2 * seed + 1_000),
            looked(one.held_out, 2 * seed + 2_000),
            Predicts(UNSEEN, None),
            seed=seed,
            passages="works",
        )


def row(section: Section, name: str) -> Row:
    return next(one for one in section.rows if one.name == name)


def test_fresh_takes_are_hardly_ever_told_from_works() -> None:
    accused = sum(found(world(seed), seed=seed).verdict == "concern" for seed in range(10))
    assert accused <= 3  # one of twenty; more than three of ten once in 1,000 times


def test_takes_of_other_kinds_are_told_apart_with_every_figure() -> None:
    section = found(world(3, "few"))
    assert section.verdict == "concern" and "can be told from your works" in section.answer
    for name in ("Distance", "Told apart"):
        one = row(section, name)
        assert one.verdict == "concern" and one.figure is not None and one.floor is not None
        assert one.figure.value > one.floor.high and "under 1 of 100 cases" in one.sentence
    assert row(section, "Told apart").figure.n == 96 + 120  # type: ignore[union-attr]


def test_what_people_count_is_said_with_its_size() -> None:
    one = row(found(world(4), words=13.0), "Words in a sentence")
    assert one.verdict == "concern" and "Takes have clearly more, by 1." in one.sentence
    assert row(found(world(4)), "Words in a sentence").verdict == "good"


def test_noise_far_from_all_works_is_not_dense() -> None:
    one = world(5)
    far = for_(5, "far").standard_normal(one.takes.shape)
    assert density(one.held_out, far) < 0.05 < 0.6 < density(one.held_out, one.train[:96]) < 1.5
    section = found(World(one.train, one.held_out, far / np.linalg.norm(far, axis=1, keepdims=True)))
    assert row(section, "Density").verdict == "concern"


def test_too_few_works_or_takes_give_a_sentence_and_no_number() -> None:
    one = world(6)
    few = row(found(World(one.train, one.held_out[:99], one.takes)), "Takes beside works")
    assert (few.verdict, few.figure) == ("unknown", None) and "99 works are held out, and 100" in few.sentence
    short = row(found(World(one.train, one.held_out, one.takes[:19])), "Takes beside works")
    assert "Only 19 takes" in short.sentence


def test_halves_of_works_say_how_much_is_chance() -> None:
    g = for_(7, "halves")
    works = {str(i): [float(v), 1.0] for i, v in enumerate(g.normal(2.0, 0.5, 400))}
    figure = halves_differ(works, "bits/character", seed=0)
    # the difference of two means of 200 is normal with a deviation of 0.05: its middle lies at 0.034
    assert figure is not None and figure.value == pytest.approx(0.034, abs=0.008) and figure.n == 400
    assert halves_differ({"a": [1.0, 1.0]}, "bits", seed=0) is None
