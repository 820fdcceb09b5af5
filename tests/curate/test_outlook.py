"""What is said of a collection before anything is learned from it."""

from __future__ import annotations

from etude.curate.outlook import outlook


def said(
    sizes: dict[str, int], makers: dict[str, str] | None = None, twins: tuple[tuple[str, ...], ...] = ()
) -> str:
    return "\n".join(outlook(sizes, makers or {}, twins, "characters", 2_000))


def test_sizes_are_said_with_what_they_are_enough_for() -> None:
    assert said({"a": 5_000}).startswith("Little data: 5,000 characters in 1 work to train on.")
    assert "Below 50,000, expect copied passages" in said({"a": 5_000})
    assert said({"a": 60_000, "b": 60_000}).startswith("Some data: 120,000 characters in 2 works")
    assert said({"a": 400_000, "b": 200_000}) == "Enough: 600,000 characters in 2 works to train on."
    assert said({}) == ""


def test_uneven_makers_and_near_twins_are_named() -> None:
    sizes, makers = {"a": 70_000, "b": 20_000, "c": 10_000}, {"a": "Ada", "b": "Ben", "c": "Cy"}
    assert "Uneven: 70 % of it is by Ada, the rest by 2 others" in said(sizes, makers)
    assert "Uneven" not in said({"a": 50, "b": 50}, {"a": "Ada", "b": "Ben"})
    assert "Uneven" not in said({"a": 70_000, "b": 30_000}, {"a": "Ada", "b": "Ada"})  # one maker alone
    assert "Near-duplicates: 2 of 3 works" in said(sizes, makers, (("a", "b", "c"),))
