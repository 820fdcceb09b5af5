"""What is released: a wheel and an sdist are built from the tree, and the wheel alone makes the quick
start."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NEEDED = (
    "etude/py.typed",
    "etude/bases/known.toml",
    "etude/trace/page/page.css",
    "etude/trace/page/page.js",
    "etude/studio/static/base.js",
    "etude/studio/templates/base.html",
    "etude/samples/README.md",
)


RUN = """
import json, sys
import etude
assert etude.__file__.startswith(sys.argv[1])
from etude.cli.main import cli
for words in json.loads(sys.argv[2]):
    try:
        cli.main(words, "etude")
    except SystemExit as end:
        if end.code:
            raise
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a wheel and an sdist."""
    folder = tmp_path_factory.mktemp("dist")
    words = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run(words, cwd=ROOT, check=True, capture_output=True)
    return folder


def test_the_wheel_holds_all_that_is_needed_and_no_more(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert [name for name in NEEDED if name not in names] == []
    tops = {name.split("/")[0] for name in names}
    assert tops == {"etude", next(top for top in tops if top.endswith(".dist-info"))}
    here = {str(p.relative_to(ROOT / "src")) for p in (ROOT / "src" / "etude").rglob("*.py")}
    assert here == {name for name in names if name.endswith(".py")}


def test_the_sdist_holds_sources_tests_and_licence(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"LICENSE", "README.md", "pyproject.toml", "src/etude/__init__.py", "tests/conftest.py"} <= names
    assert not any(name.startswith((".venv", "demo-studio", "bench/out")) for name in names)


def test_the_wheel_makes_the_quick_start(built: Path, tmp_path: Path) -> None:
    (wheel,) = built.glob("*.whl")
    site, studio = tmp_path / "site", tmp_path / "my-studio"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(site), os.environ.get("PYTHONPATH", "")])}

    def etude(*commands: tuple[str, ...]) -> str:
        """What commands print, one after the other in one process, of the wheel and not of the tree."""
        call = [sys.executable, "-c", RUN, str(site), json.dumps(commands)]
        done = subprocess.run(call, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    learn = ("learn", "first", "--from", "tunes", "--budget", "4steps", "--size", "xs", "--no-critic")
    here = ("-C", str(studio))
    made = etude(
        ("init", str(studio)),
        (*here, "samples", "tunes"),
        (*here, *learn),
        (*here, "make", "first", "-n", "1", "--length", "40", "--json"),
    )
    take = made.split('"id": "')[1].split('"')[0]
    etude((*here, "trace", take, "--html", "trace.html"))
    assert (tmp_path / "trace.html").read_text(encoding="utf-8").lower().startswith("<!doctype html>")
