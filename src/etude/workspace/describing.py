"""What is written about works is changed, of many at once, and taken back.

Each change is an act in the log with what stood there before, and undoing it appends a line that names it:
the pointer moves, nothing is rewritten. What was changed otherwise since is left as it is. Knows no medium;
the bytes of works stay what they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from etude.errors import WorkError
from etude.store.lines import Record
from etude.store.project import Project
from etude.store.works import Work
from etude.workspace.intake import check_words
from etude.workspace.takes import act_name

EVENT, UNDONE, REDONE = "described", "undescribed", "redescribed"
FIELDS = ("title", "maker", "licence", "consent", "series")

# A field, or an attribute as 'attrs.KEY'; what it was and became (None: it had none); of which works.
Row = tuple[str, str | None, str | None, tuple[str, ...]]


@dataclass(frozen=True)
class Described:
    """Works that changed. `act`: the change in the log that was taken back or made again, in words; `left`:
    works that were changed otherwise since, or are gone, and stay as they are."""

    schema: ClassVar[str] = "etude.works/1"
    works: tuple[Work, ...]
    act: str = ""
    redone: bool = False
    left: tuple[str, ...] = ()


def describe(
    project: Project,
    refs: Sequence[str],
    collection: str | None,
    said: Mapping[str, str],
    attrs: Mapping[str, str],
    where_unknown: bool,
) -> Described:
    """Change what is written about works; answers with those that changed. Raises WorkError for one title of
    several works, for a consent or licence that is none, and for no work."""
    check_words(said.get("licence", ""), said.get("consent", ""))
    with project.act("works edit"):
        ids = [project.work(ref).id for ref in refs] + list(
            project.collection(collection).works() if collection else ()
        )
        known = {work.id: work for work in project.works()}
        found = [known[work_id] for work_id in dict.fromkeys(ids) if work_id in known]
        if "title" in said and len(found) > 1:
            raise WorkError(
                f"One title for {len(found)} works?", "Name one work: etude works edit WORK --title TITLE"
            )
        new = [_described(work, said, attrs, where_unknown) for work in found]
        if where_unknown:
            new = [changed for changed, work in zip(new, found, strict=True) if changed != work]
        project.update_works(new)
        became = {work.id: work for work in project.works()}
        told = {**said, "attrs": dict(attrs), "where_unknown": where_unknown}
        rows = _rows((known[work.id], became[work.id]) for work in new)
        project.log(EVENT, act=act_name(), works=[work.id for work in new], **told, changes=rows)
    return Described(tuple(became[work.id] for work in new))


def undo(project: Project, *, redo: bool = False) -> Described:
    """Take back the last change that holds, or with `redo` make the one again that was taken back last and
    that nothing came after. Raises WorkError where there is none."""
    with project.act("works undo"):
        holding, undone = fold(project.events())
        acts = undone if redo else holding
        if not acts:
            raise WorkError(
                "No change of works was taken back." if redo else "There is no change of works to undo.",
                "See what was done: etude history --kind works",
            )
        act = acts[-1]
        known = {work.id: work for work in project.works()}
        rows = [_row(row) for row in act["changes"]]
        back, left = _back(known, rows, redo=redo)
        project.update_works(back)
        project.log(
            REDONE if redo else UNDONE, act=act["act"], works=[work.id for work in back], left=list(left)
        )
    return Described(tuple(project.work(work.id) for work in back), words(act), redo, left)


def fold(events: Iterable[Record]) -> tuple[list[Record], list[Record]]:
    """The changes that hold, and those taken back that can be made again, each the last one last. Changes of
    versions that did not note what stood there before are not among them."""
    acts: dict[str, Record] = {}
    off: list[str] = []
    free: list[str] = []  # taken back, and nothing was changed since
    for event in events:
        name = str(event.get("act", ""))
        if event["event"] == EVENT and "changes" in event:
            acts[name] = event
            free.clear()
        elif event["event"] == UNDONE:
            off.append(name)
            free.append(name)
        elif event["event"] == REDONE and name in off:
            off.remove(name)
            free = [one for one in free if one != name]
    holding = [act for name, act in acts.items() if name not in off]
    return holding, [acts[name] for name in free if name in acts]


def words(act: Record) -> str:
    """A change in words: 'maker Emily Dickinson, period early'."""
    said = {key: act[key] for key in FIELDS if act.get(key)} | dict(act.get("attrs") or {})
    return ", ".join(f"{key} {value}" for key, value in said.items())


def _rows(pairs: Iterable[tuple[Work, Work]]) -> list[list[Any]]:
    """What changed from the first to the second of each, the same of many works in one row."""
    found: dict[tuple[str, str | None, str | None], list[str]] = {}
    for old, new in pairs:
        keys = {f"attrs.{key}" for key in (*old.attrs, *new.attrs)}
        for name in (*FIELDS, *sorted(keys)):
            was, became = _value(old, name), _value(new, name)
            if was != became:
                found.setdefault((name, was, became), []).append(old.id)
    return [[*key, ids] for key, ids in found.items()]


def _row(row: Sequence[Any]) -> Row:
    name, was, became, ids = row
    return str(name), was, became, tuple(map(str, ids))


def _back(
    known: Mapping[str, Work], rows: Sequence[Row], *, redo: bool
) -> tuple[list[Work], tuple[str, ...]]:
    """The works as they were (or became), and the ids of those that cannot be changed back."""
    out: dict[str, Work] = {}
    left: dict[str, None] = {}
    for name, was, became, ids in rows:
        here, there = (was, became) if redo else (became, was)
        for work_id in ids:
            work = out.get(work_id) or known.get(work_id)
            if work is None or _value(work, name) != here:
                left[work_id] = None
            else:
                out[work_id] = _with(work, name, there)
    return list(out.values()), tuple(left)


def _value(work: Work, name: str) -> str | None:
    if name.startswith("attrs."):
        return work.attrs.get(name.removeprefix("attrs."))
    return str(getattr(work, name))


def _with(work: Work, name: str, value: str | None) -> Work:
    if not name.startswith("attrs."):
        changed: dict[str, Any] = {name: value or ""}
        return replace(work, **changed)
    key = name.removeprefix("attrs.")
    rest = {k: v for k, v in work.attrs.items() if k != key}
    return replace(work, attrs=rest if value is None else {**rest, key: value})


def _described(work: Work, said: Mapping[str, str], attrs: Mapping[str, str], where_unknown: bool) -> Work:
    if where_unknown:
        said = {key: value for key, value in said.items() if getattr(work, key) in ("", "unknown")}
        attrs = {key: value for key, value in attrs.items() if key not in work.attrs}
    changed: dict[str, Any] = {**said, "attrs": {**work.attrs, **attrs}}
    return replace(work, **changed)
