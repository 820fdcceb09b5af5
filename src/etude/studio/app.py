"""The table of routes, and the server around one open project.

The guard stands outermost. Heavy verbs run as jobs, so that nothing here imports torch.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from etude.studio import (
    acts,
    clips,
    content,
    curating,
    drafting,
    early,
    looking,
    pages,
    past,
    stream,
    trusting,
    uploads,
)
from etude.studio.guard import App, Guard
from etude.studio.here import Here
from etude.studio.requests import answered, body, refused, told

_STATIC = Path(__file__).parent / "static"
ACTS = {
    "add": acts.add,
    "samples": acts.samples,
    "first": acts.first,
    "works/edit": acts.describe,
    "works/undo": acts.undescribe,
    "works/remove": acts.remove,
    "works/restore": acts.restore,
    "curate": curating.curate,
    "curate/undo": curating.undo,
    "learn": acts.learn,
    "make": acts.make,
    "loop": clips.loop,
    "branch": acts.branch,
    "accept": acts.accept,
    "reject": acts.reject,
    "edit": acts.edit,
    "undo": acts.undo,
    "history/undo": past.undo,
    "trace": acts.trace,
    "audit": trusting.look,
    "withdraw": trusting.withdraw,
    "sign": acts.sign,
    "verify": acts.verify,
    "draft/new": drafting.new,
    "draft/put": drafting.put,
    "draft/taken": drafting.taken,
    "draft/undo": drafting.undo,
    "draft/keep": drafting.keep,
    "draft/remove": drafting.remove,
    "draft/takes": drafting.takes,
    "marks": drafting.marks,
    "glimpse": looking.glimpse,
    "glimpse/keep": looking.keep,
    "sliders/name": looking.name,
}


async def exchange(request: Request) -> Response:
    """The token of a link for the cookie, once."""
    here: Here = request.app.state.here
    cookie = here.door.exchange(str((await body(request)).get("token", "")))
    if cookie is None:
        return refused("This link was used already, or is too old.", "Ask for a new one: etude studio", 403)
    return JSONResponse({"ok": True}, headers={"set-cookie": cookie})


async def versions(request: Request) -> Response:
    """The states that a page compares its own with."""
    here: Here = request.app.state.here
    return answered({what: here.version(what) for what in ("works", "desk")})


async def missing(request: Request, error: Exception) -> Response:
    """No such page."""
    status = getattr(error, "status_code", 404)
    if request.url.path.startswith(("/api", "/content", "/static")):
        return refused("There is nothing here.", "Reload the page.", status)
    here: Here = request.app.state.here
    return pages.render(
        here, "error", {"message": "There is no such page.", "hint": "Go on from the top."}, status
    )


def routes() -> list[Route | Mount]:
    """Everything that can be asked for."""
    return [
        Route("/", pages.home),
        Route("/enter", pages.enter),
        Route("/enter", told(exchange), methods=["POST"]),
        *(Route(path, told(show)) for path, show in pages.routes),
        *(Route(f"/api/{name}", told(act), methods=["POST"]) for name, act in ACTS.items()),
        Route("/api/live", told(stream.live)),
        Route("/api/takes/{take}/text", told(acts.words_of)),
        Route("/api/draft/{draft}", told(drafting.get)),
        Route("/api/passage/{work}/{span}", told(drafting.passage)),
        Route("/api/versions", told(versions)),
        Route("/api/jobs/{job}/events", told(stream.job)),
        Route("/api/jobs/{job}/answer", told(curating.answer)),
        Route("/api/collections/{name}", told(curating.about)),
        Route("/api/works/{work}", told(curating.begins)),
        Route("/api/jobs/{job}/{act}", told(acts.job), methods=["POST"]),
        Route("/api/drops", told(uploads.begin), methods=["POST"]),
        Route("/api/drops/{drop}", told(uploads.about)),
        Route("/api/drops/{drop}", told(uploads.receive), methods=["PUT"]),
        Route("/content/draft/{draft}/{form}", told(drafting.view)),
        Route("/content/strip/{model}/{number}", told(looking.strip)),
        Route("/content/copy/{ref}/{fmt}", told(clips.copy)),
        Route("/content/zip", told(content.bundle)),
        Route("/content/audit/{model}", told(trusting.report)),
        Route("/content/plot/{model}/{plot}", told(trusting.plot)),
        Route("/content/receipt/{work}", told(trusting.receipt)),
        Route("/content/trace/{ref}", told(content.trace)),
        Route("/content/early/{job}/{number}/{at}", told(early.look)),
        Route("/content/file/{ref}/{name}", told(content.file)),
        Route("/content/{ref}/{form}", told(content.view)),
        Mount("/static", StaticFiles(directory=_STATIC)),
    ]


def build(here: Here) -> App:
    """The application of a studio, guarded."""

    @asynccontextmanager
    async def life(app: Starlette) -> AsyncIterator[None]:
        here.begin()
        try:
            yield
        finally:
            here.end()

    app = Starlette(routes=routes(), lifespan=life, exception_handlers={404: missing, 405: missing})
    app.state.here = here
    return Guard(app, here.door)
