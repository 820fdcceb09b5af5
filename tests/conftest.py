"""What every test stands on: no network, a home of its own, few threads, and a browser where there is one."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A test must say the same on a busy machine as on an idle one, and the same twice: no deadlines, the same
# examples each time.
settings.register_profile(
    "etude", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("etude")

_GUARD = Path(__file__).parent / "_guard"
sys.path.insert(0, str(_GUARD))
import sitecustomize as guard  # noqa: E402  (ours: the folder stands first on the path)

if Path(guard.__file__ or "").parent != _GUARD:  # the interpreter had imported one of its own at start-up
    import importlib.util

    spec = importlib.util.spec_from_file_location("etude_test_guard", _GUARD / "sitecustomize.py")
    assert spec is not None and spec.loader is not None
    guard = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(guard)

# Before anything imports NumPy or torch: as many threads as this process may really use, since more are
# slower than fewer. Where several test processes run beside each other (-n), each has one.
_cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)
for _name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    if "PYTEST_XDIST_WORKER" in os.environ:
        os.environ[_name] = "1"
    else:
        os.environ.setdefault(_name, str(min(2, _cores)))
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(_GUARD), os.environ.get("PYTHONPATH", "")]))
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["NO_COLOR"] = "1"
# A home for keys and settings that is not the person's own. Per test below; this one is for what runs between
# tests.
os.environ["ETUDE_HOME"] = tempfile.mkdtemp(prefix="etude-tests-home-")
os.environ["ETUDE_BASES"] = str(Path(os.environ["ETUDE_HOME"]) / "bases")
atexit.register(shutil.rmtree, os.environ["ETUDE_HOME"], ignore_errors=True)


# Tests below these folders and files learn models, start many processes or fuzz: `make quick` leaves them
# out.
SLOW = (
    "api/test_fifth_medium.py",
    "api/test_handle.py",
    "api/test_tunes.py",
    "audit/test_whole.py",
    "bases/test_fetching.py",
    "before",
    "cli/test_cli_learning.py",
    "cli/test_cli_on_a_base.py",
    "cli/test_cli_make_pictures.py",
    "cli/test_cli_pictures.py",
    "cli/test_cli_takes.py",
    "credentials/test_signing.py",
    "families",
    "fuzz",
    "jobs",
    "store/test_kill.py",
    "story/test_tutorial.py",
    "studio/test_companion.py",
    "studio/test_desks.py",
    "studio/test_kill.py",
    "studio/test_pages.py",
    "studio/test_walk.py",
    "test_demo.py",
    "test_package.py",
    "test_readme.py",
    "workspace",
    "media/test_against_chromium.py",
    "media/test_second_readers.py",
    "media/test_text_second_readers.py",
    "trace/test_display.py",
    "trace/test_page.py",
)


# Tests below these learn on their way to something else: with little to fit and measure on. Learning itself
# is tested in tests/families.
BRIEF = (
    "api/test_fifth_medium.py",
    "api/test_handle.py",
    "cli/test_cli_learning.py",
    "cli/test_cli_make_pictures.py",
    "cli/test_cli_on_a_base.py",
    "families/test_conformance.py",
    "story/test_tutorial.py",
    "test_readme.py",
    "workspace",
)


def below(path: Path, places: tuple[str, ...]) -> bool:
    """Whether a test file is one of these, or in one of these folders."""
    name = path.relative_to(Path(__file__).parent).as_posix()
    return any(name == place or name.startswith(f"{place}/") for place in places)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what takes long by where it lies, and run it first: a long file that comes last would leave the
    other process without work."""
    for item in items:
        if below(item.path, SLOW):
            item.add_marker(pytest.mark.slow)
    items.sort(key=lambda item: not below(item.path, SLOW))  # a stable sort: files stay whole


@pytest.fixture(scope="module", autouse=True)
def _brief(request: pytest.FixtureRequest) -> Iterator[None]:
    """Short learning for tests below BRIEF; its modules are imported for these alone."""
    if not below(request.path, BRIEF):
        yield
        return
    from tests.families.pictures import small_pictures
    from tests.families.sequence import small_models

    with small_pictures.brief(), small_models.brief():
        yield


@pytest.fixture(scope="session", autouse=True)
def _leave_no_home() -> Iterator[None]:
    home = os.environ["ETUDE_HOME"]
    yield
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(autouse=True)
def etude_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh ETUDE_HOME for this test, and an empty shelf of bases, inherited by the processes it starts."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("ETUDE_HOME", str(home))
    monkeypatch.setenv("ETUDE_BASES", str(home / "bases"))
    return home


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium to look at pages with; without one the test is skipped and says how to get
    it."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    return pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
