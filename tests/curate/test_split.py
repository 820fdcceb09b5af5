"""The split: its properties for any works (hypothesis), and what it does with the collections people really
have."""

from __future__ import annotations

import time
from collections import defaultdict
from itertools import pairwise
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etude.curate.divide import divide, may_divide
from etude.curate.groups import Group, Item, cuts_of, group_items, maker_clusters, parts_within
from etude.curate.split import Shares, Split, shares_for, split
from etude.errors import WorkError
from etude.store.collections import Part, Role


@st.composite
def collections(draw: st.DrawFn, most: int = 24) -> list[Item]:
    items = []
    for number in range(draw(st.integers(1, most))):
        size = draw(st.one_of(st.integers(1, 900), st.integers(3_000, 200_000)))
        step = draw(st.integers(20, 400))
        items.append(
            Item(
                work_id=f"w-{number}",
                size=size,
                maker=draw(st.sampled_from(["", "Ada", "Ben", "Cleo"])),
                series=draw(st.sampled_from(["", "", "", "one", "two"])),
                duplicates=draw(st.sampled_from(["", "", "", "", "x", "y"])),
                boundaries=tuple(range(step, size, step)),
            )
        )
    return items


def parts_of(result: Split) -> dict[str, list[Part]]:
    found: dict[str, list[Part]] = defaultdict(list)
    for part in result.parts:
        found[part.work_id].append(part)
    return found


def roles(result: Split, work_id: str) -> set[str]:
    return {part.role for part in parts_of(result)[work_id]}


def share(result: Split, role: str, items: list[Item]) -> float:
    return sum(part.end - part.start for part in result.parts if part.role == role) / sum(
        item.size for item in items
    )


@given(
    st.integers(1, 3000),
    st.lists(st.integers(1, 2999), max_size=40),
    st.lists(st.floats(0.01, 0.6), min_size=1, max_size=3),
    st.integers(1, 400),
)
def test_blocks_lie_side_by_side_at_cuts_and_leave_most_of_the_work(
    size: int, cuts: list[int], shares: list[float], least: int
) -> None:
    edges = sorted({cut for cut in cuts if cut < size})
    blocks = divide(size, edges, shares, least, np.random.default_rng(size))
    if blocks is not None:
        assert len(blocks) == len(shares) and {edge for block in blocks for edge in block} <= {
            0,
            size,
            *edges,
        }
        assert all(end == start for (_, end), (start, _) in pairwise(blocks))
        assert all(least <= end - start <= size / 4 for start, end in blocks)
    fine = divide(size, range(size), shares, least, np.random.default_rng(size))
    wanted = [max(least, round(share * size)) for share in shares]
    assert may_divide(size, shares, least) == all(length <= size / 4 for length in wanted)
    if may_divide(size, shares, least):  # with a cut at every unit the blocks are as long as was wanted
        assert fine is not None and [end - start for start, end in fine] == wanted
    elif sum(wanted) >= size:
        assert fine is None


@given(collections(), st.booleans())
def test_parts_are_disjoint_contiguous_and_cover_every_work(items: list[Item], by_maker: bool) -> None:
    result = split(items, by_maker=by_maker)
    assert result.left_out == ()
    found = parts_of(result)
    for item in items:
        at = 0
        for part in found[item.work_id]:
            assert part.start == at < part.end
            at = part.end
        assert at == item.size
        cuts = {0, item.size, *item.boundaries}
        assert all(part.start in cuts and part.end in cuts for part in found[item.work_id])


@given(collections(), st.booleans())
def test_the_same_works_give_the_same_split(items: list[Item], by_maker: bool) -> None:
    assert split(items, by_maker=by_maker) == split(list(items), by_maker=by_maker)


