"""`python -m etude.studio [--new=DIR] [--file=FILE] [--in=DIR] [--port=N] [--show]`: open a project, bind the
loopback, print a link that works once, serve.

`etude studio` becomes this process, and has checked what was given.
"""

from __future__ import annotations

import ctypes
import logging
import os
import socket
import sys
import webbrowser
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import FrameType

import uvicorn

from etude import api
from etude.config.studio import STUDIO
from etude.errors import EtudeError
from etude.studio.app import build
from etude.studio.here import Here
from etude.workspace.core import Workspace

PAGES = {  # of the first folder that a file of a project lies in
    "works": "/collection",
    "collections": "/collection",
    "models": "/desk",
    "pieces": "/deliver",
    "drafts": "/draft",
}


def listening(port: int) -> socket.socket:
    """A socket on the loopback alone; any free port where the usual one is taken."""
    for wanted in (port, 0):
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):
            sock.bind(("127.0.0.1", wanted))
            sock.listen(128)  # the link is printed now: whoever follows it at once waits a moment
            return sock
        sock.close()
    raise EtudeError("No port of this machine is free.", "Close other programs and try again.")


M_ARENA_MAX = -8  # of mallopt(3)


class Server(uvicorn.Server):
    """One that lets its streams end by themselves when it is asked to."""

    def __init__(self, config: uvicorn.Config, here: Here) -> None:
        super().__init__(config)
        self.here = here

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Ctrl-C, or a request to end."""
        self.here.stopping.set()
        super().handle_exit(sig, frame)


def _opened(said: Mapping[str, str]) -> Workspace:
    """The project that was meant, made where there is none."""
    if new := said.get("--new"):
        if api.init(new).created:
            print("Created a project.", file=sys.stderr)
        return api.open_project(new)
    return api.open_project(said.get("--file") or said.get("--in"))


def _page(ws: Workspace, file: str) -> str:
    """Where a file of the project belongs."""
    if not file:
        return "/"
    inside = Path(file).resolve().relative_to(ws.project.root).parts
    return PAGES.get(inside[0] if inside else "", "/")


def few_arenas() -> None:
    """Let the allocator of the GNU C library share two arenas between all threads: with one for each, memory
    grew by 4.6 % in two and a half minutes of load and went on, with two by 1.6 %, and stood."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 2)


def main(given: list[str]) -> int:
    """Serve until Ctrl-C. Workers go on; the next start finds them."""
    few_arenas()
    said = dict(word.partition("=")[::2] for word in given)
    ws = _opened(said)
    page = _page(ws, said.get("--file", ""))
    os.chdir(ws.project.root)
    sock = listening(int(said.get("--port", STUDIO.port)))
    bound = int(sock.getsockname()[1])
    here = Here(ws, bound)
    link = f"http://127.0.0.1:{bound}/enter#{here.door.token()}{page if page != '/' else ''}"
    print(f"The studio of {ws.project.root.name}: {link}", flush=True)
    print(
        "The link works once, on this machine. Ctrl-C closes the studio; learning goes on.", file=sys.stderr
    )
    config = uvicorn.Config(
        build(here),
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        ws="none",
        timeout_graceful_shutdown=2,
        limit_concurrency=STUDIO.streams * 2,
    )
    if "--show" in said:
        webbrowser.open(link)
    with suppress(KeyboardInterrupt):  # how uvicorn hands on what ended it
        Server(config, here).run(sockets=[sock])
    print("The studio is closed.", file=sys.stderr)
    return 0


if __name__ == "__main__":
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    try:
        sys.exit(main(sys.argv[1:]))
    except EtudeError as error:
        print(f"Error: {error.message}\n  {error.hint}", file=sys.stderr)
        sys.exit(error.exit_code)
