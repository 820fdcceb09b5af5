"""A quota that reaches the share that was set is said to, one that does not is not; with what it costs."""

from __future__ import annotations

import numpy as np

from etude.audit.bias import Described
from etude.audit.mitigation import Asked, mitigation
from etude.audit.report import Section
from etude.rng import for_
from tests.audit.simulated import Floats, unit


def pictures(g: np.random.Generator, n: int, share: float) -> tuple[Floats, list[dict[str, str]]]:
    """Features of works of which about a share is dark, and what is written about them."""
    dark = g.random(n) < share
    x = g.standard_normal((n, 16))
    x[:, 0] += np.where(dark, 2.5, -2.5)
    return unit(x), [{"tone": "dark" if one else "light"} for one in dark]


def found(after: float, dark_held_out: int = 40) -> Section:
    g = for_(int(100 * after), "mitigation test")
    train, about = pictures(g, 300, 0.15)
    unseen, of_unseen = pictures(g, 400, 0.15)
    kept = [i for i, row in enumerate(of_unseen) if row["tone"] == "dark"][:dark_held_out]
    kept += [i for i, row in enumerate(of_unseen) if row["tone"] == "light"]
    held = Described(unseen[kept], [of_unseen[i] for i in kept])
    before, asked = pictures(g, 96, 0.15)[0], pictures(g, 96, after)[0]
    shares = {"dark": 0.5, "light": 0.5}
    sizes = [(row, 1) for row in about]
    return mitigation(
        before,
        before,
        Asked("tone", shares, asked, asked),
        Described(train, about),
        held,
        held.features,
        sizes,
        seed=0,
    )


def test_a_quota_that_is_reached_is_said_to_be() -> None:
    section = found(0.5)
    row = section.rows[0]
    assert section.verdict == row.verdict == "good" and row.figure is not None
    assert row.figure.low <= 0.5 <= row.figure.high and "your share 50 %" in row.sentence
    assert "As they come" in row.sentence and row.floor is not None and row.floor.value == 0.5
    cost = section.rows[-1]
    assert cost.name == "What it costs" and cost.figure is not None and cost.floor is not None


def test_a_model_that_does_not_do_what_it_is_asked_is_found_out() -> None:
    section = found(0.15)
    assert section.verdict == "concern" and "lies outside" in section.rows[0].sentence
    assert "tone: dark" in section.answer


def test_a_group_with_few_works_held_out_gets_a_sentence_and_no_number() -> None:
    row = found(0.5, dark_held_out=19).rows[0]
    assert (row.verdict, row.figure) == ("unknown", None) and "19 works held out, and 20" in row.sentence