@given(collections())
def test_near_duplicates_stay_together_and_a_series_unless_it_is_all_there_is(items: list[Item]) -> None:
    result = split(items)
    groups = group_items(items)
    for group in groups:
        alone = sum(other.maker == group.maker for other in groups) == 1 and not group.near
        if len(group.items) > 1 and not alone:
            assert (
                len(
                    {
                        part.role
                        for item in group.items
                        for part in result.parts
                        if part.work_id == item.work_id
                    }
                )
                == 1
            )


@given(collections(), collections(), st.booleans())
def test_what_was_assigned_stays_assigned_when_works_are_added(
    old: list[Item], more: list[Item], by_maker: bool
) -> None:
    before = split(old, by_maker=by_maker)
    new = [Item(f"n-{i.work_id}", i.size, i.maker, i.series, i.duplicates, i.boundaries) for i in more]
    after = split([*old, *new], previous=before.parts, by_maker=by_maker)
    found = parts_of(after)
    assert all(found[work_id] == parts for work_id, parts in parts_of(before).items())
    left_out = {work_id for work_id, _ in after.left_out}
    assert {item.work_id for item in new} == {
        item.work_id for item in new if item.work_id in found
    } | left_out
    assert not any(work_id in found for work_id in left_out)


@given(collections())
def test_there_is_always_something_to_learn_from_and_to_measure_on(items: list[Item]) -> None:
    result = split(items)
    assert any(part.role == "train" for part in result.parts)
    if len(group_items(items)) > 2:
        assert {part.role for part in result.parts} == {"train", "critic", "held-out"}


@given(collections())
def test_every_maker_with_a_long_work_is_learned_from_and_held_out(items: list[Item]) -> None:
    result = split(items)
    groups = group_items(items)
    found = parts_of(result)
    for maker in {item.maker for item in items}:
        mine = [
            group
            for group in groups
            if group.maker == maker and len(group.items) == 1 and group.items[0].maker == maker
        ]
        total = sum(item.size for item in items if item.maker == maker)
        long = [group for group in mine if group.size > max(10_000, 0.12 * total)]
        if long:
            seen = {part.role for item in items if item.maker == maker for part in found[item.work_id]}
            assert seen == {"train", "critic", "held-out"}


@given(collections(), st.data())
def test_works_held_out_by_name_are_out_of_everything_else(items: list[Item], data: st.DataObject) -> None:
    named = data.draw(st.sets(st.sampled_from([item.work_id for item in items]), min_size=1))
    result = split(items, held_out=named, previous=split(items).parts)
    twins = {item.duplicates for item in items if item.work_id in named} - {""}
    for item in items:
        if item.work_id in named or item.duplicates in twins:
            assert roles(result, item.work_id) == {"held-out"}
    fresh = split(items, held_out=named)
    held = {part.work_id for part in fresh.parts if part.role == "held-out"}
    assert held == {item.work_id for item in items if item.work_id in named or item.duplicates in twins}


@given(collections())
def test_by_maker_no_maker_is_in_two_roles(items: list[Item]) -> None:
    result = split(items, by_maker=True)
    found = parts_of(result)
    for maker in {item.maker for item in items}:
        assert len({part.role for item in items if item.maker == maker for part in found[item.work_id]}) == 1
    assert any(part.role == "train" for part in result.parts)
    for item in items:
        assert len(found[item.work_id]) == 1


@settings(max_examples=30)
@given(collections(8))
def test_a_group_is_cut_at_every_boundary_and_between_its_works(items: list[Item]) -> None:
    group = Group(tuple(items), near=False)
    ends = np.cumsum([0, *(item.size for item in items)]).tolist()
    inner = [start + cut for start, item in zip(ends, items, strict=False) for cut in item.boundaries]
    assert cuts_of(group) == sorted([*inner, *ends[1:-1]])


