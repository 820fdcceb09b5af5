"""Takes that are all alike, or leave kinds of works out, are found; takes like works are not accused."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from etude.audit.diversity import diversity, nearest_likeness
from etude.audit.report import Section
from etude.rng import for_

Floats = npt.NDArray[np.float64]


def features(seed: int, n: int, kinds: tuple[int, ...] = (0, 1, 2, 3), spread: float = 0.35) -> Floats:
    """Of works of four kinds, of unit length."""
    g = for_(seed, "audit kinds")
    middles = np.eye(16)[:4]
    x = middles[g.choice(kinds, n)] + spread * g.standard_normal((n, 16)) / 4.0
    return np.asarray(x / np.linalg.norm(x, axis=1, keepdims=True))


def found(takes: Floats, seed: int, different: int | None = None) -> Section:
    n = len(takes)
    made = n if different is None else different
    return diversity(
        takes, features(1000 + seed, 400), features(2000 + seed, 150), made, n, seed=seed, passages="works"
    )


def verdicts(section: Section) -> dict[str, str]:
    return {row.name: row.verdict for row in section.rows}


def test_takes_like_works_are_hardly_ever_accused() -> None:
    accused = [
        name
        for seed in range(10)
        for name, verdict in verdicts(found(features(seed, 80), seed)).items()
        if verdict == "concern"
    ]
    assert len(accused) <= 2


def test_a_kind_that_no_take_shows_is_missed() -> None:
    for seed in range(5):
        section = found(features(seed, 80, kinds=(0, 1)), seed)
        assert verdicts(section)["Coverage"] == "concern" and "leave out" in section.answer
        row = next(one for one in section.rows if one.name == "Coverage")
        assert row.figure is not None and row.floor is not None and row.figure.value < row.floor.value - 0.2


def test_takes_that_shrank_towards_each_other_are_found() -> None:
    for seed in range(5):
        section = found(features(seed, 80, spread=0.05), seed)
        assert verdicts(section)["Likeness among takes"] == "concern" and "more alike" in section.answer


def test_identical_takes_are_counted() -> None:
    section = found(np.repeat(features(1, 40), 2, 0), 1, different=40)
    row = section.rows[0]
    assert row.verdict == "concern" and row.sentence == "40 of 80 takes are the same as another."


def test_fewer_than_a_hundred_works_give_a_sentence() -> None:
    section = diversity(
        features(1, 80), features(2, 300), features(3, 99), 80, 80, seed=1, passages="passages"
    )
    row = next(one for one in section.rows if one.name == "Coverage")
    assert (
        row.figure is None
        and row.sentence == "Not enough works: 99 passages are held out, and 100 are needed."
    )


def test_likeness_is_that_of_the_nearest_other() -> None:
    x = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    assert nearest_likeness(x) == (1.0 + 1.0 + 0.0) / 3
