"""What is done with drafts: begun, changed, undone, given to a model as what it goes on from. Every change is
kept, and undo works after a restart."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from etude.config.studio import STUDIO
from etude.errors import ProjectError, TakeError
from etude.media import MEDIA
from etude.store import drafts as disk
from etude.store.drafts import Draft, Edit
from etude.takes.source import Source
from etude.workspace.contents import find
from etude.workspace.core import Workspace
from etude.workspace.drafts import difference, opened, takes_in
from etude.workspace.takes import MadeTakes


@dataclass(frozen=True)
class DraftInfo:
    """A draft as it is now: `text` is the stored form of its content; `takes` are those that are in it;
    `undo` and `redo` say whether there is something to go back or forward to."""

    schema: ClassVar[str] = "etude.draft/1"
    name: str
    medium: str
    file: str
    text: str
    version: int
    undo: bool
    redo: bool
    takes: tuple[str, ...]
    at: str


@dataclass(frozen=True)
class DraftList:
    """Drafts, the one changed last first."""

    schema: ClassVar[str] = "etude.drafts/1"
    drafts: tuple[DraftInfo, ...]


@dataclass(frozen=True)
class DraftTake:
    """A take for a place of a draft: `words` is what it would put there (of other media than text the stored
    form of the whole), `line` says it in a line, `given` how many characters before and after were given."""

    id: str
    words: str
    line: str
    given: tuple[int, int]
    measured: Mapping[str, Any]


@dataclass(frozen=True)
class DraftTakes:
    """Takes for the characters `at`..`until` of a draft."""

    schema: ClassVar[str] = "etude.draft-make/1"
    name: str
    model: str
    seed: int
    at: int
    until: int
    takes: tuple[DraftTake, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class DraftGone:
    """A draft that was moved to the trash, and its files."""

    schema: ClassVar[str] = "etude.draft-rm/1"
    name: str
    files: tuple[str, ...]


def drafts(ws: Workspace, /) -> DraftList:
    """Every draft."""
    root = ws.project.root
    return DraftList(tuple(_info(ws, disk.read(root, name)) for name in disk.names(root)))


def draft(ws: Workspace, /, name: str) -> DraftInfo:
    """One draft, with what another program changed in its file."""
    return _info(ws, opened(ws.project, name))


def draft_new(
    ws: Workspace, /, name: str, *, source: str | Path | None = None, medium: str = "text"
) -> DraftInfo:
    """Begin a draft: empty (`medium`), or with a file, take, piece or work. Of a take everything that the
    draft begins with counts as the take's. Raises ProjectError for a name that is taken."""
    given = find(ws, source) if source is not None else None
    kind = MEDIA.get(given.medium if given else medium)
    if kind is None:
        raise ProjectError(f"There is no medium '{medium}'.", f"Choose one of {', '.join(MEDIA)}.")
    stored = kind.store(given.content) if given else b""
    suffix = kind.edited_as or ".json"
    try:
        text = stored.decode()
    except UnicodeDecodeError:
        raise ProjectError(
            f"A draft cannot hold a {kind.names.work}: it is no text and no score.", "Edit it as a take."
        ) from None
    if given is None and not kind.edited_as:
        raise ProjectError(f"A draft of {kind.name} begins with something.", "Name it with --from.")
    with ws.project.act("draft new"):
        made = disk.begin(ws.project.root, name, kind.name, suffix, "" if given and given.take else text)
        if given and given.take:
            made = disk.put(ws.project.root, made, Edit(0, "", text, given.take))
    return _info(ws, made)


