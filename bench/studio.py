"""The studio in a real Chromium, with 5,000 works and 2,000 takes: how soon pages answer and paint, what they
weigh, and how soon marks follow a key in a text of 20,000 words against 20 MB of works.

    python bench/studio.py
    python bench/studio.py --quick    300 works and 1 MB

Works and takes are invented (bench/_works.py); the model is the one of a fixture. All are clock readings.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from _harness import ROOT, Row, Table, options, say, show
from _works import prose

sys.path.insert(0, str(ROOT))
from tests.studio.browser import opened
from tests.studio.server import Studio, start

from etude import api
from etude.takes.recipe import Recipe
from etude.workspace.core import Workspace

PAGES = (
    "/collection",
    "/curate",
    "/learn",
    "/desk",
    "/history",
    "/history?q=tide",
    "/audit",
    "/draft",
    "/draft/long",
    "/deliver",
)
OBSERVE = """window.inp = [];
new PerformanceObserver((list) => list.getEntries().forEach((one) => inp.push(one.duration)))
  .observe({ type: "event", durationThreshold: 16, buffered: true })"""


def filled(folder: Path, works: int, takes: int, size: int) -> Workspace:
    """A project with a model of verse, so many works of `size` bytes together, and so many takes."""
    with tarfile.open(ROOT / "tests" / "before" / "text.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    ws = api.open_project(folder / "text")
    made = folder / "works"
    made.mkdir()
    for i in range(works):
        (made / f"work-{i:04d}.txt").write_text(f"Work {i}\n\n{prose(size // works, i)}")
    api.add(ws, [made], collection="verse", maker="Me", licence="own", consent="yes")
    model, rows = api.models(ws).models[0], []
    for i in range(takes):
        recipe = Recipe("text", model=model.id, model_sha256="0", seed=10_000 + i)
        rows.append((recipe.to_json(), prose(400, 10_000 + i).encode()))
    with ws.project.lock():
        ws.project.put_takes(rows)
    api.draft_new(ws, "long")
    api.draft_put(ws, "long", " ".join(prose(200_000, 77_777).split(" ")[:20_000]))
    return ws


def p95(values: list[float]) -> float:
    """The 95th percentile, in ms, of seconds."""
    return 1000 * sorted(values)[max(0, round(0.95 * len(values)) - 1)]


def answers(studio: Studio, times: int) -> dict[str, float]:
    """Milliseconds until a page has answered, at the 95th percentile."""
    out = {}
    for path in PAGES:
        studio.ask("GET", path)  # what is opened once
        seconds = []
        for _ in range(times):
            began = time.perf_counter()
            studio.ask("GET", path)
            seconds.append(time.perf_counter() - began)
        out[f"{path} answers, ms"] = p95(seconds)
    return out


def in_browser(studio: Studio, browser: str, keys: int) -> dict[str, float]:
    """What a person feels: from a key or click to the next paint, and from a key to its marks."""
    out: dict[str, float] = {}
    with opened(browser) as (page, wrong):
        page.goto(studio.link)
        page.wait_for_url(lambda url: "/enter" not in url)
        weights: list[int] = []
        page.on("response", lambda got: weights.append(int(got.headers.get("content-length", "0"))))

        def choose() -> Any:
            return page.locator(".work input").first.click()

        def tab() -> Any:
            return page.keyboard.press("Tab")

        def write() -> Any:
            return page.keyboard.type("x")

        acts: dict[str, tuple[str, Callable[[], Any]]] = {
            "/collection": (".work", choose),
            "/desk": ("#takes > li", tab),
            "/learn": ("#learn", tab),
            "/history": (".past li", tab),
            "/audit": ("#look", tab),
            "/curate": (".map circle", tab),
            "/deliver": (".verify", tab),
            "/draft/long": ("#draft[data-marked]", write),
        }
        for path, (there, act) in acts.items():
            weights.clear()
            page.goto(f"http://{studio.own}{path}")
            page.wait_for_selector(there, timeout=300_000)
            time.sleep(1)
            out[f"{path} weighs, kB"] = sum(weights) / 1000
            page.evaluate(OBSERVE)
            for _ in range(keys):
                act()
                time.sleep(0.1)
            time.sleep(0.5)
            found = page.evaluate("inp")  # what takes less than 16 ms is not told
            out[f"{path} key or click to paint, ms"] = p95([one / 1000 for one in found]) if found else 16.0
        page.keyboard.press("Control+End")
        page.evaluate("performance.clearMeasures('marks')")
        for letter in "and then the tide came in and the boats lay on the sand "[:keys]:
            page.keyboard.type(letter)
            time.sleep(0.25)
        marked = page.evaluate("performance.getEntriesByName('marks').map(e => e.duration)")
        out["key to its marks, median, ms"] = statistics.median(marked)
        out["key to its marks, ms"] = p95([one / 1000 for one in marked])
        assert not wrong, wrong
    return out


def main() -> None:
    """Measure, and show what was found."""
    chosen = options(__doc__).parse_args()
    works, takes, size = (300, 100, 1_000_000) if chosen.quick else (5000, 2000, 20_000_000)
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        sys.exit("There is no Chromium on this machine.")
    folder = Path(tempfile.mkdtemp(prefix="etude-bench-studio-"))
    os.environ.setdefault("ETUDE_HOME", str(folder / "home"))
    try:
        say(f"adding {works:,} works and {takes:,} takes")
        root = filled(folder, works, takes, size).project.root
        studio = start(root)
        try:
            studio.enter()
            began = time.monotonic()
            studio.ask("GET", "/desk")
            spent = psutil.Process(studio.process.pid).cpu_times()
            found = {
                "start, s": studio.started_s,
                "start to first page, s": studio.started_s + time.monotonic() - began,
                "start to first page, processor s": spent.user + spent.system,
            }
            studio.close()
            studio = start(root)
            found |= in_browser(studio, browser, 30)
            studio.close()
            studio = start(root)
            studio.enter()
            found |= answers(studio, 20)
        finally:
            studio.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    rows = [
        Row(name, {"figure": f"{value:,.2f}" if value < 10 else f"{value:,.0f}"})
        for name, value in found.items()
    ]
    title = f"The studio with {works:,} works and {takes:,} takes (95th percentiles where not said otherwise)"
    show(Table("studio", title, ("figure",), tuple(rows), raw=found))


if __name__ == "__main__":
    main()
