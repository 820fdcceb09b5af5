"""The studio as a person goes through it, in a real browser: from nothing to first takes in a few clicks, a
piece without a mouse, and every page asked whether everybody can use it."""

from __future__ import annotations

import os
import signal
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from etude import api
from tests.studio.browser import opened, violations
from tests.studio.server import Studio, start

pytestmark = pytest.mark.browser
BEFORE = Path(__file__).parents[1] / "before"
LINES = {
    "tide": "The tide came in, and the boats lay on the sand.\n",
    "moor": "The moor lay still, and a bird rose over it.\n",
    "house": "The house stood empty, and the door was open.\n",
    "wood": "The wood was dark, and the path went on.\n",
    "town": "The town slept, and a lamp burned late.\n",
}


@pytest.fixture(autouse=True)
def _one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers beside a browser and a server: with more threads they would wait for each other."""
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
        monkeypatch.setenv(name, "1")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a model of verse and its takes, which an earlier version made."""
    folder = tmp_path_factory.mktemp("made")
    with tarfile.open(BEFORE / "text.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return folder / "text"


@pytest.fixture
def studio(made: Path) -> Iterator[Studio]:
    running = start(made)
    yield running
    running.close()


def enter(page: Page, studio: Studio) -> str:
    page.goto(studio.link)
    page.wait_for_url(lambda url: "/enter" not in url)
    return f"http://{studio.own}"


def test_from_nothing_to_first_takes_in_three_clicks(tmp_path: Path, chromium: str) -> None:
    works = []
    for name, line in LINES.items():
        words = [line.replace("and", ("and", "but", "so", "then")[i % 4]) for i in range(60)]
        works.append(tmp_path / f"{name}.md")
        works[-1].write_text("".join(words))
    works.append(tmp_path / "notes.xyz")
    works[-1].write_bytes(b"no work")
    servers = [running := start(tmp_path / "studio")]
    try:
        with opened(chromium) as (page, wrong):
            own = enter(page, running)
            assert page.url == f"{own}/first"
            page.set_input_files("#own-files", works)  # the first click
            page.fill("#own-maker", "Ada Example")
            page.evaluate(
                "document.querySelector('#budget').append(new Option('a moment', '3steps', true, true))"
            )
            page.click("#own-form button")  # the second
            page.wait_for_selector(".walk")
            found = violations(page)
            page.wait_for_selector(".walk [data-state=running]")
            os.kill(running.process.pid, signal.SIGKILL)  # the server dies, the work does not
            running.process.wait()
            servers.append(again := start(tmp_path / "studio"))
            steps = page.url.partition("?")[2]
            enter(page, again)
            page.goto(f"http://{again.own}/first?{steps}")
            page.wait_for_selector("#see:not([hidden])", timeout=190_000)
            page.click("#see")  # the third
            page.wait_for_selector("#takes > li")
            page.wait_for_load_state()
            assert page.locator("#takes > li .words").count() == 6
            assert not found, "\n".join(found)
            assert not [said for said in wrong if "ERR_" not in said], wrong  # of the server that was killed
    finally:
        for one in servers:
            one.close()
    ws = api.open_project(tmp_path / "studio")
    assert {work.maker for work in ws.project.works()} == {"Ada Example"}
    assert [job.state for job in api.jobs(ws).jobs] == ["done"] * 3


def test_a_piece_by_keyboard_alone(studio: Studio, made: Path, chromium: str) -> None:
    ws = api.open_project(made)
    before = {take.id: take.status for take in api.takes(ws, everything=True).takes}
    pieces = {piece.id for piece in api.pieces(ws).pieces}
    with opened(chromium) as (page, wrong):
        own = enter(page, studio)
        page.goto(f"{own}/desk?show=proposed")
        for _ in range(40):  # from the top of the page, as somebody who has no mouse
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.matches('#takes > li')"):
                break
        first = page.evaluate("document.activeElement.dataset.take")
        page.keyboard.press("r")
        page.wait_for_selector(f"[data-take={first}]", state="detached")
        second = page.evaluate("document.activeElement.dataset.take")
        assert second and second != first, "the next take is in focus"
        assert api.take(ws, first).status == "rejected"
        with page.expect_navigation():
            page.keyboard.press("u")
        assert api.take(ws, first).status == before[first] == "proposed"
        page.locator(f"[data-take={second}]").focus()
        page.keyboard.press("a")
        page.wait_for_selector("dialog[open]")
        found = violations(page)
        page.keyboard.type("By hand alone")
        page.keyboard.press("Enter")
        page.wait_for_selector(f"[data-take={second}]", state="detached")
        third = page.evaluate("document.activeElement.dataset.take")
        page.keyboard.press("e")
        page.wait_for_selector("dialog textarea")
        page.keyboard.press("Control+Home")
        page.keyboard.type("A line of my own.\n")
        page.keyboard.press("Tab")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        page.keyboard.press("Escape")
        assert not found, "\n".join(found)
        assert not wrong, wrong
    new = next(piece for piece in api.pieces(ws).pieces if piece.id not in pieces)
    assert (new.title, new.take) == ("By hand alone", second)
    edited = next(take for take in api.takes(ws, everything=True).takes if take.id not in before)
    assert edited.parents == (third,) and api.take(ws, edited.id).text.startswith("A line of my own.")


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_everybody_can_use_every_page(studio: Studio, chromium: str, scheme: str, width: int) -> None:
    how = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}}
    with opened(chromium, **how) as (page, wrong):
        own = enter(page, studio)
        page.goto(f"{own}/desk?show=all")
        take = page.get_attribute("#takes > li", "data-take")
        found = []
        work = page.request.get(f"{own}/collection").text().partition("/collection/w-")[2][:12]
        for path in (
            "/first",
            "/collection",
            f"/collection/w-{work}",
            "/curate",
            "/learn",
            "/desk?show=all",
            f"/desk/{take}",
            "/history",
            "/trace",
            "/audit",
            "/deliver",
        ):
            page.goto(own + path)
            page.wait_for_selector("h1")
            found += violations(page)
            over = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert over <= 0, f"{path} is {over} px wider than a screen of {width}"
        assert not found, "\n".join(found)
        assert not wrong, wrong


def test_no_string_becomes_markup_and_no_page_frames_the_studio(studio: Studio, chromium: str) -> None:
    with opened(chromium) as (page, wrong):
        own = enter(page, studio)
        refused = page.evaluate(
            "() => { try { document.body.innerHTML = '<b>x</b>'; return '' } catch (e) { return e.name } }"
        )
        assert refused == "TypeError"
        assert page.evaluate("document.cookie") == "", "no script reads the cookie"
        wrong.clear()  # what Trusted Types said of the line above
        page.goto(f"{own}/collection")
        page.evaluate("fetch('/static/base.js')")
        assert not wrong, wrong
