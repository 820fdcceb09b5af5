"""`add`: files become works, and works enter a collection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from etude.errors import WorkError
from etude.media import MEDIA
from etude.media.options import Said, said_to
from etude.workspace.core import Workspace
from etude.workspace.gather import About, gather
from etude.workspace.intake import Added, OnFile, check_words, commonest, medium_of, take_in


def add(
    ws: Workspace,
    /,
    paths: Sequence[str | Path],
    *,
    collection: str | None = None,
    maker: str = "",
    licence: str = "",
    consent: str = "unknown",
    attrs: Mapping[str, str] | None = None,
    series: str = "",
    metadata: str | Path | None = None,
    by_maker: bool = False,
    medium: str | None = None,
    on_file: OnFile | None = None,
    **reading: str | bool,
) -> Added:
    """Add files and folders of works, to a collection if named (made when new). `medium`: only works of that
    medium. `reading`: how files are read, as their media list it (`encoding`, `keep_all`).

    A new collection holds the medium that most of the files have, unless `medium` says which. Raises
    WorkError when nothing could be added, with the first reasons; everything that could be added is added
    otherwise.
    """
    project = ws.project
    about = About(maker=maker, licence=licence, consent=consent, series=series, attrs=dict(attrs or {}))
    check_words(licence, consent)
    _check_reading(reading)
    if medium is not None and medium not in MEDIA:
        raise WorkError(f"There is no medium '{medium}'.", f"There are: {', '.join(MEDIA)}.")
    wanted = medium or medium_of(project, collection)
    if wanted is None:
        every = [suffix for known in MEDIA.values() for suffix in known.suffixes]
        candidates, skipped, other = gather(paths, about, metadata, every)
        wanted = commonest(candidates) if collection else None
    if wanted is not None:  # what else lies in the folders is passed over
        candidates, skipped, other = gather(paths, about, metadata, MEDIA[wanted].suffixes)
    return take_in(
        project,
        candidates,
        collection,
        by_maker=by_maker,
        medium=wanted,
        on_file=on_file,
        skipped=skipped,
        other=other,
        said=reading,
    )


def _check_reading(said: Said) -> None:
    """Raises WorkError for an option that no medium has, or a value that makes no sense, before anything is
    read."""
    known = {option.name for medium in MEDIA.values() for option in medium.read_options}
    for name in said:
        if name not in known:
            raise WorkError(
                f"There is no reading option '{name}'.", f"There are: {', '.join(sorted(known))}."
            )
    for medium in MEDIA.values():
        said_to(medium, said)
