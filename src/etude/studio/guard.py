"""The outermost guard: who may talk to the server at all, and what every answer carries.

A page of anybody's can reach the loopback: by a form, a script, or a name of its own that it points here (DNS
rebinding). So a request must name this server as its host, come from a page of this server where it changes
something, and carry the cookie that a one-time link was exchanged for. Plain ASGI, so that nothing is served
past it, websockets least of all. Knows no route but the one where a link is exchanged.
"""

from __future__ import annotations

import hmac
import json
import secrets
import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any

from etude.config.studio import STUDIO

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "media-src 'self' blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "frame-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "object-src 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    ]
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), usb=(), payment=()",
    "cache-control": "no-store",
}
SAFE = ("GET", "HEAD")
OPEN = ("/enter", "/static/")  # what a browser needs before it has the cookie


class Door:
    """The secrets of one start of the server: the cookie's value, and one-time tokens for links."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookie = f"etude-{port}"  # cookies are shared between the ports of a host
        self._session = secrets.token_urlsafe(32)
        self._tokens: dict[str, float] = {}

    def token(self) -> str:
        """A token for a link, good once and not for long."""
        token = secrets.token_urlsafe(32)
        self._tokens[token] = time.monotonic() + STUDIO.token_s
        return token

    def exchange(self, token: str) -> str | None:
        """The value of the cookie's header for a token that was not used yet."""
        ends = self._tokens.pop(token, 0.0)
        if time.monotonic() >= ends:
            return None
        kept = "Path=/; Max-Age=2592000; HttpOnly; SameSite=Strict"  # the secret dies with this server anyway
        return f"{self.cookie}={self._session}; {kept}"

    def knows(self, cookies: Iterable[str]) -> bool:
        """Whether one of these headers carries the cookie."""
        for header in cookies:
            try:
                found = SimpleCookie(header).get(self.cookie)
            except CookieError:
                continue
            if found is not None and hmac.compare_digest(found.value.encode(), self._session.encode()):
                return True
        return False


class Guard:
    """An ASGI application around another."""

    def __init__(self, app: App, door: Door) -> None:
        self.app, self.door = app, door
        self.hosts = {f"{name}:{door.port}" for name in ("127.0.0.1", "localhost", "[::1]")}
        self.origins = {f"http://{host}" for host in self.hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let through what may pass; everything else is answered here."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        refused = self._refused(scope)
        if refused is not None:
            await _answer(_with_headers(send), *refused)
            return
        await self.app(scope, receive, _with_headers(send))

    def _refused(self, scope: Scope) -> tuple[int, str] | None:
        """The status and the sentence for a request that may not pass."""
        hosts = _values(scope, b"host")
        if len(hosts) != 1 or hosts[0].lower() not in self.hosts:
            return (
                421,
                f"This is Etude's studio on this machine alone: open http://127.0.0.1:{self.door.port}",
            )
        if scope["method"] not in SAFE:
            origins, sites = _values(scope, b"origin"), _values(scope, b"sec-fetch-site")
            ours = len(origins) == 1 and origins[0] == f"http://{hosts[0].lower()}"
            if not ours or any(site not in ("same-origin", "none") for site in sites):
                return 403, "This request does not come from a page of the studio."
        elif "cross-site" in _values(scope, b"sec-fetch-site") and scope["path"].startswith(
            ("/api", "/content")
        ):
            return 403, "Another site may not read the studio."
        path = scope["path"]
        if path == OPEN[0] or path.startswith(OPEN[1]):
            return None
        if not self.door.knows(_values(scope, b"cookie")):
            return 401, "Open the studio by the link that `etude studio` prints; a link works once."
        return None


def _values(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name]


def _with_headers(send: Send) -> Send:
    """Add our headers to every answer that has not set them itself."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            there = {key.lower() for key, _ in message.get("headers", ())}
            more = [(k.encode(), v.encode()) for k, v in HEADERS.items() if k.encode() not in there]
            message = {**message, "headers": [*message.get("headers", ()), *more]}
        await send(message)

    return sending


async def _answer(send: Send, status: int, sentence: str) -> None:
    body = json.dumps({"schema": "etude.error/1", "error": sentence, "hint": "etude studio"}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
