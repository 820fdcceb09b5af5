"""What is done with stories: begun, changed, locked, read out of a draft. Every write names the state
that it was made from, and is refused where somebody else came between."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from etude.errors import EtudeError, ProjectError, WorkError
from etude.media import MEDIA
from etude.store import drafts as drafts_on_disk
from etude.store import stories as disk
from etude.store.collections import Collection
from etude.story import drawing, files, merging, shape
from etude.story.draft import Draft, joined
from etude.story.gaps import Gap, gaps
from etude.story.plan import Story
from etude.story.reading import found_in
from etude.workspace.contents import find
from etude.workspace.core import Workspace
from etude.workspace.drafts import opened


@dataclass(frozen=True)
class StoryInfo:
    """A plan as it is now: rows by kind, each with its fields; `notes`: what is odd in its files."""

    schema: ClassVar[str] = "etude.story/1"
    name: str
    title: str
    folder: str
    version: str
    premise: str
    world: str
    draft: tuple[str, ...]
    rows: Mapping[str, tuple[Mapping[str, Any], ...]]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class StoryLine:
    """A story in a list; `damaged`: why it cannot be read."""

    name: str
    title: str
    characters: int
    scenes: int
    words: int
    damaged: str = ""


@dataclass(frozen=True)
class StoryList:
    """Every story of the project, by name."""

    schema: ClassVar[str] = "etude.stories/1"
    stories: tuple[StoryLine, ...]


@dataclass(frozen=True)
class StoryChanged:
    """A change: the files that were written, and the version after it."""

    schema: ClassVar[str] = "etude.story-changed/1"
    name: str
    version: str
    files: tuple[str, ...]
    parts: tuple[str, ...]


@dataclass(frozen=True)
class StoryRead:
    """What was read out of a draft: parts that are new, that follow the draft, that a person changed
    and that therefore stay, and that the draft no longer has."""

    schema: ClassVar[str] = "etude.story-read/1"
    name: str
    version: str
    words: int
    scenes: int
    characters: int
    places: int
    narrator: bool
    seconds: float
    added: tuple[str, ...]
    changed: tuple[str, ...]
    kept: tuple[str, ...]
    gone: tuple[str, ...]
    notes: tuple[str, ...]
    gaps: tuple[Gap, ...]


def stories(ws: Workspace, /) -> StoryList:
    """Every story. One that cannot be read is listed with the reason."""
    out = []
    for name in disk.names(ws.project.root):
        try:
            one, _ = opened_story(ws, name)
        except EtudeError as error:
            out.append(StoryLine(name, "", 0, 0, 0, error.message))
            continue
        scenes = list(one.of("scene"))
        words = sum(int(row.says.get("words", 0)) for row in scenes)
        out.append(StoryLine(name, one.title, sum(1 for _ in one.of("character")), len(scenes), words))
    return StoryList(tuple(out))


def opened_story(ws: Workspace, name: str) -> tuple[Story, dict[str, str]]:
    """A plan, and the files that it was read from. Raises ProjectError naming file and line of a
    mistake."""
    texts = disk.read(ws.project.root, name, shape.FILES)
    return files.read(name, texts), texts


def story(ws: Workspace, /, name: str) -> StoryInfo:
    """One plan."""
    one, _ = opened_story(ws, name)
    rows = {kind: tuple(dict(row.says) for row in one.of(kind)) for kind in shape.KINDS}
    place = (Path(disk.FOLDER) / name).as_posix()
    return StoryInfo(
        name,
        one.title,
        place,
        one.version,
        one.texts["premise"],
        one.texts["world"],
        one.draft,
        rows,
        one.notes,
    )


def story_new(ws: Workspace, /, name: str, *, title: str = "", premise: str = "") -> StoryChanged:
    """Begin a story with an empty plan. Raises ProjectError for a name that is taken."""
    texts = files.begun(title or name)
    if premise.strip():
        texts["premise.md"] = premise.strip() + "\n"
    with ws.project.act("story new"):
        disk.begin(ws.project.root, name, texts)
        ws.project.log("story", story=name, did="began")
    return StoryChanged(name, files.version(texts), tuple(texts), ())


def story_set(
    ws: Workspace, /, name: str, part: str, value: Any, *, version: str | None = None
) -> StoryChanged:
    """Set one part of a plan (`character/mara.wants`, `premise`); None takes it out. `version`: the one
    that the change is of. Raises ProjectError for a locked part, and where there is a newer version."""
    return _changed(
        ws, name, version, "set", [part], lambda one, texts: files.changed(one, texts, part, value)
    )


def story_add(
    ws: Workspace,
    /,
    name: str,
    kind: str,
    id: str,
    says: Mapping[str, Any] | None = None,
    *,
    version: str | None = None,
) -> StoryChanged:
    """Add a row: a character, place, scene, arc, line, beat, thread, question or link, with what it
    `says`: fields and values."""
    row = {"id": id, **(says or {})}
    said = [f"{kind}/{id}"]
    return _changed(ws, name, version, "add", said, lambda one, texts: files.with_row(one, texts, kind, row))


def story_lock(
    ws: Workspace, /, name: str, parts: Sequence[str], *, locked: bool = True, version: str | None = None
) -> StoryChanged:
    """Lock parts, so that neither reading a draft nor a proposal changes them, or unlock them."""

    def change(one: Story, texts: Mapping[str, str]) -> dict[str, str]:
        out = dict(texts)
        for part in parts:
            out = files.locks(files.read(name, out), out, part, locked)
        return out

    return _changed(ws, name, version, "lock" if locked else "unlock", parts, change)


def _changed(
    ws: Workspace, name: str, version: str | None, did: str, parts: Sequence[str], change: Any
) -> StoryChanged:
    with ws.project.act(f"story {did}"):
        one, before = opened_story(ws, name)
        if version is not None and version != one.version:
            raise ProjectError(
                f"The story '{name}' was changed in the meantime: it is at version {one.version},"
                f" and this is "
                f"of version {version}.",
                "Look at it and do it again; nothing was overwritten.",
            )
        after = change(one, before)
        now = files.read(name, after)  # what is written can be read
        written = disk.write(ws.project.root, name, before, after)
        if written:
            ws.project.log("story", story=name, did=did, parts=list(parts))
    return StoryChanged(name, now.version, tuple(written), tuple(parts))


def story_rm(ws: Workspace, /, name: str) -> StoryChanged:
    """Move a story's plan to the trash. Drafts and works stay."""
    with ws.project.act("story rm"):
        place = disk.folder(ws.project.root, name)
        ws.project.trash(place)
        ws.project.log("story", story=name, did="removed")
    return StoryChanged(name, "", (place.relative_to(ws.project.root).as_posix(),), ())