@given(st.integers(1, 99), st.integers(0, 99), st.lists(st.integers(0, 250), min_size=4, max_size=4))
def test_parts_of_a_work_are_those_of_its_group(size: int, offset: int, edges: list[int]) -> None:
    a, b, c, d = sorted(edges)
    parts = parts_within(Item("w", size), offset, [(c, d, "critic"), (a, b, "held-out")])
    roles = [
        "held-out" if a <= at < b else "critic" if c <= at < d else "train"
        for at in range(offset, offset + size)
    ]
    assert [part.role for part in parts for _ in range(part.start, part.end)] == roles
    assert all(end.end == start.start for end, start in pairwise(parts)) and parts[0].start == 0


@settings(max_examples=50)
@given(collections(12))
def test_groups_and_clusters_are_whatever_hangs_together(items: list[Item]) -> None:
    def hang(joins: list[set[str]]) -> set[frozenset[str]]:
        for _ in joins:
            joins = [set().union(*(other for other in joins if other & one)) for one in joins]
        return {frozenset(one) for one in joins}

    def alike(one: Item, other: Item) -> bool:
        near = bool(one.duplicates) and one.duplicates == other.duplicates
        return near or (bool(one.series) and (one.maker, one.series) == (other.maker, other.series))

    groups = group_items(items)
    found = {frozenset(item.work_id for item in group.items) for group in groups}
    assert found == hang([{i.work_id, *(j.work_id for j in items if alike(i, j))} for i in items])
    assert [item for group in groups for item in group.items if len(group.items) == 1] == [
        item for item in items if frozenset({item.work_id}) in found
    ]
    makers = maker_clusters(groups)
    assert set(makers) == hang([{item.maker for item in group.items} for group in groups])
    for cluster, size in makers.items():
        assert size == sum(item.size for item in items if item.maker in cluster)


def test_a_new_maker_is_held_out_whole_where_something_is_learned_from_already() -> None:
    old = Item("w-1", 10_000, "Ada")
    before = split([old], by_maker=True)
    after = split([old, Item("w-2", 800, "Ben")], previous=before.parts, by_maker=True)
    assert (roles(after, "w-1"), roles(after, "w-2")) == ({"train"}, {"held-out"})


def test_makers_held_out_whole_make_up_the_share_and_of_few_the_smallest_are_taken() -> None:
    many = [Item(f"w-{n}-{k}", 300, f"Poet {n}") for n in range(60) for k in range(2)]
    result = split(many, by_maker=True)
    assert 0.05 < share(result, "held-out", many) < 0.08 and 0.05 < share(result, "critic", many) < 0.08
    few = [Item("w-1", 10_000, "Ada"), Item("w-2", 9_000, "Ben"), Item("w-3", 8_000, "Cleo")]
    result = split(few, by_maker=True)
    assert [part.role for part in result.parts] == ["train", "critic", "held-out"]


def test_one_file_a_poet_gives_every_poet_to_every_role() -> None:
    items = [
        Item(f"w-{n}", 40_000 + n, f"Poet {n}", boundaries=tuple(range(500, 40_000, 500))) for n in range(24)
    ]
    result = split(items)
    assert all(roles(result, item.work_id) == {"train", "critic", "held-out"} for item in items)
    assert 0.05 < share(result, "held-out", items) < 0.08
    assert 0.05 < share(result, "critic", items) < 0.08


def test_many_short_works_stay_whole() -> None:
    items = [Item(f"w-{n}", 200 + n % 7, "Bach", boundaries=(50, 100, 150)) for n in range(371)]
    result = split(items, shares=shares_for("notes"))
    assert len(result.parts) == len(items)
    assert 0.05 < share(result, "held-out", items) < 0.07
    assert 0.05 < share(result, "critic", items) < 0.07


def test_many_makers_of_two_poems_do_not_give_half_of_everything_away() -> None:
    items = [Item(f"w-{n}-{k}", 300, f"Poet {n}") for n in range(100) for k in range(2)]
    items += [Item(f"w-{n}-0", 300, f"Poet {n}") for n in range(100, 140)]  # who have nothing to give away
    result = split(items)
    assert 0.05 < share(result, "held-out", items) < 0.08
    learned = {part.work_id.split("-")[1] for part in result.parts if part.role == "train"}
    assert len(learned) == 140


