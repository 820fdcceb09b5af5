"""Takes that are made of their own works are said to be, also where works are divided between the roles."""

from __future__ import annotations

import numpy as np

from etude.audit.blends import Pool, row
from etude.rng import for_
from tests.audit.simulated import Floats, unit, world

PARTS = 20


def divided(seed: int, cheat: bool) -> tuple[Floats, Pool]:
    """Twelve long works of twenty passages, of each of which the last quarter is held out."""
    g = for_(seed, "divided works")
    styles = g.standard_normal((12, 1, 24))
    passages = unit((styles + g.standard_normal((12, PARTS, 24))).reshape(-1, 24))
    learned = np.tile(np.arange(PARTS) < 15, 12)
    own = passages[learned]
    a, b = g.integers(0, len(own), (2, 60))
    fresh = unit(styles[g.integers(0, 12, 60), 0] + g.standard_normal((60, 24)))
    takes = unit(0.5 * (own[a] + own[b])) if cheat else fresh
    return takes, Pool(passages, learned, [str(i // PARTS) for i in range(12 * PARTS)])


def test_blends_of_divided_works_are_found_and_fresh_takes_accused_seldom() -> None:
    assert sum(row(*divided(seed, True), seed=seed).verdict == "concern" for seed in range(10)) == 10
    assert sum(row(*divided(seed, False), seed=seed).verdict == "concern" for seed in range(40)) <= 6


def test_the_figure_and_what_it_is_compared_with() -> None:
    one = world(1, "blends")
    whole = np.concatenate([one.train, one.held_out])
    pool = Pool(whole, np.arange(len(whole)) < len(one.train), [str(i) for i in range(len(whole))])
    found = row(one.takes, pool, seed=0)
    assert found.figure is not None and found.floor is not None and found.figure.n == len(one.takes)
    assert found.figure.low > found.floor.high and "copies, or as blends" in found.sentence


def test_too_few_works_to_change_places_give_a_sentence() -> None:
    one = world(2)
    pool = Pool(one.train[:30], np.arange(30) < 27, [str(i) for i in range(30)])
    found = row(one.takes, pool, seed=0)
    assert (found.verdict, found.figure) == ("unknown", None) and "3 are held out" in found.sentence
    assert "Only 5 takes" in row(one.takes[:5], pool, seed=0).sentence
