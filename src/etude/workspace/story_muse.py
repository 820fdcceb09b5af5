"""What a muse is asked about a story: options for what is next, what could go wrong, how a scene could
open. What leaves the machine is shown first, what it cost goes into the log, and nothing of an answer
is put into the plan or the draft by itself."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from etude.bases import shelf
from etude.errors import ModelError, ProjectError
from etude.store import stories as disk
from etude.story.asking import Asking, questions
from etude.story.muse.contract import Muse, Question
from etude.story.muse.endpoint import EndpointMuse
from etude.story.muse.local import LocalMuse
from etude.story.muse.options import TASKS, WHAT, Option, proposed
from etude.story.plan import Row, Story, start_of
from etude.workspace.core import Workspace
from etude.workspace.stories import drafted, opened_story

__all__ = ["StoryAsked", "StoryMuses", "StoryProposed", "story_ask", "story_muses", "story_propose"]
_KNOWN_WORDS = 120  # of the draft that a muse is given: more than that a small one does not follow


@dataclass(frozen=True)
class StoryProposed:
    """Options, and what they cost. With `sent` false nothing was asked: `letter` is what would leave, and
    `leaves` says where to."""

    schema: ClassVar[str] = "etude.story-proposed/1"
    name: str
    task: str
    muse: str
    leaves: str
    letter: str
    sent: bool
    options: tuple[Option, ...]
    distance: float
    usable: int
    asked: int
    bad: tuple[str, ...]
    tokens: int
    seconds: float
    verdict: str


@dataclass(frozen=True)
class StoryAsked:
    """Questions for the author."""

    schema: ClassVar[str] = "etude.story-asked/1"
    name: str
    questions: tuple[Asking, ...]


@dataclass(frozen=True)
class MuseRecord:
    """What one muse was worth at one task, of all that it was asked in this project."""

    muse: str
    task: str
    usable: int
    asked: int
    tokens: int
    seconds: float

    @property
    def verdict(self) -> str:
        """In a sentence."""
        told = f"Of {self.asked} answers {self.usable} were usable."
        return told if self.usable * 4 >= self.asked else f"{told} This model cannot do this task."


@dataclass(frozen=True)
class StoryMuses:
    """Muses by task, as the log has them."""

    schema: ClassVar[str] = "etude.story-muses/1"
    records: tuple[MuseRecord, ...]


def story_propose(
    ws: Workspace,
    /,
    name: str,
    scene: str = "",
    *,
    task: str = "next",
    n: int = 5,
    base: str = "",
    url: str = "",
    model: str = "",
    send: bool = False,
    seconds: float = 120.0,
    tokens: int = 20_000,
    seed: int = 0,
) -> StoryProposed:
    """At least five options that differ, by the base of this name (else the first of the shelf that
    follows instructions), or by an endpoint at `url`. Before an endpoint is asked for the first time,
    what would leave is shown, and `send` has to be said. Raises ModelError where no model is at hand or
    none answers."""
    if task not in TASKS:
        raise ProjectError(f"There is no task '{task}'.", f"Choose one of {', '.join(TASKS)}.")
    one, _ = opened_story(ws, name)
    row = one.row("scene", scene) if scene else None
    about, people, place = known(ws, one, row)
    muse = _muse(ws, base, url, model)
    first = Question(task, about, TASKS[task][0], (WHAT,), 3, 60)
    if isinstance(muse, EndpointMuse) and not send and not _allowed(ws, muse.host):
        return StoryProposed(
            name, task, muse.name, muse.leaves, muse.letter(first), False, (), 0.0, 0, 0, (), 0, 0.0, ""
        )
    if isinstance(muse, EndpointMuse) and not _allowed(ws, muse.host):
        ws.project.log("story", story=name, did="allowed", parts=[muse.host])
    began = time.monotonic()
    found = proposed(
        muse, task, about, n=max(n, 5), seed=seed, seconds=seconds, names=people, place=place, tokens=tokens
    )
    spent = {"usable": found.usable, "asked": found.asked, "tokens": found.tokens}
    ws.project.log(
        "story",
        story=name,
        did="asked",
        task=task,
        muse=muse.name,
        **spent,
        seconds=round(time.monotonic() - began, 2),
    )
    return StoryProposed(
        name, task, muse.name, muse.leaves, muse.letter(first), True, found.options, found.distance,
        found.usable, found.asked, found.bad[:24], found.tokens, found.seconds, found.verdict,
    )  # fmt: skip


def story_ask(ws: Workspace, /, name: str, scene: str = "", *, n: int = 7) -> StoryAsked:
    """Questions that ask the author, from the plan; no language model, and no sentence written."""
    one, _ = opened_story(ws, name)
    return StoryAsked(name, questions(one, one.row("scene", scene) if scene else None, n))


def story_muses(ws: Workspace, /, name: str) -> StoryMuses:
    """What each muse was worth, by task: usable answers of those asked for, tokens and seconds."""
    disk.folder(ws.project.root, name)
    totals: dict[tuple[str, str], list[float]] = {}
    for event in ws.project.events():
        if event["event"] == "story" and event.get("story") == name and event.get("did") == "asked":
            row = totals.setdefault((str(event.get("muse")), str(event.get("task"))), [0, 0, 0, 0])
            for i, key in enumerate(("usable", "asked", "tokens", "seconds")):
                row[i] += float(event.get(key, 0))
    return StoryMuses(
        tuple(
            MuseRecord(muse, task, int(row[0]), int(row[1]), int(row[2]), round(row[3], 1))
            for (muse, task), row in totals.items()
        )
    )


def known(ws: Workspace, story: Story, scene: Row | None) -> tuple[str, list[str], str]:
    """What a muse is told: premise, people with their wants, and the end of the scene (or of the
    draft); the names of those it is about; and where it is."""
    rows = list(story.of("scene"))
    here = scene or (rows[-1] if rows else None)
    ids = list(here.texts("present")) if here else []
    people = [row for row in story.of("character") if row.id in ids] or list(story.of("character"))
    parts = [story.texts["premise"], story.texts["world"][:400]]
    for who in people[:4]:
        said = [f"{who.name} wants {who.text('wants')}." if who.text("wants") else ""]
        said.append(f"{who.name} is wounded by {who.text('wounds')}." if who.text("wounds") else "")
        parts += said
    if here is not None and here.text("summary"):
        parts.append(here.text("summary"))
    if here is not None and story.draft and here.text("span"):
        text = drafted(ws, story.name, story.draft).text
        end = int(here.text("span").partition(":")[2] or 0)
        words = text[start_of(here.text("span")) : end].split()
        parts.append(" ".join(words[-_KNOWN_WORDS:]))
    names = [who.name for who in people[:4]]
    place = (here.text("place") if here else "") or "house"
    about = "\n".join(part for part in parts if part.strip())
    if not about:
        raise ProjectError(
            f"The story '{story.name}' says nothing yet that could be asked about.",
            f"Say what it is about: etude story set {story.name} premise '...'",
        )
    return about, names, place.lower() if place.islower() else place


def _muse(ws: Workspace, base: str, url: str, model: str) -> Muse:
    if url:
        return EndpointMuse(url, model)
    held = shelf.shelf().bases
    if not base and not held:
        raise ModelError(
            "There is no language model at hand, and none is needed for plan, facts and threads.",
            "For proposals fetch a small one: etude base get smollm2-135m   or name an endpoint: --url",
        )
    tried = [shelf.base(base)] if base else list(held)
    found = next((one for one in tried if base or "instruct" in one.title.lower()), tried[0])
    shelf.check(found)

    def opened() -> Muse:
        return LocalMuse(found.name, Path(found.path), partial(ws.mapped, "bases"))

    muse: Muse = ws.generators.get(("muse", found.hash), opened)
    return muse


def _allowed(ws: Workspace, host: str) -> bool:
    return any(
        event["event"] == "story" and event.get("did") == "allowed" and host in _parts(event)
        for event in ws.project.events()
    )


def _parts(event: Mapping[str, Any]) -> list[str]:
    parts = event.get("parts", [])
    return parts if isinstance(parts, list) else []
