"""The content that a verb goes on from: a work, take or piece of the project, or any file, resolved to bytes
that last.

Content from outside the project is written to the log once ('given'), so that a recipe which names it by hash
can be followed after the file has gone. A take whose bytes were cleared is made again from its recipe.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from etude.errors import EtudeError, TakeError, WorkError
from etude.media import MEDIA, for_file
from etude.store.pieces import Piece
from etude.store.project import Project
from etude.store.takes import Take
from etude.takes.recipe import Recipe
from etude.takes.source import Source
from etude.workspace.core import Workspace


def find(ws: Workspace, ref: str | Path) -> Source:
    """A file, or a take, piece or work by its id, in this order. Raises WorkError that names what was looked
    for."""
    path, project = Path(ref).expanduser(), ws.project
    if path.is_file():
        return from_file(path)
    for known, read in ((project.take, _take), (project.piece, _piece), (project.work, _work)):
        try:
            known(str(ref))
        except EtudeError:
            continue
        return read(ws, str(ref))  # it is one: where it cannot be read, that is what a person must be told
    raise WorkError(
        f"'{ref}' is not a file, nor a take, piece or work of this project.",
        "List them with: etude take ls, etude pieces, etude works",
    )


def from_file(path: Path) -> Source:
    """Read a file of any medium. Raises WorkError naming the file."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise WorkError(
            f"{path} cannot be opened: {error.strerror}.", "Check the spelling and who may read it."
        ) from error
    medium = for_file(path, data)
    if medium is None:
        kinds = ", ".join(sorted(suffix for m in MEDIA.values() for suffix in m.suffixes))
        raise WorkError(f"{path} is of an unknown type.", f"Known kinds of file: {kinds}")
    try:
        reading = medium.read(data, suffix=path.suffix.lower())
    except WorkError as error:
        raise WorkError(f"{path}: {error.message}", error.hint) from error
    sha256 = hashlib.sha256(medium.store(reading.content)).hexdigest()
    return Source(medium.name, reading.content, reading.title or path.stem, {"given": sha256})


def _work(ws: Workspace, ref: str) -> Source:
    work = ws.project.work(ref)
    return Source(work.medium, ws.contents.read(work.id), work.title, {"work": work.id})


def _take(ws: Workspace, ref: str) -> Source:
    take, data = take_data(ws, ref)
    medium = Recipe.from_json(take.record).medium
    return Source(medium, MEDIA[medium].load(data), take.id, {"take": take.id})


def _piece(ws: Workspace, ref: str) -> Source:
    piece = ws.project.piece(ref)
    untouched = hashlib.sha256(piece_bytes(piece)).hexdigest() == piece.sha256
    untouched = untouched and piece.file not in (piece.record.get("by_hand") or {})
    take = ws.project.take(str(piece.record["take"]))
    # A piece that was worked on in another program since is what its file says, no longer what its take said;
    # and a piece can be read for as long as its file is there, whatever became of the take.
    source = _take(ws, take.id) if untouched and take.data is not None else from_file(piece.path)
    return Source(source.medium, source.content, piece.title, source.ref)


def piece_bytes(piece: Piece) -> bytes:
    """The piece's main file. Raises TakeError that says how to get it back when it is gone."""
    try:
        return piece.path.read_bytes()
    except FileNotFoundError as error:
        take = str(piece.record.get("take", ""))
        raise TakeError(
            f"The file pieces/{piece.file} of piece {piece.id}, '{piece.title}', is missing.",
            "Write it again from its take with: etude repair   or remove the piece with: etude take undo "
            f"{take}",
        ) from error
    except OSError as error:
        raise TakeError(
            f"The file pieces/{piece.file} of piece {piece.id} cannot be read: {error.strerror}.",
            "Run: etude repair",
        ) from error


def take_data(ws: Workspace, ref: str) -> tuple[Take, bytes]:
    """A take with its bytes, made again from the recipe when they were cleared. Raises TakeError when they
    cannot be."""
    take = ws.project.take(ref)
    if take.data is not None:
        return take, take.data
    recipe = Recipe.from_json(take.record)
    if recipe.kind == "edited":
        return take, given(ws.project, recipe.source["given"])
    data = ws.resolve(recipe)
    if hashlib.sha256(data).hexdigest() != take.sha256:
        raise TakeError(
            f"The bytes of take {take.id} were cleared, and its recipe gives other bytes on this machine.",
            f"See why: etude remake {take.id}",
        )
    ws.project.restore_take(take.id, data)
    return take, data


def made_above(project: Project, take: Take) -> Take:
    """The take that a model made: this one, or the nearest one above a person's edits of it."""
    while (recipe := Recipe.from_json(take.record)).kind == "edited" and recipe.parents:
        take = project.take(recipe.parents[0])
    return take


def first_made(project: Project, recipe: Recipe) -> Recipe:
    """The recipe of the take that a model made: this one, or that of the take which was edited."""
    if recipe.kind == "edited" and recipe.parents:
        return Recipe.from_json(made_above(project, project.take(recipe.parents[0])).record)
    return recipe


def given(project: Project, sha256: str) -> bytes:
    """Content that was written to the log. Raises TakeError when it is not there."""
    for event in project.events():
        if event["event"] == "given" and event.get("sha256") == sha256:
            if event.get("withdrawn"):
                raise TakeError(
                    f"The content {sha256[:12]} that this take continues held a work that was withdrawn.",
                    "Make another: etude make MODEL",
                )
            content = str(event["content"])
            return base64.b64decode(content) if event.get("encoding") == "base64" else content.encode()
    raise TakeError(
        f"The content {sha256[:12]} that this take continues is not in the log.", "Run: etude repair"
    )


def follow(ws: Workspace, ref: Mapping[str, Any]) -> Any:
    """The content that a recipe's source names; None when it names none."""
    if "take" in ref:
        return _take(ws, str(ref["take"])).content
    if "work" in ref:
        return _work(ws, str(ref["work"])).content
    if "given" in ref:
        return MEDIA[str(ref["medium"])].load(given(ws.project, str(ref["given"])))
    return None


def remember(project: Project, source: Source) -> dict[str, str]:
    """What a recipe says of the source, once content from outside the project is safe on the log. Under the
    lock."""
    ref = {**source.ref, "medium": source.medium}
    if "given" in ref and not any(
        e["event"] == "given" and e.get("sha256") == ref["given"] for e in project.events()
    ):
        data = MEDIA[source.medium].store(source.content)
        try:
            said = {"content": data.decode()}
        except UnicodeDecodeError:  # pixels
            said = {"content": base64.b64encode(data).decode(), "encoding": "base64"}
        project.log("given", sha256=ref["given"], medium=source.medium, title=source.title, **said)
    return ref
