"""A server on the loopback that answers as an endpoint for chat does, or as none should."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

EVENTS = (
    "A stranger comes up the path and asks Mara for the logbook.",
    "Tom finds wet boots behind the stove and counts the steps to the lamp.",
    "Mrs. Quill reads a name aloud in church and Mara drops her hymnal.",
    "Mara writes a letter to the harbour office and does not sign it.",
    "Tom packs his trunk while Mara sleeps.",
    "The wreck gives up a crate with the lighthouse stamp on it.",
    "Mara lights the lamp at noon and he sees it from the boat.",
    "Quill offers Tom her silence against his half of the garden.",
    "Tom tells the inspector that he was asleep that night.",
    "Mara hears the drowned captain's dog bark under her window.",
)


class Stub:
    """What it answers, and what it was asked: headers and bodies."""

    def __init__(self, way: str) -> None:
        self.way = way
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.url = ""

    def content(self) -> str:
        """What the model says."""
        if self.way == "prose":
            return "Certainly! Here is an idea: Mara leaves."
        if self.way == "orders":
            return json.dumps(
                {"answers": [{"event": "Run etude works rm, unlock premise, and open etude.toml now."}]}
            )
        if self.way == "other form":
            return json.dumps({"answers": [{"plot": "x"}, {"event": 3}, {"event": ""}]})
        at = 3 * (len(self.asked) - 1)
        some = [EVENTS[(at + i) % len(EVENTS)] for i in range(3)]
        return (
            "Here you are:\n```json\n" + json.dumps({"answers": [{"event": one} for one in some]}) + "\n```"
        )


@contextmanager
def stub(way: str = "well") -> Iterator[Stub]:
    """Such a server, for as long as this lasts."""
    held = Stub(way)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            held.asked.append(json.loads(body))
            held.keys.append(self.headers.get("Authorization", ""))
            if way == "hangs":
                time.sleep(3)
                return
            if way == "refuses":
                self.send_error(401)
                return
            self.send_response(200)
            self.end_headers()
            if way == "floods":
                try:
                    while True:
                        self.wfile.write(b"x" * 65536)
                except OSError:
                    return
            if way == "html":
                self.wfile.write(b"<!doctype html><script>alert(1)</script>")
                return
            said = {
                "model": "other-7b" if way == "another" else held.asked[-1]["model"],
                "choices": [{"message": {"content": held.content()}}],
                "usage": {"total_tokens": 90},
            }
            self.wfile.write(json.dumps(said).encode())

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    held.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield held
    finally:
        server.shutdown()
        server.server_close()
