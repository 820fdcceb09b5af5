"""The studio in a real Chromium, with 5,000 works and 2,000 takes: how soon pages answer and paint, what they
weigh, how soon marks follow a key in a text of 20,000 words against 20 MB of works, and how many pictures a
second a morph shows.

    python bench/studio.py
    python bench/studio.py --quick    300 works and 1 MB

Works and takes are invented (bench/_works.py); the models are those of fixtures, and for the morph one of 64
pixels that begins with the weights `drawings-64`. Clock readings, where nothing else is said.
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

import numpy as np
import psutil

from _harness import ROOT, Row, Table, options, say, show
from _works import prose

sys.path.insert(0, str(ROOT))
from tests.studio.browser import opened
from tests.studio.server import Studio, start

from etude import api
from etude.media import MEDIA
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
    "/first",
    "/trace",
    "/wall",
    "/timeline",
)
OBSERVE = """window.inp = [];
new PerformanceObserver((list) => list.getEntries().forEach((one) => inp.push(one.duration)))
  .observe({ type: "event", durationThreshold: 16, buffered: true })"""

DRAWN = """async () => {
  const slider = document.querySelector("#morph-at"), look = document.querySelector("#morph-look");
  const began = performance.now(), seen = new Set();
  for (let i = 0; i < 132; i += 1) {
    slider.value = i % 33;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    await look.decode().catch(() => {});
    await new Promise((done) => requestAnimationFrame(done));
    seen.add(i);
  }
  return seen.size / ((performance.now() - began) / 1000);
}"""


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
        ws.project.put_takes(pictures(folder, ws.project.root, takes))
    api.draft_new(ws, "long")
    api.draft_put(ws, "long", " ".join(prose(200_000, 77_777).split(" ")[:20_000]))
    return ws


def pictures(folder: Path, root: Path, takes: int) -> list[tuple[dict[str, Any], bytes]]:
    """A model of pictures beside the one of verse, and so many takes of it, of noise."""
    with tarfile.open(ROOT / "tests" / "before" / "image.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    (model,) = (folder / "image" / "models").iterdir()
    shutil.copytree(model, root / "models" / model.name)
    rows, draw = [], np.random.default_rng(1)
    for i in range(takes):
        recipe = Recipe("image", model=model.name, model_sha256="0", seed=50_000 + i)
        picture = draw.integers(0, 255, (32, 32, 3), np.uint8)
        rows.append((recipe.to_json(), MEDIA["image"].store(picture)))
    return rows


def morphing(folder: Path, browser: str) -> dict[str, float]:
    """How many pictures of 64 pixels a second come from the model between two takes, and how many the slider
    shows while it is drawn across."""
    ws = api.open_project(folder / "image")
    home = api.collections(ws).collections[0].name
    api.learn(ws, "morphs", collection=home, budget="40s", start="drawings-64", critic=False)
    studio = start(folder / "image")
    try:
        with opened(browser) as (page, _):
            page.goto(studio.link)
            page.wait_for_url(lambda url: "/enter" not in url)
            page.goto(f"http://{studio.own}/wall?model=morphs")
            page.wait_for_selector("#wall-page[data-ready]", timeout=300_000)
            side = page.evaluate("document.querySelector('.wall-list img').naturalWidth")
            for i in (0, 1):
                page.locator(".wall-list li").nth(i).click()
            for _ in range(2):  # the two are kept the first time
                began = time.monotonic()
                page.click("#morph")
                page.wait_for_selector("#morphing:not([hidden])", timeout=120_000)
                came = time.monotonic() - began
                page.click("#morph-close")
            page.click("#morph")
            page.wait_for_selector("#morphing:not([hidden])", timeout=120_000)
            shown = page.evaluate(DRAWN)
    finally:
        studio.close()
    return {
        "pixels of a morph": float(side),
        "pictures a second, with computing": 33 / came,
        "pictures a second, shown": float(shown),
    }


def p95(values: list[float]) -> float:
    """The 95th percentile, in ms, of seconds."""
    return 1000 * sorted(values)[max(0, round(0.95 * len(values)) - 1)]


def processor_s(studio: Studio) -> float:
    """What the server has used."""
    spent = psutil.Process(studio.process.pid).cpu_times()
    return spent.user + spent.system


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

        def pick() -> Any:
            return page.locator("#keys [data-key]").first.click()

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
            "/first": ("[data-sample]", tab),
            "/trace": (".grid", tab),
            "/wall": ("#wall-page[data-ready]", tab),
            "/timeline": ("#keys [data-key]", pick),
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
        spent = processor_s(studio)
        page.evaluate("performance.clearMeasures('marks')")
        for letter in "and then the tide came in and the boats lay on the sand "[:keys]:
            page.keyboard.type(letter)
            time.sleep(0.25)
        out["the server's processor time for a key, ms"] = 1000 * (processor_s(studio) - spent) / keys
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
            spent = processor_s(studio)
            found = {
                "start, s": studio.started_s,
                "start to first page, s": studio.started_s + time.monotonic() - began,
                "start to first page, processor s": spent,
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
        found |= morphing(root.parent, browser)
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
