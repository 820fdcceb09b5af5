"""Shares against targets, the works that would close gaps, and weights with what they cost."""

from __future__ import annotations

import pytest

from etude.curate.balance import balanced, effective, shared
from etude.curate.coverage import Described, attributes, crossings, missing_units, targets_of, times
from etude.errors import ProjectError


def works(*rows: tuple[str, int, dict[str, str]]) -> tuple[Described, ...]:
    return tuple(
        Described(f"w{i}", f"t{i}", maker, size, 1.0, attrs) for i, (maker, size, attrs) in enumerate(rows)
    )


def test_missing_works_close_the_gaps_exactly_and_take_nothing_away() -> None:
    have = {"a": 10, "b": 8, "c": 1}
    parity = dict.fromkeys(have, 1 / 3)
    more = missing_units(have, parity)
    total = sum(have.values()) + sum(more.values())
    for value in have:
        assert (have[value] + more.get(value, 0)) / total == pytest.approx(1 / 3)
    assert missing_units({"dark": 305, "others": 1536}, {"dark": 0.3}) == {
        "dark": pytest.approx(0.3 * 1536 / 0.7 - 305)
    }
    assert missing_units({"dark": 500, "others": 500}, {"dark": 0.3}) == {}


def test_shares_are_of_what_is_said_and_targets_name_what_lacks() -> None:
    held = works(
        *[("Ada", 100, {"skin": "dark"})] * 2, *[("Ben", 300, {"skin": "light"})] * 2, ("Cy", 100, {})
    )
    maker, skin = attributes(held, targets_of(["skin=dark:0.5"]))
    assert maker.key == "maker" and [s.value for s in maker.shares] == ["Ben", "Ada", "Cy"]
    dark = next(s for s in skin.shares if s.value == "dark")
    assert (skin.unsaid, dark.of_units, dark.share) == (1, 0.25, 0.5)
    assert dark.lacks and dark.more_works == 4 and dark.too_few
    assert not next(s for s in skin.shares if s.value == "light").lacks


@pytest.mark.parametrize("said", ["maker", "maker=", "skin=dark", "skin=dark:1.5", "skin=:0.3", "=parity"])
def test_a_target_that_is_none_is_refused(said: str) -> None:
    with pytest.raises(ProjectError, match="is no target"):
        targets_of([said])


def test_targets_that_no_work_has_or_that_sum_to_too_much_are_refused() -> None:
    held = works(("Ada", 1, {"skin": "dark"}), ("Ben", 1, {"skin": "light"}), ("Cy", 1, {"skin": "light"}))
    with pytest.raises(ProjectError, match="No work says anything of 'tone'"):
        attributes(held, targets_of(["tone=parity"]))
    with pytest.raises(ProjectError, match="No work has skin = green"):
        attributes(held, targets_of(["skin=green:0.5"]))
    with pytest.raises(ProjectError, match=r"sum to 1\.2"):
        targets_of(["skin=dark:0.6", "skin=light:0.6"])


def test_empty_combinations_are_too_few_and_what_follows_from_another_is_no_combination() -> None:
    rows = [("Ada", 1, {"gender": "f", "tone": "dark"})] * 25 + [
        ("Ben", 1, {"gender": "m", "tone": "light"})
    ] * 25
    rows += [("Cy", 1, {"gender": "m", "tone": "dark"})] * 3
    held = works(*rows)
    found = crossings(held, attributes(held, {}))
    assert {one.keys for one in found} == {("gender", "tone"), ("maker", "tone")} - {("maker", "tone")}
    assert (found[0].of, found[0].too_few, found[0].empty) == (4, 2, 1)
    assert found[0].named[0].values == ("m", "dark") and found[0].named[0].works == 3


def test_years_are_counted_by_decade_with_their_gaps() -> None:
    held = works(("A", 1, {"born": "1805"}), ("B", 1, {"born": "c. 1808"}), ("C", 1, {"born": "1832-04-01"}))
    (born,) = times(held)
    assert born.decades == ((1800, 2), (1830, 1)) and born.missing == (1810, 1820)


def test_weights_reach_the_target_and_say_what_they_cost() -> None:
    held = works(*[("Ada", 100, {})] * 8, *[("Ben", 100, {})] * 2)
    found = balanced(held, {w.id: w.maker for w in held}, "maker")
    assert found.after["Ada"] == pytest.approx(0.5, abs=1e-3)
    mean = sum(found.weights[w.id] * w.size for w in held) / 1000
    assert mean == pytest.approx(1, abs=1e-3)
    # Kish: (8 * .625 + 2 * 2.5)^2 / (8 * .625^2 + 2 * 2.5^2) = 6.4 of 10
    assert found.effective == pytest.approx(0.64, abs=1e-3)
    assert "64 %" in found.words
    assert effective(held, {}) == pytest.approx(1.0)
    to = balanced(held, {w.id: w.maker for w in held}, "maker", {"Ben": 0.3})
    assert to.after["Ben"] == pytest.approx(0.3, abs=1e-3)


def test_steep_weights_are_held_back_and_said_to_be() -> None:
    held = works(*[("Ada", 100, {})] * 99, ("Ben", 100, {}))
    found = balanced(held, {w.id: w.maker for w in held}, "maker")
    values = sorted(set(found.weights.values()))
    assert values[1] / values[0] == pytest.approx(20, rel=0.01)
    assert found.held == ("Ben",) and "Held back" in found.words and found.after["Ben"] < 0.2


def test_twins_share_one_place_and_a_chain_is_not_one_work() -> None:
    even = dict.fromkeys("abcd", 1.0)
    assert shared([("a", "b")], even) == {"a": 0.5, "b": 0.5, "c": 1.0, "d": 1.0}
    chain = shared([("a", "b"), ("b", "c"), ("c", "d")], even)
    assert sum(chain.values()) > 1.6
