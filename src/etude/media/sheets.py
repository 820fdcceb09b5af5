"""Many contents on one sheet: works as a network will see them, and takes of one kind side by side.

What can be looked at becomes tiles of a picture, or of a GIF in which all of them play; what is read becomes
a page for a browser. Knows media only through their looks, and no project.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from etude.errors import TakeError
from etude.media import pictorial, readable
from etude.media.contract import Content, Look, Medium
from etude.media.pixels import contact_sheet
from etude.media.pixels.framing import KEEP, Framing
from etude.media.text import sheet as page

PAGE = "html"  # the format of what is read; all others are drawn


@dataclass(frozen=True)
class Item:
    """One take on a sheet."""

    name: str
    medium: Medium
    content: Content


@dataclass(frozen=True)
class Drawn:
    """A sheet as a file, and how its contents are framed, in words; of what is not framed their kind."""

    data: bytes
    framing: str


def works(medium: Medium, items: Iterable[tuple[str, Content]], framing: Framing, heading: str) -> bytes:
    """A PNG of works (title, content) framed into squares; of works that move some frames in a row. Raises
    TakeError for works that cannot be looked at."""
    titles, looks = [], []
    for title, content in items:
        titles.append(title)
        looks.append(_look(medium, content))
    frames = [look.frames for look in looks]
    if any(look.rate for look in looks):
        return contact_sheet.clip_sheet(frames, framing, heading, titles)
    return contact_sheet.sheet([one[0] for one in frames], framing, heading, titles)


def formats(media: Iterable[Medium]) -> tuple[str, ...]:
    """The file formats of a sheet of takes of these media. Raises TakeError where they do not go together."""
    styles = [medium.sheet for medium in media]
    kinds = sorted({style.kind for style in styles})
    if len(kinds) != 1:
        raise TakeError(
            f"Takes of several kinds do not go on one sheet: {', '.join(kinds)}.", "Name takes of one kind."
        )
    return tuple(dict.fromkeys(fmt for style in styles for fmt in style.formats))


def takes(items: Sequence[Item], fmt: str, title: str = "") -> Drawn:
    """Takes of one kind on one sheet. Raises TakeError for several kinds, for none, and for another
    format."""
    if not items:
        raise TakeError("There are no takes to show.", "Make some: etude make MODEL -n 64")
    known = formats(item.medium for item in items)
    if fmt not in known:
        may = ", or a ".join(f".{one}" for one in known)
        raise TakeError(f"A sheet of these takes cannot be written as '.{fmt}'.", f"Name a {may} file.")
    style = items[0].medium.sheet
    if fmt == PAGE:
        said = title or _count(items)
        texts = [(item.name, readable(item.medium, item.content)) for item in items]
        return Drawn(page.page(texts, said).encode(), style.kind)
    names, looks = [item.name for item in items], [_look(item.medium, item.content) for item in items]
    columns = max(1, round((style.across * len(items)) ** 0.5))
    if style.named:
        tiles = [look.frames[0] for look in looks]
        return Drawn(contact_sheet.grid(tiles, columns, title or _count(items), names), style.kind)
    return _pictures(items[0].medium, looks, names, fmt, columns, title)


def _count(takes: Sequence[object]) -> str:
    return f"{len(takes)} take{'s' * (len(takes) != 1)}"


def _look(medium: Medium, content: Content) -> Look:
    look = medium.look(content)
    if look is None:
        raise TakeError(
            f"There is nothing to see of {medium.name}.", "See what is there: etude collection show NAME"
        )
    return look


def _pictures(
    medium: Medium, looks: Sequence[Look], names: Sequence[str], fmt: str, columns: int, title: str
) -> Drawn:
    """Pictures as they are, clips as frames in a row, each over its name; or all of them playing."""
    frames, rates = [look.frames for look in looks], [look.rate for look in looks]
    side = max(one.shape[1] for one in frames)
    square = Framing(side, "pad", KEEP if frames[0].shape[-1] == 4 else "white")
    said = title or f"{_count(looks)}, {side} x {side} pixels"
    if fmt != "png":
        film = pictorial(pictorial(medium.name).moving)
        all_of_them = contact_sheet.moving(frames, rates, columns, said)
        data = film.write(film.from_frames(all_of_them, max(rates)), fmt)
    elif any(rates):
        data = contact_sheet.clip_sheet(frames, square, said, names)
    else:
        data = contact_sheet.grid([one[0] for one in frames], columns, said, names)
    return Drawn(data, square.words())
