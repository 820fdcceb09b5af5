"""The studio under load: 200 pages that listen to events and 50 clients that click, on one machine. No answer
may be an error, and the server's memory must stay level.

    python bench/studio_load.py            ten minutes
    python bench/studio_load.py --quick    half a minute, 20 listeners and 5 clients
    python bench/studio_load.py --seconds 120

A click is a page, a picture's bytes or an act (a maker written down, a draft changed). Memory is the server's
resident set, read every second; the first fifth of the time warms up.
"""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import sys
import tarfile
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from _harness import ROOT, Row, Table, options, say, show

sys.path.insert(0, str(ROOT))
from tests.studio.server import Studio, start

from etude import api

PAGES = ("/collection", "/learn", "/desk", "/history", "/audit", "/draft", "/deliver", "/api/versions")


@dataclass
class Heard:
    """What came back."""

    status: Counter[int] = field(default_factory=Counter)
    broken: int = 0
    events: int = 0
    listening: int = 0
    seconds: list[float] = field(default_factory=list)


async def asked(studio: Studio, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
    """One request over a connection of its own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", studio.port)
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: {studio.own}\r\nCookie: {studio.cookie}\r\n"
        f"Origin: http://{studio.own}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    writer.write(head.encode() + body)
    await writer.drain()
    got = await reader.read()
    writer.close()
    return int(got.split(b" ", 2)[1]), got.partition(b"\r\n\r\n")[2]


async def listens(studio: Studio, heard: Heard, ends: float) -> None:
    """A page that listens to the queue, and comes back when the line is lost."""
    while time.monotonic() < ends:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", studio.port)
            head = f"GET /api/live HTTP/1.1\r\nHost: {studio.own}\r\nCookie: {studio.cookie}\r\n\r\n"
            writer.write(head.encode())
            await writer.drain()
            status = int((await reader.readline()).split(b" ")[1])
            heard.status[status] += status != 200
            heard.listening += 1
            while time.monotonic() < ends:
                line = await asyncio.wait_for(reader.readline(), max(0.1, ends - time.monotonic()))
                if not line:
                    heard.broken += 1
                    break
                heard.events += line.startswith((b"event:", b":"))
            writer.close()
        except TimeoutError:
            return
        except OSError:
            heard.broken += 1


async def clicks(studio: Studio, heard: Heard, ends: float, number: int, works: list[str]) -> None:
    """A client that looks around and writes, with a pause as of somebody who reads."""
    draw = random.Random(number)
    while time.monotonic() < ends:
        began = time.monotonic()
        try:
            turn = draw.random()
            if turn < 0.75:
                status, _ = await asked(studio, "GET", draw.choice(PAGES))
            elif turn < 0.9:
                status, _ = await asked(studio, "GET", f"/collection/{draw.choice(works)}")
            else:
                body = f'{{"name": "of {number}", "medium": "text"}}'.encode()
                status, _ = await asked(studio, "POST", "/api/draft/new", body)
                status = 200 if status == 400 else status  # it is there already
            heard.status[status] += 1
        except OSError:
            heard.broken += 1
        heard.seconds.append(time.monotonic() - began)
        await asyncio.sleep(draw.uniform(0.5, 1.5))


async def load(
    studio: Studio, listeners: int, clients: int, seconds: float, works: list[str]
) -> tuple[Heard, list[float]]:
    """All of them at once; the server's memory in MB, every second."""
    heard, ends = Heard(), time.monotonic() + seconds
    process, memory = psutil.Process(studio.process.pid), []

    async def watch() -> None:
        while time.monotonic() < ends:
            memory.append(process.memory_info().rss / 1e6)
            await asyncio.sleep(1.0)

    everybody = [listens(studio, heard, ends) for _ in range(listeners)]
    everybody += [clicks(studio, heard, ends, i, works) for i in range(clients)]
    await asyncio.gather(watch(), *everybody)
    return heard, memory


def main() -> None:
    """Start, load, look."""
    parser = options(__doc__)
    parser.add_argument("--seconds", type=float, default=600.0)
    chosen = parser.parse_args()
    listeners, clients, seconds = (20, 5, 30.0) if chosen.quick else (200, 50, chosen.seconds)
    folder = Path(tempfile.mkdtemp(prefix="etude-bench-load-"))
    os.environ.setdefault("ETUDE_HOME", str(folder / "home"))
    try:
        with tarfile.open(ROOT / "tests" / "before" / "text.tar.xz") as archive:
            archive.extractall(folder, filter="data")
        works = [work.id for work in api.works(api.open_project(folder / "text")).works]
        studio = start(folder / "text")
        try:
            studio.enter()
            say(f"{listeners} listeners and {clients} clients for {seconds:.0f} s")
            heard, memory = asyncio.run(load(studio, listeners, clients, seconds, works))
        finally:
            studio.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    level = memory[len(memory) // 5 :]
    first, last = (sum(part) / len(part) for part in (level[: len(level) // 4], level[-(len(level) // 4) :]))
    times = sorted(heard.seconds)
    found = {
        "clicks answered": float(sum(heard.status.values())),
        "answers that were errors": float(sum(n for status, n in heard.status.items() if status >= 400)),
        "lines that broke": float(heard.broken),
        "listeners": float(heard.listening),
        "events heard": float(heard.events),
        "a click, median, ms": 1000 * times[len(times) // 2],
        "a click, 95th percentile, ms": 1000 * times[int(0.95 * len(times))],
        "memory after warming up, MB": first,
        "memory at the end, MB": last,
        "growth, %": 100 * (last / first - 1),
    }
    rows = [Row(name, {"figure": f"{value:,.1f}"}) for name, value in found.items()]
    title = f"The studio with {listeners} listeners and {clients} clients for {seconds:.0f} s"
    show(Table("studio_load", title, ("figure",), tuple(rows), raw=found))


if __name__ == "__main__":
    main()
