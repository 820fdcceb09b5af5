"""Bytes by id: previews, files of pieces, traces, and pieces as a zip. Never by path, and nothing that could
carry a script is shown as a page of the studio.
"""

from __future__ import annotations

import html
import re

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from etude import api
from etude.errors import WorkError
from etude.studio.here import Here
from etude.studio.previews import ATTACHED, piece_file, preview
from etude.studio.requests import is_id

ALONE = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
KEPT = "private, max-age=31536000, immutable"  # an id stands for its bytes


async def view(request: Request) -> Response:
    """A view of a work, take or piece."""
    here: Here = request.app.state.here
    ref, form = request.path_params["ref"], request.path_params["form"]
    if not is_id(ref, "wtp"):
        raise WorkError("That is not the id of a work, take or piece.", "Reload the page.")
    path, kind = await run_in_threadpool(preview, here.ws, ref, form)
    return FileResponse(path, media_type=kind, headers=_headers(path.suffix, f"{ref}{path.suffix}", KEPT))


async def file(request: Request) -> Response:
    """A file of a piece, to be saved."""
    here: Here = request.app.state.here
    ref, name = request.path_params["ref"], request.path_params["name"]
    path, kind = await run_in_threadpool(piece_file, here.ws.project, ref, name)
    return FileResponse(path, media_type=kind, filename=path.name, headers={"content-security-policy": ALONE})


async def bundle(request: Request) -> Response:
    """Pieces with their credentials as one zip."""
    here: Here = request.app.state.here
    refs = [ref for ref in request.query_params.get("pieces", "").split(",") if is_id(ref, "p")]
    out = here.ws.project.cache_dir("bundles") / "pieces.zip"
    done = await run_in_threadpool(here.act, api.pieces_zip, refs, out)
    return FileResponse(done.path, media_type="application/zip", filename="pieces.zip")


async def trace(request: Request) -> Response:
    """The page of a trace, which brings its own style and script: shown in a frame that is nobody's, so that
    it can read nothing of the studio."""
    here: Here = request.app.state.here
    ref = request.path_params["ref"]
    if not is_id(ref, "wtp"):
        raise WorkError("That is not the id of a work, take or piece.", "Reload the page.")
    path = here.ws.project.cache_dir("traces") / f"{ref}.html"
    if not path.exists():
        raise WorkError("This was not traced yet.", "Trace it first.")
    page = path.read_text("utf-8")
    own = re.search(r"script-src ('sha256-[A-Za-z0-9+/=]+')", html.unescape(page[:4000]))
    policy = (
        f"default-src 'none'; script-src {own[1] if own else chr(39) + 'none' + chr(39)}; "
        "style-src 'unsafe-inline'; img-src data:; media-src data:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'self'; sandbox allow-scripts"
    )
    return Response(page, media_type="text/html", headers={"content-security-policy": policy})


def _headers(suffix: str, name: str, cache: str) -> dict[str, str]:
    alone = {"content-security-policy": ALONE, "cache-control": cache}
    if suffix in ATTACHED:
        return {**alone, "content-disposition": f'attachment; filename="{name}"'}
    return alone
