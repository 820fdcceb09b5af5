"""The pages for trust and order in a real browser: an audit with works taken back, proposals that are
accepted one by one, the history and lineage of takes, the timeline, and an attached keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Page

from etude import api
from etude.studio import app, trusting
from etude.studio.here import Here
from etude.workspace.core import Workspace
from tests.api.test_curate import poem
from tests.studio.browser import opened, violations
from tests.studio.server import Studio, start
from tests.studio.test_desks import overflow, project, until
from tests.studio.test_walk import enter

pytestmark = pytest.mark.browser
STATIC = Path(app.__file__).parent / "static"
SLOWLY = 180_000  # ms for a worker to answer


@pytest.fixture(autouse=True)
def _one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
        monkeypatch.setenv(name, "1")


@pytest.fixture
def verse(tmp_path: Path) -> Workspace:
    return project(tmp_path, "text")


@pytest.fixture
def studio(verse: Workspace) -> Iterator[Studio]:
    running = start(verse.project.root)
    yield running
    running.close()


def fine(page: Page, wrong: list[str]) -> None:
    """What is asked of every page: nobody is shut out, nothing is too wide, and nothing went wrong."""
    assert not violations(page), "\n".join(violations(page))
    assert overflow(page) <= 0
    assert not wrong, wrong


def test_a_model_is_audited_and_a_work_taken_back(verse: Workspace, studio: Studio, chromium: str) -> None:
    with opened(chromium) as (page, wrong):
        own = enter(page, studio)
        page.goto(f"{own}/audit")
        assert "Not audited yet" in page.inner_text("#found-title")
        page.fill("#takes", "2")
        page.fill("#seconds", "20")
        loads: list[str] = []
        page.on("load", lambda one: loads.append(one.url))
        page.click("#look button")
        page.wait_for_selector(".brief li", timeout=SLOWLY)
        page.wait_for_load_state()  # the page came by itself when the audit was there: all of it
        found = api.audited(verse, "verse")
        assert page.locator(".brief li").count() == len(found.sections) >= 4
        assert page.locator(".finding").count() == len(found.sections)
        assert "2 takes" in page.inner_text(".side")
        page.evaluate("document.querySelectorAll('.finding').forEach((one) => { one.open = true; })")
        src = page.locator(".plot img").first.get_attribute("src") or ""
        for kept in (f"/content/audit/{found.model}", src):
            headers = page.request.get(own + kept).headers
            assert headers["content-disposition"].startswith("attachment")
            assert "sandbox" in headers["content-security-policy"]
        for plot in page.locator(".plot img").all():
            plot.scroll_into_view_if_needed()
            assert until(partial(plot.evaluate, "one => one.naturalWidth > 0")), "drawn"
        fine(page, wrong)
        assert len(loads) == 1, "what is over is not awaited once more"
        near = found.nearest[0]
        link = page.locator(".nearest figcaption a").first
        assert link.inner_text() == near.title
        page.locator("[data-withdraw]").first.click()
        page.wait_for_selector("#dialog[open] .consequences", timeout=SLOWLY)
        said = page.inner_text(".consequences")
        assert near.title in said and "verse" in said
        assert api.work(verse, near.work).work.id == near.work, "a preview changes nothing"
        page.fill("#withdraw-reason", "The maker asked.")
        page.click("#dialog button[type=submit]")
        page.get_by_text("Save it now").wait_for(timeout=SLOWLY)
        receipt = page.request.get(own + (page.get_attribute("#dialog a.button", "href") or ""))
        assert receipt.ok and "The maker asked." in receipt.text()
        page.click("#dialog button[type=submit]")
        page.wait_for_selector("#audit")
        assert "Not audited yet" in page.inner_text("#found-title"), "the audit quoted the work"
        gone = page.request.get(f"{own}/collection/{near.work}")
        assert gone.status == 404 and near.passage[:60] not in gone.text()
    assert near.work not in {work.id for work in api.works(api.open_project(verse.project.root)).works}
    assert near.passage[:60].encode() not in b"".join(
        path.read_bytes() for path in (verse.project.root / "models").rglob("*") if path.is_file()
    )


def test_the_audit_page_awaits_what_is_in_the_queue_now(verse: Workspace) -> None:
    """Not what the picture of the queue shows, which lags: the page would come once more by itself."""
    here = Here(verse, 8737)
    model = api.models(verse).models[-1].id
    job = api.job_add(verse, ["audit", model])
    assert trusting.audit(here, {})["job"]["id"] == job.id
    here.jobs = (replace(job, state="running"),)
    api.job_stop(verse, job.id)
    assert trusting.audit(here, {})["job"] is None


def test_proposals_are_accepted_one_by_one_and_taken_back(tmp_path: Path, chromium: str) -> None:
    (tmp_path / "texts").mkdir()
    for i in range(12):
        (tmp_path / "texts" / f"poem {i}.txt").write_text(poem(i))
    (tmp_path / "texts" / "again.txt").write_text(poem(3).replace("nobody", "no one", 1))
    api.init(tmp_path / "studio")
    shelf = api.open_project(tmp_path / "studio")
    api.add(shelf, [tmp_path / "texts"], collection="verse", maker="Me", licence="own", consent="yes")
    studio = start(shelf.project.root)
    try:
        _proposals(shelf, studio, chromium)
    finally:
        studio.close()


def _proposals(verse: Workspace, studio: Studio, chromium: str) -> None:
    before = verse.project.collection("verse")
    with opened(chromium) as (page, wrong):
        own = enter(page, studio)
        page.goto(f"{own}/curate?name=verse")
        page.wait_for_selector(".proposals li", timeout=SLOWLY)
        page.wait_for_load_state()
        page.wait_for_selector(".map circle")
        assert page.locator(".map circle[data-at]").count() == 13
        assert page.locator(".twins .beside li").count() == 2, "side by side"
        fine(page, wrong)
        page.locator(".proposals li[data-kind=twins] button").click()
        page.get_by_text("have another weight").wait_for(timeout=SLOWLY)
        after = verse.project.collection("verse")
        assert after.entries != before.entries and after.parts == before.parts, "this one alone"
        page.locator(".notice").get_by_text("Take back").click()
        page.get_by_text("Undone:").wait_for(timeout=SLOWLY)
        assert verse.project.collection("verse") == before
        page.get_by_label("Remove again").click()
        page.click("#dialog button[type=submit]")
        page.get_by_text("is in the trash").wait_for()
        assert len(api.works(verse).works) == 12
        page.locator(".notice").get_by_text("Bring back").click()
        assert until(lambda: len(api.works(verse).works) == 13)
        page.goto(f"{own}/collection?name=verse")
        page.locator(".work input").first.check()
        page.fill("#bulk-attribute", "period")
        page.fill("#bulk-value", "early")
        page.click("#bulk button[type=submit]")
        page.get_by_text("Written down for 1 work.").wait_for()
        assert [dict(work.attrs) for work in api.works(verse).works if work.attrs] == [{"period": "early"}]
        assert not wrong, wrong


def test_what_was_done_is_found_and_undone_and_a_lineage_is_a_tree(
    verse: Workspace, studio: Studio, chromium: str
) -> None:
    kept = next(take for take in api.takes(verse).takes if take.status == "accepted" and take.parents)
    word = next(word for word in api.take(verse, kept.id).text.split() if len(word) > 6).strip(".,;")
    with opened(chromium) as (page, wrong):
        own = enter(page, studio)
        page.goto(f"{own}/desk/{kept.id}")
        page.wait_for_selector("#marked > p")
        inside = page.locator(".tree a").all_inner_texts()
        assert {parent[:8] for parent in kept.parents} | {kept.id[:8]} <= set(inside)
        fine(page, wrong)
        page.goto(f"{own}/history")
        every = page.locator(".past > li").count()
        page.fill("#q", word)
        page.click(".history form button")
        page.wait_for_url("**q=*")
        assert 0 < page.locator(".past > li").count() < every
        assert word.lower() in page.inner_text(".past").lower()
        page.goto(f"{own}/history?kind=decided")
        fine(page, wrong)
        line = page.locator(".past > li", has_text="Rejected").first
        take = line.locator("[data-take]").get_attribute("data-take")
        assert take is not None and api.take(verse, take).status == "rejected"
        line.locator("[data-take]").click()
        page.locator(".notice", has_text="Undone").wait_for()
        assert api.take(verse, take).status == "proposed"
        page.locator(".past > li", has_text="Rejected").locator("[data-redo]").click()
        page.locator(".notice", has_text="Done again").wait_for()
        assert api.take(verse, take).status == "rejected"
        assert not wrong, wrong


def test_a_loop_goes_through_key_takes(tmp_path: Path, chromium: str) -> None:
    ws = project(tmp_path, "image")
    before = {take.id for take in api.takes(ws, everything=True).takes}
    running = start(ws.project.root)
    try:
        with opened(chromium, viewport={"width": 360, "height": 800}) as (page, wrong):
            own = enter(page, running)
            page.goto(f"{own}/timeline")
            page.locator("[data-key]").nth(0).click()
            page.locator("[data-key]").nth(1).click()
            second = page.locator("[data-key]").nth(1).get_attribute("data-key")
            page.locator("#line li").nth(1).focus()
            page.keyboard.press("ArrowLeft")
            assert page.locator("#line img").first.get_attribute("src") == f"/content/{second}/tile"
            page.click("#preview")
            assert page.locator("#flip img").get_attribute("src")
            page.fill("#seconds", "0.5")
            page.fill("#rate", "8")
            page.click("#go")
            page.get_by_text("The clip is here").wait_for(timeout=SLOWLY)
            clip = page.locator(".clips a.button").last.get_attribute("href") or ""
            saved = page.request.get(own + clip)
            assert saved.ok and "attachment" in saved.headers["content-disposition"]
            fine(page, wrong)
        (made,) = (take for take in api.takes(ws).takes if take.id not in before)
        assert made.medium == "video" and made.controls["loop"]["frames"] == 4
        assert len(made.controls["mix"]) == 2
    finally:
        running.close()


FAKE = """
const input = { name: "A small keyboard", onmidimessage: null };
const access = { inputs: new Map([["1", input]]), onstatechange: null };
Object.defineProperty(navigator, "requestMIDIAccess", { value: async () => access });
window.strikeKey = (pitch, from, to) => {
  input.onmidimessage({ data: [0x90, pitch, 90], timeStamp: from });
  input.onmidimessage({ data: [0x80, pitch, 0], timeStamp: to });
};
"""


def test_an_attached_keyboard_writes(tmp_path: Path, chromium: str) -> None:
    ws = project(tmp_path, "music-grid")
    work = next(iter(api.works(ws).works))
    api.draft_new(ws, "Played", source=work.id)
    before = api.draft(ws, "Played").text.count(",")
    running = start(ws.project.root)
    try:
        with opened(chromium) as (page, wrong):
            page.context.add_init_script(FAKE)
            own = enter(page, running)
            page.goto(f"{own}/draft/Played")
            page.wait_for_selector("#draft[data-ready]")
            page.click("#midi-open")
            page.get_by_text("A small keyboard").wait_for()
            page.select_option("#midi-mode", "steps")
            page.evaluate("strikeKey(60, 0, 50); strikeKey(64, 20, 60)")  # a chord
            assert until(lambda: api.draft(ws, "Played").text.count(",") == before + 8)
            page.select_option("#midi-mode", "time")
            page.evaluate("strikeKey(67, 1000, 1500); strikeKey(69, 1600, 2100)")
            page.select_option("#midi-mode", "off")
            assert until(lambda: api.draft(ws, "Played").text.count(",") == before + 16)
            page.click("#undo")
            assert until(lambda: api.draft(ws, "Played").text.count(",") == before + 8)
            fine(page, wrong)
    finally:
        running.close()


# What anywidget hands a widget: a model that is asked, told, listened to and saved; nothing of ours.
NOTEBOOK = """async ([name, values]) => {
  const heard = {}, kept = { ...values }, saved = [];
  const model = {
    get: (key) => kept[key],
    set: (key, value) => { kept[key] = value; (heard[`change:${key}`] ?? []).forEach((act) => act(value)); },
    on: (event, act) => { (heard[event] ??= []).push(act); },
    off: () => {},
    save_changes: () => { saved.push({ ...kept }); },
  };
  const el = document.createElement("div");
  document.querySelector("main").replaceChildren(el);
  const widget = (await import(`/static/widgets/${name}.js`)).default;
  widget.render({ model, el });
  const target = el.querySelector("mark, .model, .map circle[data-at], [role=option]");
  target?.dispatchEvent(new MouseEvent("click", { bubbles: true }));
  return { words: el.textContent, svg: el.querySelectorAll("svg").length, saved: saved.length, kept };
}"""
SCORE = {"tracks": [["flute", 73, False, [0, 60, 24, 80]]], "meters": [[0, 4, 4]], "tempos": [], "pickup": 0}
POINT = {"id": "a-1", "value": 2.0, "low": 1.9, "high": 2.1, "wh": [0.1, 0.2, 0.4], "unit": "bits"}
WIDGETS = {
    "marks": (
        {
            "text": "all the sea was grey",
            "borrowed": [{"start": 0, "end": 11, "length": 3, "works": 1, "work": "w-1"}],
            "titles": {"w-1": "Tides"},
        },
        "Tides",
    ),
    "early": (
        {"shown": [{"step": 40, "spent_s": 9, "takes": [{"words": "The tide", "look": "", "line": ""}]}]},
        "After 9 s, step 40",
    ),
    "curve": ({"points": [[0, 3.0], [10, 2.0]], "unit": "bits"}, "Less is better"),
    "frontier": (
        {"points": [POINT, {**POINT, "id": "b-2", "value": 1.5, "mine": True}]},
        "energy of training",
    ),
    "map": (
        {
            "places": [["w-1", 0.2, 0.3, 1], ["w-2", 0.8, 0.9, 1]],
            "regions": [{"number": 1, "thin": True, "named": []}],
            "about": {"w-1": ["Tides", "Me", {}], "w-2": ["Moor", "Me", {}]},
            "by": "maker",
        },
        "Me (2)",
    ),
    "roll": ({"score": SCORE, "edited": True, "at": -1}, "Arrows choose a note"),
    "wall": ({"looks": ["/static/icon.svg"], "labels": ["One"], "chosen": []}, ""),
}
CHOSEN = {"marks": 0, "frontier": "a-1", "map": "w-1", "wall": [0]}


def test_widgets_are_single_modules_that_a_notebook_can_show(studio: Studio, chromium: str) -> None:
    assert {path.stem for path in (STATIC / "widgets").glob("*.js")} == {"model", *WIDGETS}
    for name in WIDGETS:
        text = (STATIC / "widgets" / f"{name}.js").read_text("utf-8")
        assert "import" not in text.replace("important", ""), f"{name} stands alone"
    with opened(chromium) as (page, wrong):
        page.goto(f"{enter(page, studio)}/first")
        for name, (values, words) in WIDGETS.items():
            got = page.evaluate(NOTEBOOK, [name, values])
            assert words in got["words"], (name, got["words"])
            if name in CHOSEN:
                assert got["kept"]["chosen"] == CHOSEN[name] and got["saved"], name
            else:
                assert got["svg"] == (name != "early"), name
        assert not wrong, wrong
