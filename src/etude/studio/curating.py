"""The page of proposals for a collection: near-duplicates side by side, the map, what to collect more of, and
what is proposed, each accepted by itself and taken back again. Looking is a job; so is accepting.

Knows no medium.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from etude import api
from etude.config.studio import STUDIO
from etude.errors import ProjectError, clean
from etude.media import MEDIA
from etude.studio.acts import queued, read
from etude.studio.here import Here
from etude.studio.requests import Said, answered, packed, text
from etude.studio.stream import summary

KINDS = ("split", "twins", "balance")  # that can be accepted; everything else is done to works


def proposals(here: Here, asked: Mapping[str, str]) -> dict[str, Any]:
    """A collection to be looked at, and the job that looked last."""
    ws, name = here.ws, asked.get("name", "")
    homes = api.collections(ws).collections
    chosen = next((home for home in homes if home.name == name), homes[0] if homes and not name else None)
    if name and chosen is None:
        raise ProjectError(f"There is no collection '{clean(name, 40)}'.", "Choose one on the left.")
    looks = [job for job in api.jobs(ws).jobs if chosen and list(job.words[:2]) == ["curate", chosen.name]]
    looks = [job for job in looks if "--undo" not in job.words]
    last = looks[-1] if looks else None
    works = api.works(ws, collection=chosen.name).works if chosen else ()
    return {
        "homes": homes,
        "name": chosen.name if chosen else "",
        "works": len(works),
        "pictured": bool(chosen and not MEDIA[chosen.medium].edited_as),
        "job": last.id if last and last.state in ("queued", "running", "done") else "",
        "version": here.version("works"),
    }


async def curate(request: Request) -> Response:
    """Look at a collection, or accept proposals of some kinds (`only`)."""
    here, said = await read(request)
    return answered(summary(await run_in_threadpool(_curate, here, said)))


def _home(here: Here, said: Said) -> str:
    name = text(said, "name")
    if name not in {home.name for home in here.act(api.collections).collections}:
        raise ProjectError("There is no such collection.", "Reload the page.")
    return name


def _curate(here: Here, said: Said) -> Any:
    name = _home(here, said)
    command = ["curate", name]
    targets, only = said.get("targets", []), said.get("only", [])
    for given, most in ((targets, 40), (only, len(KINDS))):
        if not isinstance(given, list) or len(given) > most or not all(isinstance(x, str) for x in given):
            raise ProjectError("Targets and kinds of proposals must be lists of words.", "Reload the page.")
    if not set(only) <= set(KINDS):
        raise ProjectError("There is no such kind of proposal.", "Reload the page.")
    command += [f"--target={clean(target, STUDIO.title_chars)}" for target in targets if target.strip()]
    if balance := text(said, "balance", STUDIO.title_chars):
        command.append(f"--balance={balance}")
    if only:
        command += ["--apply", *(f"--only={kind}" for kind in only)]
    title = f"Accept a proposal for {name}" if only else f"Look at {name}"
    return queued(here, command, title[: STUDIO.title_chars])


async def undo(request: Request) -> Response:
    """Take back what was accepted last."""
    here, said = await read(request)

    def run() -> Any:
        return here.act(api.curate_undo, _home(here, said))

    return answered({"done": list(await run_in_threadpool(run))})


async def answer(request: Request) -> Response:
    """All that a job answered, however long; events carry only what is short."""
    here: Here = request.app.state.here
    found = await run_in_threadpool(api.job, here.ws, request.path_params["job"])
    return packed(request, {"state": found.job.state, "answer": found.answer})


async def about(request: Request) -> Response:
    """What is written about the works of a collection, in short: what a map is coloured by."""
    here: Here = request.app.state.here

    def run() -> Any:
        found = api.works(here.ws, collection=request.path_params["name"]).works
        return [[work.id, work.title, work.maker, dict(work.attrs)] for work in found]

    return packed(request, {"works": await run_in_threadpool(run)})


async def begins(request: Request) -> Response:
    """How a work begins, or a line about it."""
    here: Here = request.app.state.here
    found = await run_in_threadpool(api.work, here.ws, request.path_params["work"])
    return answered({"begins": found.begins[: STUDIO.text_chars], "unit": found.unit})
