"""What became of each take: pure folds over the log's events, with undo as a pointer that moves over the
acts.

A take never changes. What a person does with it (accept, reject, edit, branch) is an *act*, one event
appended to the log; undoing an act appends another event that names it, so nothing is ever rewritten and
every undo can be taken back. Knows no files, no clock and no models: the events come in as mappings, in the
order in which they were logged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from etude.errors import TakeError

ACTS = ("accepted", "rejected", "edited", "branched")

Event = Mapping[str, Any]


@dataclass(frozen=True)
class Act:
    """One thing a person did: `into` are the takes that came of it (an edit gives one, a branch several)."""

    id: str
    kind: str
    take: str
    into: tuple[str, ...] = ()
    piece: str = ""
    note: str = ""


@dataclass(frozen=True)
class TakeState:
    """Where a take stands: `status` is proposed, accepted, rejected, or undone (the act it came of was
    undone)."""

    id: str
    status: str = "proposed"
    parents: tuple[str, ...] = ()
    children: tuple[str, ...] = ()
    piece: str = ""
    note: str = ""


@dataclass(frozen=True)
class Desk:
    """All takes by id in the order proposed, the acts that hold, and the acts that `redo` would take up again
    (next one last)."""

    takes: Mapping[str, TakeState]
    acts: tuple[Act, ...]
    undone: tuple[Act, ...]
    dropped: tuple[Act, ...] = ()  # every act that does not hold, also those that something was done after


def fold(events: Iterable[Event]) -> Desk:
    """The state of every take after these events. Events of other kinds are passed over, so new kinds may be
    logged freely."""
    parents: dict[str, tuple[str, ...]] = {}
    acts: list[Act] = []
    off: set[str] = set()  # acts that do not hold
    redo: list[str] = []  # of these, the ones that nothing was done after
    for event in events:
        kind = str(event.get("event", ""))
        if kind == "proposed":
            parents.setdefault(str(event["take"]), tuple(event.get("parents") or ()))
        elif kind in ACTS:
            acts.append(_act(event))
            redo.clear()
        elif kind == "undone":
            off.add(str(event["act"]))
            redo.append(str(event["act"]))
        elif kind == "redone":
            off.discard(str(event["act"]))
            redo = [act for act in redo if act != event["act"]]
    by_id = {act.id: act for act in acts}
    holding = tuple(act for act in acts if act.id not in off)
    dropped = tuple(act for act in acts if act.id in off)
    return Desk(
        _states(parents, holding, dropped),
        holding,
        tuple(by_id[act] for act in redo if act in by_id),
        dropped,
    )


def _act(event: Event) -> Act:
    return Act(
        id=str(event["act"]),
        kind=str(event["event"]),
        take=str(event["take"]),
        into=tuple(event.get("into") or ()),
        piece=str(event.get("piece") or ""),
        note=str(event.get("note") or ""),
    )


def _states(
    parents: Mapping[str, tuple[str, ...]], holding: Sequence[Act], dropped: Sequence[Act]
) -> dict[str, TakeState]:
    states = {take: TakeState(take, parents=above) for take, above in parents.items()}
    for act in (*holding, *dropped):  # an act may name takes whose proposal was lost with a damaged log line
        for take in (act.take, *act.into):
            states.setdefault(take, TakeState(take))
    for act in dropped:
        for take in act.into:
            states[take] = replace(states[take], status="undone")
    for act in holding:
        state = states[act.take]
        if act.kind in ("accepted", "rejected"):
            states[act.take] = replace(state, status=act.kind, piece=act.piece, note=act.note)
        else:
            states[act.take] = replace(state, children=(*state.children, *act.into))
    return states


def may(desk: Desk, act: str, take: str) -> TakeState:
    """The take's state when `act` (one of ACTS) is allowed on it. Raises TakeError with the way out when it
    is not."""
    state = desk.takes.get(take)
    if state is None:
        raise TakeError(
            f"There is no take {take} in this project's log.", "List the takes with: etude take ls"
        )
    if state.status == "undone":
        raise TakeError(
            f"Take {take} comes from an action that was undone.",
            "Redo the action with: etude take undo --redo",
        )
    if act == "accepted" and state.status == "accepted":
        raise TakeError(
            f"Take {take} was accepted already, as piece {state.piece}.",
            f"See it with: etude pieces show {state.piece}",
        )
    if act == "rejected" and state.status == "rejected":
        raise TakeError(f"Take {take} was rejected already.", f"Bring it back with: etude take undo {take}")
    if act == "rejected" and state.status == "accepted":
        raise TakeError(
            f"Take {take} was accepted as piece {state.piece}, so it cannot be rejected.",
            f"Undo the acceptance first: etude take undo {take}",
        )
    return state


def to_undo(desk: Desk, take: str | None = None) -> Act:
    """The act that undo takes back: the last one that holds, or the last one on `take`.

    Raises TakeError when there is none, and when something was done since with the takes that came of it.
    """
    acts = [act for act in desk.acts if take is None or act.take == take or take in act.into]
    if not acts:
        what = f"with take {take}" if take else "in this project"
        raise TakeError(f"There is nothing to undo {what}.", "List the takes with: etude take ls")
    act = acts[-1]
    later = [other for other in desk.acts if other.take in act.into]
    if later:
        raise TakeError(
            f"Take {later[-1].take} came from this action ({act.kind}) and was {later[-1].kind} later.",
            f"Undo that first: etude take undo {later[-1].take}",
        )
    return act


def to_redo(desk: Desk, take: str | None = None) -> Act:
    """The act that redo takes up again: the one undone last, if nothing was done since; with a take the last
    one on it, whatever was done with others since. Raises TakeError when there is none."""
    if take is None:
        if desk.undone:
            return desk.undone[-1]
        what = "There is no undone action to redo"
        if desk.dropped:  # their pieces may still lie in the trash
            raise TakeError(
                f"{what}: something was done since.",
                f"Name the take of an earlier one: etude take undo --redo {desk.dropped[-1].take}",
            )
        raise TakeError(f"{what}.", "List the takes with: etude take ls")
    acts = [act for act in desk.dropped if act.take == take or take in act.into]
    if not acts:
        raise TakeError(f"No action on take {take} was undone.", "List the takes with: etude take ls --all")
    state = desk.takes[acts[-1].take]
    if acts[-1] in desk.undone:
        return acts[-1]
    if state.status != "proposed" and acts[-1].kind in ("accepted", "rejected"):
        raise TakeError(
            f"Take {take} was {state.status} since, so it cannot be {acts[-1].kind} again.",
            f"Undo that first: etude take undo {take}",
        )
    return acts[-1]


def lineage(desk: Desk, take: str) -> tuple[str, ...]:
    """The takes that this one came from, nearest first, each once."""
    seen: dict[str, None] = {}
    queue = list(desk.takes[take].parents) if take in desk.takes else []
    while queue:
        parent = queue.pop(0)
        if parent not in seen:
            seen[parent] = None
            queue.extend(desk.takes[parent].parents if parent in desk.takes else ())
    return tuple(seen)
