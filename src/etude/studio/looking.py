"""What a person does at a wall of pictures: look at takes that nobody has kept yet, turn sliders, morph,
begin with a sketch, and keep what pleases. All of it is asked of the companion, which holds the model
open."""

from __future__ import annotations

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from etude import api
from etude.config.studio import STUDIO
from etude.errors import WorkError
from etude.families import family_of
from etude.studio import uploads
from etude.studio.acts import read
from etude.studio.content import ALONE, KEPT
from etude.studio.drafting import asked
from etude.studio.here import Here
from etude.studio.requests import Said, answered, is_id, text, whole


def _given(here: Here, said: Said, most: int) -> dict[str, Any]:
    """What glimpses and takes of them have in common, as keywords."""
    found = here.ws.project.model(text(said, "model"))
    given: dict[str, Any] = {"model": found.id, "n": whole(said, "n", 12, 1, most)}
    if "seed" in said:
        given["seed"] = whole(said, "seed", 1, 0, 2**53)
    if source := text(said, "source", 40):
        if not is_id(source, "wtp"):
            raise WorkError("What to begin with must be a work, a take or a piece.", "Choose one.")
        given["source"] = source
    elif drop := text(said, "drop"):
        given["source"] = str(uploads.only(here, drop))
    return given | asked(said, family_of(found.header).controls)


async def glimpse(request: Request) -> Response:
    """Looks of takes that are not kept."""
    here, said = await read(request)
    return answered(await run_in_threadpool(_glimpse, here, said))


def _glimpse(here: Here, said: Said) -> Any:
    given = _given(here, said, 64) | {"first": whole(said, "first", 0, 0, 10**6)}
    if "of" in said:
        given["of"] = whole(said, "of", 1, 1, 64)
    return here.companion.ask("glimpse", given)


async def keep(request: Request) -> Response:
    """One of them becomes a take."""
    here, said = await read(request)
    return answered(await run_in_threadpool(_keep, here, said))


def _keep(here: Here, said: Said) -> Any:
    given = _given(here, said, 64) | {"index": whole(said, "index", 0, 0, 10**6)}
    made = here.companion.ask("glimpse_keep", given)
    return {"take": made["takes"][0]["id"]}


async def name(request: Request) -> Response:
    """A slider gets a name."""
    here, said = await read(request)
    model, number = text(said, "model"), whole(said, "number", 1, 1, 1000)
    word = text(said, "name", 60)
    done = await run_in_threadpool(here.act, lambda ws: api.sliders(ws, model, name=(number, word)))
    return answered(done)


async def strip(request: Request) -> Response:
    """The preview strip of a slider: takes at -2 to 2 standard deviations. Made once for a model."""
    here: Here = request.app.state.here
    number = request.path_params["number"]
    if not number.isdecimal() or not 1 <= int(number) <= 1000:
        raise WorkError("There is no such slider.", "Reload the page.")
    path = await run_in_threadpool(_strip, here, request.path_params["model"], int(number))
    return FileResponse(
        path, media_type="image/png", headers={"content-security-policy": ALONE, "cache-control": KEPT}
    )


def _strip(here: Here, model: str, number: int) -> str:
    found = here.ws.project.model(model)
    folder = here.ws.project.cache_dir("previews") / f"sliders-{found.id}"
    path = folder / f"slider-{number}.png"
    if not path.exists():
        here.companion.ask("sliders", {"model": found.id, "out": str(folder)}, STUDIO.companion_s)
    if not path.exists():
        raise WorkError("There is no such slider.", "Reload the page.")
    return str(path)
