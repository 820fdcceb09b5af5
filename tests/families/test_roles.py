"""What a model did with each work is told once, and the same everywhere."""

from __future__ import annotations

from etude.families import FAMILIES, roles


def test_a_work_that_was_divided_counts_once() -> None:
    works = {"train": ["a", "b"], "critic": ["b", "c"], "held-out": ["b", "c", "d"]}
    assert list(roles.of(works, "set aside").values()) == [{"a", "b"}, {"c"}, {"d"}]
    assert roles.lines(works, "set aside", "for the critic") == [
        "- trained on: 2 works",
        "- set aside: 1 work (for the critic)",
        "- held out: 1 work",
    ]


def test_models_without_roles_say_nothing_wrong() -> None:
    assert roles.lines({}, "set aside", "why")[1] == "- set aside: 0 works"


def test_every_family_says_what_works_set_aside_are() -> None:
    for family in FAMILIES.values():
        assert "not trained on" in family.aside
