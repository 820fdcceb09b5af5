"""Clips from a model of pictures: takes in an order (the timeline), and a loop that goes through them; and
any take or piece as a file of a chosen format. Knows no medium."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from etude import api
from etude.config.studio import STUDIO
from etude.errors import ProjectError, TakeError
from etude.media import MEDIA
from etude.studio.acts import queued, read
from etude.studio.content import ALONE
from etude.studio.desks import model_of_wall
from etude.studio.here import Here
from etude.studio.previews import TYPES
from etude.studio.requests import Said, answered, ids, is_id, text, whole
from etude.studio.stream import summary

KEYS = 24  # takes of one timeline
OFFERED = 48  # takes and clips that are shown, the newest


def timeline(here: Here, asked: Mapping[str, str]) -> dict[str, Any]:
    """The takes of a model that can stand on a timeline, and the clips that were made of it."""
    ws = here.ws
    model, models = model_of_wall(ws, asked)
    takes = [take for take in api.takes(ws).takes[::-1] if take.model == model.id]
    keys = [take for take in takes if take.medium == model.medium and "loop" not in take.controls]
    clips = [take for take in takes if "loop" in take.controls]
    return {
        "model": model,
        "models": list(reversed(models)),
        "keys": keys[:OFFERED],
        "clips": [(take, MEDIA[take.medium].formats) for take in clips[:OFFERED]],
        "most": KEYS,
    }


async def loop(request: Request) -> Response:
    """A loop through takes in an order, as a job; without any, a loop of the model's own."""
    here, said = await read(request)
    return answered(summary(await run_in_threadpool(_loop, here, said)))


def _loop(here: Here, said: Said) -> Any:
    found = here.ws.project.model(text(said, "model"))
    through = ids(said, "through", "twp", KEYS)
    if len(through) == 1:
        raise ProjectError("One take stands still.", "Put two or more on the timeline, or none.")
    tenths, rate = whole(said, "tenths", 30, 5, 600), whole(said, "rate", 16, 1, 60)
    command = [
        "loop",
        found.id,
        f"-n{whole(said, 'n', 1, 1, 8)}",
        f"--seconds={tenths / 10}",
        f"--rate={rate}",
    ]
    command += [f"--through={one}" for one in through]
    title = f"A loop through {len(through)} takes" if through else f"A loop of {found.name}"
    return queued(here, command, title[: STUDIO.title_chars])


async def copy(request: Request) -> Response:
    """A take or piece as a file of a format of its medium."""
    here: Here = request.app.state.here
    ref, fmt = request.path_params["ref"], request.path_params["fmt"]
    if not is_id(ref, "tp"):
        raise TakeError("That is not the id of a take or piece.", "Reload the page.")
    folder = here.ws.project.cache_dir("copies")
    done = await run_in_threadpool(lambda: api.export(here.ws, [ref], folder, fmt=fmt))
    kind = TYPES.get(f".{fmt.lower()}", "application/octet-stream")
    return FileResponse(
        done.files[0], media_type=kind, filename=f"{ref}.{fmt}", headers={"content-security-policy": ALONE}
    )
