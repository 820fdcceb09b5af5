"""Files that are dropped on a page: received one by one into the project's .etude/incoming/, within limits.

Nothing is decoded here: a worker reads them (`etude add`, `etude verify`), within the limits of the media.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from urllib.parse import unquote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from etude.config.studio import STUDIO
from etude.errors import ProjectError, clean
from etude.media import MEDIA
from etude.store import incoming
from etude.store.files import move
from etude.studio.here import Here
from etude.studio.requests import answered
from etude.studio.words import size

BESIDE = ".c2pa"  # a credential that lies beside its file


async def begin(request: Request) -> Response:
    """A new drop."""
    here: Here = request.app.state.here
    return answered({"drop": incoming.begin(here.ws.project.root)})


async def receive(request: Request) -> Response:
    """One file of a drop: its bytes are the body, its name is a header. Raises ProjectError beyond the
    limits."""
    here: Here = request.app.state.here
    root, name = here.ws.project.root, request.path_params["drop"]
    there = incoming.files(root, name)
    if len(there) >= STUDIO.drop_files:
        raise ProjectError(f"These are more than {STUDIO.drop_files:,} files.", "Add them in several parts.")
    before = sum(path.stat().st_size for path in there)
    called = unquote(request.headers.get("x-name", ""))
    file = incoming.Incoming(root, name, called)
    whole = False
    try:
        async for chunk in request.stream():
            await run_in_threadpool(file.write, chunk)
            if file.bytes > STUDIO.file_bytes:
                raise ProjectError(
                    f"{clean(called, 80)} is larger than {size(STUDIO.file_bytes)}, the most for one file.",
                    "Add it with: etude add PATH",
                )
            if before + file.bytes > STUDIO.drop_bytes:
                raise ProjectError(
                    f"These files are larger than {size(STUDIO.drop_bytes)} together.", "Add them in parts."
                )
        file.close()
        whole = True
    finally:
        if not whole:
            file.drop()
    return answered({"name": file.path.name, "bytes": file.bytes})


async def about(request: Request) -> Response:
    """What a drop holds, by medium, as far as the names say."""
    here: Here = request.app.state.here
    return answered(counted(here, request.path_params["drop"]))


def counted(here: Here, name: str) -> dict[str, object]:
    """How many files of each medium, by their suffix; the commonest first."""
    found: Counter[str] = Counter()
    paths = incoming.files(here.ws.project.root, name)
    for path in paths:
        found.update(m for m in MEDIA if path.suffix.lower() in MEDIA[m].suffixes[:40])
    return {"files": len(paths), "media": [list(row) for row in found.most_common()]}


def commonest(here: Here, name: str) -> str:
    """The medium of most files of a drop. Raises ProjectError where no file is of any."""
    rows = counted(here, name)["media"]
    assert isinstance(rows, list)
    if not rows:
        raise ProjectError(
            "None of these files is a text, a score, a picture or a clip that Etude reads.",
            "See what it reads: etude add --help",
        )
    return str(rows[0][0])


def with_credential(here: Here, name: str) -> Path:
    """The one file of a drop, or of two the one whose credential the other is; both in one folder then.
    Raises ProjectError for anything else."""
    paths = incoming.files(here.ws.project.root, name)
    works = [path for path in paths if path.suffix != BESIDE] or paths
    if len(works) != 1 or len(paths) > 2:
        raise ProjectError(
            f"{len(paths)} files came, and one is checked at a time.",
            "Drop a file, and its .c2pa if it has one.",
        )
    for path in paths:
        if path != works[0]:
            move(path, works[0].parent / path.name)
    return works[0]


def only(here: Here, name: str) -> Path:
    """The one file of a drop. Raises ProjectError where there are more or none."""
    paths = incoming.files(here.ws.project.root, name)
    if len(paths) != 1:
        raise ProjectError(f"{len(paths)} files came, and one is needed.", "Drop one file.")
    return paths[0]
