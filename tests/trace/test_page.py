"""The page stands alone, holds hostile titles as mere text, and is drawn by a real browser."""

from __future__ import annotations

import io
import re
import shutil
import wave
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from etude.trace.page.page import render
from tests.trace.sample import HOSTILE, SHELF, music_trace, text_trace

BROWSER = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)


class Elements(HTMLParser):
    """Every element with its attributes, and whether all are closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in ("meta", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag != "input":
            assert self.open.pop() == tag


def silence() -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\0\0" * 8000)
    return out.getvalue()


@pytest.mark.parametrize(
    "page", [render(text_trace()), render(music_trace(), audio_wav=silence())], ids=["text", "music"]
)
def test_the_page_is_one_whole_and_asks_for_nothing(page: str) -> None:
    elements = Elements(page)
    assert elements.open == []
    for tag, attrs in elements.found:
        assert tag not in ("link", "iframe", "object", "embed", "base", "form")
        for name in ("src", "href", "srcset", "action"):
            assert not attrs.get(name) or attrs[name].startswith(("#", "data:"))  # type: ignore[union-attr]
        assert not any(name.startswith("on") for name in attrs)
    assert "url(" not in page and "@import" not in page
    assert sum(tag == "script" and "type" not in attrs for tag, attrs in elements.found) == 1
    assert sum(tag == "h1" for tag, _ in elements.found) == 1 and ("html", {"lang": "en"}) in elements.found
    ids = [attrs["id"] for _, attrs in elements.found if "id" in attrs]
    assert len(ids) == len(set(ids))
    for _, attrs in elements.found:
        if (attrs.get("href") or "").startswith("#"):
            assert attrs["href"][1:] in ids  # type: ignore[index]


def test_the_page_says_what_the_trace_says() -> None:
    page = render(text_trace())
    text = re.sub(r"<[^>]+>", "", page)
    assert "furnished" in page and "Poems" in text and "line 1" in text and "lagged" in text
    assert "&lt;b&gt;" in page and "<b>& so" not in page
    assert text.count("lamp is burning low") >= 2  # in the piece and in the work beside it


def test_hostile_titles_are_text_everywhere() -> None:
    names = dict.fromkeys(SHELF, HOSTILE)
    for page in (render(text_trace(HOSTILE, names=names)), render(music_trace(HOSTILE, track=HOSTILE))):
        assert "<img" not in page
        assert len(re.findall("<script", page)) == len(re.findall("</script", page)) == 2


def test_a_piece_that_owes_nothing_still_makes_a_page() -> None:
    page = render(text_trace(take="Zebras\x00 quagga"))
    assert "No run of" in page and "Zebras\ufffd" in page
    assert "No run of" in render(text_trace(take=""))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if BROWSER is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    sync = pytest.importorskip("playwright.sync_api")
    with sync.sync_playwright() as play:
        started = play.chromium.launch(executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
@pytest.mark.parametrize("kind", ["text", "music"])
def test_a_browser_draws_it_without_a_complaint_and_without_running_a_title(
    browser: Any, tmp_path: Path, width: int, scheme: str, kind: str
) -> None:
    names = dict.fromkeys(SHELF, HOSTILE)
    page = (
        render(text_trace(HOSTILE, names=names))
        if kind == "text"
        else render(music_trace(HOSTILE, HOSTILE), audio_wav=silence())
    )
    path = tmp_path / "trace.html"
    path.write_text(page, "utf-8")
    view = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme).new_page()
    complaints: list[str] = []
    requests: list[str] = []
    view.on("console", lambda message: complaints.append(message.text))
    view.on("pageerror", lambda error: complaints.append(str(error)))
    view.on("request", lambda request: requests.append(request.url))
    view.goto(path.as_uri())
    assert view.title() == f"{HOSTILE}: trace"
    assert view.evaluate("document.querySelectorAll('img').length") == 0
    assert view.evaluate("document.documentElement.scrollWidth") <= width
    if kind == "text":
        view.locator(".p").first.focus()
        assert (
            "from the memory" in view.locator("#loupe").inner_text()
            and HOSTILE in view.locator("#loupe").inner_text()
        )
    else:
        view.evaluate("document.querySelector('audio').currentTime = 0.5")
        view.locator("svg.playing").wait_for(state="attached")
    shot = view.screenshot(full_page=True)
    assert shot[:4] == b"\x89PNG" and len(shot) > 20_000
    assert complaints == []
    assert all(url.startswith(("file:", "data:")) for url in requests)
    view.context.close()


def test_a_browser_without_scripts_shows_all_there_is_to_read(browser: Any, tmp_path: Path) -> None:
    path = tmp_path / "trace.html"
    path.write_text(render(text_trace()), "utf-8")
    view = browser.new_context(java_script_enabled=False).new_page()
    view.goto(path.as_uri())
    body = view.locator("main").inner_text()
    for part in (
        "furnished rooms",
        "Word for word",
        "With but a single star",
        "The works",
        "Resembles",
        "How to read this",
    ):
        assert part in body
    view.context.close()
