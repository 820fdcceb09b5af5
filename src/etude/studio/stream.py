"""News as server-sent events: the queue, and what one job says, from any place on.

An event carries its number as id, so that a browser that lost the line, slept or was reloaded goes on where
it was (Last-Event-ID). What is sent comes from disk, so that another server can go on with it too.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from etude import api
from etude.config.studio import STUDIO
from etude.jobs.queue import OVER
from etude.store.jobs import START, Job
from etude.studio.here import Here
from etude.studio.words import job_line


async def live(request: Request) -> Response:
    """The queue whenever it changes."""
    here: Here = request.app.state.here
    return _streamed(here, _queue(here, request))


async def job(request: Request) -> Response:
    """What a job says, from the event after Last-Event-ID on, then how it stands."""
    here: Here = request.app.state.here
    name = request.path_params["job"]
    await run_in_threadpool(api.job, here.ws, name)  # raises where there is none
    last = request.headers.get("last-event-id") or request.query_params.get("after", "0")
    return _streamed(here, _events(here, request, name, int(last) if last.isdigit() else 0))


def _streamed(here: Here, parts: AsyncIterator[str]) -> Response:
    if here.streams >= STUDIO.streams:
        sentence = f"{STUDIO.streams} pages listen already, which is the most."
        return JSONResponse({"error": sentence, "hint": "Close some."}, 503)
    return StreamingResponse(_counted(here, parts), media_type="text/event-stream")


async def _counted(here: Here, parts: AsyncIterator[str]) -> AsyncIterator[str]:
    here.streams += 1
    try:
        async for part in parts:
            yield part
    finally:
        here.streams -= 1


async def _queue(here: Here, request: Request) -> AsyncIterator[str]:
    turn, said = -1, time.monotonic()
    while not here.stopping.is_set() and not await request.is_disconnected():
        if turn != here.turn:
            turn, said = here.turn, time.monotonic()
            yield _event("jobs", [summary(one) for one in here.jobs[-12:]])
        elif time.monotonic() - said > STUDIO.heartbeat_s:
            said = time.monotonic()
            yield ": here\n\n"
        await asyncio.sleep(STUDIO.stream_s)


async def _events(here: Here, request: Request, name: str, after: int) -> AsyncIterator[str]:
    place, said, state = START, time.monotonic(), ""
    while not here.stopping.is_set() and not await request.is_disconnected():
        shown = await run_in_threadpool(api.job, here.ws, name, after=place)
        place = shown.place
        for event in shown.events:
            if event.number > after:
                said = time.monotonic()
                yield _event("said", event.said, event.number)
        if shown.job.state != state:
            state = shown.job.state
            yield _event("state", {**summary(shown.job), "answer": _short(shown.answer)})
        if state in OVER and here.turn:
            await asyncio.sleep(4 * STUDIO.stream_s)  # it may be resumed from this very page
        if time.monotonic() - said > STUDIO.heartbeat_s:
            said = time.monotonic()
            yield ": here\n\n"
        await asyncio.sleep(STUDIO.stream_s)


def _short(answer: Any) -> Any:
    """An answer that a page has use for; a record of megabytes stays where it is."""
    return answer if len(json.dumps(answer)) <= STUDIO.body_bytes else None


def summary(job: Job) -> dict[str, Any]:
    """A job for a page: nothing of this machine's folders."""
    return {
        "id": job.id,
        "title": job.title,
        "verb": job.words[0],
        "state": job.state,
        "asked": job.asked,
        "after": job.after,
        "line": job_line(job),
        "message": job.message,
        "hint": job.hint,
    }


def _event(kind: str, said: Any, number: int | None = None) -> str:
    head = f"id: {number}\n" if number is not None else ""
    return f"{head}event: {kind}\ndata: {json.dumps(said, ensure_ascii=False)}\n\n"
