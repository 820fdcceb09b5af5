"""Takes that a run of learning showed on its way: for a page that is loaded later, read from what the run
said.

Their pictures are served by the job, the number of the event and their place in it, never by a path.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from etude import api
from etude.errors import WorkError
from etude.store.jobs import Event, Place
from etude.studio.content import ALONE, KEPT
from etude.studio.here import Here

_KINDS = ("image/png", "image/webp")


def shown(job: str, event: Event) -> dict[str, Any] | None:
    """What one event shows: when, by how many steps, and takes whose pictures are addresses; None where it
    shows nothing."""
    takes = event.said.get("takes") or ()
    if not takes:
        return None
    rows = [
        {**take, "look": f"/content/early/{job}/{event.number}/{i}" if take.get("look") else ""}
        for i, take in enumerate(takes)
        if isinstance(take, Mapping)
    ]
    return {"step": event.said.get("step"), "spent_s": event.said.get("spent_s"), "takes": rows}


async def look(request: Request) -> Response:
    """The picture of one of them."""
    here: Here = request.app.state.here
    job, number, at = (request.path_params[name] for name in ("job", "number", "at"))
    if not (number.isdecimal() and at.isdecimal() and len(number) < 10 and len(at) < 4):
        raise WorkError("There is no such take.", "Reload the page.")
    kind, data = await run_in_threadpool(_look, here, job, int(number), int(at))
    return Response(data, media_type=kind, headers={"content-security-policy": ALONE, "cache-control": KEPT})


def _look(here: Here, job: str, number: int, at: int) -> tuple[str, bytes]:
    for event in api.job(here.ws, job, after=Place()).events:
        takes = event.said.get("takes") or ()
        if event.number == number and at < len(takes):
            head, _, data = str(takes[at].get("look", "")).partition(";base64,")
            kind = head.removeprefix("data:")
            if kind in _KINDS:
                return kind, base64.b64decode(data)
    raise WorkError("There is no such take.", "Reload the page.")