def test_one_novel_is_divided_at_its_paragraphs() -> None:
    novel = Item("w-1", 600_000, "Ada", boundaries=tuple(range(700, 600_000, 700)))
    result = split([novel])
    held = next(part for part in result.parts if part.role == "held-out")
    assert held.start % 700 == 0
    assert abs((held.end - held.start) - 36_000) < 1_400
    assert len(result.parts) in (3, 4)


def test_works_added_one_at_a_time_fill_all_roles() -> None:
    parts: tuple[Part, ...] = ()
    items: list[Item] = []
    for number in range(40):
        items.append(Item(f"w-{number}", 300, "Ada"))
        parts = split(items, previous=parts).parts
    result = Split(parts, (), ())
    assert 0.04 < share(result, "held-out", items) < 0.09
    assert 0.04 < share(result, "critic", items) < 0.09


def test_a_single_series_is_divided_in_order_and_said_so() -> None:
    items = [
        Item(f"w-{n}", 30_000, "Ada", series="saga", boundaries=tuple(range(300, 30_000, 300)))
        for n in range(4)
    ]
    result = split(items)
    assert {part.role for part in result.parts} == {"train", "critic", "held-out"}
    assert "one series" in result.notes[0]


def test_a_copy_of_a_divided_work_is_left_out_with_the_reason() -> None:
    novel = Item("w-1", 600_000, "Ada", duplicates="x", boundaries=tuple(range(700, 600_000, 700)))
    before = split([novel])
    copy = Item("w-2", 590_000, "Ada", duplicates="x", boundaries=tuple(range(700, 590_000, 700)))
    after = split([novel, copy], previous=before.parts)
    assert after.left_out == (("w-2", "it is a near-duplicate of w-1, which is divided"),)


def test_a_copy_of_a_whole_work_goes_where_that_went() -> None:
    items = [Item(f"w-{n}", 300, "Ada", duplicates="x" if n == 5 else "") for n in range(40)]
    before = split(items)
    after = split([*items, Item("w-new", 310, "Ben", duplicates="x")], previous=before.parts)
    assert roles(after, "w-new") == roles(before, "w-5")


@pytest.mark.parametrize("role", get_args(Role))
def test_a_new_work_of_a_series_goes_where_the_series_went(role: Role) -> None:
    items = [Item(f"w-{n}", 300, "Ada", series="saga") for n in range(3)]
    whole = [Part(f"w-{n}", 0, 300, role) for n in range(2)]
    assert roles(split(items, previous=whole), "w-2") == {role}
    divided = [*whole, Part("w-1", 100, 300, "critic" if role == "train" else "train")]
    assert roles(split(items, previous=divided), "w-2") == {"train"}


def test_one_tiny_work_is_learned_from_and_the_lack_is_said() -> None:
    result = split([Item("w-1", 30)])
    assert [part.role for part in result.parts] == ["train"]
    assert len(result.notes) == 2


def test_empty_works_are_left_out() -> None:
    result = split([Item("w-1", 0), Item("w-2", 10)])
    assert result.left_out == (("w-1", "it is empty"),)


def test_unknown_works_to_hold_out_are_named() -> None:
    with pytest.raises(WorkError, match="w-nowhere"):
        split([Item("w-1", 10)], held_out=["w-nowhere"])


def test_no_shares_means_everything_is_learned_from() -> None:
    result = split([Item("w-1", 9_000), Item("w-2", 10)], shares=Shares(critic=0, held_out=0))
    assert {part.role for part in result.parts} == {"train"}
    assert result.notes == ()


def test_ten_thousand_works_are_split_quickly() -> None:
    items = [Item(f"w-{n}", 200 + n % 50, f"Maker {n % 3000}") for n in range(10_000)]
    start = time.process_time()
    result = split(items)
    assert time.process_time() - start < 5
    assert 0.05 < share(result, "held-out", items) < 0.08
