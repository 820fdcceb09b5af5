"""Which works are meant: by medium, collection, maker, or words in their texts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from contextlib import suppress

from etude.errors import EtudeError, WorkError
from etude.media import MEDIA
from etude.store.project import Project
from etude.store.works import Work, composed
from etude.workspace.reading import content_of

# Of works read for their words: about two seconds; a larger shelf is searched by its titles
SEARCHED_BYTES = 20_000_000


def chosen(
    project: Project, *, medium: str | None = None, collection: str | None = None, maker: str | None = None
) -> tuple[Work, ...]:
    """Every work, or those of one medium, collection or maker. Raises WorkError for a maker that no work
    has."""
    inside = set(project.collection(collection).works()) if collection else None
    by = None if maker is None else {work.id for work in by_maker(project, maker)}
    return tuple(
        w
        for w in project.works()
        if (medium is None or w.medium == medium)
        and (inside is None or w.id in inside)
        and (by is None or w.id in by)
    )


def by_maker(project: Project, maker: str) -> list[Work]:
    """The works of a maker, whatever the capitals, and whichever form of Unicode."""
    name = composed(" ".join(maker.split())).casefold()
    found = [work for work in project.works() if composed(work.maker).casefold() == name]
    if not found:
        known = sorted({work.maker for work in project.works() if work.maker})
        some = ", ".join(known[:8]) + (" ..." if len(known) > 8 else "")
        raise WorkError(
            f"No work is by '{maker}' (makers here: {some or 'none'}).", "See them with: etude works ls"
        )
    return found


def by_content(project: Project, words: str) -> Iterator[Work]:
    """Texts that hold words beginning with each of these, in the order added, as far as SEARCHED_BYTES go."""
    wanted = [re.compile(rf"\b{re.escape(word)}") for word in re.findall(r"\w+", _plain(words))]
    left = SEARCHED_BYTES
    for work in project.works():
        left -= work.bytes
        if not wanted or left < 0:
            return
        medium = MEDIA[work.medium]
        if not medium.edited_as:
            continue  # a medium without words
        with suppress(EtudeError):  # a file that cannot be read is for `repair` to name
            text = _plain(medium.text(content_of(project, work)) or "")
            if all(word.search(text) for word in wanted):
                yield work


def _plain(text: str) -> str:
    """Without capitals and accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return (
        "".join(sign for sign in apart if not unicodedata.combining(sign)) if not apart.isascii() else apart
    )
