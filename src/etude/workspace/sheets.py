"""A collection or many takes on one picture or page. Chooses which works are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import ClassVar

from etude.errors import TakeError, WorkError
from etude.media import MEDIA, sheets
from etude.media.pixels.framing import Framing
from etude.stats.evenly import evenly
from etude.store.files import write_atomic
from etude.takes.recipe import Recipe
from etude.workspace.contents import take_data
from etude.workspace.core import Workspace
from etude.workspace.takes import ON_DESK, MadeTakes, desk, info


@dataclass(frozen=True)
class Sheet:
    """The file that was written, how many works it shows of how many, and how they are framed; of music and
    text which of both they are."""

    schema: ClassVar[str] = "etude.sheet/1"
    path: str
    shown: int
    works: int
    framing: str


def sheet(
    ws: Workspace,
    /,
    name: str,
    out: str | Path | None = None,
    *,
    side_px: int = 64,
    how: str = "crop",
    ground: str = "white",
    only: str = "",
) -> Sheet:
    """Draw works, evenly through the collection, framed into squares of `side_px`.

    `how`: crop, pad or fit; `ground`: a colour under transparency, or keep; `only`: train, critic or
    held-out. `out` is NAME-SIDE.png in the current folder when not said. Raises WorkError for a collection of
    which there is nothing to see.
    """
    framing = Framing(side_px, how, ground)
    home = ws.project.collection(name)
    if not home.entries:
        raise WorkError(
            f"Collection '{name}' is empty.", f"Add works: etude add PATH... --collection {quote(name)}"
        )
    medium, see = MEDIA[home.medium], f"See: etude collection show {quote(name)}"
    if not medium.sheet.works:
        raise WorkError(f"Collection '{name}' holds {home.medium}: there is nothing to see.", see)
    wanted = list(dict.fromkeys(part.work_id for part in home.parts if only in ("", part.role)))
    if not wanted:
        raise WorkError(f"No work of collection '{name}' is {only}.", see)
    shown = [ws.project.work(wanted[int(i)]) for i in evenly(len(wanted), medium.sheet.works)]
    n = len(shown)
    path = Path(out) if out is not None else Path(f"{name}-{side_px}.png")
    if path.suffix.lower() != ".png":
        raise WorkError(f"A sheet cannot be written as '{path.suffix}'.", "Name a .png file with --out.")
    heading = f"{name}: {n} of {len(wanted):,}, {framing.words()}"
    drawn = sheets.works(
        medium, [(work.title, ws.contents.read(work.id)) for work in shown], framing, heading
    )
    write_atomic(path.expanduser(), drawn)
    return Sheet(str(path), n, len(wanted), framing.words())


def take_sheet(
    ws: Workspace,
    /,
    refs: Sequence[str] = (),
    out: str | Path = "takes.png",
    *,
    last: int = 64,
    title: str = "",
) -> Sheet:
    """Draw takes of one kind on one sheet: pictures, of clips some frames in a row or all of them playing
    (.gif), of music rolls, of texts how each begins (.html). Without `refs` the last so many of the kind that
    was made last.

    Raises TakeError for none, WorkError for takes of several kinds and for another kind of file.
    """
    named = list(refs) or _last(ws, last)
    if not named:
        raise TakeError("There are no takes to show.", "Make some: etude make MODEL -n 64")
    loaded = []
    for ref in named:
        take, data = take_data(ws, ref)
        medium = MEDIA[Recipe.from_json(take.record).medium]
        loaded.append(sheets.Item(take.id, medium, medium.load(data)))
    path = Path(out).expanduser()
    drawn = sheets.takes(loaded, path.suffix.lower().removeprefix("."), title)
    write_atomic(path, drawn.data)
    return Sheet(str(path), len(loaded), len(loaded), drawn.framing)


def made_sheet(ws: Workspace, /, made: MadeTakes) -> Sheet | None:
    """A sheet of new takes, with their ids, among what may be rebuilt; None for a single take, and where
    lines of text say as much."""
    if len(made.takes) < 2 or not MEDIA[made.takes[0].medium].sheet.tells:
        return None
    path = ws.project.cache_dir("sheets") / f"{made.model}-seed-{made.seed}-{made.takes[0].id}.png"
    return take_sheet(ws, [take.id for take in made.takes], path)


def _last(ws: Workspace, most: int) -> list[str]:
    """The takes of the kind that was made last, on the desk."""
    states = desk(ws.project)
    every = [one for one in (info(take, states) for take in ws.project.takes()) if one.status in ON_DESK]
    kinds = {name: medium.sheet.kind for name, medium in MEDIA.items()}
    return [one.id for one in every if kinds[one.medium] == kinds[every[-1].medium]][-most:]
