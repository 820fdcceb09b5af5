"""Passages for a story: candidates by the author's model or anybody's, put in the order of what they
are worth: how near to the author's voice, no new contradiction, nobody who is not of the story, no
borrowing over the limit, no worn phrase. And the author's habits, measured."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from etude.errors import ProjectError
from etude.media import MEDIA, for_file
from etude.media.contract import Float32, Medium
from etude.samples import novel, poets
from etude.story.contradictions import contradictions, reading
from etude.story.draft import Draft
from etude.story.names import names
from etude.story.quirks import Ironed, Quirk, ironed, quirks
from etude.story.style import Styled, styled
from etude.takes.source import Source
from etude.workspace.contents import find
from etude.workspace.core import Workspace
from etude.workspace.stories import draft_text, drafted, opened_story

__all__ = [
    "Ranked",
    "StoryGuarded",
    "StoryPassages",
    "StoryQuirks",
    "begun_at",
    "story_export",
    "ranked",
    "story_guard",
    "words_of",
    "story_quirks",
]


@dataclass(frozen=True)
class Ranked:
    """A candidate: `voice` is the likeness to the author's draft beyond what authors have in common (of
    character n-grams and function words), `against` what speaks against it, each a sentence; `take`
    where it is one."""

    text: str
    voice: float
    against: tuple[str, ...]
    take: str = ""


@dataclass(frozen=True)
class StoryPassages:
    """Candidates for a place, the best first."""

    schema: ClassVar[str] = "etude.story-passages/1"
    name: str
    model: str
    scene: str
    passages: tuple[Ranked, ...]


@dataclass(frozen=True)
class StoryQuirks:
    """The author's habits against a reference; `kept`: the share of them that a rewriting leaves (None
    without one), and `ironed` each."""

    schema: ClassVar[str] = "etude.story-quirks/1"
    name: str
    against: str
    quirks: tuple[Quirk, ...]
    kept: float | None
    ironed: tuple[Ironed, ...]


@dataclass(frozen=True)
class StoryGuarded:
    """What the style guard says of a passage or of the whole draft."""

    schema: ClassVar[str] = "etude.story-guard/1"
    name: str
    words: int
    found: tuple[Styled, ...]


def _usual(medium: Medium) -> Float32:
    """What authors have in common, of those who come along: taken out of a voice, so that a passage is not
    preferred for being like anybody."""
    texts = [path.read_text(encoding="utf-8") for path, _ in poets()]
    texts.append("\n\n".join(data.decode() for _, data, _ in novel()))
    return np.asarray(np.mean([medium.features(text) for text in texts], axis=0), np.float32)


def _words(ws: Workspace, ref: str | Path) -> str:
    given = find(ws, ref)
    text = MEDIA[given.medium].text(given.content)
    if text is None:
        raise ProjectError(f"{ref} is no text.", "Name a text.")
    return text


def _reference(ws: Workspace, against: str) -> tuple[str, str]:
    """The text to compare with, and what it is called: a file, take, piece or work, a collection, or the
    sample novel."""
    if against in {one.name for one in ws.project.collections()}:
        texts = [_words(ws, work) for work in ws.project.collection(against).works()]
        return "\n\n".join(texts), f"collection {against}"
    if against:
        return _words(ws, against), against
    return "\n\n".join(data.decode() for _, data, _ in novel()), "Moby-Dick, the sample novel"


def story_quirks(
    ws: Workspace, /, name: str, *, against: str = "", rewritten: str | Path = ""
) -> StoryQuirks:
    """The author's habits in the draft, against a reference; with `rewritten` how much of them that text
    keeps. Raises WorkError for texts too short to measure habits by."""
    one, _ = opened_story(ws, name)
    text = drafted(ws, name, one.draft).text
    reference, called = _reference(ws, against)
    if not rewritten:
        return StoryQuirks(name, called, quirks(text, reference), None, ())
    rows, kept = ironed(text, _words(ws, rewritten), reference)
    return StoryQuirks(name, called, quirks(text, reference), kept, rows)


def story_guard(
    ws: Workspace, /, name: str, source: str | Path = "", *, collection: str = "", limit: int = 8
) -> StoryGuarded:
    """Worn phrases, morals at the end, themes said aloud, and runs of `limit` words that stand in the
    draft, or in a collection: of a passage (a file, take or piece), else of the whole draft."""
    one, _ = opened_story(ws, name)
    whole = drafted(ws, name, one.draft)
    earlier = {"the draft": whole.text} if source else {}
    for work in ws.project.collection(collection).works() if collection else ():
        earlier[f"'{ws.project.work(work).title}'"] = _words(ws, work)
    draft = Draft(_words(ws, source)) if source else whole
    return StoryGuarded(name, len(draft.text.split()), styled(draft, earlier, limit=limit))


def begun_at(ws: Workspace, name: str, scene: str) -> tuple[Source, str]:
    """What a model goes on from: the draft up to the end of a scene (or of the draft), and the scene's
    id."""
    one, _ = opened_story(ws, name)
    text = drafted(ws, name, one.draft).text
    rows = list(one.of("scene"))
    row = one.row("scene", scene) if scene else (rows[-1] if rows else None)
    end = int(row.text("span").partition(":")[2]) if row is not None and row.text("span") else len(text)
    given = text[max(0, end - 4000) : end]
    given = given[given.find(" ") + 1 :] if end > 4000 else given
    medium = _medium()
    sha256 = hashlib.sha256(medium.store(given)).hexdigest()
    source = Source(medium.name, given, name, {"given": sha256})
    return source, row.id if row is not None else ""


def _medium() -> Medium:
    """The medium of drafts."""
    found = for_file(Path("draft.md"), b"A draft.")
    assert found is not None, "plain text is of a medium"
    return found


def words_of(ws: Workspace, take: str, source: Source) -> str:
    """What a take put after what was given."""
    medium = MEDIA[source.medium]
    text = medium.text(medium.load(ws.project.take(take).data or b"")) or ""
    return text[len(str(source.content)) :].strip() if text.startswith(str(source.content)) else text


def ranked(
    ws: Workspace, name: str, texts: Sequence[str], takes: Sequence[str] = (), *, limit: int = 8
) -> tuple[Ranked, ...]:
    """Candidates, the best first: what speaks against them counts before their voice."""
    one, _ = opened_story(ws, name)
    whole = drafted(ws, name, one.draft)
    read = reading(whole)
    before = {warned.key for warned in contradictions(read)} if len(whole.text) < 1_500_000 else set()
    medium = _medium()
    voice = medium.features(whole.text) - ws.indexes.get(("usual voice",), lambda: _usual(medium))
    cast = {part for person in read.cast.people for n in (person.name, *person.also) for part in n.split()}
    rows = []
    for i, text in enumerate(texts):
        against = [
            f"{found.says} ({found.words[:60]})"
            for found in styled(Draft(text), {"the draft": whole.text}, limit=limit)
        ]
        tail = whole.text[-60_000:] if len(whole.text) > 60_000 else whole.text
        fresh = [
            w
            for w in contradictions(reading(Draft(f"{tail}\n\n{text}")))
            if w.second.start >= len(tail) and w.key not in before
        ]
        against += [warned.says for warned in fresh]
        strangers = [n for n in names(Draft(text)) if not set(n.split()) & cast and len(n) > 2]
        if len(strangers) > 1:
            against.append(f"It brings in {', '.join(strangers[:4])}.")
        likeness = float(np.dot(voice, medium.features(text))) if text.strip() else 0.0
        rows.append(Ranked(text, round(likeness, 4), tuple(against), takes[i] if i < len(takes) else ""))
    return tuple(sorted(rows, key=lambda row: (len(row.against), -row.voice)))


def story_export(ws: Workspace, /, name: str, fmt: str = "docx", *, statement: bool = False) -> bytes:
    """The draft in a format of texts (md, docx, epub, rtf, txt); with `statement` a note on how it came
    to be stands at its end, from the log. Raises WorkError for another format."""
    one, _ = opened_story(ws, name)
    text = draft_text(ws, name, one.draft).strip()
    if statement:
        text += f"\n\n***\n\n{process(ws, name)}"
    head = "" if text.startswith("# ") else f"# {one.title}\n\n"
    return _medium().write(f"{head}{text}\n", fmt)


def process(ws: Workspace, name: str) -> str:
    """How a story came to be, in whole sentences, from the log: which language models were asked and
    for what, and how many takes of models were accepted, edited or rejected in the project."""
    events = ws.project.events()
    asked: dict[str, int] = {}
    for event in events:
        if event["event"] == "story" and event.get("story") == name and event.get("did") == "asked":
            asked[str(event.get("muse"))] = asked.get(str(event.get("muse")), 0) + 1
    done = {
        what: sum(event["event"] == what for event in events) for what in ("accepted", "edited", "rejected")
    }
    muses = "; ".join(f"{muse}, {n} times" for muse, n in asked.items())
    said = f"Language models were asked for proposals: {muses}." if asked else "No language model was asked."
    takes = (
        f"Of takes by models of the author's own works {done['accepted']} were accepted,"
        f" {done['edited']} edited and "
        f"{done['rejected']} rejected."
        if any(done.values())
        else "No take of a model was used."
    )
    return f"How this came to be. {said} {takes} Nothing was put into the text but by the author's hand."
