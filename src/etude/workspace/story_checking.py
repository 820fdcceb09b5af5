"""A story checked: what its files lack, what its draft contradicts, which threads hang; and what the author
means, so that it is not said again."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import ClassVar

from etude.errors import ProjectError
from etude.store import stories as disk
from etude.story import threads as threading
from etude.story.contradictions import contradictions, reading
from etude.story.facts import Reading, Warned
from etude.story.gaps import Gap, gaps
from etude.story.memory import Remembered, remembered
from etude.story.threads import Thread
from etude.workspace.core import Workspace
from etude.workspace.stories import drafted, opened_story

__all__ = ["StoryChecked", "StoryFacts", "StoryIntended", "story_check", "story_facts", "story_intend"]


@dataclass(frozen=True)
class StoryChecked:
    """What was found: `notes` on the files, gaps of the plan, contradictions of the draft, threads;
    `intended` counts what the author means and is not shown."""

    schema: ClassVar[str] = "etude.story-check/1"
    name: str
    version: str
    words: int
    notes: tuple[str, ...]
    gaps: tuple[Gap, ...]
    warnings: tuple[Warned, ...]
    threads: tuple[Thread, ...]
    intended: int
    seconds: float


@dataclass(frozen=True)
class StoryFacts:
    """The memory of a story: facts by whom they are about, each with its passage."""

    schema: ClassVar[str] = "etude.story-facts/1"
    name: str
    facts: tuple[Remembered, ...]
    seconds: float


@dataclass(frozen=True)
class StoryIntended:
    """Warnings that the author means, each by its key, and why."""

    schema: ClassVar[str] = "etude.story-intended/1"
    name: str
    intended: dict[str, str]


def _read(ws: Workspace, name: str, refs: tuple[str, ...]) -> Reading:
    """The draft as the rules read it; read once while it stays the same."""
    draft = drafted(ws, name, refs)
    return ws.indexes.get(("story", hash(draft.text)), lambda: reading(draft))


def story_check(ws: Workspace, /, name: str, *, every: bool = False) -> StoryChecked:
    """Check a story: files, gaps, and, where it has a draft, contradictions and threads. What is
    intended is left out unless `every` is set."""
    began = time.process_time()
    one, _ = opened_story(ws, name)
    found: list[Warned] = []
    followed: tuple[Thread, ...] = ()
    words = 0
    if one.draft:
        read = _read(ws, name, one.draft)
        words = len(read.draft.text.split())
        followed = threading.threads(read, one)
        found = [*contradictions(read), *threading.warnings(read, one, followed)]
    meant = disk.intended(ws.project.root, name)
    shown = [warned for warned in found if every or warned.key not in meant]
    spent = round(time.process_time() - began, 2)
    return StoryChecked(
        name,
        one.version,
        words,
        one.notes,
        gaps(one),
        tuple(shown),
        followed,
        sum(warned.key in meant for warned in found),
        spent,
    )


def story_facts(ws: Workspace, /, name: str, *, about: str = "") -> StoryFacts:
    """What the draft says of people, things and places; `about`: of one of them. Raises ProjectError where
    the story has no draft."""
    began = time.process_time()
    one, _ = opened_story(ws, name)
    rows = remembered(_read(ws, name, one.draft))
    if about:
        rows = tuple(row for row in rows if about.lower() in row.about.lower())
    return StoryFacts(name, rows, round(time.process_time() - began, 2))


def story_intend(
    ws: Workspace, /, name: str, warning: str, because: str = "", *, undo: bool = False
) -> StoryIntended:
    """Say that a warning is meant, and why: it is not shown again while its two sentences stay as they are.
    With `undo` it is shown again. Raises ProjectError for a warning that there is not."""
    meant = disk.intended(ws.project.root, name)
    known = set(meant) if undo else {one.key for one in story_check(ws, name, every=True).warnings}
    if warning not in known:
        raise ProjectError(
            f"The story '{name}' has no warning '{warning}'.", f"See: etude story check {name}"
        )
    if not undo and not because.strip():
        raise ProjectError(
            "A warning is put aside with a reason.", f"etude story intend {name} {warning} --because WHY"
        )
    with ws.project.act("story intend"):
        line: dict[str, object] = {"warning": warning, "intended": not undo, "because": because.strip()}
        disk.intend(ws.project.root, name, line)
        ws.project.log("story", story=name, did="intend", parts=[warning])
    return StoryIntended(name, disk.intended(ws.project.root, name))