def draft_put(
    ws: Workspace,
    /,
    name: str,
    text: str | None = None,
    *,
    file: str | Path | None = None,
    change: tuple[int, str, str] | None = None,
    take: str = "",
    version: int | None = None,
) -> DraftInfo:
    """Change a draft: to a whole `text`, to what a file holds, or by one `change` (at which character, what
    goes, what comes). `take`: the take that what comes was made by. `version`: the one that the change is
    of; raises ProjectError where there is a newer one, and changes nothing."""
    project = ws.project
    if take:
        take = project.take(take).id
    whole = text
    if file is not None:
        given = find(ws, file)
        whole, take = MEDIA[given.medium].store(given.content).decode(), take or given.take
    with project.act("draft put"):
        now = opened(project, name)
        if version is not None and version != now.version:
            raise ProjectError(
                f"The draft '{name}' was changed in another window or by a command: it is at change "
                f"{now.version}, and this is of change {version}.",
                "Load it again; nothing was overwritten.",
            )
        if whole is not None:
            edit = difference(now.text, whole, take)
        elif change is not None:
            edit = Edit(*change, take)
        else:
            raise ProjectError("No change was named.", "Give a text, a file or a change.")
        MEDIA[now.medium].load(edit.on(now.text).encode())  # raises for what is no content of its medium
        return _info(ws, disk.put(project.root, now, edit))


def draft_undo(ws: Workspace, /, name: str, *, redo: bool = False) -> DraftInfo:
    """Take back the last change of a draft, or take it up again."""
    with ws.project.act("draft undo"):
        return _info(ws, disk.undo(ws.project.root, opened(ws.project, name), redo=redo))


def draft_rm(ws: Workspace, /, name: str) -> DraftGone:
    """Move a draft with its history to the trash."""
    with ws.project.act("draft rm"):
        gone = disk.paths(ws.project.root, disk.read(ws.project.root, name))
        for path in gone:
            ws.project.trash(path)
    return DraftGone(name, tuple(path.name for path in gone))


def _info(ws: Workspace, draft: Draft) -> DraftInfo:
    file = disk.file_of(ws.project.root, draft).relative_to(ws.project.root)
    return DraftInfo(
        draft.name,
        draft.medium,
        str(file),
        draft.text,
        draft.version,
        bool(draft.done),
        bool(draft.undone),
        takes_in(draft),
        draft.at,
    )


@dataclass(frozen=True)
class Place:
    """A place of a draft as a model is given it: the content that it goes on from, and the controls that say
    what of it stays; `before` and `after` are what stands around the place, where it is written in characters
    (`read`)."""

    name: str
    start: int
    end: int
    source: Source | None
    controls: Mapping[str, Any]
    before: str
    after: str
    read: bool


def place_of(ws: Workspace, name: str, at: int | None, until: int | None) -> Place:
    """The characters `at`..`until` of a draft (default: its end), with what stands around them. Raises
    TakeError where there is no such place."""
    now = opened(ws.project, name)
    medium = MEDIA[now.medium]
    content = medium.load(now.text.encode())
    read = medium.text(content) is not None
    start, end = len(now.text) if at is None else at, until
    if not 0 <= start <= (start if end is None else end) <= len(now.text):
        raise TakeError(
            f"The draft '{now.name}' has {len(now.text):,} characters; there is no place {start}:{end}.",
            "Name a place in it with --at and --until.",
        )
    before, after, controls = "", "", {}
    if read:
        before = now.text[max(0, start - STUDIO.before_chars) : start]
        after = "" if end is None else now.text[end : end + STUDIO.after_chars]
        gone = "" if end is None else now.text[start:end]
        content = before + gone + after
        controls = {} if end is None else {medium.gaps[0].option: (len(before), len(before) + len(gone))}
    sha256 = hashlib.sha256(medium.store(content)).hexdigest()
    source = Source(medium.name, content, now.name, {"given": sha256}) if medium.size(content) else None
    return Place(now.name, start, start if end is None else end, source, controls, before, after, read)


def for_place(ws: Workspace, place: Place, made: MadeTakes) -> DraftTakes:
    """Takes as what they would put at a place."""
    rows = []
    for one in made.takes:
        data, medium = ws.project.take(one.id).data or b"", MEDIA[one.medium]
        text = data.decode()
        shown = text[len(place.before) : len(text) - len(place.after)] if place.read else text
        given = (len(place.before), len(place.after))
        rows.append(DraftTake(one.id, shown, medium.describe(medium.load(data)), given, one.measured))
    return DraftTakes(place.name, made.model, made.seed, place.start, place.end, tuple(rows), made.notes)
