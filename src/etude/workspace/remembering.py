"""The history of a project in sentences, newest first, to be searched and undone from: a fold over its log.

What is looked for may stand in a sentence, in a note, or in the words of a take. Takes that were made
together are one line. Knows no model and no medium but what takes are read by.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, ClassVar

from etude.errors import EtudeError, TakeError
from etude.store.lines import Record
from etude.store.project import Project
from etude.store.takes import PROPOSED, some
from etude.takes.history import ACTS, Desk, fold, to_redo, to_undo
from etude.takes.recipe import Recipe
from etude.workspace import describing
from etude.workspace.core import Workspace
from etude.workspace.takes import as_text

NAMED = 64  # of one kind in one line
READ = 5000  # takes whose words are looked through, the newest


@dataclass(frozen=True)
class Happened:
    """One line. `refs` are the works, takes, pieces and models that it names, the first `NAMED` of each kind;
    `undo`: the take on which this act can be undone now, or 'works'; `redo`: on which it can be done again;
    `holds`: not undone since; `text`: words of a take, where these were looked for; `act`: its name in the
    log."""

    at: str
    kind: str
    sentence: str
    refs: tuple[str, ...] = ()
    note: str = ""
    undo: str = ""
    redo: str = ""
    holds: bool = True
    text: str = ""
    act: str = ""


@dataclass(frozen=True)
class History:
    """Lines, the newest first; `more`: how many older ones there are beyond those asked for."""

    schema: ClassVar[str] = "etude.history/1"
    lines: tuple[Happened, ...]
    more: int


def history(ws: Workspace, words: str, kinds: Sequence[str], last: int, skip: int) -> History:
    """What was done, by words and by kind. Raises TakeError for a kind that is none."""
    if unknown := [kind for kind in kinds if kind not in KINDS]:
        raise TakeError(f"'{unknown[0]}' is no kind of line.", f"There are: {', '.join(KINDS)}")
    events = ws.project.events()
    desk = fold(events)
    changes = describing.fold(events)
    titles = _titles(ws.project) | {
        act.id: f"take {act.take}, which was {act.kind}" for act in (*desk.acts, *desk.dropped)
    }
    titles |= {
        str(act["act"]): f"what was written down of {_count(len(act.get('works') or ()), 'work')}"
        for act in events
        if act["event"] == describing.EVENT and "act" in act
    }
    wanted = [word.casefold() for word in words.split()]
    texts = _texts(ws, desk) if wanted else {}
    found: list[Happened] = []
    for line in _lines(events, desk, titles):
        if kinds and not any(line.kind in KINDS[kind] for kind in kinds):
            continue
        if not wanted:
            found.append(line)
            continue
        said = f"{line.sentence} {line.note} {' '.join(line.refs)}".casefold()
        read = [texts[ref] for ref in line.refs if ref in texts]
        hit = next((text for text in read if all(word in text.casefold() for word in wanted)), "")
        if hit or all(word in said for word in wanted):
            found.append(replace(line, text=_around(hit, wanted[0]) if hit else ""))
    found.reverse()
    shown = tuple(_can(desk, changes, line) for line in found[skip : skip + last])
    return History(shown, max(0, len(found) - skip - last))


def _can(desk: Desk, changes: tuple[list[Record], list[Record]], line: Happened) -> Happened:
    """The line with what can be done about it now: the last act on a take, and the last change of works."""
    if line.kind == describing.EVENT:
        holding, undone = ([str(act["act"]) for act in acts[-1:]] for acts in changes)
        return replace(
            line, undo="works" if line.act in holding else "", redo="works" if line.act in undone else ""
        )
    act = next((one for one in (*desk.acts, *desk.dropped) if one.id == line.act), None)
    if act is None or line.kind not in ACTS:
        return line
    try:
        if line.holds:
            return replace(line, undo=act.take if to_undo(desk, act.take).id == act.id else "")
        return replace(line, redo=act.take if to_redo(desk, act.take).id == act.id else "")
    except TakeError:
        return line


def _around(text: str, word: str, reach: int = 90) -> str:
    """The words of a take around what was looked for."""
    at = max(0, text.casefold().find(word))
    start, end = max(0, at - reach), min(len(text), at + reach)
    part = re.sub(r"\s+", " ", text[start:end]).strip()
    return ("… " if start else "") + part + (" …" if end < len(text) else "")


def _texts(ws: Workspace, desk: Desk) -> dict[str, str]:
    """The words of takes, as far as their bytes are there."""
    newest = list(desk.takes)[-READ:]
    out: dict[str, str] = {}
    for take in some(ws.project.root, newest).values():
        if take.data is not None:
            with suppress(EtudeError, KeyError, ValueError):
                out[take.id] = as_text(Recipe.from_json(take.record).medium, take.data)
    return out


def _titles(project: Project) -> dict[str, str]:
    """What works and pieces are called."""
    return {work.id: work.title for work in project.works()} | {
        piece.id: piece.title for piece in project.pieces()
    }


def _lines(events: Sequence[Record], desk: Desk, titles: Mapping[str, str]) -> Iterator[Happened]:
    """Every event as a line, in the order in which things happened; what came together is one."""
    acts = {act.id: act for act in (*desk.acts, *desk.dropped)}
    holding = {act.id for act in desk.acts}
    described = {str(e["act"]) for e in events if e["event"] == describing.EVENT and "changes" in e}
    taken_back = described - {str(e["act"]) for e in describing.fold(events)[0]}
    of_acts = {take for act in acts.values() for take in act.into}  # told by the act that they came of
    told = [event for event in events if event["event"] != PROPOSED or event.get("take") not in of_acts]
    for _, group in groupby(told, _together(told)):
        together = list(group)
        event = together[0]
        sentence = _SENTENCES.get(str(event["event"]), _other)(together, titles)
        if not sentence:
            continue
        kind, act = str(event["event"]), str(event.get("act", ""))
        holds = kind not in ACTS or act not in acts or act in holding
        holds = holds and not (kind == describing.EVENT and act in taken_back)
        note = str(event.get("note") or event.get("reason") or "")
        yield Happened(str(event["at"]), kind, sentence, _refs(together), note, holds=holds, act=act)


def _together(events: Sequence[Record]) -> Callable[[Record], tuple[Any, ...]]:
    """What events that are one line have in common: takes of one recipe, works added to one collection."""
    number = {id(event): i for i, event in enumerate(events)}

    def key(event: Record) -> tuple[Any, ...]:
        name = event["event"]
        if name == PROPOSED:
            record = event.get("record") or {}
            return name, record.get("model"), record.get("seed"), tuple(event.get("parents") or ())
        if name == "added" and not event.get("repaired"):
            return name, event.get("collection"), str(event["at"])[:13]
        return name, number[id(event)]

    return key


def _refs(events: Sequence[Record]) -> tuple[str, ...]:
    """The ids that these events name."""
    out: dict[str, list[str]] = {}
    for event in events:
        for key in ("take", "into", "piece", "works", "work", "model", "models", "before"):
            value = event.get(key)
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, str) and one:
                    out.setdefault(key, []).append(one)
    return tuple(dict.fromkeys(one for several in out.values() for one in several[:NAMED]))


# ---- sentences

Told = Callable[[Sequence[Record], Mapping[str, str]], str]


def _count(number: int, one: str) -> str:
    return f"{number:,} {one}{'s' * (number != 1)}"


def _called(titles: Mapping[str, str], ref: Any) -> str:
    return f"“{titles[ref]}”" if ref in titles else str(ref)


def _several(titles: Mapping[str, str], refs: Sequence[Any]) -> str:
    named = ", ".join(_called(titles, ref) for ref in refs[:3])
    return named + (f" and {len(refs) - 3:,} more" if len(refs) > 3 else "")


def _added(events: Sequence[Record], titles: Mapping[str, str]) -> str:
    works = [work for event in events for work in event.get("works") or ()]
    home = events[0].get("collection")
    into = f" to {home}" if home else ""
    return f"Added {_count(len(works), 'work')}{into}: {_several(titles, works)}" if works else ""


def _made(events: Sequence[Record], titles: Mapping[str, str]) -> str:
    record = events[0].get("record") or {}
    parents = events[0].get("parents") or ()
    after = f" from {', '.join(map(str, parents[:3]))}" if parents else ""
    if record.get("kind") == "edited":
        return f"A version by hand{after}"
    return f"{_count(len(events), 'take')} made by {record.get('model') or 'a person'}{after}"


def _described(events: Sequence[Record], titles: Mapping[str, str]) -> str:
    what = describing.words(events[0])
    works = events[0].get("works") or []
    return f"Wrote down of {_count(len(works), 'work')}: {what}" if works and what else ""


def _other(events: Sequence[Record], titles: Mapping[str, str]) -> str:
    name = str(events[0]["event"]).replace("-", " ")
    about = events[0].get("collection") or events[0].get("model") or events[0].get("name") or ""
    return f"{name[:1].upper()}{name[1:]}" + (f": {about}" if about else "")


def _one(told: Callable[[Record, Mapping[str, str]], str]) -> Told:
    return lambda events, titles: told(events[0], titles)


_SENTENCES: Mapping[str, Told] = {
    PROPOSED: _made,
    "accepted": _one(lambda e, t: f"Kept take {e['take']} as the piece {_called(t, e.get('piece'))}"),
    "rejected": _one(lambda e, t: f"Rejected take {e['take']}"),
    "edited": _one(lambda e, t: f"Edited take {e['take']} into {', '.join(e.get('into') or ())}"),
    "branched": _one(lambda e, t: f"Branched {_count(len(e.get('into') or ()), 'take')} from {e['take']}"),
    "undone": _one(lambda e, t: f"Undone: {t.get(str(e.get('act')), 'an act')}"),
    "redone": _one(lambda e, t: f"Done again: {t.get(str(e.get('act')), 'an act')}"),
    "added": _added,
    "described": _described,
    describing.UNDONE: _one(lambda e, t: f"Undone: {t.get(str(e.get('act')), 'a change of works')}"),
    describing.REDONE: _one(lambda e, t: f"Done again: {t.get(str(e.get('act')), 'a change of works')}"),
    "removed": _one(lambda e, t: f"Removed {e.get('title') or _called(t, e.get('work'))}"),
    "restored": _one(lambda e, t: f"Brought back {_several(t, e.get('works') or ())}"),
    "signed": _one(lambda e, t: f"Signed the piece {_called(t, e.get('piece'))}"),
    "withdrawn": _one(lambda e, t: f"Withdrew {_count(len(e.get('works') or ()), 'work')} for good"),
    "learned": _one(lambda e, t: f"Trained the model {e.get('model', '')}"),
    "relearned": _one(lambda e, t: f"Trained {e.get('model')} again without withdrawn works"),
    "curated": _one(
        lambda e, t: (
            f"Took back what was proposed for {e.get('collection')}"
            if e.get("undone")
            else f"Accepted what was proposed for {e.get('collection')}"
        )
    ),
    "model-removed": _one(lambda e, t: f"Removed the model {e.get('model')}"),
    "model-restored": _one(lambda e, t: f"Brought back the model {e.get('model')}"),
    "model-chosen": _one(lambda e, t: f"Let {e.get('name')} stand for {e.get('model')}"),
    "given": lambda events, titles: "",
    "withdrawal-finished": lambda events, titles: "",
}
KINDS: Mapping[str, tuple[str, ...]] = {
    "made": (PROPOSED, "branched"),
    "decided": ("accepted", "rejected", "edited", "undone", "redone"),
    "works": (
        "added",
        "described",
        describing.UNDONE,
        describing.REDONE,
        "removed",
        "restored",
        "withdrawn",
        "curated",
        "split",
        "collection-removed",
    ),
    "models": ("learned", "relearned", "model-removed", "model-restored", "model-chosen", "slider-named"),
    "signed": ("signed", "changed-by-hand"),
}
