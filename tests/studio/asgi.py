"""Requests to an ASGI application in this process, with nothing between: what a browser would never send can
be sent too."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from etude.studio.guard import App, Door

Headers = Iterable[tuple[str, str]]


@dataclass(frozen=True)
class Got:
    """What was answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """Whoever has the cookie, on a page of ours."""

    def __init__(self, app: App, door: Door) -> None:
        self.app, self.door = app, door
        self.cookie = (door.exchange(door.token()) or "").partition(";")[0]
        self._loop = asyncio.new_event_loop()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    @property
    def own(self) -> dict[str, str]:
        """The headers of our own pages."""
        host = f"127.0.0.1:{self.door.port}"
        return {
            "host": host,
            "cookie": self.cookie,
            "origin": f"http://{host}",
            "sec-fetch-site": "same-origin",
        }

    def ask(
        self, method: str, path: str, body: Any = None, *, headers: Headers | None = None, **more: str
    ) -> Got:
        """One request. `headers` replace all of our own, `more` are added (with _ for -)."""
        said = list(self.own.items()) if headers is None else list(headers)
        said += [(name.replace("_", "-"), value) for name, value in more.items()]
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        return self._loop.run_until_complete(self._ask(method, path, said, data))

    def get(self, path: str) -> Got:
        return self.ask("GET", path)

    def post(self, path: str, body: Any, **more: str) -> Got:
        return self.ask("POST", path, body, headers=None, **more)

    async def _ask(self, method: str, path: str, headers: Headers, data: bytes) -> Got:
        plain, _, query = path.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(plain),
            "raw_path": plain.encode("latin-1", "replace"),
            "query_string": query.encode("latin-1", "replace"),
            "root_path": "",
            "headers": [(k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in headers],
            "client": ("127.0.0.1", 50000),
            "server": ("127.0.0.1", self.door.port),
        }
        sent: list[Any] = []
        asked = iter([{"type": "http.request", "body": data, "more_body": False}])

        async def receive() -> Any:
            message = next(asked, None)
            if message is None:
                await asyncio.Event().wait()  # whoever asked stays on the line
            return message

        async def send(message: Any) -> None:
            sent.append(message)

        await asyncio.wait_for(self.app(scope, receive, send), 30)
        start = next(one for one in sent if one["type"] == "http.response.start")
        whole = b"".join(one.get("body", b"") for one in sent if one["type"] == "http.response.body")
        found = {k.decode().lower(): v.decode("latin-1") for k, v in start["headers"]}
        return Got(start["status"], found, whole)
