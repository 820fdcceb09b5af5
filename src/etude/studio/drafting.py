"""What a person does at a desk where they write: drafts, takes for a place of one, and the marks while they
type. Quick verbs are done here; whatever needs a network is asked of the companion.

Places are counted as the browser counts them; see utf16.py. Knows no medium.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from etude import api
from etude.config.studio import STUDIO
from etude.errors import ProjectError
from etude.families import family_of
from etude.families.contract import Control
from etude.store.files import check_name
from etude.studio import uploads
from etude.studio.acts import checked_controls, read
from etude.studio.content import ALONE
from etude.studio.forms import values
from etude.studio.here import Changed, Here
from etude.studio.previews import drawn
from etude.studio.requests import Said, answered, is_id, text, whole
from etude.studio.utf16 import counter, to_character


def _name(said: Said) -> str:
    return check_name(text(said, "name"), "draft")


def _raw(said: Said, name: str) -> str:
    """A text as it is, blanks at its ends too."""
    value = said.get(name, "")
    if not isinstance(value, str) or "\x00" in value:
        raise ProjectError(f"'{name}' must be text.", "Reload the page.")
    return value


def _state(found: api.DraftInfo) -> dict[str, Any]:
    """A draft without its text."""
    return {
        "name": found.name,
        "version": found.version,
        "undo": found.undo,
        "redo": found.redo,
        "takes": list(found.takes),
    }


async def get(request: Request) -> Response:
    """A draft with its text."""
    here: Here = request.app.state.here
    found = await run_in_threadpool(api.draft, here.ws, request.path_params["draft"])
    return answered({**_state(found), "text": found.text})


async def new(request: Request) -> Response:
    """A new draft, empty, or with a work, take or piece, or with a file that was dropped."""
    here, said = await read(request)
    if drop := text(said, "drop"):
        given = {"name": text(said, "name") or _unused(here), "source": str(uploads.only(here, drop))}
        made = await run_in_threadpool(here.companion.ask, "draft_new", given)
        return answered({"name": made["name"]})
    source = text(said, "source", 40)
    if source and not is_id(source, "wtp"):
        raise ProjectError("What to begin with must be a work, a take or a piece.", "Choose one.")
    name = text(said, "name") or _unused(here)
    how: dict[str, Any] = {"source": source} if source else {"medium": text(said, "medium") or "text"}
    return answered(_state(await run_in_threadpool(here.act, partial(api.draft_new, name=name, **how))))


def _unused(here: Here) -> str:
    """'draft 1', or the next that is free."""
    taken = {draft.name for draft in api.drafts(here.ws).drafts}
    return next(name for i in range(1, len(taken) + 2) if (name := f"draft {i}") not in taken)


async def put(request: Request) -> Response:
    """One change of a draft: at a code unit, what goes, what comes."""
    here, said = await read(request)
    done = await run_in_threadpool(here.act, _put, said=said)
    return answered(_state(done))


def _put(ws: Any, said: Said) -> api.DraftInfo:
    name, version = _name(said), whole(said, "version", 0, 0, 10**9)
    take = text(said, "take", 40)
    if take and not is_id(take, "t"):
        raise ProjectError("'take' must be the id of a take.", "Reload the page.")
    now = api.draft(ws, name)
    if version != now.version:
        raise Changed(
            f"The draft '{name}' was changed in another window or by a command since it was loaded here.",
            "Nothing was overwritten. Copy what you need, then load the page again.",
        )
    if "whole" in said:
        return api.draft_put(ws, name, _raw(said, "whole"), take=take, version=version)
    at = to_character(now.text, whole(said, "at", 0, 0, 10**9))
    return api.draft_put(
        ws, name, change=(at, _raw(said, "gone"), _raw(said, "here")), take=take, version=version
    )


async def taken(request: Request) -> Response:
    """A draft becomes what a dropped file holds; the change can be undone."""
    here, said = await read(request)
    file = uploads.only(here, text(said, "drop"))
    given = {"name": _name(said), "file": str(file), "version": whole(said, "version", 0, 0, 10**9)}
    done = await run_in_threadpool(here.companion.ask, "draft_put", given)
    return answered({key: done[key] for key in ("name", "version", "undo", "redo", "takes", "text")})


async def undo(request: Request) -> Response:
    """One change back or forward, with the text as it is then."""
    here, said = await read(request)
    done = await run_in_threadpool(here.act, api.draft_undo, _name(said), redo=bool(said.get("redo")))
    return answered({**_state(done), "text": done.text})


async def keep(request: Request) -> Response:
    """A draft becomes a piece."""
    here, said = await read(request)
    title, note = text(said, "title", STUDIO.title_chars), text(said, "note", 1000)
    return answered(await run_in_threadpool(here.act, api.draft_keep, _name(said), title=title, note=note))


async def remove(request: Request) -> Response:
    """A draft to the trash."""
    here, said = await read(request)
    return answered(await run_in_threadpool(here.act, api.draft_rm, _name(said)))


async def takes(request: Request) -> Response:
    """Takes for a place of a draft."""
    here, said = await read(request)
    return answered(await run_in_threadpool(_takes, here, said))


def _takes(here: Here, said: Said) -> dict[str, Any]:
    found, name = here.ws.project.model(text(said, "model")), _name(said)
    now = api.draft(here.ws, name)
    given: dict[str, Any] = {"name": now.name, "model": found.id, "n": whole(said, "n", 3, 1, 16)}
    for place in ("at", "until"):
        if place in said:
            given[place] = to_character(now.text, whole(said, place, 0, 0, 10**9))
    given |= asked(said, family_of(found.header).controls)
    made: dict[str, Any] = here.companion.ask("draft_make", given)
    units = counter(now.text)
    return {**made, "at": units(made["at"]), "until": units(made["until"])}


def asked(said: Said, table: Sequence[Control]) -> dict[str, Any]:
    """The controls of a form as keywords. Raises TakeError for what is no control, or out of its limits."""
    like = said.get("like", {})
    if not isinstance(like, dict) or not all(isinstance(value, str) for value in like.values()):
        raise ProjectError("'like' must name values.", "Reload the page.")
    chosen = {key: value for key, value in like.items() if value}
    return values(table, checked_controls(said, table)) | ({"like": chosen} if chosen else {})


async def marks(request: Request) -> Response:
    """What of a text stands in the works of a model, in code units; with `voice` what the model says."""
    here, said = await read(request)
    return answered(await run_in_threadpool(_marks, here, said))


def _marks(here: Here, said: Said) -> dict[str, Any]:
    words = _raw(said, "text")
    if len(words) > STUDIO.window_chars:
        raise ProjectError(
            f"These are {len(words):,} characters; {STUDIO.window_chars:,} are marked at once.",
            "Ask in parts.",
        )
    model = text(said, "model")
    if said.get("voice"):
        found = here.companion.ask("marks", {"text": words, "model": model, "voice": True})
    else:
        with here.indexing:
            found = api.to_json(api.marks(here.ws, text=words, model=model))
    units = counter(words)
    for one in (*found["borrowed"], *found["voice"]):
        one["start"], one["end"] = units(one["start"]), units(one["end"])
    kept: dict[str, Any] = found
    return kept


async def view(request: Request) -> Response:
    """A draft as a picture, as sound or as a file, as it is at a version."""
    here: Here = request.app.state.here
    found = await run_in_threadpool(api.draft, here.ws, request.path_params["draft"])
    made, kind, name = await run_in_threadpool(drawn, here.ws, found, request.path_params["form"])
    headers = {
        "content-security-policy": ALONE,
        "content-disposition": f"attachment; filename*=UTF-8''{quote(name)}",
    }
    return Response(made, media_type=kind, headers=headers)


async def passage(request: Request) -> Response:
    """The words of a work that a mark points at."""
    here: Here = request.app.state.here
    work, span = request.path_params["work"], request.path_params["span"].split("-")
    if (
        not is_id(work, "w")
        or len(span) != 2
        or not all(part.isdecimal() and len(part) < 10 for part in span)
    ):
        raise ProjectError("There is no such passage.", "Reload the page.")
    found = await run_in_threadpool(api.passage, here.ws, work, int(span[0]), int(span[1]))
    return answered(found)
