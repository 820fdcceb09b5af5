"""Recipes: the key names only what was asked for; remakes are compared, and differences explained."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etude.takes.change import change
from etude.takes.recipe import CLOSE, Recipe, compare, differences, versions
from etude.takes.source import Source

RECIPE = Recipe(
    medium="text",
    kind="edited",
    model="verse-1",
    model_sha256="ab" * 32,
    seed=7,
    index=3,
    controls={"temperature": 0.9, "name": "Erlkönig"},
    source={"work": "w-1"},
    parents=("t-1", "t-2"),
    made_with={"torch": "2.13.0", "machine": "x86_64"},
)


def test_a_recipe_comes_back_from_json_and_passes_over_what_it_does_not_know() -> None:
    data = json.loads(json.dumps(RECIPE.to_json()))
    assert Recipe.from_json(data) == RECIPE
    assert Recipe.from_json({**data, "later": 1}) == RECIPE
    assert Recipe.from_json({"medium": "text"}) == Recipe("text")


def test_the_key_is_as_it_was_in_every_project_made_so_far() -> None:
    """Takes in logs are found again by it: it may never change."""
    assert RECIPE.key == "51912a4ff3e6"
    assert Recipe("music").key == "ff5ddfdc0833"


@pytest.mark.parametrize(
    "other",
    [
        {"medium": "music"},
        {"kind": "made"},
        {"model_sha256": "cd" * 32},
        {"seed": 8},
        {"index": 4},
        {"controls": {}},
        {"source": {"take": "w-1"}},
        {"parents": ("t-2", "t-1")},
    ],
)
def test_whatever_is_asked_for_otherwise_has_another_key(other: dict[str, object]) -> None:
    assert replace(RECIPE, **other).key != RECIPE.key  # type: ignore[arg-type]


def test_the_models_name_the_versions_and_the_order_of_controls_have_no_part_in_the_key() -> None:
    controls = dict(list(RECIPE.controls.items())[::-1])
    assert replace(RECIPE, model="prose", made_with={}, controls=controls).key == RECIPE.key


def test_equal_bytes_are_equal_whatever_the_reasons() -> None:
    found = compare(b"a", b"a", "a", "a", ["torch differs"])
    assert (found.verdict, found.likeness, found.first_difference, found.reasons) == (
        "bit-equal",
        1.0,
        None,
        (),
    )


@given(st.text("abc", max_size=12), st.text("abc", max_size=12))
def test_the_first_difference_is_where_the_takes_part(before: str, after: str) -> None:
    found = compare(b"1", b"2", before, after, ())
    at = found.first_difference
    assert at is not None and before[:at] == after[:at]
    assert at == min(len(before), len(after)) or before[at] != after[at]
    assert found.verdict == ("close" if found.likeness >= CLOSE else "different") and 0 <= found.likeness <= 1


def test_half_alike_is_close_and_less_is_different() -> None:
    assert compare(b"1", b"2", "abcd", "abxy", ()).verdict == "close"
    assert compare(b"1", b"2", "abcde", "abxyz", ()).verdict == "different"
    assert compare(b"1", b"2", "ab", "ab", ()).reasons[0].startswith("the same versions")
    assert compare(b"1", b"2", "ab", "ab", ["torch"]).reasons == ("torch",)


def test_letters_that_come_often_count_in_long_takes_too() -> None:
    before = " ".join(map(str, range(120)))
    assert compare(b"1", b"2", before, before[:200] + "X" + before[201:], ()).likeness > 0.99
    assert change(before, before + "X", "letters").kept == len(before)


def test_what_may_have_made_the_difference_is_named() -> None:
    same = dict(RECIPE.made_with)
    assert differences(RECIPE, RECIPE.model_sha256, same) == ()
    assert differences(replace(RECIPE, model_sha256=""), "cd" * 32, same) == ()
    assert differences(RECIPE, "cd" * 32, {**same, "torch": "2.14.0", "numpy": "9"}) == (
        "the model's weights are cdcdcdcdcdcd now and were abababababab",
        "torch is 2.14.0 now and was 2.13.0",
    )
    assert differences(RECIPE, RECIPE.model_sha256, {"torch": "2.13.0"}) == (
        "machine is missing now and was x86_64",
    )


def test_versions_name_what_may_change_the_last_bits() -> None:
    assert set(versions()) == {"etude", "torch", "numpy", "numba", "python", "machine", "system"}
    assert all(versions().values())


def test_only_a_take_is_a_source_with_a_take() -> None:
    assert Source("text", "", "", {"take": "t-1"}).take == "t-1"
    assert Source("text", "", "", {"work": "w-1"}).take == ""


def test_of_nothing_nothing_was_changed_and_all_new_is_all_changed() -> None:
    assert change([], [], "words").share == 0
    assert change(["a"], ["b"], "words").share == 1
