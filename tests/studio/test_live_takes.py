"""Takes that a page shows while a model learns, as they come and after a reload; and changes of many works
that are taken back on the pages."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from etude import api
from etude.store import jobs, purge
from etude.workspace.core import Workspace
from tests.studio.browser import opened, violations
from tests.studio.server import Studio, start
from tests.studio.test_walk import enter

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
URL = "data:image/png;base64," + base64.b64encode(PIXEL).decode()


@pytest.fixture
def studio(ws: Workspace) -> Iterator[Studio]:
    running = start(ws.project.root)
    yield running
    running.close()


def _run(ws: Workspace) -> str:
    """A run of learning that ended, as its worker left it."""
    job = jobs.create(ws.project.root, "Learn verse", ("learn", "verse", "--from", "verse"), "learn")
    jobs.save(ws.project.root, jobs.Job(**{**job.__dict__, "state": "stopped"}))
    return job.id


def _says(ws: Workspace, job: str, step: int, *takes: dict[str, str]) -> None:
    about = {"stage": "learning", "step": step, "spent_s": float(step), "share": 0.1, "unseen": 3.0 / step}
    jobs.note(ws.project.root, job, event="progress", **about, takes=list(takes))


@pytest.mark.browser
def test_takes_come_while_it_learns_and_stay_after_a_reload(
    ws: Workspace, studio: Studio, chromium: str
) -> None:
    job = _run(ws)
    hostile = {"words": "<b>The tide</b>", "look": "", "line": "A text"}
    _says(ws, job, 1, hostile, {"words": "", "look": URL, "line": "One green point"})
    with opened(chromium) as (page, wrong):
        own = enter(page, studio)
        page.goto(f"{own}/learn")
        cards = page.locator(".early-one")
        expect(cards).to_have_count(1)
        expect(cards.first).to_contain_text("<b>The tide</b>")
        expect(cards.first).to_contain_text("After 1 s, step 1")
        picture = page.get_by_alt_text("One green point")
        assert f"/content/early/{job}/" in (picture.get_attribute("src") or "")
        page.wait_for_function("document.querySelector('.early-looks img').naturalWidth === 1")
        _says(ws, job, 2, {"words": "The tide came", "look": "", "line": "A text"})
        expect(cards).to_have_count(2)  # as it comes, on the open page
        page.reload()
        expect(cards).to_have_count(2)
        assert not violations(page)
        page.set_viewport_size({"width": 360, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert not wrong


def test_their_pictures_are_served_by_number_alone(ws: Workspace, studio: Studio) -> None:
    job = _run(ws)
    _says(
        ws,
        job,
        1,
        {"words": "", "look": URL, "line": "x"},
        {"words": "", "look": "data:text/html;base64,PGI+", "line": "x"},
    )
    studio.enter()
    got = studio.ask("GET", f"/content/early/{job}/1/0")
    assert (got.status, got.headers["content-type"], got.body) == (200, "image/png", PIXEL)
    assert "default-src 'none'" in got.headers["content-security-policy"]
    for bad in (f"{job}/1/1", f"{job}/1/9", f"{job}/9/0", f"{job}/x/0", "j-999999/1/0", "..%2f../1/0"):
        assert studio.ask("GET", f"/content/early/{bad}").status in (400, 404), bad


def test_a_withdrawal_takes_them_off_the_disk(ws: Workspace) -> None:
    job, root = _run(ws), ws.project.root
    _says(ws, job, 1, {"words": "The tide came in", "look": "", "line": "A text"})
    jobs.note(root, job, event="progress", step=2)
    work = ws.project.works()[0].id
    api.edit_works(ws, [work], maker="Somebody Secret")
    api.withdraw(ws, [work], reason="asked")
    path = root / jobs.FOLDER / job / "events.jsonl"
    assert "tide came" not in path.read_text("utf-8")
    assert [event.said["step"] for event in jobs.events(root, job)[0]] == [1, 2], "the curve stays"
    assert "Somebody Secret" not in "".join(p.read_text("utf-8") for p in (root / "log").glob("*"))
    assert purge.caches(root, [work]).jobs == 0


@pytest.mark.browser
def test_a_change_of_many_works_is_taken_back_on_the_page(
    ws: Workspace, studio: Studio, chromium: str
) -> None:
    before = {work.id: (work.maker, dict(work.attrs)) for work in ws.project.works()}

    def stands() -> dict[str, tuple[str, dict[str, str]]]:
        return {work.id: (work.maker, dict(work.attrs)) for work in ws.project.works()}

    with opened(chromium) as (page, wrong):
        own = enter(page, studio)
        page.goto(f"{own}/collection")
        page.check("#all")
        page.fill("#bulk-maker", "Ada Example")
        page.fill("#bulk-attribute", "period")
        page.fill("#bulk-value", "early")
        page.click("#bulk button[type=submit]")
        page.wait_for_selector(".notice")
        written = {work: ("Ada Example", {**attrs, "period": "early"}) for work, (_, attrs) in before.items()}
        assert stands() == written
        with page.expect_navigation():
            page.get_by_role("button", name="Undo").click()
        expect(page.locator(".notice")).to_contain_text("As before: 3 works")
        assert stands() == before
        page.goto(f"{own}/history?kind=works")
        assert page.locator(".past .undone").count() == 1
        with page.expect_navigation():
            page.get_by_role("button", name="Do again").click()
        page.wait_for_selector(".notice")
        assert stands() == written
        assert not wrong
