"""A trace in a notebook: it shows its page, in a frame that reaches nothing of the notebook."""

from __future__ import annotations

import tarfile
from pathlib import Path

import etude
from etude.trace.display import Displayed

BEFORE = Path(__file__).parents[1] / "before"


class Shown(Displayed):
    """Something with a summary."""

    summary = 'Of a <b>"work"</b>.\nMore.'


def test_what_a_page_says_cannot_leave_its_frame() -> None:
    shown = Shown()._repr_mimebundle_()
    assert shown == {"text/plain": Shown.summary}, "without a page, its words"
    made = Shown().shown_by(lambda: b'<script>let shown = "1"</script>"></iframe><p>out</p>')
    frame = made._repr_mimebundle_()["text/html"]
    assert frame.count("<") == 2 and frame.startswith('<iframe sandbox="allow-scripts" ')
    assert "allow-same-origin" not in frame and "&lt;b&gt;" in frame


def test_a_trace_of_pictures_shows_itself(tmp_path: Path) -> None:
    with tarfile.open(BEFORE / "image.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    studio = etude.open(tmp_path / "image")
    shown = studio.trace(studio.takes(everything=True).takes[0].id)
    bundle = shown._repr_mimebundle_()
    assert bundle["text/plain"] == shown.summary
    assert "srcdoc=" in bundle["text/html"] and "&lt;html" in bundle["text/html"].lower()
    assert "_page" not in shown.to_json()
