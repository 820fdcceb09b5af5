"""The desks in a real browser: a text that is written with takes and marks, a score that is changed by hand
and filled, each with undo after a restart; and nothing that somebody who has no mouse could not do."""

from __future__ import annotations

import re
import tarfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from etude import api
from etude.media import MEDIA
from etude.media.looks import url
from etude.workspace.core import Workspace
from tests.studio.browser import opened, violations
from tests.studio.server import start
from tests.studio.test_walk import enter

pytestmark = pytest.mark.browser
BEFORE = Path(__file__).parents[1] / "before"


@pytest.fixture(autouse=True)
def _one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
        monkeypatch.setenv(name, "1")


def project(folder: Path, name: str) -> Workspace:
    """What an earlier version made: works, a model, takes."""
    with tarfile.open(BEFORE / f"{name}.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return api.open_project(folder / name)


def until(true: Callable[[], bool], seconds: float = 30.0) -> bool:
    """Whether it becomes true."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if true():
            return True
        time.sleep(0.05)
    return true()


def overflow(page: Page) -> int:
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    return int(page.evaluate(wide))


def test_a_text_is_written_with_takes_and_marks(tmp_path: Path, chromium: str) -> None:
    ws = project(tmp_path, "text")
    work = next(iter(api.works(ws).works))
    quoted = ws.contents(work.id)[200:420]
    file = ws.project.root / "drafts" / "The well.md"
    running = start(ws.project.root)
    try:
        with opened(chromium) as (page, wrong):
            own = enter(page, running)
            page.goto(f"{own}/draft")
            page.fill("#new-name", "The well")
            page.click("#new button[type=submit]")
            page.wait_for_selector(".cm-content")
            page.keyboard.type("Mine.\n\n")
            page.keyboard.insert_text(quoted)
            page.keyboard.type("\n\nAnd then the tide came in,")
            page.wait_for_selector(".cm-content .m-borrowed")
            page.locator(".cm-content .m-borrowed").first.click()
            page.wait_for_selector("#source .passage")
            assert work.title in page.inner_text("#source figcaption")
            page.keyboard.press("Control+End")
            page.keyboard.press("Control+Enter")
            page.locator(".ghost").nth(2).wait_for(timeout=120_000)
            assert page.locator(".ghost").count() == 3
            assert until(lambda: "the tide came in," in file.read_text()), "what was typed is on disk"
            found = violations(page)
            page.keyboard.press("ArrowDown")
            chosen = page.get_attribute(".ghost[aria-selected=true]", "data-take")
            page.keyboard.press("Tab")
            assert until(lambda: api.draft(ws, "The well").takes == (chosen,))
            whole = api.draft(ws, "The well").text
            page.locator(".cm-line", has_text="Mine.").click()
            page.keyboard.press("Home")
            page.keyboard.press("Shift+End")
            page.keyboard.press("Control+Enter")  # fill what is selected
            page.wait_for_selector(".ghost del")
            page.keyboard.press("Escape")
            page.wait_for_selector(".ghost", state="detached")
            assert file.read_text() == whole, "what was put aside changed nothing"
            assert not wrong, wrong
        running.close()
        running = start(ws.project.root)
        with opened(chromium, color_scheme="dark", viewport={"width": 360, "height": 800}) as (page, wrong):
            own = enter(page, running)
            page.goto(f"{own}/draft/The%20well")
            page.wait_for_selector(".cm-content .m-borrowed")
            page.keyboard.press("Control+z")  # of yesterday
            assert until(lambda: api.draft(ws, "The well").takes == ())
            page.keyboard.press("Control+y")
            assert until(lambda: file.read_text() == whole)
            api.draft_put(ws, "The well", "Another window's.\n")
            page.keyboard.type("x")
            page.get_by_text("Not saved").wait_for()
            assert file.read_text() == "Another window's.\n", "nothing is overwritten"
            found += violations(page)
            assert overflow(page) <= 0
            assert not [said for said in wrong if "412" not in said], wrong
        assert not found, "\n".join(found)
    finally:
        running.close()


def test_a_score_is_changed_by_hand_and_filled(tmp_path: Path, chromium: str) -> None:
    ws = project(tmp_path, "music-grid")
    work = next(iter(api.works(ws).works))
    running = start(ws.project.root)
    try:
        with opened(chromium) as (page, wrong):
            own = enter(page, running)
            page.goto(f"{own}/draft")
            page.fill("#new-name", "A hymn")
            page.fill("#new-source", work.id)
            page.click("#new button[type=submit]")
            page.wait_for_selector("#draft[data-ready]")
            before = api.draft(ws, "A hymn").text
            page.focus(".roll-box")
            page.keyboard.press("ArrowRight")
            was = page.inner_text(".roll-said")
            page.keyboard.press("Control+Shift+ArrowUp")  # an octave up
            assert page.inner_text(".roll-said") != was
            assert until(lambda: api.draft(ws, "A hymn").text != before)
            moved = api.draft(ws, "A hymn").text
            long = page.locator(".roll .note.v0").nth(4)  # two quarters of the melody
            long.hover(position={"x": 6, "y": 4})
            box = long.bounding_box()
            assert box is not None
            page.mouse.down()
            page.mouse.move(box["x"] + 6, box["y"] - 30, steps=3)
            page.mouse.up()
            assert until(lambda: api.draft(ws, "A hymn").text != moved)
            edited = api.draft(ws, "A hymn").text
            found = violations(page)
            page.focus(".roll-box")
            page.keyboard.press("b")  # the bar of the chosen note
            assert re.fullmatch(r"(\d):\1", page.input_value("#gap-bars"))
            page.fill("#gap-bars", "2:3")
            page.fill("#n", "2")
            page.click("#go")
            page.wait_for_selector(".lane", timeout=120_000)
            page.locator(".lane [aria-pressed]").first.click()
            assert page.locator(".roll .note.pale").count() > 0, "laid over the roll"
            page.locator(".lane .main").first.click()
            assert until(lambda: len(api.draft(ws, "A hymn").takes) == 1)
            page.click("#play")
            page.wait_for_selector(".roll .now", state="attached")
            page.click("#play")
            for view, begins in (("mid", b"MThd"), ("musicxml", b"<?xml"), ("score", b"<")):
                got = running_get(page, f"{own}/content/draft/A%20hymn/{view}")
                assert got.startswith(begins), (view, got[:20])
            page.goto(f"{own}/draft/A%20hymn")
            page.wait_for_selector("#draft[data-ready]")
            page.click("#undo")
            assert until(lambda: api.draft(ws, "A hymn").takes == ())
            assert api.draft(ws, "A hymn").text == edited
            assert not found, "\n".join(found)
            assert not wrong, wrong
    finally:
        running.close()


def running_get(page: Page, url: str) -> bytes:
    """What a link of the page gives."""
    body: bytes = page.request.get(url).body()
    return body


def test_a_wall_is_chosen_from_and_what_is_kept_is_what_was_seen(tmp_path: Path, chromium: str) -> None:
    ws = project(tmp_path, "image")
    before = {take.id for take in api.takes(ws, everything=True).takes}
    logged = [event for event in ws.project.events() if event["event"] == "given"]
    running = start(ws.project.root)
    try:
        with opened(chromium, viewport={"width": 360, "height": 800}) as (page, wrong):
            own = enter(page, running)
            page.goto(f"{own}/wall")
            page.wait_for_selector("#wall-page[data-ready]", timeout=120_000)
            first = page.locator(".wall-list li").count()
            page.evaluate("scrollTo(0, document.body.scrollHeight)")
            assert until(lambda: page.locator(".wall-list li").count() > first), "it fills while one scrolls"
            found = violations(page)
            page.locator("#turning summary").click()
            seen = page.get_attribute(".wall-list img", "src")
            page.focus("#slide-2")
            page.keyboard.press("End")
            assert until(lambda: page.get_attribute(".wall-list img", "src") != seen), "turned"
            page.keyboard.press("Home")
            page.click("#level")
            assert until(lambda: page.get_attribute(".wall-list img", "src") == seen), "the same ones again"
            page.locator(".wall-list li").first.focus()
            page.keyboard.press("Space")
            page.keyboard.press("ArrowRight")
            page.keyboard.press("Space")
            page.keyboard.press("m")
            page.wait_for_selector("#morphing:not([hidden])", timeout=60_000)
            halfway = page.get_attribute("#morph-look", "src")
            page.keyboard.press("ArrowRight")
            assert page.get_attribute("#morph-look", "src") != halfway
            page.click("#morph-keep")
            page.get_by_text("It is a take on the desk now").wait_for()
            page.locator("#sketching summary").click()
            page.locator("#sketch").scroll_into_view_if_needed()
            page.locator("#sketch").hover(position={"x": 60, "y": 60})
            page.mouse.down()
            page.mouse.move(150, 300, steps=3)
            page.mouse.up()
            assert until(lambda: page.get_attribute(".wall-list img", "src") != seen), "from the sketch"
            found += violations(page)
            assert overflow(page) <= 0
            assert not found, "\n".join(found)
            assert not wrong, wrong
        new = [take for take in api.takes(ws, everything=True).takes if take.id not in before]
        assert len(new) == 3, "two that were chosen, and one between them"
        assert {api.remake(ws, take.id).verdict for take in new} == {"bit-equal"}
        given = [event for event in ws.project.events() if event["event"] == "given"]
        assert given == logged, "a sketch that was only looked at leaves nothing on the log"
    finally:
        running.close()


def test_what_was_looked_at_is_what_is_kept(tmp_path: Path) -> None:
    ws = project(tmp_path, "image")
    seen = api.glimpse(ws, "shapes", n=3, first=2, seed=7)
    assert seen.indexes == (2, 3, 4) and all(look.startswith("data:image/png;base64,") for look in seen.looks)
    kept = api.glimpse_keep(ws, "shapes", seed=7, index=3)
    look = MEDIA["image"].look(MEDIA["image"].load(ws.project.take(kept.takes[0].id).data or b""))
    assert look is not None and url(look) == seen.looks[1]
