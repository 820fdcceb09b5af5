"""What `curate` proposed is taken: weights and split of a collection, each time with what was there before
in the log, so that it can be taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from shlex import quote

from etude.curate.balance import shared
from etude.curate.report import Curated
from etude.errors import ProjectError
from etude.store.collections import Collection, Entry, Part
from etude.store.project import Project
from etude.workspace.curating import Looked

EVENT = "curated"
KINDS = ("split", "twins", "balance")  # of proposals that can be taken


def apply(
    project: Project, looked: Looked, balance: str, targets: Sequence[str], only: Sequence[str] = ()
) -> Curated:
    """Take the proposed weights and split, or `only` the proposals of these kinds. Raises ProjectError where
    the collection changed meanwhile."""
    name = looked.report.collection
    with project.act("curate"):
        home = project.collection(name)
        if set(home.works()) != {work.id for work in looked.works}:
            raise ProjectError(
                f"Collection '{name}' changed while it was looked at.", "Run the same command again."
            )
        new, done = applied(home, looked, only)
        if new == home:
            return replace(looked.report, done=("Nothing had to be changed.",))
        project.save_collection(new)
        project.log(
            EVENT,
            collection=name,
            balance=balance,
            targets=list(targets),
            weights={entry.work_id: entry.weight for entry in home.entries},
            roles=[[part.work_id, part.start, part.end, part.role] for part in home.parts],
        )
    return replace(looked.report, done=done)


def undo(project: Project, name: str) -> tuple[str, ...]:
    """Take back what was applied last and not yet taken back. Raises ProjectError where there is nothing."""
    with project.act("curate --undo"):
        home = project.collection(name)
        events = [e for e in project.events() if e["event"] == EVENT and e.get("collection") == name]
        depth = 0
        for event in reversed(events):
            depth += 1 if event.get("undone") else -1
            if depth < 0:
                break
        else:
            raise ProjectError(
                f"Nothing of curate is applied to '{name}'.",
                f"See what is proposed: etude curate {quote(name)}",
            )
        before = _before(home, event)
        project.save_collection(before)
        project.log(EVENT, collection=name, undone=True)
    n = sum(a != b for a, b in zip(before.entries, home.entries, strict=True))
    return (f"Undone: {n:,} works have their earlier weight, and the split is as before.",)


def _before(home: Collection, event: Mapping[str, object]) -> Collection:
    weights, rows = event["weights"], event["roles"]
    assert isinstance(weights, dict) and isinstance(rows, list)
    entries = tuple(Entry(e.work_id, float(weights.get(e.work_id, e.weight))) for e in home.entries)
    there = set(home.works())
    old: dict[str, list[Part]] = {}
    for work_id, start, end, role in rows:
        if work_id in there:
            old.setdefault(work_id, []).append(Part(work_id, start, end, role))
    parts = [part for work_id in old for part in old[work_id]]
    parts += [part for part in home.parts if part.work_id not in old]
    return replace(home, entries=entries, parts=tuple(parts))


def applied(home: Collection, looked: Looked, only: Sequence[str] = ()) -> tuple[Collection, tuple[str, ...]]:
    """The collection with new weights and split, and what was changed in sentences. Works stay as they
    are."""
    done = []
    wanted = set(only or KINDS)
    weights = {entry.work_id: entry.weight for entry in home.entries}
    if looked.report.balance is not None and "balance" in wanted:
        weights |= looked.report.balance.weights
    pairs = [(pair.a, pair.b) for group in looked.groups for pair in group.pairs]
    if pairs and "twins" in wanted:
        weights = shared(pairs, weights)
    entries = tuple(replace(entry, weight=max(1e-4, weights[entry.work_id])) for entry in home.entries)
    changed = sum(a.weight != b.weight for a, b in zip(entries, home.entries, strict=True))
    if changed:
        done.append(f"{changed:,} of {len(entries):,} works have another weight.")
    parts = home.parts
    for group in looked.report.twins if "split" in wanted else ():
        ids = {member.id for member in group.members}
        if group.across and all(member.role != "divided" for member in group.members):
            moved = tuple(replace(p, role="train") if p.work_id in ids else p for p in parts)
            if any(p.role == "held-out" for p in moved):
                parts = moved
            else:
                done.append("A group of near-duplicates stays on both sides: nothing else would be held out.")
    if parts != home.parts:
        n = sum(a.role != b.role for a, b in zip(parts, home.parts, strict=True))
        done.append(f"{n:,} works moved to the side of training.")
    return replace(home, entries=entries, parts=parts), tuple(done)
