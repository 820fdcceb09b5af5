"""The folds over the log: every act, its undo and redo, and what is not allowed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etude.errors import TakeError
from etude.takes.change import change
from etude.takes.history import fold, lineage, may, to_redo, to_undo


def proposed(take: str, *parents: str) -> dict[str, Any]:
    return {"event": "proposed", "take": take, "parents": list(parents)}


def act(name: str, kind: str, take: str, **more: Any) -> dict[str, Any]:
    return {"event": kind, "act": name, "take": take, **more}


def test_a_new_take_is_provisional() -> None:
    desk = fold([proposed("t1"), proposed("t2")])
    assert [state.status for state in desk.takes.values()] == ["proposed", "proposed"]
    assert desk.acts == () and desk.undone == ()


def test_accept_then_undo_then_redo() -> None:
    events = [proposed("t1"), act("a1", "accepted", "t1", piece="p1")]
    assert fold(events).takes["t1"].status == "accepted"
    assert fold(events).takes["t1"].piece == "p1"
    events.append({"event": "undone", "act": to_undo(fold(events)).id})
    assert fold(events).takes["t1"].status == "proposed"
    assert fold(events).takes["t1"].piece == ""
    events.append({"event": "redone", "act": to_redo(fold(events)).id})
    assert fold(events).takes["t1"].status == "accepted"
    with pytest.raises(TakeError, match="no undone action"):
        to_redo(fold(events))


def test_undo_of_an_acceptance_shows_the_rejection_before_it() -> None:
    events = [
        proposed("t1"),
        act("a1", "rejected", "t1", note="flat"),
        act("a2", "accepted", "t1", piece="p1"),
    ]
    assert fold(events).takes["t1"].status == "accepted"
    events.append({"event": "undone", "act": "a2"})
    state = fold(events).takes["t1"]
    assert (state.status, state.note) == ("rejected", "flat")


def test_a_new_act_leaves_nothing_to_redo_but_the_undone_act_stays_undone() -> None:
    events = [
        proposed("t1"),
        proposed("t2"),
        act("a1", "accepted", "t1", piece="p1"),
        {"event": "undone", "act": "a1"},
    ]
    events.append(act("a2", "rejected", "t2"))
    desk = fold(events)
    assert desk.undone == ()
    assert desk.takes["t1"].status == "proposed"
    with pytest.raises(TakeError, match="something was done since") as caught:
        to_redo(desk)
    assert "--redo t1" in caught.value.hint
    assert to_redo(desk, "t1").id == "a1"  # by its take it can be taken up for as long as it is in the trash
    with pytest.raises(TakeError, match="No action on take t2"):
        to_redo(desk, "t2")
    events.append(act("a3", "rejected", "t1"))
    with pytest.raises(TakeError, match="t1 was rejected since"):
        to_redo(fold(events), "t1")


def test_an_edit_gives_a_child_and_leaves_the_take_as_it_was() -> None:
    events = [proposed("t1"), proposed("t2", "t1"), act("a1", "edited", "t1", into=["t2"])]
    desk = fold(events)
    assert desk.takes["t1"].status == "proposed"
    assert desk.takes["t1"].children == ("t2",)
    assert lineage(desk, "t2") == ("t1",)


def test_undoing_a_branch_takes_its_takes_off_the_desk() -> None:
    events = [
        proposed("t1"),
        proposed("t2", "t1"),
        proposed("t3", "t1"),
        act("a1", "branched", "t1", into=["t2", "t3"]),
    ]
    events.append({"event": "undone", "act": "a1"})
    desk = fold(events)
    assert [desk.takes[take].status for take in ("t2", "t3")] == ["undone", "undone"]
    with pytest.raises(TakeError, match="undone"):
        may(desk, "accepted", "t2")


def test_undo_is_refused_while_something_rests_on_the_act() -> None:
    events = [proposed("t1"), proposed("t2", "t1"), act("a1", "edited", "t1", into=["t2"])]
    events.append(act("a2", "accepted", "t2", piece="p1"))
    with pytest.raises(TakeError) as caught:
        to_undo(fold(events), "t1")
    assert "etude take undo t2" in caught.value.hint
    assert to_undo(fold(events)).id == "a2"


@pytest.mark.parametrize(
    ("before", "kind", "words"),
    [
        ("accepted", "accepted", "accepted already"),
        ("accepted", "rejected", "cannot be rejected"),
        ("rejected", "rejected", "rejected already"),
    ],
)
def test_what_a_state_does_not_allow(before: str, kind: str, words: str) -> None:
    desk = fold([proposed("t1"), act("a1", before, "t1", piece="p1")])
    with pytest.raises(TakeError, match=words):
        may(desk, kind, "t1")


def test_a_rejected_take_may_still_be_accepted() -> None:
    assert may(fold([proposed("t1"), act("a1", "rejected", "t1")]), "accepted", "t1").status == "rejected"


@pytest.mark.parametrize("before", ["", "accepted", "rejected"])
@pytest.mark.parametrize("kind", ["accepted", "rejected", "edited", "branched"])
def test_everything_else_is_allowed(before: str, kind: str) -> None:
    if (before, kind) not in (("accepted", "accepted"), ("accepted", "rejected"), ("rejected", "rejected")):
        desk = fold([proposed("t1"), *([act("a1", before, "t1")] if before else [])])
        assert may(desk, kind, "t1") == desk.takes["t1"]


@given(st.sets(st.integers(0, 7)))
def test_a_log_with_lost_lines_still_folds(lost: set[int]) -> None:
    events = [
        proposed("t1"),
        act("a1", "rejected", "t1"),
        {"event": "undone", "act": "a1"},
        proposed("t2", "t1"),
        act("a2", "edited", "t1", into=["t2"]),
        {"event": "redone", "act": "a1"},
        {"event": "undone", "act": "a2"},
        {"event": "noted by a later version"},
    ]
    desk = fold(event for number, event in enumerate(events) if number not in lost)
    assert ("t1" in desk.takes) == (not {0, 1, 4} <= lost)
    assert ("t2" in desk.takes) == (not {3, 4} <= lost)
    undone = [act.id for act in desk.undone]
    assert ("a1" in undone) == ({1, 2}.isdisjoint(lost) and {4, 5} <= lost)
    assert ("a2" in undone) == {4, 6}.isdisjoint(lost)


def test_a_lineage_goes_back_to_the_beginning_and_names_each_take_once() -> None:
    desk = fold(
        [proposed("t1"), proposed("t2", "t1"), proposed("t3", "t1", "t2"), proposed("t4", "t3", "lost")]
    )
    assert lineage(desk, "t4") == ("t3", "lost", "t1", "t2")
    assert lineage(desk, "t1") == lineage(desk, "nowhere") == ()


def test_an_unknown_take_is_named() -> None:
    with pytest.raises(TakeError, match="t9"):
        may(fold([proposed("t1")]), "accepted", "t9")


def test_nothing_to_undo() -> None:
    with pytest.raises(TakeError, match="nothing to undo"):
        to_undo(fold([proposed("t1")]))


def test_change_counts_what_the_person_kept_and_put_in() -> None:
    result = change(
        ["the", "sea", "was", "calm", "tonight"], ["the", "sea", "was", "never", "so", "calm"], "words"
    )
    assert (result.kept, result.added, result.removed) == (4, 2, 1)
    assert result.share == pytest.approx(2 / 6)


@given(
    st.lists(st.sampled_from(["accept", "reject", "undo", "redo"]), max_size=25),
    st.lists(st.integers(0, 2), min_size=25, max_size=25),
)
def test_undoing_everything_gives_the_first_desk_and_redoing_gives_it_back(
    steps: list[str], which: list[int]
) -> None:
    events: list[dict[str, Any]] = [proposed(f"t{i}") for i in range(3)]
    first = fold(events).takes
    for number, (step, i) in enumerate(zip(steps, which, strict=False)):
        desk = fold(events)
        try:
            if step in ("accept", "reject"):
                kind = step + "ed"
                may(desk, kind, f"t{i}")
                events.append(act(f"a{number}", kind, f"t{i}", piece=f"p{number}"))
            elif step == "undo":
                events.append({"event": "undone", "act": to_undo(desk).id})
            else:
                events.append({"event": "redone", "act": to_redo(desk).id})
        except TakeError:
            continue
    before = fold(events)
    undone = 0
    while fold(events).acts:
        events.append({"event": "undone", "act": to_undo(fold(events)).id})
        undone += 1
    assert fold(events).takes == first
    for _ in range(undone):
        events.append({"event": "redone", "act": to_redo(fold(events)).id})
    assert fold(events).takes == before.takes
