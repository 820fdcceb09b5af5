"""`collection sheet` and `take sheet`: a collection or many takes on one PNG. Chooses which works are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Any, ClassVar

from etude.errors import TakeError, WorkError
from etude.store.files import write_atomic
from etude.store.project import Project

ROLL_PX = (200, 80)  # of a score on a sheet


@dataclass(frozen=True)
class Sheet:
    """The file that was written, how many works it shows of how many, and how they are framed; of music and text which of both they are."""

    schema: ClassVar[str] = "etude.sheet/1"
    path: str
    shown: int
    works: int
    framing: str


def sheet(
    project: Project,
    name: str,
    out: str | Path | None = None,
    *,
    side_px: int = 64,
    how: str = "crop",
    ground: str = "white",
    only: str = "",
) -> Sheet:
    """Draw up to `IMAGE.sheet_works` works, evenly through the collection, framed into squares of `side_px`.

    `how`: crop, pad or fit; `ground`: a colour under transparency, or keep; `only`: train, critic or held-out. `out` is
    NAME-SIDE.png in the current folder when not said. Raises WorkError for a collection that holds no pictures.
    """
    from etude.config.media import IMAGE
    from etude.media import MEDIA, is_pictorial
    from etude.media.pixels.contact_sheet import clip_sheet
    from etude.media.pixels.contact_sheet import sheet as draw
    from etude.media.pixels.framing import Framing

    framing = Framing(side_px, how, ground)
    home = project.collection(name)
    if not home.entries:
        raise WorkError(
            f"Collection '{name}' is empty.", f"Add works: etude add PATH... --collection {quote(name)}"
        )
    medium = MEDIA[home.medium]
    if not is_pictorial(medium):
        raise WorkError(
            f"Collection '{name}' holds {home.medium}: there is nothing to see.",
            f"See: etude collection show {quote(name)}",
        )
    wanted = list(dict.fromkeys(part.work_id for part in home.parts if only in ("", part.role)))
    if not wanted:
        raise WorkError(
            f"No work of collection '{name}' is {only}.", f"See: etude collection show {quote(name)}"
        )
    n = min(len(wanted), IMAGE.sheet_works if medium.unit == "pictures" else IMAGE.sheet_clips)
    shown = [project.work(wanted[i * len(wanted) // n]) for i in range(n)]
    frames = [
        medium.frames(medium.read(project.work_bytes(work.id), suffix=work.suffix).content) for work in shown
    ]
    title = f"{name}: {n} of {len(wanted):,}, {framing.words()}"
    marks = [work.title for work in shown]
    drawn = (
        draw([one[0] for one in frames], framing, title, marks)
        if medium.unit == "pictures"
        else clip_sheet(frames, framing, title, marks)
    )
    path = Path(out) if out is not None else Path(f"{name}-{side_px}.png")
    if path.suffix.lower() != ".png":
        raise WorkError(f"A sheet cannot be written as '{path.suffix}'.", "Name a .png file with --out.")
    write_atomic(path.expanduser(), drawn)
    return Sheet(str(path), n, len(wanted), framing.words())


def take_sheet(project: Project, refs: Sequence[str], out: str | Path, *, title: str = "") -> Sheet:
    """Draw takes of one kind on one PNG: pictures, of clips some frames in a row, of music rolls. Clips also as a GIF in which all of them play, where `out`
    is one; texts, how each begins, as a page for a browser.

    Raises TakeError for takes of several kinds, for none, and for another kind of file.
    """
    from etude.media import MEDIA, is_pictorial
    from etude.media.pixels.contact_sheet import clip_sheet, grid, moving
    from etude.media.pixels.framing import KEEP, Framing
    from etude.media.video.clip import Clip
    from etude.takes.recipe import Recipe
    from etude.workspace.contents import take_data

    if not refs:
        raise TakeError("There are no takes to show.", "Make some: etude make MODEL -n 64")
    loaded = []
    for ref in refs:
        found, data = take_data(project, ref)
        medium = MEDIA[Recipe.from_json(found.record).medium]
        loaded.append((found.id, medium, medium.load(data)))
    kinds = {"a picture" if is_pictorial(medium) else medium.name for _, medium, _ in loaded}
    if len(kinds) > 1:
        raise TakeError(
            f"Takes of several kinds do not go on one sheet: {', '.join(sorted(kinds))}.",
            "Name takes of one kind.",
        )
    if not is_pictorial(loaded[0][1]):
        return _unseen_sheet(
            [(name, content) for name, _, content in loaded], kinds.pop(), Path(out).expanduser(), title
        )
    frames, rates, still = [], list[float](), True
    for _, medium, content in loaded:
        assert is_pictorial(medium)
        frames.append(medium.frames(content))
        still &= medium.name == "image"
        rates.append(medium.rate(content))
    side = max(one.shape[1] for one in frames)
    square = Framing(side, "pad", KEEP if frames[0].shape[-1] == 4 else "white")
    said = title or f"{len(frames)} takes, {side} x {side} pixels"
    columns = max(1, round(len(frames) ** 0.5))
    path = Path(out).expanduser()
    kind = path.suffix.lower()
    if kind not in ((".png",) if still else (".png", ".gif")):
        raise TakeError(
            f"A sheet cannot be written as '{path.suffix}'.",
            "Name a .png file" + ("." if still else ", or a .gif."),
        )
    if kind == ".gif":
        drawn = MEDIA["video"].write(Clip(moving(frames, rates, columns, said), max(rates)), "gif")
    else:
        drawn = grid([one[0] for one in frames], columns, said) if still else clip_sheet(frames, square, said)
    write_atomic(path, drawn)
    return Sheet(str(path), len(frames), len(frames), square.words())


def _unseen_sheet(takes: Sequence[tuple[str, Any]], kind: str, path: Path, title: str) -> Sheet:
    """Of music or text, which have to be drawn first: (name, content)."""
    from etude.media.music import roll
    from etude.media.pixels.contact_sheet import grid
    from etude.media.text import sheet as textsheet

    needs = ".png" if kind == "music" else ".html"
    if path.suffix.lower() != needs:
        raise TakeError(f"A sheet of {kind} cannot be written as '{path.suffix}'.", f"Name a {needs} file.")
    said = title or f"{len(takes)} takes"
    if kind == "music":
        tiles = [roll.tile(content, ROLL_PX[0], ROLL_PX[1]) for _, content in takes]
        write_atomic(
            path, grid(tiles, max(1, round((0.5 * len(takes)) ** 0.5)), said, [name for name, _ in takes])
        )
    else:
        write_atomic(path, textsheet.page([(name, content) for name, content in takes], said).encode())
    return Sheet(str(path), len(takes), len(takes), kind)