def story_read(
    ws: Workspace, /, name: str, sources: Sequence[str | Path] = (), *, collection: str = ""
) -> StoryRead:
    """Read scenes, characters and places out of a draft into the plan: files, drafts, takes or works in
    order, or a collection; without any, what was read last. What a person wrote or locked stays."""
    began = time.process_time()
    one, _ = opened_story(ws, name)
    refs = [str(source) for source in sources]
    refs = refs or ([f"collection:{collection}"] if collection else list(one.draft))
    draft = drafted(ws, name, refs)
    found = found_in(draft)
    with ws.project.act("story read"):
        one, before = opened_story(ws, name)
        done = merging.merged(one, before, found, disk.last_read(ws.project.root, name))
        if list(one.draft) != refs:
            done.files["plan.toml"] = files.with_draft(done.files["plan.toml"], refs)
        now = files.read(name, done.files)
        disk.write(ws.project.root, name, before, done.files)
        disk.keep_read(ws.project.root, name, done.last)
        ws.project.log("story", story=name, did="read", added=len(done.added), changed=len(done.changed))
    return StoryRead(
        name,
        now.version,
        len(draft.text.split()),
        len(draft.scenes),
        len(found.characters),
        len(found.places),
        found.cast.narrator,
        round(time.process_time() - began, 2),
        tuple(done.added),
        tuple(done.changed),
        tuple(done.kept),
        tuple(done.gone),
        found.notes,
        gaps(now),
    )


def drafted(ws: Workspace, name: str, refs: Sequence[str]) -> Draft:
    """The draft of these sources, divided. Raises ProjectError where there is none, WorkError where one is
    no text."""
    return Draft(draft_text(ws, name, refs))


def draft_text(ws: Workspace, name: str, refs: Sequence[str]) -> str:
    """The same as it was written."""
    if not refs:
        raise ProjectError(
            f"The story '{name}' has no draft yet.", f"Name one: etude story read {name} DRAFT.md"
        )
    parts: list[tuple[str, str]] = []
    for ref in refs:
        if ref.startswith("collection:"):
            held: Collection = ws.project.collection(ref.partition(":")[2])
            parts += [_text(ws, work) for work in held.works()]
        else:
            parts.append(_text(ws, ref))
    return joined(parts)


def _text(ws: Workspace, ref: str) -> tuple[str, str]:
    """Title and text of one source."""
    if ref in drafts_on_disk.names(ws.project.root):
        held = opened(ws.project, ref)
        medium, content, title = MEDIA[held.medium], MEDIA[held.medium].load(held.text.encode()), ref
    else:
        given = find(ws, ws.project.root / ref if (ws.project.root / ref).is_file() else ref)
        medium, content, title = MEDIA[given.medium], given.content, given.title
    text = medium.text(content)
    if text is None:
        raise WorkError(f"{ref} is a {medium.names.work}, and no text.", "A story is read out of texts.")
    return title, text


def story_draw(ws: Workspace, /, name: str) -> bytes:
    """Who is in which scene, and arcs, as SVG. Raises ProjectError where the plan has no scenes."""
    one, _ = opened_story(ws, name)
    if not any(True for _ in one.of("scene")):
        raise ProjectError(
            f"The plan of '{name}' has no scenes.",
            f"Read them out of a draft: etude story read {name} DRAFT.md",
        )
    return drawing.presence(one)
