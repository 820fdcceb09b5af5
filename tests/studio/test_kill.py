"""Server and workers killed while somebody clicks: nothing that was answered is lost. `bench/studio_kill.py`
does it fifty times."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from tests.studio.killing import Clicks

BEFORE = Path(__file__).parents[1] / "before"


def test_nothing_that_was_answered_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS"):
        monkeypatch.setenv(name, "1")
    with tarfile.open(BEFORE / "text.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    clicks = Clicks(tmp_path / "text", seed=16, jobs=1)
    for turn in range(3):
        clicks.round(1.2, worker=turn > 0)
    clicks.drained()
    assert clicks.seen.kills == 3 and clicks.seen.acts > 5
