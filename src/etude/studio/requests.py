"""What a page sends, read and checked, and what it is answered: JSON in, JSON out, an error never as a 200.

Knows no verb.
"""

from __future__ import annotations

import gzip
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from etude import api
from etude.config.studio import STUDIO
from etude.errors import EtudeError, ProjectError
from etude.studio.here import Changed

_LOG = logging.getLogger("etude.studio")
_STATUS: tuple[tuple[type[EtudeError], int], ...] = ((Changed, 412),)
Said = Mapping[str, Any]
Handler = Callable[[Request], Awaitable[Response]]


async def body(request: Request) -> Said:
    """The object that a page sent. Raises ProjectError for anything else, or for too much."""
    data = b""
    async for chunk in request.stream():
        data += chunk
        if len(data) > STUDIO.body_bytes:
            raise ProjectError(
                f"The request is larger than {STUDIO.body_bytes:,} bytes.", "Drop a file in its place."
            )
    try:
        said = json.loads(data)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise ProjectError("The request holds no JSON object.", "Reload the page.")
    return said


def text(said: Said, name: str, most: int = 200) -> str:
    """A field of words; '' where it is not there. Raises ProjectError where it is none, or too long."""
    value = said.get(name, "")
    if not isinstance(value, str) or len(value) > most:
        raise ProjectError(f"'{name}' must be at most {most:,} characters of text.", "Shorten it.")
    if "\x00" in value:
        raise ProjectError(f"'{name}' holds a character that no text has.", "Type it anew.")
    return value.strip()


def whole(said: Said, name: str, usual: int, least: int, most: int) -> int:
    """A field that is a whole number within limits. Raises ProjectError with both."""
    value = said.get(name, usual)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise ProjectError(f"'{name}' must be a whole number from {least} to {most}.", "Change it.")
    return value


def ids(said: Said, name: str, kinds: str, most: int = 10_000) -> list[str]:
    """A field that lists ids beginning with one of the letters `kinds`. Raises ProjectError for anything
    else."""
    found = said.get(name, [])
    if not isinstance(found, list) or len(found) > most or not all(is_id(one, kinds) for one in found):
        raise ProjectError(f"'{name}' must list ids.", "Reload the page.")
    return found


def is_id(value: Any, kinds: str) -> bool:
    """Whether a value is the id of a work (w), take (t) or piece (p), and never a path."""
    return (
        isinstance(value, str)
        and 4 < len(value) < 40
        and value[0] in kinds
        and value[1] == "-"
        and value[2:].isalnum()
        and value.isascii()
    )


def answered(value: Any, status: int = 200) -> Response:
    """An answer of a verb as JSON."""
    return JSONResponse(api.to_json(value), status)


def packed(request: Request, value: Any) -> Response:
    """A long answer as JSON, compressed where the browser takes it so."""
    data = json.dumps(api.to_json(value), ensure_ascii=False, separators=(",", ":")).encode()
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(data, media_type="application/json")
    headers = {"content-encoding": "gzip", "vary": "accept-encoding"}
    return Response(gzip.compress(data, 5, mtime=0), media_type="application/json", headers=headers)


def told(handler: Handler) -> Handler:
    """Whatever goes wrong in a handler is told in one sentence and with the status of an error; of our own
    mistakes the terminal sees the traceback and the page does not."""

    async def run(request: Request) -> Response:
        try:
            return await handler(request)
        except EtudeError as error:
            status = next((code for kind, code in _STATUS if isinstance(error, kind)), 400)
            return refused(error.message, error.hint, status)
        except ClientDisconnect:
            return refused("The page went away.", "", 400)
        except Exception as error:  # noqa: BLE001  (the edge: nothing may leave as a traceback)
            _LOG.exception("%s %s", request.method, request.url.path)
            return refused(
                f"Etude failed: {type(error).__name__}.", "The terminal says where; please report it.", 500
            )

    return run


def refused(message: str, hint: str, status: int) -> Response:
    """An error as JSON."""
    return JSONResponse({"schema": "etude.error/1", "error": message, "hint": hint}, status)
